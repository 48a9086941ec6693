//! The smoothed input x̃. It depends on no weight, so it is computed once and shared.
//!
//! Within a sequence, x̃(t) = own(t) + 2^−(t+1) · carry: the contribution of the sequence itself, starting from zero,
//! and the carry of earlier sequences, halved at every step.

use crate::config::Dynamics;
use crate::signals::Sequence;
use crate::timing::Timing;

/// The values own(t) of a sequence, block after block.
pub(super) struct Smoothed<'a> {
    sequence: &'a Sequence,
    delayed: bool,
    t: usize,
    value: Vec<f64>,
}

impl<'a> Smoothed<'a> {
    /// Starts the smoothing. Each step has as many numbers as there are inputs, and zeros beyond them up to `width`.
    pub(super) fn new(sequence: &'a Sequence, dynamics: Dynamics, width: usize) -> Self {
        let delayed = Timing::new(dynamics, 1).input_is_delayed();
        Self { sequence, delayed, t: 0, value: vec![0.0; width] }
    }

    /// Advances one step, and returns own(t).
    pub(super) fn advance(&mut self) -> &[f64] {
        if self.t > 0 {
            // The first step of a sequence reads nothing of its own: its input comes a step later, or the layer rests.
            let read = if self.delayed { self.t - 1 } else { self.t };
            for (value, x) in self.value.iter_mut().zip(self.sequence.input(read)) {
                *value = 0.5 * (*value + x);
            }
        }
        self.t += 1;
        &self.value
    }

    /// Returns the next block: own(t) of up to `most` steps, step after step; empty at the end.
    pub(super) fn block(&mut self, most: usize) -> Vec<f64> {
        let steps = most.min(self.sequence.steps() - self.t);
        let mut block = Vec::with_capacity(steps * self.value.len());
        for _ in 0..steps {
            block.extend_from_slice(self.advance());
        }
        block
    }
}
