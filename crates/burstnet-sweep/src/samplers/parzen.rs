//! A Parzen estimator over all axes: a mixture of products of one kernel per axis, one product per observation and one for
//! the prior (Falkner, Klein & Hutter, ICML 2018).

use burstnet_core::math::{exp, ln};
use burstnet_core::streams::Stream;

use super::kernel::{Kernel, PRIOR_WEIGHT, kernels};
use super::{Axis, Point};

/// How many of the latest observations have the full weight.
const LATEST: usize = 25;

/// A point, without the coordinates that do not exist there.
pub(super) type Observed = [Option<f64>];

/// A mixture of products of kernels.
pub(super) struct Parzen<'a> {
    axes: &'a [Axis],
    /// By axis, then by observation; the last is the prior's.
    kernels: Vec<Vec<Kernel>>,
    weights: Vec<f64>,
    log_weights: Vec<f64>,
}

impl<'a> Parzen<'a> {
    /// The density of `observations`, of which the later ones count more if `recency`.
    pub(super) fn new(axes: &'a [Axis], observations: &[&Observed], recency: bool) -> Self {
        let along = |at: usize| observations.iter().map(|point| point.get(at).copied().flatten()).collect::<Vec<_>>();
        let kernels = axes.iter().enumerate().map(|(at, axis)| kernels(axis.kind, &along(at))).collect();
        let n = observations.len();
        let mut weights = if recency { recent(n) } else { vec![1.0; n] };
        weights.push(PRIOR_WEIGHT);
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let log_weights = weights.iter().map(|weight| ln(*weight)).collect();
        Self { axes, kernels, weights, log_weights }
    }

    /// A point drawn from the density.
    pub(super) fn draw(&self, stream: &mut Stream) -> Point {
        let mut rest = stream.unit();
        let chosen = self.weights.iter().position(|weight| {
            rest -= weight;
            rest < 0.0
        });
        let chosen = chosen.unwrap_or(self.weights.len() - 1);
        self.axes.iter().zip(&self.kernels).map(|(axis, kernels)| kernels[chosen].draw(axis.kind, stream)).collect()
    }

    /// The logarithm of the density of `point` along its active axes.
    pub(super) fn log_density(&self, point: &[f64], active: &[bool]) -> f64 {
        let mut logs = self.log_weights.clone();
        for (at, axis) in self.axes.iter().enumerate().filter(|(at, _)| active.get(*at) == Some(&true)) {
            for (log, kernel) in logs.iter_mut().zip(&self.kernels[at]) {
                *log += kernel.log_density(axis.kind, point[at]);
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most + ln(logs.iter().map(|log| exp(log - most)).sum())
    }
}

/// Weights by age: a ramp from 1/n to 1, then 1 for the latest.
fn recent(n: usize) -> Vec<f64> {
    let old = n.saturating_sub(LATEST);
    let first = 1.0 / n.max(1) as f64;
    let step = (1.0 - first) / old.saturating_sub(1).max(1) as f64;
    (0..n).map(|at| if at < old { first + step * at as f64 } else { 1.0 }).collect()
}
