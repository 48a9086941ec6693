//! `burstnet sweep`: runs a sweep, or goes on with one.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burstnet_report::tables::{self, Overview};
use burstnet_sweep::burst::BurstNetwork;
use burstnet_sweep::executor::Workers;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::provenance;
use burstnet_sweep::spec::settings::parse_set;
use burstnet_sweep::spec::{Source, SweepSpec};
use burstnet_sweep::study::Study;

use super::report::summary;
use crate::arguments::SweepArguments;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine;
use crate::progress::SweepProgress;
use crate::text::{complain, count, duration, say};

/// Runs the trials that are missing, and writes the tables.
pub(crate) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let network = arguments.isa.network()?;
    let (source, plan) = planned(&arguments.sweep, &arguments.sets, &network)?;
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&plan.name));
    let study = Study::create(&out, plan, &source.text, network.schema())?;
    let session = study.begin()?;
    let mut contribution = machine::contribution();
    let note = |contribution: &_, replace| {
        provenance::record(&out, contribution, replace)
            .map_err(|error| Failure::Environment(format!("{}: {error}", out.join(provenance::FILE).display())))
    };
    note(&contribution, false)?;
    let threads = arguments.threads.map_or_else(machine::threads, usize::from);
    let workers = Workers { threads, host: machine::host() };
    let mut progress = SweepProgress::new(&study.plan);
    let start = Instant::now();
    let tally = session.run(&network, &workers, interrupt.flag(), &mut progress);
    progress.clear();
    contribution.end = Some(machine::now());
    note(&contribution, true)?;
    let tally = tally?;
    let overview = tables::write(&study, &network)?;
    let missing = tally.total - tally.done;
    if let Some(signal) = interrupt.signal().filter(|_| missing > 0) {
        return Err(Failure::Interrupted(
            signal,
            format!(
                "interrupted: {} of {} done, {missing} missing. Tables of what is done are in {}; the same command \
                 goes on where this one stopped.",
                tally.done,
                count(tally.total, "trial", "trials"),
                out.display()
            ),
        ));
    }
    complain(&format!(
        "{} in {}",
        count(tally.new, "new trial", "new trials"),
        duration(start.elapsed().as_secs_f64())
    ));
    say(&summary(&study, &overview, &network))?;
    failures(&overview, &out)
}

/// Reads a sweep file and resolves it.
pub(crate) fn planned(path: &Path, sets: &[String], network: &BurstNetwork) -> Result<(Source, Plan), Failure> {
    let source = Source::read(path)?;
    let sets = sets.iter().map(|set| parse_set(set)).collect::<Result<_, _>>()?;
    let spec = SweepSpec::new(&source, sets, network.schema())?;
    let plan = Plan::new(&spec, network)?;
    Ok((source, plan))
}

/// Failed trials are results, but the exit code says that there are some.
pub(crate) fn failures(overview: &Overview, results: &Path) -> Result<(), Failure> {
    match overview.failed {
        0 => Ok(()),
        failed => Err(Failure::Trials(format!(
            "{} failed; column error of {} says why",
            count(failed, "trial", "trials"),
            results.join("trials.parquet").display()
        ))),
    }
}
