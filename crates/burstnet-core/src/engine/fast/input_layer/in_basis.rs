//! W in the coordinates of a basis, and in each block in those of the block.

use std::ops::Range;

use super::super::kernels::{Isa, outer, product};
use super::super::nodes::{MOST_NODES, WINDOW};
use super::super::panel::Panel;
use super::super::stimulus::{Basis, Carried, FRAME, Frame, Input, Stimulus};
use super::halved;
use super::pending::Pending;

/// What the carry may leave outside of a basis, against its norm: the rounding of f32.
const NEGLIGIBLE: f64 = 1e-6;

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

/// W U in the directions of a block.
#[derive(Clone)]
struct Local {
    /// Which block, if any.
    block: Option<usize>,
    /// W U · lift, units × directions.
    weights: Panel,
    /// The same as W U has it, if that does not learn with it.
    known: Panel,
    /// Whether they differ.
    ahead: bool,
}

/// W in a basis U: all that changes of W is in W U.
#[derive(Clone)]
pub(super) struct InBasis {
    isa: Isa,
    inputs: usize,
    entered: Option<Entered>,
    /// W U; in the last column W times the extra direction.
    now: Panel,
    /// The same, as it was when the basis was entered.
    start: Panel,
    /// What weight decay has left of the rest of W since.
    kept: f32,
    /// The extra direction.
    direction: Vec<f32>,
    direction_column: Panel,
    /// The carry in U, and what U makes of that.
    carry: Panel,
    back: Panel,
    local: Local,
    /// Whether so few steps are taught that nodes are computed from W U itself.
    sparse: bool,
    /// Whether so many are taught that W U learns a block's updates at once, from W U · lift.
    dense: bool,
    /// x̃ at nodes, in the directions of their block and in U.
    at_nodes: Panel,
    in_directions: Panel,
    /// A sequence's first block, with the carry.
    first: Frame,
    /// x̃ of one step in U.
    step: Panel,
    row: Vec<f32>,
    /// Numbers of the first frame while it is made: the carry, and its parts along the frame and outside.
    scratch: [Vec<f64>; 3],
}

