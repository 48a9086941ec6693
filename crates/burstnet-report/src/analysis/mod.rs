//! The analysis of one measure of a sweep: everything that the page, the terminal and the tables of statistics show.

pub mod across;
mod blocks;
pub(crate) mod compared;
mod compose;
pub mod confirmed;
mod design;
mod drawn;
mod errors;
pub(crate) mod factors;
mod finding;
mod front;
mod importance;
mod kept;
mod key_effects;
mod labels;
pub mod learning_curves;
mod measured;
mod next_steps;
mod outcome;
pub mod planned;
mod ranked;
mod reference;
mod sample;
mod search;
mod shared;
mod shares;
mod standing;
mod subspaces;
#[cfg(test)]
mod tests;
mod verdict;
mod warnings;
pub(crate) mod words;

use compared::Compared;
pub use compared::ConfidenceSet;
pub use confirmed::{Confirmed, ConfirmedConfiguration};
pub(crate) use design::Design;
pub use drawn::DrawnKey;
pub use errors::ErrorGroup;
pub use factors::{Level, Spacing};
pub use finding::Finding;
pub use front::{Front, FrontConfiguration, FrontObjective, FrontStanding};
pub use importance::VarianceShares;
pub use kept::Kept;
pub use key_effects::{MainEffect, PairEffect};
pub use labels::{labeller, labels};
use measured::Measured;
pub use next_steps::{NextStep, next_steps};
pub use outcome::{Outcome, OutcomeKey, OutcomeLevel};
pub use ranked::{Baseline, RankedConfiguration};
pub use reference::{Reference, ReferenceRole};
pub use sample::{Counts, Sample};
pub use search::{SearchSummary, StoppingSummary};
pub use shares::{BestTenth, KeyPairShare, KeyShare, NamedShare};
pub use standing::{Place, place_of};
pub(crate) use standing::{Standing, feasible, ranked_places, ranking};
pub use subspaces::SubspaceBest;
pub use verdict::{Told, Verdict};
pub(crate) use warnings::is_of_beyond;

pub use crate::statistics::variance::Needed;

use std::path::PathBuf;

use burstnet_core::config::Configuration;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use crate::AnalysisError;
use crate::statistics::noise::Noise;
use crate::statistics::ranks::Concordance;

/// Options of an analysis: what is analysed, and how much is shown.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The measure; the objective's if none.
    pub measure: Option<String>,
    /// The configuration that the others are compared with; the best one if none.
    pub baseline: Option<u64>,
    /// Number of best configurations that get intervals and contrasts.
    pub top: usize,
    /// Further configurations that get them.
    pub also: Vec<u64>,
    /// The results directory, as commands in sentences name it; `None` where there is none.
    pub results: Option<PathBuf>,
    /// The default of every key; `None` where they are not known.
    pub defaults: Option<Configuration>,
    /// True if the trials ran in shuffled order.
    pub shuffled: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            measure: None,
            baseline: None,
            top: 50,
            also: Vec::new(),
            results: None,
            defaults: None,
            shuffled: false,
        }
    }
}

impl Options {
    /// Checks that a plan, which has so many configurations, has the measure and the configurations that are named.
    ///
    /// # Errors
    /// Returns an error if it does not have them.
    pub fn check(&self, plan: &Plan, configurations: u64) -> Result<(), AnalysisError> {
        if let Some(name) = self.measure.as_ref().filter(|name| !plan.measures.contains(name)) {
            return Err(AnalysisError::Measure { name: name.clone(), known: plan.measures.clone() });
        }
        let unknown = self.baseline.iter().chain(&self.also).find(|config_id| **config_id >= configurations);
        unknown.map_or(Ok(()), |&config_id| Err(AnalysisError::Configuration { config_id, configurations }))
    }
}

