//! The keys that matter on a complete grid with replicates: intervals of their shares, and tests that these are more than
//! chance.

use burstnet_core::numbers::mean;
use burstnet_core::streams::Stream;
use ndarray::{Array2, ArrayD, ArrayView2, Axis};

use super::distributions::t_quantile;
use super::repeated::{Blocks, Test};
use super::variance::{Evidence, Needed, Share, Variance, grid};
use super::{Interval, SIGNIFICANT};

/// The permutations of the test.
const PERMUTATIONS: usize = 199;
/// The most groups of replicates of which each is left out once.
const MOST_GROUPS: usize = 20;
/// No more replicates are named than so many times those that there are.
const MOST_TIMES: f64 = 100.0;

/// Returns the shares of a complete grid. `block` has a row per cell, in the order of the grid, and a column per
/// replicate, at least two of them. `None` if nothing varies.
///
/// Intervals are those of the jackknife, which leaves each replicate out once (Quenouille, Biometrika 43, 1956), in up to
/// 20 groups. Each key and pair has the test of [`Blocks`]. The test that no key matters is the smaller one, twice, of the
/// smallest p of these, times their number, and of a permutation test: that exchanges the cells' values within each
/// replicate by chance, 199 times, and its statistic is the largest variance of a key or pair per degree of freedom.
pub(crate) fn of_replicates(levels: &[usize], block: ArrayView2<'_, f64>, random: &mut Stream) -> Option<Variance> {
    let mut found = grid_of(levels, block)?;
    let groups = block.ncols().min(MOST_GROUPS);
    let without: Vec<Variance> = (0..groups)
        .filter_map(|group| {
            let kept: Vec<usize> = (0..block.ncols()).filter(|replicate| replicate % groups != group).collect();
            grid_of(levels, block.select(Axis(1), &kept).view())
        })
        .collect();
    let factor = t_quantile(groups as f64 - 1.0, 0.975)?;
    let interval = |share: f64, values: Vec<f64>| {
        let half = factor * standard_error(&values);
        (values.len() == groups).then(|| Interval { low: (share - half).max(0.0), high: (share + half).min(1.0) })
    };
    let blocks = Blocks::new(levels, block);
    let of_keys: Vec<Option<Test>> = (0..levels.len()).map(|key| blocks.of_key(key)).collect();
    for (key, one) in found.keys.iter_mut().enumerate() {
        one.p = of_keys[key].map(|test| test.p);
        one.interval = interval(one.share, without.iter().map(|other| other.keys[key].share).collect());
    }
    for (at, pair) in found.pairs.iter_mut().enumerate() {
        let values = without.iter().map(|other| other.pairs[at].share.share).collect();
        pair.share.interval = interval(pair.share.share, values);
        pair.share.p = blocks.of_pair(pair.a, pair.b).map(|test| test.p);
    }
    found.evidence = evidence((&found, &of_keys), &without, levels, block, random);
    Some(found)
}

fn grid_of(levels: &[usize], block: ArrayView2<'_, f64>) -> Option<Variance> {
    let means: Vec<f64> = block.rows().into_iter().map(|row| mean(row.iter().copied()).unwrap_or_default()).collect();
    grid(ArrayD::from_shape_vec(levels, means).ok()?.view())
}

/// Returns √((g − 1)/g Σ(θ − θ̄)²) of the figures without each of g groups.
fn standard_error(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    ((n - 1.0) / n * values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()).sqrt()
}

/// Returns the smallest p of all keys and pairs, times their number.
fn smallest(found: &Variance) -> f64 {
    let all = found.keys.iter().chain(found.pairs.iter().map(|pair| &pair.share)).filter_map(|one| one.p);
    let count = all.clone().count() as f64;
    all.fold(1.0, |least, p| f64::min(least, count * p))
}

