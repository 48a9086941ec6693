//! The scales on which a regression may predict.

use burstnet_core::math::ln;
use burstnet_core::numbers::{Scale, are_equal, largest};

use crate::statistics::ValueScale;

/// Values on a scale.
#[derive(Clone, Debug)]
pub(super) struct Scaled {
    /// The scale.
    pub(super) scale: ValueScale,
    /// The values, of a size that can be squared.
    pub(super) values: Vec<f64>,
}

impl Scaled {
    /// Returns values on each scale that they can be on and vary on.
    pub(super) fn all(values: &[f64]) -> Vec<Self> {
        let mut all = vec![Self { scale: ValueScale::Raw, values: Scale::of(values.iter().copied()).all_down(values) }];
        if values.iter().all(|x| *x > 0.0) {
            all.push(Self { scale: ValueScale::Log, values: values.iter().map(|x| ln(*x)).collect() });
        }
        all.push(Self { scale: ValueScale::Ranks, values: ranks(values) });
        all.retain(|one| !are_equal(&one.values, largest(one.values.iter().copied())));
        all
    }
}

/// Returns the ranks of values as parts of their number; equal ones have the mean of their ranks.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = (below as f64 + 0.5 * group.len() as f64) / values.len() as f64;
        group.iter().for_each(|&at| ranks[at] = rank);
        below += group.len();
    }
    ranks
}
