//! Wilcoxon's signed-rank test of paired differences.

use serde::Serialize;

use super::distributions::normal_above;

/// The most differences whose distribution is counted out.
pub(crate) const MOST_EXACT: usize = 50;

/// Wilcoxon's signed-rank test, two-sided.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wilcoxon {
    /// Differences that are not zero; the others are left out.
    pub n: usize,
    /// W: the smaller one of the sums of ranks of positive and of negative differences.
    pub statistic: f64,
    /// The probability of W or less if each difference is as likely positive as negative.
    pub p: f64,
    /// True if `p` is exact, rather than from the normal approximation.
    pub exact: bool,
}

/// Runs Wilcoxon's signed-rank test that differences are symmetric about zero (Wilcoxon, Biometrics Bull. 1, 1945).
///
/// Zeros are left out; the n others are ranked by size, equal ones by the mean of their ranks. Up to 50, p is exact:
/// the share of the 2ⁿ choices of signs that give a W as small, for the ranks as they are, equal ones included. Beyond,
/// W is taken as normal with mean n(n + 1)/4 and variance n(n + 1)(2n + 1)/24 − Σ(t³ − t)/48 over groups of t equal
/// ones, without a correction for continuity. Without any difference, n = 0 and p = 1.
pub(crate) fn wilcoxon(differences: &[f64]) -> Wilcoxon {
    let mut sizes: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let n = sizes.len();
    sizes.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let doubled = doubled_ranks(&sizes);
    let all: u64 = doubled.iter().sum();
    let positive: u64 = doubled.iter().zip(&sizes).filter(|(_, d)| **d > 0.0).map(|(rank, _)| rank).sum();
    let smaller = positive.min(all - positive);
    let exact = n <= MOST_EXACT;
    let p = if exact { exact_p(&doubled, smaller) } else { normal_p(&sizes, 0.5 * smaller as f64) };
    Wilcoxon { n, statistic: 0.5 * smaller as f64, p, exact }
}

/// Returns the smallest p that `n` differences can reach: 2 / 2ⁿ, all of one sign.
pub(crate) fn smallest_p(n: usize) -> f64 {
    let halvings = n.saturating_sub(1).min(1000) as i32;
    (0..halvings).fold(1.0, |p, _| 0.5 * p)
}

/// Returns how many differences are needed so that the smallest of `tests` p values, corrected by Holm's method, can be
/// at most `level`.
pub(crate) fn needed(tests: usize, level: f64) -> usize {
    (1..1000).find(|&n| tests.max(1) as f64 * smallest_p(n) <= level).unwrap_or(1000)
}

/// Returns twice the rank of each of the sorted differences, so that the mean of equal ones' ranks is an integer.
fn doubled_ranks(sizes: &[f64]) -> Vec<u64> {
    let mut ranks = Vec::with_capacity(sizes.len());
    for group in sizes.chunk_by(|a, b| a.abs() == b.abs()) {
        let (first, last) = (ranks.len() as u64 + 1, (ranks.len() + group.len()) as u64);
        ranks.extend(std::iter::repeat_n(first + last, group.len()));
    }
    ranks
}

/// Returns the share of all choices of signs in which the smaller sum is at most `smaller`, all doubled.
fn exact_p(doubled: &[u64], smaller: u64) -> f64 {
    let all: u64 = doubled.iter().sum();
    // How many choices of positive ones give each sum; exact in float64, being below 2⁵³.
    let mut ways = vec![0.0_f64; all as usize + 1];
    ways[0] = 1.0;
    let mut reached = 0;
    for &rank in doubled {
        for sum in (0..=reached).rev() {
            ways[(sum + rank) as usize] += ways[sum as usize];
        }
        reached += rank;
    }
    let total: f64 = ways.iter().sum();
    let below: f64 = ways[..=smaller as usize].iter().sum();
    (2.0 * below / total).min(1.0)
}

fn normal_p(sizes: &[f64], statistic: f64) -> f64 {
    let n = sizes.len() as f64;
    let ties: f64 =
        sizes.chunk_by(|a, b| a.abs() == b.abs()).map(|group| group.len() as f64).map(|t| t * t * t - t).sum();
    let mean = n * (n + 1.0) / 4.0;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    (2.0 * normal_above((mean - statistic) / variance.sqrt())).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_for_few() {
        let test = wilcoxon(&[1.0, 2.0, 3.0, -4.0, 5.0, 6.0]);
        assert_eq!((test.n, test.statistic, test.exact), (6, 4.0, true));
        assert_eq!(test.p, 14.0 / 64.0); // of the 64 choices, 7 have a sum of positive ranks of at most 4
        assert_eq!(wilcoxon(&[0.3; 6]).p, 2.0 / 64.0);
        assert_eq!(wilcoxon(&[1.0, 1.0, -1.0]).p, 1.0); // equal sizes: any sign as likely
    }

    #[test]
    fn zeros_are_left_out() {
        assert_eq!(wilcoxon(&[0.0, 1.0, -0.0, 2.0]), wilcoxon(&[1.0, 2.0]));
        assert_eq!(wilcoxon(&[0.0, 0.0]), Wilcoxon { n: 0, statistic: 0.0, p: 1.0, exact: true });
        assert_eq!(wilcoxon(&[]).p, 1.0);
    }

    #[test]
    fn few_can_never_be_significant() {
        assert_eq!([1, 2, 5, 6].map(smallest_p), [1.0, 0.5, 0.0625, 0.03125]);
        assert_eq!(smallest_p(0), 1.0);
        assert_eq!([needed(1, 0.05), needed(49, 0.05)], [6, 11]);
    }
}
