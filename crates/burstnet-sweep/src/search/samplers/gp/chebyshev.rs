//! Several losses as one number: their augmented Chebyshev scalarisation with random weights (Knowles, IEEE Trans. Evol.
//! Comput. 10:50–66, 2006), and its expected improvement over draws of the losses (Daulton, Balandat & Bakshy, NeurIPS 2020).
//!
//! Each loss is measured in units of its range on the front of what was found, from a little below the least one: else
//! nothing could improve on a point that has all of the least. It is the loss itself that counts, not compressed as the model
//! has it. The number is the largest weighted loss, plus a small part of the sum of all. Weights are uniform on the simplex.
//!
//! The improvement is smoothed, and taken as a logarithm, so that it has a slope everywhere (Ament et al., NeurIPS 2023).

use burstnet_core::math::{exp, ln, ln_1p};
use burstnet_core::streams::Stream;

use super::outcomes::Scale;
use crate::search::samplers::{fronts, normal};

/// The part of the sum of all weighted losses.
const AUGMENTED: f64 = 0.05;
/// By which part of its range losses are measured from below the least one.
const BELOW: f64 = 0.1;
/// The smallest range of a loss, in units of the distance from the median to the best tenth of all.
const SMALLEST_RANGE: f64 = 1.0;
/// The number of draws, half of which mirror the others.
const DRAWS: usize = 128;
/// The extent over which the improvement is smoothed.
const SMOOTH: f64 = 1e-5;
/// The size from which on a soft plus is one of its limits.
const FAR: f64 = 30.0;

/// A scalarisation.
pub(super) struct Chebyshev {
    /// By objective.
    scales: Vec<Scale>,
    /// The loss from which others are measured, by objective.
    utopia: Vec<f64>,
    /// The weight of each loss, divided by its range.
    weights: Vec<f64>,
}

impl Chebyshev {
    /// Draws weights, given the values of the model at the points that were found.
    pub(super) fn drawn(scales: &[Scale], found: &[&[f64]], stream: &mut Stream) -> Self {
        let front = fronts::undominated(found);
        let bounds = |(objective, scale): (usize, &Scale)| {
            let losses = front.iter().map(|at| scale.loss(found[*at][objective]).0);
            let (least, most) = losses.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
            (least, (most - least).max(SMALLEST_RANGE))
        };
        let bounds: Vec<(f64, f64)> = scales.iter().enumerate().map(bounds).collect();
        let drawn: Vec<f64> = scales.iter().map(|_| -ln(1.0 - stream.unit())).collect();
        let sum: f64 = drawn.iter().sum();
        let utopia = bounds.iter().map(|(least, range)| least - BELOW * range).collect();
        let weights = drawn.iter().zip(&bounds).map(|(weight, (_, range))| weight / sum / range).collect();
        Self { scales: scales.to_vec(), utopia, weights }
    }

    /// Returns the number of some values of the model.
    pub(super) fn of(&self, values: &[f64]) -> f64 {
        self.number(values.iter().copied(), |_, _| ()).0
    }

    /// Returns the number of some values, and the objective with the largest weighted loss. Calls `slope` with each
    /// objective and the slope of its weighted loss.
    fn number(&self, values: impl Iterator<Item = f64>, mut slope: impl FnMut(usize, f64)) -> (f64, usize) {
        let (mut largest, mut sum) = ((0, f64::NEG_INFINITY), 0.0);
        for (at, value) in values.enumerate() {
            let (loss, by_value) = self.scales[at].loss(value);
            let weighted = self.weights[at] * (loss - self.utopia[at]);
            slope(at, self.weights[at] * by_value);
            sum += weighted;
            if weighted > largest.1 {
                largest = (at, weighted);
            }
        }
        (largest.1 + AUGMENTED * sum, largest.0)
    }
}

/// Standard normal numbers by draw and objective.
pub(super) struct Draws(Vec<Vec<f64>>);

