//! The length scales, the variance and the noise of a Gaussian process, learned by maximum a posteriori.
//!
//! The posterior is the likelihood of the values given the parameters (Rasmussen & Williams 2006, section 5.4.1), with a
//! constant mean at its best value, times normal densities of the logarithms of the parameters. The median of the length
//! scales rises with the root of the number of axes, as distances do (Hvarfner, Hellsten & Nardi, ICML 2024).

use burstnet_core::math::{exp, ln};

use super::cholesky::{Cholesky, dot};
use super::covariance::{Covariance, Held, gap};
use super::descent::Descent;
use crate::search::samplers::AxisKind;

/// The prior of a logarithm: its mean and standard deviation, with bounds.
#[derive(Clone, Copy)]
struct Prior {
    mean: f64,
    deviation: f64,
    bounds: (f64, f64),
}

/// The median of the length scale of an axis, in units of √d.
const LENGTH: f64 = 0.2;
const LENGTH_BOUNDS: (f64, f64) = (0.005, 100.0);
const LENGTH_DEVIATION: f64 = 0.7;
/// The same of the axis of tasks: at first, earlier results tell most of what there is to know.
const TASK_LENGTH: f64 = 3.0;
const TASK_DEVIATION: f64 = 1.0;
/// The prior of the variance of values that have a variance of 1.
const AMPLITUDE: Prior = Prior { mean: 0.0, deviation: 1.0, bounds: (-4.0, 5.0) };
/// The prior of the noise of values that have a variance of 1, where no replicates show it.
const NOISE: Prior = Prior { mean: -8.0, deviation: 3.0, bounds: (-18.0, 0.0) };
/// The prior of the factor of the noise that replicates show. It is below 1 where they share what makes them differ.
const FACTOR: Prior = Prior { mean: 0.0, deviation: 0.5, bounds: (-6.0, 1.0) };
/// The noise that is always there, so that no matrix is singular.
const LEAST_NOISE: f64 = 1e-8;
/// The most steps of a descent.
const STEPS: usize = 40;
/// Where descents start: by how many standard deviations of the priors the logarithms of the length scales and of the noise
/// lie above their means. Either differences or noise may be what explains the values at first.
const STARTS: [(f64, f64); 2] = [(0.0, 0.0), (1.0, 2.0)];

/// What is learned.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameters {
    /// The logarithms of the length scales by axis, of the variance, and of the noise.
    logs: Vec<f64>,
}

/// Points with the values that a process takes there.
#[derive(Clone, Copy)]
pub(super) struct Data<'a> {
    pub(super) axes: &'a [AxisKind],
    pub(super) points: &'a [Held],
    pub(super) values: &'a [f64],
    /// The variances of the values; `None` if no replicates show them.
    pub(super) variances: Option<&'a [f64]>,
    /// True if the last axis is that of the task.
    pub(super) has_task: bool,
}

impl Parameters {
    /// Returns the covariance function.
    pub(super) fn covariance(&self, axes: &[AxisKind]) -> Covariance {
        let weights = self.logs[..axes.len()].iter().map(|log| exp(-2.0 * log)).collect();
        Covariance { axes: axes.to_vec(), weights, amplitude: exp(self.logs[axes.len()]) }
    }

    /// Returns the noise of each point, and of one that has not been evaluated.
    pub(super) fn noise(&self, data: Data<'_>) -> (Vec<f64>, f64) {
        let factor = exp(self.logs[data.axes.len() + 1]);
        match data.variances {
            None => (vec![factor + LEAST_NOISE; data.points.len()], factor + LEAST_NOISE),
            Some(variances) => {
                let noise = |variance: &f64| factor * variance + LEAST_NOISE;
                let mean = variances.iter().sum::<f64>() / variances.len().max(1) as f64;
                (variances.iter().map(noise).collect(), noise(&mean))
            }
        }
    }

    /// Returns the medians of the priors.
    fn usual(data: Data<'_>) -> Self {
        Self { logs: priors(data).iter().map(|prior| prior.mean).collect() }
    }

