//! The end of a sweep: its outcome and its provenance.

use std::path::Path;
use std::time::Instant;

use burstnet_report::Published;
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::results::{journal, provenance};
use burstnet_sweep::run::session::{Tally, provenance_of};

use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::terminal;
use crate::terminal::say::complain;
use crate::text::{count, duration};

pub(crate) fn ran(plan: &ResolvedPlan, tally: &Tally, start: Instant) -> String {
    let time = duration(start.elapsed().as_secs_f64());
    if goes_by_rungs(plan) {
        return format!("{} in {time}", count(tally.new, "new run to a rung", "new runs to a rung"));
    }
    format!("{} in {time}", count(tally.new, "new trial", "new trials"))
}

/// Returns how much of a shard or a sweep a tally says, such as `12 trials`. A trial that a rule assesses at rungs runs
/// to each of them separately.
pub(crate) fn done(plan: &ResolvedPlan, tally: &Tally) -> String {
    match goes_by_rungs(plan) {
        true => count(tally.done, "run to a rung", "runs to a rung"),
        false => count(tally.done, "trial", "trials"),
    }
}

fn goes_by_rungs(plan: &ResolvedPlan) -> bool {
    plan.rungs().len() > 1
}

/// Returns the failure of a session that a signal ended before all was done.
pub(crate) fn interrupted(
    plan: &ResolvedPlan,
    tally: &Tally,
    interrupt: &Interrupt,
    of: &str,
    tables: &str,
) -> Option<Failure> {
    let missing = tally.total - tally.done;
    let signal = interrupt.signal().filter(|_| missing > 0)?;
    let so_far = match goes_by_rungs(plan) {
        // How many there will be depends on their results.
        true => format!("{}{of} done", done(plan, tally)),
        false => format!("{} of {}{of} done, {missing} missing", tally.done, count(tally.total, "trial", "trials")),
    };
    let message = format!("interrupted: {so_far}.{tables} The same command goes on where this one stopped.");
    Some(Failure::Interrupted(signal, message))
}

/// Lists in `provenance.json` also who ran the shards.
pub(crate) fn gather_provenance(study: &Study) -> Result<(), Failure> {
    let path = study.results.join(provenance::FILE);
    let journals = journal::list(&study.results)?;
    let shards = journals.iter().map(|(shard, _)| *shard).filter(|shard| *shard != Shard::WHOLE);
    let parts: Vec<_> = shards.map(|shard| provenance_of(study, shard)).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let _lock = study.lock()?;
    let unread = provenance::gather(&study.disk, &path, &parts).map_err(Failure::at(&path))?;
    for (path, error) in unread {
        complain(&format!("warning: provenance.json does not list all runs: {}: {error}", path.display()));
    }
    Ok(())
}

/// Returns a failure if trials failed: they are results, but the exit code says that there are some.
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

/// Prints what was published of a study.
pub(crate) fn print(study: &Study, published: &mut Published) -> Result<(), Failure> {
    let tables = published.refused.is_none();
    terminal::print(study, &study.results, &published.analysis, &mut published.overview.ledger, tables)
}

/// Returns a failure if there are no tables, or some trials failed.
pub(crate) fn verdict(study: &Study, published: Published) -> Result<(), Failure> {
    match published.refused {
        Some(refused) => Err(refused.into()),
        None => failures(published.overview.failed, &study.results),
    }
}
