//! `burstnet sweep`: runs a sweep or a shard of it, or goes on with one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use burstnet_core::engine::Isa;
use burstnet_report::shell;
use burstnet_report::{import, tables};
use burstnet_sweep::disk;
use burstnet_sweep::executor::Workers;
use burstnet_sweep::models::Model;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::provenance::{self, Contribution};
use burstnet_sweep::session::{Session, Tally, Task};
use burstnet_sweep::shard::Shard;
use burstnet_sweep::spec::sets::parse_set;
use burstnet_sweep::spec::{Source, SweepSpec};
use burstnet_sweep::study::{IfAnother, Study};

use super::merge::gather_provenance;
use super::page::write_page;
use crate::arguments::SweepArguments;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine;
use crate::memory;
use crate::models::{allow, note as note_folder};
use crate::progress::SweepProgress;
use crate::terminal;
use crate::text::{complain, count, duration, say};

/// Runs the trials that are missing, and writes the tables unless this is one shard of several.
pub(crate) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let planned = Planned::read(&arguments.sweep, &arguments.sets, arguments.isa.isa()?)?;
    let Planned { source, spec, plan, mut model } = planned;
    let hint = how_long(&arguments.sweep, &arguments.sets);
    arguments.size.check(plan.trials(), &arguments.sweep.display().to_string(), &hint)?;
    allow(&mut model, &spec, source.folder(), &arguments.allow)?;
    let objective = model.objective();
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&plan.name));
    let if_another = if arguments.extend { IfAnother::Extend } else { IfAnother::Refuse };
    let study = Study::create(&disk::system(), &out, plan, &source.text, objective, if_another)?;
    note_folder(&model, &study, source.folder())?;
    let task = Task {
        shard: arguments.shard.unwrap_or(Shard::WHOLE),
        round: arguments.round,
        sync_interval: Duration::from_secs_f64(spec.execution.sync_seconds),
        retry_failed: arguments.retry_failed,
    };
    let mut session = Session::begin(&study, objective, task)?;
    let mut contribution = machine::contribution();
    note(&study, &session, &contribution)?;
    let threads = arguments.threads.map_or_else(machine::threads, usize::from);
    let workers = Workers { threads, host: machine::host(), max_seconds: spec.execution.max_seconds };
    let mut progress = SweepProgress::new(&study.plan);
    let start = Instant::now();
    let tally = session.run(objective, &workers, interrupt.flag(), &mut progress);
    progress.clear();
    let tally = tally?;
    contribution.end = Some(machine::now());
    note(&study, &session, &contribution)?;
    if task.shard.count() > 1 {
        return end_of_shard(&study, &tally, &task, &interrupt, start);
    }
    gather_provenance(&study)?;
    let mut overview = tables::write(&study, objective)?;
    let analysis = overview.analysis.clone();
    write_page(&study, &study.results, &mut overview, &analysis)?;
    drop(session); // only now: nobody else may change what the tables were made of, or make them
    if let Some(failure) =
        interrupted(&tally, &interrupt, "", &format!(" Tables of what is done are in {}.", out.display()))
    {
        return Err(failure);
    }
    complain(&ran(&tally, start));
    terminal::print(&study, &out, &analysis, &mut overview.ledger, true)?;
    failures(overview.failed, &out)
}

/// Returns how to find out how long a sweep would take, as the end of a message.
pub(super) fn how_long(sweep: &Path, sets: &[String]) -> String {
    let sets = sets.iter().flat_map(|set| ["--set".to_owned(), set.clone()]);
    let options = sets.map(|word| format!(" {}", shell::quote(&word))).collect::<String>();
    format!("; `burstnet plan {}{options}` says how long they would take", shell::path(&sweep.to_string_lossy()))
}

/// A sweep file and what it says.
pub(crate) struct Planned {
    pub(crate) source: Source,
    pub(crate) spec: SweepSpec,
    pub(crate) plan: Plan,
    pub(crate) model: Model,
}

impl Planned {
    /// Reads a sweep file and resolves it.
    pub(crate) fn read(path: &Path, sets: &[String], isa: Isa) -> Result<Self, Failure> {
        let source = Source::read(path)?.with_tables(import::read);
        let sets = sets.iter().map(|set| parse_set(set)).collect::<Result<Vec<_>, _>>()?;
        let model = Model::of_file(&source, &sets, isa)?;
        let spec = SweepSpec::new(&source, sets, model.objective().schema())?;
        let outline = Plan::outline(&spec, model.objective())?;
        if matches!(model, Model::Burst(_)) {
            memory::check_sweep(&outline)?;
        }
        let plan = outline.complete(&spec, model.objective())?;
        Ok(Self { source, spec, plan, model })
    }
}

/// Notes who runs this. In the directory itself other processes may write too; beside a shard's journal none does.
pub(super) fn note(study: &Study, session: &Session<'_>, contribution: &Contribution) -> Result<(), Failure> {
    let path = session.provenance();
    let _lock = study.lock()?;
    provenance::record(&study.disk, &path, contribution)
        .map_err(|error| Failure::Environment(format!("{}: {error}", path.display())))
}

pub(super) fn ran(tally: &Tally, start: Instant) -> String {
    format!("{} in {}", count(tally.new, "new trial", "new trials"), duration(start.elapsed().as_secs_f64()))
}

/// The failure of a session that a signal ended before all was done.
pub(super) fn interrupted(tally: &Tally, interrupt: &Interrupt, of: &str, tables: &str) -> Option<Failure> {
    let missing = tally.total - tally.done;
    let signal = interrupt.signal().filter(|_| missing > 0)?;
    Some(Failure::Interrupted(
        signal,
        format!(
            "interrupted: {} of {}{of} done, {missing} missing.{tables} The same command goes on where this one stopped.",
            tally.done,
            count(tally.total, "trial", "trials"),
        ),
    ))
}

/// A shard leaves the tables to `merge`.
fn end_of_shard(
    study: &Study,
    tally: &Tally,
    task: &Task,
    interrupt: &Interrupt,
    start: Instant,
) -> Result<(), Failure> {
    let shard = task.shard;
    if let Some(failure) = interrupted(tally, interrupt, &format!(" of shard {shard}"), "") {
        return Err(failure);
    }
    complain(&ran(tally, start));
    let results = study.results.to_string_lossy();
    let merge = shell::path(&results);
    let (part, then) = match task.round {
        Some(round) => (format!("shard {shard} of round {round}"), "the next round can start; after the last one"),
        None => (format!("shard {shard}"), ""),
    };
    say(&format!(
        "{results}: {part} done, {}; when all {} are, {then}{}`burstnet merge {merge}` writes the tables",
        count(tally.total, "trial", "trials"),
        shard.count(),
        if then.is_empty() { "" } else { " " }
    ))?;
    let own = |id| study.plan.in_rounds() || shard.owns(study.plan.position(id));
    let failed = study.ledger(&own)?.entries.iter().filter(|one| one.failed()).count();
    match failed as u64 {
        0 => Ok(()),
        failed => Err(Failure::Trials(format!("{} failed", count(failed, "trial", "trials")))),
    }
}

/// Failed trials are results, but the exit code says that there are some.
pub(crate) fn failures(failed: u64, results: &Path) -> Result<(), Failure> {
    match failed {
        0 => Ok(()),
        failed => Err(Failure::Trials(format!(
            "{} failed; column error of {} says why",
            count(failed, "trial", "trials"),
            results.join("trials.parquet").display()
        ))),
    }
}
