//! One measure of a sample: its values, the order of configurations, and their intervals.

use std::cmp::Reverse;
use std::collections::HashMap;

use burstnet_core::numbers::{largest, mean};
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::search::bounds::violation;
use ndarray::Array2;

use super::{Baseline, RankedConfiguration, kept};
use crate::analysis::Sample;
use crate::statistics::Contrast;
use crate::statistics::bootstrap::bootstrap_interval;
use crate::statistics::ranks;
use crate::statistics::resamples::Resamples;
use crate::statistics::summary::Summary;
use crate::statistics::t_interval::t_interval;

/// The comparison of a configuration with the baseline, and whether it is in the confidence set of the best.
pub(crate) type Comparison = (Option<Contrast>, Option<bool>);

/// The part of the order of configurations that comes before their means.
type Order = (bool, bool, bool, u64, Reverse<u32>);

/// One measure of a sample.
pub(super) struct Measured<'a> {
    pub(super) plan: &'a Configurations,
    pub(super) sample: &'a Sample,
    measure: usize,
    /// The replicates that are compared; `None` for all.
    shared: Option<Vec<u32>>,
    /// The number of replicates that count of each configuration, of adaptive replicates: those of the last level that it
    /// has reached. 0 before the first.
    pub(super) reached: Option<Vec<u32>>,
    /// The mean of each configuration that has trials, NaN where it has no value, or was stopped early: the replicates of
    /// one that was are not those of the others.
    pub(super) means: Vec<f64>,
    /// The violation of the bounds on measures by each configuration; empty without bounds.
    violations: Vec<f64>,
    /// The largest of all values, by its size.
    pub(super) largest: f64,
}

impl<'a> Measured<'a> {
    pub(super) fn new(plan: &'a Configurations, sample: &'a Sample, measure: usize) -> Self {
        let all = (0..sample.configurations()).flat_map(|place| sample.values(place, measure));
        let largest = largest(all.map(|(_, x)| x));
        let reached = reached(plan, sample);
        let shared = if reached.is_some() { None } else { sample.shared() };
        let (means, violations) = (Vec::new(), Vec::new());
        Self { plan, sample, measure, shared, reached, means, violations, largest }.with_means()
    }

    fn with_means(mut self) -> Self {
        let mean_of = |place| {
            let values = self.values(place).filter(|_| !self.sample.is_stopped(place));
            mean(values.map(|(_, x)| x)).unwrap_or(f64::NAN)
        };
        self.means = (0..self.sample.configurations()).map(mean_of).collect();
        let (plan, sample) = (self.plan, self.sample);
        if !plan.subject_to.is_empty() {
            let violation_of =
                |place| violation(&plan.subject_to, kept::means(plan, sample, place, self.counts(place)));
            self.violations = (0..sample.configurations()).map(violation_of).collect();
        }
        self
    }

    /// Returns the same of the replicates that all configurations have, where adaptive ones gave some of them more. What is
    /// said of keys and of noise is over these: further replicates went to configurations that were chosen by results.
    pub(super) fn of_all(&self) -> Option<Self> {
        let least = self.plan.least_replicates() as u32;
        let reached = self.reached.as_ref()?.iter().map(|reached| (*reached).min(least)).collect();
        let Self { plan, sample, measure, largest, .. } = *self;
        let (means, violations, reached) = (Vec::new(), Vec::new(), Some(reached));
        Some(Self { plan, sample, measure, shared: None, reached, means, violations, largest }.with_means())
    }

    /// Returns the values of the configuration at `place`: while the sweep runs, in the replicates that all compared
    /// configurations share, unless it is behind these.
    pub(super) fn values(&self, place: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let counts = self.counts(place);
        self.sample.values(place, self.measure).filter(move |(replicate, _)| counts(*replicate))
    }

