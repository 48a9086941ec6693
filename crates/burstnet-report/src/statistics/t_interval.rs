//! Student's t interval of a mean.

use super::distributions::t_quantile;
use super::{CONFIDENCE, Interval};

/// The interval x̄ ± t(n − 1, 0.975) · s / √n of the mean of `values`, where s is the sample standard deviation
/// (Student, Biometrika 6, 1908). None for fewer than two values; a point where all are equal.
pub fn t_interval(values: &[f64]) -> Option<Interval> {
    let n = values.len() as f64;
    let quantile = t_quantile(n - 1.0, 0.5 + 0.5 * CONFIDENCE)?;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    let half = quantile * (squares / (n - 1.0)).sqrt() / n.sqrt();
    Some(Interval { low: mean - half, high: mean + half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        let interval = t_interval(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        // scipy.stats.t.interval(0.95, 3, 2.5, sem)
        assert!((interval.low - 0.4457397432391209).abs() < 1e-12, "{interval:?}");
        assert!((interval.high - 4.554260256760879).abs() < 1e-12, "{interval:?}");
        assert_eq!(t_interval(&[7.0]), None);
        assert_eq!(t_interval(&[]), None);
        assert_eq!(t_interval(&[2.0, 2.0]), Some(Interval { low: 2.0, high: 2.0 }));
    }
}
