//! The stability of the configurations' ranks from replicate to replicate.

use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;

use super::at_scale;
use super::distributions::chi_squared_above;
use super::resamples::Resamples;

/// The agreement of replicates on the order of the configurations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Concordance {
    /// Configurations that are ranked.
    pub configurations: usize,
    /// Replicates that rank them.
    pub replicates: usize,
    /// Kendall's W: 1 if all agree, about 1/replicates if ranks are chance.
    pub kendall_w: f64,
    /// Friedman's χ² = replicates × (configurations − 1) × W.
    pub chi_squared: f64,
    /// The probability of that much agreement by chance, from the χ² distribution.
    pub p: f64,
    /// The mean of Spearman's rank correlation over all pairs of replicates.
    pub mean_spearman: f64,
}

/// Returns Kendall's coefficient of concordance of `values`, shape (configurations, replicates). With R_c the sum of
/// configuration c's ranks, equal ones given the mean of their ranks, m configurations and k replicates,
/// W = 12 Σ(R_c − R̄)² / (k² (m³ − m) − k ΣT), T the sum of t³ − t over groups of t equal values in a replicate
/// (Kendall & Babington Smith, Ann. Math. Stat. 10, 1939). `None` for fewer than two of either, or if a replicate ranks
/// none above another.
pub(crate) fn concordance(values: ArrayView2<'_, f64>) -> Option<Concordance> {
    let (configurations, replicates) = values.dim();
    if configurations < 2 || replicates < 2 {
        return None;
    }
    let (m, k) = (configurations as f64, replicates as f64);
    let mut sums = vec![0.0; configurations];
    let mut directions = vec![0.0; configurations];
    let mut ties = 0.0;
    let mut constant = false;
    let mut order: Vec<usize> = (0..configurations).collect();
    let mut ranks = vec![0.0; configurations];
    for column in values.columns() {
        let value = |c: usize| column[c];
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
        let mut tied = 0.0;
        let mut first = 0;
        for group in order.chunk_by(|&a, &b| value(a) == value(b)) {
            let t = group.len() as f64;
            tied += t * t * t - t;
            for &c in group {
                ranks[c] = first as f64 + 0.5 * (t + 1.0);
            }
            first += group.len();
        }
        ties += tied;
        let squares = (m * m * m - m - tied) / 12.0; // Σ(rank − mean)²
        constant |= squares == 0.0;
        for c in 0..configurations {
            sums[c] += ranks[c];
            directions[c] += (ranks[c] - 0.5 * (m + 1.0)) / squares.sqrt();
        }
    }
    if constant {
        return None;
    }
    let mean = k * (m + 1.0) / 2.0;
    let squares: f64 = sums.iter().map(|sum| (sum - mean) * (sum - mean)).sum();
    let kendall_w = 12.0 * squares / (k * k * (m * m * m - m) - k * ties);
    let chi_squared = k * (m - 1.0) * kendall_w;
    let length: f64 = directions.iter().map(|x| x * x).sum();
    Some(Concordance {
        configurations,
        replicates,
        kendall_w,
        chi_squared,
        p: chi_squared_above(m - 1.0, chi_squared)?,
        mean_spearman: (length - k) / (k * (k - 1.0)),
    })
}

/// The shares in which a configuration is best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Best {
    /// The share of the replicates in which it is the best one; equal ones share.
    pub(crate) wins: f64,
    /// The share of resamples of the replicates in which its mean is the best one.
    pub(crate) probability: Option<f64>,
}

/// Returns how often each configuration is best, of `values`, shape (configurations, replicates), the smallest being best.
/// Replicates are drawn with replacement, all configurations with the same ones, as [`Resamples`] says.
pub(crate) fn best(values: ArrayView2<'_, f64>, resamples: &Resamples) -> Vec<Best> {
    let (configurations, replicates) = values.dim();
    let values = at_scale(values);
    let mut found = vec![Best::default(); configurations];
    for column in values.columns() {
        share(&column.to_vec(), |c, part| found[c].wins += part);
    }
    found.iter_mut().for_each(|one| one.wins /= replicates as f64);
    let draws = resamples.of(replicates);
    let mut counts = vec![0.0; configurations];
    let mut drawn = vec![0.0; replicates];
    for places in draws.iter() {
        drawn.fill(0.0);
        places.iter().for_each(|&place| drawn[usize::from(place)] += 1.0);
        let total = |row: ArrayView1<'_, f64>| row.iter().zip(&drawn).map(|(x, times)| x * times).sum();
        let sums: Vec<f64> = values.rows().into_iter().map(total).collect();
        share(&sums, |c, part| counts[c] += part);
    }
    let times = draws.iter().len();
    if times > 0 {
        found.iter_mut().zip(counts).for_each(|(one, count)| one.probability = Some(count / times as f64));
    }
    found
}

/// Gives 1 to the smallest value, or equal parts to equal ones.
fn share(values: &[f64], mut give: impl FnMut(usize, f64)) {
    let Some(smallest) = values.iter().copied().min_by(f64::total_cmp) else { return };
    let equal = values.iter().filter(|x| **x == smallest).count() as f64;
    values.iter().enumerate().filter(|(_, x)| **x == smallest).for_each(|(c, _)| give(c, 1.0 / equal));
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn of_known_numbers() {
        // Three configurations, two replicates that agree, then two that say the opposite.
        let same = concordance(array![[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]].view()).unwrap();
        assert_eq!((same.kendall_w, same.chi_squared), (1.0, 4.0));
        assert!((same.mean_spearman - 1.0).abs() < 1e-14);
        assert!((same.p - 0.1353352832366127).abs() < 1e-12);
        let opposite = concordance(array![[1.0, 30.0], [2.0, 20.0], [3.0, 10.0]].view()).unwrap();
        assert_eq!((opposite.kendall_w, opposite.p), (0.0, 1.0));
        assert!((opposite.mean_spearman + 1.0).abs() < 1e-15);
        assert_eq!(concordance(Array2::ones((2, 2)).view()), None);
        assert_eq!(concordance(array![[1.0], [2.0]].view()), None);
        assert_eq!(concordance(Array2::zeros((0, 0)).view()), None);
    }

    #[test]
    fn the_best_one() {
        let resamples = Resamples::new(1);
        let found = best(array![[1.0, 1.0, 9.0], [2.0, 2.0, 8.0]].view(), &resamples);
        assert_eq!([found[0].wins, found[1].wins], [2.0 / 3.0, 1.0 / 3.0]);
        // The second one's mean is smaller if the third replicate is drawn twice or thrice: 7/27.
        assert!((found[1].probability.unwrap() - 7.0 / 27.0).abs() < 0.02);
        let one = best(array![[1.0], [1.0]].view(), &resamples);
        assert_eq!(one, [Best { wins: 0.5, probability: None }; 2]);
        assert_eq!(best(Array2::zeros((0, 0)).view(), &resamples), []);
        let large = best(array![[1.7e308, 1.7e308], [1e308, 1e308]].view(), &resamples);
        assert_eq!((large[0].probability, large[1].probability), (Some(0.0), Some(1.0)));
    }
}
