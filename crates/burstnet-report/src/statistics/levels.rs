//! The share of the variance of values that lies between the levels of one key.

use burstnet_core::streams::Stream;

use super::distributions::chi_squared_above;

/// The permutations of the test.
const PERMUTATIONS: usize = 999;
/// Beyond this number of values their distribution is known well enough.
const MOST_PERMUTED: usize = 2000;

/// Values, each at a level.
#[derive(Clone, Debug)]
pub(crate) struct Levelled {
    /// Number of levels.
    pub(crate) levels: usize,
    /// The level of each value.
    pub(crate) at: Vec<usize>,
    /// The values.
    pub(crate) values: Vec<f64>,
}

impl Levelled {
    /// Returns the share η² of the sum of squares that lies between the L levels that have values, corrected for L:
    /// ε² = 1 − (1 − η²)(n − 1)/(n − L) (Kelley, PNAS 21, 1935), at least 0. It is 0 if nothing varies, or if n = L.
    pub(crate) fn share(&self) -> f64 {
        let (n, held) = (self.values.len(), self.held());
        if n <= held {
            return 0.0;
        }
        (1.0 - (1.0 - self.between()) * (n - 1) as f64 / (n - held) as f64).clamp(0.0, 1.0)
    }

    /// Returns the number of levels that have values.
    fn held(&self) -> usize {
        let mut seen = vec![false; self.levels];
        self.at.iter().for_each(|&level| seen[level] = true);
        seen.into_iter().filter(|seen| *seen).count()
    }

    /// Returns η²; 0 if nothing varies.
    fn between(&self) -> f64 {
        let mean = self.values.iter().sum::<f64>() / self.values.len().max(1) as f64;
        let mut sums = vec![(0.0, 0_u32); self.levels];
        let mut all = 0.0;
        for (&level, value) in self.at.iter().zip(&self.values) {
            let d = value - mean;
            sums[level].0 += d;
            sums[level].1 += 1;
            all += d * d;
        }
        let between: f64 = sums.iter().filter(|(_, n)| *n > 0).map(|(sum, n)| sum * sum / f64::from(*n)).sum();
        if all > 0.0 { between / all } else { 0.0 }
    }
}

/// Returns the p value of the test that values have nothing to do with their levels: the share of 999 permutations of
/// the values, and of themselves, whose η² is as large. For more than 2000 values, (n − 1) η² is taken as χ² with L − 1
/// degrees of freedom. The values are left in another order.
pub(crate) fn p_value(levelled: &mut Levelled, random: &mut Stream) -> f64 {
    let (n, held) = (levelled.values.len(), levelled.held());
    let own = levelled.between();
    if held < 2 || own <= 0.0 {
        return 1.0;
    }
    if n > MOST_PERMUTED {
        return chi_squared_above((held - 1) as f64, (n - 1) as f64 * own).unwrap_or(1.0);
    }
    let as_large = (0..PERMUTATIONS).filter(|_| {
        random.shuffle(&mut levelled.values);
        levelled.between() >= own * (1.0 - 1e-9) // sums in another order are the same
    });
    (1 + as_large.count()) as f64 / (1 + PERMUTATIONS) as f64
}

#[cfg(test)]
mod tests {
    use burstnet_sweep::streams::SweepPurpose;

    use super::*;

    #[test]
    fn what_levels_explain_and_what_chance_does() {
        let mut random = Stream::new(1, SweepPurpose::Bootstrap);
        let at: Vec<usize> = (0..60).map(|at| at % 3).collect();
        let values: Vec<f64> = at.iter().map(|&level| if level == 2 { 1.0 } else { 0.0 }).collect();
        let mut all = Levelled { levels: 4, at: at.clone(), values };
        assert!((all.share() - 1.0).abs() < 1e-12, "{all:?}");
        assert_eq!(p_value(&mut all, &mut random), 0.001);
        let mut noise = Levelled { levels: 3, at, values: (0..60).map(|_| random.unit()).collect() };
        assert!(noise.share() < 0.1 && p_value(&mut noise, &mut random) > 0.05, "{noise:?}");
        let mut few = Levelled { levels: 2, at: vec![0, 1], values: vec![0.0, 1.0] };
        assert_eq!((few.share(), p_value(&mut few, &mut random)), (0.0, 1.0));
        let mut equal = Levelled { levels: 2, at: vec![0, 1, 0], values: vec![0.5; 3] };
        assert_eq!((equal.share(), p_value(&mut equal, &mut random)), (0.0, 1.0));
    }
}
