//! A sample of the trials of a study, run again on all cores.

use std::time::Instant;

use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::objective::threads::cores;
use burstnet_sweep::objective::{Deadline, Objective as _};
use burstnet_sweep::results::comparison::Comparison;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::Study;

use crate::arguments::VerifyArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::process::memory;
use crate::shared::bits;
use crate::shared::many::on_all_cores;

/// The result of running a sample again.
pub(super) struct Checked {
    pub(super) trials: usize,
    pub(super) ran: usize,
    /// The numbers of the trials that differ.
    pub(super) differing: Vec<u64>,
}

/// Runs trials again that lie evenly among those with records.
pub(super) fn run(
    study: &Study,
    network: &BurstNetwork,
    arguments: &VerifyArguments,
    interrupt: &Interrupt,
) -> Result<Checked, Failure> {
    bits::require_same(study, network)?;
    let mut ledger = study.ledger(&|_| true)?;
    let entries = ledger.entries.clone();
    let trials = entries.len();
    let wanted = (arguments.sample as usize).min(trials);
    let mut sample = Vec::with_capacity(wanted);
    for at in 0..wanted {
        let entry = entries[at * trials / wanted];
        let record = ledger.record(entry)?;
        if record.digest.is_none() {
            continue; // it failed, or has never run
        }
        let trial = study.plan.trial(entry.trial_id);
        let mut configuration = ledger.configurations().stored_configuration(trial, &study.results);
        study.plan.give_budget(&mut configuration, ledger.budget(trial.id));
        memory::check(&|key| vec![configuration.get(key).clone()])?;
        sample.push((trial, record, configuration));
    }
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let same = |(trial, record, configuration): &(_, TrialRecord, _)| {
        let trial: &burstnet_sweep::plan::Trial = trial;
        let deadline = Deadline::new(Instant::now(), None, interrupt.flag());
        let again = match network.evaluate(configuration, trial.seed, &deadline) {
            Ok(evaluation) => Ok(evaluation),
            Err(error) => Err(error.message(None).map_err(|error| Failure::Environment(error.to_string()))?),
        };
        Ok(Comparison::new(&study.plan.measures, record, &again).same())
    };
    let differing = on_all_cores(&sample, threads, interrupt, same)?;
    let mut differing: Vec<u64> = differing.into_iter().map(|at| sample[at].0.id).collect();
    differing.sort_unstable();
    Ok(Checked { trials, ran: sample.len(), differing })
}
