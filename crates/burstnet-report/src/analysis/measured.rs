//! One measure of a sample: ranking, intervals, and the effects of keys.

use std::cmp::Reverse;
use std::collections::HashMap;

use burstnet_core::numbers::{self, Mean, are_equal, largest, mean};
use burstnet_core::streams::Stream;
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::search::bounds::violation;
use burstnet_sweep::search::samplers::AxisKind;
use burstnet_sweep::streams::SweepPurpose;
use ndarray::{Array2, ArrayViewD};
use serde::Serialize;

use super::design::positions;
use super::kept;
use super::{Baseline, Design, MainEffect, PairEffect, RankedConfiguration};
use crate::analysis::Sample;
use crate::analysis::factors::{Factor, Spacing};
use crate::statistics::Contrast;
use crate::statistics::best_tenth::best_tenth;
use crate::statistics::bootstrap::bootstrap_interval;
use crate::statistics::effects::{ConfigurationValues, Marginals};
use crate::statistics::ranks;
use crate::statistics::replicated;
use crate::statistics::resamples::Resamples;
use crate::statistics::summary::Summary;
use crate::statistics::surrogate;
use crate::statistics::surrogate::basis::Position;
use crate::statistics::t_interval::t_interval;
use crate::statistics::variance::{self, Variance};

/// The pairs of keys whose means are shown.
const MOST_PAIRS: usize = 6;

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

/// The comparison of a configuration with the baseline, and whether it is in the confidence set of the best.
pub(crate) type Comparison = (Option<Contrast>, Option<bool>);

/// What comes first in the order of configurations.
type Order = (bool, bool, bool, u64, Reverse<u32>);

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

