//! The parts of the variation that lie between configurations and between replicates.

use burstnet_core::numbers::{are_equal, largest};
use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;

use super::at_scale;

/// Shares of the variance of single trials, a two-way analysis of variance without repetition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// Configurations that are in it.
    pub configurations: usize,
    /// Replicates that are in it.
    pub replicates: usize,
    /// Between configurations.
    pub configuration: f64,
    /// Between replicates, the same in all configurations.
    pub replicate: f64,
    /// The rest: replicates that differ in one configuration otherwise than in another.
    pub residual: f64,
}

/// Returns the shares of the sum of squares of `values`, shape (configurations, replicates): with row means, column means
/// and the mean of all, SS_c = k Σ(x̄_c − x̄)², SS_r = m Σ(x̄_r − x̄)², and the residual is what is left of Σ(x − x̄)²
/// (Fisher, Statistical Methods for Research Workers, 1925). `None` for fewer than two rows or columns, or if all values
/// are equal but for rounding.
pub(crate) fn noise(values: ArrayView2<'_, f64>) -> Option<Noise> {
    let (configurations, replicates) = values.dim();
    let all: Vec<f64> = values.iter().copied().collect();
    if configurations < 2 || replicates < 2 || are_equal(&all, largest(all.iter().copied())) {
        return None;
    }
    let values = at_scale(values);
    let (m, k) = (configurations as f64, replicates as f64);
    let mean = values.iter().sum::<f64>() / (m * k);
    let (mut between, mut total) = (0.0, 0.0);
    for row in values.rows() {
        let own = row.iter().sum::<f64>() / k;
        between += k * (own - mean) * (own - mean);
        row.iter().for_each(|x| total += (x - mean) * (x - mean));
    }
    let of_replicate = |column: ArrayView1<'_, f64>| column.iter().sum::<f64>() / m - mean;
    let across: f64 = values.columns().into_iter().map(of_replicate).map(|d| m * d * d).sum();
    (total > 0.0 && total.is_finite()).then(|| Noise {
        configurations,
        replicates,
        configuration: between / total,
        replicate: across / total,
        residual: ((total - between - across) / total).max(0.0),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn of_known_numbers() {
        let known = array![[1.0, 2.0], [3.0, 4.0]];
        let shares = noise(known.view()).unwrap();
        assert_eq!((shares.configuration, shares.replicate, shares.residual), (0.8, 0.2, 0.0));
        assert_eq!(noise(Array2::ones((2, 2)).view()), None);
        assert_eq!(noise(Array2::from_elem((2, 6), 0.1).view()), None);
        for power in [1e-300, 1e307] {
            let found = noise(known.mapv(|x| x * power).view()).unwrap();
            assert!((found.configuration - 0.8).abs() < 1e-9 && (found.replicate - 0.2).abs() < 1e-9, "{found:?}");
        }
        let (one, other) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert_eq!(noise(array![[one, one], [other, other]].view()), None, "they differ by rounding alone");
        assert_eq!(noise(array![[1.0], [2.0]].view()), None);
        assert_eq!(noise(Array2::zeros((0, 0)).view()), None);
    }
}
