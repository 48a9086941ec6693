//! A trial that a results directory holds, ready to be run again, and what running it again showed.

use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::Configuration;
use burstnet_core::digest::hex;
use burstnet_report::tables;
use burstnet_sweep::objective::Evaluation;
use burstnet_sweep::plan::columns::column_of;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::{Plan, ResolvedPlan, Trial};
use burstnet_sweep::results::comparison::{Compared, Comparison};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::{Status, TrialRecord};
use burstnet_sweep::results::study::Study;
use serde_json::{Map, json};

use super::bits;
use crate::arguments::TrialArguments;
use crate::failure::Failure;
use crate::process::memory;
use crate::terminal::table;
use crate::text::{clean, count};

/// A trial of a results directory that has been run, ready to be run again.
pub(crate) struct Recorded {
    pub(crate) study: Study,
    pub(crate) configurations: Arc<Configurations>,
    pub(crate) model: NamedModel,
    pub(crate) trial: Trial,
    /// The configuration, with the paths of the copies in the results directory.
    pub(crate) configuration: Configuration,
    record: TrialRecord,
}

impl Recorded {
    /// Returns the trial that `chosen` takes of the plan in `results`.
    pub(crate) fn find(
        results: &Path,
        model: NamedModel,
        chosen: impl FnOnce(&ResolvedPlan) -> Result<Trial, Failure>,
    ) -> Result<Self, Failure> {
        let objective = model.objective();
        let study = Study::open(results, objective)?;
        let plan = &study.plan;
        bits::require_same(&study, objective)?;
        let trial = chosen(plan)?;
        let found = tables::find(&study, trial.id)?;
        let tables::TrialRecords { record, budget, configurations, .. } = found.ok_or_else(|| {
            Failure::Input(format!("trial {} has not been run yet in {}", trial.id, study.results.display()))
        })?;
        if record.status == Status::Pruned && record.digest.is_none() {
            let why = record.error.unwrap_or_default();
            return Err(Failure::Input(format!("trial {} has never run: {why}", trial.id)));
        }
        study.verify_inputs()?;
        let mut configuration = configurations.stored_configuration(trial, &study.results);
        plan.give_budget(&mut configuration, budget);
        if matches!(model, NamedModel::Burst(_)) {
            memory::check(&|key| vec![configuration.get(key).clone()])?;
        }
        Ok(Self { model, trial, configuration, record, configurations, study })
    }

    /// Returns the record.
    pub(crate) fn record(&self) -> &TrialRecord {
        &self.record
    }

    /// Compares the record with what a rerun gave, or the message with which that failed.
    pub(crate) fn against(&self, again: &Result<Evaluation, String>) -> Comparison {
        Comparison::new(&self.study.plan.measures, &self.record, again)
    }
}

/// Returns the trial of a plan that the command line names; of a configuration alone that of the replicate `first`.
pub(crate) fn chosen(which: &TrialArguments, plan: &ResolvedPlan, first: Option<u64>) -> Result<Trial, Failure> {
    if let Some(id) = which.trial {
        return by_id(plan, id);
    }
    let config = which.config.unwrap_or_default();
    by_config(plan, config, || match (which.replicate.or(first.filter(|_| which.seed.is_none())), which.seed) {
        (Some(replicate), _) => Ok(replicate),
        (None, Some(seed)) => (0..plan.replicates)
            .find(|&replicate| plan.trial(replicate).seed == seed)
            .ok_or_else(|| Failure::Input(format!("--seed {seed}: no replicate of this sweep has it (column seed)"))),
        (None, None) => Err(Failure::Input(format!("--config {config}: expected --replicate or --seed with it"))),
    })
}

/// Returns the trial with this number.
fn by_id(plan: &ResolvedPlan, id: u64) -> Result<Trial, Failure> {
    let trials = plan.most_trials();
    if id < trials { Ok(plan.trial(id)) } else { Err(out_of("trial", id, trials)) }
}

/// Returns a failure if anything differs.
pub(crate) fn verdict(comparison: &Comparison, trial: Trial) -> Result<(), Failure> {
    if comparison.same() {
        Ok(())
    } else {
        Err(Failure::Differs(format!("trial {} differs from its record in the results", trial.id)))
    }
}

