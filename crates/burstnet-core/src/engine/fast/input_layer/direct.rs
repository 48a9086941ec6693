//! W in its original form, for inputs that no basis spans.
//!
//! All products W x̃(t) of a block are computed together when it begins. An update W ← W + f ⊗ x̃(s) within it then
//! adds f (x̃(s) · x̃(t)) to those of all later steps t. W itself takes sixteen updates in one pass
//! ([`pending`](super::pending)).

use super::super::kernels::{Isa, lane_sums, outer, product};
use super::super::panel::Panel;
use super::super::stimulus::Carried;
use super::halved;
use super::pending::Pending;
use crate::engine::BLOCK;

/// The data of a sequence whose input is taken step by step.
#[derive(Clone)]
pub(super) struct Direct {
    isa: Isa,
    inputs: usize,
    /// The first block, with the carry: inputs × steps.
    first: Panel,
    column: Panel,
    row: Vec<f32>,
    products: Vec<f32>,
}

impl Direct {
    pub(super) fn new(isa: Isa, inputs: usize) -> Self {
        Self {
            isa,
            inputs,
            first: Panel::zeros(inputs, BLOCK),
            column: Panel::zeros(inputs, 1),
            row: vec![0.0; inputs],
            products: vec![0.0; BLOCK],
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let rows = size_of_val(&self.row[..]) + size_of_val(&self.products[..]);
        self.first.bytes() + self.column.bytes() + rows
    }

    /// Prepares for the first step of a sequence.
    pub(super) fn begin(&mut self, blocks: &[Panel], carried: &Carried) {
        self.first.reshape(blocks[0].rows());
        self.first.data_mut().copy_from_slice(blocks[0].data());
        for t in 0..self.first.rows() {
            for (i, carry) in carried.carry().iter().enumerate() {
                let x = self.first.at(i, t) + halved(*carry, t);
                self.first.set(i, t, x);
            }
        }
    }

    /// Returns x̃ of a block, inputs × steps.
    pub(super) fn steps<'a>(&'a self, blocks: &'a [Panel], block: usize) -> &'a Panel {
        if block == 0 { &self.first } else { &blocks[block] }
    }

    /// Computes W x̃ of all steps of a block.
    pub(super) fn begin_block(&self, weights: &Panel, blocks: &[Panel], block: usize, out: &mut Panel, to: usize) {
        let steps = self.steps(blocks, block);
        product(self.isa, weights, self.inputs, steps, 0..steps.rows(), out, to, false);
    }

    /// Updates W ← keep · (W + factor ⊗ x̃) with x̃ of `step` of a block, and accordingly the products in `out` for
    /// later steps.
    pub(super) fn learn(
        &mut self,
        (weights, pending): (&mut Panel, &mut Pending),
        blocks: &[Panel],
        (block, step): (usize, usize),
        (factor, keep): (&Panel, f32),
        out: &mut Panel,
    ) {
        let steps = if block == 0 { &self.first } else { &blocks[block] };
        self.column.copy_row_of(steps, step, 0);
        let later = step + 1..steps.rows();
        let products = &mut self.products[..later.len()];
        lane_sums(self.isa, &self.column, steps, later, products);
        outer(self.isa, factor, 0, products, keep, out, step + 2);
        self.column.read_row(0, &mut self.row);
        pending.take(self.isa, factor, &self.row, keep, weights);
    }
}
