//! Two configurations compared on the same replicates.

use burstnet_core::numbers::{difference, mean};
use serde::Serialize;

use super::Interval;
use super::t_interval::t_interval;
use super::wilcoxon::{Wilcoxon, smallest_p, wilcoxon};

/// A configuration against another one, replicate by replicate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// Replicates in which both have a value.
    pub n: usize,
    /// The mean of the differences, this one less the other one; `None` beyond the largest number.
    pub difference: Option<f64>,
    /// Student's t interval of that mean; `None` for fewer than two.
    pub interval: Option<Interval>,
    /// The test whether the differences are symmetric about zero.
    pub wilcoxon: Wilcoxon,
    /// The smallest p that so many differences can reach.
    pub smallest_p: f64,
    /// The p value corrected by Holm's method over the contrasts that are shown together; `None` until that is done.
    pub p_holm: Option<f64>,
}

/// Compares paired values, (this one, the other one). `None` without a pair. Differences that are rounding alone are 0.
pub(crate) fn contrast(pairs: &[(f64, f64)]) -> Option<Contrast> {
    if pairs.is_empty() {
        return None;
    }
    // The difference of finite numbers can be twice as large as the largest one; ranks of halves are the same.
    let part = if pairs.iter().all(|(x, y)| (x - y).is_finite()) { 1.0 } else { 0.5 };
    let differences: Vec<f64> = pairs.iter().map(|(x, y)| difference(part * x, part * y)).collect();
    let whole = |x: f64| Some(x / part).filter(|x| x.is_finite());
    let interval =
        t_interval(&differences).and_then(|ends| Some(Interval { low: whole(ends.low)?, high: whole(ends.high)? }));
    let n = differences.len();
    Some(Contrast {
        n,
        difference: mean(differences.iter().copied()).and_then(whole),
        interval,
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
        assert_eq!((one.n, one.difference, one.wilcoxon.p, one.smallest_p), (3, Some(1.0), 0.25, 0.25));
        let interval = one.interval.unwrap();
        assert!(
            (interval.low + 0.24206885587516513).abs() < 1e-10 && (interval.high - 2.242068855875165).abs() < 1e-10,
            "{interval:?}"
        );
        assert_eq!(contrast(&[]), None);
        let same = contrast(&[(1.0, 1.0), (2.0, 2.0)]).unwrap();
        assert_eq!((same.difference, same.wilcoxon.p), (Some(0.0), 1.0));
    }

    #[test]
    fn rounding_is_no_difference() {
        let rounded = [(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1); 8];
        assert_ne!(rounded[0].0, rounded[0].1);
        let same = contrast(&rounded).unwrap();
        assert_eq!((same.difference, same.interval), (Some(0.0), Some(Interval { low: 0.0, high: 0.0 })));
        assert_eq!((same.wilcoxon.n, same.wilcoxon.p), (0, 1.0));
        let apart = contrast(&[(0.6, 0.6 + 1e-13); 8]).unwrap();
        assert_eq!((apart.wilcoxon.n, apart.wilcoxon.p), (8, 2.0 / 256.0));
    }

    #[test]
    fn differences_beyond_the_largest_number() {
        let far = contrast(&[(1.7e308, -1.7e308), (1.6e308, -1.7e308), (1.5e308, 1e308)]).unwrap();
        assert_eq!((far.interval, far.wilcoxon.n, far.wilcoxon.p), (None, 3, 0.25));
        assert!(far.difference.is_none(), "(3.4 + 3.3 + 0.5) / 3 is 2.4");
        let near = contrast(&[(1.7e308, -1.7e308), (-1.7e308, 1.6e308), (1.5e308, 1e308)]).unwrap();
        assert!((near.difference.unwrap() / 2e307 - 1.0).abs() < 1e-9, "{near:?}");
    }
}
