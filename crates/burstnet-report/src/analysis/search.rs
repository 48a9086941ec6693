//! The search of a sweep: how configurations came about, and which were stopped early.

use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::search::adaptive::{self, Level};
use serde::Serialize;

use crate::analysis::Sample;

/// The search of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchSummary {
    /// The strategy's name.
    pub strategy: String,
    /// A description of the strategy, in a few words.
    pub what: String,
    /// The paper that it comes from.
    pub source: Option<&'static str>,
    /// True if later configurations depend on the results of earlier ones.
    pub learns: bool,
    /// Number of configurations that are proposed together; `None` if none depends on others.
    pub round: Option<u64>,
    /// The distance in places from a configuration back to the last result on which it depends; `None` of a search by rounds,
    /// or if none depends on others.
    pub lag: Option<u64>,
    /// Number of configurations that the sweep file names.
    pub included: usize,
    /// Conditions that every configuration fulfils.
    pub constraints: Vec<String>,
    /// Number of combinations or points that they exclude; `None` where configurations are proposed so that they fulfil
    /// them.
    pub excluded: Option<u64>,
    /// Bounds on measures that the best configuration has to keep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subject_to: Vec<String>,
    /// Where earlier results are from that the strategy learned from, and how many there are of each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub learn_from: Vec<(String, u64)>,
    /// The rule that stops configurations early; `None` if all run to the end.
    pub stopping: Option<StoppingSummary>,
    /// The levels of adaptive replicates; left out if all configurations have as many replicates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Vec<Level>>,
}

/// A rule that stopped configurations early.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoppingSummary {
    /// The rule's name.
    pub rule: String,
    /// The paper that it comes from.
    pub source: Option<&'static str>,
    /// The key whose value is divided; `None` of a rule that stops between replicates.
    pub budget: Option<String>,
    /// The parts of it at which trials are looked at, rising.
    pub rungs: Vec<u64>,
    /// Number of configurations that were stopped so far.
    pub configurations: u64,
}

impl SearchSummary {
    /// Returns how `plan` is searched, with the trials that there are.
    pub(crate) fn of(plan: &Configurations, sample: &Sample) -> Self {
        let info = plan.strategy.sampler().map(|sampler| sampler.info());
        let learns = plan.strategy.learns();
        let stopped = (0..sample.configurations()).filter(|&place| sample.is_stopped(place)).count() as u64;
        let stopping = plan.stopping.as_ref().map(|stopping| StoppingSummary {
            rule: stopping.rule.clone(),
            source: stopping.rule().map(|rule| rule.info().source),
            budget: stopping.budget.clone(),
            rungs: plan.rungs(),
            configurations: stopped,
        });
        Self {
            strategy: plan.strategy.name.clone(),
            what: info.map_or(plan.strategy.name.as_str(), |info| info.what).to_owned(),
            source: info.and_then(|info| info.source),
            learns,
            round: plan.round(),
            lag: plan.lag(),
            included: plan.include.len(),
            constraints: plan.constraints.clone(),
            excluded: (!learns && !plan.constraints.is_empty()).then(|| plan.excluded()),
            subject_to: plan.subject_to.iter().map(ToString::to_string).collect(),
            learn_from: plan.learn_from.iter().map(|one| (one.given.clone(), one.results.len() as u64)).collect(),
            stopping,
            adaptive: plan.levels_of(plan.distinct()),
        }
    }

    /// Returns where adaptive replicates go, in words.
    pub fn adaptive_in_words(&self) -> Option<String> {
        self.adaptive.as_deref().map(adaptive::in_words)
    }

    /// Returns the number of configurations that were stopped early.
    pub fn stopped(&self) -> u64 {
        self.stopping.as_ref().map_or(0, |stopping| stopping.configurations)
    }
}
