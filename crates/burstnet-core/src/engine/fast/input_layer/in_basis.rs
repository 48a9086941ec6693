//! W in the coordinates of a basis.
//!
//! Few orthonormal directions span the smoothed input of a sequence: x̃(t) = U c(t), so W x̃ = (W U) c(t). Therefore W
//! U, units × directions, is trained in place of W, units × inputs. An update W ← W + f ⊗ x̃ is W U ← W U + f ⊗ c, and
//! nothing else of W changes. When the basis is left, W ← W + (present W U − initial W U) Uᵀ. Weight decay also shrinks
//! the rest of W. A single number, kept, tracks this: W ← kept · W + (present W U − kept · initial W U) Uᵀ. The carry
//! of earlier sequences may need a direction of its own. Within a block, W U is reduced once more
//! ([`in_block`](super::in_block)).

use std::ops::Range;

use super::super::kernels::{Isa, outer, product};
use super::super::panel::Panel;
use super::super::stimulus::{Basis, Carried, Frame, Input, Stimulus};
use super::super::ways::{Blocks, FRAME};
use super::NEGLIGIBLE;
use super::first_frame::FirstFrame;
use super::in_block::InBlock;
use super::pending::Pending;

/// The basis in which W is trained.
#[derive(Clone, Copy, PartialEq)]
struct Entered {
    sequence: usize,
    rank: usize,
    /// True if the carry needs a direction of its own, in addition to the basis.
    extra: bool,
}

impl Entered {
    /// Returns the number of directions that a block needs: only the first one includes the carry.
    fn directions(self, block: usize) -> usize {
        self.rank + usize::from(self.extra && block == 0)
    }
}

/// W in a basis U: only W U changes.
#[derive(Clone)]
pub(super) struct InBasis {
    isa: Isa,
    inputs: usize,
    entered: Option<Entered>,
    /// The present W U; the last column is W times the extra direction.
    now: Panel,
    /// W U at the time when the basis was entered.
    start: Panel,
    /// The fraction of the rest of W that weight decay has left since.
    kept: f32,
    /// The extra direction.
    direction: Vec<f32>,
    direction_column: Panel,
    /// The carry in U, and the vector that U makes of it.
    carry: Panel,
    back: Panel,
    block: InBlock,
    first: FirstFrame,
    /// x̃ of one step in U.
    step: Panel,
    row: Vec<f32>,
}

