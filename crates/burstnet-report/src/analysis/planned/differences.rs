//! The differences of pairs of configurations, replicate by replicate.

use burstnet_core::numbers::{Mean, Scale, difference, largest, mean};
use burstnet_sweep::objective::Direction;

use super::sides::Pair;
use super::{LeftOut, MeasureDifference, PairDifference, Unit};
use crate::analysis::Sample;
use crate::analysis::sample::shared_by_most;
use crate::statistics::TTest;

/// The pairs that are compared, and the replicates in which they are.
pub(super) struct Units<'a> {
    sample: &'a Sample,
    /// The pairs, each with the places of its configurations in the sample.
    pairs: Vec<(&'a Pair, [usize; 2])>,
    /// The replicates that all pairs have; `None` for those that both configurations of a single pair have.
    shared: Option<Vec<u32>>,
    /// The number of these replicates.
    most: usize,
    pub(super) left_out: LeftOut,
}

/// The values of a pair on both sides, one per replicate.
struct Values<'a> {
    pair: &'a Pair,
    sides: [Vec<f64>; 2],
}

impl Values<'_> {
    fn differences(&self) -> impl Iterator<Item = f64> + '_ {
        self.sides[0].iter().zip(&self.sides[1]).map(|(a, b)| difference(*a, *b))
    }

    fn mean(&self) -> f64 {
        mean(self.differences()).unwrap_or_default()
    }
}

impl<'a> Units<'a> {
    /// Returns the replicates of two configurations.
    pub(super) fn of_two(sample: &'a Sample, pair: &'a Pair) -> Self {
        let places = pair.config_ids.map(|config_id| sample.place(config_id));
        let pairs: Vec<_> = match places {
            [Some(a), Some(b)] => vec![(pair, [a, b])],
            _not_run => Vec::new(),
        };
        let most = pairs.iter().map(|(_, places)| both(sample, *places).len()).sum();
        Self { sample, pairs, shared: None, most, left_out: LeftOut::default() }
    }

    /// Returns the pairs of which no trial failed or diverged, and the replicates that these share: as many as leave the
    /// most trials.
    pub(super) fn of_pairs(sample: &'a Sample, pairs: &'a [Pair]) -> Self {
        let mut left_out = LeftOut::default();
        let mut kept: Vec<(&Pair, [usize; 2], Vec<u32>)> = Vec::new();
        for pair in pairs {
            let places = pair.config_ids.map(|config_id| sample.place(config_id));
            let is = |what: &dyn Fn(usize) -> bool| places.iter().flatten().any(|&place| what(place));
            if is(&|place| sample.counts(place).not_ok() > 0) {
                left_out.not_ok += 1;
            } else if is(&|place| sample.is_stopped(place)) {
                left_out.stopped += 1;
            } else if let [Some(a), Some(b)] = places {
                kept.push((pair, [a, b], both(sample, [a, b])));
            } else {
                left_out.missing += 1;
            }
        }
        let sets: Vec<&[u32]> = kept.iter().map(|(.., held)| &**held).collect();
        let shared = shared_by_most(&sets);
        let before = kept.len();
        let has_all = |held: &[u32]| shared.iter().all(|replicate| held.binary_search(replicate).is_ok());
        kept.retain(|(.., held)| !shared.is_empty() && has_all(held));
        left_out.missing += (before - kept.len()) as u64;
        let pairs = kept.into_iter().map(|(pair, places, _)| (pair, places)).collect();
        Self { sample, pairs, most: shared.len(), shared: Some(shared), left_out }
    }

    /// Returns the number of replicates that are compared.
    pub(super) fn replicates(&self) -> usize {
        self.most
    }

    /// Returns what a test generalises over.
    pub(super) fn unit(&self) -> Unit {
        if self.shared.is_some() && self.most == 1 { Unit::Pairs } else { Unit::Replicates }
    }

