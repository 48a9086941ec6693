//! A Gaussian process given the outcomes of points, and points whose outcomes are pending.
//!
//! A pending point counts as if its mean had been measured there (Ginsbourger, Le Riche & Carraro, 2010, the "kriging
//! believer"): the mean stays what it is everywhere, and the variance falls around the point.

use super::cholesky::{Cholesky, LANES, dot};
use super::covariance::{Covariance, Held};
use super::improvement::LogValue;
use super::learning::{Data, Parameters, solve};
use crate::search::samplers::AxisKind;

/// The part of the kernel's variance below which the variance at a point does not fall.
const LEAST_VARIANCE: f64 = 1e-12;

/// A Gaussian process given data.
pub(super) struct Model {
    covariance: Covariance,
    /// The points that count, the pending ones last.
    points: Vec<Held>,
    factor: Cholesky,
    /// The weights of the covariances in the mean; pending points have none.
    solved: Vec<f64>,
    mean: f64,
    /// The noise of a pending point.
    noise: f64,
}

/// A process at a point.
pub(super) struct Local {
    pub(super) mean: f64,
    pub(super) variance: f64,
    /// The covariances with all points, and their slopes.
    pairs: Vec<(f64, f64)>,
    /// These covariances, solved forward.
    solved: Vec<f64>,
}

impl Model {
    /// Returns the process given the data, and its means at the points; `None` if there is none.
    pub(super) fn new(parameters: &Parameters, data: Data<'_>) -> Option<(Self, Vec<f64>)> {
        let covariance = parameters.covariance(data.axes);
        let (noise, of_pending) = parameters.noise(data);
        let row = |i: usize| {
            let mut row: Vec<f64> = (0..i).map(|j| covariance.at(&data.points[i], &data.points[j]).0).collect();
            row.push(covariance.amplitude + noise[i]);
            row
        };
        let matrix: Vec<Vec<f64>> = (0..data.points.len()).map(row).collect();
        let factor = Cholesky::new(&matrix)?;
        let (solved, mean) = solve(&factor, data.values);
        // K α = y − μ, so the mean at a point is y less its noise times α.
        let means = data.values.iter().zip(&noise).zip(&solved).map(|((y, noise), a)| y - noise * a).collect();
        let points = data.points.to_vec();
        Some((Self { covariance, points, factor, solved, mean, noise: of_pending }, means))
    }

    /// Adds a pending point, and returns the mean there.
    pub(super) fn add(&mut self, point: Held) -> f64 {
        let mut row: Vec<f64> = self.points.iter().map(|other| self.covariance.at(&point, other).0).collect();
        let mean = self.mean_of(&row);
        row.push(self.covariance.amplitude + self.noise);
        self.factor.extend(&row);
        self.points.push(point);
        mean
    }

    /// Returns the mean at a point.
    pub(super) fn mean_at(&self, point: &Held) -> f64 {
        let along = |other: &Held| self.covariance.at(point, other).0;
        let row: Vec<f64> = self.points.iter().take(self.solved.len()).map(along).collect();
        self.mean_of(&row)
    }

    fn mean_of(&self, covariances: &[f64]) -> f64 {
        self.mean + dot(&covariances[..self.solved.len()], &self.solved)
    }

    fn least_variance(&self) -> f64 {
        LEAST_VARIANCE * self.covariance.amplitude
    }

    /// Returns the means and variances at points.
    pub(super) fn posteriors(&self, points: &[Held]) -> Vec<(f64, f64)> {
        let mut all = Vec::with_capacity(points.len());
        for chunk in points.chunks(LANES) {
            let along = |other: &Held| {
                let mut lanes = [0.0; LANES];
                chunk.iter().zip(&mut lanes).for_each(|(point, lane)| *lane = self.covariance.at(point, other).0);
                lanes
            };
            let mut columns: Vec<[f64; LANES]> = self.points.iter().map(along).collect();
            let mut means = [self.mean; LANES];
            for (column, a) in columns.iter().zip(&self.solved) {
                means.iter_mut().zip(column).for_each(|(mean, k)| *mean += k * a);
            }
            self.factor.forward_lanes(&mut columns);
            let mut variances = [self.covariance.amplitude; LANES];
            for column in &columns {
                variances.iter_mut().zip(column).for_each(|(variance, x)| *variance -= x * x);
            }
            let lanes = means.into_iter().zip(variances).take(chunk.len());
            all.extend(lanes.map(|(mean, variance)| (mean, variance.max(self.least_variance()))));
        }
        all
    }

    /// Returns a function of mean and variance at a point, and its derivatives by the coordinates of `axes`, which are
    /// numbers that exist there.
    pub(super) fn slope(&self, point: &Held, axes: &[usize], of: impl FnOnce(f64, f64) -> LogValue) -> (f64, Vec<f64>) {
        let local = self.local(point);
        let found = of(local.mean, local.variance);
        (found.value, self.slope_at(local, point, axes, (found.by_mean, found.by_variance)))
    }

