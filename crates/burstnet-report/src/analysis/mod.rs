//! The analysis of one measure of a sweep: everything that the page, the terminal and the tables of statistics show.

pub mod across;
mod blocks;
pub(crate) mod compared;
mod compose;
pub mod confirmed;
mod design;
mod drawn;
pub(crate) mod factors;
mod finding;
mod front;
mod importance;
mod kept;
mod key_effects;
mod labels;
pub mod learning_curves;
mod measured;
mod outcome;
pub mod planned;
mod sample;
mod search;
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
pub(crate) use design::Design;
pub use drawn::DrawnKey;
pub use factors::{Level, Spacing};
pub use finding::{Finding, NextStep, Reference, ReferenceRole, next_steps};
pub use front::{Front, FrontConfiguration, FrontObjective, FrontStanding};
pub use importance::{Outcome, OutcomeKey, OutcomeLevel, VarianceShares};
pub use kept::Kept;
pub use labels::labels;
use measured::Measured;
pub use sample::{Counts, ErrorGroup, Sample};
pub use search::{SearchSummary, StoppingSummary};
pub use shares::{BestTenth, KeyPairShare, KeyShare};
pub use standing::{Place, place_of};
pub(crate) use standing::{Standing, feasible, ranked_places, ranking};
pub use subspaces::SubspaceBest;
pub use verdict::{Told, Verdict};
pub(crate) use warnings::is_of_beyond;

pub use crate::statistics::variance::Needed;

use std::path::PathBuf;

use burstnet_core::config::{Configuration, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use crate::AnalysisError;
use crate::statistics::Contrast;
use crate::statistics::Interval;
use crate::statistics::effects::Marginal;
use crate::statistics::noise::Noise;
use crate::statistics::ranks::Concordance;
use crate::statistics::summary::Summary;

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
    /// What was found, in sentences.
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

impl RankedConfiguration {
    /// Returns whether it keeps all bounds on measures.
    pub fn keeps_bounds(&self) -> bool {
        self.feasible.unwrap_or(true)
    }
}

impl Analysis {
    /// Returns how much of the differences between replicates the keys explain that these draw, as a sentence; `None` if
    /// nothing is drawn, or nothing can be told.
    pub fn between_replicates(&self) -> Option<String> {
        drawn::sentence(&self.drawn)
    }
}

impl Progress {
    /// The sentence about trials that ran in shuffled order, without its full stop.
    pub(crate) const SPREAD: &str =
        "They run in shuffled order, so those that are there are spread over the whole space";
}

/// The baseline of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Baseline {
    /// The configuration.
    pub config_id: u64,
    /// True if it was named, rather than being the best.
    pub named: bool,
}

/// A configuration and how it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankedConfiguration {
    /// Its rank among all distinct configurations that have trials, from 1.
    pub rank: u64,
    /// Its number.
    pub config_id: u64,
    /// The name of its sub-space; `None` if the space is a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subspace: Option<String>,
    /// The swept keys' values, in the order of the plan.
    pub values: Vec<Value>,
    /// How far it is beyond the bounds on measures, as a part of them; 0 if it keeps all, infinite without a measure, `None`
    /// without bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<f64>,
    /// Whether it keeps all bounds on measures; `None` without bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feasible: Option<bool>,
    /// Numbers of its trials by how they ended.
    pub counts: Counts,
    /// Replicates that have a value of the measure.
    pub n: usize,
    /// Mean, standard deviation, smallest, median and largest value.
    pub summary: Summary,
    /// Student's t interval of the mean.
    pub t_interval: Option<Interval>,
    /// Bootstrap interval of the mean.
    pub bootstrap_interval: Option<Interval>,
    /// Compared with the baseline, on the same replicates; `None` for the baseline itself.
    pub contrast: Option<Contrast>,
    /// True if it cannot be told from the best configuration; `None` if it is not compared: trials of it failed, diverged or
    /// are missing, or the measure is not the objective's.
    pub in_confidence_set: Option<bool>,
    /// The share of replicates in which it is the best one shown.
    pub wins: Option<f64>,
    /// The share of resamples of the replicates in which its mean is the best one shown.
    pub best_probability: Option<f64>,
}

/// The change of a measure with a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MainEffect {
    /// The key.
    pub key: String,
    /// The key to whose value the levels are ratios, if it is tied to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_of: Option<String>,
    /// The spacing of its values.
    pub scale: Spacing,
    /// True if its levels are bins of a range.
    pub binned: bool,
    /// Each level and the mean there; `None` where no configuration has a value.
    pub levels: Vec<(Level, Option<Marginal>)>,
}

/// The change of a measure with two keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairEffect {
    /// The first key, in the order of the plan.
    pub key: String,
    /// The second key.
    pub key_2: String,
    /// The share of their interaction.
    pub share: f64,
    /// The levels of the first key, which are the rows.
    pub levels: Vec<Level>,
    /// The levels of the second key, which are the columns.
    pub levels_2: Vec<Level>,
    /// Means over the configurations at both levels; `None` where there is none.
    pub means: Vec<Vec<Option<f64>>>,
}

/// The best configurations on fresh seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Confirmed {
    /// True if it is of another plan than the one that the directory holds now; nothing of it is shown then.
    pub stale: bool,
    /// Fresh seeds per configuration.
    pub replicates: u64,
    /// Trials of the confirmation.
    pub planned: u64,
    /// Trials that there are.
    pub done: u64,
    /// The configurations, best first on the fresh seeds.
    pub configurations: Vec<ConfirmedConfiguration>,
    /// The baseline of the contrasts: the named one if it was confirmed, else the best of the search.
    pub baseline: Option<u64>,
    /// The command that goes on with it.
    #[serde(skip)]
    pub command: String,
}

/// A configuration on fresh seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConfirmedConfiguration {
    /// Its number in the sweep.
    pub config_id: u64,
    /// The swept keys' values.
    pub values: Vec<Value>,
    /// Its rank in the search.
    pub search_rank: Option<u64>,
    /// Its mean in the search, biased if it was chosen for it.
    pub search_mean: Option<f64>,
    /// Numbers of its trials on fresh seeds by how they ended.
    pub counts: Counts,
    /// Fresh replicates that have a value.
    pub n: usize,
    /// Statistics over the fresh replicates.
    pub summary: Summary,
    /// Student's t interval of the mean.
    pub t_interval: Option<Interval>,
    /// Bootstrap interval of the mean.
    pub bootstrap_interval: Option<Interval>,
    /// Compared on the same fresh replicates.
    pub contrast: Option<Contrast>,
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

    /// Does the same as [`Analysis::of`], with the design of the sweep, which is the same for all its measures.
    ///
    /// # Errors
    /// The same as [`Analysis::of`].
    pub(crate) fn with(
        design: &Design,
        plan: &Configurations,
        infos: &[MeasureInfo],
        sample: &Sample,
        options: &Options,
    ) -> Result<Self, AnalysisError> {
        compose::analyse(design, plan, infos, sample, options)
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
