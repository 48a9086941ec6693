//! Statistics of a measure over the replicates of one configuration.

use serde::Serialize;

/// Mean, standard deviation, smallest, median and largest value; none of them without values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Sample standard deviation (n − 1); none for fewer than two values.
    pub sd: Option<f64>,
    /// Smallest value.
    pub min: Option<f64>,
    /// Median; the mean of the two middle values for an even number.
    pub median: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

impl Summary {
    /// The statistics of `values`, in the order of the replicates.
    pub fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median =
            if sorted.len().is_multiple_of(2) { 0.5 * (sorted[middle - 1] + sorted[middle]) } else { sorted[middle] };
        Self {
            mean: Some(mean),
            sd: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
            min: sorted.first().copied(),
            median: Some(median),
            max: sorted.last().copied(),
        }
    }

    /// In the order of [`burstnet_sweep::columns::STATISTICS`].
    pub fn in_order(self) -> [Option<f64>; 5] {
        [self.mean, self.sd, self.min, self.median, self.max]
    }
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
}
