//! The sub-spaces of a sweep side by side: the best configuration of each.

use std::collections::HashMap;

use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use super::compared::Compared;
use super::measured::Measured;
use super::{Design, RankedConfiguration};
use crate::analysis::Sample;

/// A sub-space, and its best configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubspaceBest {
    /// Its name.
    pub name: String,
    /// Number of its configurations.
    pub configurations: u64,
    /// Number of those that have a value of the measure.
    pub valued: u64,
    /// The best one of these; `None` if there are none.
    pub best: Option<RankedConfiguration>,
}

impl SubspaceBest {
    /// Returns the sub-spaces in the order of the plan; none if the space is a whole. `ranking` has the places of the
    /// sample, best first.
    pub(super) fn all(
        plan: &Configurations,
        sample: &Sample,
        (measured, ranking): (&Measured<'_>, &[usize]),
        compared: &Compared,
        design: &Design,
    ) -> Vec<Self> {
        let sizes = plan.subspace_sizes();
        if sizes.is_empty() {
            return Vec::new();
        }
        let mut found: HashMap<&str, (u64, (u64, usize))> = HashMap::new();
        let valued =
            (1..).zip(ranking).filter(|(_, place)| measured.mean(**place).is_some() && !sample.is_stopped(**place));
        for (rank, &place) in valued {
            if let Some(name) = plan.subspace_of(sample.config_ids()[place]) {
                found.entry(name).or_insert((0, (rank, place))).0 += 1;
            }
        }
        let one = |(subspace, configurations): (&burstnet_sweep::plan::subspaces::Subspace, u64)| {
            let (valued, first) = found.get(subspace.name.as_str()).copied().unzip();
            let best = |(rank, place)| measured.configuration(rank, place, compared.at(place), Some(&design.resamples));
            Self { name: subspace.name.clone(), configurations, valued: valued.unwrap_or(0), best: first.map(best) }
        };
        sizes.into_iter().map(one).collect()
    }

    /// The sentence on what keys have in sub-spaces that do not set them.
    pub const BASE: &str = "A key that a sub-space does not set has its value in base there. Which keys matter is told of \
                            all sub-spaces together.";
}
