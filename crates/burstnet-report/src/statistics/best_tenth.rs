//! The keys that matter among the best configurations (PED-ANOVA: Watanabe, Bansal & Hutter, IJCAI 2023).

use super::surrogate::Table;

/// The cells of a key among which densities are compared.
const PARTS: usize = 20;

/// Returns the share of each key in what distinguishes the best tenth of all configurations, at least five, from all: the
/// Pearson divergence ∫ (p_best/p_all − 1)² p_all of the densities of its values. The shares add up to 1. `None` for
/// fewer than twenty configurations, or if nothing distinguishes them. `losses` are smaller for better ones.
///
/// Densities are histograms smoothed by one cell to each side, for keys with an order, and with a configuration more that
/// is spread over all cells.
pub(crate) fn best_tenth(table: &Table, losses: &[f64]) -> Option<(usize, Vec<f64>)> {
    let n = losses.len();
    if n < 20 {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| losses[a].total_cmp(&losses[b])); // stable
    let best = n.div_ceil(10).max(5);
    let divergence = |key: usize| {
        let all = table.density(key, PARTS, &order);
        let top = table.density(key, PARTS, &order[..best]);
        top.iter().zip(all).map(|(p, q)| (p / q - 1.0) * (p / q - 1.0) * q).sum::<f64>()
    };
    let found: Vec<f64> = (0..table.keys()).map(divergence).collect();
    let sum: f64 = found.iter().sum();
    (sum > 0.0).then(|| (best, found.into_iter().map(|one| one / sum).collect()))
}

#[cfg(test)]
mod tests {
    use burstnet_core::streams::Stream;
    use burstnet_sweep::search::samplers::AxisKind;
    use burstnet_sweep::streams::SweepPurpose;

    use super::*;
    use crate::statistics::surrogate::basis::Position;

    #[test]
    fn the_key_whose_best_values_lie_together() {
        let mut random = Stream::new(1, SweepPurpose::Search);
        let units: Vec<[f64; 3]> = (0..200).map(|_| [0; 3].map(|_| random.unit())).collect();
        let positions: Vec<Vec<Position>> = units.iter().map(|row| row.map(Position::Part).to_vec()).collect();
        let losses: Vec<f64> = units.iter().map(|[_, x, _]| (x - 0.5) * (x - 0.5)).collect();
        let table = Table::new(&[AxisKind::Range; 3], &positions);
        let (best, shares) = best_tenth(&table, &losses).unwrap();
        assert_eq!(best, 20);
        assert!(shares[1] > 0.6 && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{shares:?}");
        assert_eq!(best_tenth(&Table::new(&[AxisKind::Range; 3], &positions[..19]), &losses[..19]), None);
    }
}
