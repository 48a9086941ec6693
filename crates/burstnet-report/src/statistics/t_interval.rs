//! Student's t interval of a mean.

use burstnet_core::numbers::{Scale, mean};

use super::distributions::t_quantile;
use super::{CONFIDENCE, Interval};

/// Returns the interval x̄ ± t(n − 1, 0.975) · s / √n of the mean of `values`, where s is the sample standard deviation
/// (Student, Biometrika 6, 1908). `None` for fewer than two values, or beyond the largest numbers; a point where all
/// are equal.
pub(crate) fn t_interval(values: &[f64]) -> Option<Interval> {
    let n = values.len() as f64;
    let quantile = t_quantile(n - 1.0, 0.5 + 0.5 * CONFIDENCE)?;
    let scale = Scale::of(values.iter().copied());
    let scaled = scale.all_down(values);
    let mean = mean(scaled.iter().copied())?;
    let squares: f64 = scaled.iter().map(|x| (x - mean) * (x - mean)).sum();
    let half = quantile * (squares / (n - 1.0)).sqrt() / n.sqrt();
    Interval::at(scale, mean - half, mean + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        let interval = t_interval(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        // scipy.stats.t.interval(0.95, 3, 2.5, sem)
        assert!((interval.low - 0.4457397432394794).abs() < 1e-10, "{interval:?}");
        assert!((interval.high - 4.554260256760521).abs() < 1e-10, "{interval:?}");
        assert_eq!(t_interval(&[7.0]), None);
        assert_eq!(t_interval(&[]), None);
        assert!(t_interval(&[1e300, -1e300]).unwrap().high > 1.2e301);
        assert_eq!(t_interval(&[1e308, -1e308]), None, "its ends are ±1.3e309");
        assert_eq!(t_interval(&[1.7e308; 2]), Some(Interval { low: 1.7e308, high: 1.7e308 }));
        assert_eq!(t_interval(&[2.0, 2.0]), Some(Interval { low: 2.0, high: 2.0 }));
    }
}
