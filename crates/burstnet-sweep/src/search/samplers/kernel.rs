//! The kernels of a Parzen estimator along one axis: a truncated normal density, a discretised one, or a category.
//!
//! They follow Optuna's TPESampler (Akiba et al., KDD 2019), whose choices Watanabe (arXiv:2304.11127, 2023) compares.

use burstnet_core::math::ln;
use burstnet_core::streams::Stream;

use super::observations::Along;
use super::{AxisKind, normal};

/// The number of values from which on an axis is treated as a range.
const AS_GOOD_AS_A_RANGE: u64 = 1 << 16;
/// The most draws of a number until it lies in [0, 1); more than a third do.
const ATTEMPTS: usize = 200;
/// The weight of the prior against that of an observation.
pub(super) const PRIOR_WEIGHT: f64 = 1.0;

/// The contribution of one observation, or of the prior, along one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kernel {
    /// A normal density, truncated to [0, 1), with the logarithms of its mass in this range and of its deviation.
    Normal { mean: f64, deviation: f64, log_mass: f64, log_deviation: f64 },
    /// A probability for each of `count` values; `observed` is `None` for the prior.
    Category { observed: Option<u64>, count: u64, share: f64 },
}

/// Returns one kernel along an axis per chosen observation, and last that of the prior. The prior's kernel also
/// replaces those of observations without a coordinate. `is_chosen` marks the chosen ones by number; later ones are not
/// chosen.
pub(super) fn kernels(along: &Along, is_chosen: &[bool]) -> Vec<Kernel> {
    let kind = along.kind;
    let chosen = || along.held.iter().zip(is_chosen).enumerate().filter(|(_, (_, chosen))| **chosen);
    let count = chosen().filter(|(_, (held, _))| held.is_some()).count();
    match kind {
        AxisKind::Unordered(values) => {
            let prior = Kernel::Category { observed: None, count: values, share: 1.0 };
            let share = PRIOR_WEIGHT / (count + 1) as f64;
            let category = |unit: f64| Kernel::Category { observed: kind.index(unit), count: values, share };
            chosen().map(|(_, (held, _))| held.map_or(prior, category)).chain([prior]).collect()
        }
        AxisKind::Range | AxisKind::Ordered(_) => {
            let prior = Kernel::normal(0.5, 1.0);
            let deviations = deviations(along, is_chosen, count);
            let normal = |(number, (held, _)): (usize, (&Option<f64>, _))| {
                held.map_or(prior, |mean| Kernel::normal(mean, deviations[number]))
            };
            chosen().map(normal).chain([prior]).collect()
        }
    }
}

/// Returns the standard deviations of the kernels of `count` chosen observations, by number. Each is the distance to
/// the farther neighbour, within limits that narrow as the number of observations grows.
fn deviations(along: &Along, is_chosen: &[bool], count: usize) -> Vec<f64> {
    let smallest = 1.0 / (count as f64 + 2.0).min(100.0);
    let mut found = vec![0.0; is_chosen.len()];
    let is_chosen = |number: &usize| is_chosen.get(*number) == Some(&true);
    let mut rising = along.rising.iter().copied().filter(is_chosen);
    let mean = |number: usize| along.held[number].unwrap_or_default();
    let (mut before, mut at) = (None, rising.next());
    while let Some(number) = at {
        let after = rising.next();
        let below = before.map(|before| mean(number) - mean(before));
        let above = after.map(|after| mean(after) - mean(number));
        let farther = match (below, above) {
            (Some(below), Some(above)) => below.max(above),
            (Some(distance), None) | (None, Some(distance)) => distance,
            (None, None) => mean(number).max(1.0 - mean(number)),
        };
        found[number] = farther.clamp(smallest, 1.0);
        (before, at) = (Some(number), after);
    }
    found
}

impl Kernel {
    fn normal(mean: f64, deviation: f64) -> Self {
        let log_mass = ln(normal::mass(-mean / deviation, (1.0 - mean) / deviation));
        Self::Normal { mean, deviation, log_mass, log_deviation: ln(deviation) }
    }

    /// Draws a coordinate from the kernel.
    pub(super) fn draw(self, kind: AxisKind, stream: &mut Stream) -> f64 {
        let unit = match self {
            Self::Normal { mean, deviation, .. } => {
                let drawn = (0..ATTEMPTS).map(|_| mean + deviation * normal::draw(stream));
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

    /// Returns the logarithm of the density at `unit`, or of the probability of the value there.
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
