//! Shares of the variance between configurations (functional analysis of variance).

use burstnet_core::numbers::{Scale, are_equal, largest};
use ndarray::{ArrayViewD, Axis};
use serde::Serialize;

/// The method by which shares of variance are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The exact analysis of a grid of which every cell has a value.
    Grid,
    /// A regression, of a random design or a grid with gaps.
    Regression,
}

/// A share of the variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct PairShare {
    /// The number of the first key in the space.
    pub(crate) a: usize,
    /// The number of the second key.
    pub(crate) b: usize,
    /// The share of their interaction, beyond what either does alone.
    pub(crate) share: f64,
}

/// Shares of the variance of the configurations' means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Variance {
    /// The method by which they were found.
    pub(crate) method: Method,
    /// Number of configurations that they are of.
    pub(crate) configurations: usize,
    /// The share of each key alone, in the order of the space.
    pub(crate) keys: Vec<f64>,
    /// The share of each pair of keys.
    pub(crate) pairs: Vec<PairShare>,
    /// The rest: interactions of three and more keys, and by regression what it does not explain.
    pub(crate) rest: f64,
    /// The share of the variance that the regression explains of configurations that it has not seen (cross-validated
    /// R²), which is what `keys` and `pairs` add up to; `None` for the exact method.
    pub(crate) explained: Option<f64>,
}

/// Returns the shares of a complete grid. `means` has an axis per key and a value per cell.
///
/// Every cell weighs the same. With f₀ the mean of all, f_a the mean over all cells of a level of key a less f₀, and
/// f_ab the mean over all cells of a pair of levels less f_a, f_b and f₀, the shares are V_a / V = mean(f_a²) / V and
/// V_ab / V = mean(f_ab²) / V, V being the variance over all cells (Hoeffding 1948; Sobol', Math. Model. Comput. Exp. 1,
/// 1993). `None` for fewer than two cells, or if all values are equal but for rounding.
pub(crate) fn grid(means: ArrayViewD<'_, f64>) -> Option<Variance> {
    let (cells, keys) = (means.len(), means.ndim());
    let all: Vec<f64> = means.iter().copied().collect();
    if cells < 2 || are_equal(&all, largest(all.iter().copied())) {
        return None;
    }
    let scale = Scale::of(all);
    let means = means.mapv(|x| scale.down(x));
    let mean = means.iter().sum::<f64>() / cells as f64;
    let total = means.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / cells as f64;
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    // The mean of the cells with these levels, less the mean of all cells.
    let beyond = |cells_of_levels: ArrayViewD<'_, f64>, levels: usize| {
        cells_of_levels.iter().map(|x| x - mean).sum::<f64>() * (levels as f64 / cells as f64)
    };
    let of_key = |key: usize| -> Vec<f64> {
        means.axis_iter(Axis(key)).map(|level| beyond(level, means.len_of(Axis(key)))).collect()
    };
    let alone: Vec<Vec<f64>> = (0..keys).map(of_key).collect();
    let share = |squares: f64, levels: usize| squares / levels as f64 / total;
    let of_one = |effects: &Vec<f64>| share(effects.iter().map(|f| f * f).sum(), effects.len());
    let mut pairs = Vec::new();
    for a in 0..keys {
        for b in a + 1..keys {
            let levels = alone[a].len() * alone[b].len();
            let mut squares = 0.0;
            for (row, of_a) in means.axis_iter(Axis(a)).zip(&alone[a]) {
                for (cell, of_b) in row.axis_iter(Axis(b - 1)).zip(&alone[b]) {
                    let f = beyond(cell, levels) - of_a - of_b;
                    squares += f * f;
                }
            }
            pairs.push(PairShare { a, b, share: share(squares, levels) });
        }
    }
    let keys: Vec<f64> = alone.iter().map(of_one).collect();
    let found = keys.iter().sum::<f64>() + pairs.iter().map(|pair| pair.share).sum::<f64>();
    let rest = (1.0 - found).max(0.0);
    Some(Variance { method: Method::Grid, configurations: cells, keys, pairs, rest, explained: None })
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;

    fn shares(levels: &[usize], means: &[f64]) -> Option<Variance> {
        grid(ArrayD::from_shape_vec(levels, means.to_vec()).unwrap().view())
    }

    #[test]
    fn a_sum_has_no_interaction_and_a_product_has_nothing_else() {
        // f = 2a + b with a, b = ±1
        let sum = shares(&[2, 2], &[-3.0, -1.0, 1.0, 3.0]).unwrap();
        assert_eq!((sum.keys, sum.pairs[0].share, sum.rest), (vec![0.8, 0.2], 0.0, 0.0));
        // f = a b
        let product = shares(&[2, 2], &[1.0, -1.0, -1.0, 1.0]).unwrap();
        assert_eq!((product.keys, product.pairs[0].share), (vec![0.0, 0.0], 1.0));
        // f = a b c
        let triple = shares(&[2, 2, 2], &[1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0]).unwrap();
        assert_eq!(triple.rest, 1.0);
    }

    #[test]
    fn the_scale_of_numbers_does_not_matter() {
        for power in [1e-300, 1e200, 5e307] {
            let sum = shares(&[2, 2], &[-3.0, -1.0, 1.0, 3.0].map(|x| x * power)).unwrap();
            assert!((sum.keys[0] - 0.8).abs() < 1e-9 && (sum.keys[1] - 0.2).abs() < 1e-9, "{sum:?}");
        }
    }

    #[test]
    fn nothing_varies() {
        assert_eq!(shares(&[2], &[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]), None);
        assert_eq!(shares(&[2], &[0.1, 0.1]), None);
        assert_eq!(shares(&[1], &[0.1]), None);
        assert_eq!(shares(&[], &[1.0]), None);
        assert_eq!(shares(&[0], &[]), None);
        assert_eq!(shares(&[1, 3], &[0.0, 1.0, 2.0]).unwrap().keys, [0.0, 1.0]);
    }
}
