//! W U in the directions of a block.
//!
//! Over the [`FRAME`](super::super::ways::FRAME) steps of a block, slow signals hardly move: x̃ = U · lift · a(t)
//! with a few numbers a(t). So W x̃ = (W U · lift) a(t), and the small matrix W U · lift is made when the block begins.
//! An update W ← W + f ⊗ x̃ adds f ⊗ a(t) to it. W U takes either f ⊗ (lift · a(t)) each time, or all updates at once
//! when the block ends: (present W U · lift − initial W U · lift) · liftᵀ, since the columns of lift are orthonormal.

use std::ops::Range;

use super::super::kernels::{Isa, outer, product};
use super::super::nodes::MOST_NODES;
use super::super::panel::Panel;
use super::super::stimulus::Frame;
use super::super::ways::Blocks;

/// W U in the directions of the block that was entered last.
#[derive(Clone)]
pub(super) struct InBlock {
    isa: Isa,
    pub(super) way: Blocks,
    /// The block, if one is entered.
    block: Option<usize>,
    /// W U · lift, units × directions.
    weights: Panel,
    /// The same without the updates that W U has not taken yet, if W U learns later.
    known: Panel,
    /// True if the two differ.
    ahead: bool,
    /// The values x̃ at nodes in the directions of their block, and in U.
    at_nodes: Panel,
    in_basis: Panel,
    row: Vec<f32>,
}

impl InBlock {
    /// Returns memory for bases of at most `rank` directions, of which a block needs at most `few`.
    pub(super) fn new(isa: Isa, units: usize, (rank, few): (usize, usize), way: Blocks) -> Self {
        Self {
            isa,
            way,
            block: None,
            weights: Panel::zeros(units, few),
            known: Panel::zeros(units, few),
            ahead: false,
            at_nodes: Panel::zeros(few, MOST_NODES),
            in_basis: Panel::zeros(rank, MOST_NODES),
            row: vec![0.0; few],
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let panels = [&self.weights, &self.known, &self.at_nodes, &self.in_basis];
        panels.map(Panel::bytes).into_iter().sum::<usize>() + size_of_val(&self.row[..])
    }

    /// Returns whether this block is entered.
    pub(super) fn is_in(&self, block: usize) -> bool {
        self.block == Some(block)
    }

    /// Leaves the block.
    pub(super) fn leave(&mut self) {
        self.block = None;
    }

    /// Enters a block. `now` is W U with all updates; only its first `directions` columns count.
    pub(super) fn enter(&mut self, block: usize, now: &Panel, directions: usize, frame: &Frame) {
        product(self.isa, now, directions, &frame.lift, 0..frame.rank, &mut self.weights, 0, false);
        if self.way == Blocks::Ahead {
            self.known.data_mut().copy_from_slice(self.weights.data());
        }
        self.block = Some(block);
    }

    /// Computes W x̃ of some steps of the block, into `out` from row `to` on.
    pub(super) fn products(&self, frame: &Frame, steps: Range<usize>, out: &mut Panel, to: usize) {
        product(self.isa, &self.weights, frame.rank, &frame.steps, steps, out, to, false);
    }

    /// Does the same for steps that do not follow each other.
    pub(super) fn products_at(
        &mut self,
        frame: &Frame,
        steps: impl Iterator<Item = usize>,
        out: &mut Panel,
        to: usize,
    ) {
        let count = self.gather(frame, steps);
        product(self.isa, &self.weights, frame.rank, &self.at_nodes, 0..count, out, to, false);
    }

    /// Does the same from W U itself, of which only the first `directions` columns count.
    pub(super) fn products_in_basis(
        &mut self,
        (now, directions): (&Panel, usize),
        frame: &Frame,
        steps: impl Iterator<Item = usize>,
        out: &mut Panel,
        to: usize,
    ) {
        let count = self.gather(frame, steps);
        self.in_basis.reunit(directions);
        product(self.isa, &frame.lift, frame.rank, &self.at_nodes, 0..count, &mut self.in_basis, 0, false);
        product(self.isa, now, directions, &self.in_basis, 0..count, out, to, false);
    }

    fn gather(&mut self, frame: &Frame, steps: impl Iterator<Item = usize>) -> usize {
        self.at_nodes.reunit(frame.rank);
        steps.enumerate().map(|(row, step)| self.at_nodes.copy_row_of(&frame.steps, step, row)).count()
    }

    /// Takes an update with x̃ of a step of the block. Returns whether W U can take it later.
    pub(super) fn learn(&mut self, frame: &Frame, step: usize, factor: &Panel, keep: f32) -> bool {
        let along = &mut self.row[..frame.rank];
        frame.steps.read_row(step, along);
        outer(self.isa, factor, 0, along, keep, &mut self.weights, 0);
        // A first block with the carry has no transposed lift.
        let later = self.way == Blocks::Ahead && frame.back.rows() > 0;
        self.ahead |= later;
        later
    }

    /// Gives W U, of `rank` directions, the updates that it has not taken.
    pub(super) fn give(&mut self, frames: &[Frame], rank: usize, now: &mut Panel) {
        let Some(frame) = self.block.and_then(|block| frames.get(block)).filter(|_| self.ahead) else { return };
        for (known, weights) in self.known.data_mut().iter_mut().zip(self.weights.data()) {
            known.0 = std::array::from_fn(|lane| weights.0[lane] - known.0[lane]);
        }
        product(self.isa, &self.known, frame.rank, &frame.back, 0..rank, now, 0, true);
        self.known.data_mut().copy_from_slice(self.weights.data());
        self.ahead = false;
    }
}
