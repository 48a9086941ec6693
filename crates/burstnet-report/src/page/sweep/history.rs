//! The course of a search: what was proposed, one after the other, and the best so far.

use burstnet_core::config::Value;
use burstnet_core::numbers::mean;
use burstnet_sweep::objective::Direction;
use serde::Serialize;

use super::PageSource;
use super::shown::places;
use crate::analysis::ranking;
use crate::page::figure::Figure;

/// The configurations that are drawn.
const MOST: usize = 1500;

/// The configurations of a search in the order in which they were proposed, a column per property.
#[derive(Debug, Serialize)]
pub(super) struct HistoryData {
    id: Vec<u64>,
    /// The mean; `None` without a value, or of one that was stopped early.
    mean: Vec<Option<Figure>>,
    stopped: Vec<bool>,
    /// The best mean up to this configuration of those that keep the bounds on measures, over all of them, drawn or not.
    best: Vec<Option<Figure>>,
    /// The value of each key: its number, or the place of its level.
    keys: Vec<Vec<Option<Figure>>>,
    /// The number of configurations that were proposed together.
    round: Option<u64>,
    /// The number of configurations that have trials.
    pub(super) all: usize,
}

impl HistoryData {
    /// Returns the course of a search; `None` of a grid, which has none.
    pub(super) fn of(source: &PageSource<'_>, measure: usize) -> Option<Self> {
        let PageSource { plan, sample, design, analysis, .. } = *source;
        if plan.strategy.is_grid() && plan.stopping.is_none() || plan.confirmation.is_some() {
            return None;
        }
        let all = sample.configurations();
        let mut means: Vec<Option<f64>> = vec![None; all];
        let mut keeps = vec![true; all];
        for one in ranking(plan, sample, measure) {
            let of_all = || mean(sample.values_of_all(one.place, measure).map(|(_, x)| x));
            means[one.place] = if plan.adaptive.is_some() { of_all() } else { one.mean };
            keeps[one.place] = one.keeps;
        }
        let better = |a: f64, b: f64| match analysis.direction {
            Direction::Minimize => a < b,
            Direction::Maximize => a > b,
        };
        let mut best: Vec<Option<f64>> = Vec::with_capacity(all);
        let mut improves: Vec<bool> = Vec::with_capacity(all);
        for (mean, keeps) in means.iter().zip(keeps) {
            let so_far = best.last().copied().flatten();
            let is_better = keeps && mean.is_some_and(|mean| so_far.is_none_or(|held| better(mean, held)));
            best.push(if is_better { *mean } else { so_far });
            improves.push(is_better);
        }
        let mut kept = places(all, 0, MOST);
        kept.extend((0..all).filter(|&at| improves[at]).take(MOST));
        kept.sort_unstable();
        kept.dedup();
        let rows: Vec<Vec<Value>> = kept.iter().map(|&at| plan.swept_values(sample.config_ids()[at])).collect();
        let value = |key: usize, row: usize| {
            let number = rows[row].get(key).and_then(Value::as_f64);
            number.or_else(|| design.shown(kept[row], key).map(|level| level as f64)).map(Figure)
        };
        Some(Self {
            id: kept.iter().map(|&at| sample.config_ids()[at]).collect(),
            mean: kept.iter().map(|&at| means[at].map(Figure)).collect(),
            stopped: kept.iter().map(|&at| sample.is_stopped(at)).collect(),
            best: kept.iter().map(|&at| best[at].map(Figure)).collect(),
            keys: (0..plan.space.len()).map(|key| (0..kept.len()).map(|row| value(key, row)).collect()).collect(),
            round: plan.round().filter(|_| plan.strategy.learns()),
            all,
        })
    }

    /// Returns the number of configurations that are drawn.
    pub(super) fn drawn(&self) -> usize {
        self.id.len()
    }
}
