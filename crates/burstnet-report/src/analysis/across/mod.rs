//! Several sweeps beside each other: every other one against the first, configuration by configuration.

mod compared;
mod effects;
mod matching;
#[cfg(test)]
mod tests;
mod words;

use std::path::{Path, PathBuf};

use burstnet_core::config::Value;
use burstnet_core::measures::MeasureInfo;
use burstnet_core::numbers::mean;
use burstnet_core::text::listed;
use burstnet_sweep::nearest::nearest;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

pub use effects::{EffectLine, SharedEffect};
pub use matching::KeyDifference;

use super::planned::{LeftOut, Unit};
use super::{Counts, ranking};
use crate::ComparisonError;
use crate::analysis::Sample;
use crate::statistics::t_interval::t_interval;
use crate::statistics::{Interval, TTest};
use effects::effects;
use matching::Matching;

/// The sweeps that can be told apart by their colours.
const MOST_SWEEPS: usize = 8;

/// A sweep that is compared with others.
#[derive(Clone, Copy)]
pub struct ComparedSweep<'a> {
    /// Its results directory.
    pub results: &'a Path,
    /// Its configurations.
    pub plan: &'a Configurations,
    /// Its measures, in the order of the plan.
    pub infos: &'a [MeasureInfo],
    /// Its trials.
    pub sample: &'a Sample,
}

/// Several sweeps beside each other, by one measure.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SweepsComparison {
    /// The measure.
    pub measure: String,
    /// Its unit; empty for a pure number.
    pub unit: String,
    /// True if it is never negative.
    pub nonnegative: bool,
    /// The end of it that is better; `None` if it is no objective of the first sweep.
    pub direction: Option<Direction>,
    /// The finding in one sentence.
    pub finding: String,
    /// Further sentences: one per sweep if there are more than two, what matches, and how the sweeps differ.
    pub sentences: Vec<String>,
    /// Sentences on how the figures are to be read.
    pub notes: Vec<String>,
    /// Warnings, as sentences.
    pub warnings: Vec<String>,
    /// The sweeps, in the order in which they were given.
    pub sweeps: Vec<SweepSummary>,
    /// Every other sweep against the first.
    pub against: Vec<SweepDifference>,
    /// The change of the measure with the keys that the first sweep shares with others.
    pub effects: Vec<SharedEffect>,
}

/// A sweep in a line.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SweepSummary {
    /// Its short name here: the end of its path that no other has.
    pub label: String,
    /// Its results directory.
    pub results: PathBuf,
    /// The name in its sweep file.
    pub name: String,
    /// The fingerprint of its plan.
    pub fingerprint: String,
    /// Distinct configurations that have trials.
    pub configurations: u64,
    /// Replicates of each.
    pub replicates: u64,
    /// Trials of the plan.
    pub planned: u64,
    /// Trials that are missing.
    pub missing: u64,
    /// Numbers of trials by how they ended.
    pub counts: Counts,
    /// The keys that it varies.
    pub keys: Vec<String>,
    /// Its best configuration; `None` if the measure is no objective, or has no value.
    pub best: Option<BestOfSweep>,
}

/// The best configuration of a sweep.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BestOfSweep {
    /// Its number.
    pub config_id: u64,
    /// Its mean.
    pub mean: f64,
    /// Student's t interval of the mean.
    pub interval: Option<Interval>,
    /// The values of the keys that the sweep varies.
    pub values: Vec<Value>,
}

/// A sweep against the first one. Differences are its values less those of the first.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SweepDifference {
    /// Its place among the sweeps.
    pub sweep: usize,
    /// The finding in one sentence.
    pub finding: String,
    /// Keys that neither varies and that have other values, and other differences of the plans.
    pub differs: Vec<KeyDifference>,
    /// The same in words.
    pub differs_in_words: String,
    /// The keys that either varies, in the order in which values of matches have them.
    pub keys: Vec<String>,
    /// True if both ran the same seeds, so that values are paired by these.
    pub paired: bool,
    /// Seeds that both have, if they are paired.
    pub seeds: usize,
    /// The units that vary by chance in the overall test.
    pub unit: Unit,
    /// Configurations that both have.
    pub matched: usize,
    /// Matched configurations that are left out.
    pub left_out: LeftOut,
    /// Configurations that only the first has.
    pub only_first: usize,
    /// Configurations that only the other one has.
    pub only_other: usize,
    /// The mean difference over all compared configurations.
    #[serde(flatten)]
    pub test: TTest,
    /// In how many configurations the other one is better; `None` if that is not known.
    pub better: Option<u64>,
    /// In how many it is worse.
    pub worse: Option<u64>,
    /// False: tests of single configurations are not corrected for each other.
    pub corrected: bool,
    /// The compared configurations, the smallest difference first.
    pub configurations: Vec<MatchedConfiguration>,
}

