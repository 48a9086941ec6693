//! `burstnet show`: the whole configuration of a trial, as a run file, and where it stands.

use burstnet_core::digest::hex;
use burstnet_core::engine::Isa;
use burstnet_report::analysis::{Place, place_of};
use burstnet_report::tables;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::results::course::Course;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::Study;
use serde_json::{Map, json};

use crate::arguments::ShowArguments;
use crate::failure::Failure;
use crate::shared::bits;
use crate::shared::recorded::{chosen, origin_for_people};
use crate::shared::run_file::{run_file, run_object};
use crate::terminal::damage::report_damage;
use crate::terminal::say::{complain, say, say_json};
use crate::text::{clean, count, short};

/// A trial and what is known of it.
struct Shown<'a> {
    study: &'a Study,
    trial: Trial,
    /// `None` if it has not been run yet.
    record: Option<TrialRecord>,
    /// `None` if no trial of its configuration has been run yet.
    place: Option<Place>,
    unit: &'static str,
}

/// Prints the configuration of a trial, which `burstnet run` takes.
pub(crate) fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    let plan = &study.plan;
    bits::require_same(&study, objective)?;
    let trial = chosen(&arguments.which, plan, Some(0))?;
    let mut ledger = study.ledger(&|id| id == trial.id)?;
    check_chosen(&ledger, trial)?;
    let record = ledger.entries.first().copied().map(|entry| ledger.record(entry)).transpose()?;
    if record.is_none() {
        report_damage(&ledger.damage, 1, "the trial may be lost there");
    }
    // A run file may lie anywhere, so its paths say where the copies of the inputs are from anywhere.
    let results = std::path::absolute(&study.results).map_err(Failure::at(&study.results))?;
    let mut configuration = ledger.configurations().stored_configuration(trial, &results);
    let budget = record.as_ref().and_then(|_| ledger.budget(trial.id)).filter(|budget| *budget > 0);
    plan.give_budget(&mut configuration, budget);
    let collected = tables::collected(&study, objective)?;
    let place = place_of(collected.ledger.configurations(), &collected.sample, trial.config_id);
    let unit = collected.measures.iter().find(|info| info.name == plan.objective.measure).map_or("", |info| info.unit);
    let shown = Shown { study: &study, trial, record, place, unit };
    if arguments.json {
        let run = run_object(objective.schema(), &configuration, trial.seed);
        return say_json(&shown.json(run).to_string());
    }
    let file = run_file(objective.schema(), &configuration, trial.seed)
        .map_err(|error| Failure::Environment(format!("cannot write YAML: {error}")))?;
    say(format!("{}\n{file}", shown.heading()).trim_end())?;
    if let NamedModel::Command(_) = model {
        complain(
            "these values are those of an external program, which `burstnet run` runs with its sweep file, and these as --set",
        );
    }
    Ok(())
}

/// Refuses a configuration that a search has not chosen yet.
fn check_chosen(ledger: &Ledger, trial: Trial) -> Result<(), Failure> {
    let chosen = ledger.course().filter(|_| ledger.configurations().strategy.learns()).map(Course::chosen);
    match chosen {
        Some(chosen) if trial.config_id >= chosen => Err(Failure::Input(format!(
            "--config {}: not chosen yet, since it depends on the results of others; the search has chosen {} so far, \
             numbered from 0",
            trial.config_id,
            count(chosen, "configuration", "configurations")
        ))),
        Some(_) | None => Ok(()),
    }
}

impl Shown<'_> {
    /// Returns comments that say which trial this is, how it ended, and where it stands.
    fn heading(&self) -> String {
        let Self { study, trial, record, .. } = self;
        let results = clean(&study.results.to_string_lossy());
        let name =
            format!("# trial {} (config {}, replicate {}) of {results}", trial.id, trial.config_id, trial.replicate);
        let standing = self.standing() + &origin_for_people(&study.plan, *trial, "\n# ");
        let Some(record) = record else { return format!("{name}: has not been run yet{standing}") };
        let why = record.error.as_ref().map_or(String::new(), |error| format!(" ({})", clean(error)));
        let measures: String = (record.measures.iter())
            .filter_map(|(name, value)| Some(format!("\n# {}: {:?}", clean(name), (*value)?)))
            .collect();
        let digest = record.digest.as_ref().map_or(String::new(), |digest| format!("\n# digest {}", hex(digest)));
        format!("{name}: {}{why}{standing}{measures}{digest}", record.status.name())
    }

    /// Returns a comment on the rank of the configuration.
    fn standing(&self) -> String {
        let Some(Place { rank, of, n, mean, not_ok, stopped, .. }) = self.place else { return String::new() };
        let measure = clean(&self.study.plan.objective.measure);
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        let mean = mean.map_or(format!("no {measure}"), |mean| {
            format!("mean {measure} {}{unit} over {}", short(mean), count(n, "replicate", "replicates"))
        });
        let not_ok = if not_ok > 0 { format!(", {not_ok} failed or diverged") } else { String::new() };
        let stopped = if stopped { ", stopped early" } else { "" };
        format!("\n# config {}: rank {rank} of {of}, {mean}{not_ok}{stopped}", self.trial.config_id)
    }

    /// Returns the same as an object, with the configuration.
    fn json(&self, run: serde_json::Value) -> serde_json::Value {
        let Trial { id, config_id, replicate, seed } = self.trial;
        let record = self.record.as_ref();
        let measures: Map<String, serde_json::Value> = record
            .map(|record| record.measures.iter().map(|(name, value)| (name.clone(), json!(value))).collect())
            .unwrap_or_default();
        let drawn: Map<String, serde_json::Value> =
            self.study.plan.drawn_of(self.trial).map(|(key, value)| (key.to_owned(), json!(value))).collect();
        let mut object = json!({
            "trial_id": id,
            "config_id": config_id,
            "replicate": replicate,
            "seed": seed,
            "drawn": drawn,
            "status": record.map_or("missing", |record| record.status.name()),
            "error": record.and_then(|record| record.error.as_ref()),
            "digest": record.and_then(|record| record.digest.as_ref()).map(hex),
            "measures": measures,
            "measure": self.study.plan.objective.measure,
            "place": self.place,
            "run": run,
        });
        if let Some(name) = self.study.plan.subspace_of(config_id) {
            object["subspace"] = json!(name);
        }
        object
    }
}
