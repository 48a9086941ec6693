//! `burstnet confirm`: the best configurations of a sweep again, on fresh seeds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use burstnet_report::analysis::Sample;
use burstnet_report::analysis::confirmed::{FOLDER, best, is_of, open};
use burstnet_report::{publish, tables};
use burstnet_sweep::limits::MOST_CONFIRMED;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::objective::external::folders::Folders;
use burstnet_sweep::objective::threads::cores;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::provenance::host;
use burstnet_sweep::results::study::{IfAnother, Study};
use burstnet_sweep::run::executor::Workers;
use burstnet_sweep::run::session::{Session, Task, USUAL_WAIT};
use burstnet_sweep::spec::execution::Order;

use crate::arguments::ConfirmArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::process::machine;
use crate::shared::bits;
use crate::shared::models::{allow_again, note as note_folder, use_folders};
use crate::shared::outcome::{failures, interrupted, ran};
use crate::terminal;
use crate::terminal::progress::SweepProgress;
use crate::terminal::say::complain;
use crate::text::count;

/// The longest that a finished trial waits to be synced.
const SYNC: Duration = Duration::from_secs(1);

/// Runs what is missing of the confirmation, and shows it.
pub(crate) fn confirm(arguments: &ConfirmArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let mut model = NamedModel::of_results(&arguments.results, arguments.isa.isa()?)?;
    let outer = Study::open(&arguments.results, model.objective())?;
    check(&outer, model.objective())?;
    let folder = allow_again(&mut model, &arguments.results, &arguments.allow)?;
    use_folders(&mut model, Folders::of_confirmation(&outer.results));
    let objective = model.objective();
    let study = begin(&outer, arguments, objective)?;
    if let Some(folder) = folder {
        note_folder(&model, &study, &folder)?;
    }
    let retry_failed = arguments.retry_failed;
    // Its configurations were good ones in the sweep.
    let task = Task {
        shard: Shard::WHOLE,
        round: None,
        wait: USUAL_WAIT,
        sync_interval: SYNC,
        retry_failed,
        stop_after_failures: 0,
        order: Order::Plan,
    };
    let mut session = Session::begin(&study, objective, task)?;
    let contribution = machine::contribution();
    session.note(&contribution)?;
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let workers = Workers { threads, host: host(), max_seconds: None };
    let mut progress = SweepProgress::new(&study.plan);
    let start = Instant::now();
    let tally = session.run(objective, &workers, interrupt.flag(), &mut progress);
    progress.clear();
    let tally = tally?;
    session.note(&contribution.ending_now())?;
    let own = publish(&study, objective)?;
    drop(session); // only now: nobody else may change what the tables were made of, or make them
    let sweep = publish(&outer, objective)?; // whose page shows the confirmation
    if let Some(failure) = interrupted(&study.plan, &tally, &interrupt, " of the confirmation", "") {
        return Err(failure);
    }
    complain(&ran(&study.plan, &tally, start));
    terminal::print_confirmed(&outer, &sweep.analysis)?;
    failures(own.overview.failed, &study.results)
}

/// Refuses what has no best configurations that could be confirmed.
fn check(outer: &Study, objective: &dyn Objective) -> Result<(), Failure> {
    let results = outer.results.display();
    if outer.plan.confirmation.is_some() {
        return Err(Failure::Input(format!("{results}: is a confirmation itself, expected the directory of a sweep")));
    }
    bits::require_same(outer, objective)?;
    tables::check_names(outer, objective, &tables::PARQUET)?;
    outer.verify_inputs()?;
    Ok(())
}

/// Chooses the configurations, and opens or makes the directory of the confirmation.
fn begin(outer: &Study, arguments: &ConfirmArguments, objective: &dyn Objective) -> Result<Study, Failure> {
    let _lock = outer.lock()?; // who extends the sweep waits
    let ledger = outer.ledger(&|_| true)?;
    let configurations = Arc::clone(ledger.configurations());
    let missing = configurations.trials() - ledger.entries.len() as u64;
    if missing > 0 {
        return Err(Failure::Input(format!(
            "{}: {missing} of {} are missing, and the best configurations may still change; complete the sweep first",
            outer.results.display(),
            count(configurations.trials(), "trial", "trials")
        )));
    }
    let sample = Sample::read(ledger)?;
    let chosen = best(&configurations, &sample, arguments.best as usize);
    if (chosen.len() as u64) < arguments.best {
        if !outer.plan.subject_to.is_empty() {
            let bounds: Vec<String> = outer.plan.subject_to.iter().map(ToString::to_string).collect();
            return Err(Failure::Input(format!(
                "--best {}: only {} a value of {} and keep {}",
                arguments.best,
                count(chosen.len() as u64, "configuration has", "configurations have"),
                outer.plan.objective.measure,
                bounds.join(" and ")
            )));
        }
        let distinct = if configurations.copies().is_empty() { "" } else { "distinct " };
        return Err(Failure::Input(format!(
            "--best {}: only {} a value of {}",
            arguments.best,
            count(
                chosen.len() as u64,
                &format!("{distinct}configuration has"),
                &format!("{distinct}configurations have")
            ),
            outer.plan.objective.measure
        )));
    }
    let held = open(outer, objective)?.filter(|held| is_of(&held.plan, &configurations));
    let held = held.as_ref().map(|held| &**held.plan);
    let (chosen, replicates) = joined(&configurations, held, chosen, arguments.replicates);
    let plan = outer
        .confirming(&configurations, chosen, replicates)
        .map_err(|error| Failure::Input(format!("{}: cannot be confirmed: {error}", outer.results.display())))?;
    arguments.size.check(plan.most_trials(), &format!("--replicates {}", arguments.replicates), "")?;
    let results = outer.results.join(FOLDER);
    Ok(Study::create(&outer.disk, &results, plan, &outer.sweep_text()?, objective, IfAnother::Extend)?)
}

/// Returns the configurations that were confirmed before and are asked for now, and on how many seeds.
fn joined(configurations: &Configurations, held: Option<&Plan>, chosen: Vec<u64>, replicates: u64) -> (Vec<u64>, u64) {
    let Some(held) = held else { return (chosen, replicates) };
    let confirmation = held.confirmation.as_ref();
    let mut config_ids = confirmation.map(|confirmation| confirmation.config_ids.clone()).unwrap_or_default();
    let copies = configurations.copies();
    for config_id in chosen {
        if !config_ids.iter().any(|held| copies.first(*held) == config_id) && config_ids.len() < MOST_CONFIRMED {
            config_ids.push(config_id);
        }
    }
    (config_ids, held.replicates.max(replicates))
}
