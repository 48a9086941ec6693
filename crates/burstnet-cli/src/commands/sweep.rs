//! `burstnet sweep`: runs a sweep or a shard of it, or goes on with one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use burstnet_report::{publish, shell};
use burstnet_sweep::files::disk;
use burstnet_sweep::objective::external::folders::Folders;
use burstnet_sweep::objective::threads::cores;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::provenance::host;
use burstnet_sweep::results::study::{IfAnother, Study, StudyError};
use burstnet_sweep::run::executor::Workers;
use burstnet_sweep::run::session::{Session, Tally, Task};

use crate::arguments::SweepArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::process::{host, machine};
use crate::shared::models::{allow, end_states, note as note_folder, restart_workers_after, use_folders};
use crate::shared::outcome::{done, failures, gather_provenance, interrupted, ran};
use crate::shared::planned::{Planned, earlier_since, how_long};
use crate::terminal;
use crate::terminal::progress::SweepProgress;
use crate::terminal::say::{complain, say};
use crate::text::count;

/// Runs the trials that are missing, and writes the tables unless this is one shard of several.
pub(crate) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let planned = Planned::read(&arguments.sweep, &arguments.sets, arguments.isa.isa()?, arguments.out.as_deref())?;
    let Planned { source, spec, plan, mut model, out } = planned;
    let hint = how_long(&arguments.sweep, &arguments.sets);
    arguments.size.check(plan.most_trials(), &arguments.sweep.display().to_string(), &hint)?;
    allow(&mut model, &spec, source.folder(), &arguments.allow)?;
    let keep = spec.model.as_ref().is_some_and(|section| section.keep);
    use_folders(&mut model, Folders::beside(&out, keep));
    restart_workers_after(&mut model, spec.model.as_ref().and_then(|section| section.restart_after));
    let objective = model.objective();
    let if_another = if arguments.extend { IfAnother::Extend } else { IfAnother::Refuse };
    let study = Study::create(&disk::system(), &out, plan, &source.text, objective, if_another)?;
    host::note_results(&study.results);
    note_folder(&model, &study, source.folder())?;
    earlier_since(&spec, &study.plan).iter().for_each(|told| complain(told));
    let task = Task {
        shard: arguments.shard.unwrap_or(Shard::WHOLE),
        round: arguments.round,
        wait: Duration::from_secs(arguments.wait),
        sync_interval: Duration::from_secs_f64(spec.execution.sync_seconds),
        retry_failed: arguments.retry_failed,
        stop_after_failures: spec.execution.stop_after_failures,
        order: spec.execution.order,
    };
    let mut session = Session::begin(&study, objective, task)?;
    let contribution = machine::contribution();
    session.note(&contribution)?;
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let workers = Workers { threads, host: host(), max_seconds: spec.execution.max_seconds };
    let mut progress = SweepProgress::new(&study.plan);
    let start = Instant::now();
    let tally = session.run(objective, &workers, interrupt.flag(), &mut progress);
    progress.clear();
    if let Err(stopped @ StudyError::AllFailed { .. }) = tally {
        session.note(&contribution.ending_now())?;
        if task.shard.count() == 1 {
            publish(&study, objective)?; // what failed is seen in the tables
        }
        return Err(stopped.into());
    }
    let tally = tally?;
    session.note(&contribution.ending_now())?;
    if task.shard.count() > 1 {
        return end_of_shard(&study, &tally, &task, &interrupt, start);
    }
    gather_provenance(&study)?;
    let mut published = publish(&study, objective)?;
    drop(session); // only now: nobody else may change what the tables were made of, or make them
    if let Some(failure) =
        interrupted(&study.plan, &tally, &interrupt, "", &format!(" Tables of what is done are in {}.", out.display()))
    {
        return Err(failure);
    }
    end_states(&model, &out);
    if !host::is_quiet() {
        complain(&ran(&study.plan, &tally, start));
    }
    terminal::print(&study, &out, &published.analysis, &mut published.overview.ledger, true)?;
    failures(published.overview.failed, &out)
}

/// Ends a shard, which leaves the tables to `merge`.
fn end_of_shard(
    study: &Study,
    tally: &Tally,
    task: &Task,
    interrupt: &Interrupt,
    start: Instant,
) -> Result<(), Failure> {
    let shard = task.shard;
    if let Some(failure) = interrupted(&study.plan, tally, interrupt, &format!(" of shard {shard}"), "") {
        return Err(failure);
    }
    complain(&ran(&study.plan, tally, start));
    let results = study.results.to_string_lossy();
    let merge = shell::path(&results);
    let (part, then) = match task.round {
        Some(round) => (format!("shard {shard} of round {round}"), "the next round can start; after the last one"),
        None => (format!("shard {shard}"), ""),
    };
    say(&format!(
        "{results}: {part} done, {}; when all {} are, {then}{}`burstnet merge {merge}` writes the tables",
        done(&study.plan, tally),
        shard.count(),
        if then.is_empty() { "" } else { " " }
    ))?;
    let configurations = Configurations::new(Arc::clone(&study.plan));
    let own = |id| study.plan.adapts() || shard.owns(configurations.position(id));
    let failed = study.ledger(&own)?.entries.iter().filter(|one| one.failed()).count();
    match failed as u64 {
        0 => Ok(()),
        failed => Err(Failure::Trials(format!("{} failed", count(failed, "trial", "trials")))),
    }
}
