//! The plan of a sweep: its trials, as a pure function of a sweep file and its inputs.
//!
//! A plan is data, the content of `plan.json` and nothing else. A [`ResolvedPlan`] is a plan that was checked, with the
//! configurations that follow from it. [`Configurations`](crate::plan::configurations::Configurations) also have those
//! that a sampler has proposed.

pub(crate) mod budget;
pub mod columns;
pub mod configurations;
pub mod content;
pub mod copies;
mod counting;
pub(crate) mod differences;
pub mod earlier;
pub mod input_files;
pub mod names;
mod per_replicate;
pub mod plan_file;
pub(crate) mod program_keys;
pub(crate) mod representatives;
pub(crate) mod resolved;
pub(crate) mod rules;
pub mod shard;
pub(crate) mod shuffle;
pub mod subspaces;

use std::collections::BTreeMap;
use std::path::Path;

use burstnet_core::config::{Configuration, Value};
use serde::{Deserialize, Serialize};

use crate::objective::Goal;
use crate::objective::external::program::Program;
use earlier::Earlier;
use input_files::InputFile;
pub use resolved::ResolvedPlan;
use subspaces::Subspace;

use crate::search::adaptive::Adaptive;
use crate::search::bounds::Bound;
use crate::search::samplers::Point;
use crate::search::strategy::{Stopping, Strategy};
pub use crate::space::Dimension;
use crate::space::products;
use crate::streams::{confirmation_seed, replicate_seed};

/// The layout of `plan.json`.
pub(crate) const FORMAT: u32 = 1;

/// The plan of a sweep, as it is in `plan.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The layout of this file.
    pub format: u32,
    /// The version of the bits.
    pub bits: u32,
    /// The sweep's name.
    pub name: String,
    /// The root of every random stream.
    pub seed: u64,
    /// The number of seeds per configuration, the largest one if they are adaptive. All configurations have the same seeds.
    pub replicates: u64,
    /// The way replicates are given to configurations; `None` if all have as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
    /// The value of every key in configurations in which it is not swept.
    pub base: Configuration,
    /// The strategy by which configurations are chosen.
    pub strategy: Strategy,
    /// The rule that stops configurations early; `None` if all run to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// The swept keys. The first one changes slowest in a grid.
    pub space: Vec<Dimension>,
    /// The sub-spaces of which the space is the union; none if it is a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subspaces: Vec<Subspace>,
    /// Groups of swept keys that move together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zip: Vec<Vec<String>>,
    /// The constraints that every configuration satisfies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    /// The configurations that come before those of the sampler, with the values of swept keys that they set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<BTreeMap<String, Value>>,
    /// The keys of which each replicate draws a value, which all configurations share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_replicate: Vec<Dimension>,
    /// The objective: the measure by which configurations are ranked.
    pub objective: Goal,
    /// The further objectives, if the best is a compromise between several measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_objectives: Vec<Goal>,
    /// The bounds on measures that the best configuration keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject_to: Vec<Bound>,
    /// The earlier results from which the strategy learns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learn_from: Vec<Earlier>,
    /// The measures, in the order of the columns.
    pub measures: Vec<String>,
    /// The files that configurations name.
    pub inputs: Vec<InputFile>,
    /// The configurations of a sweep that this plan runs again on fresh seeds; `None` for a sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// The external program that this plan evaluates; `None` for the burst network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Program>,
}

/// The configurations that a plan confirms: its configuration i is configuration `config_ids[i]` of the sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The fingerprint of the sweep's plan.
    pub of: String,
    /// The configurations' numbers in the sweep.
    pub config_ids: Vec<u64>,
    /// The points that its sampler had proposed for them, if it learns. Those of included configurations do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Point>,
}

/// A trial of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The number of the trial: `config_id × replicates + replicate`.
    pub id: u64,
    /// The number of the configuration.
    pub config_id: u64,
    /// The number of the replicate.
    pub replicate: u64,
    /// The seed of the replicate.
    pub seed: u64,
}

impl Plan {
    /// Returns the objectives, the first one first.
    pub fn objectives(&self) -> impl Iterator<Item = &Goal> {
        std::iter::once(&self.objective).chain(&self.further_objectives)
    }

