//! One training of the network, followed by a progress bar and ended by a signal.

use burstnet_core::config::{Configuration, RunConfig};
use burstnet_core::inputs::OpenedFiles;
use burstnet_core::observer::Observer;
use burstnet_core::run::RunResult;
use burstnet_report::tables::trace::Trace;
use burstnet_sweep::objective::EvaluationError;
use burstnet_sweep::objective::burst::BurstNetwork;

use super::outputs::Outputs;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::terminal::progress::RunProgress;

/// Runs a configuration with a seed, recording what `outputs` asks for.
pub(crate) fn observed(
    network: &BurstNetwork,
    configuration: &Configuration,
    seed: u64,
    outputs: &mut Outputs,
    interrupt: &Interrupt,
) -> Result<RunResult, Failure> {
    let trace = outputs.trace.as_mut().map(|trace| trace as &mut dyn Observer);
    followed(network, configuration, seed, trace, interrupt).map_err(|failure| match failure {
        // The observer ends a run early only on a signal, or when the trace cannot be written.
        Failure::Input(message) => match outputs.trace.take().and_then(Trace::into_error) {
            Some(error) => error.into(),
            None => Failure::Input(message),
        },
        other => other,
    })
}

/// Runs a configuration with a seed under the eyes of `recorder`, with a progress bar, until a signal ends it.
pub(crate) fn followed<'a>(
    network: &BurstNetwork,
    configuration: &Configuration,
    seed: u64,
    recorder: Option<&'a mut dyn Observer>,
    interrupt: &'a Interrupt,
) -> Result<RunResult, Failure> {
    let steps = total_steps(configuration).unwrap_or(0);
    let mut progress = RunProgress::new(recorder, interrupt.flag(), steps);
    let outcome = network.run(configuration, seed, &mut progress);
    drop(progress);
    outcome.map_err(|error| failure_of(error, interrupt))
}

/// Returns why a run has no result: a signal, the machine, or what it was given.
pub(crate) fn failure_of(error: EvaluationError, interrupt: &Interrupt) -> Failure {
    match (interrupt.signal(), error.message(None)) {
        (Some(signal), _) => Failure::Interrupted(signal, "interrupted; nothing was written".into()),
        (None, Ok(message)) => Failure::Input(message),
        (None, Err(error)) => Failure::Environment(error.to_string()),
    }
}

/// Returns the steps of a whole run: training, test and generation.
pub(crate) fn total_steps(configuration: &Configuration) -> Option<u64> {
    let config = RunConfig::from_values(configuration).ok()?;
    Some(OpenedFiles::new(&config).ok()?.total_steps())
}
