//! Which swept key matters: shares of the variance between configurations (functional analysis of variance).

use burstnet_core::numbers::{Scale, are_equal, largest};
use serde::Serialize;

/// How shares of variance were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Exactly, every cell of the grid having a value.
    Grid,
    /// By regression, of a random design or a grid with gaps.
    Regression,
}

/// A share of the variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PairShare {
    /// The number of the first key in the space.
    pub a: usize,
    /// The number of the second key.
    pub b: usize,
    /// The share of their interaction, beyond what either does alone.
    pub share: f64,
}

/// Shares of the variance of the configurations' means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variance {
    /// How they were found.
    pub method: Method,
    /// How many configurations they are of.
    pub configurations: usize,
    /// The share of each key alone, in the order of the space.
    pub keys: Vec<f64>,
    /// The share of each pair of keys.
    pub pairs: Vec<PairShare>,
    /// What is left: interactions of three and more keys, and by regression what it does not explain.
    pub rest: f64,
    /// The share of the variance that the regression explains of configurations that it has not seen (cross-validated
    /// R²), which is what `keys` and `pairs` add up to; none for the exact method.
    pub explained: Option<f64>,
}

/// Shares of a complete grid. `levels` are the numbers of levels of each key; `means` holds a value per cell, the last
/// key changing fastest.
///
/// Every cell weighs the same. With f₀ the mean of all, f_a the mean over all cells of a level of key a less f₀, and
/// f_ab the mean over all cells of a pair of levels less f_a, f_b and f₀, the shares are V_a / V = mean(f_a²) / V and
/// V_ab / V = mean(f_ab²) / V, V being the variance over all cells (Hoeffding 1948; Sobol', Math. Model. Comput. Exp. 1,
/// 1993). None for fewer than two cells, or if all values are equal but for rounding.
pub fn grid(levels: &[usize], means: &[f64]) -> Option<Variance> {
    let cells: usize = levels.iter().product();
    if cells < 2 || cells != means.len() {
        return None;
    }
    if are_equal(means, largest(means.iter().copied())) {
        return None;
    }
    let means = &Scale::of(means.iter().copied()).all_down(means)[..];
    let mean = means.iter().sum::<f64>() / cells as f64;
    let total = means.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / cells as f64;
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let strides: Vec<usize> = (0..levels.len()).map(|key| levels[key + 1..].iter().product()).collect();
    let level = |cell: usize, key: usize| cell / strides[key] % levels[key];
    let alone: Vec<Vec<f64>> = (0..levels.len())
        .map(|key| {
            let mut sums = vec![0.0; levels[key]];
            means.iter().enumerate().for_each(|(cell, x)| sums[level(cell, key)] += x - mean);
            let weight = levels[key] as f64 / cells as f64;
            sums.iter().map(|sum| sum * weight).collect()
        })
        .collect();
    let share = |effects: &[f64]| effects.iter().map(|f| f * f).sum::<f64>() / effects.len() as f64 / total;
    let keys: Vec<f64> = alone.iter().map(|effects| share(effects)).collect();
    let mut pairs = Vec::new();
    for a in 0..levels.len() {
        for b in a + 1..levels.len() {
            let mut both = vec![0.0; levels[a] * levels[b]];
            let weight = both.len() as f64 / cells as f64;
            means
                .iter()
                .enumerate()
                .for_each(|(cell, x)| both[level(cell, a) * levels[b] + level(cell, b)] += x - mean);
            for (at, f) in both.iter_mut().enumerate() {
                *f = *f * weight - alone[a][at / levels[b]] - alone[b][at % levels[b]];
            }
            pairs.push(PairShare { a, b, share: share(&both) });
        }
    }
    let found = keys.iter().sum::<f64>() + pairs.iter().map(|pair| pair.share).sum::<f64>();
    let rest = (1.0 - found).max(0.0);
    Some(Variance { method: Method::Grid, configurations: cells, keys, pairs, rest, explained: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_has_no_interaction_and_a_product_has_nothing_else() {
        // f = 2a + b with a, b = ±1
        let sum = grid(&[2, 2], &[-3.0, -1.0, 1.0, 3.0]).unwrap();
        assert_eq!((sum.keys, sum.pairs[0].share, sum.rest), (vec![0.8, 0.2], 0.0, 0.0));
        // f = a b
        let product = grid(&[2, 2], &[1.0, -1.0, -1.0, 1.0]).unwrap();
        assert_eq!((product.keys, product.pairs[0].share), (vec![0.0, 0.0], 1.0));
        // f = a b c
        let triple = grid(&[2, 2, 2], &[1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0]).unwrap();
        assert_eq!(triple.rest, 1.0);
    }

    #[test]
    fn the_scale_of_numbers_does_not_matter() {
        for power in [1e-300, 1e200, 5e307] {
            let sum = grid(&[2, 2], &[-3.0, -1.0, 1.0, 3.0].map(|x| x * power)).unwrap();
            assert!((sum.keys[0] - 0.8).abs() < 1e-9 && (sum.keys[1] - 0.2).abs() < 1e-9, "{sum:?}");
        }
    }

    #[test]
    fn nothing_varies() {
        assert_eq!(grid(&[2], &[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]), None);
        assert_eq!(grid(&[2], &[0.1, 0.1]), None);
        assert_eq!(grid(&[1], &[0.1]), None);
        assert_eq!(grid(&[], &[]), None);
        assert_eq!(grid(&[1, 3], &[0.0, 1.0, 2.0]).unwrap().keys, [0.0, 1.0]);
    }
}