    /// Learns from the points.
    pub(super) fn learned(data: Data<'_>) -> Self {
        let priors = priors(data);
        let bounds: Vec<(f64, f64)> = priors.iter().map(|prior| prior.bounds).collect();
        let descent = Descent { bounds: &bounds, steps: STEPS, first: 1.0 };
        let gaps = Gaps::new(data);
        let run = |(lengths, noise): &(f64, f64)| {
            let axes = data.axes.len();
            let above = |at: usize| if at < axes { *lengths } else { f64::from(u8::from(at > axes)) * noise };
            let start = |(at, prior): (usize, &Prior)| {
                (prior.mean + above(at) * prior.deviation).clamp(prior.bounds.0, prior.bounds.1)
            };
            let start: Vec<f64> = priors.iter().enumerate().map(start).collect();
            descent.run(&start, &mut |logs| loss(data, &gaps, &priors, logs))
        };
        let lowest = STARTS.iter().filter_map(run).min_by(|a, b| a.1.total_cmp(&b.1));
        lowest.map_or_else(|| Self::usual(data), |(logs, _)| Self { logs })
    }
}

fn priors(data: Data<'_>) -> Vec<Prior> {
    let length = Prior {
        mean: ln(LENGTH) + 0.5 * ln(data.axes.len().max(1) as f64),
        deviation: LENGTH_DEVIATION,
        bounds: (ln(LENGTH_BOUNDS.0), ln(LENGTH_BOUNDS.1)),
    };
    let noise = if data.variances.is_some() { FACTOR } else { NOISE };
    let mut all = vec![length; data.axes.len()];
    if let Some(task) = all.last_mut().filter(|_| data.has_task) {
        *task = Prior { mean: ln(TASK_LENGTH), deviation: TASK_DEVIATION, bounds: length.bounds };
    }
    all.extend([AMPLITUDE, noise]);
    all
}

/// The gaps of all pairs of points: by pair (row by row of the lower triangle, without the diagonal), then by axis.
struct Gaps(Vec<f64>);

impl Gaps {
    fn new(data: Data<'_>) -> Self {
        let pairs = (0..data.points.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let along = |(i, j): (usize, usize)| {
            let (a, b): (&Held, &Held) = (&data.points[i], &data.points[j]);
            data.axes.iter().zip(a).zip(b).map(|((kind, a), b)| gap(*kind, *a, *b)).collect::<Vec<_>>()
        };
        Self(pairs.flat_map(along).collect())
    }

    fn pair(&self, number: usize, axes: usize) -> &[f64] {
        &self.0[number * axes..(number + 1) * axes]
    }
}

/// Returns the negative logarithm of the posterior, up to a constant, with its gradient; `None` if there is none.
fn loss(data: Data<'_>, gaps: &Gaps, priors: &[Prior], logs: &[f64]) -> Option<(f64, Vec<f64>)> {
    let (n, axes) = (data.points.len(), data.axes.len());
    let parameters = Parameters { logs: logs.to_vec() };
    let covariance = parameters.covariance(data.axes);
    let (noise, _) = parameters.noise(data);
    let mut matrix: Vec<Vec<f64>> = Vec::with_capacity(n);
    let mut slopes = Vec::with_capacity(n * n / 2);
    for i in 0..n {
        let mut row = Vec::with_capacity(i + 1);
        for _ in 0..i {
            let (value, slope) = covariance.of_square(dot(gaps.pair(slopes.len(), axes), &covariance.weights));
            row.push(value);
            slopes.push(slope);
        }
        row.push(covariance.amplitude + noise[i]);
        matrix.push(row);
    }
    let factor = Cholesky::new(&matrix)?;
    let (solved, mean) = solve(&factor, data.values);
    let rest: Vec<f64> = data.values.iter().map(|y| y - mean).collect();
    let mut value = 0.5 * dot(&rest, &solved) + factor.half_log_determinant();
    // Half of the trace of (K⁻¹ − α αᵀ) dK, by parameter; pairs count twice.
    let inverse = factor.inverse();
    let mut gradient = vec![0.0; logs.len()];
    let factor_noise = exp(logs[axes + 1]);
    let mut pair = 0;
    for i in 0..n {
        for j in 0..i {
            let part = inverse[i][j] - solved[i] * solved[j];
            let by_square = -2.0 * part * slopes[pair];
            for (at, gap) in gaps.pair(pair, axes).iter().enumerate() {
                gradient[at] += by_square * covariance.weights[at] * gap;
            }
            gradient[axes] += part * matrix[i][j];
            pair += 1;
        }
        let part = 0.5 * (inverse[i][i] - solved[i] * solved[i]);
        gradient[axes] += part * covariance.amplitude;
        gradient[axes + 1] += part * factor_noise * data.variances.map_or(1.0, |variances| variances[i]);
    }
    for ((log, prior), slope) in logs.iter().zip(priors).zip(&mut gradient) {
        let z = (log - prior.mean) / prior.deviation;
        value += 0.5 * z * z;
        *slope += z / prior.deviation;
    }
    (value.is_finite() && gradient.iter().all(|x| x.is_finite())).then_some((value, gradient))
}

/// Returns K⁻¹ (values − mean), and the mean at which the values are most likely.
pub(super) fn solve(factor: &Cholesky, values: &[f64]) -> (Vec<f64>, f64) {
    let inverse_times = |b: &[f64]| {
        let mut x = b.to_vec();
        factor.forward(&mut x);
        factor.backward(&mut x);
        x
    };
    let (of_ones, of_values) = (inverse_times(&vec![1.0; values.len()]), inverse_times(values));
    let sum: f64 = of_ones.iter().sum();
    let mean = if sum > 0.0 { of_values.iter().sum::<f64>() / sum } else { 0.0 };
    (of_values.iter().zip(&of_ones).map(|(value, one)| value - mean * one).collect(), mean)
}

#[cfg(test)]
mod tests {
    use burstnet_core::streams::Stream;

