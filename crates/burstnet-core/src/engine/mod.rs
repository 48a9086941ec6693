//! The engines: programs that compute the steps of a network.
//!
//! [`mod@reference`] is the plain program in float64, [`fast`] computes the same in float32, many steps at a time.

pub mod fast;
pub mod reference;

use std::sync::Arc;

use crate::config::{self, RunConfig};
use crate::divergence::Divergence;
use crate::inputs::Inputs;
use crate::observer::{HiddenStates, Phase, StepView};
use crate::signals::{Set, Signals};
use crate::weights::{WeightRows, Weights};
pub use fast::kernels::{ISA_NAMES, Isa, IsaError};

/// Steps that are treated together.
pub(crate) const BLOCK: usize = 64;

/// The state of a network between two sequences, of whichever engine, without what it is shown.
#[derive(Clone)]
pub enum Snapshot {
    /// The reference engine's.
    Reference(Box<reference::Network>),
    /// The fast engine's.
    Fast(Box<fast::Network>),
}

impl Snapshot {
    /// Bytes that it takes from the heap.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Reference(network) => size_of_val(&**network) + network.bytes(),
            Self::Fast(network) => size_of_val(&**network) + network.bytes(),
        }
    }
}

/// The signals of a run, prepared for its engine: a pure function of the configuration's signals, dynamics, engine and
/// files, its numbers of inputs and outputs, and the seed, to be shared by all runs that agree on these.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// For the reference engine.
    Reference(Signals),
    /// For the fast engine.
    Fast(Arc<fast::Stimulus>),
}

impl Prepared {
    /// The sequences that `seed` gives. `isa` makes no difference to the bits.
    pub fn new(config: &RunConfig, inputs: &Inputs, seed: u64, isa: Isa) -> Self {
        let signals = Signals::prepare(config, inputs.sequences.as_ref(), seed);
        match config.training.engine {
            config::Engine::Reference => Self::Reference(signals),
            config::Engine::Fast => {
                Self::Fast(Arc::new(fast::Stimulus::prepare(&signals, config.network.dynamics, isa)))
            }
        }
    }

    /// Bytes that are kept in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Reference(signals) => signals.bytes(),
            Self::Fast(stimulus) => stimulus.bytes(),
        }
    }

    pub(crate) fn count(&self, set: Set) -> usize {
        match self {
            Self::Reference(signals) => signals.count(set),
            Self::Fast(stimulus) => stimulus.count(set),
        }
    }

    pub(crate) fn steps(&self) -> usize {
        match self {
            Self::Reference(signals) => signals.steps(),
            Self::Fast(stimulus) => stimulus.steps(),
        }
    }

    /// Returns whether the sequences are examples of classes, which are shown in a new random order in every epoch and
    /// tested one by one.
    pub(crate) fn has_classes(&self) -> bool {
        match self {
            Self::Reference(signals) => signals.shuffles(),
            Self::Fast(stimulus) => stimulus.has_classes(),
        }
    }

    /// A network at rest with these weights. `taught` is the fraction of the steps that are taught, and `watched` tells
    /// whether anybody will look at its hidden units.
    pub(crate) fn network(
        &self,
        config: &RunConfig,
        weights: &dyn WeightRows,
        taught: f64,
        isa: Isa,
        watched: bool,
    ) -> Box<dyn Engine> {
        match self {
            Self::Reference(signals) => Box::new(reference::Runner::new(config, Weights::of(weights), signals.clone())),
            Self::Fast(stimulus) => {
                let network = fast::Network::new(config, weights, stimulus, taught, isa, watched);
                Box::new(fast::Runner::new(network, Arc::clone(stimulus)))
            }
        }
    }

    /// The network of a snapshot, to go on with. None if it is another engine's, or if somebody will look at its hidden
    /// units and nobody was going to before.
    pub(crate) fn resumed(&self, snapshot: Snapshot, watched: bool) -> Option<Box<dyn Engine>> {
        match (self, snapshot) {
            (Self::Reference(signals), Snapshot::Reference(network)) => {
                Some(Box::new(reference::Runner::resumed(*network, signals.clone())))
            }
            (Self::Fast(stimulus), Snapshot::Fast(network)) => {
                Some(Box::new(fast::Runner::new(network.for_eyes(watched)?, Arc::clone(stimulus))))
            }
            (Self::Reference(_), Snapshot::Fast(_)) | (Self::Fast(_), Snapshot::Reference(_)) => None,
        }
    }
}

