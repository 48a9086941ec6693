//! How the configurations of a sweep came about, and which were stopped early.

use burstnet_sweep::plan::Plan;
use serde::Serialize;

use crate::analysis::sample::Sample;

/// How a sweep was searched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Search {
    /// The strategy's name.
    pub strategy: String,
    /// What it is, in a few words.
    pub what: String,
    /// The paper that it comes from.
    pub source: Option<&'static str>,
    /// Whether later configurations depend on the results of earlier ones.
    pub learns: bool,
    /// How many configurations are proposed together; none if none depends on others.
    pub round: Option<u64>,
    /// How many configurations the sweep file names.
    pub included: usize,
    /// What every configuration fulfils.
    pub constraints: Vec<String>,
    /// How many combinations or points these exclude; none where configurations are proposed so that they fulfil them.
    pub excluded: Option<u64>,
    /// Which configurations are stopped early; none if all run to the end.
    pub stopping: Option<Stopping>,
}

/// How configurations were stopped early.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stopping {
    /// The rule's name.
    pub rule: String,
    /// The paper that it comes from.
    pub source: Option<&'static str>,
    /// The key whose value is divided; none of a rule that stops between replicates.
    pub budget: Option<String>,
    /// The parts of it at which trials are looked at, rising.
    pub rungs: Vec<u64>,
    /// How many configurations were stopped so far.
    pub configurations: u64,
}

impl Search {
    /// How `plan` is searched, with the trials that there are.
    pub(crate) fn of(plan: &Plan, sample: &Sample) -> Self {
        let info = plan.strategy.sampler().map(|sampler| sampler.info());
        let learns = plan.strategy.learns();
        let stopped = (0..sample.configurations()).filter(|&place| sample.is_stopped(place)).count() as u64;
        let stopping = plan.stopping.as_ref().map(|stopping| Stopping {
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
            included: plan.include.len(),
            constraints: plan.constraints.clone(),
            excluded: (!learns && !plan.constraints.is_empty()).then(|| plan.excluded()),
            stopping,
        }
    }

    /// How many configurations were stopped early.
    pub fn stopped(&self) -> u64 {
        self.stopping.as_ref().map_or(0, |stopping| stopping.configurations)
    }
}