impl Draws {
    pub(super) fn new(objectives: usize, stream: &mut Stream) -> Self {
        let mut draw = || (0..objectives).map(|_| normal::draw(stream)).collect::<Vec<f64>>();
        let half: Vec<Vec<f64>> = (0..DRAWS / 2).map(|_| draw()).collect();
        let mirrored = half.iter().map(|draw| draw.iter().map(|x| -x).collect());
        Self(half.iter().cloned().chain(mirrored).collect())
    }

    /// Returns the logarithm of the expected improvement on `best` where losses have these means and variances, with its
    /// derivatives by mean and variance of each.
    pub(super) fn improvement(
        &self,
        weighing: &Chebyshev,
        best: f64,
        posteriors: &[(f64, f64)],
    ) -> (f64, Vec<(f64, f64)>) {
        let deviations: Vec<f64> = posteriors.iter().map(|(_, variance)| variance.sqrt()).collect();
        let mut by_values = vec![0.0; self.0.len() * posteriors.len()];
        let drawn = self.0.iter().zip(by_values.chunks_mut(posteriors.len())).map(|(draw, by_values)| {
            let value = |((at, x), deviation): (((f64, f64), &f64), &f64)| at.0 + deviation * x;
            let values = posteriors.iter().copied().zip(draw).zip(&deviations).map(value);
            let (number, largest) = weighing.number(values, |at, slope| by_values[at] = AUGMENTED * slope);
            by_values[largest] *= (1.0 + AUGMENTED) / AUGMENTED;
            log_soft_plus((best - number) / SMOOTH)
        });
        let drawn: Vec<(f64, f64)> = drawn.collect();
        let most = drawn.iter().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max);
        let mut total = 0.0;
        let mut slopes = vec![(0.0, 0.0); posteriors.len()];
        for (((value, slope), draw), by_values) in drawn.iter().zip(&self.0).zip(by_values.chunks(posteriors.len())) {
            let part = exp(value - most);
            total += part;
            for (at, (by_mean, by_variance)) in slopes.iter_mut().enumerate() {
                let by_value = -part * slope / SMOOTH * by_values[at];
                *by_mean += by_value;
                *by_variance += by_value * draw[at] / (2.0 * deviations[at]);
            }
        }
        let slopes = slopes.into_iter().map(|(by_mean, by_variance)| (by_mean / total, by_variance / total)).collect();
        (most + ln(total / self.0.len() as f64) + ln(SMOOTH), slopes)
    }
}

