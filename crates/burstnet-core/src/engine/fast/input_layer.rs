//! The weights that read the input: trained in the coordinates of the input's basis, or as they are.

use std::ops::Range;

use super::kernels::{Isa, LANES, lane_sums, outer, product};
use super::panel::Panel;
use super::stimulus::{Basis, Carried, Frame, Input, Shown, Stimulus};
use crate::config::Dynamics;
use crate::engine::BLOCK;

/// What the carry may leave outside of a basis, against its norm: the rounding of f32.
const NEGLIGIBLE: f64 = 1e-6;

/// Weights of the first layer.
pub(super) struct InputLayer {
    isa: Isa,
    inputs: usize,
    /// W, units × inputs; where a basis is entered, as it was then.
    weights: Panel,
    entered: Option<Entered>,
    carried: Carried,
    coordinates: Coordinates,
    local: Local,
    pending: Pending,
}

/// Which basis W is trained in.
#[derive(Clone, Copy, PartialEq)]
struct Entered {
    sequence: usize,
    rank: usize,
    /// Whether the carry needs a direction of its own, beside the basis.
    extra: bool,
}

impl Entered {
    /// Directions that a block needs: only the first sees the carry.
    fn directions(self, block: usize) -> usize {
        self.rank + usize::from(self.extra && block == 0)
    }
}

/// W in a basis U: all that changes of W is in W U.
struct Coordinates {
    /// W U; in the last column W times the extra direction.
    now: Panel,
    /// The same, as it was when the basis was entered.
    start: Panel,
    /// What weight decay has left of the rest of W since.
    kept: f32,
    /// The extra direction.
    direction: Vec<f32>,
    direction_column: Panel,
    /// The carry, and x̃ of one step, in U.
    carry: Panel,
    step: Panel,
    back: Panel,
}

/// What belongs to one block.
struct Local {
    /// W U · lift, units × directions of the block.
    weights: Panel,
    /// A sequence's first block with the carry: in a basis, or step by step.
    first: Frame,
    first_steps: Panel,
    row: Vec<f32>,
    column: Panel,
    products: Vec<f32>,
}

/// Updates that W, or W U, has yet to take.
struct Pending {
    count: usize,
    /// How many coordinates they have.
    coordinates: usize,
    /// Units × updates.
    factors: Panel,
    /// Updates × coordinates.
    coefficients: Panel,
}

impl InputLayer {
    /// W as drawn or given, units × inputs.
    pub(super) fn new(
        isa: Isa,
        dynamics: Dynamics,
        weights: Panel,
        units: usize,
        inputs: usize,
        stimulus: &Stimulus,
    ) -> Self {
        let (rank, block_rank) = stimulus.most_directions();
        let coordinates = rank.max(inputs);
        Self {
            isa,
            inputs,
            weights,
            entered: None,
            carried: Carried::new(dynamics, inputs),
            coordinates: Coordinates {
                now: Panel::zeros(units, rank),
                start: Panel::zeros(units, rank),
                kept: 1.0,
                direction: vec![0.0; inputs],
                direction_column: Panel::zeros(inputs, 1),
                carry: Panel::zeros(rank, 1),
                step: Panel::zeros(rank, 1),
                back: Panel::zeros(inputs, 1),
            },
            local: Local {
                weights: Panel::zeros(units, block_rank),
                first: Frame { rank: 0, lift: Panel::zeros(rank, block_rank), steps: Panel::zeros(block_rank, BLOCK) },
                first_steps: Panel::zeros(inputs, if stimulus.is_direct() { BLOCK } else { 0 }),
                row: vec![0.0; coordinates],
                column: Panel::zeros(inputs, 1),
                products: vec![0.0; BLOCK],
            },
            pending: Pending {
                count: 0,
                coordinates: 0,
                factors: Panel::zeros(units, LANES),
                coefficients: Panel::zeros(LANES, coordinates),
            },
        }
    }

    /// Before the first step of a sequence.
    pub(super) fn begin(&mut self, shown: &Shown, stimulus: &Stimulus) {
        self.carried.enter(&shown.first);
        match &shown.input {
            Input::Direct(blocks) => {
                self.leave(stimulus);
                let steps = &mut self.local.first_steps;
                steps.reshape(blocks[0].rows());
                steps.data_mut().copy_from_slice(blocks[0].data());
                for t in 0..steps.rows() {
                    for (i, carry) in self.carried.carry().iter().enumerate() {
                        let x = steps.at(i, t) + halved(*carry, t);
                        steps.set(i, t, x);
                    }
                }
            }
            Input::InBasis { basis, frames } => {
                let extra = self.carry_in(basis);
                let entered = Entered { sequence: shown.id, rank: basis.rank, extra: extra > 0.0 };
                if entered.extra || self.entered != Some(entered) {
                    self.leave(stimulus);
                    self.enter(entered, basis);
                }
                self.first_frame(&frames[0], entered, extra);
            }
        }
    }

