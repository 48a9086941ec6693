//! How a run shows its steps to whoever records them. Watching changes no bit of the result.

use std::ops::ControlFlow;

use crate::engine::Network;

/// Which part of a run a step belongs to.
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
    /// The index within the sequence.
    pub t: u64,
    /// Whether the step was taught.
    pub taught: bool,
    /// The target, one number per output unit.
    pub target: &'a [f64],
    /// The network after the step.
    pub network: &'a Network,
}

/// Somebody who watches a run.
pub trait Observer {
    /// Called after every step; `Break` ends the run.
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()>;
}

/// Nobody.
pub struct Silent;

impl Observer for Silent {
    fn step(&mut self, _view: &StepView<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