/// Returns ln ln (1 + eˣ), the logarithm of a soft plus, and its derivative.
fn log_soft_plus(x: f64) -> (f64, f64) {
    if x < -FAR {
        (x, 1.0)
    } else if x > FAR {
        (ln(x), 1.0 / x)
    } else {
        let plus = ln_1p(exp(x));
        (ln(plus), 1.0 / ((1.0 + exp(-x)) * plus))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::gp::improvement::improvement;
    use crate::search::samplers::gp::outcomes::{Outcome, Scaled};
    use crate::streams::SweepPurpose;

    fn stream() -> Stream {
        Stream::new(11, SweepPurpose::Search)
    }

    /// Scales of objectives, of which losses above 0 are compressed.
    fn scales(objectives: usize) -> Vec<Scale> {
        let outcome = |at: i32| Outcome { loss: Some(f64::from(at)), replicates: 1, ..Outcome::default() };
        let outcomes: Vec<Outcome> = (-10..=10).map(outcome).collect();
        vec![Scaled::new(&outcomes).unwrap().scale; objectives]
    }

    #[test]
    fn losses_are_measured_on_the_front() {
        let (scales, found): (_, [&[f64]; 4]) = (scales(2), [&[-2.0, 1.0], &[-1.0, 0.0], &[0.5, -2.0], &[2.0, 1.5]]);
        let chebyshev = Chebyshev::drawn(&scales, &found, &mut stream());
        let loss = |value: f64| scales[0].loss(value).0;
        let ranges = [loss(0.5) - loss(-2.0), loss(1.0) - loss(-2.0)]; // the last point lies off the front
        let sum: f64 = chebyshev.weights.iter().zip(ranges).map(|(weight, range)| weight * range).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{:?}", chebyshev.weights);
        assert_eq!(chebyshev.utopia, ranges.map(|range| loss(-2.0) - BELOW * range));
        let one = Chebyshev { weights: vec![0.5, 0.0], ..chebyshev };
        let expected = 0.5 * (loss(0.5) - one.utopia[0]) * (1.0 + AUGMENTED);
        assert!((one.of(&[0.5, 100.0]) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_point_with_the_least_of_all_can_be_improved_on() {
        let scales = scales(2);
        let chebyshev =
            |at| Chebyshev::drawn(&scales, &[&[-0.5, -0.5]], &mut Stream::part(1, SweepPurpose::Search, at));
        let better =
            |losses: [f64; 2]| (0..100).map(chebyshev).filter(|one| one.of(&losses) < one.of(&[-0.5, -0.5])).count();
        assert!(better([-0.4, -0.6]) > 10 && better([-0.6, -0.4]) > 10 && better([-0.6, -0.6]) == 100);
    }

    #[test]
    fn with_one_loss_it_is_the_improvement_of_a_normal_variable() {
        let scales = scales(1);
        let (zero, slope) = scales[0].loss(-2.0);
        // Far below the median nothing is compressed.
        let weighing = Chebyshev { scales, utopia: vec![zero], weights: vec![1.0 / (slope * (1.0 + AUGMENTED))] };
        let draws = Draws::new(1, &mut stream());
        for mean in [-0.3, 0.0, 0.1, 0.2] {
            let found = draws.improvement(&weighing, 0.0, &[(mean - 2.0, 0.04)]).0;
            let expected = improvement(0.0, mean, 0.04).value;
            assert!((found - expected).abs() < 0.2, "{mean}: {found}, expected {expected}");
        }
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let scales = scales(3);
        let weighing = Chebyshev { scales, utopia: vec![0.0, 0.2, -0.1], weights: vec![0.3, 0.5, 0.2] };
        let draws = Draws::new(3, &mut stream());
        for shift in [-0.3, 0.5, 4.0] {
            let at = [(0.3 + shift, 0.04), (0.1 + shift, 0.09), (0.2, 0.01)];
            let (value, slopes) = draws.improvement(&weighing, 0.1, &at);
            assert!(value.is_finite());
            for (objective, (by_mean, by_variance)) in slopes.iter().enumerate() {
                let moved = |mean: f64, variance: f64| {
                    let mut at = at;
                    at[objective] = (at[objective].0 + mean, at[objective].1 + variance);
                    draws.improvement(&weighing, 0.1, &at).0
                };
                let agree = |found: f64, expected: f64| (found - expected).abs() < 1e-2 * expected.abs().max(1.0);
                let expected = (moved(1e-9, 0.0) - moved(-1e-9, 0.0)) / 2e-9;
                assert!(agree(*by_mean, expected), "{shift}: {by_mean}, expected {expected}");
                let expected = (moved(0.0, 1e-9) - moved(0.0, -1e-9)) / 2e-9;
                assert!(agree(*by_variance, expected), "{shift}: {by_variance}, expected {expected}");
            }
        }
    }

    #[test]
    fn both_limits_of_a_soft_plus_meet_it() {
        for edge in [-FAR, FAR] {
            let (below, above) = (log_soft_plus(edge * (1.0 - 1e-12)), log_soft_plus(edge * (1.0 + 1e-12)));
            assert!((below.0 - above.0).abs() < 1e-9 && (below.1 - above.1).abs() < 1e-9, "{below:?}, {above:?}");
        }
    }
}
