//! `burstnet confirm`: the best configurations of a sweep again, on fresh seeds.

use std::time::{Duration, Instant};

use burstnet_report::analysis::confirmed::{FOLDER, best, is_of, open};
use burstnet_report::analysis::{Analysis, Confirmed};
use burstnet_report::sample::Sample;
use burstnet_report::statistics::Interval;
use burstnet_report::tables;
use burstnet_sweep::burst::BurstNetwork;
use burstnet_sweep::executor::Workers;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::plan::{MOST_CONFIRMED, Plan};
use burstnet_sweep::session::{Session, Task};
use burstnet_sweep::shard::Shard;
use burstnet_sweep::study::{IfAnother, Study};

use super::sweep::{failures, interrupted, note, ran};
use crate::arguments::ConfirmArguments;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine;
use crate::progress::SweepProgress;
use crate::text::{complain, count, mean_sd, say, short, table, value};

/// How long a finished trial may wait to be synced.
const SYNC: Duration = Duration::from_secs(1);

/// Runs what is missing of the confirmation, and shows it.
pub(crate) fn confirm(arguments: &ConfirmArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let network = arguments.isa.network()?;
    let outer = Study::open(&arguments.results, &network)?;
    check(&outer, &network)?;
    let study = begin(&outer, arguments, &network)?;
    let task = Task { shard: Shard::WHOLE, sync_interval: SYNC, retry_failed: arguments.retry_failed };
    let mut session = Session::begin(&study, &network, task)?;
    let mut contribution = machine::contribution();
    note(&study, &session, &contribution)?;
    let threads = arguments.threads.map_or_else(machine::threads, usize::from);
    let workers = Workers { threads, host: machine::host(), max_seconds: None };
    let mut progress = SweepProgress::new(&study.plan);
    let start = Instant::now();
    let tally = session.run(&network, &workers, interrupt.flag(), &mut progress);
    progress.clear();
    let tally = tally?;
    contribution.end = Some(machine::now());
    note(&study, &session, &contribution)?;
    let own = tables::write(&study, &network)?;
    drop(session); // only now: nobody else may change what the tables were made of, or make them
    if let Some(failure) = interrupted(&tally, &interrupt, " of the confirmation", "") {
        return Err(failure);
    }
    complain(&ran(&tally, start));
    let overview = tables::write(&outer, &network)?;
    if let Some(confirmed) = &overview.analysis.confirmed {
        say(&summary(&overview.analysis, confirmed))?;
    }
    failures(own.failed, &study.results)
}

/// Refuses what has no best configurations that could be confirmed.
fn check(outer: &Study, network: &BurstNetwork) -> Result<(), Failure> {
    let results = outer.results.display();
    if outer.plan.confirmation.is_some() {
        return Err(Failure::Input(format!("{results}: is a confirmation itself, expected the directory of a sweep")));
    }
    if outer.plan.bits != network.bits_version() {
        return Err(Failure::Input(format!(
            "{results}: made with version {} of the bits, this program has version {}; use the burstnet that \
             provenance.json names",
            outer.plan.bits,
            network.bits_version()
        )));
    }
    outer.verify_inputs()?;
    Ok(())
}

/// Chooses the configurations, and opens or makes the directory of the confirmation.
fn begin(outer: &Study, arguments: &ConfirmArguments, network: &BurstNetwork) -> Result<Study, Failure> {
    let _lock = outer.lock()?; // who extends the sweep waits
    let ledger = outer.ledger(&|_| true)?;
    let missing = outer.plan.trials() - ledger.entries.len() as u64;
    if missing > 0 {
        return Err(Failure::Input(format!(
            "{}: {missing} of {} are missing, and the best configurations may still change; complete the sweep first",
            outer.results.display(),
            count(outer.plan.trials(), "trial", "trials")
        )));
    }
    let sample = Sample::read(&outer.plan, ledger)?;
    let chosen = best(&outer.plan, &sample, arguments.best as usize);
    if (chosen.len() as u64) < arguments.best {
        return Err(Failure::Input(format!(
            "--best {}: only {} a value of {}",
            arguments.best,
            count(chosen.len() as u64, "configuration has", "configurations have"),
            outer.plan.objective.measure
        )));
    }
    let held = open(outer, network)?.filter(|held| is_of(&held.plan, &outer.plan));
    let plan = joined(outer, held.map(|held| held.plan), chosen, arguments.replicates);
    let results = outer.results.join(FOLDER);
    Ok(Study::create(&outer.disk, &results, plan, &outer.sweep_text()?, network, IfAnother::Extend)?)
}

/// The plan of what was confirmed before and of what is asked for now.
fn joined(outer: &Study, held: Option<Plan>, chosen: Vec<u64>, replicates: u64) -> Plan {
    let Some(held) = held else { return outer.confirming(chosen, replicates) };
    let mut config_ids = held.confirmation.map(|confirmation| confirmation.config_ids).unwrap_or_default();
    for config_id in chosen {
        if !config_ids.contains(&config_id) && config_ids.len() < MOST_CONFIRMED {
            config_ids.push(config_id);
        }
    }
    outer.confirming(config_ids, held.replicates.max(replicates))
}

/// The confirmed configurations, best first on the fresh seeds.
pub(super) fn summary(analysis: &Analysis, confirmed: &Confirmed) -> String {
    if confirmed.stale {
        return "confirmation: of another plan than the one that the directory holds now; `burstnet confirm` brings it up \
                to date"
            .to_owned();
    }
    let interval = |interval: Option<Interval>| {
        interval.map_or("–".into(), |interval| format!("{} to {}", short(interval.low), short(interval.high)))
    };
    let unit = if analysis.unit.is_empty() { String::new() } else { format!(" [{}]", analysis.unit) };
    let mut header = vec!["config_id".to_owned()];
    header.extend(analysis.keys.iter().map(|key| key.replace('.', "_")));
    header.extend(["searched mean".into(), format!("fresh mean ± sd{unit}"), "95 % interval".into(), "n".into()]);
    header.push(confirmed.baseline.map_or("difference".into(), |config_id| format!("less config {config_id}")));
    header.push("p (Holm)".into());
    let rows = confirmed.configurations.iter().map(|one| {
        let mut row = vec![one.config_id.to_string()];
        row.extend(one.values.iter().map(value));
        let contrast = one.contrast.as_ref();
        let not_ok = if one.counts.not_ok() > 0 { format!(" ({} not ok)", one.counts.not_ok()) } else { String::new() };
        row.extend([
            one.search_mean.map_or("–".into(), short),
            mean_sd(&one.summary),
            interval(one.t_interval),
            format!("{}{not_ok}", one.n),
            contrast.map_or("–".into(), |contrast| short(contrast.difference)),
            contrast.and_then(|contrast| contrast.p_holm).map_or("–".into(), short),
        ]);
        row
    });
    format!(
        "confirmed on {}: {} of {} trials\n\n{}",
        count(confirmed.replicates, "fresh seed", "fresh seeds"),
        confirmed.done,
        confirmed.planned,
        table(header, rows.collect(), 0)
    )
}
