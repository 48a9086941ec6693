//! The distribution of the noise over configurations, as their sample variances tell it.

use burstnet_core::math::{exp, ln};
use burstnet_core::streams::Stream;
use ndarray::{Array1, Array2};

/// The variances that are considered, evenly spaced on a logarithmic scale.
const GRID: usize = 40;
/// Steps of the expectation–maximisation algorithm.
const STEPS: usize = 150;

/// The variances that each configuration may have, with their probabilities.
#[derive(Debug)]
pub(super) struct Mixing {
    /// Square roots of the variances.
    deviations: Vec<f64>,
    /// The cumulated probabilities of each configuration, shape (configurations, grid).
    cumulated: Array2<f64>,
}

impl Mixing {
    /// Returns the non-parametric maximum likelihood estimate of the distribution of variances σ², from `variances` that
    /// are σ² χ²(d)/d with `freedom` d (Kiefer & Wolfowitz, Ann. Math. Stat. 27, 1956; for tests, Ignatiadis & Sen, Ann.
    /// Stat. 53, 2025), and by it the distribution of each one's σ². All `variances` are above 0.
    pub(super) fn of(variances: &[f64], freedom: &[f64]) -> Self {
        let ends = variances.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
        let (low, high) = (ln(ends.0), ln(ends.1));
        let grid: Vec<f64> = (0..GRID).map(|at| low + (high - low) * at as f64 / (GRID - 1) as f64).map(exp).collect();
        let mut likelihood = Array2::zeros((variances.len(), GRID));
        for ((mut row, v), d) in likelihood.rows_mut().into_iter().zip(variances).zip(freedom) {
            let log = |s: &f64| -0.5 * d * (ln(*s) + v / s);
            row.iter_mut().zip(&grid).for_each(|(slot, s)| *slot = log(s));
            let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            row.mapv_inplace(|log| exp(log - most));
        }
        let mut weights = Array1::from_elem(GRID, 1.0 / GRID as f64);
        let mut posterior = likelihood.clone();
        for _ in 0..STEPS {
            let mut sums = Array1::zeros(GRID);
            for (mut row, own) in posterior.rows_mut().into_iter().zip(likelihood.rows()) {
                let mut total = 0.0;
                for ((slot, likelihood), weight) in row.iter_mut().zip(own).zip(&weights) {
                    *slot = likelihood * weight;
                    total += *slot;
                }
                row.mapv_inplace(|x| x / total);
                sums += &row;
            }
            weights = sums / variances.len() as f64;
        }
        for mut row in posterior.rows_mut() {
            let mut sum = 0.0;
            row.mapv_inplace(|x| {
                sum += x;
                sum
            });
        }
        Self { deviations: grid.into_iter().map(f64::sqrt).collect(), cumulated: posterior }
    }

    /// Draws a standard deviation that configuration `row` may have.
    pub(super) fn draw(&self, row: usize, random: &mut Stream) -> f64 {
        let u = random.unit();
        let at = self.cumulated.row(row).iter().filter(|sum| **sum < u).count();
        self.deviations[at.min(GRID - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kinds_of_noise_are_told_apart() {
        let variances: Vec<f64> = (0..100).map(|at| if at % 2 == 0 { 1.0 } else { 36.0 }).collect();
        let mixing = Mixing::of(&variances, &[7.0; 100]);
        let mut random = Stream::named(1, "mixing");
        let mut mean = |row| (0..1000).map(|_| mixing.draw(row, &mut random)).sum::<f64>() / 1000.0;
        let (quiet, noisy) = (mean(0), mean(1));
        assert!((quiet - 1.0).abs() < 0.2 && (noisy - 6.0).abs() < 0.6, "{quiet} {noisy}");
        let equal = Mixing::of(&[4.0; 8], &[7.0; 8]);
        assert!((equal.draw(3, &mut random) - 2.0).abs() < 1e-9);
    }
}
