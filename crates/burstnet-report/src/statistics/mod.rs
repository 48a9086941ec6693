//! Statistics: pure functions of slices, each in a file of its own with its formula and source.
//!
//! They use the mathematics of the platform and of `statrs`: the same numbers give the same bits on one machine, which
//! is not promised across processors.

pub(crate) mod best_tenth;
pub(crate) mod between;
pub(crate) mod bootstrap;
pub(crate) mod comparisons;
pub(crate) mod distributions;
pub(crate) mod effects;
#[cfg(test)]
mod golden;
pub(crate) mod levels;
pub(crate) mod noise;
pub(crate) mod pareto;
pub(crate) mod ranks;
pub(crate) mod repeated;
pub(crate) mod replicated;
pub(crate) mod resamples;
pub(crate) mod summary;
pub(crate) mod surrogate;
pub(crate) mod t_interval;
mod t_test;
pub(crate) mod variance;

pub use comparisons::Contrast;
pub use effects::Marginal;
pub use noise::Noise;
pub use ranks::Concordance;
pub use summary::Summary;
pub use t_test::TTest;
pub use variance::{Method, ValueScale};

use burstnet_core::numbers::Scale;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;

/// The confidence of every interval.
pub(crate) const CONFIDENCE: f64 = 0.95;

/// The p value up to which a difference or an effect is significant.
pub(crate) const SIGNIFICANT: f64 = 0.05;

/// A 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Returns the interval of these ends at a scale; `None` if it reaches beyond the largest number.
    fn at(scale: Scale, low: f64, high: f64) -> Option<Self> {
        Some(Self { low: scale.up(low)?, high: scale.up(high)? })
    }
}

/// Returns values at the scale at which they can be squared and summed.
fn at_scale(values: ArrayView2<'_, f64>) -> Array2<f64> {
    let scale = Scale::of(values.iter().copied());
    values.mapv(|x| scale.down(x))
}
