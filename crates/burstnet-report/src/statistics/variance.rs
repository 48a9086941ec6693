//! Shares of the variance between configurations (functional analysis of variance).

use burstnet_core::numbers::{Scale, are_equal, largest};
use ndarray::{ArrayViewD, Axis};
use serde::Serialize;

use super::Interval;

/// The method by which shares of variance are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Method {
    /// The exact analysis of a grid of which every cell has a value.
    Grid,
    /// A sparse regression on polynomials of one key or two.
    Polynomials,
    /// A random forest.
    Forest,
}

impl Method {
    /// Returns its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Grid => "an exact analysis of the complete grid",
            Self::Polynomials => "a regression on polynomials",
            Self::Forest => "a random forest",
        }
    }
}

/// The scale of a measure on which shares are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ValueScale {
    /// The values themselves.
    Raw,
    /// Their logarithms.
    Log,
    /// Their ranks.
    Ranks,
}

impl ValueScale {
    /// Returns its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Raw => "the values themselves",
            Self::Log => "their logarithms",
            Self::Ranks => "their ranks",
        }
    }

    /// Returns a measure on this scale, in a sentence.
    pub fn of(self, measure: &str) -> String {
        match self {
            Self::Raw => measure.to_owned(),
            Self::Log => format!("the logarithm of {measure}"),
            Self::Ranks => format!("the rank by {measure}"),
        }
    }
}

/// A share of the variance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Share {
    /// The share.
    pub(crate) share: f64,
    /// Its 95 % interval.
    pub(crate) interval: Option<Interval>,
    /// The p value of the test that there is nothing.
    pub(crate) p: Option<f64>,
}

/// The share of the interaction of two keys, beyond what either does alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PairShare {
    /// The number of the first key in the space.
    pub(crate) a: usize,
    /// The number of the second key.
    pub(crate) b: usize,
    /// Their share.
    pub(crate) share: Share,
}

/// Shares of the variance of the configurations' means, which add up to 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variance {
    /// The method by which they were found.
    pub(crate) method: Method,
    /// The scale of the values.
    pub(crate) scale: ValueScale,
    /// Number of configurations that they are of.
    pub(crate) configurations: usize,
    /// The share of each key alone, in the order of the space.
    pub(crate) keys: Vec<Share>,
    /// The share of each pair of keys.
    pub(crate) pairs: Vec<PairShare>,
    /// Interactions of three and more keys.
    pub(crate) rest: f64,
    /// The share of the variance that the regression explains of configurations that it has not seen (cross-validated
    /// R²); `None` for the exact method.
    pub(crate) explained: Option<f64>,
    /// The evidence that keys matter.
    pub(crate) evidence: Evidence,
}

/// The amount of data that would be likely to tell which keys matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Needed {
    /// So many configurations in all.
    Configurations(u64),
    /// So many replicates of each configuration.
    Replicates(u64),
}

impl Variance {
    /// Returns these shares with the intervals, tests and verdict of a regression on the same configurations.
    pub(crate) fn with_evidence(mut self, found: Self) -> Self {
        for (own, other) in self.keys.iter_mut().zip(&found.keys) {
            own.p = other.p;
        }
        // The first is that of the exact shares; a regression that names another one tells that it may be either.
        let most =
            (0..self.keys.len()).max_by(|&a, &b| self.keys[a].share.total_cmp(&self.keys[b].share).then(b.cmp(&a)));
        self.evidence = found.evidence;
        if let (Some(most), false) = (most, self.evidence.first.is_empty()) {
            self.evidence.first.retain(|&key| key != most);
            self.evidence.first.insert(0, most);
        }
        self
    }
}

/// The evidence that keys matter, and which one matters most.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// The p value of the test that no key matters.
    pub(crate) p: Option<f64>,
    /// The numbers of the keys that may be the first, that with the largest share first; none if nothing is told.
    pub(crate) first: Vec<usize>,
    /// The amount of data that would be likely to tell.
    pub(crate) needed: Option<Needed>,
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
    let share = |squares: f64, levels: usize| Share { share: squares / levels as f64 / total, ..Share::default() };
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
    let keys: Vec<Share> = alone.iter().map(of_one).collect();
    let found = keys.iter().map(|one| one.share).sum::<f64>() + pairs.iter().map(|pair| pair.share.share).sum::<f64>();
    let rest = (1.0 - found).max(0.0);
    let most = (0..keys.len()).max_by(|&a, &b| keys[a].share.total_cmp(&keys[b].share).then(b.cmp(&a)));
    let evidence = Evidence { first: most.into_iter().collect(), ..Evidence::default() };
    Some(Variance {
        method: Method::Grid,
        scale: ValueScale::Raw,
        configurations: cells,
        keys,
        pairs,
        rest,
        explained: None,
        evidence,
    })
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;

    fn alone(found: &Variance) -> Vec<f64> {
        found.keys.iter().map(|one| one.share).collect()
    }

    fn shares(levels: &[usize], means: &[f64]) -> Option<Variance> {
        grid(ArrayD::from_shape_vec(levels, means.to_vec()).unwrap().view())
    }

    #[test]
    fn a_sum_has_no_interaction_and_a_product_has_nothing_else() {
        // f = 2a + b with a, b = ±1
        let sum = shares(&[2, 2], &[-3.0, -1.0, 1.0, 3.0]).unwrap();
        assert_eq!((alone(&sum), sum.pairs[0].share.share, sum.rest), (vec![0.8, 0.2], 0.0, 0.0));
        // f = a b
        let product = shares(&[2, 2], &[1.0, -1.0, -1.0, 1.0]).unwrap();
        assert_eq!((alone(&product), product.pairs[0].share.share), (vec![0.0, 0.0], 1.0));
        // f = a b c
        let triple = shares(&[2, 2, 2], &[1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0]).unwrap();
        assert_eq!(triple.rest, 1.0);
    }

    #[test]
    fn the_scale_of_numbers_does_not_matter() {
        for power in [1e-300, 1e200, 5e307] {
            let sum = shares(&[2, 2], &[-3.0, -1.0, 1.0, 3.0].map(|x| x * power)).unwrap();
            assert!((sum.keys[0].share - 0.8).abs() < 1e-9 && (sum.keys[1].share - 0.2).abs() < 1e-9, "{sum:?}");
        }
    }

    #[test]
    fn nothing_varies() {
        assert_eq!(shares(&[2], &[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]), None);
        assert_eq!(shares(&[2], &[0.1, 0.1]), None);
        assert_eq!(shares(&[1], &[0.1]), None);
        assert_eq!(shares(&[], &[1.0]), None);
        assert_eq!(shares(&[0], &[]), None);
        assert_eq!(alone(&shares(&[1, 3], &[0.0, 1.0, 2.0]).unwrap()), [0.0, 1.0]);
    }
}
