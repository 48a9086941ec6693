//! The design of a sweep, which all its measures have in common: which level of each key every configuration has, and
//! what is drawn.

use burstnet_sweep::plan::configurations::Configurations;
use ndarray::Array2;

use super::Front;
use crate::analysis::Sample;
use crate::analysis::factors::Factor;
use crate::statistics::resamples::Resamples;
use crate::statistics::surrogate::basis::Position;

/// The swept keys, and the configurations that have trials.
pub(crate) struct Design {
    /// The keys, in the order of the plan.
    pub(crate) factors: Vec<Factor>,
    /// True if all combinations of levels are meant to be there.
    pub(crate) is_grid: bool,
    /// The draws of bootstraps.
    pub(crate) resamples: Resamples,
    /// The best compromises; `None` with a single objective.
    pub(crate) front: Option<Front>,
    /// The shown level of each key in each configuration that has trials, shape (configurations, keys).
    shown: Array2<Option<u16>>,
}

impl Design {
    /// Returns the design of a plan and the configurations that have trials.
    pub(crate) fn new(plan: &Configurations, sample: &Sample) -> Self {
        let factors: Vec<Factor> = plan.space.iter().map(Factor::new).collect();
        let mut shown = Array2::from_elem((sample.configurations(), factors.len()), None);
        for (mut row, &config_id) in shown.rows_mut().into_iter().zip(sample.config_ids()) {
            let positions = positions(plan, &factors, config_id);
            let levels = factors.iter().zip(positions).map(|(factor, position)| factor.shown(position));
            row.iter_mut().zip(levels).for_each(|(slot, level)| *slot = level.map(|at| at as u16));
        }
        Self {
            factors,
            is_grid: is_full_grid(plan),
            resamples: Resamples::new(plan.seed),
            front: Front::of(plan, sample),
            shown,
        }
    }

    /// Returns the shown level of key `key` in the configuration at `place`; `None` where the key has none.
    pub(crate) fn shown(&self, place: usize, key: usize) -> Option<usize> {
        self.shown[[place, key]].map(usize::from)
    }
}

/// Returns whether all combinations of all keys' values are meant to be there, each key by itself.
fn is_full_grid(plan: &Configurations) -> bool {
    let tied = plan.space.iter().any(|dimension| dimension.depends_on().next().is_some());
    let all = plan.strategy.is_grid() && plan.zip.is_empty() && plan.constraints.is_empty();
    all && plan.include.is_empty() && plan.stopping.is_none() && !tied
}

/// Returns where the values of a configuration lie in their domains.
pub(super) fn positions(plan: &Configurations, factors: &[Factor], config_id: u64) -> Vec<Position> {
    let values = plan.coordinates(config_id);
    factors.iter().zip(&values).map(|(factor, value)| factor.position(value.as_ref())).collect()
}
