//! The change of a measure with the keys that sweeps share, over the configurations that they have in common.

use std::collections::BTreeSet;

use burstnet_core::numbers::mean;
use serde::Serialize;

use super::ComparedSweep;
use super::matching::Matching;
use crate::analysis::factors::Factor;
use crate::analysis::{Level, Spacing};
use crate::statistics::Interval;
use crate::statistics::t_interval::t_interval;

/// The change of the measure with a key that the first sweep and others vary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SharedEffect {
    /// The key.
    pub key: String,
    /// The spacing of its values.
    pub scale: Spacing,
    /// Its levels in the first sweep.
    pub levels: Vec<Level>,
    /// A line for each sweep that varies it.
    pub lines: Vec<EffectLine>,
}

/// The means of a sweep at the levels of a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EffectLine {
    /// The sweep's place among all.
    pub sweep: usize,
    /// The mean at each level over the matched configurations; `None` where there is none.
    pub means: Vec<Option<f64>>,
    /// Student's intervals of these, over the replicates.
    pub intervals: Vec<Option<Interval>>,
}

/// Returns the effects of the keys that the first sweep shares with another, those with the widest range first.
pub(super) fn effects(sweeps: &[ComparedSweep<'_>], matchings: &[Matching], measure: &str) -> Vec<SharedEffect> {
    let Some((first, others)) = sweeps.split_first() else { return Vec::new() };
    let of_first: BTreeSet<usize> = matchings.iter().flat_map(|one| one.pairs.iter().map(|[own, _]| *own)).collect();
    let mut all: Vec<SharedEffect> = Vec::new();
    for (at, dimension) in first.plan.space.iter().enumerate() {
        let varies = |sweep: &ComparedSweep<'_>| sweep.plan.space.iter().any(|one| one.key == dimension.key);
        if !others.iter().any(varies) {
            continue;
        }
        let factor = Factor::new(dimension);
        let level_at = |place: usize| {
            let values = first.plan.coordinates(first.sample.config_ids()[place]);
            factor.shown(factor.position(values[at].as_ref()))
        };
        let own = of_first.iter().map(|&place| (place, place));
        let mut lines = vec![line(0, first, own, &level_at, factor.levels.len(), measure)];
        for (number, (other, matching)) in (1..).zip(others.iter().zip(matchings)) {
            if varies(other) && !matching.pairs.is_empty() {
                let pairs = matching.pairs.iter().map(|[first, other]| (*first, *other));
                lines.push(line(number, other, pairs, &level_at, factor.levels.len(), measure));
            }
        }
        if lines.len() > 1 {
            let Factor { key, scale, levels, .. } = factor;
            all.push(SharedEffect { key, scale, levels, lines });
        }
    }
    let range = |effect: &SharedEffect| {
        let means = || effect.lines.iter().flat_map(|line| line.means.iter().flatten().copied());
        0.5 * means().fold(f64::NEG_INFINITY, f64::max) - 0.5 * means().fold(f64::INFINITY, f64::min)
    };
    all.sort_by(|a, b| range(b).total_cmp(&range(a))); // stable
    all
}

/// Returns the line of a sweep. `pairs` are places in the first sweep, which give the level, and in this one.
fn line(
    number: usize,
    sweep: &ComparedSweep<'_>,
    pairs: impl Iterator<Item = (usize, usize)>,
    level_at: &impl Fn(usize) -> Option<usize>,
    levels: usize,
    measure: &str,
) -> EffectLine {
    let sample = sweep.sample;
    let mut rows: Vec<Vec<Vec<f64>>> = vec![Vec::new(); levels];
    for (first, own) in pairs {
        let whole = sample.counts(own).not_ok() == 0 && !sample.is_stopped(own);
        let of_all = |measure| sample.values_of_all(own, measure).map(|(_, x)| x).collect();
        let values: Option<Vec<f64>> = sample.measure(measure).filter(|_| whole).map(of_all);
        if let (Some(level), Some(values)) = (level_at(first), values.filter(|values| !values.is_empty())) {
            rows[level].push(values);
        }
    }
    let of_level = |rows: &Vec<Vec<f64>>| mean(rows.iter().filter_map(|row| mean(row.iter().copied())));
    let interval = |rows: &Vec<Vec<f64>>| {
        let replicates = rows.first()?.len();
        let equal = rows.iter().all(|row| row.len() == replicates);
        let by_replicate = |at: usize| mean(rows.iter().map(|row| row[at]));
        equal
            .then(|| (0..replicates).filter_map(by_replicate).collect::<Vec<f64>>())
            .and_then(|means| t_interval(&means))
    };
    EffectLine {
        sweep: number,
        means: rows.iter().map(of_level).collect(),
        intervals: rows.iter().map(interval).collect(),
    }
}
