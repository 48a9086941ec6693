//! The steps of a run, sent in blocks from the thread that runs it.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use burstnet_core::observer::{Observer, Phase, StepView};
use burstnet_core::weights::WeightRows;

use super::quantities::Shape;

/// The numbers after which a block is sent.
const BLOCK: usize = 1 << 16;
/// The blocks that may wait.
const WAITING: usize = 4;
/// The number of the biases among the matrices of a layer.
pub(super) const BIAS: u8 = 1;

/// The place of a step or a row of weights in the order in which runs come to them, the same for all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The part of the run: training, test, generation.
    part: u8,
    /// Epochs that are over.
    epoch: u64,
    /// True for steps, which come after the weights between the epochs.
    is_step: bool,
    /// The number of the step within its epoch or pass; for weights W, b and Y in turn.
    pub(super) matrix: u8,
    at: u64,
    row: u64,
}

impl Place {
    pub(super) fn phase(self) -> Phase {
        match self.part {
            0 => Phase::Training,
            1 => Phase::Test,
            _ => Phase::Generation,
        }
    }

    /// Returns the epoch in which it is; `None` outside training.
    pub(super) fn epoch(self) -> Option<u64> {
        (self.part == 0).then_some(self.epoch)
    }

    /// Returns the place of the moment: all weights between two epochs are looked at together.
    pub(super) fn moment(self) -> Self {
        if self.is_step { self } else { Self { matrix: 0, at: 0, row: 0, ..self } }
    }
}

/// A step or a row of weights, without its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) place: Place,
    pub(super) step: u64,
    pub(super) epoch: Option<u64>,
    pub(super) t: u64,
    /// The layer and the row of weights.
    pub(super) layer: usize,
    pub(super) row: usize,
    /// The end of its numbers in the block.
    end: usize,
}

/// Steps and rows of weights, one after the other.
#[derive(Default)]
pub(super) struct Block {
    heads: Vec<Head>,
    values: Vec<f64>,
}

/// A step or a row of weights.
pub(super) enum Item<'a> {
    Step(&'a Head, &'a [f64]),
    Row(&'a Head, &'a [f64]),
}

/// Watches a run and sends what it sees.
pub struct Sending {
    shape: Shape,
    to: SyncSender<Block>,
    block: Block,
    /// The pass that the last step was in, and the number of steps in it so far.
    pass: (u8, u64),
    within: u64,
    steps: u64,
}

/// The stream of a run.
pub struct Received {
    from: Receiver<Block>,
    block: Block,
    at: usize,
}

/// Returns the two ends of a stream for runs of a shape.
pub fn channel(shape: Shape) -> (Sending, Received) {
    let (to, from) = sync_channel(WAITING);
    let sending = Sending { shape, to, block: Block::default(), pass: (0, 0), within: 0, steps: 0 };
    (sending, Received { from, block: Block::default(), at: 0 })
}

impl Sending {
    /// Sends what is left: the run is over.
    pub fn finish(mut self) {
        let _ = self.send(); // whoever does not listen misses nothing
    }

    fn send(&mut self) -> ControlFlow<()> {
        let block = std::mem::take(&mut self.block);
        if block.heads.is_empty() || self.to.send(block).is_ok() {
            self.block.values.reserve(BLOCK);
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(())
    }

    fn push(&mut self, head: impl FnOnce(usize) -> Head) -> ControlFlow<()> {
        let end = self.block.values.len();
        self.block.heads.push(head(end));
        if end >= BLOCK { self.send() } else { ControlFlow::Continue(()) }
    }
}

impl Observer for Sending {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        let part = match view.phase {
            Phase::Training => 0,
            Phase::Test => 1,
            Phase::Generation => 2,
        };
        let pass = (part, view.epoch.unwrap_or(0));
        if pass != self.pass {
            (self.pass, self.within) = (pass, 0);
        }
        let place = Place { part, epoch: pass.1, is_step: true, matrix: 0, at: self.within, row: 0 };
        self.within += 1;
        self.steps = view.step + 1;
        self.shape.push(view, &mut self.block.values);
        let (step, epoch, t) = (view.step, view.epoch, view.t);
        self.push(|end| Head { place, step, epoch, t, layer: 0, row: 0, end })
    }

    fn epochs_over(&mut self, epochs: u64, weights: &dyn WeightRows) {
        let layers = weights.layers().len() - 1;
        let step = self.steps;
        for layer in 0..layers {
            for matrix in 0..if layer + 1 < layers { 3 } else { 2 } {
                let mut row = 0;
                let mut each = |numbers: &[f64]| {
                    let place =
                        Place { part: 0, epoch: epochs, is_step: false, matrix, at: layer as u64, row: row as u64 };
                    self.block.values.extend_from_slice(numbers);
                    // The run ends at its next step if nobody listens.
                    let _ = self.push(|end| Head { place, step, epoch: Some(epochs), t: 0, layer, row, end });
                    row += 1;
                };
                match matrix {
                    0 => weights.forward(layer, &mut each),
                    1 => weights.bias(layer, &mut each),
                    _ => weights.feedback(layer, &mut each),
                }
            }
        }
    }
}

impl Received {
    /// Returns the next step or row; `None` after the end of the run.
    pub(super) fn peek(&mut self) -> Option<&Head> {
        while self.at >= self.block.heads.len() {
            self.block = self.from.recv().ok()?;
            self.at = 0;
        }
        self.block.heads.get(self.at)
    }

    fn item(&self) -> Option<Item<'_>> {
        let head = self.block.heads.get(self.at)?;
        let start = if self.at > 0 { self.block.heads[self.at - 1].end } else { 0 };
        let values = &self.block.values[start..head.end];
        Some(if head.place.is_step { Item::Step(head, values) } else { Item::Row(head, values) })
    }

    /// Leaves out the next step or row. Returns how many steps that are.
    pub(super) fn skip(&mut self) -> u64 {
        let is_step = self.block.heads.get(self.at).is_some_and(|head| head.place.is_step);
        self.at += 1;
        u64::from(is_step)
    }

    /// Takes the next step or row of this run and of another at the same place. Returns how many steps that are.
    pub(super) fn with(&mut self, other: &mut Self, look: impl FnOnce(&Item<'_>, &Item<'_>)) -> u64 {
        if let (Some(a), Some(b)) = (self.item(), other.item()) {
            look(&a, &b);
        }
        other.at += 1;
        self.skip()
    }
}
