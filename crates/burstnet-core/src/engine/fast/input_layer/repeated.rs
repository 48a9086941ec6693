//! One sequence of full rank that is shown again and again: learning in the space of its steps.
//!
//! Every update of W is a factor f times x̃(s) of one of the sequence's steps. So from one showing to the next,
//!
//! W x̃(t) changes by Σₛ f(s) (x̃(s) · x̃(t)), and W by Σₛ f(s) ⊗ x̃(s).
//!
//! The inner products depend on no weight and are computed once. Each step then takes as many products as there are
//! taught steps, in place of as many as there are inputs (the dual form of a linear model; Aizerman, Braverman &
//! Rozonoer 1964).

use std::ops::Range;

use super::super::kernels::{Isa, outer, product, updates};
use super::super::panel::Panel;
use super::super::vector::{LANES, Vector};
use super::direct::Direct;
use crate::engine::BLOCK;

/// W in the space of the steps of a sequence.
#[derive(Clone)]
pub(super) struct Repeated {
    isa: Isa,
    /// The products W x̃ of all steps, with the updates that each block has seen.
    products: Panel,
    /// For each step, the sum of its factors since W itself was last brought up to date.
    learned: Panel,
    /// The latest updates (units × updates), and the steps that they learned from.
    factors: Panel,
    steps: Vec<usize>,
    /// For each block, the number of the latest updates that its products include; `None` before they are made.
    seen: Vec<Option<usize>>,
    coefficients: Vec<f32>,
}

impl Repeated {
    /// Returns memory for a sequence of `steps` steps, of which about `taught` are taught in each showing.
    pub(super) fn new(isa: Isa, units: usize, steps: usize, taught: f64) -> Self {
        let room = 64 + (2.5 * taught) as usize;
        Self {
            isa,
            products: Panel::zeros(units, steps.next_multiple_of(BLOCK)),
            learned: Panel::zeros(units, steps),
            factors: Panel::zeros(units, room),
            steps: Vec::with_capacity(room),
            seen: vec![None; steps.div_ceil(BLOCK)],
            coefficients: vec![0.0; BLOCK],
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let rows = size_of_val(&self.steps[..]) + size_of_val(&self.seen[..]) + size_of_val(&self.coefficients[..]);
        self.products.bytes() + self.learned.bytes() + self.factors.bytes() + rows
    }

    /// Prepares for the first step of a showing: forgets the updates that all blocks have seen.
    pub(super) fn begin(&mut self) {
        let Some(old) = self.seen.iter().copied().min().flatten().filter(|old| *old > 0) else { return };
        for update in old..self.steps.len() {
            self.factors.copy_row(update, update - old);
        }
        self.steps.drain(..old);
        self.seen.iter_mut().flatten().for_each(|seen| *seen -= old);
    }

    /// Writes W x̃ of all steps of a block into `out`, whose row 0 is the step before.
    pub(super) fn begin_block(
        &mut self,
        weights: &Panel,
        (direct, blocks): (&Direct, &[Panel]),
        gram: &Panel,
        block: usize,
        out: &mut Panel,
    ) {
        self.bring_up(weights, (direct, blocks), gram, block);
        let rows = block_steps(block, self.learned.rows());
        for v in 0..out.vectors() {
            out.span_mut(v, 1..rows.len() + 1).copy_from_slice(self.products.span(v, rows.clone()));
        }
    }

    /// Applies all updates to the products of a block.
    fn bring_up(&mut self, weights: &Panel, (direct, blocks): (&Direct, &[Panel]), gram: &Panel, block: usize) {
        let seen = self.seen[block].unwrap_or_else(|| {
            direct.begin_block(weights, blocks, block, &mut self.products, block * BLOCK);
            0
        });
        let all = self.steps.len();
        let rows = block_steps(block, self.learned.rows());
        updates(self.isa, &self.factors, seen..all, &self.steps, gram, rows, &mut self.products);
        self.seen[block] = Some(all);
    }

    /// Updates W ← W + factor ⊗ x̃ with x̃ of `step` of a block, and accordingly the products in `out` for later steps.
    pub(super) fn learn(
        &mut self,
        weights: &Panel,
        (direct, blocks): (&Direct, &[Panel]),
        gram: &Panel,
        (block, step): (usize, usize),
        factor: &Panel,
        out: &mut Panel,
    ) {
        let rows = block_steps(block, self.learned.rows());
        let learned = rows.start + step;
        let coefficients = &mut self.coefficients[..rows.end - learned - 1];
        for (t, c) in (learned + 1..).zip(coefficients.iter_mut()) {
            *c = gram.at(t, learned);
        }
        outer(self.isa, factor, 0, coefficients, 1.0, out, step + 2);
        outer(self.isa, factor, 0, &[1.0], 1.0, &mut self.learned, learned);
        if self.steps.len() == self.factors.rows() {
            self.bring_up_all(weights, (direct, blocks), gram);
        }
        self.factors.copy_row_of(factor, 0, self.steps.len());
        self.steps.push(learned);
    }

    fn bring_up_all(&mut self, weights: &Panel, source: (&Direct, &[Panel]), gram: &Panel) {
        for block in 0..self.seen.len() {
            self.bring_up(weights, source, gram, block);
        }
        self.steps.clear();
        self.seen.fill(Some(0));
    }

    /// Applies all learned updates to W.
    pub(super) fn settle(&mut self, weights: &mut Panel, (direct, blocks): (&Direct, &[Panel]), gram: &Panel) {
        self.bring_up_all(weights, (direct, blocks), gram);
        let inputs = weights.rows();
        for block in 0..blocks.len() {
            let rows = block_steps(block, self.learned.rows());
            let n = rows.len();
            let mut left = Panel::zeros(self.learned.vectors() * LANES, n);
            for v in 0..left.vectors() {
                left.span_mut(v, 0..n).copy_from_slice(self.learned.span(v, rows.clone()));
            }
            let steps = direct.steps(blocks, block);
            let right = steps.turned(inputs, n);
            product(self.isa, &left, n, &right, 0..inputs, weights, 0, true);
        }
        self.learned.data_mut().fill(Vector::ZERO);
    }
}

/// Returns the steps of a block of a sequence of `steps` steps.
fn block_steps(block: usize, steps: usize) -> Range<usize> {
    block * BLOCK..steps.min((block + 1) * BLOCK)
}

/// Computes x̃(s) · x̃(t) for all steps of a sequence, with steps t along the lanes.
pub(super) fn gram(isa: Isa, direct: &Direct, blocks: &[Panel], inputs: usize) -> Panel {
    let steps: usize = blocks.iter().map(Panel::rows).sum();
    let mut gram = Panel::zeros(steps, steps);
    for a in 0..blocks.len() {
        let left = direct.steps(blocks, a).turned(inputs, blocks[a].rows());
        for b in 0..blocks.len() {
            let right = direct.steps(blocks, b);
            let mut part = Panel::zeros(blocks[a].rows(), right.rows());
            product(isa, &left, inputs, right, 0..right.rows(), &mut part, 0, false);
            for v in 0..part.vectors() {
                let to = b * BLOCK..b * BLOCK + right.rows();
                gram.span_mut(a * BLOCK / LANES + v, to).copy_from_slice(part.span(v, 0..right.rows()));
            }
        }
    }
    gram
}