    /// Returns trial `id`.
    pub fn trial(&self, id: u64) -> Trial {
        let (config_id, replicate) = (id / self.replicates, id % self.replicates);
        Trial { id, config_id, replicate, seed: self.seed_of(replicate) }
    }

    /// Returns the seed of replicate `replicate`.
    pub fn seed_of(&self, replicate: u64) -> u64 {
        match self.confirmation {
            Some(_) => confirmation_seed(self.seed, replicate),
            None => replicate_seed(self.seed, replicate),
        }
    }

    /// Returns the number of configuration `config_id` in the search. For a confirmation this is its number in the
    /// sweep.
    pub fn searched_id(&self, config_id: u64) -> u64 {
        match &self.confirmation {
            Some(confirmation) => confirmation.config_ids.get(config_id as usize).copied().unwrap_or_default(),
            None => config_id,
        }
    }

    /// Returns the configuration in which the swept keys have these values. A key that does not exist has the base's
    /// value.
    pub(crate) fn with_values(&self, values: Vec<Option<Value>>) -> Configuration {
        let mut configuration = self.base.clone();
        for (dimension, value) in self.space.iter().zip(values) {
            if let Some(value) = value {
                configuration.set(&dimension.key, value);
            }
        }
        configuration
    }

    /// Returns the configuration with these values that runs in a replicate, with the paths of the copies of input files
    /// in results directory `results`.
    pub(crate) fn stored_with_values(
        &self,
        values: Vec<Option<Value>>,
        replicate: u64,
        results: &Path,
    ) -> Configuration {
        let mut configuration = self.with_values(values);
        self.draw(&mut configuration, replicate);
        let inputs = results.join(input_files::FOLDER);
        input_files::resolve(&mut configuration, &self.inputs, |input| inputs.join(&input.stored));
        configuration
    }

    /// Returns the values that `key` can take: all listed ones, or the two ends of a range.
    pub fn values_of(&self, key: &str) -> Vec<Value> {
        if let Some(drawn) = self.per_replicate.iter().find(|dimension| dimension.key == key) {
            return drawn.domain.ends();
        }
        let Some(dimension) = self.space.iter().find(|dimension| dimension.key == key) else {
            return vec![self.base.get(key).clone()];
        };
        let mut values = self.proposed_values(dimension);
        if !dimension.when.is_empty() || self.include.iter().any(|one| !one.contains_key(key)) {
            values.push(self.base.get(key).clone());
        }
        values.extend(self.include.iter().filter_map(|one| one.get(key)).cloned());
        values
    }

    /// Returns the values that a swept key can have in a configuration that is not included: all listed ones, or the
    /// two ends of a range.
    pub(crate) fn proposed_values(&self, dimension: &Dimension) -> Vec<Value> {
        match &dimension.ratio_of {
            None => dimension.domain.ends(),
            Some(other) if self.is_tied(other, &dimension.key) => Vec::new(), // a circle, which is refused
            Some(other) => products(&dimension.domain.ends(), &self.values_of(other)),
        }
    }

    /// Returns whether the value of `key` follows from the value of `other` by ratios.
    fn is_tied(&self, key: &str, other: &str) -> bool {
        let mut at = key;
        for _ in 0..=self.space.len() {
            if at == other {
                return true;
            }
            match self.space.iter().find(|one| one.key == at).and_then(|one| one.ratio_of.as_deref()) {
                Some(next) => at = next,
                None => return false,
            }
        }
        true
    }

    /// Returns the plan as it is written to `plan.json`.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which would be a defect.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }

    /// Returns the BLAKE3 of the plan in hex, which identifies a sweep.
    pub fn fingerprint(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&json).to_hex().to_string()
    }

    /// Returns the start of the fingerprint, which records carry to name the plan under which they were made.
    pub fn tag(&self) -> u64 {
        u64::from_str_radix(&self.fingerprint()[..16], 16).unwrap_or_default()
    }

    /// Returns the parts in which two plans differ, for people.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        differences::of(self, other)
    }
}