impl InBasis {
    /// Returns memory for bases of at most `rank` directions, of which a block needs at most `few`.
    pub(super) fn new(isa: Isa, units: usize, inputs: usize, (rank, few): (usize, usize), way: Blocks) -> Self {
        Self {
            isa,
            inputs,
            entered: None,
            now: Panel::zeros(units, rank),
            start: Panel::zeros(units, rank),
            kept: 1.0,
            direction: vec![0.0; inputs],
            direction_column: Panel::zeros(inputs, 1),
            carry: Panel::zeros(rank, 1),
            back: Panel::zeros(inputs, 1),
            block: InBlock::new(isa, units, (rank, few), way),
            first: FirstFrame::new(rank, few),
            step: Panel::zeros(rank, 1),
            row: vec![0.0; rank],
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let Self { now, start, direction_column, carry, back, step, .. } = self;
        let panels = [now, start, direction_column, carry, back, step].map(Panel::bytes);
        let rows = size_of_val(&self.direction[..]) + size_of_val(&self.row[..]);
        panels.into_iter().sum::<usize>() + rows + self.block.bytes() + self.first.bytes()
    }

    /// Prepares for the first step of a sequence, the `sequence`th of `stimulus`.
    pub(super) fn begin(
        &mut self,
        (weights, pending): (&mut Panel, &mut Pending),
        carried: &Carried,
        sequence: usize,
        (basis, frames): (&Basis, &[Frame]),
        stimulus: &Stimulus,
    ) {
        let outside = self.carry_in(basis, carried);
        let entered = Entered { sequence, rank: basis.rank, extra: outside > 0.0 };
        if entered.extra || self.entered != Some(entered) {
            self.leave(weights, pending, stimulus);
            self.enter(weights, entered, basis, carried);
        }
        self.first.make(&frames[0], basis.rank, &self.carry, entered.extra.then_some(outside));
        self.block.leave();
    }

    /// Computes the carry in the coordinates of a basis. Returns the size of the part outside, or 0 if that is
    /// negligible.
    fn carry_in(&mut self, basis: &Basis, carried: &Carried) -> f64 {
        self.carry.reunit(basis.rank);
        product(self.isa, &basis.transposed, self.inputs, carried.carry_column(), 0..1, &mut self.carry, 0, false);
        product(self.isa, &basis.directions, basis.rank, &self.carry, 0..1, &mut self.back, 0, false);
        let (mut norm, mut rest) = (0.0, 0.0);
        for (i, x) in carried.carry().iter().enumerate() {
            let outside = x - self.back.at(i, 0);
            norm += f64::from(*x) * f64::from(*x);
            rest += f64::from(outside) * f64::from(outside);
        }
        let rest = rest.sqrt();
        if rest > NEGLIGIBLE * norm.sqrt() { rest } else { 0.0 }
    }

    fn enter(&mut self, weights: &Panel, entered: Entered, basis: &Basis, carried: &Carried) {
        product(self.isa, weights, self.inputs, &basis.directions, 0..basis.rank, &mut self.now, 0, false);
        if entered.extra {
            let outside = |i: usize| f64::from(carried.carry()[i] - self.back.at(i, 0));
            let norm = (0..self.inputs).map(|i| outside(i) * outside(i)).sum::<f64>().sqrt();
            for (i, direction) in self.direction.iter_mut().enumerate() {
                *direction = (outside(i) / norm) as f32;
            }
            self.direction_column.write_row(0, &self.direction);
            product(self.isa, weights, self.inputs, &self.direction_column, 0..1, &mut self.now, basis.rank, false);
        }
        self.start.data_mut().copy_from_slice(self.now.data());
        self.kept = 1.0;
        self.entered = Some(entered);
    }

    /// Adds to W the changes that W U has learned, and leaves the basis.
    pub(super) fn leave(&mut self, weights: &mut Panel, pending: &mut Pending, stimulus: &Stimulus) {
        let Some(entered) = self.entered else { return };
        let Input::InBasis { basis, frames, .. } = &stimulus.by_id(entered.sequence).input else { return };
        self.settle(pending, frames);
        self.entered = None;
        if self.kept != 1.0 {
            weights.data_mut().iter_mut().flat_map(|vector| &mut vector.0).for_each(|w| *w *= self.kept);
        }
        for (now, start) in self.now.data_mut().iter_mut().zip(self.start.data()) {
            for (now, start) in now.0.iter_mut().zip(&start.0) {
                *now -= self.kept * start;
            }
        }
        product(self.isa, &self.now, entered.rank, &basis.transposed, 0..self.inputs, weights, 0, true);
        if entered.extra {
            outer(self.isa, &self.now, entered.rank, &self.direction, 1.0, weights, 0);
        }
    }

    /// Brings W up to date and enters the same basis again.
    pub(super) fn refresh(
        &mut self,
        weights: &mut Panel,
        pending: &mut Pending,
        carried: &Carried,
        stimulus: &Stimulus,
    ) {
        let entered = self.entered;
        self.leave(weights, pending, stimulus);
        if let Some(entered) = entered
            && let Input::InBasis { basis, .. } = &stimulus.by_id(entered.sequence).input
        {
            self.enter(weights, entered, basis, carried);
        }
    }

    /// Enters a block: computes W U, with all updates, in its directions.
    fn enter_block(&mut self, pending: &mut Pending, frames: &[Frame], block: usize) {
        if self.block.is_in(block) {
            return;
        }
        self.settle(pending, frames);
        let Some(entered) = self.entered else { return };
        self.block.enter(block, &self.now, entered.directions(block), self.first.or_of(frames, block));
    }

    /// Computes W x̃ of some steps, into `out` from row `to` on.
    pub(super) fn products(
        &mut self,
        pending: &mut Pending,
        frames: &[Frame],
        steps: Range<usize>,
        out: &mut Panel,
        to: usize,
    ) {
        let mut from = steps.start;
        while from < steps.end {
            let block = from / FRAME;
            let end = steps.end.min((block + 1) * FRAME);
            self.enter_block(pending, frames, block);
            let columns = from - block * FRAME..end - block * FRAME;
            self.block.products(self.first.or_of(frames, block), columns, out, to + from - steps.start);
            from = end;
        }
    }

    /// Computes W x̃ of some steps within [`FRAME`] steps, the last first, into `out` from row `to` on.
    pub(super) fn products_at(
        &mut self,
        pending: &mut Pending,
        frames: &[Frame],
        steps: &[usize],
        out: &mut Panel,
        to: usize,
    ) {
        let last = steps[0] / FRAME;
        let split = steps.iter().position(|step| step / FRAME != last).unwrap_or(steps.len());
        // The block that is left first.
        for nodes in [split..steps.len(), 0..split] {
            let Some(block) = steps[nodes.clone()].first().map(|step| step / FRAME) else { continue };
            let columns = steps[nodes.clone()].iter().map(|step| step - block * FRAME);
            let to = to + nodes.start;
            if self.block.way == Blocks::Skipped {
                self.settle(pending, frames);
                let Some(entered) = self.entered else { return };
                let now = (&self.now, entered.directions(block));
                self.block.products_in_basis(now, self.first.or_of(frames, block), columns, out, to);
            } else {
                self.enter_block(pending, frames, block);
                self.block.products_at(self.first.or_of(frames, block), columns, out, to);
            }
        }
    }

    /// Updates W ← keep · (W + factor ⊗ x̃) with x̃ of a step.
    pub(super) fn learn(
        &mut self,
        pending: &mut Pending,
        frames: &[Frame],
        step: usize,
        (factor, keep): (&Panel, f32),
    ) {
        let Some(entered) = self.entered else { return };
        let (block, column) = (step / FRAME, step % FRAME);
        let frame = self.first.or_of(frames, block);
        if !self.block.is_in(block) {
            self.block.leave();
        } else if self.block.learn(frame, column, factor, keep) {
            return;
        }
        let directions = entered.directions(block);
        self.step.reunit(directions);
        product(self.isa, &frame.lift, frame.rank, &frame.steps, column..column + 1, &mut self.step, 0, false);
        // The extra direction decays with all others, also where x̃ has nothing of it.
        let row = &mut self.row[..entered.directions(0)];
        row.fill(0.0);
        self.step.read_row(0, &mut row[..directions]);
        pending.take(self.isa, factor, row, keep, &mut self.now);
        self.kept *= keep;
    }

    /// Applies the pending updates to W U.
    pub(super) fn settle(&mut self, pending: &mut Pending, frames: &[Frame]) {
        pending.settle(self.isa, &mut self.now);
        if let Some(entered) = self.entered {
            self.block.give(frames, entered.rank, &mut self.now);
        }
    }

    /// Returns whether W is trained in a basis.
    pub(super) fn is_entered(&self) -> bool {
        self.entered.is_some()
    }
}
