//! The logarithm of the probability that a normal variable stays below a limit, without loss where that vanishes.
//!
//! With the standardised distance z to the limit it is ln Φ(z). Below −3 that is ln φ(z) − ln (|z| + c), with the continued
//! fraction c of Mills' ratio 1 / (|z| + c) (Laplace).

use std::f64::consts::FRAC_1_SQRT_2;

use burstnet_core::math::{erfc, exp, ln};

use super::improvement::{LogValue, TAIL, mills};
use crate::search::samplers::normal::log_density;

/// Returns ln Φ(z) and its derivative, φ(z) / Φ(z).
fn log_below(z: f64) -> (f64, f64) {
    if z > TAIL {
        let below = 0.5 * erfc(-z * FRAC_1_SQRT_2);
        return (ln(below), exp(log_density(z)) / below);
    }
    let inverse = -z + mills(-z);
    (log_density(z) - ln(inverse), inverse)
}

/// Returns the probability of a value below `limit` at a point of this mean and variance.
pub(super) fn probability(limit: f64, mean: f64, variance: f64) -> LogValue {
    let deviation = variance.sqrt();
    let z = (limit - mean) / deviation;
    let (value, slope) = log_below(z);
    LogValue { value, by_mean: -slope / deviation, by_variance: -slope * z / (2.0 * variance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of ln Φ from mpmath with 50 digits: log(ncdf(z)).
    #[test]
    fn values_are_those_of_a_long_arithmetic() {
        for (z, expected) in GOLDEN {
            let found = log_below(z).0;
            assert!((found - expected).abs() <= 1e-11 * expected.abs().max(1e-3), "{z}: {found}, expected {expected}");
        }
    }

    const GOLDEN: [(f64, f64); 8] = [
        (-1e6, -500_000_000_014.734_45),
        (-1000.0, -500_007.826_694_812_2),
        (-40.0, -804.608_442_013_753_8),
        (-5.0, -15.064_998_393_988_725),
        (-3.0, -6.607_726_221_510_349),
        (-1.0, -1.841_021_645_009_263_5),
        (0.5, -0.368_946_415_288_656_35),
        (5.0, -2.866_516_129_637_636e-7),
    ];

    #[test]
    fn derivatives_are_those_of_differences() {
        for z in [-1e4_f64, -50.0, -8.0, -3.1, -2.9, -1.0, 0.0, 2.0] {
            let step = 1e-6 * z.abs().max(1.0);
            let expected = (log_below(z + step).0 - log_below(z - step).0) / (2.0 * step);
            let found = log_below(z).1;
            assert!((found / expected - 1.0).abs() < 1e-5, "{z}: {found}, expected {expected}");
        }
        let at = |mean: f64, variance: f64| probability(0.3, mean, variance).value;
        let found = probability(0.3, 0.8, 0.2);
        assert!((found.by_mean - (at(0.8 + 1e-6, 0.2) - at(0.8 - 1e-6, 0.2)) / 2e-6).abs() < 1e-6);
        assert!((found.by_variance - (at(0.8, 0.2 + 1e-6) - at(0.8, 0.2 - 1e-6)) / 2e-6).abs() < 1e-6);
    }
}