/// One measure of a sample.
pub(super) struct Measured<'a> {
    plan: &'a Configurations,
    sample: &'a Sample,
    measure: usize,
    /// The replicates that are compared; `None` for all.
    shared: Option<Vec<u32>>,
    /// The number of replicates that count of each configuration, of adaptive replicates: those of the last level that it
    /// has reached. 0 before the first.
    reached: Option<Vec<u32>>,
    /// The mean of each configuration that has trials, NaN where it has no value, or was stopped early: the replicates of
    /// one that was are not those of the others.
    means: Vec<f64>,
    /// How far each configuration is beyond the bounds on measures; empty without bounds.
    violations: Vec<f64>,
    /// The largest of all values, by its size.
    largest: f64,
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

    /// Returns the shares of the variance; `None` if nothing varies.
    pub(super) fn variance(&self, design: &Design) -> Option<Variance> {
        let places: Vec<usize> = (0..self.means.len()).filter(|&place| self.mean(place).is_some()).collect();
        let held: Vec<f64> = places.iter().map(|&place| self.means[place]).collect();
        if are_equal(&held, self.largest) {
            return None; // means of large values that cancel each other are no more exact than these
        }
        let levels: Vec<usize> = design.factors.iter().map(|factor| factor.count().unwrap_or(1) as usize).collect();
        let cells = levels.iter().try_fold(1_usize, |cells, count| cells.checked_mul(*count));
        let is_complete = design.is_grid && cells == Some(places.len()) && places.len() == self.means.len();
        let mut random = self.random();
        if !is_complete {
            let (table, means) = self.surrogate_table(design, &mut random);
            return surrogate::regression(&table, &means, &mut random);
        }
        let block = self.block();
        if block.nrows() == places.len() && block.ncols() > 1 {
            let scale = numbers::Scale::of([self.largest]);
            return replicated::of_replicates(&levels, block.mapv(|x| scale.down(x)).view(), &mut random);
        }
        let exact = variance::grid(ArrayViewD::from_shape(levels, &self.means).ok()?)?;
        // Of one replicate the shares are exact, and whether they are more than chance a regression tells.
        let (table, means) = self.surrogate_table(design, &mut random);
        surrogate::regression(&table, &means, &mut random).map(|found| exact.with_evidence(found))
    }

    /// Returns the draws of regressions, beyond every number of values of the bootstrap.
    fn random(&self) -> Stream {
        Stream::part(self.plan.seed, SweepPurpose::Bootstrap, 1 << 47)
    }

    /// Returns where the configurations that have a value lie, and their means; of many, some that are chosen at random.
    fn surrogate_table(&self, design: &Design, random: &mut Stream) -> (surrogate::Table, Vec<f64>) {
        let mut places: Vec<usize> = (0..self.means.len()).filter(|&place| self.mean(place).is_some()).collect();
        random.shuffle(&mut places);
        places.truncate(surrogate::MOST_CONFIGURATIONS);
        places.sort_unstable();
        let position = |&place: &usize| positions(self.plan, &design.factors, self.sample.config_ids()[place]);
        let axes: Vec<AxisKind> = design.factors.iter().map(Factor::axis).collect();
        let rows: Vec<Vec<Position>> = places.iter().map(position).collect();
        let means = places.iter().map(|&place| self.means[place]).collect();
        (surrogate::Table::new(&axes, &rows), means)
    }

    /// Returns the number of configurations that are the best tenth, and the share of each key among these, largest first.
    pub(super) fn best_tenth(&self, design: &Design) -> Option<(usize, Vec<(String, f64)>)> {
        let (table, means) = self.surrogate_table(design, &mut self.random());
        let maximize = self.plan.objective.direction == Direction::Maximize;
        let losses: Vec<f64> = means.iter().map(|&x| if maximize { -x } else { x }).collect();
        let (configurations, shares) = best_tenth(&table, &losses)?;
        let named = design.factors.iter().map(|factor| factor.key.clone()).zip(shares);
        let mut keys: Vec<(String, f64)> = named.collect();
        keys.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable
        Some((configurations, keys))
    }

    /// Returns the number of configurations that have a value.
    pub(super) fn valued(&self) -> usize {
        self.means.iter().filter(|mean| !mean.is_nan()).count()
    }

    pub(super) fn main_effects(&self, design: &Design) -> Vec<MainEffect> {
        let effect = |(key, factor): (usize, &Factor)| {
            let mut marginals = Marginals::new(factor.levels.len(), design.is_grid, numbers::Scale::of([self.largest]));
            for place in 0..self.sample.configurations() {
                if let (Some(mean), Some(level)) = (self.mean(place), design.shown(place, key)) {
                    marginals.add(ConfigurationValues { level, mean, values: &mut self.values(place) });
                }
            }
            MainEffect {
                key: factor.key.clone(),
                ratio_of: factor.ratio_of.clone(),
                scale: factor.scale,
                binned: factor.binned(),
                levels: factor.levels.iter().cloned().zip(marginals.finish()).collect(),
            }
        };
        design.factors.iter().enumerate().map(effect).collect()
    }

    /// Returns the means over both keys of `pairs`, which are two keys and the share of their interaction.
    pub(super) fn pair_effects(&self, design: &Design, pairs: &[(&str, &str, f64)]) -> Vec<PairEffect> {
        let number = |key: &str| design.factors.iter().position(|factor| factor.key == key);
        let effect = |&(key, key_2, share): &(&str, &str, f64)| {
            let (a, b) = (number(key)?, number(key_2)?);
            let (levels, levels_2) = (&design.factors[a].levels, &design.factors[b].levels);
            let mut means = vec![vec![Mean::default(); levels_2.len()]; levels.len()];
            for place in 0..self.sample.configurations() {
                let cell = design.shown(place, a).zip(design.shown(place, b));
                if let (Some(mean), Some((a, b))) = (self.mean(place), cell) {
                    means[a][b].add(mean);
                }
            }
            Some(PairEffect {
                key: key.to_owned(),
                key_2: key_2.to_owned(),
                share,
                levels: levels.clone(),
                levels_2: levels_2.clone(),
                means: means.into_iter().map(|row| row.into_iter().map(Mean::value).collect()).collect(),
            })
        };
        let drawable = |key: &str| {
            let factor = number(key).map(|at| &design.factors[at]);
            factor.is_some_and(|factor| factor.scale != Spacing::Category || factor.levels.len() <= 64)
        };
        let drawn = pairs.iter().filter(|(key, key_2, _)| drawable(key) && drawable(key_2));
        drawn.take(MOST_PAIRS).filter_map(effect).collect()
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
