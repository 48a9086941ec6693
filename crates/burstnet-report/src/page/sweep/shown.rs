//! The choice of configurations for the page: all of a small sweep, of a large one the best and an even sample of the
//! rest.

/// The best configurations that are shown.
pub(super) const BEST: usize = 1000;
/// The others that are shown.
pub(super) const SAMPLED: usize = 1000;

/// Returns the places in a ranking of `all` that are kept: the first `best`, and of the rest `sampled` at equal
/// distances, the last one among them. They are sorted, each once.
pub(in crate::page) fn places(all: usize, best: usize, sampled: usize) -> Vec<usize> {
    if all <= best + sampled {
        return (0..all).collect();
    }
    let rest = all - best;
    let even = (1..=sampled).map(|at| best + (at as u128 * rest as u128 / sampled as u128) as usize - 1);
    (0..best).chain(even).collect()
}

/// Returns at most `most` of `n` points of a curve: half of them at equal distances and half at equal ratios, so that
/// they serve on both kinds of axis; the first and the last among them. They are sorted, each once.
pub(super) fn points(n: usize, most: usize) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let half = most / 2;
    let last = (n - 1) as f64;
    let even = (0..half).map(|at| (at as f64 / (half - 1) as f64 * last).round() as usize);
    let ratio =
        |at: usize| burstnet_core::math::exp(burstnet_core::math::ln(last + 1.0) * at as f64 / half as f64) - 1.0;
    let mut points: Vec<usize> = even.chain((0..half).map(|at| ratio(at).round() as usize)).collect();
    points.sort_unstable();
    points.dedup();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_and_an_even_sample_of_the_rest() {
        assert_eq!(places(5, 3, 2), [0, 1, 2, 3, 4]);
        assert_eq!(places(103, 3, 4), [0, 1, 2, 27, 52, 77, 102]);
        let many = places(1_000_000, BEST, SAMPLED);
        assert_eq!((many.len(), many[999], many[1000], many[1999]), (2000, 999, 1998, 999_999));
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn few_points_and_both_ends() {
        assert_eq!(points(4, 10), [0, 1, 2, 3]);
        for n in [201, 1000, 1_000_000] {
            let kept = points(n, 200);
            assert!(kept.len() <= 200 && kept.len() > 100, "{}", kept.len());
            assert_eq!((kept[0], kept[1], kept[kept.len() - 1]), (0, 1, n - 1));
            assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
