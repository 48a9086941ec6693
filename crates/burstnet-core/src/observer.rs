//! Observers, to which a run shows its steps. Watching changes no bit of the result.

use std::ops::ControlFlow;

use crate::weights::WeightRows;

/// The part of a run to which a step belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Teaching and learning.
    Training,
    /// A pass without either.
    Test,
    /// A pass in whose second half bursts replace the events.
    Generation,
}

impl Phase {
    /// Its name in traces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Test => "test",
            Self::Generation => "generation",
        }
    }
}

/// The state after one step.
pub struct StepView<'a> {
    /// The part of the run.
    pub phase: Phase,
    /// The step s, counted from 0 over the whole run.
    pub step: u64,
    /// The epoch, from 0; none outside training.
    pub epoch: Option<u64>,
    /// The number of the sequence in its set: of the training sequences, or of those that test.
    pub sequence: u64,
    /// The index within the sequence.
    pub t: u64,
    /// True if the step was taught.
    pub taught: bool,
    /// The target, one number per output unit.
    pub target: &'a [f64],
    /// Event rates of the output units.
    pub output: &'a [f64],
    /// The hidden layers.
    pub states: &'a dyn HiddenStates,
}

/// The states of the hidden layers after a step.
pub trait HiddenStates {
    /// Returns the state of hidden layer `m`, from 0.
    fn hidden(&self, m: usize) -> HiddenState<'_>;
}

/// The state of one hidden layer, one number per unit.
#[derive(Clone, Copy, Debug)]
pub struct HiddenState<'a> {
    /// λ, events per step.
    pub event_rate: &'a [f64],
    /// ρ, the probability that an event is a burst.
    pub burst_probability: &'a [f64],
    /// ψ = ρ λ, bursts per step.
    pub burst_rate: &'a [f64],
    /// g, the apical voltage.
    pub apical_voltage: &'a [f64],
    /// y, the somatic voltage.
    pub somatic_voltage: &'a [f64],
}

/// An observer of a run.
pub trait Observer {
    /// Called after every step; `Break` ends the run.
    fn step(&mut self, _view: &StepView<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Returns whether [`Observer::step`] is to be called at all: a run whose steps nobody looks at is much faster.
    fn watches_steps(&self) -> bool {
        true
    }

    /// Called every 64 steps or so, with the number of steps so far; `Break` ends the run.
    fn advanced(&mut self, _steps: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Called when weight layer `layer` learns at a step, with its loss. Steps of one layer come in their order.
    fn learned(&mut self, _step: u64, _layer: usize, _loss: f64) {}

    /// Returns whether [`Observer::weights`] is to be called after so many steps of the training.
    fn wants_weights(&self, _steps: u64) -> bool {
        false
    }

    /// Called within a training after the steps at whose end weights may have changed, if it is wanted there. The cost is
    /// that of [`Observer::epochs_over`].
    fn weights(&mut self, _steps: u64, _weights: &dyn WeightRows) {}

    /// Called before the first epoch, with 0, and after every epoch, with how many are over, and with the weights as
    /// they stand then, in the engine's precision. In the last epoch of a run that diverges it is not called.
    ///
    /// An observer that does not read the weights pays nothing. Reading those of the first layer costs about as much as
    /// an epoch, and memory for another copy of them, since the fast engine trains them in other coordinates.
    fn epochs_over(&mut self, _epochs: u64, _weights: &dyn WeightRows) {}
}

/// An observer that looks at nothing.
pub struct Silent;

impl Observer for Silent {
    fn watches_steps(&self) -> bool {
        false
    }
}
