//! The configuration with which the best one is compared.

use std::collections::BTreeMap;

use burstnet_core::numbers::{difference, mean};
use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use super::Options;
use crate::analysis::Sample;
use crate::statistics::Interval;
use crate::statistics::t_interval::t_interval;

/// The configurations from which on the best one is compared with the median one rather than with the worst.
const MANY: usize = 5;

/// The configuration with which the best one is compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reference {
    /// The reason why it is this one.
    pub role: ReferenceRole,
    /// Its number.
    pub config_id: u64,
    /// Its mean of the measure.
    pub mean: f64,
    /// Student's t interval of the mean.
    pub interval: Option<Interval>,
    /// True if the best configuration cannot be told from it, for all that the replicates tell.
    pub tied: bool,
}

/// The reason why the best configuration is compared with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReferenceRole {
    /// It was named as baseline.
    Baseline,
    /// Every swept key has its default.
    Defaults,
    /// Half of the configurations are better.
    Median,
    /// It is the worst one.
    Worst,
}

impl Reference {
    /// Returns its role, as a title.
    pub fn title(&self) -> &'static str {
        match self.role {
            ReferenceRole::Baseline => "baseline",
            ReferenceRole::Defaults => "defaults",
            ReferenceRole::Median => "median",
            ReferenceRole::Worst => "worst",
        }
    }

    /// Chooses the configuration with which the best one is compared. `valued` are place and mean of those that have a
    /// value, the best first.
    pub(super) fn choose(
        (plan, sample): (&Configurations, &Sample),
        measure: usize,
        valued: &[(usize, f64)],
        options: &Options,
    ) -> Option<Self> {
        let (_, others) = valued.split_first()?;
        let id = |one: &(usize, f64)| sample.config_ids()[one.0];
        let baseline = options.baseline.map(|config_id| plan.copies().first(config_id));
        let is_default = |one: &&(usize, f64)| {
            let Some(defaults) = &options.defaults else { return false };
            let values = plan.values(id(one));
            plan.space.iter().zip(&values).all(|(key, held)| held.as_ref() == Some(defaults.get(&key.key)))
        };
        let found = |role, one: &(usize, f64)| {
            let beside = plan.adaptive.and_then(|_| on_seeds_of(sample, measure, valued.first()?, one.0));
            let interval = t_interval(&sample.plain_values(one.0, measure)).filter(|_| beside.is_none());
            Some(Self { role, config_id: id(one), mean: beside.unwrap_or(one.1), interval, tied: false })
        };
        if let Some(one) = others.iter().find(|one| Some(id(one)) == baseline) {
            return found(ReferenceRole::Baseline, one);
        }
        if let Some(one) = others.iter().find(is_default) {
            return found(ReferenceRole::Defaults, one);
        }
        match valued.len() {
            n if n >= MANY => found(ReferenceRole::Median, valued.get((n - 1) / 2)?),
            _few => found(ReferenceRole::Worst, others.last()?),
        }
    }
}

/// Returns what the mean of the configuration at `place` is on the seeds of the best one: the mean of that, and the mean
/// difference on the seeds that both have.
fn on_seeds_of(sample: &Sample, measure: usize, best: &(usize, f64), place: usize) -> Option<f64> {
    let of_best: BTreeMap<u32, f64> = sample.values(best.0, measure).collect();
    let own = sample.values(place, measure);
    let differences = own.filter_map(|(replicate, x)| Some(difference(x, *of_best.get(&replicate)?)));
    mean(differences).map(|difference| best.1 + difference)
}
