//! How much of the variation lies between configurations and how much between replicates.

use serde::Serialize;

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

/// Shares of the sum of squares of `values`, shape (configurations, replicates), row by row: with row means, column means
/// and the mean of all, SS_c = k Σ(x̄_c − x̄)², SS_r = m Σ(x̄_r − x̄)², and the residual is what is left of Σ(x − x̄)²
/// (Fisher, Statistical Methods for Research Workers, 1925). None for fewer than two rows or columns, or if all values
/// are equal.
pub fn noise(values: &[f64], replicates: usize) -> Option<Noise> {
    let configurations = values.len().checked_div(replicates)?;
    if configurations < 2 || replicates < 2 {
        return None;
    }
    let (m, k) = (configurations as f64, replicates as f64);
    let mean = values.iter().sum::<f64>() / (m * k);
    let mut columns = vec![0.0; replicates];
    let (mut between, mut total) = (0.0, 0.0);
    for row in values.chunks_exact(replicates) {
        let own = row.iter().sum::<f64>() / k;
        between += k * (own - mean) * (own - mean);
        for (column, x) in columns.iter_mut().zip(row) {
            *column += x;
            total += (x - mean) * (x - mean);
        }
    }
    let across: f64 = columns.iter().map(|sum| sum / m - mean).map(|d| m * d * d).sum();
    (total > 0.0).then(|| Noise {
        configurations,
        replicates,
        configuration: between / total,
        replicate: across / total,
        residual: ((total - between - across) / total).max(0.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        let shares = noise(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!((shares.configuration, shares.replicate, shares.residual), (0.8, 0.2, 0.0));
        assert_eq!(noise(&[1.0; 4], 2), None);
        assert_eq!(noise(&[1.0, 2.0], 1), None);
        assert_eq!(noise(&[], 0), None);
    }
}
