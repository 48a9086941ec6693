//! Bootstrap interval of a mean.

use burstnet_core::numbers::Scale;

use super::distributions::{normal_below, normal_quantile};
use super::resamples::Resamples;
use super::{CONFIDENCE, Interval};

/// Returns the bias-corrected and accelerated (BCa) bootstrap interval of the mean of `values` (Efron, JASA 82, 1987).
///
/// The values are drawn with replacement, as [`Resamples`] says. With z₀ = Φ⁻¹(share of the resampled means below the
/// mean, half of those equal to it counted) and the acceleration a = Σdᵢ³ / (6 (Σdᵢ²)^{3/2}), where dᵢ is the mean of
/// the means that leave one value out, less the one that leaves out value i, the ends are the quantiles Φ(z₀ + (z₀ + z)
/// / (1 − a (z₀ + z))) of the resampled means for z = Φ⁻¹(0.025) and Φ⁻¹(0.975), linear between two of them. `None` for
/// fewer than two values, or too many; a point where all are equal.
pub(crate) fn bootstrap_interval(values: &[f64], resamples: &Resamples) -> Option<Interval> {
    let n = values.len() as f64;
    let draws = resamples.of(values.len());
    let times = draws.iter().len();
    if times == 0 {
        return None;
    }
    if values.iter().all(|x| *x == values[0]) {
        return Some(Interval { low: values[0], high: values[0] });
    }
    let scale = Scale::of(values.iter().copied());
    let values = &scale.all_down(values)[..];
    let mean = values.iter().sum::<f64>() / n;
    let drawn = |places: &[u16]| places.iter().map(|&place| values[usize::from(place)]).sum::<f64>() / n;
    let mut means: Vec<f64> = draws.iter().map(drawn).collect();
    // As they were summed, like scipy: of very few values, some means that are equal but for rounding are not counted so.
    let below = means.iter().filter(|x| **x < mean).count() as f64;
    let equal = means.iter().filter(|x| **x == mean).count() as f64;
    let bias = normal_quantile((below + 0.5 * equal) / times as f64);
    // The mean without value i is (total − xᵢ) / (n − 1), so dᵢ = (xᵢ − x̄) / (n − 1).
    let (mut squares, mut cubes) = (0.0, 0.0);
    for x in values {
        let d = (x - mean) / (n - 1.0);
        squares += d * d;
        cubes += d * d * d;
    }
    let acceleration = cubes / (6.0 * squares * squares.sqrt());
    let mut end = |probability: f64| {
        let z = bias + normal_quantile(probability);
        quantile(&mut means, normal_below(bias + z / (1.0 - acceleration * z)))
    };
    let tail = 0.5 * (1.0 - CONFIDENCE);
    Interval::at(scale, end(tail), end(1.0 - tail))
}

/// Returns the quantile of values, linear between two of them. Changes their order.
fn quantile(values: &mut [f64], probability: f64) -> f64 {
    let last = values.len() - 1;
    let at = if probability.is_finite() { probability.clamp(0.0, 1.0) * last as f64 } else { 0.0 };
    let place = (at as usize).min(last);
    let (_, &mut below, larger) = values.select_nth_unstable_by(place, f64::total_cmp);
    let above = larger.iter().copied().min_by(f64::total_cmp).unwrap_or(below);
    below + (above - below) * (at - place as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_give_the_same_interval() {
        let values = [4.0, 1.0, 3.0, 2.0, 2.5, 3.5, 9.0, 2.2];
        let interval = |seed| bootstrap_interval(&values, &Resamples::new(seed)).unwrap();
        assert_eq!(interval(3), interval(3));
        assert_ne!(interval(3), interval(4));
    }

    #[test]
    fn covers_what_it_should() {
        // scipy.stats.bootstrap with 9999 resamples gives 2.30 to 2.34, and 5.93 to 5.96.
        let values = [4.0, 1.0, 3.0, 2.0, 2.5, 3.5, 9.0, 2.2];
        let interval = bootstrap_interval(&values, &Resamples::new(1)).unwrap();
        assert!((interval.low - 2.32).abs() < 0.06 && (interval.high - 5.95).abs() < 0.15, "{interval:?}");
    }

    #[test]
    fn the_scale_of_numbers_does_not_matter() {
        let values = [4.0, 1.0, 3.0, 2.0, 2.5, 3.5, 9.0, 2.2];
        let resamples = Resamples::new(1);
        let plain = bootstrap_interval(&values, &resamples).unwrap();
        for exponent in [-1000, 1020] {
            let power = f64::from_bits(((1023 + exponent) as u64) << 52);
            let found = bootstrap_interval(&values.map(|x| x * power), &resamples);
            assert_eq!(found, Some(Interval { low: plain.low * power, high: plain.high * power }), "{power:e}");
        }
    }

    #[test]
    fn quantiles_between_values() {
        let mut values = [3.0, 1.0, 2.0, 5.0];
        let got = [0.0, 0.5, 1.0 / 3.0, 0.9, 1.0, 7.0].map(|p| quantile(&mut values, p));
        let expected = [1.0, 2.5, 2.0, 4.4, 5.0, 5.0];
        assert!(got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-12), "{got:?}");
    }

    #[test]
    fn too_few_or_equal_values() {
        let resamples = Resamples::new(1);
        assert_eq!(bootstrap_interval(&[1.0], &resamples), None);
        assert_eq!(bootstrap_interval(&[], &resamples), None);
        assert_eq!(bootstrap_interval(&[2.0; 5], &resamples), Some(Interval { low: 2.0, high: 2.0 }));
        assert_eq!(bootstrap_interval(&vec![0.5; 1001], &resamples), None);
    }
}