/// The analysis of one measure.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Analysis {
    /// The measure.
    pub measure: String,
    /// Its unit; empty for a pure number.
    pub unit: String,
    /// Its meaning.
    pub doc: String,
    /// True if it is never negative.
    pub nonnegative: bool,
    /// The finding, in sentences.
    pub finding: Finding,
    /// The swept keys, in the order of the plan.
    pub keys: Vec<String>,
    /// The end of it that is best, which is that of the objective.
    pub direction: Direction,
    /// True if it is the objective's measure.
    pub is_objective: bool,
    /// True if it is of a sweep, whose best configurations can be confirmed, rather than of a confirmation.
    pub confirmable: bool,
    /// The progress of the sweep.
    pub progress: Progress,
    /// The search: how the configurations came about, and which were stopped early.
    pub search: SearchSummary,
    /// The baseline of the comparisons; `None` if no configuration has a value.
    pub baseline: Option<Baseline>,
    /// The best configurations, best first, and behind them those that were asked for; without those that were stopped
    /// early, but for these.
    pub ranked: Vec<RankedConfiguration>,
    /// The sub-spaces with the best configuration of each, in the order of the plan; none if the space is a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subspaces: Vec<SubspaceBest>,
    /// The configurations that cannot be told from the best one, by the objective's measure; `None` if nothing can be
    /// compared, and for other measures.
    pub confidence_set: Option<ConfidenceSet>,
    /// The comparisons of all configurations.
    #[serde(skip)]
    pub(crate) compared: Compared,
    /// The bounds on measures that the best one has to keep; `None` without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_to: Option<Kept>,
    /// The best compromises; `None` with a single objective.
    pub pareto: Option<Front>,
    /// Shares of the variance, by which keys matter; `None` if nothing varies.
    pub variance: Option<VarianceShares>,
    /// The keys that decide whether trials diverge or fail; `None` if none did.
    pub outcome: Option<Outcome>,
    /// The change of the measure with each key, in the order of the plan.
    pub main_effects: Vec<MainEffect>,
    /// Its change with pairs of keys, those with the largest interactions first.
    pub pair_effects: Vec<PairEffect>,
    /// The parts of the variance of single trials; `None` with a single replicate.
    pub noise: Option<Noise>,
    /// The keys that each replicate draws, in the order of the plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<DrawnKey>,
    /// The agreement of replicates on the order of all configurations; `None` with a single replicate.
    pub concordance: Option<Concordance>,
    /// The best configurations on fresh seeds; `None` if there was no `burstnet confirm`.
    pub confirmed: Option<Confirmed>,
    /// Failed and diverged trials, grouped by their message.
    pub errors: Vec<ErrorGroup>,
    /// Number of errors of further kinds.
    pub other_errors: u64,
    /// Warnings, as sentences.
    pub warnings: Vec<String>,
    /// Numbers of best configurations and of fresh seeds with which these are worth confirming.
    #[serde(skip)]
    pub(crate) confirming: (u64, u64),
}

/// The progress of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// Trials of the plan.
    pub planned: u64,
    /// Trials that there are.
    pub done: u64,
    /// Trials that are not there yet.
    pub missing: u64,
    /// Configurations of the plan.
    pub configurations: u64,
    /// Configurations that are no copies of others; all figures are of these.
    pub distinct: u64,
    /// Replicates of each.
    pub replicates: u64,
    /// Numbers of trials by how they ended.
    pub counts: Counts,
    /// True if trials are missing and those that are there ran in shuffled order, so that they are spread over the space.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shuffled: bool,
}

impl Progress {
    /// The sentence about trials that ran in shuffled order, without its full stop.
    pub(crate) const SPREAD: &str =
        "They run in shuffled order, so those that are there are spread over the whole space";
}

impl Analysis {
    /// Analyses a measure of a sweep.
    ///
    /// `infos` are the measures in the order of the plan.
    ///
    /// # Errors
    /// Returns an error if the options name a measure or configuration that there is not.
    pub fn of(
        plan: &Configurations,
        infos: &[MeasureInfo],
        sample: &Sample,
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        Self::with(&Design::new(plan, sample), plan, infos, sample, options)
    }

    /// Returns how much of the differences between replicates the keys explain that these draw, as a sentence; `None` if
    /// nothing is drawn, or nothing can be told.
    pub fn between_replicates(&self) -> Option<String> {
        drawn::sentence(&self.drawn)
    }

    /// Returns the number of configurations whose difference from the baseline is tested.
    pub fn comparisons(&self) -> u64 {
        self.compared.count()
    }

    /// Returns all configurations that can be compared or are shown, in the order of these places.
    pub(crate) fn all(
        &self,
        plan: &Configurations,
        sample: &Sample,
        ranking: &[usize],
        mut each: impl FnMut(RankedConfiguration) -> Result<(), crate::ReportError>,
    ) -> Result<(), crate::ReportError> {
        let Some(measure) = sample.measure(&self.measure) else { return Ok(()) };
        Measured::new(plan, sample, measure)
            .all(ranking, |place| self.compared.at(place), &self.ranked)
            .try_for_each(&mut each)
    }
}
