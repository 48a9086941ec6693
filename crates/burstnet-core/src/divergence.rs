//! When a run has left the range in which its numbers mean anything.

use std::fmt;

use crate::config::keys::LARGEST_WEIGHT;

/// The quantity that left its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A feedforward weight or a bias.
    Weight,
    /// A feedback weight.
    FeedbackWeight,
    /// A loss.
    Loss,
    /// A test or generation error.
    TestError,
}

/// A run ended because a weight exceeded [`LARGEST_WEIGHT`] or a number was no longer finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The step s, counted from 0 over the whole run.
    pub step: u64,
    /// The weight layer, 0 the first hidden one.
    pub layer: usize,
    /// The quantity that left its range.
    pub quantity: Quantity,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, layer, quantity } = self;
        match quantity {
            Quantity::Weight => {
                write!(f, "step {step}, layer {layer}, weight: beyond {LARGEST_WEIGHT:e} or not finite")
            }
            Quantity::FeedbackWeight => {
                write!(f, "step {step}, layer {layer}, feedback weight: beyond {LARGEST_WEIGHT:e} or not finite")
            }
            Quantity::Loss => write!(f, "step {step}, layer {layer}, loss: not finite"),
            Quantity::TestError => write!(f, "step {step}, layer {layer}, test error: not finite"),
        }
    }
}

/// Returns whether a weight is within bounds; false for NaN.
#[inline]
pub fn in_bounds(weight: f64) -> bool {
    weight.abs() <= LARGEST_WEIGHT
}