/// A configuration that both sweeps have.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MatchedConfiguration {
    /// Its number in the first sweep.
    pub config_id_first: u64,
    /// Its number in the other one.
    pub config_id_other: u64,
    /// The values of the keys that either varies.
    pub values: Vec<Value>,
    /// The mean in the first sweep.
    pub mean_first: f64,
    /// Its Student's interval.
    pub interval_first: Option<Interval>,
    /// The mean in the other one.
    pub mean_other: f64,
    /// Its Student's interval.
    pub interval_other: Option<Interval>,
    /// Seeds that are paired, or values of the first.
    pub n_first: usize,
    /// Seeds that are paired, or values of the other one.
    pub n_other: usize,
    /// The difference, not corrected for other configurations.
    #[serde(flatten)]
    pub test: TTest,
}

impl SweepsComparison {
    /// Compares all sweeps with the first, by `measure` or the first one's objective.
    ///
    /// # Errors
    /// Returns an error if a sweep does not have the measure, or no other has a configuration in common with the first.
    pub fn of(sweeps: &[ComparedSweep<'_>], measure: Option<&str>) -> Result<Self, ComparisonError> {
        let Some((first, others)) = sweeps.split_first().filter(|(_, others)| !others.is_empty()) else {
            return Err(ComparisonError::OneSweep);
        };
        if sweeps.len() > MOST_SWEEPS {
            return Err(ComparisonError::TooManySweeps { sweeps: sweeps.len(), most: MOST_SWEEPS });
        }
        let measure = measure.unwrap_or(&first.plan.objective.measure);
        sweeps.iter().try_for_each(|sweep| has_measure(sweep, measure))?;
        let goal = first.plan.objectives().find(|goal| goal.measure == measure);
        let direction = goal.map(|goal| goal.direction);
        let info = first.infos.iter().find(|info| info.name == measure);
        let labels = words::labels_of(sweeps);
        let matchings: Vec<Matching> = others.iter().map(|other| Matching::new(first, other)).collect();
        if matchings.iter().all(|matching| matching.pairs.is_empty()) {
            return Err(matchings[0].nothing(first, &others[0], &labels));
        }
        let against = others.iter().zip(&matchings).enumerate();
        let against = against
            .map(|(at, (other, matching))| compared::against([first, other], at + 1, matching, measure, direction));
        let mut found = Self {
            measure: measure.to_owned(),
            unit: info.map_or("", |info| info.unit).to_owned(),
            nonnegative: info.is_some_and(|info| info.nonnegative),
            direction,
            finding: String::new(),
            sentences: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            sweeps: sweeps.iter().zip(labels).map(|(sweep, label)| summary(sweep, label, measure, direction)).collect(),
            against: against.collect(),
            effects: effects(sweeps, &matchings, measure),
        };
        found.tell(sweeps);
        Ok(found)
    }
}

/// Refuses a sweep that does not have the measure.
fn has_measure(sweep: &ComparedSweep<'_>, measure: &str) -> Result<(), ComparisonError> {
    let known = &sweep.plan.measures;
    match known.iter().any(|own| own == measure) {
        true => Ok(()),
        false => Err(ComparisonError::Measure {
            name: measure.to_owned(),
            results: sweep.results.to_owned(),
            expected: listed(known.iter().map(String::as_str)),
            nearest: nearest(measure, known.iter().map(String::as_str)),
        }),
    }
}

fn summary(sweep: &ComparedSweep<'_>, label: String, measure: &str, direction: Option<Direction>) -> SweepSummary {
    let (plan, sample) = (sweep.plan, sweep.sample);
    SweepSummary {
        label,
        results: sweep.results.to_owned(),
        name: plan.name.clone(),
        fingerprint: plan.fingerprint(),
        configurations: sample.configurations() as u64,
        replicates: plan.replicates,
        planned: plan.trials(),
        missing: plan.trials() - sample.total().all(),
        counts: sample.total(),
        keys: plan.space.iter().map(|dimension| dimension.key.clone()).collect(),
        best: direction.and_then(|direction| best(sweep, measure, direction)),
    }
}

/// Returns the best configuration: of those with the fewest trials that are not ok, as in every ranking.
fn best(sweep: &ComparedSweep<'_>, measure: &str, direction: Direction) -> Option<BestOfSweep> {
    let (plan, sample) = (sweep.plan, sweep.sample);
    let measure = sample.measure(measure)?;
    let ranked = ranking(plan, sample, measure);
    let mut held = ranked.iter().filter(|one| one.mean.is_some());
    let first = held.next()?;
    // The ranking is in the direction of the sweep's own objective.
    let as_good = held.filter(|one| one.beside() == first.beside());
    let best = match plan.objective.direction == direction {
        true => first,
        false => as_good.fold(first, |best, one| match direction.compare(one.mean, best.mean) {
            std::cmp::Ordering::Less => one,
            _as_good_or_worse => best,
        }),
    };
    let values = sample.plain_values(best.place, measure);
    let config_id = sample.config_ids()[best.place];
    Some(BestOfSweep {
        config_id,
        mean: mean(values.iter().copied())?,
        interval: t_interval(&values),
        values: plan.swept_values(config_id),
    })
}
