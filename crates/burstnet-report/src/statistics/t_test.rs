//! Student's t test of a mean difference, and Welch's of the difference of two means.

use burstnet_core::numbers::{Scale, are_equal, difference, largest, mean};
use serde::Serialize;

use super::distributions::{t_above, t_quantile};
use super::{CONFIDENCE, Interval};

/// A difference that was tested alone, without a correction for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TTest {
    /// The difference of the means; `None` without values, or beyond the largest number.
    pub difference: Option<f64>,
    /// Its 95 % interval; `None` if the noise is not known.
    pub interval: Option<Interval>,
    /// The difference over its standard error; `None` if the noise is not known.
    pub t: Option<f64>,
    /// The degrees of freedom; `None` if the noise is not known.
    pub freedom: Option<f64>,
    /// The probability of such a difference or a larger one, of either sign, if there is none; `None` if the noise is
    /// not known.
    pub p: Option<f64>,
}

impl TTest {
    /// Tests the mean of paired `differences`, whose values are as large as `magnitude` (Student, Biometrika 6, 1908):
    /// t = d̄ √n / s with n − 1 degrees of freedom.
    ///
    /// With a single difference, or if all are equal, nothing is known of the noise.
    pub(crate) fn paired(differences: &[f64], magnitude: f64) -> Self {
        let n = differences.len() as f64;
        let Some(difference) = mean(differences.iter().copied()) else { return Self::default() };
        let squares: f64 = differences.iter().map(|d| (d - difference) * (d - difference)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        Self::with(difference, error, n - 1.0, are_equal(differences, magnitude))
    }

    /// Tests the difference of the means of `values`, less that of `others`, which are independent (Welch, Biometrika 34,
    /// 1947): t = (x̄ − ȳ)/√(s²/n + r²/m), with (s²/n + r²/m)² / ((s²/n)²/(n − 1) + (r²/m)²/(m − 1)) degrees of freedom.
    ///
    /// With fewer than two values on a side, or if all of a side are equal on both, nothing is known of the noise.
    pub(crate) fn welch(values: &[f64], others: &[f64]) -> Self {
        let magnitude = largest(values.iter().chain(others).copied());
        let (Some(x), Some(y)) = (mean(values.iter().copied()), mean(others.iter().copied())) else {
            return Self::default();
        };
        let part = |values: &[f64], mean: f64| {
            let n = values.len() as f64;
            (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n, n - 1.0)
        };
        let ((a, a_freedom), (b, b_freedom)) = (part(values, x), part(others, y));
        let freedom = (a + b) * (a + b) / (a * a / a_freedom + b * b / b_freedom);
        let unknown =
            values.len() < 2 || others.len() < 2 || are_equal(values, magnitude) && are_equal(others, magnitude);
        Self::with(difference(x, y), (a + b).sqrt(), freedom, unknown)
    }

    fn with(difference: f64, error: f64, freedom: f64, unknown: bool) -> Self {
        let only = Self { difference: Some(difference), ..Self::default() };
        let known = !unknown && error > 0.0 && freedom > 0.0;
        let Some(quantile) = t_quantile(freedom, 0.5 + 0.5 * CONFIDENCE).filter(|_| known) else { return only };
        let half = quantile * error;
        let t = difference / error;
        Self {
            interval: Some(Interval { low: difference - half, high: difference + half }),
            t: Some(t),
            freedom: Some(freedom),
            p: t_above(freedom, t.abs()).map(|above| (2.0 * above).min(1.0)),
            ..only
        }
    }

    /// Returns the test of values that were made smaller by `scale`, in their own unit.
    pub(crate) fn up(self, scale: Scale) -> Self {
        let interval = self.interval.and_then(|ends| Interval::at(scale, ends.low, ends.high));
        Self { difference: self.difference.and_then(|x| scale.up(x)), interval, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_there_is_no_test() {
        let only = |difference| TTest { difference: Some(difference), ..TTest::default() };
        assert_eq!(TTest::paired(&[], 0.0), TTest::default());
        assert_eq!(TTest::paired(&[0.5], 1.0), only(0.5));
        assert_eq!(TTest::paired(&[0.5, 0.5, 0.5], 1.0), only(0.5));
        assert_eq!(TTest::paired(&[0.0; 4], 1.0), only(0.0));
        assert_eq!(TTest::paired(&[1e-17, -1e-17], 1.0).p, None, "rounding is no noise");
        assert_eq!(TTest::welch(&[1.0], &[2.0, 3.0]), only(-1.5));
        assert_eq!(TTest::welch(&[1.0, 1.0], &[2.0, 2.0]), only(-1.0));
        assert!(TTest::welch(&[1.0, 1.0], &[2.0, 3.0]).p.is_some());
        assert_eq!(TTest::welch(&[], &[2.0]), TTest::default());
    }

    #[test]
    fn differences_of_large_numbers_are_scaled() {
        let scale = Scale::of([1.7e308]);
        let differences = [scale.down(1.7e308), scale.down(1.6e308)];
        let test = TTest::paired(&differences, differences[0]).up(scale);
        assert!((test.difference.unwrap() / 1.65e308 - 1.0).abs() < 1e-12);
        assert_eq!(test.interval, None, "its upper end is beyond float64");
        assert!(test.p.is_some());
        assert_eq!(TTest::paired(&[1.0, 2.0], 2.0).up(Scale::PLAIN), TTest::paired(&[1.0, 2.0], 2.0));
    }
}