    /// The carry in the coordinates of a basis, and how much of it is outside: 0 if that is negligible.
    fn carry_in(&mut self, basis: &Basis) -> f64 {
        let Coordinates { carry, back, .. } = &mut self.coordinates;
        carry.reunit(basis.rank);
        product(self.isa, &basis.transposed, self.inputs, self.carried.carry_column(), 0..1, carry, 0, false);
        product(self.isa, &basis.directions, basis.rank, carry, 0..1, back, 0, false);
        let (mut norm, mut rest) = (0.0, 0.0);
        for (i, x) in self.carried.carry().iter().enumerate() {
            let outside = x - back.at(i, 0);
            norm += f64::from(*x) * f64::from(*x);
            rest += f64::from(outside) * f64::from(outside);
        }
        let rest = rest.sqrt();
        if rest > NEGLIGIBLE * norm.sqrt() { rest } else { 0.0 }
    }

    /// The first block's frame, with the carry as a direction more where the frame lacks it.
    fn first_frame(&mut self, own: &Frame, entered: Entered, extra: f64) {
        let directions = entered.directions(0);
        let carry: Vec<f64> = (0..entered.rank)
            .map(|i| f64::from(self.coordinates.carry.at(i, 0)))
            .chain(entered.extra.then_some(extra))
            .collect();
        let lift = |i: usize, c: usize| if i < entered.rank { f64::from(own.lift.at(i, c)) } else { 0.0 };
        let along: Vec<f64> = (0..own.rank).map(|c| (0..directions).map(|i| lift(i, c) * carry[i]).sum()).collect();
        let outside: Vec<f64> =
            (0..directions).map(|i| carry[i] - (0..own.rank).map(|c| lift(i, c) * along[c]).sum::<f64>()).collect();
        let rest = outside.iter().map(|x| x * x).sum::<f64>().sqrt();
        let norm = carry.iter().map(|x| x * x).sum::<f64>().sqrt();
        let more = rest > NEGLIGIBLE * norm;

        let first = &mut self.local.first;
        first.rank = own.rank + usize::from(more);
        first.lift.reunit(directions);
        first.lift.reshape(first.rank);
        first.steps.reunit(first.rank);
        first.steps.reshape(own.steps.rows());
        for c in 0..own.rank {
            for i in 0..directions {
                first.lift.set(i, c, lift(i, c) as f32);
            }
            for t in 0..own.steps.rows() {
                first.steps.set(c, t, own.steps.at(c, t) + halved(along[c] as f32, t));
            }
        }
        if more {
            for i in 0..directions {
                first.lift.set(i, own.rank, (outside[i] / rest) as f32);
            }
            for t in 0..own.steps.rows() {
                first.steps.set(own.rank, t, halved(rest as f32, t));
            }
        }
    }

    fn enter(&mut self, entered: Entered, basis: &Basis) {
        let Coordinates { now, start, kept, direction, direction_column, back, .. } = &mut self.coordinates;
        product(self.isa, &self.weights, self.inputs, &basis.directions, 0..basis.rank, now, 0, false);
        if entered.extra {
            let carry = self.carried.carry();
            let outside = |i: usize| carry[i] - back.at(i, 0);
            let norm = (0..self.inputs).map(|i| f64::from(outside(i)) * f64::from(outside(i))).sum::<f64>().sqrt();
            for (i, direction) in direction.iter_mut().enumerate() {
                *direction = (f64::from(outside(i)) / norm) as f32;
            }
            direction_column.write_row(0, direction);
            product(self.isa, &self.weights, self.inputs, direction_column, 0..1, now, basis.rank, false);
        }
        start.data_mut().copy_from_slice(now.data());
        *kept = 1.0;
        self.entered = Some(entered);
    }

    /// Puts what W U has learned into W, and stays outside of any basis.
    pub(super) fn leave(&mut self, stimulus: &Stimulus) {
        let Some(entered) = self.entered.take() else { return };
        let Input::InBasis { basis, .. } = &stimulus.by_id(entered.sequence).input else { return };
        let Coordinates { now, start, kept, direction, .. } = &mut self.coordinates;
        if *kept != 1.0 {
            self.weights.data_mut().iter_mut().flat_map(|vector| &mut vector.0).for_each(|w| *w *= *kept);
        }
        for (now, start) in now.data_mut().iter_mut().zip(start.data()) {
            for (now, start) in now.0.iter_mut().zip(&start.0) {
                *now -= *kept * start;
            }
        }
        product(self.isa, now, entered.rank, &basis.transposed, 0..self.inputs, &mut self.weights, 0, true);
        if entered.extra {
            outer(self.isa, now, entered.rank, direction, 1.0, &mut self.weights, 0);
        }
    }