/// Returns the trial of a configuration, and of the replicate that `chosen` takes.
fn by_config(
    plan: &ResolvedPlan,
    config: u64,
    chosen: impl FnOnce() -> Result<u64, Failure>,
) -> Result<Trial, Failure> {
    if config >= plan.most_configurations() {
        return Err(out_of("config", config, plan.most_configurations()));
    }
    let replicate = chosen()?;
    if replicate >= plan.replicates {
        return Err(out_of("replicate", replicate, plan.replicates));
    }
    Ok(plan.trial(config * plan.replicates + replicate))
}

fn out_of(what: &str, value: u64, n: u64) -> Failure {
    Failure::Input(format!("--{what} {value}: this sweep has {}, numbered from 0", count(n, what, &format!("{what}s"))))
}

/// Returns the trial with the values that its replicate draws, how its rerun ended, and whether everything is the same.
pub(crate) fn json_object(comparison: &Comparison, plan: &ResolvedPlan, trial: Trial) -> serde_json::Value {
    let drawn = plan.drawn_of(trial);
    let mut object = Map::new();
    for (name, id) in [("trial_id", trial.id), ("config_id", trial.config_id), ("replicate", trial.replicate)] {
        object.insert(name.into(), json!(id));
    }
    let again = &comparison.again;
    object.insert("seed".into(), json!(trial.seed));
    if let Some(name) = plan.subspace_of(trial.config_id) {
        object.insert("subspace".into(), json!(name));
    }
    for (key, value) in drawn {
        object.insert(column_of(key), json!(value));
    }
    object.insert("status".into(), json!(again.status.name()));
    if let Some(error) = &again.error {
        object.insert("error".into(), json!(error));
    }
    object.insert("digest".into(), json!(again.digest.as_ref().map(hex)));
    object.insert("same".into(), json!(comparison.same()));
    for measure in &comparison.measures {
        object.entry(measure.name.clone()).or_insert(json!(measure.again)); // in results of old one may be `error`, say
    }
    serde_json::Value::Object(object)
}

/// Returns the sub-space of a trial and the values that its replicate draws, each behind `before`; nothing if there are
/// neither.
pub(crate) fn origin_for_people(plan: &ResolvedPlan, trial: Trial, before: &str) -> String {
    let name = plan.subspace_of(trial.config_id);
    let name = name.map_or(String::new(), |name| format!("{before}sub-space {}", clean(name)));
    name + &drawn_for_people(plan, trial, before)
}

fn drawn_for_people(plan: &Plan, trial: Trial, before: &str) -> String {
    let drawn: Vec<String> =
        plan.drawn_of(trial).map(|(key, value)| format!("{} {}", clean(key), clean(&value.to_string()))).collect();
    if drawn.is_empty() {
        return String::new();
    }
    format!("{before}drawn for replicate {}: {}", trial.replicate, drawn.join(", "))
}

/// Returns the same as text.
pub(crate) fn for_people(comparison: &Comparison, plan: &ResolvedPlan, trial: Trial) -> String {
    let show = |value: Option<f64>| value.map_or("–".into(), |x| format!("{x:?}"));
    let shown = comparison.measures.iter().filter(|one| one.held.is_some() || one.again.is_some());
    let row = |one: &Compared| {
        let verdict = if one.same() { "same bits" } else { "DIFFERS" };
        vec![one.name.clone(), show(one.held), show(one.again), verdict.into()]
    };
    let rows: Vec<_> = shown.map(row).collect();
    let again = &comparison.again;
    let status = again.status.name();
    format!(
        "trial {} (config {}, replicate {}, seed {}): {}{}\n{}\ndigest {}: {}",
        trial.id,
        trial.config_id,
        trial.replicate,
        trial.seed,
        again.error.as_ref().map_or(status.to_owned(), |error| format!("{status} ({error})")),
        origin_for_people(plan, trial, "\n"),
        table(&["measure", "recorded", "rerun", ""], &rows, 1),
        again.digest.as_ref().map_or("–".into(), hex),
        if comparison.same() { "all bits the same" } else { "DIFFERS" }
    )
}
