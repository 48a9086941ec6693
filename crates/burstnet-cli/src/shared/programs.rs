//! One trial of an external program.

use std::time::Instant;

use burstnet_core::config::Configuration;
use burstnet_sweep::objective::external::CommandModel;
use burstnet_sweep::objective::{Attempt, Deadline, Evaluation, Objective as _};

use crate::failure::Failure;
use crate::process::interrupt::Interrupt;

/// Runs a trial of a program. Returns what it gave, or the message with which the trial failed.
pub(crate) fn evaluated(
    program: &CommandModel,
    configuration: &Configuration,
    attempt: Attempt,
    interrupt: &Interrupt,
) -> Result<Result<Evaluation, String>, Failure> {
    let deadline = Deadline::new(Instant::now(), None, interrupt.flag());
    let again = program.evaluate_attempt(configuration, attempt, &deadline).map(|(evaluation, _)| evaluation);
    match (again, interrupt.signal()) {
        (Ok(evaluation), _) => Ok(Ok(evaluation)),
        (Err(_), Some(signal)) => Err(Failure::Interrupted(signal, "interrupted; nothing was written".into())),
        (Err(error), None) => match error.message(None) {
            Ok(message) => Ok(Err(message)),
            Err(error) => Err(Failure::Environment(error.to_string())),
        },
    }
}
