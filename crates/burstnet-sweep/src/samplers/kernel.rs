//! The kernels of a Parzen estimator along one axis: a truncated normal density, a discretised one, or a category.
//!
//! They follow Optuna's TPESampler (Akiba et al., KDD 2019), whose choices Watanabe (arXiv:2304.11127, 2023) compares.

use burstnet_core::math::ln;
use burstnet_core::streams::Stream;

use super::{AxisKind, normal};

/// From how many values on an axis is as good as a range.
const AS_GOOD_AS_A_RANGE: u64 = 1 << 16;
/// How often a number outside [0, 1) is drawn again; more than a third lie inside.
const MOST_DRAWS: usize = 200;
/// The weight of the prior against that of an observation.
pub(super) const PRIOR_WEIGHT: f64 = 1.0;

/// What one observation, or the prior, says about one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kernel {
    /// A normal density, truncated to [0, 1), with the logarithms of its mass there and of its deviation.
    Normal { mean: f64, deviation: f64, log_mass: f64, log_deviation: f64 },
    /// One value among others; none of them for the prior.
    Category { observed: Option<u64>, count: u64, share: f64 },
}

/// One kernel per observation along an axis, and last the prior's, which also stands for observations without a
/// coordinate.
pub(super) fn kernels(kind: AxisKind, observed: &[Option<f64>]) -> Vec<Kernel> {
    let held: Vec<f64> =
        observed.iter().flatten().map(|unit| kind.index(*unit).map_or(*unit, |i| kind.middle(i))).collect();
    let mut found: Vec<Kernel> = match kind {
        AxisKind::Unordered(count) => {
            let share = PRIOR_WEIGHT / (held.len() + 1) as f64;
            held.iter().map(|unit| Kernel::Category { observed: kind.index(*unit), count, share }).collect()
        }
        AxisKind::Range | AxisKind::Ordered(_) => {
            held.iter().zip(deviations(&held)).map(|(mean, deviation)| Kernel::normal(*mean, deviation)).collect()
        }
    };
    let prior = match kind {
        AxisKind::Unordered(count) => Kernel::Category { observed: None, count, share: 1.0 },
        AxisKind::Range | AxisKind::Ordered(_) => Kernel::normal(0.5, 1.0),
    };
    let mut held = found.drain(..);
    observed.iter().map(|unit| unit.and_then(|_| held.next()).unwrap_or(prior)).chain([prior]).collect()
}

/// The standard deviation of the kernel of each mean: the distance to the farther neighbour, within limits that narrow
/// as observations come.
fn deviations(means: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..means.len()).collect();
    order.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
    let smallest = 1.0 / (means.len() as f64 + 2.0).min(100.0);
    let mut found = vec![0.0; means.len()];
    for (rank, at) in order.iter().enumerate() {
        let below = rank.checked_sub(1).map(|rank| means[*at] - means[order[rank]]);
        let above = order.get(rank + 1).map(|next| means[*next] - means[*at]);
        let farther = match (below, above) {
            (Some(below), Some(above)) => below.max(above),
            (Some(distance), None) | (None, Some(distance)) => distance,
            (None, None) => means[*at].max(1.0 - means[*at]),
        };
        found[*at] = farther.clamp(smallest, 1.0);
    }
    found
}

impl Kernel {
    fn normal(mean: f64, deviation: f64) -> Self {
        let log_mass = ln(normal::mass(-mean / deviation, (1.0 - mean) / deviation));
        Self::Normal { mean, deviation, log_mass, log_deviation: ln(deviation) }
    }

    /// A coordinate drawn from the kernel.
    pub(super) fn draw(self, kind: AxisKind, stream: &mut Stream) -> f64 {
        let unit = match self {
            Self::Normal { mean, deviation, .. } => {
                let drawn = (0..MOST_DRAWS).map(|_| mean + deviation * normal::draw(stream));
                drawn.into_iter().find(|unit| (0.0..1.0).contains(unit)).unwrap_or(mean)
            }
            Self::Category { observed, count, share } => {
                // The prior's part of the weight falls on all values alike, the rest on the one observed.
                let uniform = share * count as f64;
                match observed {
                    Some(index) if stream.unit() * (1.0 + uniform) >= uniform => kind.middle(index),
                    _ => kind.middle(stream.below(count.max(1))),
                }
            }
        };
        kind.index(unit).map_or(unit, |index| kind.middle(index))
    }

    /// The logarithm of the density, or of the probability of the value, at `unit`.
    pub(super) fn log_density(self, kind: AxisKind, unit: f64) -> f64 {
        match (self, kind) {
            (Self::Normal { mean, deviation, log_mass, .. }, AxisKind::Ordered(count))
                if count < AS_GOOD_AS_A_RANGE =>
            {
                let at = |edge: f64| (edge / count as f64 - mean) / deviation;
                let index = kind.index(unit).unwrap_or_default() as f64;
                ln(normal::mass(at(index), at(index + 1.0))) - log_mass
            }
            (Self::Normal { mean, deviation, log_mass, log_deviation }, _) => {
                normal::log_density((unit - mean) / deviation) - log_deviation - log_mass
            }
            (Self::Category { observed, count, share }, _) => {
                let here = if observed.is_some() && observed == kind.index(unit) { 1.0 } else { 0.0 };
                let whole = if observed.is_some() { 1.0 } else { 0.0 } + share * count as f64;
                ln((here + share) / whole)
            }
        }
    }
}