    /// Returns which replicates of the configuration at `place` are among those that are compared.
    fn counts(&self, place: usize) -> impl Fn(u32) -> bool + '_ {
        let shared = self.shared.as_ref().filter(|_| !self.is_behind(place));
        let reached = self.reached.as_ref().map(|reached| reached[place]).filter(|reached| *reached > 0);
        move |replicate| {
            shared.is_none_or(|shared| shared.binary_search(&replicate).is_ok())
                && reached.is_none_or(|reached| replicate < reached)
        }
    }

    /// Returns how far the configuration at `place` is beyond the bounds on measures; 0 if it keeps all.
    pub(super) fn violation(&self, place: usize) -> f64 {
        self.violations.get(place).copied().unwrap_or(0.0)
    }

    /// Returns whether the configuration at `place` still lacks trials of the replicates that are compared.
    fn is_behind(&self, place: usize) -> bool {
        self.shared.as_ref().is_some_and(|shared| !self.sample.has_all(place, shared))
            || self.reached.as_ref().is_some_and(|reached| reached[place] == 0)
    }

    /// Returns the number of replicates that are compared.
    pub(super) fn replicates(&self) -> u64 {
        self.shared.as_ref().map_or(self.plan.replicates, |shared| shared.len() as u64)
    }

    /// Returns whether some configurations have more replicates because of their results.
    pub(super) fn is_adaptive(&self) -> bool {
        self.reached.is_some()
    }

    /// Returns the number of configurations that have trials.
    pub(super) fn places(&self) -> usize {
        self.means.len()
    }

    /// Returns the place of a configuration, or of the one that it is equal to.
    pub(super) fn place(&self, config_id: u64) -> Option<usize> {
        self.sample.place(config_id)
    }

    /// Returns the number of the configuration at `place`.
    pub(super) fn config_id(&self, place: usize) -> u64 {
        self.sample.config_ids()[place]
    }

    /// Returns the end of the measure that is best.
    pub(super) fn direction(&self) -> Direction {
        self.plan.objective.direction
    }

    /// Returns the seed of the sweep.
    pub(super) fn seed(&self) -> u64 {
        self.plan.seed
    }

    /// Returns the number of configurations that have a value.
    pub(super) fn valued(&self) -> usize {
        self.means.iter().filter(|mean| !mean.is_nan()).count()
    }

    /// Returns the mean of the configuration at `place`; `None` without a value, and of one that was stopped early.
    pub(super) fn mean(&self, place: usize) -> Option<f64> {
        self.means.get(place).copied().filter(|mean| !mean.is_nan())
    }

    /// Returns the places of all configurations that have trials, the best first, in the order of [`ranking`].
    pub(super) fn ranking(&self) -> Vec<usize> {
        let direction = self.plan.objective.direction;
        let mut all: Vec<(Order, usize)> =
            (0..self.sample.configurations()).map(|place| (self.order(place), place)).collect();
        all.sort_unstable_by(|(first, a), (second, b)| {
            let beyond = || self.violation(*a).total_cmp(&self.violation(*b));
            let by_mean = || direction.compare(self.mean(*a), self.mean(*b));
            first.cmp(second).then_with(beyond).then_with(by_mean).then(a.cmp(b))
        });
        all.into_iter().map(|(_, place)| place).collect()
    }

    fn order(&self, place: usize) -> Order {
        let beyond = self.violation(place) > 0.0;
        let reached = self.reached.as_ref().map_or(0, |reached| reached[place]);
        let not_ok = self.sample.counts(place).not_ok();
        (self.sample.is_stopped(place), self.is_behind(place), beyond, not_ok, Reverse(reached))
    }

    /// Returns whether the configuration at `place` can be the best one: it is complete, keeps the bounds on measures, and
    /// all of its trials are ok.
    pub(super) fn may_be_best(&self, place: usize) -> bool {
        let (is_stopped, is_behind, is_beyond, not_ok, _) = self.order(place);
        !is_stopped && !is_behind && !is_beyond && not_ok == 0 && self.mean(place).is_some()
    }

    pub(super) fn baseline(&self, ranking: &[usize], named: Option<u64>) -> Option<Baseline> {
        match named {
            Some(config_id) => {
                let place = self.sample.place(config_id)?; // of the first one that is equal to it
                self.values(place).next()?;
                Some(Baseline { config_id: self.sample.config_ids()[place], named: true })
            }
            None => {
                let best = ranking.iter().copied().find(|&place| self.mean(place).is_some())?;
                Some(Baseline { config_id: self.sample.config_ids()[best], named: false })
            }
        }
    }

    /// Returns the configuration at `place`, with a bootstrap interval if there are `resamples`.
    pub(super) fn configuration(
        &self,
        rank: u64,
        place: usize,
        (contrast, in_confidence_set): Comparison,
        resamples: Option<&Resamples>,
    ) -> RankedConfiguration {
        let config_id = self.sample.config_ids()[place];
        let values: Vec<f64> = self.values(place).map(|(_, x)| x).collect();
        RankedConfiguration {
            rank,
            config_id,
            subspace: self.plan.subspace_of(config_id).map(str::to_owned),
            values: self.plan.swept_values(config_id),
            violation: (!self.violations.is_empty()).then(|| self.violation(place)),
            feasible: (!self.violations.is_empty()).then(|| self.violation(place) == 0.0),
            counts: self.sample.counts(place),
            n: values.len(),
            summary: Summary::of(&values),
            t_interval: t_interval(&values),
            bootstrap_interval: resamples.and_then(|resamples| bootstrap_interval(&values, resamples)),
            contrast,
            in_confidence_set,
            wins: None,
            best_probability: None,
        }
    }

    /// Returns all configurations that can be compared or are among `shown`, in the order of `ranking`.
    pub(super) fn all<'b>(
        &'b self,
        ranking: &'b [usize],
        comparison: impl Fn(usize) -> Comparison + 'b,
        shown: &'b [RankedConfiguration],
    ) -> impl Iterator<Item = RankedConfiguration> + 'b {
        let shown: HashMap<u64, &RankedConfiguration> = shown.iter().map(|one| (one.config_id, one)).collect();
        (1..).zip(ranking).filter_map(move |(rank, &place)| match shown.get(&self.config_id(place)) {
            Some(one) => Some(RankedConfiguration { rank, ..(*one).clone() }),
            None if self.sample.is_stopped(place) || self.values(place).nth(1).is_none() => None,
            None => Some(self.configuration(rank, place, comparison(place), None)),
        })
    }

    /// Tells how often each of the shown configurations is best, of those that keep the bounds on measures and have all
    /// replicates that the most have.
    pub(super) fn mark_best(&self, ranked: &mut [RankedConfiguration], direction: Direction, resamples: &Resamples) {
        let kept = (0..ranked.len()).filter(|at| ranked[*at].keeps_bounds());
        let (kept, places): (Vec<usize>, Vec<usize>) =
            kept.filter_map(|at| Some((at, self.sample.place(ranked[at].config_id)?))).unzip();
        let (complete, mut block) = self.block_of(&places);
        if complete.len() < 2 {
            return;
        }
        if direction == Direction::Maximize {
            block.mapv_inplace(|x| -x);
        }
        for (at, found) in complete.into_iter().zip(ranks::best(block.view(), resamples)) {
            ranked[kept[at]].wins = Some(found.wins);
            ranked[kept[at]].best_probability = found.probability;
        }
    }

    /// Returns the values of all configurations that have one in each of the first k replicates, shape (configurations,
    /// k); k is chosen so that there are as many values as possible, at least 2 if that leaves any.
    pub(super) fn block(&self) -> Array2<f64> {
        let places: Vec<usize> = (0..self.sample.configurations()).collect();
        self.block_of(&places).1
    }

    /// Returns which of these configurations are in their block, and that block, as [`Self::block`] does of all.
    fn block_of(&self, places: &[usize]) -> (Vec<usize>, Array2<f64>) {
        // How many replicates from the first on have a value, without a gap.
        let run = |&place: &usize| match self.mean(place) {
            Some(_) => self.values(place).zip(0_u32..).take_while(|((held, _), at)| held == at).count(),
            None => 0,
        };
        let runs: Vec<usize> = places.iter().map(run).collect();
        let longest = runs.iter().copied().max().unwrap_or(0);
        let mut ending = vec![0_usize; longest + 1];
        runs.iter().for_each(|&run| ending[run] += 1);
        let (mut replicates, mut most, mut having) = (0, 0, 0);
        for k in (1..=longest).rev() {
            having += ending[k];
            if having * k > most && (k > 1 || replicates == 0) {
                (replicates, most) = (k, having * k);
            }
        }
        let complete: Vec<usize> = (0..places.len()).filter(|&at| replicates > 0 && runs[at] >= replicates).collect();
        let mut block = Array2::zeros((complete.len(), replicates));
        for (mut row, &at) in block.rows_mut().into_iter().zip(&complete) {
            row.iter_mut().zip(self.values(places[at])).for_each(|(slot, (_, x))| *slot = x);
        }
        (complete, block)
    }
}

/// Returns the number of replicates of the last level of adaptive replicates that each configuration has reached, 0 before
/// the first; `None` if all configurations have as many replicates.
fn reached(plan: &Configurations, sample: &Sample) -> Option<Vec<u32>> {
    let levels = plan.levels_of(plan.distinct())?;
    let last = |place: usize| {
        let held = sample.replicates_at(place).iter().zip(0_u32..).take_while(|(held, at)| **held == *at).count();
        let reached = levels.iter().rev().find(|level| level.replicates <= held as u64);
        reached.map_or(0, |level| level.replicates as u32) // replicates are at most 10⁹
    };
    Some((0..sample.configurations()).map(last).collect())
}