    use super::*;
    use crate::streams::SweepPurpose;

    const AXES: [AxisKind; 3] = [AxisKind::Range, AxisKind::Ordered(5), AxisKind::Unordered(3)];

    fn points(n: usize) -> Vec<Held> {
        let unit = |at: usize, by: f64| (at as f64 * by) % 1.0;
        let point = |at: usize| {
            vec![
                Some(unit(at, 0.618_034)),
                (!at.is_multiple_of(4)).then(|| unit(at, 0.414_214)),
                Some(unit(at, 0.732_051)),
            ]
        };
        (0..n).map(point).collect()
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        let points = points(15);
        let values: Vec<f64> = points.iter().map(|point| point[0].unwrap() + point[1].unwrap_or(0.3)).collect();
        let variances: Vec<f64> = (0..15).map(|at| 0.01 * (1 + at % 3) as f64).collect();
        for variances in [None, Some(&variances[..])] {
            let data = Data { axes: &AXES, points: &points, values: &values, variances, has_task: false };
            let (gaps, priors) = (Gaps::new(data), priors(data));
            let logs = [-0.9, 0.1, -0.2, 0.4, -2.0];
            let (_, gradient) = loss(data, &gaps, &priors, &logs).unwrap();
            for at in 0..logs.len() {
                let moved = |by: f64| {
                    let mut logs = logs;
                    logs[at] += by;
                    loss(data, &gaps, &priors, &logs).unwrap().0
                };
                let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((gradient[at] - expected).abs() < 1e-5, "{at}: {}, expected {expected}", gradient[at]);
            }
        }
    }

    #[test]
    fn an_axis_that_does_not_act_gets_a_long_scale() {
        let points = points(40);
        let values: Vec<f64> =
            points.iter().map(|point| 3.0 * burstnet_core::math::sin(6.0 * point[0].unwrap())).collect();
        let data = Data { axes: &AXES, points: &points, values: &values, variances: None, has_task: false };
        let logs = Parameters::learned(data).logs;
        assert!(logs[1] > logs[0] + 1.0 && logs[2] > logs[0] + 1.0, "{logs:?}");
    }

    #[test]
    fn noise_is_told_from_what_acts() {
        let points = points(60);
        let mut stream = Stream::new(5, SweepPurpose::Search);
        let noise = points.iter().map(|_| stream.unit() - 0.5); // a variance of 1/12
        let values: Vec<f64> = points.iter().zip(noise).map(|(point, noise)| 2.0 * point[0].unwrap() + noise).collect();
        let data = Data { axes: &AXES, points: &points, values: &values, variances: None, has_task: false };
        let (found, _) = Parameters::learned(data).noise(data);
        assert!((0.04..0.14).contains(&found[0]), "{}", found[0]);
    }

    #[test]
    fn values_without_differences_are_learned_from() {
        let points = vec![vec![Some(0.5), None, Some(0.1)]; 12];
        let data = Data { axes: &AXES, points: &points, values: &[0.0; 12], variances: None, has_task: false };
        assert!(Parameters::learned(data).logs.iter().all(|log| log.is_finite()));
    }
}