    /// Returns the difference in a measure, without its name.
    pub(super) fn difference(&self, measure: usize, direction: Option<Direction>) -> MeasureDifference {
        let held: Vec<Values<'_>> = self.pairs.iter().filter_map(|one| self.values(one, measure)).collect();
        let all = || held.iter().flat_map(|one| one.sides.iter().flatten().copied());
        let scale = Scale::of(all());
        let scaled: Vec<Values<'_>> = held
            .iter()
            .map(|one| Values { pair: one.pair, sides: [0, 1].map(|side| scale.all_down(&one.sides[side])) })
            .collect();
        let differences: Vec<f64> = match self.unit() {
            Unit::Pairs => scaled.iter().map(Values::mean).collect(),
            Unit::Replicates => by_replicate(&scaled),
        };
        let test = TTest::paired(&differences, scale.down(largest(all()))).up(scale);
        let pair = |one: &&Values<'_>| {
            let [config_id_a, config_id_b] = one.pair.config_ids;
            let values = one.pair.others.clone();
            Some(PairDifference { difference: scale.up(one.mean())?, config_id_a, config_id_b, values })
        };
        let many = self.shared.is_some() && scaled.len() > 1;
        let of_many = || scaled.iter().filter(|_| many);
        let better = |side: Direction| {
            let count = |one: &&Values<'_>| match side {
                Direction::Minimize => one.mean() < 0.0,
                Direction::Maximize => one.mean() > 0.0,
            };
            scaled.iter().filter(count).count() as u64
        };
        let opposite = |direction| match direction {
            Direction::Minimize => Direction::Maximize,
            Direction::Maximize => Direction::Minimize,
        };
        let mean_of = |side: usize| mean(held.iter().flat_map(|one| one.sides[side].iter().copied()));
        MeasureDifference {
            measure: String::new(),
            unit: String::new(),
            direction,
            n: differences.len(),
            pairs: held.len(),
            mean_a: mean_of(0),
            mean_b: mean_of(1),
            test,
            a_better: direction.filter(|_| many).map(better),
            b_better: direction.filter(|_| many).map(|direction| better(opposite(direction))),
            smallest: of_many().min_by(|a, b| a.mean().total_cmp(&b.mean())).as_ref().and_then(pair),
            largest: of_many().rev().max_by(|a, b| a.mean().total_cmp(&b.mean())).as_ref().and_then(pair),
        }
    }

    /// Returns the values of a pair in the replicates that are compared; `None` if one of them has none.
    fn values(&self, (pair, places): &(&'a Pair, [usize; 2]), measure: usize) -> Option<Values<'a>> {
        let of = |side: usize| self.sample.values(places[side], measure);
        let sides = match &self.shared {
            None => {
                let others: std::collections::BTreeMap<u32, f64> = of(1).collect();
                let (a, b) = of(0).filter_map(|(replicate, x)| Some((x, *others.get(&replicate)?))).unzip();
                [a, b]
            }
            Some(shared) => [0, 1].map(|side| -> Vec<f64> {
                let held = of(side).filter(|(replicate, _)| shared.binary_search(replicate).is_ok());
                held.map(|(_, x)| x).collect()
            }),
        };
        let whole = self.shared.as_ref().is_none_or(|shared| sides.iter().all(|side| side.len() == shared.len()));
        (whole && !sides[0].is_empty()).then_some(Values { pair, sides })
    }
}

/// Returns the replicates in which both configurations have a trial.
fn both(sample: &Sample, [a, b]: [usize; 2]) -> Vec<u32> {
    let others = sample.replicates_at(b);
    sample.replicates_at(a).iter().copied().filter(|replicate| others.binary_search(replicate).is_ok()).collect()
}

/// Returns the mean over all pairs of the difference in each replicate.
fn by_replicate(pairs: &[Values<'_>]) -> Vec<f64> {
    let mut means = vec![Mean::default(); pairs.first().map_or(0, |one| one.sides[0].len())];
    for one in pairs {
        means.iter_mut().zip(one.differences()).for_each(|(mean, difference)| mean.add(difference));
    }
    means.into_iter().filter_map(Mean::value).collect()
}
