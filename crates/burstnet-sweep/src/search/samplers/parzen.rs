//! A Parzen estimator over all axes: a mixture of products of one kernel per axis. There is one product per observation
//! and one for the prior (Falkner, Klein & Hutter, ICML 2018).

use burstnet_core::math::{exp, ln};
use burstnet_core::streams::Stream;

use super::kernel::{Kernel, PRIOR_WEIGHT, kernels};
use super::observations::Observations;
use super::{AxisKind, Point};

/// The number of latest observations that have the full weight.
const LATEST: usize = 25;

/// A mixture of products of kernels.
pub(super) struct Parzen {
    axes: Vec<AxisKind>,
    /// The kernels by axis, then by observation; the last one is that of the prior.
    kernels: Vec<Vec<Kernel>>,
    weights: Vec<f64>,
    log_weights: Vec<f64>,
}

impl Parzen {
    /// Returns the density of the observations that `is_chosen` marks by number. With `recency`, later ones count more.
    /// The time is linear in the number of observations.
    pub(super) fn new(observations: &Observations, is_chosen: &[bool], recency: bool) -> Self {
        let kernels = observations.axes().iter().map(|along| kernels(along, is_chosen)).collect();
        let n = is_chosen.iter().filter(|chosen| **chosen).count();
        let mut weights = if recency { recent(n) } else { vec![1.0; n] };
        weights.push(PRIOR_WEIGHT);
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let log_weights = weights.iter().map(|weight| ln(*weight)).collect();
        Self { axes: observations.axes().iter().map(|along| along.kind).collect(), kernels, weights, log_weights }
    }

    /// Draws a point from the density.
    pub(super) fn draw(&self, stream: &mut Stream) -> Point {
        let mut rest = stream.unit();
        let chosen = self.weights.iter().position(|weight| {
            rest -= weight;
            rest < 0.0
        });
        let chosen = chosen.unwrap_or(self.weights.len() - 1);
        self.axes.iter().zip(&self.kernels).map(|(kind, kernels)| kernels[chosen].draw(*kind, stream)).collect()
    }

    /// Returns the logarithm of the density of `point` along its active axes.
    pub(super) fn log_density(&self, point: &[f64], active: &[bool]) -> f64 {
        let mut logs = self.log_weights.clone();
        for (at, kind) in self.axes.iter().enumerate().filter(|(at, _)| active.get(*at) == Some(&true)) {
            for (log, kernel) in logs.iter_mut().zip(&self.kernels[at]) {
                *log += kernel.log_density(*kind, point[at]);
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most + ln(logs.iter().map(|log| exp(log - most)).sum())
    }
}

/// Returns weights by age: a ramp from 1/n to 1, then 1 for the latest.
fn recent(n: usize) -> Vec<f64> {
    let old = n.saturating_sub(LATEST);
    let first = 1.0 / n.max(1) as f64;
    let step = (1.0 - first) / old.saturating_sub(1).max(1) as f64;
    (0..n).map(|at| if at < old { first + step * at as f64 } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::Axis;
    use crate::streams::SweepPurpose;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Golden {
        levels: u64,
        choices: u64,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        observed: Vec<Point>,
        asked: Vec<Point>,
        log_density: Vec<f64>,
    }

    /// Returns the density of these points.
    fn density(kinds: &[AxisKind], points: impl IntoIterator<Item = Vec<Option<f64>>>) -> Parzen {
        let axes: Vec<Axis> = kinds.iter().map(|kind| Axis { name: "a".into(), kind: *kind }).collect();
        let mut observations = Observations::new(&axes);
        points.into_iter().for_each(|point| observations.push(&point));
        Parzen::new(&observations, &vec![true; observations.len()], true)
    }

    /// Compares densities with `tests/golden/parzen.json`, which `tests/python/parzen_cases.py` writes.
    #[test]
    fn densities_are_those_of_optuna() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/parzen.json");
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let kinds = [AxisKind::Range, AxisKind::Ordered(golden.levels), AxisKind::Unordered(golden.choices)];
        for case in golden.cases {
            let observed = case.observed.iter().map(|point| point.iter().copied().map(Some).collect());
            let parzen = density(&kinds, observed);
            for (point, expected) in case.asked.iter().zip(case.log_density) {
                let found = parzen.log_density(point, &[true; 3]);
                assert!((found - expected).abs() < 1e-9, "{} observations: {found}, {expected}", case.observed.len());
            }
        }
    }

    #[test]
    fn draws_follow_the_density() {
        let kinds = [AxisKind::Ordered(4), AxisKind::Unordered(3)];
        let parzen = density(&kinds, [vec![Some(0.1), None], vec![None, Some(0.9)], vec![Some(0.6), Some(0.5)]]);
        let mut stream = Stream::new(1, SweepPurpose::Search);
        let mut counts = [0.0; 12];
        for _ in 0..40_000 {
            let point = parzen.draw(&mut stream);
            counts[(point[0] * 4.0) as usize * 3 + (point[1] * 3.0) as usize] += 1.0;
        }
        for (at, count) in counts.into_iter().enumerate() {
            let point = [kinds[0].middle(at as u64 / 3), kinds[1].middle(at as u64 % 3)];
            let expected = 40_000.0 * exp(parzen.log_density(&point, &[true; 2]));
            assert!((count - expected).abs() < 4.5 * expected.sqrt(), "{at}: {count}, expected {expected}");
        }
        let one: f64 = (0..4).map(|at| exp(parzen.log_density(&[kinds[0].middle(at), 0.0], &[true, false]))).sum();
        assert!((one - 1.0).abs() < 1e-12);
    }

    #[test]
    fn later_observations_count_more() {
        assert_eq!(recent(2), [1.0; 2]);
        let weights = recent(28);
        assert!((weights[0] - 1.0 / 28.0).abs() < 1e-15 && weights[2] == 1.0 && weights[27] == 1.0);
        assert!((weights[1] - (1.0 + 1.0 / 28.0) / 2.0).abs() < 1e-15);
    }
}
