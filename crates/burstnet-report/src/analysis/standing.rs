//! The standing of configurations: their order by a measure, and the place of one.

use burstnet_sweep::plan::configurations::Configurations;
use serde::Serialize;

use super::measured::Measured;
use crate::analysis::Sample;

/// A configuration's place in the sample, failures, and mean, for ranking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Its place.
    pub(crate) place: usize,
    /// Trials that failed or diverged.
    pub(crate) not_ok: u64,
    /// The mean over its replicates; `None` without a value, or of one that was stopped early.
    pub(crate) mean: Option<f64>,
    /// True if it was stopped early.
    pub(crate) stopped: bool,
    /// True if it keeps all bounds on measures.
    pub(crate) keeps: bool,
    /// The number of replicates of the last level that it has reached, of adaptive ones.
    reached: u32,
}

impl Standing {
    /// Returns what configurations have in common whose means are compared.
    pub(crate) fn beside(&self) -> (bool, bool, u64, u32) {
        (self.stopped, self.keeps, self.not_ok, self.reached)
    }
}

/// Returns all configurations that have trials, the best by a measure of the sample first: those that were not stopped
/// early, of these those that have all replicates that are compared, of these those that keep the bounds on measures, of
/// these those with the fewest failed and diverged trials, of these those that adaptive replicates took furthest, of these
/// those that are beyond bounds the least, of these those with the best mean, those without a mean last, and ties by number.
pub(crate) fn ranking(plan: &Configurations, sample: &Sample, measure: usize) -> Vec<Standing> {
    let measured = Measured::new(plan, sample, measure);
    let standing = |place| Standing {
        place,
        not_ok: sample.counts(place).not_ok(),
        mean: measured.mean(place),
        stopped: sample.is_stopped(place),
        keeps: measured.violation(place) == 0.0,
        reached: measured.reached.as_ref().map_or(0, |reached| reached[place]),
    };
    measured.ranking().into_iter().map(standing).collect()
}

/// Returns the places of the same, in the same order.
pub(crate) fn ranked_places(plan: &Configurations, sample: &Sample, measure: usize) -> Vec<usize> {
    Measured::new(plan, sample, measure).ranking()
}

/// Returns for each place of the sample whether its configuration keeps all bounds on measures, and was not stopped early;
/// `None` without bounds.
pub(crate) fn feasible(plan: &Configurations, sample: &Sample) -> Option<Vec<bool>> {
    if plan.subject_to.is_empty() {
        return None;
    }
    let measured = Measured::new(plan, sample, sample.measure(&plan.objective.measure).unwrap_or_default());
    let keeps = |place| !sample.is_stopped(place) && measured.violation(place) == 0.0;
    Some((0..sample.configurations()).map(keeps).collect())
}

/// The place of a configuration among all that have trials, by the objective's measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// Its rank, from 1; equal configurations share it.
    pub rank: u64,
    /// The number of configurations that have trials.
    pub of: u64,
    /// The number of its replicates that have a value.
    pub n: u64,
    /// The mean over these; `None` without a value, and of one that was stopped early.
    pub mean: Option<f64>,
    /// Trials that failed or diverged.
    pub not_ok: u64,
    /// True if it was stopped early.
    pub stopped: bool,
}

/// Returns the place of a configuration in the ranking that a report shows; `None` if it has no trials.
pub fn place_of(plan: &Configurations, sample: &Sample, config_id: u64) -> Option<Place> {
    let measure = sample.measure(&plan.objective.measure)?;
    let place = sample.place(config_id)?;
    let ranking = ranking(plan, sample, measure);
    let at = ranking.iter().position(|one| one.place == place)?;
    let Standing { not_ok, mean, stopped, .. } = ranking[at];
    let n = sample.values(place, measure).count() as u64;
    Some(Place { rank: at as u64 + 1, of: ranking.len() as u64, n, mean, not_ok, stopped })
}

/// Returns the numbers of the best `count` configurations of a sample by the objective's measure, without those that
/// have no value, or do not keep the bounds on measures.
pub fn best(plan: &Configurations, sample: &Sample, count: usize) -> Vec<u64> {
    let Some(measure) = sample.measure(&plan.objective.measure) else { return Vec::new() };
    let measured = Measured::new(plan, sample, measure);
    let having = measured.ranking().into_iter().filter(|&place| {
        !sample.is_stopped(place) && measured.violation(place) == 0.0 && sample.values(place, measure).next().is_some()
    });
    having.take(count).map(|place| sample.config_ids()[place]).collect()
}
