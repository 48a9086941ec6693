//! The end of a sweep: its outcome and its provenance.

use std::path::Path;
use std::time::Instant;

use burstnet_report::Published;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal;
use burstnet_sweep::results::provenance;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::run::session::{Tally, provenance_of};

use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::terminal;
use crate::terminal::say::complain;
use crate::text::{count, duration};

pub(crate) fn ran(tally: &Tally, start: Instant) -> String {
    format!("{} in {}", count(tally.new, "new trial", "new trials"), duration(start.elapsed().as_secs_f64()))
}

/// Returns the failure of a session that a signal ended before all was done.
pub(crate) fn interrupted(tally: &Tally, interrupt: &Interrupt, of: &str, tables: &str) -> Option<Failure> {
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
    let unread = provenance::gather(&study.disk, &path, &parts)
        .map_err(|error| Failure::Environment(format!("{}: {error}", path.display())))?;
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
