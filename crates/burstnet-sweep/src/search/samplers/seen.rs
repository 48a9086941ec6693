//! The configurations that were proposed, so that none is proposed again.

use std::collections::BTreeSet;

use super::permutation::permuted;
use super::{ActiveAxes, AxisKind, Point, Problem, Streams};

/// The most combinations that are all tried before the search gives up.
const ALL_ARE_TRIED: u64 = 1 << 16;
/// The most points that are drawn if not all combinations can be tried.
const ATTEMPTS: u64 = 50_000;

/// The proposed configurations without a range, by the number of the value along each active axis.
#[derive(Clone)]
pub(super) struct Seen {
    axes: Vec<AxisKind>,
    draws: Streams,
    keys: BTreeSet<Vec<Option<u64>>>,
}

impl Seen {
    /// Returns an empty set.
    pub(super) fn new(problem: &Problem<'_>) -> Self {
        let axes = problem.axes.iter().map(|axis| axis.kind).collect();
        Self { axes, draws: problem.streams("any"), keys: BTreeSet::new() }
    }

    /// Adds a configuration.
    pub(super) fn insert(&mut self, point: &[Option<f64>]) {
        self.keys.extend(self.key(point));
    }

    /// Returns the active coordinates of the point, if the constraints allow it and it was not proposed before.
    pub(super) fn fresh(&self, look: &ActiveAxes<'_>, point: &[f64]) -> Option<Vec<Option<f64>>> {
        let active = look(point)?;
        let point: Vec<Option<f64>> = point.iter().zip(active).map(|(unit, active)| active.then_some(*unit)).collect();
        self.key(&point).is_none_or(|key| !self.keys.contains(&key)).then_some(point)
    }

    /// Returns a fresh point drawn at random for number `number`; `None` if none is left, or none is found.
    pub(super) fn any(&self, look: &ActiveAxes<'_>, number: u64) -> Option<Point> {
        let mut stream = self.draws.at(number);
        let fresh = |point: &Point| self.fresh(look, point).is_some();
        let all = self.axes.iter().try_fold(1_u64, |all, kind| all.checked_mul(kind.count()?));
        match all.filter(|all| *all <= ALL_ARE_TRIED) {
            Some(all) => {
                let key = stream.integer();
                (0..all).map(|at| self.combination(permuted(all, key, at))).find(fresh)
            }
            None => (0..ATTEMPTS).map(|_| self.axes.iter().map(|_| stream.unit()).collect()).find(fresh),
        }
    }

    fn combination(&self, index: u64) -> Point {
        let mut rest = index;
        let along = |kind: &AxisKind| {
            let count = kind.count().unwrap_or(1).max(1);
            let value = rest % count;
            rest /= count;
            kind.middle(value)
        };
        self.axes.iter().map(along).collect()
    }

    fn key(&self, point: &[Option<f64>]) -> Option<Vec<Option<u64>>> {
        self.axes
            .iter()
            .zip(point)
            .map(|(kind, unit)| match unit {
                Some(unit) => kind.index(*unit).map(Some),
                None => Some(None),
            })
            .collect()
    }
}
