//! Two configurations compared on the same replicates.

use serde::Serialize;

use super::Interval;
use super::t_interval::t_interval;
use super::wilcoxon::{Wilcoxon, smallest_p, wilcoxon};

/// A configuration against another one, replicate by replicate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// Replicates in which both have a value.
    pub n: usize,
    /// The mean of the differences, this one less the other one.
    pub difference: f64,
    /// Student's t interval of that mean; none for fewer than two.
    pub interval: Option<Interval>,
    /// Whether the differences are symmetric about zero.
    pub wilcoxon: Wilcoxon,
    /// The smallest p that so many differences can reach.
    pub smallest_p: f64,
    /// The p value corrected by Holm's method over the contrasts that are shown together; none until that is done.
    pub p_holm: Option<f64>,
}

/// Compares paired values, (this one, the other one). None without a pair.
pub fn contrast(pairs: &[(f64, f64)]) -> Option<Contrast> {
    if pairs.is_empty() {
        return None;
    }
    let differences: Vec<f64> = pairs.iter().map(|(x, y)| x - y).collect();
    let n = differences.len();
    Some(Contrast {
        n,
        difference: differences.iter().sum::<f64>() / n as f64,
        interval: t_interval(&differences),
        wilcoxon: wilcoxon(&differences),
        smallest_p: smallest_p(n),
        p_holm: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        let one = contrast(&[(1.0, 0.5), (2.0, 1.0), (4.0, 2.5)]).unwrap();
        assert_eq!((one.n, one.difference, one.wilcoxon.p, one.smallest_p), (3, 1.0, 0.25, 0.25));
        let interval = one.interval.unwrap();
        assert!((interval.low + 0.2420688).abs() < 1e-6 && (interval.high - 2.2420688).abs() < 1e-6, "{interval:?}");
        assert_eq!(contrast(&[]), None);
        let same = contrast(&[(1.0, 1.0), (2.0, 2.0)]).unwrap();
        assert_eq!((same.difference, same.wilcoxon.p), (0.0, 1.0));
    }
}
