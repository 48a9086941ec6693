//! The measures and curves that sources gave.

use std::collections::BTreeMap;

use burstnet_core::text::{listed, quoted};
use serde_json::{Map, Value as Json};

use super::source::{Source, is_of_field, told_apart};
use super::values::number_of_json;
use crate::objective::Evaluation;
use crate::objective::external::protocol::{Point, evaluation};

/// The most names of what was found that are kept for messages.
const MOST_NAMES: usize = 1000;

/// The measures and curves that sources gave so far.
pub(crate) struct Found<'a> {
    wanted: &'a [String],
    sources: &'a [Source],
    /// The wanted measures, each with the number of its source.
    measures: BTreeMap<String, (usize, Option<f64>)>,
    /// The names of everything else that could be a measure.
    others: BTreeMap<String, ()>,
    /// The sources that gave anything.
    pub(super) gave: Vec<bool>,
    pub(super) points: Vec<Point>,
}

impl<'a> Found<'a> {
    pub(crate) fn new(wanted: &'a [String], sources: &'a [Source]) -> Self {
        let gave = vec![false; sources.len()];
        Self { wanted, sources, measures: BTreeMap::new(), others: BTreeMap::new(), gave, points: Vec::new() }
    }

    /// Takes the fields of a JSON object from source `at`. Fields that are no measures are ignored.
    pub(super) fn take_object(
        &mut self,
        at: usize,
        by: Option<&str>,
        object: &Map<String, Json>,
    ) -> Result<(), String> {
        let key = by.and_then(|by| object.get(by)).map(|value| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        });
        for (field, value) in object.iter().filter(|(field, _)| Some(field.as_str()) != by) {
            self.take(at, field, key.as_deref(), &|| number_of_json(value))?;
        }
        Ok(())
    }

    /// Takes a value from source `at`. `key` tells it apart from others of the same name.
    pub(super) fn take(
        &mut self,
        at: usize,
        field: &str,
        key: Option<&str>,
        value: &dyn Fn() -> Result<Option<f64>, String>,
    ) -> Result<(), String> {
        self.gave[at] = true;
        let name = key.map_or_else(|| field.to_owned(), |key| told_apart(field, key));
        if !self.wanted.contains(&name) {
            if key.is_some() && is_of_field(self.wanted, field) && value().is_ok() {
                let wanted = listed(self.wanted.iter().map(String::as_str));
                return Err(format!(
                    "{} gave {}, which is no measure, expected {wanted}",
                    self.source(at),
                    quoted(&name)
                ));
            }
            if self.others.len() < MOST_NAMES && value().is_ok() {
                self.others.insert(name, ());
            }
            return Ok(());
        }
        let value = value().map_err(|problem| format!("{} gave the measure {name} as {problem}", self.source(at)))?;
        if let Some((other, _)) = self.measures.get(&name).filter(|(other, _)| *other != at) {
            return Err(format!(
                "both {} and {} gave the measure {name}, expected one of them",
                self.source(*other),
                self.source(at)
            ));
        }
        self.measures.insert(name, (at, value));
        Ok(())
    }

    fn source(&self, at: usize) -> String {
        self.sources[at].shown()
    }

    /// Returns the evaluation, once the program has ended. `output` is the end of its standard output.
    ///
    /// # Errors
    /// With a message if a measure is missing, or a source gave nothing.
    pub(crate) fn finish(mut self, output: &str) -> Result<Evaluation, String> {
        let missing: Vec<&str> =
            self.wanted.iter().filter(|name| !self.measures.contains_key(*name)).map(String::as_str).collect();
        if !missing.is_empty() {
            let found: Vec<&str> = self.measures.keys().chain(self.others.keys()).map(String::as_str).collect();
            let found = if found.is_empty() { "nothing".into() } else { listed(found) };
            let silent = self.gave.iter().position(|gave| !gave);
            let nothing = silent.map(|at| format!("; {} gave nothing", self.source(at))).unwrap_or_default();
            let output = ends(output);
            let (measures, were) = if missing.len() == 1 { ("measure", "was") } else { ("measures", "were") };
            return Err(format!("the {measures} {} {were} not found, but {found}{nothing}{output}", listed(missing)));
        }
        if let Some(at) = self.gave.iter().position(|gave| !gave) {
            return Err(format!("{} gave nothing{}", self.source(at), ends(output)));
        }
        let value = |name: &String| self.measures.get(name).and_then(|(_, value)| *value);
        let values = self.wanted.iter().map(value).collect();
        let points = std::mem::take(&mut self.points);
        evaluation(self.wanted, values, points, None)
    }
}

/// Returns how an output ends, as the end of a message.
fn ends(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!("; its output ends: {output}") }
}
