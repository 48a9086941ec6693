//! The noise of each configuration, with strength borrowed from all others.

use burstnet_core::math::{exp, ln};
use ndarray::{Array2, ArrayView1, ArrayView2};
use statrs::function::gamma::digamma;

use super::trigamma::{inverse, trigamma};

/// Alternations of the two-way fit where values are missing; without missing values the first one is exact.
const ALTERNATIONS: usize = 20;
/// A variance is taken to be at least this part of the median one: that all replicates gave the same value is luck if
/// others vary.
const LEAST_PART: f64 = 0.01;

/// The noise of all configurations: xᵢᵣ = μᵢ + bᵣ + εᵢᵣ, where bᵣ is what replicate r does to all of them and εᵢᵣ has
/// the variance σᵢ².
#[derive(Debug)]
pub(super) struct NoiseModel {
    /// Degrees of freedom of each configuration's own variance.
    pub(super) freedom: Vec<f64>,
    /// The own variances: unbiased estimates of σᵢ², but not below [`LEAST_PART`] of the median.
    pub(super) own: Vec<f64>,
    /// The moderated variances: own ones shrunk towards what is common (Smyth, Stat. Appl. Genet. Mol. Biol. 3, 2004).
    pub(super) moderated: Vec<f64>,
    /// Degrees of freedom of the moderated variances.
    pub(super) moderated_freedom: Vec<f64>,
    /// The most degrees of freedom that all values together have.
    pub(super) most_freedom: f64,
    /// The mean square of the correlation of two configurations' noise, beyond what chance makes; 0 if they are
    /// independent.
    pub(super) correlation: f64,
}

impl NoiseModel {
    /// Fits the model to `values`, shape (configurations, replicates), NaN where one is missing. Each configuration has
    /// at least two. `None` if nothing varies but by replicate, or there are fewer than four configurations.
    pub(super) fn of(values: ArrayView2<'_, f64>, rounding: f64) -> Option<Self> {
        let count = values.nrows();
        if count < 4 {
            return None;
        }
        let freedom: Vec<f64> =
            values.rows().into_iter().map(|row| row.iter().filter(|x| !x.is_nan()).count() as f64 - 1.0).collect();
        let weights = weights(values, &freedom)?;
        let residuals = residuals(values, &weights);
        let squares = residuals.rows().into_iter().zip(&freedom).map(|(row, d)| sum_of_squares(row.iter()) / d);
        let mean_squares: Vec<f64> =
            squares.map(|square| if square.sqrt() <= rounding { 0.0 } else { square }).collect();
        let floor = LEAST_PART * median(mean_squares.iter().copied().filter(|square| *square > 0.0))?;
        // E rᵢ = σᵢ² (1 − 2 wᵢ) + Σ wⱼ² σⱼ², because replicates' effects bᵣ are weighted means of the residuals.
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            weights.iter().zip(&mean_squares).map(|(w, r)| of(*w, *r) / (1.0 - 2.0 * w)).sum()
        };
        let common = sum(&|w, r| w * w * r) / (1.0 + sum(&|w, _| w * w));
        let unbiased = weights.iter().zip(&mean_squares).map(|(w, r)| (r - common) / (1.0 - 2.0 * w));
        let own: Vec<f64> = unbiased.map(|variance| variance.max(floor)).collect();
        let most_freedom = freedom.iter().sum::<f64>() - freedom.iter().copied().fold(0.0, f64::max);
        let (prior_freedom, prior) = prior(&own, &freedom);
        let strength = prior_freedom.min(most_freedom);
        let shrunk = |(v, d): (&f64, &f64)| (strength * prior + d * v) / (strength + d);
        Some(Self {
            moderated: own.iter().zip(&freedom).map(shrunk).collect(),
            moderated_freedom: freedom.iter().map(|d| (strength + d).min(most_freedom)).collect(),
            most_freedom,
            correlation: correlation(residuals),
            own,
            freedom,
        })
    }
}

/// Returns the weight of each configuration in the effects of replicates: less where there is much noise.
fn weights(values: ArrayView2<'_, f64>, freedom: &[f64]) -> Option<Vec<f64>> {
    let variance = |(row, d): (ArrayView1<'_, f64>, &f64)| {
        let mean = mean(row.iter().copied().filter(|x| !x.is_nan()));
        row.iter().filter(|x| !x.is_nan()).map(|x| (x - mean) * (x - mean)).sum::<f64>() / d
    };
    let variances: Vec<f64> = values.rows().into_iter().zip(freedom).map(variance).collect();
    let typical = median(variances.iter().copied().filter(|variance| *variance > 0.0))?;
    let raw: Vec<f64> = variances.iter().map(|variance| 1.0 / (variance + typical)).collect();
    let total: f64 = raw.iter().sum();
    Some(raw.into_iter().map(|weight| (weight / total).min(0.45)).collect())
}

