//! Runs that keep every step.

use std::ops::ControlFlow;

use burstnet_core::config::{Configuration, RunConfig, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::{Observer, Phase, StepView};
use burstnet_core::run::{RunResult, run};

use crate::naive::Step;

/// A step and the part of the run it belongs to.
pub(crate) struct Recorded {
    pub(crate) phase: Phase,
    pub(crate) taught: bool,
    pub(crate) step: Step,
}

#[derive(Default)]
struct Recorder {
    hidden_layers: usize,
    steps: Vec<Recorded>,
}

impl Observer for Recorder {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        assert_eq!(view.step, self.steps.len() as u64, "steps are counted from 0");
        let hidden: Vec<_> = (0..self.hidden_layers).map(|m| view.states.hidden(m)).collect();
        let step = Step {
            output: view.output.to_vec(),
            event_rate: hidden.iter().map(|state| state.event_rate.to_vec()).collect(),
            burst_probability: hidden.iter().map(|state| state.burst_probability.to_vec()).collect(),
            burst_rate: hidden.iter().map(|state| state.burst_rate.to_vec()).collect(),
            apical_voltage: hidden.iter().map(|state| state.apical_voltage.to_vec()).collect(),
            somatic_voltage: hidden.iter().map(|state| state.somatic_voltage.to_vec()).collect(),
        };
        self.steps.push(Recorded { phase: view.phase, taught: view.taught, step });
        ControlFlow::Continue(())
    }
}

/// The defaults with these keys changed.
pub(crate) fn values(changes: &[(&str, Value)]) -> Configuration {
    let mut values = keys::schema().defaults();
    for (key, value) in changes {
        assert!(keys::schema().key(key).is_some(), "{key}");
        values.set(key, value.clone());
    }
    values
}

/// Runs and keeps every step.
pub(crate) fn record(config: &RunConfig, inputs: &Inputs, seed: u64) -> (RunResult, Vec<Recorded>) {
    record_with(config, inputs, seed, Isa::detect())
}

/// Runs with these instructions and keeps every step.
pub(crate) fn record_with(config: &RunConfig, inputs: &Inputs, seed: u64, isa: Isa) -> (RunResult, Vec<Recorded>) {
    let mut recorder = Recorder { hidden_layers: config.hidden_layers(), steps: Vec::new() };
    let prepared = Prepared::new(config, inputs, seed, isa);
    let result = run(config, inputs, &prepared, seed, isa, &mut recorder).expect("a run");
    (result, recorder.steps)
}