impl InBasis {
    /// For bases of at most `rank` directions, of which a block needs at most `block_rank`.
    pub(super) fn new(
        isa: Isa,
        units: usize,
        inputs: usize,
        (rank, block_rank): (usize, usize),
        (taught, decays): (f64, bool),
    ) -> Self {
        let (all, few) = (rank as f64, block_rank as f64);
        // Products for each taught step: with four nodes in U, or in the block's directions with a share of those that
        // reduce W U to these.
        let sparse = 4.0 * all < 5.0 * few + all * few / (taught * FRAME as f64);
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
            local: Local {
                block: None,
                weights: Panel::zeros(units, block_rank),
                known: Panel::zeros(units, block_rank),
                ahead: false,
            },
            dense: !sparse && taught * FRAME as f64 > few && !decays,
            sparse,
            at_nodes: Panel::zeros(block_rank, MOST_NODES),
            in_directions: Panel::zeros(rank, MOST_NODES),
            first: Frame {
                rank: 0,
                lift: Panel::zeros(rank, block_rank),
                steps: Panel::zeros(block_rank, FRAME),
                back: Panel::zeros(block_rank, 0),
            },
            step: Panel::zeros(rank, 1),
            row: vec![0.0; rank],
            scratch: [Vec::with_capacity(rank), Vec::with_capacity(block_rank), Vec::with_capacity(rank)],
        }
    }

    /// Bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let Self { now, start, direction_column, carry, back, local, step, at_nodes, in_directions, .. } = self;
        let panels =
            [now, start, direction_column, carry, back, &local.weights, &local.known, step, at_nodes, in_directions]
                .map(Panel::bytes);
        let scratch = self.scratch.iter().map(|numbers| size_of_val(&numbers[..]));
        let rows = size_of_val(&self.direction[..]) + size_of_val(&self.row[..]);
        panels.into_iter().chain(scratch).sum::<usize>() + rows + self.first.bytes()
    }

    /// Before the first step of a sequence, the `sequence`th of `stimulus`.
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
        self.first_frame(&frames[0], entered, outside);
        self.local.block = None;
    }

    /// The carry in the coordinates of a basis, and how much of it is outside: 0 if that is negligible.
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

    /// Puts what W U has learned into W, and stays outside of any basis.
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

    /// The first block's frame, with the carry as a direction more where the frame lacks it.
    fn first_frame(&mut self, own: &Frame, entered: Entered, extra: f64) {
        let directions = entered.directions(0);
        let [carry, along, outside] = &mut self.scratch;
        carry.clear();
        carry.extend((0..entered.rank).map(|i| f64::from(self.carry.at(i, 0))));
        carry.extend(entered.extra.then_some(extra));
        let lift = |i: usize, c: usize| if i < entered.rank { f64::from(own.lift.at(i, c)) } else { 0.0 };
        along.clear();
        along.extend((0..own.rank).map(|c| (0..directions).map(|i| lift(i, c) * carry[i]).sum::<f64>()));
        outside.clear();
        outside.extend((0..directions).map(|i| carry[i] - (0..own.rank).map(|c| lift(i, c) * along[c]).sum::<f64>()));
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let rest = norm(outside);
        let more = rest > NEGLIGIBLE * norm(carry);

        let steps = own.steps.rows();
        self.first.rank = own.rank + usize::from(more);
        self.first.lift.set_size(directions, self.first.rank);
        self.first.lift.copy_columns(&own.lift);
        self.first.steps.set_size(self.first.rank, steps);
        self.first.steps.copy_columns(&own.steps);
        let fading = 0..steps.min(WINDOW);
        for c in 0..own.rank {
            for t in fading.clone() {
                self.first.steps.set(c, t, own.steps.at(c, t) + halved(along[c] as f32, t));
            }
        }
        if more {
            (0..directions).for_each(|i| self.first.lift.set(i, own.rank, (outside[i] / rest) as f32));
            fading.for_each(|t| self.first.steps.set(own.rank, t, halved(rest as f32, t)));
        }
    }

    /// W U in the directions of a block, with all updates.
    fn enter_block(&mut self, pending: &mut Pending, frames: &[Frame], block: usize) {
        if self.local.block == Some(block) {
            return;
        }
        self.settle(pending, frames);
        let Some(entered) = self.entered else { return };
        let frame = frame(frames, &self.first, block);
        let (directions, columns) = (entered.directions(block), 0..frame.rank);
        let Local { weights, known, .. } = &mut self.local;
        product(self.isa, &self.now, directions, &frame.lift, columns, weights, 0, false);
        if self.dense {
            known.data_mut().copy_from_slice(weights.data());
        }
        self.local.block = Some(block);
    }

    /// W x̃ of some steps of a block, into `out` from row `to` on.
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
            let frame = frame(frames, &self.first, block);
            let columns = from - block * FRAME..end - block * FRAME;
            product(
                self.isa,
                &self.local.weights,
                frame.rank,
                &frame.steps,
                columns,
                out,
                to + from - steps.start,
                false,
            );
            from = end;
        }
    }

    /// W x̃ of some steps within [`FRAME`] steps, the last first, into `out` from row `to` on.
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
            if nodes.is_empty() {
                continue;
            }
            let block = steps[nodes.start] / FRAME;
            if self.sparse {
                self.settle(pending, frames);
            } else {
                self.enter_block(pending, frames, block);
            }
            let Some(entered) = self.entered else { return };
            let frame = frame(frames, &self.first, block);
            self.at_nodes.reunit(frame.rank);
            for (row, step) in steps[nodes.clone()].iter().enumerate() {
                self.at_nodes.copy_row_of(&frame.steps, step - block * FRAME, row);
            }
            let (isa, columns, to) = (self.isa, 0..nodes.len(), to + nodes.start);
            if self.sparse {
                let directions = entered.directions(block);
                self.in_directions.reunit(directions);
                product(
                    isa,
                    &frame.lift,
                    frame.rank,
                    &self.at_nodes,
                    columns.clone(),
                    &mut self.in_directions,
                    0,
                    false,
                );
                product(isa, &self.now, directions, &self.in_directions, columns, out, to, false);
            } else {
                product(isa, &self.local.weights, frame.rank, &self.at_nodes, columns, out, to, false);
            }
        }
    }

    /// W ← keep · (W + factor ⊗ x̃) with x̃ of a step.
    pub(super) fn learn(
        &mut self,
        pending: &mut Pending,
        frames: &[Frame],
        step: usize,
        (factor, keep): (&Panel, f32),
    ) {
        let Some(entered) = self.entered else { return };
        let (block, column) = (step / FRAME, step % FRAME);
        let frame = frame(frames, &self.first, block);
        if self.local.block == Some(block) {
            let along = &mut self.row[..frame.rank];
            frame.steps.read_row(column, along);
            outer(self.isa, factor, 0, along, keep, &mut self.local.weights, 0);
            if self.dense && frame.back.rows() > 0 {
                self.local.ahead = true;
                return;
            }
        } else {
            self.local.block = None;
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

    /// Gives W U the updates that wait.
    pub(super) fn settle(&mut self, pending: &mut Pending, frames: &[Frame]) {
        pending.settle(self.isa, &mut self.now);
        if let (Local { block: Some(block), weights, known, ahead: true }, Some(entered)) =
            (&mut self.local, self.entered)
        {
            for (known, now) in known.data_mut().iter_mut().zip(weights.data()) {
                for (known, now) in known.0.iter_mut().zip(&now.0) {
                    *known = now - *known;
                }
            }
            let Frame { rank, back, .. } = &frames[*block];
            product(self.isa, known, *rank, back, 0..entered.rank, &mut self.now, 0, true);
            known.data_mut().copy_from_slice(weights.data());
            self.local.ahead = false;
        }
    }

    /// Whether W is trained in a basis.
    pub(super) fn is_entered(&self) -> bool {
        self.entered.is_some()
    }
}

/// The frame of a block, of which the first has the carry.
fn frame<'a>(frames: &'a [Frame], first: &'a Frame, block: usize) -> &'a Frame {
    if block == 0 { first } else { &frames[block] }
}
