//! Statistics: pure functions of slices, each in a file of its own with its formula and source.
//!
//! They use the mathematics of the platform and of `statrs`: the same numbers give the same bits on one machine, which
//! is not promised across processors.

pub mod basis;
pub mod bootstrap;
pub mod distributions;
pub mod effects;
#[cfg(test)]
mod golden;
pub mod holm;
pub mod noise;
pub mod paired;
pub mod pareto;
pub mod ranks;
pub mod resamples;
pub mod summary;
pub mod surrogate;
pub mod t_interval;
pub mod variance;
pub mod wilcoxon;

use burstnet_core::numbers::Scale;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;

/// The confidence of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// An interval of confidence [`CONFIDENCE`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of these ends at a scale; none if it reaches beyond the largest number.
    fn at(scale: Scale, low: f64, high: f64) -> Option<Self> {
        Some(Self { low: scale.up(low)?, high: scale.up(high)? })
    }
}

/// Returns values at the scale at which they can be squared and summed.
fn at_scale(values: ArrayView2<'_, f64>) -> Array2<f64> {
    let scale = Scale::of(values.iter().copied());
    values.mapv(|x| scale.down(x))
}
