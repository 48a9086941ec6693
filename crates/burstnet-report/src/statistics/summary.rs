//! Statistics of a measure over the replicates of one configuration.

use burstnet_core::numbers::{Scale, mean};
use serde::Serialize;

/// Mean, standard deviation, smallest, median and largest value; none of them without values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Sample standard deviation (n − 1); `None` for fewer than two values, or beyond the largest number.
    pub sd: Option<f64>,
    /// Smallest value.
    pub min: Option<f64>,
    /// Median; the mean of the two middle values for an even number.
    pub median: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

impl Summary {
    /// Returns the statistics of `values`, in the order of the replicates.
    pub(crate) fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            mean([sorted[middle - 1], sorted[middle]])
        } else {
            Some(sorted[middle])
        };
        Self {
            mean: mean(values.iter().copied()),
            sd: deviation(values),
            min: sorted.first().copied(),
            median,
            max: sorted.last().copied(),
        }
    }

    /// Returns the statistics in the order of [`burstnet_sweep::plan::columns::STATISTICS`].
    pub(crate) fn in_order(self) -> [Option<f64>; 5] {
        [self.mean, self.sd, self.min, self.median, self.max]
    }
}

/// Returns the sample standard deviation.
fn deviation(values: &[f64]) -> Option<f64> {
    let scale = Scale::of(values.iter().copied());
    let scaled = scale.all_down(values);
    let mean = mean(scaled.iter().copied()).filter(|_| values.len() > 1)?;
    let squares: f64 = scaled.iter().map(|x| (x - mean) * (x - mean)).sum();
    scale.up((squares / (values.len() as f64 - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_known_numbers() {
        let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!(summary.in_order(), [Some(2.5), Some((5.0_f64 / 3.0).sqrt()), Some(1.0), Some(2.5), Some(4.0)]);
        assert_eq!(Summary::of(&[7.0]).in_order(), [Some(7.0), None, Some(7.0), Some(7.0), Some(7.0)]);
        assert_eq!(Summary::of(&[]).in_order(), [None; 5]);
    }

    #[test]
    fn statistics_of_very_large_and_very_small_numbers() {
        let of = |values: &[f64]| Summary::of(values).in_order();
        let equal = |x: f64| [Some(x), Some(0.0), Some(x), Some(x), Some(x)];
        assert_eq!([of(&[1.7e308; 2]), of(&[-f64::MAX; 3])], [equal(1.7e308), equal(-f64::MAX)]);
        let [mean, sd, _, median, _] = of(&[1.7e308, 1.5e308]).map(|x| x.unwrap() / 1e306);
        assert!((mean - 160.0).abs() < 1e-9 && (median - 160.0).abs() < 1e-9, "{mean} {median}");
        assert!((sd - 10.0 * 2.0_f64.sqrt()).abs() < 1e-9, "{sd}");
        assert_eq!(of(&[-1.7e308, 1.7e308])[..2], [Some(0.0), None], "the deviation is 2.4e308");
        let small = Summary::of(&[1e-200, 3e-200]).sd.unwrap();
        assert!((small / 2.0_f64.sqrt() / 1e-200 - 1.0).abs() < 1e-12, "{small:e}");
    }
}