    /// Before the first step of a block. `out` is units × (the step before, then the steps of the block).
    pub(super) fn begin_block(&mut self, shown: &Shown, block: usize, out: &mut Panel) {
        match &shown.input {
            Input::Direct(blocks) => {
                let steps = if block == 0 { &self.local.first_steps } else { &blocks[block] };
                product(self.isa, &self.weights, self.inputs, steps, 0..steps.rows(), out, 1, false);
            }
            Input::InBasis { frames, .. } => {
                let Some(entered) = self.entered else { return };
                let frame = if block == 0 { &self.local.first } else { &frames[block] };
                let local = &mut self.local.weights;
                let directions = entered.directions(block);
                product(self.isa, &self.coordinates.now, directions, &frame.lift, 0..frame.rank, local, 0, false);
            }
        }
    }

    /// W x̃ of some steps of a block, into `out`, whose row 0 is the step before the block.
    pub(super) fn products(&self, shown: &Shown, block: usize, steps: Range<usize>, out: &mut Panel) {
        match &shown.input {
            Input::Direct(_) => {} // they are there since the block began
            Input::InBasis { frames, .. } => {
                let frame = if block == 0 { &self.local.first } else { &frames[block] };
                let to = steps.start + 1;
                product(self.isa, &self.local.weights, frame.rank, &frame.steps, steps, out, to, false);
            }
        }
    }

    /// W ← keep · (W + factor ⊗ x̃) with x̃ of `step` of a block; `out` as in [`InputLayer::products`], of which only
    /// later steps change.
    pub(super) fn learn(
        &mut self,
        shown: &Shown,
        (block, step): (usize, usize),
        factor: &Panel,
        keep: f32,
        out: &mut Panel,
    ) {
        let Local { weights: local, first, first_steps, row, column, products } = &mut self.local;
        match &shown.input {
            Input::Direct(blocks) => {
                let steps = if block == 0 { &*first_steps } else { &blocks[block] };
                column.copy_row_of(steps, step, 0);
                let later = step + 1..steps.rows();
                let products = &mut products[..later.len()];
                lane_sums(self.isa, column, steps, later, products);
                outer(self.isa, factor, 0, products, keep, out, step + 2);
                let row = &mut row[..self.inputs];
                column.read_row(0, row);
                self.pending.take(self.isa, factor, row, keep, &mut self.weights);
            }
            Input::InBasis { frames, .. } => {
                let Some(entered) = self.entered else { return };
                let frame = if block == 0 { &*first } else { &frames[block] };
                let along = &mut row[..frame.rank];
                frame.steps.read_row(step, along);
                outer(self.isa, factor, 0, along, keep, local, 0);
                let coordinates = &mut self.coordinates;
                coordinates.step.reunit(entered.directions(block));
                product(
                    self.isa,
                    &frame.lift,
                    frame.rank,
                    &frame.steps,
                    step..step + 1,
                    &mut coordinates.step,
                    0,
                    false,
                );
                let row = &mut row[..entered.directions(block)];
                coordinates.step.read_row(0, row);
                self.pending.take(self.isa, factor, row, keep, &mut coordinates.now);
                coordinates.kept *= keep;
            }
        }
    }

    /// After the last step of a block.
    pub(super) fn end_block(&mut self) {
        let target = if self.entered.is_some() { &mut self.coordinates.now } else { &mut self.weights };
        self.pending.settle(self.isa, target);
    }

    /// After the last step of a sequence.
    pub(super) fn end(&mut self, shown: &Shown) {
        self.carried.leave(shown);
    }

    /// The largest absolute value of a weight; infinite if one is not a number.
    pub(super) fn largest(&mut self, stimulus: &Stimulus) -> f32 {
        let entered = self.entered;
        self.settle(stimulus);
        let largest = self.weights.largest();
        if let Some(entered) = entered
            && let Input::InBasis { basis, .. } = &stimulus.by_id(entered.sequence).input
        {
            self.enter(entered, basis);
        }
        largest
    }

    /// Brings all that was learned into W.
    pub(super) fn settle(&mut self, stimulus: &Stimulus) {
        self.end_block();
        self.leave(stimulus);
    }

    /// W, units × inputs, as it was when it was settled last.
    pub(super) fn weights(&self) -> &Panel {
        &self.weights
    }
}

/// x / 2^(t + 1)
fn halved(x: f32, t: usize) -> f32 {
    x * f32::from_bits((126 - t.min(125) as u32) << 23)
}

impl Pending {
    /// Takes an update of `target`: at once if the weights decay with it, since the order matters then.
    fn take(&mut self, isa: Isa, factor: &Panel, coefficients: &[f32], keep: f32, target: &mut Panel) {
        if keep != 1.0 {
            outer(isa, factor, 0, coefficients, keep, target, 0);
            return;
        }
        self.factors.copy_row_of(factor, 0, self.count);
        for (vector, c) in self.coefficients.data_mut().iter_mut().zip(coefficients) {
            vector.0[self.count] = *c;
        }
        self.coordinates = coefficients.len();
        self.count += 1;
        if self.count == LANES {
            self.settle(isa, target);
        }
    }

    /// Adds all updates to `target`.
    fn settle(&mut self, isa: Isa, target: &mut Panel) {
        if self.count > 0 {
            product(isa, &self.factors, self.count, &self.coefficients, 0..self.coordinates, target, 0, true);
            self.count = 0;
        }
    }
}
