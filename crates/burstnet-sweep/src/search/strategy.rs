//! The strategy of a search: the sampler that chooses its configurations, and the rule that stops some of them early.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::{MOST_CONFIGURATIONS, MOST_IN_ROUNDS};
use crate::search::adaptive::Adaptive;
use crate::search::auto::AUTO;
use crate::search::samplers::{self, Sampler};
use crate::search::stopping::adaptive_replicates::{AdaptiveReplicates, FROM};
use crate::search::stopping::{self, Rule};

/// The choice of configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// The name of the sampler.
    pub name: String,
    /// The number of configurations; `None` if the space determines it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<u64>,
    /// The number of configurations of a round; `None` if there is only one round, or for the usual number of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u64>,
    /// The number of configurations whose results may be missing when one is decided on, itself among them: configuration
    /// k depends on the results of 0 to k − lag. `None` for a search by rounds, or one that adapts to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<u64>,
    /// All settings of the sampler, so that a plan means the same when defaults change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, f64>,
}

impl Strategy {
    /// Returns the strategy of the sampler of this name with its default settings.
    pub fn new(name: &str, trials: Option<u64>) -> Self {
        Self { name: name.into(), trials, round: None, lag: None, settings: BTreeMap::new() }
    }

    /// Returns the sampler; `None` if there is none of this name.
    pub fn sampler(&self) -> Option<&'static dyn Sampler> {
        samplers::named(&self.name)
    }

    /// Returns whether the search is meant to contain all combinations of values.
    pub fn is_grid(&self) -> bool {
        self.name == samplers::GRID
    }

    /// Returns whether the configurations are the rows of a table.
    pub fn is_table(&self) -> bool {
        self.name == samplers::TABLE
    }

    /// Returns whether later configurations depend on the results of earlier ones.
    pub fn learns(&self) -> bool {
        self.sampler().is_some_and(|sampler| !sampler.info().indexed)
    }
}

/// The keys of the section `search` that are the same for every strategy and every model.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Counts {
    /// How many configurations there are.
    #[schemars(range(min = 1, max = MOST_CONFIGURATIONS))]
    pub(crate) trials: Option<u64>,
    /// How many configurations are chosen together.
    #[schemars(range(min = 1, max = MOST_IN_ROUNDS))]
    pub(crate) round: Option<u64>,
    /// How far behind the results may be on which a configuration depends.
    #[schemars(range(min = 1, max = MOST_IN_ROUNDS))]
    pub(crate) lag: Option<u64>,
}

/// The rule that stops configurations early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// The name of the rule.
    pub rule: String,
    /// All settings of the rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, f64>,
    /// The key that determines the length of a trial; `None` for a rule that stops between replicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
}

impl Stopping {
    /// Returns the rule; `None` if there is none of this name.
    pub fn rule(&self) -> Option<&'static dyn Rule> {
        stopping::named(&self.rule)
    }

    /// Returns a setting by its name; 0 if there is none of this name.
    pub fn setting(&self, name: &str) -> f64 {
        let default = || {
            let own = self.rule()?.info().settings.iter().find(|setting| setting.name == name)?;
            Some(own.default)
        };
        self.settings.get(name).copied().or_else(default).unwrap_or_default()
    }
}

/// The rule that decides which trials of a sweep run, from the results of others, with its settings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decider<'a> {
    /// A rule that stops configurations.
    Stopping(&'a Stopping),
    /// Replicates that go where they tell the best apart.
    Adaptive(&'a Adaptive),
}

impl Decider<'_> {
    /// Returns the rule; `None` if there is none of its name.
    pub(crate) fn rule(self) -> Option<&'static dyn Rule> {
        match self {
            Self::Stopping(stopping) => stopping.rule(),
            Self::Adaptive(_) => Some(&AdaptiveReplicates),
        }
    }

    /// Returns a setting by its name; 0 if there is none of this name.
    pub(crate) fn setting(self, name: &str) -> f64 {
        match self {
            Self::Stopping(stopping) => stopping.setting(name),
            Self::Adaptive(adaptive) if name == FROM => adaptive.from as f64,
            Self::Adaptive(_) => 0.0,
        }
    }
}

/// Returns the names of all strategies in sweep files: those of the samplers, and the one that chooses among them.
pub fn names() -> Vec<&'static str> {
    samplers::ALL.iter().map(|sampler| sampler.info().name).chain([AUTO]).collect()
}

/// Returns the names of all rules that stop configurations.
pub fn rule_names() -> Vec<&'static str> {
    stopping::ALL.iter().map(|rule| rule.info().name).collect()
}
