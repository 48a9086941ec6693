//! Both trials at once, each on a thread of its own, and a third that compares them step by step.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use burstnet_core::config::RunConfig;
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::{Observer, StepView};
use burstnet_core::run::RunResult;
use burstnet_core::weights::WeightRows;
use burstnet_report::difference::{Difference, Sending, Shape, channel, compare};
use burstnet_report::page::trial::{Recorder, Recording, Scope};
use burstnet_report::tables::trace::TracedUnits;
use burstnet_sweep::objective::Evaluation;
use burstnet_sweep::objective::burst::{BurstNetwork, evaluation};
use burstnet_sweep::results::models::NamedModel;

use super::outcome::Outcome;
use super::sides::Side;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::outputs::layers;
use crate::shared::training::{failure_of, followed};

/// The results of two runs.
pub(super) struct Ran {
    pub(super) outcomes: [Outcome; 2],
    /// Their recordings for a page, if one is wanted.
    pub(super) recordings: [Option<Recording>; 2],
    pub(super) difference: Difference,
}

/// The result of one run, or the message with which it failed.
type Ended = Result<(Evaluation, Option<Recording>), String>;

/// Runs both trials in step.
pub(super) fn run(sides: [&Side; 2], drawn: bool, units: &[String], interrupt: &Interrupt) -> Result<Ran, Failure> {
    let shapes = sides.map(|side| Shape { layers: layers(&side.configuration) });
    let [(send_a, received_a), (send_b, received_b)] = shapes.clone().map(channel);
    let recorder = |side: &Side| if drawn { recorder(side, units) } else { Ok(None) };
    let watching = |sending, recorder| Watching { sending, recorder, stop: interrupt.flag() };
    let (mut a, mut b) = (watching(send_a, recorder(sides[0])?), watching(send_b, recorder(sides[1])?));
    let (first, second, difference) = std::thread::scope(|scope| {
        let comparing = scope.spawn(|| compare([&shapes[0], &shapes[1]], [received_a, received_b]));
        let other = scope.spawn(move || {
            let ran = quietly(network(sides[1])?, sides[1], &mut b, interrupt);
            b.finish(ran)
        });
        let first = network(sides[0]).and_then(|network| {
            let ran = followed(network, &sides[0].configuration, sides[0].seed, Some(&mut a), interrupt);
            a.finish(ran)
        });
        (first, joined(other), joined(comparing))
    });
    let outcome = |side: &Side, ended: Ended| match ended {
        Ok((evaluation, recording)) => (Outcome::of(side, Ok(evaluation)), recording),
        Err(message) => (Outcome::of(side, Err(message)), None),
    };
    let ((first, recording), (second, other)) = (outcome(sides[0], first?), outcome(sides[1], second?));
    Ok(Ran { outcomes: [first, second], recordings: [recording, other], difference })
}

/// Returns what a thread gave; its panic goes on.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn network(side: &Side) -> Result<&BurstNetwork, Failure> {
    match &side.model {
        NamedModel::Burst(network) => Ok(network),
        NamedModel::Command(_) => Err(Failure::Input(format!("{}: an external program", side.name))),
    }
}

/// Runs a trial without a progress bar: the other one has it.
fn quietly(
    network: &BurstNetwork,
    side: &Side,
    watching: &mut Watching<'_>,
    interrupt: &Interrupt,
) -> Result<RunResult, Failure> {
    network.run(&side.configuration, side.seed, watching).map_err(|error| failure_of(error, interrupt))
}

/// Returns what records a trial for the page.
fn recorder(side: &Side, units: &[String]) -> Result<Option<Recorder>, Failure> {
    let input = |error: &dyn std::fmt::Display| Failure::Input(error.to_string());
    let config = RunConfig::from_values(&side.configuration).map_err(|error| input(&error))?;
    let inputs = Inputs::load(&config).map_err(|error| input(&error))?;
    let units = match units {
        [] => None,
        named => Some(TracedUnits::parse(named, &config.network.layers)),
    };
    let scope = units.transpose().and_then(|units| Scope::new(&config, &inputs, side.seed, units));
    let scope = scope.map_err(|error| Failure::Input(format!("--units {error}")))?;
    Ok(Some(Recorder::new(scope)))
}

/// Watches a run: for the comparison, and for the page.
struct Watching<'a> {
    sending: Sending,
    recorder: Option<Recorder>,
    stop: &'a AtomicBool,
}

impl Watching<'_> {
    /// Takes the end of the run, which is one for the comparison too.
    fn finish(self, ran: Result<RunResult, Failure>) -> Result<Ended, Failure> {
        self.sending.finish();
        match ran {
            Ok(result) => {
                let recording = self.recorder.map(|recorder| recorder.finish(&result));
                Ok(Ok((evaluation(result), recording)))
            }
            Err(Failure::Input(message)) => Ok(Err(message)),
            Err(other) => Err(other),
        }
    }
}

impl Observer for Watching<'_> {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        if let Some(recorder) = &mut self.recorder {
            recorder.step(view)?;
        }
        self.sending.step(view)
    }

    fn advanced(&mut self, _steps: u64) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epochs_over(&mut self, epochs: u64, weights: &dyn WeightRows) {
        if let Some(recorder) = &mut self.recorder {
            recorder.epochs_over(epochs, weights);
        }
        self.sending.epochs_over(epochs, weights);
    }
}
