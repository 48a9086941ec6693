//! `burstnet rerun --set`: a trial with other values, beside what was recorded of it.

use burstnet_core::config::{Configuration, Value};
use burstnet_core::digest::hex;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::results::comparison::{Compared, Comparison, Ending};
use serde_json::{Map, json};

use crate::shared::recorded::Recorded;
use crate::terminal::table;
use crate::text::{clean, short};

/// A trial that has other values than a recorded one, and what came of it.
pub(super) struct WhatIf<'a> {
    trial: Trial,
    /// Key, value of the record, and value of the run.
    changed: Vec<(String, &'a Value, &'a Value)>,
    comparison: Comparison,
}

impl<'a> WhatIf<'a> {
    /// Compares a trial with what came of it with the values of `configuration`.
    pub(super) fn new(recorded: &'a Recorded, configuration: &'a Configuration, comparison: Comparison) -> Self {
        let changed = recorded.configuration.iter().filter_map(|(key, held)| {
            let given = configuration.get(key);
            (given != held).then(|| (key.to_owned(), held, given))
        });
        Self { trial: recorded.trial, changed: changed.collect(), comparison }
    }

    /// Returns it as a JSON object.
    pub(super) fn json(&self) -> serde_json::Value {
        let Trial { id, config_id, replicate, seed } = self.trial;
        let mut object = Map::new();
        for (name, number) in [("trial_id", id), ("config_id", config_id), ("replicate", replicate), ("seed", seed)] {
            object.insert(name.into(), json!(number));
        }
        let values = self.changed.iter().map(|(key, _, given)| (key.clone(), json!(given)));
        object.insert("set".into(), serde_json::Value::Object(values.collect()));
        let side = |ending: &Ending, value: fn(&Compared) -> Option<f64>| {
            let measures = self.comparison.measures.iter().map(|one| (one.name.clone(), json!(value(one))));
            json!({
                "status": ending.status.name(),
                "error": ending.error,
                "digest": ending.digest.as_ref().map(hex),
                "measures": serde_json::Value::Object(measures.collect()),
            })
        };
        object.insert("recorded".into(), side(&self.comparison.held, |one| one.held));
        object.insert("changed".into(), side(&self.comparison.again, |one| one.again));
        serde_json::Value::Object(object)
    }

    /// Returns it as text.
    pub(super) fn for_people(&self) -> String {
        let Comparison { held, again, measures, .. } = &self.comparison;
        let values = |(key, held, given): &(String, &Value, &Value)| {
            format!("{} = {} in place of {}", clean(key), clean(&given.to_string()), clean(&held.to_string()))
        };
        let ending = |ending: &Ending| match &ending.error {
            Some(error) => format!("{} ({})", ending.status.name(), clean(error)),
            None => ending.status.name().to_owned(),
        };
        let show = |value: Option<f64>| value.map_or("–".into(), short);
        let row = |one: &Compared| {
            let difference = one.held.zip(one.again).map(|(held, again)| again - held);
            vec![one.name.clone(), show(one.held), show(one.again), show(difference)]
        };
        let rows: Vec<_> = measures.iter().filter(|one| one.held.is_some() || one.again.is_some()).map(row).collect();
        let Trial { id, config_id, replicate, seed } = self.trial;
        let mut text = format!(
            "trial {id} (config {config_id}, replicate {replicate}, seed {seed}) with {}: another trial of the same seed",
            self.changed.iter().map(values).collect::<Vec<_>>().join(", ")
        );
        if held.status != again.status || held.error != again.error {
            text += &format!("\nrecorded: {}\nchanged: {}", ending(held), ending(again));
        }
        text += &format!("\n{}", table(&["measure", "recorded", "changed", "difference"], &rows, 1));
        if let Some(digest) = &again.digest {
            text += &format!("\ndigest of the changed trial {}", hex(digest));
        }
        text
    }
}
