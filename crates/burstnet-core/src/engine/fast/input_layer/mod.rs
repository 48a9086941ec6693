//! The weights that read the input. They are trained in the coordinates of the input's basis, in the space of its
//! steps, or in their original form. [`ways`](super::ways) chooses.

mod direct;
mod first_frame;
mod in_basis;
mod in_block;
mod pending;
mod repeated;

use std::ops::Range;

use super::kernels::Isa;
use super::panel::Panel;
use super::stimulus::{Carried, Input, Shown, Stimulus};
use super::ways::{self, Blocks};
use crate::config::Dynamics;
use crate::engine::BLOCK;
use direct::Direct;
use in_basis::InBasis;
use pending::Pending;
use repeated::Repeated;

/// The part of the carry that may remain outside of a basis or a frame, relative to its norm: the rounding of f32.
const NEGLIGIBLE: f64 = 1e-6;

/// A copy of the state that changes when weights are only read.
pub(super) struct Kept {
    in_basis: InBasis,
    pending: Pending,
}

/// The weights of the first layer.
#[derive(Clone)]
pub(super) struct InputLayer {
    isa: Isa,
    inputs: usize,
    /// W, units × inputs. Updates since it was settled last may be stored elsewhere.
    weights: Panel,
    pending: Pending,
    carried: Carried,
    in_basis: InBasis,
    direct: Option<Direct>,
    repeated: Option<Repeated>,
    /// True if the sequence is shown in the space of its steps.
    repeats: bool,
}