fn evidence(
    (found, of_keys): (&Variance, &[Option<Test>]),
    without: &[Variance],
    levels: &[usize],
    block: ArrayView2<'_, f64>,
    random: &mut Stream,
) -> Evidence {
    let replicates = block.ncols() as f64;
    let own = statistic(levels, block);
    let mut dealt = block.to_owned();
    let mut by_chance: Vec<f64> = (0..PERMUTATIONS)
        .map(|_| {
            deal(&mut dealt, random);
            statistic(levels, dealt.view())
        })
        .collect();
    by_chance.sort_by(f64::total_cmp);
    let as_large = by_chance.iter().filter(|x| **x >= own * (1.0 - 1e-9)).count();
    let p = (1 + as_large) as f64 / (1 + PERMUTATIONS) as f64;
    let p = f64::min(1.0, 2.0 * p.min(smallest(found)));
    let times = |times: f64| {
        let sensible = times.is_finite() && (1.0..=MOST_TIMES).contains(&times);
        sensible.then(|| Needed::Replicates((times * replicates).ceil() as u64))
    };
    if p > SIGNIFICANT {
        let (usual, large) = (by_chance[PERMUTATIONS / 2], by_chance[PERMUTATIONS * 19 / 20]);
        // What is more than chance grows with the number of replicates, and what is chance does not.
        let needed = times((1.3 * large - usual) / (own - usual));
        return Evidence { p: Some(p), first: Vec::new(), needed: needed.filter(|_| own > usual) };
    }
    let mut order: Vec<usize> = (0..found.keys.len()).collect();
    order.sort_by(|&a, &b| found.keys[b].share.total_cmp(&found.keys[a].share)); // stable
    let certain = t_quantile(without.len() as f64 - 1.0, 0.95).unwrap_or(f64::INFINITY);
    let mut first = vec![order[0]];
    let mut needed: f64 = 0.0;
    for &key in &order[1..] {
        let difference = found.keys[order[0]].share - found.keys[key].share;
        let values: Vec<f64> = without.iter().map(|one| one.keys[order[0]].share - one.keys[key].share).collect();
        let error = certain * standard_error(&values);
        if difference <= error {
            first.push(key);
            let ratio = 2.0 * error / difference;
            needed = needed.max(ratio * ratio);
        }
    }
    let needed = match (&first[..], of_keys[order[0]]) {
        ([_], Some(test)) if test.p > SIGNIFICANT => test.replicates_needed().map(|n| Needed::Replicates(n as u64)),
        ([_], _) => None,
        _open => times(needed),
    };
    Evidence { p: Some(p), first, needed }
}

/// Exchanges the values within each replicate by chance.
fn deal(block: &mut Array2<f64>, random: &mut Stream) {
    for mut column in block.columns_mut() {
        for last in (1..column.len()).rev() {
            column.swap(last, random.below(last as u64 + 1) as usize);
        }
    }
}

/// Returns the largest variance of a key or pair, per degree of freedom.
fn statistic(levels: &[usize], block: ArrayView2<'_, f64>) -> f64 {
    let Some(found) = grid_of(levels, block) else { return 0.0 };
    let means: Vec<f64> = block.rows().into_iter().map(|row| mean(row.iter().copied()).unwrap_or_default()).collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let total: f64 = means.iter().map(|x| (x - mean) * (x - mean)).sum();
    let free = |key: usize| levels[key].max(2) as f64 - 1.0;
    let of_keys = found.keys.iter().enumerate().map(|(key, one): (usize, &Share)| one.share / free(key));
    let of_pairs = found.pairs.iter().map(|pair| pair.share.share / (free(pair.a) * free(pair.b)));
    total * of_keys.chain(of_pairs).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use burstnet_sweep::streams::SweepPurpose;

    use super::*;

    fn of(levels: &[usize], replicates: usize, seed: u64, f: impl Fn(usize) -> f64) -> Variance {
        let mut random = Stream::new(seed, SweepPurpose::Search);
        let block = Array2::from_shape_fn((levels.iter().product(), replicates), |(cell, _)| f(cell) + random.unit());
        of_replicates(levels, block.view(), &mut Stream::new(seed, SweepPurpose::Bootstrap)).unwrap()
    }

    #[test]
    fn noise_tells_nothing_and_an_effect_is_told() {
        let told = (0..100).filter(|&seed| !of(&[4, 3], 4, seed, |_| 0.0).evidence.first.is_empty()).count();
        assert!(told <= 10, "{told} of 100");
        let found = of(&[4, 3], 4, 1, |cell| if cell >= 9 { 1.0 } else { 0.0 });
        assert!(found.evidence.first == [0] && found.evidence.p.unwrap() <= 0.01, "{:?}", found.evidence);
        let ends = found.keys[0].interval.unwrap();
        assert!(ends.low > 0.5 && ends.low <= found.keys[0].share && found.keys[0].share <= ends.high, "{ends:?}");
    }

    #[test]
    fn two_keys_that_do_as_much_are_both_named() {
        let both = |cell: usize| (cell / 4) as f64 + (cell % 4) as f64;
        let found = of(&[4, 4], 5, 3, both);
        assert_eq!(found.evidence.first.len(), 2, "{found:?}");
    }
}
