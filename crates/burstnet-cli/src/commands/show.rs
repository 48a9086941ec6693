//! `burstnet show`: the whole configuration of a trial, as a run file.

use burstnet_core::digest::hex;
use burstnet_core::engine::Isa;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::results::course::Course;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::Study;

use crate::arguments::ShowArguments;
use crate::failure::Failure;
use crate::shared::bits;
use crate::shared::recorded::by_config;
use crate::shared::run_file::run_file;
use crate::terminal::damage::report_damage;
use crate::terminal::say::{complain, say};
use crate::text::{clean, count};

/// Prints the configuration of a trial, which `burstnet run` takes.
pub(crate) fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    let plan = &study.plan;
    bits::require_same(&study, objective)?;
    let trial = by_config(plan, arguments.config, || Ok(arguments.replicate))?;
    let mut ledger = study.ledger(&|id| id == trial.id)?;
    check_chosen(&ledger, trial)?;
    let record = ledger.entries.first().copied().map(|entry| ledger.record(entry)).transpose()?;
    if record.is_none() {
        report_damage(&ledger.damage, 1, "the trial may be lost there");
    }
    // A run file may lie anywhere, so its paths say where the copies of the inputs are from anywhere.
    let results = std::path::absolute(&study.results)
        .map_err(|error| Failure::Environment(format!("{}: {error}", study.results.display())))?;
    let mut configuration = ledger.configurations().stored_configuration(trial.config_id, &results);
    let budget = record.as_ref().and_then(|_| ledger.budget(trial.id)).filter(|budget| *budget > 0);
    plan.give_budget(&mut configuration, budget);
    let file = run_file(objective.schema(), &configuration, trial.seed)
        .map_err(|error| Failure::Environment(format!("cannot write YAML: {error}")))?;
    let heading = heading(&study, trial, record.as_ref());
    say(format!("{heading}\n{file}").trim_end())?;
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

/// Returns comments that say which trial this is, and how it ended.
fn heading(study: &Study, trial: Trial, record: Option<&TrialRecord>) -> String {
    let results = clean(&study.results.to_string_lossy());
    let name = format!("# trial {} (config {}, replicate {}) of {results}", trial.id, trial.config_id, trial.replicate);
    let Some(record) = record else { return format!("{name}: has not been run yet") };
    let why = record.error.as_ref().map_or(String::new(), |error| format!(" ({})", clean(error)));
    let digest = record.digest.as_ref().map_or(String::new(), |digest| format!("\n# digest {}", hex(digest)));
    format!("{name}: {}{why}{digest}", record.status.name())
}
