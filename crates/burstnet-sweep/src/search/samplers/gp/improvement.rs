//! The logarithm of the expected improvement of a normal variable (Ament et al., NeurIPS 2023), without loss where the
//! improvement itself would vanish.
//!
//! With the standardised difference z, the expected improvement is σ h(z), h(z) = φ(z) + z Φ(z). Below −3 the two terms
//! cancel. There h(z) = φ(z) c / (|z| + c), where c is the continued fraction 1 / (|z| + 2 / (|z| + 3 / (|z| + …))) of
//! Mills' ratio 1 / (|z| + c) (Laplace).

use std::f64::consts::FRAC_1_SQRT_2;

use burstnet_core::math::{erfc, exp, ln};

use crate::search::samplers::normal::log_density;

/// The value below which the continued fraction is used.
pub(super) const TAIL: f64 = -3.0;
/// The number of levels of the continued fraction, which gives all digits at the edge of the tail.
const LEVELS: u32 = 60;

/// Returns ln h(z) and its derivative, Φ(z) / h(z).
pub(super) fn log_h(z: f64) -> (f64, f64) {
    if z > TAIL {
        let (density, below) = (exp(log_density(z)), 0.5 * erfc(-z * FRAC_1_SQRT_2));
        let h = density + z * below;
        return (ln(h), below / h);
    }
    let x = -z;
    let c = mills(x);
    (log_density(z) + ln(c / (x + c)), 1.0 / c)
}

/// Returns c for which Mills' ratio at `x` is 1 / (x + c).
pub(super) fn mills(x: f64) -> f64 {
    1.0 / (2..=LEVELS).rev().fold(x, |inner, level| x + f64::from(level) / inner)
}

/// A logarithm that is climbed, with its derivatives by mean and variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LogValue {
    pub(super) value: f64,
    pub(super) by_mean: f64,
    pub(super) by_variance: f64,
}

/// Returns the expected improvement on `best`, the value to fall below, at a point of this mean and variance.
pub(super) fn improvement(best: f64, mean: f64, variance: f64) -> LogValue {
    let deviation = variance.sqrt();
    let z = (best - mean) / deviation;
    let (log_h, slope) = log_h(z);
    let by_variance = (1.0 - slope * z) / (2.0 * variance);
    LogValue { value: log_h + ln(deviation), by_mean: -slope / deviation, by_variance }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of ln h from mpmath with 50 digits: log(npdf(z) + z * ncdf(z)).
    #[test]
    fn values_are_those_of_a_long_arithmetic() {
        for (z, expected) in GOLDEN {
            let found = log_h(z).0;
            assert!((found - expected).abs() <= 1e-11 * expected.abs().max(1.0), "{z}: {found}, expected {expected}");
        }
    }

    const GOLDEN: [(f64, f64); 12] = [
        (-1e6, -500_000_000_028.55),
        (-1000.0, -500_014.734_452_091_16),
        (-40.0, -808.298_568_356_62),
        (-10.0, -55.553_122_036_122_35),
        (-5.0, -16.744_301_162_660_99),
        (-3.0, -7.869_686_059_603_029),
        (-2.5, -6.212_541_645_443_513),
        (-1.0, -2.485_121_025_712_641_3),
        (0.0, -0.918_938_533_204_672_8),
        (1.0, 0.080_026_218_849_306_94),
        (5.0, 1.609_437_923_126_431_3),
        (30.0, 3.401_197_381_662_155_5),
    ];

    #[test]
    fn derivatives_are_those_of_differences() {
        for z in [-1e4_f64, -50.0, -8.0, -3.1, -2.9, -1.0, 0.0, 2.0, 9.0] {
            let step = 1e-6 * z.abs().max(1.0);
            let expected = (log_h(z + step).0 - log_h(z - step).0) / (2.0 * step);
            let found = log_h(z).1;
            assert!((found / expected - 1.0).abs() < 1e-5, "{z}: {found}, expected {expected}");
        }
        let at = |mean: f64, variance: f64| improvement(0.3, mean, variance).value;
        let found = improvement(0.3, 0.8, 0.2);
        assert!((found.by_mean - (at(0.8 + 1e-6, 0.2) - at(0.8 - 1e-6, 0.2)) / 2e-6).abs() < 1e-6);
        assert!((found.by_variance - (at(0.8, 0.2 + 1e-6) - at(0.8, 0.2 - 1e-6)) / 2e-6).abs() < 1e-6);
    }

    #[test]
    fn both_forms_agree_where_they_meet() {
        let (below, above) = (log_h(TAIL - 1e-9).0, log_h(TAIL + 1e-9).0);
        assert!((above - below - 2e-9 * log_h(TAIL).1).abs() < 1e-11, "{below}, {above}");
    }
}
