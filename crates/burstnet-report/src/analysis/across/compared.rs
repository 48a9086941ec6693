//! A sweep against another, over the configurations that both have.

use std::collections::BTreeMap;

use burstnet_core::numbers::mean;
use burstnet_sweep::objective::Direction;

use super::matching::{Lookup, Matching};
use super::{ComparedSweep, MatchedConfiguration, SweepDifference};
use crate::analysis::blocks::{Blocks, test_independent};
use crate::analysis::planned::{LeftOut, Unit};
use crate::analysis::shared::shared_by_most;
use crate::statistics::t_interval::t_interval;

/// Returns the second sweep against the first.
pub(super) fn against(
    sweeps: [&ComparedSweep<'_>; 2],
    at: usize,
    matching: &Matching,
    measure: &str,
    direction: Option<Direction>,
) -> SweepDifference {
    let mut left_out = LeftOut::default();
    let samples = sweeps.map(|sweep| sweep.sample);
    let kept: Vec<[usize; 2]> =
        matching.pairs.iter().filter_map(|places| left_out.kept(samples, places.map(Some))).collect();
    let seeds = Seeds::new(sweeps, &kept);
    let (mut values, mut rows) = (Vec::new(), Vec::new());
    for places in &kept {
        match seeds.values(sweeps, *places, measure) {
            Some(sides) => {
                rows.push(*places);
                values.push(sides);
            }
            None => left_out.missing += 1,
        }
    }
    let lookup = Lookup::new(sweeps[0], &matching.keys);
    // The other sweep comes first, from which the first one is taken.
    let blocks = Blocks::new(match seeds.paired {
        true => values.iter().map(|[first, other]| [other.clone(), first.clone()]).collect(),
        false => Vec::new(),
    });
    let mut configurations: Vec<MatchedConfiguration> = Vec::with_capacity(rows.len());
    for (row, (places, [first, other])) in rows.iter().zip(&values).enumerate() {
        let test = match seeds.paired {
            true => blocks.test_pair(row),
            false => test_independent([std::slice::from_ref(other), std::slice::from_ref(first)]),
        };
        let ids = [0, 1].map(|side| samples[side].config_ids()[places[side]]);
        configurations.push(MatchedConfiguration {
            config_id_first: ids[0],
            config_id_other: ids[1],
            values: lookup.values(places[0]),
            mean_first: mean(first.iter().copied()).unwrap_or_default(),
            interval_first: t_interval(first),
            mean_other: mean(other.iter().copied()).unwrap_or_default(),
            interval_other: t_interval(other),
            n_first: first.len(),
            n_other: other.len(),
            test,
        });
    }
    let unit = seeds.unit();
    let test = match (unit, seeds.paired) {
        (Unit::Replicates, true) => blocks.test_blocks(),
        (Unit::Replicates, false) => {
            let side = |side: usize| values.iter().map(|one| one[side].clone()).collect::<Vec<_>>();
            test_independent([&side(1), &side(0)])
        }
        (Unit::Pairs, _) => {
            let means = configurations.iter().map(|one| [vec![one.mean_other], vec![one.mean_first]]);
            Blocks::new(means.collect()).test_pairs()
        }
    };
    let differences = || configurations.iter().filter_map(|one| one.test.difference);
    let better = direction.map(|direction| {
        let (smaller, larger) =
            (differences().filter(|x| *x < 0.0).count(), differences().filter(|x| *x > 0.0).count());
        match direction {
            Direction::Minimize => (smaller as u64, larger as u64),
            Direction::Maximize => (larger as u64, smaller as u64),
        }
    });
    let size = |one: &MatchedConfiguration| one.test.difference.unwrap_or(f64::INFINITY);
    configurations.sort_by(|a, b| size(a).total_cmp(&size(b))); // stable: equal ones in the order of the first sweep
    SweepDifference {
        sweep: at,
        finding: String::new(),
        differs: matching.differs.clone(),
        differs_in_words: String::new(),
        keys: matching.keys.clone(),
        paired: seeds.paired,
        seeds: if seeds.paired { seeds.used[0].len() } else { 0 },
        unit,
        matched: matching.pairs.len(),
        left_out,
        only_first: matching.only_first,
        only_other: matching.only_other,
        test,
        better: better.map(|(better, _)| better),
        worse: better.map(|(_, worse)| worse),
        corrected: false,
        configurations,
    }
}

/// The seeds by which two sweeps are compared.
struct Seeds {
    /// True if both have the same ones.
    paired: bool,
    /// The seeds that count on either side, sorted.
    used: [Vec<u64>; 2],
}

impl Seeds {
    /// Chooses the seeds that the compared configurations have, as many as leave the most trials: those that both sweeps ran
    /// if there are two of them, or if neither has more; else those of each side.
    fn new(sweeps: [&ComparedSweep<'_>; 2], kept: &[[usize; 2]]) -> Self {
        let of = |side: usize, place: usize| {
            let (plan, sample) = (sweeps[side].plan, sweeps[side].sample);
            sample.replicates_at(place).iter().map(|replicate| plan.seed_of(u64::from(*replicate)))
        };
        let mut numbers: BTreeMap<u64, u32> = BTreeMap::new();
        for places in kept {
            (0..2).flat_map(|side| of(side, places[side])).for_each(|seed| {
                numbers.insert(seed, 0);
            });
        }
        numbers.values_mut().zip(0..).for_each(|(number, at)| *number = at);
        let seeds: Vec<u64> = numbers.keys().copied().collect();
        let own = |side: usize, place: usize| -> Vec<u32> {
            let mut held: Vec<u32> = of(side, place).map(|seed| numbers[&seed]).collect();
            held.sort_unstable();
            held
        };
        let side = |side: usize| -> Vec<Vec<u32>> { kept.iter().map(|places| own(side, places[side])).collect() };
        let sides = [side(0), side(1)];
        let both = sides[0].iter().zip(&sides[1]);
        let both: Vec<Vec<u32>> =
            both.map(|(a, b)| a.iter().copied().filter(|seed| b.binary_search(seed).is_ok()).collect()).collect();
        let named = |numbers: Vec<u32>| -> Vec<u64> { numbers.into_iter().map(|at| seeds[at as usize]).collect() };
        let shared = named(shared_by_most(&both));
        let alone = [0, 1].map(|side| named(shared_by_most(&sides[side])));
        let single = shared.len() == 1 && alone.iter().any(|alone| alone.len() < 2);
        match shared.len() > 1 || single {
            true => Self { paired: true, used: [shared.clone(), shared] },
            false => Self { paired: false, used: alone },
        }
    }

    /// Returns what the overall test generalises over.
    fn unit(&self) -> Unit {
        if self.used.iter().any(|seeds| seeds.len() == 1) { Unit::Pairs } else { Unit::Replicates }
    }

    /// Returns the values of a configuration on both sides, in the order of the seeds; `None` if one of them is missing.
    fn values(&self, sweeps: [&ComparedSweep<'_>; 2], places: [usize; 2], measure: &str) -> Option<[Vec<f64>; 2]> {
        let of = |side: usize| -> Option<Vec<f64>> {
            let (plan, sample) = (sweeps[side].plan, sweeps[side].sample);
            let values = sample.values(places[side], sample.measure(measure)?);
            let held: BTreeMap<u64, f64> =
                values.map(|(replicate, x)| (plan.seed_of(u64::from(replicate)), x)).collect();
            self.used[side].iter().map(|seed| held.get(seed).copied()).collect()
        };
        let sides = [of(0)?, of(1)?];
        (!sides[0].is_empty() && !sides[1].is_empty()).then_some(sides)
    }
}
