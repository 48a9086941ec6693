//! The first block of a sequence, including the carry of earlier sequences.
//!
//! There x̃(t) = own(t) + 2^−(t+1) · carry. The part of the carry along the directions of the block is added to the
//! coefficients of the steps. If any of it lies outside, that is one more direction, with coefficients that fade by
//! halves.

use super::super::nodes::WINDOW;
use super::super::panel::Panel;
use super::super::stimulus::Frame;
use super::super::ways::FRAME;
use super::{NEGLIGIBLE, halved};

/// The frame of a first block, made again for each sequence that is shown.
#[derive(Clone)]
pub(super) struct FirstFrame {
    frame: Frame,
    /// Scratch memory: the carry, and its parts along the frame and outside.
    scratch: [Vec<f64>; 3],
}

impl FirstFrame {
    /// Returns an empty frame for bases of at most `rank` directions, of which a block needs at most `few`.
    pub(super) fn new(rank: usize, few: usize) -> Self {
        Self {
            frame: Frame {
                rank: 0,
                lift: Panel::zeros(rank, few),
                steps: Panel::zeros(few, FRAME),
                back: Panel::zeros(few, 0),
            },
            scratch: [Vec::with_capacity(rank), Vec::with_capacity(few), Vec::with_capacity(rank)],
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        self.frame.bytes() + self.scratch.iter().map(|numbers| size_of_val(&numbers[..])).sum::<usize>()
    }

    /// Returns the frame of a block of a sequence with `frames`.
    pub(super) fn or_of<'a>(&'a self, frames: &'a [Frame], block: usize) -> &'a Frame {
        if block == 0 { &self.frame } else { &frames[block] }
    }

    /// Makes the frame from the block's own frame and the carry: in the `rank` directions of the basis, and in an extra
    /// direction if there is one.
    pub(super) fn make(&mut self, own: &Frame, rank: usize, carried: &Panel, extra: Option<f64>) {
        let directions = rank + usize::from(extra.is_some());
        let [carry, along, outside] = &mut self.scratch;
        carry.clear();
        carry.extend((0..rank).map(|i| f64::from(carried.at(i, 0))));
        carry.extend(extra);
        let lift = |i: usize, c: usize| if i < rank { f64::from(own.lift.at(i, c)) } else { 0.0 };
        along.clear();
        along.extend((0..own.rank).map(|c| (0..directions).map(|i| lift(i, c) * carry[i]).sum::<f64>()));
        outside.clear();
        outside.extend((0..directions).map(|i| carry[i] - (0..own.rank).map(|c| lift(i, c) * along[c]).sum::<f64>()));
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let rest = norm(outside);
        let more = rest > NEGLIGIBLE * norm(carry);

        let (frame, steps) = (&mut self.frame, own.steps.rows());
        frame.rank = own.rank + usize::from(more);
        frame.lift.set_size(directions, frame.rank);
        frame.lift.copy_columns(&own.lift);
        frame.steps.set_size(frame.rank, steps);
        frame.steps.copy_columns(&own.steps);
        let fading = 0..steps.min(WINDOW);
        for c in 0..own.rank {
            for t in fading.clone() {
                frame.steps.set(c, t, own.steps.at(c, t) + halved(along[c] as f32, t));
            }
        }
        if more {
            (0..directions).for_each(|i| frame.lift.set(i, own.rank, (outside[i] / rest) as f32));
            fading.for_each(|t| frame.steps.set(own.rank, t, halved(rest as f32, t)));
        }
    }
}
