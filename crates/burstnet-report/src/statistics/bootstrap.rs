//! Bootstrap interval of a mean.

use burstnet_core::streams::{Purpose, Stream};

use super::distributions::{normal_below, normal_quantile};
use super::{CONFIDENCE, Interval};

/// How often `n` values are resampled: 9999 times up to 100 values, 1999 times up to 1000, beyond not at all, where the
/// t interval is as good.
pub fn resamples(n: usize) -> usize {
    match n {
        0..=100 => 9999,
        101..=1000 => 1999,
        _ => 0,
    }
}

/// The stream of random numbers by which the values of a measure in configuration `config_id` are resampled. It depends
/// on these and on the sweep's seed only.
pub fn stream(seed: u64, measure: &str, config_id: u64) -> Stream {
    let mut key = [0; 16];
    key.copy_from_slice(&blake3::hash(measure.as_bytes()).as_bytes()[..16]);
    Stream::keyed(seed, Purpose::Bootstrap, config_id, &key)
}

/// The bias-corrected and accelerated (BCa) bootstrap interval of the mean of `values` (Efron, JASA 82, 1987).
///
/// The values are drawn with replacement [`resamples`] times. With z₀ = Φ⁻¹(share of the resampled means below the mean,
/// half of those equal to it counted) and the acceleration a = Σdᵢ³ / (6 (Σdᵢ²)^{3/2}), where dᵢ is the mean of the
/// means that leave one value out, less the one that leaves out value i, the ends are the quantiles
/// Φ(z₀ + (z₀ + z) / (1 − a (z₀ + z))) of the resampled means for z = Φ⁻¹(0.025) and Φ⁻¹(0.975), linear between two of
/// them. None for fewer than two values, or too many; a point where all are equal.
pub fn bootstrap_interval(values: &[f64], random: &mut Stream) -> Option<Interval> {
    let (n, times) = (values.len(), resamples(values.len()));
    if n < 2 || times == 0 {
        return None;
    }
    let total: f64 = values.iter().sum();
    let mean = total / n as f64;
    if values.iter().all(|x| *x == values[0]) {
        return Some(Interval { low: values[0], high: values[0] });
    }
    let mut resample = || (0..n).map(|_| values[random.below(n as u64) as usize]).sum::<f64>() / n as f64;
    let mut means: Vec<f64> = (0..times).map(|_| resample()).collect();
    means.sort_by(f64::total_cmp);
    let below = means.partition_point(|x| *x < mean);
    let equal = means[below..].partition_point(|x| *x <= mean);
    let bias = normal_quantile((below as f64 + 0.5 * equal as f64) / times as f64);
    // The mean without value i is (total − xᵢ) / (n − 1), so dᵢ = (xᵢ − x̄) / (n − 1).
    let (mut squares, mut cubes) = (0.0, 0.0);
    for x in values {
        let d = (x - mean) / (n as f64 - 1.0);
        squares += d * d;
        cubes += d * d * d;
    }
    let acceleration = cubes / (6.0 * squares * squares.sqrt());
    let end = |probability: f64| {
        let z = bias + normal_quantile(probability);
        quantile(&means, normal_below(bias + z / (1.0 - acceleration * z)))
    };
    let tail = 0.5 * (1.0 - CONFIDENCE);
    Some(Interval { low: end(tail), high: end(1.0 - tail) })
}

/// The quantile of sorted values, linear between two of them.
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let last = sorted.len() - 1;
    let at = if probability.is_finite() { probability.clamp(0.0, 1.0) * last as f64 } else { 0.0 };
    let below = (at as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_give_the_same_interval() {
        let values = [4.0, 1.0, 3.0, 2.0, 2.5, 3.5, 9.0, 2.2];
        let interval = |config_id| bootstrap_interval(&values, &mut stream(2017, "test_mae", config_id)).unwrap();
        assert_eq!(interval(3), interval(3));
        assert_ne!(interval(3), interval(4));
        assert_ne!(Some(interval(3)), bootstrap_interval(&values, &mut stream(2017, "test_mse", 3)));
    }

    #[test]
    fn covers_what_it_should() {
        // scipy.stats.bootstrap with 9999 resamples gives 2.32 to 5.39, give or take 0.05.
        let values = [4.0, 1.0, 3.0, 2.0, 2.5, 3.5, 9.0, 2.2];
        let interval = bootstrap_interval(&values, &mut stream(1, "m", 0)).unwrap();
        assert!((interval.low - 2.31).abs() < 0.1 && (interval.high - 5.4).abs() < 0.25, "{interval:?}");
    }

    #[test]
    fn too_few_or_equal_values() {
        let mut random = stream(1, "m", 0);
        assert_eq!(bootstrap_interval(&[1.0], &mut random), None);
        assert_eq!(bootstrap_interval(&[], &mut random), None);
        assert_eq!(bootstrap_interval(&[2.0; 5], &mut random), Some(Interval { low: 2.0, high: 2.0 }));
        assert_eq!(bootstrap_interval(&vec![0.5; 1001], &mut random), None);
    }
}
