//! How a search goes: the sampler that chooses its configurations, and the rule by which it stops some of them early.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::search::samplers::{self, Sampler};
use crate::search::stopping::{self, Rule};

/// How configurations are chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// The sampler's name.
    pub name: String,
    /// How many configurations; none where the space decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<u64>,
    /// How many of them a round has; none where all are in one, or the rule's usual number is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u64>,
    /// The sampler's settings, all of them: a plan means the same when defaults change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, f64>,
}

impl Strategy {
    /// The sampler of this name with its defaults.
    pub fn new(name: &str, trials: Option<u64>) -> Self {
        Self { name: name.into(), trials, round: None, settings: BTreeMap::new() }
    }

    /// The sampler; none if there is none of this name.
    pub fn sampler(&self) -> Option<&'static dyn Sampler> {
        samplers::named(&self.name)
    }

    /// Returns whether all combinations of values are meant to be there.
    pub fn is_grid(&self) -> bool {
        self.name == "grid"
    }

    /// Returns whether later configurations depend on the results of earlier ones.
    pub fn learns(&self) -> bool {
        self.sampler().is_some_and(|sampler| !sampler.info().indexed)
    }
}

/// By which rule configurations are stopped early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// The rule's name.
    pub rule: String,
    /// Its settings, all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, f64>,
    /// The key that says how long a trial lasts; none of a rule that stops between replicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
}

impl Stopping {
    /// The rule; none if there is none of this name.
    pub fn rule(&self) -> Option<&'static dyn Rule> {
        stopping::named(&self.rule)
    }

    /// A setting, by its name; 0 if there is none of this name.
    pub fn setting(&self, name: &str) -> f64 {
        let default = || {
            let own = self.rule()?.info().settings.iter().find(|setting| setting.name == name)?;
            Some(own.default)
        };
        self.settings.get(name).copied().or_else(default).unwrap_or_default()
    }
}

/// The names of all samplers.
pub fn names() -> Vec<&'static str> {
    samplers::ALL.iter().map(|sampler| sampler.info().name).collect()
}

/// The names of all rules that stop configurations.
pub fn rule_names() -> Vec<&'static str> {
    stopping::ALL.iter().map(|rule| rule.info().name).collect()
}