/// Returns xᵢᵣ − x̄ᵢ − bᵣ, and 0 where there is no value.
fn residuals(values: ArrayView2<'_, f64>, weights: &[f64]) -> Array2<f64> {
    let mut effects = vec![0.0; values.ncols()];
    let complete = values.iter().all(|x| !x.is_nan());
    let mut means = vec![0.0; values.nrows()];
    for _ in 0..if complete { 1 } else { ALTERNATIONS } {
        for (slot, row) in means.iter_mut().zip(values.rows()) {
            *slot = mean(row.iter().zip(&effects).map(|(x, effect)| x - effect).filter(|x| !x.is_nan()));
        }
        for (effect, column) in effects.iter_mut().zip(values.columns()) {
            let held = column.iter().zip(&means).zip(weights).filter(|((x, _), _)| !x.is_nan());
            let (sum, total) =
                held.fold((0.0, 0.0), |(sum, total), ((x, mean), weight)| (sum + weight * (x - mean), total + weight));
            *effect = if total > 0.0 { sum / total } else { 0.0 };
        }
    }
    let mut residuals = values.to_owned();
    for mut row in residuals.rows_mut() {
        row.iter_mut().zip(&effects).for_each(|(x, effect)| *x -= effect);
        let own = mean(row.iter().copied().filter(|x| !x.is_nan()));
        row.mapv_inplace(|x| if x.is_nan() { 0.0 } else { x - own });
    }
    residuals
}

/// Returns degrees of freedom and value of the prior of variances that fits `variances` best: that σᵢ² is its value
/// times d₀/χ²(d₀) (Smyth 2004, section 6.2). Infinite degrees of freedom if they differ by chance only.
fn prior(variances: &[f64], freedom: &[f64]) -> (f64, f64) {
    let count = variances.len() as f64;
    // The functions of d, which is nearly always the same.
    let mut last = (0.0, 0.0, 0.0);
    let mut of = |d: f64| {
        if last.0 != d {
            last = (d, digamma(0.5 * d) - ln(0.5 * d), trigamma(0.5 * d));
        }
        (last.1, last.2)
    };
    let logs: Vec<f64> = variances.iter().zip(freedom).map(|(v, d)| ln(*v) - of(*d).0).collect();
    let mean = mean(logs.iter().copied());
    let spread = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / (count - 1.0);
    let excess = spread - freedom.iter().map(|d| of(*d).1).sum::<f64>() / count;
    if excess > 0.0 {
        let prior_freedom = 2.0 * inverse(excess);
        return (prior_freedom, exp(mean + digamma(0.5 * prior_freedom) - ln(0.5 * prior_freedom)));
    }
    let sum = variances.iter().zip(freedom).map(|(v, d)| v * d).sum::<f64>();
    (f64::INFINITY, sum / freedom.iter().sum::<f64>())
}

/// Returns the mean square of the correlation of the residuals of two configurations, less what two independent ones
/// have, and less twice the standard deviation of that; not below 0.
fn correlation(mut residuals: Array2<f64>) -> f64 {
    let mut count = 0.0;
    for mut row in residuals.rows_mut() {
        let length = sum_of_squares(row.iter()).sqrt();
        if length > 0.0 {
            row.mapv_inplace(|x| x / length);
            count += 1.0;
        }
    }
    let freedom = residuals.ncols() as f64 - 1.0;
    let pairs = count * (count - 1.0);
    if pairs < 1.0 || freedom < 2.0 {
        return 0.0;
    }
    // The sum over all pairs of configurations, from that over all pairs of replicates.
    let mut squares = 0.0;
    for a in 0..residuals.ncols() {
        for b in a..residuals.ncols() {
            let product: f64 = residuals.rows().into_iter().map(|row| row[a] * row[b]).sum();
            squares += if a == b { product * product } else { 2.0 * product * product };
        }
    }
    let found = (squares - count) / pairs; // without each configuration with itself
    let variance = 2.0 * (freedom - 1.0) / (freedom * freedom * (freedom + 2.0));
    let excess = found - 1.0 / freedom - 2.0 * (2.0 * variance / pairs).sqrt();
    excess.max(0.0) / (1.0 - 1.0 / freedom)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
    sum / count
}

fn sum_of_squares<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    values.map(|x| x * x).sum()
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut all: Vec<f64> = values.collect();
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}