impl InputLayer {
    /// Returns the layer with the initial W, units × inputs. `taught` is the fraction of the steps that are taught, and
    /// `decays` tells whether weights decay.
    pub(super) fn new(
        isa: Isa,
        dynamics: Dynamics,
        weights: Panel,
        (units, inputs): (usize, usize),
        stimulus: &Stimulus,
        (taught, decays): (f64, bool),
    ) -> Self {
        let directions = stimulus.most_directions();
        let steps = stimulus.steps();
        let blocks = Blocks::new(directions, taught, decays);
        let taught = taught * steps as f64;
        let repeats = stimulus.repeats() && ways::in_space_of_steps(taught, inputs, decays);
        Self {
            isa,
            inputs,
            weights,
            pending: Pending::new(units, directions.0.max(if stimulus.is_direct() { inputs } else { 0 })),
            carried: Carried::new(dynamics, inputs),
            in_basis: InBasis::new(isa, units, inputs, directions, blocks),
            direct: stimulus.is_direct().then(|| Direct::new(isa, inputs)),
            repeated: repeats.then(|| Repeated::new(isa, units, steps, taught)),
            repeats: false,
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        let own = self.weights.bytes() + self.pending.bytes() + self.carried.bytes() + self.in_basis.bytes();
        own + self.direct.as_ref().map_or(0, Direct::bytes) + self.repeated.as_ref().map_or(0, Repeated::bytes)
    }

    /// Prepares for the first step of a sequence.
    pub(super) fn begin(&mut self, shown: &Shown, stimulus: &Stimulus) {
        let same = self.carried.enter(&shown.first);
        match &shown.input {
            Input::Direct { blocks, .. } => {
                self.in_basis.leave(&mut self.weights, &mut self.pending, stimulus);
                if let Some(direct) = &mut self.direct
                    && !self.repeats
                {
                    direct.begin(blocks, &self.carried);
                }
                // From the second showing on, what a sequence carries into itself is the same.
                self.repeats = same && self.repeated.is_some();
                if let Some(repeated) = self.repeated.as_mut().filter(|_| self.repeats) {
                    repeated.begin();
                }
            }
            Input::InBasis { basis, frames, .. } => {
                let source = (basis, &frames[..]);
                let target = (&mut self.weights, &mut self.pending);
                self.in_basis.begin(target, &self.carried, shown.id, source, stimulus);
            }
        }
    }

    /// Prepares for the first step of a block of [`BLOCK`]. `out` is units × (the step before, then the steps of the
    /// block).
    pub(super) fn begin_block(&mut self, shown: &Shown, block: usize, out: &mut Panel) {
        match (&shown.input, &self.direct, &mut self.repeated) {
            (Input::Direct { blocks, gram }, Some(direct), Some(repeated)) if self.repeats => {
                let gram = gram.get_or_init(|| repeated::gram(self.isa, direct, blocks, self.inputs));
                repeated.begin_block(&self.weights, (direct, blocks), gram, block, out);
            }
            (Input::Direct { blocks, .. }, Some(direct), _) => {
                direct.begin_block(&self.weights, blocks, block, out, 1);
            }
            (Input::Direct { .. }, None, _) | (Input::InBasis { .. }, ..) => {}
        }
    }

    /// Computes W x̃ of some steps, into `out` from row `to` on.
    pub(super) fn products(&mut self, shown: &Shown, steps: Range<usize>, out: &mut Panel, to: usize) {
        match &shown.input {
            Input::Direct { .. } => {} // they are there since the block began
            Input::InBasis { frames, .. } => self.in_basis.products(&mut self.pending, frames, steps, out, to),
        }
    }

    /// Computes W x̃ of a few steps that lie close together, the last first, into `out` from row `to` on. This requires
    /// that a basis spans x̃.
    pub(super) fn products_at(&mut self, shown: &Shown, steps: &[usize], out: &mut Panel, to: usize) {
        if let Input::InBasis { frames, .. } = &shown.input {
            self.in_basis.products_at(&mut self.pending, frames, steps, out, to);
        }
    }

    /// Updates W ← keep · (W + factor ⊗ x̃) with x̃ of a step. `out` has the products of its block, as
    /// [`InputLayer::begin_block`] leaves them; those of later steps change.
    pub(super) fn learn(&mut self, shown: &Shown, step: usize, (factor, keep): (&Panel, f32), out: &mut Panel) {
        let at = (step / BLOCK, step % BLOCK);
        match (&shown.input, &mut self.direct, &mut self.repeated) {
            (Input::Direct { blocks, gram }, Some(direct), Some(repeated)) if self.repeats => {
                if let Some(gram) = gram.get() {
                    repeated.learn(&self.weights, (direct, blocks), gram, at, factor, out);
                }
            }
            (Input::Direct { blocks, .. }, Some(direct), _) => {
                direct.learn((&mut self.weights, &mut self.pending), blocks, at, (factor, keep), out);
            }
            (Input::Direct { .. }, None, _) => {}
            (Input::InBasis { frames, .. }, ..) => {
                self.in_basis.learn(&mut self.pending, frames, step, (factor, keep));
            }
        }
    }

    /// Returns the state that changes when weights are only read, for [`InputLayer::put_back`].
    pub(super) fn kept(&self) -> Kept {
        Kept { in_basis: self.in_basis.clone(), pending: self.pending.clone() }
    }

    /// Restores the state as if nothing had been read.
    pub(super) fn put_back(&mut self, kept: Kept) {
        self.in_basis = kept.in_basis;
        self.pending = kept.pending;
    }

    /// Finishes a block of [`BLOCK`] after its last step.
    pub(super) fn end_block(&mut self) {
        if !self.in_basis.is_entered() {
            self.pending.settle(self.isa, &mut self.weights);
        }
    }

    /// Finishes a sequence after its last step.
    pub(super) fn end(&mut self, shown: &Shown) {
        if let Input::InBasis { frames, .. } = &shown.input {
            self.in_basis.settle(&mut self.pending, frames);
        }
        self.carried.leave(shown);
    }

    /// Returns the largest absolute value of a weight; infinite if one is not a number.
    pub(super) fn largest(&mut self, stimulus: &Stimulus) -> f32 {
        self.end_block();
        self.settle_repeated(stimulus);
        self.in_basis.refresh(&mut self.weights, &mut self.pending, &self.carried, stimulus);
        self.weights.largest()
    }

    /// Applies all learned updates to W.
    pub(super) fn settle(&mut self, stimulus: &Stimulus) {
        self.end_block();
        self.settle_repeated(stimulus);
        self.in_basis.leave(&mut self.weights, &mut self.pending, stimulus);
    }

    /// Returns W with the values that [`InputLayer::settle`] would give it.
    pub(super) fn settled(&self, stimulus: &Stimulus) -> Panel {
        let mut copy = self.clone();
        copy.settle(stimulus);
        copy.weights
    }

    fn settle_repeated(&mut self, stimulus: &Stimulus) {
        if let (true, Some(direct), Some(repeated)) = (self.repeats, &self.direct, &mut self.repeated)
            && let Input::Direct { blocks, gram } = &stimulus.by_id(0).input
            && let Some(gram) = gram.get()
        {
            repeated.settle(&mut self.weights, (direct, blocks), gram);
        }
    }

    /// Returns W, units × inputs, with the values of the last settling.
    pub(super) fn weights(&self) -> &Panel {
        &self.weights
    }
}

/// Returns x / 2^(t + 1).
fn halved(x: f32, t: usize) -> f32 {
    x * f32::from_bits((126 - t.min(125) as u32) << 23)
}