    /// Returns the process at a point.
    pub(super) fn local(&self, point: &Held) -> Local {
        let pairs: Vec<(f64, f64)> = self.points.iter().map(|other| self.covariance.at(point, other)).collect();
        let mut solved: Vec<f64> = pairs.iter().map(|(k, _)| *k).collect();
        let mean = self.mean_of(&solved);
        self.factor.forward(&mut solved);
        let variance = self.covariance.amplitude - dot(&solved, &solved);
        Local { mean, variance: variance.max(self.least_variance()), pairs, solved }
    }

    /// Returns the derivatives of a function by the coordinates of `axes`, given those by mean and variance at a point.
    pub(super) fn slope_at(
        &self,
        local: Local,
        point: &Held,
        axes: &[usize],
        (by_mean, by_variance): (f64, f64),
    ) -> Vec<f64> {
        let Local { pairs, mut solved, .. } = local;
        self.factor.backward(&mut solved);
        let weight = |at: usize| {
            let mean_weight = self.solved.get(at).copied().unwrap_or(0.0);
            (by_mean * mean_weight - 2.0 * by_variance * solved[at]) * pairs[at].1
        };
        let weights: Vec<f64> = (0..self.points.len()).map(weight).collect();
        let along = |axis: &usize| {
            let here = point[*axis].unwrap_or(0.5);
            // Seen from a point without the key, the middle of the range is the nearest.
            let away = |other: &Held| here - other[*axis].unwrap_or(0.5);
            let sum: f64 = self.points.iter().zip(&weights).map(|(other, weight)| weight * away(other)).sum();
            2.0 * self.covariance.weights[*axis] * sum
        };
        axes.iter().map(along).collect()
    }

    /// Returns the kinds of the axes.
    pub(super) fn axes(&self) -> &[AxisKind] {
        &self.covariance.axes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::gp::improvement::improvement;

    const AXES: [AxisKind; 2] = [AxisKind::Range, AxisKind::Unordered(2)];

    fn point(x: f64, word: Option<f64>) -> Held {
        vec![Some(x), word]
    }

    /// The value to improve on.
    const BEST: f64 = -0.9;

    fn model(variances: Option<&[f64]>) -> Model {
        let points = [0.0, 0.1, 0.35, 0.5, 0.8, 0.95].map(|x| point(x, (x < 0.9).then_some(x)));
        let values = [1.0, 0.8, -1.0, -0.9, 0.2, 0.6];
        let data = Data { axes: &AXES, points: &points, values: &values, variances, has_task: false };
        Model::new(&Parameters::learned(data), data).unwrap().0
    }

    fn values(model: &Model, best: f64, points: &[Held]) -> Vec<f64> {
        let gain = |(mean, variance)| improvement(best, mean, variance).value;
        model.posteriors(points).into_iter().map(gain).collect()
    }

    #[test]
    fn both_ways_to_a_value_agree_and_the_slope_is_that_of_differences() {
        for variances in [None, Some(&[0.1, 0.2, 0.1, 0.3, 0.1, 0.1][..])] {
            let mut model = model(variances);
            model.add(point(0.42, Some(0.9)));
            for x in [0.05, 0.2, 0.41, 0.6, 0.9] {
                let (value, slope) =
                    model.slope(&point(x, Some(0.2)), &[0], |mean, variance| improvement(BEST, mean, variance));
                let at = |x: f64| values(&model, BEST, &[point(0.3, None), point(x, Some(0.2))])[1];
                assert!((value - at(x)).abs() < 1e-8 * value.abs().max(1.0), "{x}: {value}, {}", at(x));
                let expected = (at(x + 1e-6) - at(x - 1e-6)) / 2e-6;
                assert!((slope[0] - expected).abs() < 1e-3 * expected.abs().max(1.0), "{x}: {slope:?}, {expected}");
            }
        }
    }

    #[test]
    fn nothing_is_gained_beside_a_pending_point() {
        let mut model = model(None);
        let there = [point(0.42, Some(0.1))];
        let before = values(&model, BEST, &there)[0];
        let mean = model.add(there[0].clone());
        let after = values(&model, mean.min(BEST), &there)[0];
        assert!(after < before - 1.0, "{before}, {after}");
    }

    #[test]
    fn a_noisy_outcome_is_not_taken_at_its_word() {
        let points: Vec<Held> = (0..9).map(|at| point(f64::from(at) / 9.0, Some(0.0))).collect();
        let values = [0.0, 0.1, -0.1, 0.0, -3.0, 0.1, 0.0, -0.1, 0.1];
        let best = |noise: f64| {
            let data =
                Data { axes: &AXES, points: &points, values: &values, variances: Some(&[noise; 9]), has_task: false };
            Model::new(&Parameters::learned(data), data).unwrap().1.into_iter().fold(f64::INFINITY, f64::min)
        };
        assert!(best(1e-4) < -2.5 && best(4.0) > -2.0, "{}, {}", best(1e-4), best(4.0));
    }
}
