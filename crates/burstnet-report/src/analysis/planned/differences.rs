//! The differences of pairs of configurations, replicate by replicate.

use std::collections::BTreeMap;

use burstnet_sweep::objective::Direction;

use super::sides::Pair;
use super::{LeftOut, MeasureDifference, PairDifference, Unit};
use crate::analysis::Sample;
use crate::analysis::blocks::Blocks;
use crate::analysis::shared::shared_by_most;

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
            let places = left_out.kept([sample, sample], places);
            // Further replicates went to configurations that were chosen by results.
            let of_all = |places| both(sample, places).into_iter().filter(|one| sample.is_of_all(*one)).collect();
            kept.extend(places.map(|places| (pair, places, of_all(places))));
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
        let held: Vec<(&Pair, [Vec<f64>; 2])> =
            self.pairs.iter().filter_map(|one| Some((one.0, self.values(one.1, measure)?))).collect();
        let (pairs, values): (Vec<&Pair>, Vec<[Vec<f64>; 2]>) = held.into_iter().unzip();
        let blocks = Blocks::new(values);
        let (n, test) = match self.unit() {
            Unit::Pairs => (pairs.len(), blocks.test_pairs()),
            Unit::Replicates => (blocks.blocks(), blocks.test_blocks()),
        };
        let extremes = blocks.extremes().filter(|_| self.shared.is_some());
        let pair = |at: usize| {
            let [config_id_a, config_id_b] = pairs[at].config_ids;
            let values = pairs[at].others.clone();
            Some(PairDifference { difference: blocks.pair(at)?, config_id_a, config_id_b, values })
        };
        let better = direction.filter(|_| extremes.is_some()).map(|direction| {
            let (smaller, larger) = blocks.smaller_and_larger();
            match direction {
                Direction::Minimize => (smaller, larger),
                Direction::Maximize => (larger, smaller),
            }
        });
        MeasureDifference {
            measure: String::new(),
            unit: String::new(),
            direction,
            n,
            pairs: pairs.len(),
            mean_a: blocks.mean(0),
            mean_b: blocks.mean(1),
            test,
            a_better: better.map(|(a, _)| a),
            b_better: better.map(|(_, b)| b),
            smallest: extremes.and_then(|(smallest, _)| pair(smallest)),
            largest: extremes.and_then(|(_, largest)| pair(largest)),
        }
    }

    /// Returns the values of a pair in the replicates that are compared; `None` if one of them has none.
    fn values(&self, places: [usize; 2], measure: usize) -> Option<[Vec<f64>; 2]> {
        let of = |side: usize| self.sample.values(places[side], measure);
        let sides = match &self.shared {
            None => {
                let others: BTreeMap<u32, f64> = of(1).collect();
                let (a, b) = of(0).filter_map(|(replicate, x)| Some((x, *others.get(&replicate)?))).unzip();
                [a, b]
            }
            Some(shared) => [0, 1].map(|side| -> Vec<f64> {
                let held = of(side).filter(|(replicate, _)| shared.binary_search(replicate).is_ok());
                held.map(|(_, x)| x).collect()
            }),
        };
        let whole = self.shared.as_ref().is_none_or(|shared| sides.iter().all(|side| side.len() == shared.len()));
        (whole && !sides[0].is_empty()).then_some(sides)
    }
}

impl LeftOut {
    /// Returns the places of both configurations of a pair; or `None`, and counts why it is left out.
    pub(in crate::analysis) fn kept(
        &mut self,
        samples: [&Sample; 2],
        places: [Option<usize>; 2],
    ) -> Option<[usize; 2]> {
        let is = |what: &dyn Fn(&Sample, usize) -> bool| {
            samples.iter().zip(places).any(|(sample, place)| place.is_some_and(|place| what(sample, place)))
        };
        if is(&|sample, place| sample.counts(place).not_ok() > 0) {
            self.not_ok += 1;
        } else if is(&|sample, place| sample.is_stopped(place)) {
            self.stopped += 1;
        } else if let [Some(a), Some(b)] = places {
            return Some([a, b]);
        } else {
            self.missing += 1;
        }
        None
    }
}

/// Returns the replicates in which both configurations have a trial.
fn both(sample: &Sample, [a, b]: [usize; 2]) -> Vec<u32> {
    let others = sample.replicates_at(b);
    sample.replicates_at(a).iter().copied().filter(|replicate| others.binary_search(replicate).is_ok()).collect()
}