/// A program that computes the steps of a network.
pub trait Engine: WeightRows {
    /// Shows the network one sequence.
    ///
    /// # Errors
    /// If the run leaves its bounds, or the spectator ends it.
    fn show(&mut self, visit: &Visit<'_>, spectator: &mut dyn Spectator) -> Result<(), End>;

    /// The number of steps so far, which is the next step's s.
    fn steps(&self) -> u64;

    /// Brings all that was learned into the weights, before they are shown.
    fn settle(&mut self);

    /// Shows the weights as [`Engine::settle`] would leave them now, and leaves the network as it is: settled in the
    /// middle of a run, it would go on with other bits.
    fn glance(&self, look: &mut dyn FnMut(&dyn WeightRows));

    /// A copy of the network as it stands, in the coordinates in which it is trained: weights that were settled would
    /// go on with other bits.
    fn snapshot(&self) -> Snapshot;
}

/// One sequence, shown once.
pub struct Visit<'a> {
    /// The part of the run.
    pub phase: Phase,
    /// The epoch, from 0; none outside training.
    pub epoch: Option<u64>,
    /// The set of the sequence.
    pub set: Set,
    /// Its index there.
    pub index: usize,
    /// True if weights may change.
    pub learn: bool,
    /// True for each step that is taught; empty if none is.
    pub taught: &'a [bool],
    /// From which step on burst rates replace the hidden layers' event rates (generative mode).
    pub generate_from: Option<usize>,
    /// The part that the spectator wants to see.
    pub wants: Wants,
}

/// The part of a run that a spectator wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// The losses.
    Losses,
    /// Every step's outputs too.
    Outputs,
    /// And the states of the hidden units.
    States,
}

/// An observer of what happens while a sequence is shown.
pub trait Spectator {
    /// Layer `layer` learned at step `step`. Steps of one layer come in their order.
    fn learned(&mut self, step: u64, layer: usize, loss: f64);

    /// Returns whether [`Spectator::weights`] is to be called after so many steps.
    fn wants_weights(&self, _steps: u64) -> bool {
        false
    }

    /// The weights after so many steps, at whose end they may have changed.
    fn weights(&mut self, _steps: u64, _weights: &dyn WeightRows) {}

    /// The state after a step.
    ///
    /// # Errors
    /// If the run is to end here.
    fn step(&mut self, visit: &Visit<'_>, view: &StepView<'_>) -> Result<(), End>;

    /// Called after every block of at most 64 steps, with the number of steps so far.
    ///
    /// # Errors
    /// If the run is to end here.
    fn advanced(&mut self, steps: u64) -> Result<(), End>;
}

/// Why a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It left its bounds.
    Diverged(Divergence),
    /// Its observer ended it.
    Stopped,
}

impl From<Divergence> for End {
    fn from(divergence: Divergence) -> Self {
        Self::Diverged(divergence)
    }
}

impl Visit<'_> {
    pub(crate) fn is_taught(&self, t: usize) -> bool {
        self.taught.get(t).is_some_and(|taught| *taught)
    }

    pub(crate) fn generates(&self, t: usize) -> bool {
        self.generate_from.is_some_and(|from| t >= from)
    }

    pub(crate) fn view<'b>(
        &self,
        step: u64,
        t: u64,
        target: &'b [f64],
        output: &'b [f64],
        states: &'b dyn HiddenStates,
    ) -> StepView<'b> {
        let taught = self.is_taught(t as usize);
        StepView {
            phase: self.phase,
            step,
            epoch: self.epoch,
            sequence: self.index as u64,
            t,
            taught,
            target,
            output,
            states,
        }
    }
}
