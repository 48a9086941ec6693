//! Which configurations were proposed, so that none is proposed again.

use std::collections::BTreeSet;

use super::permutation::permuted;
use super::{Ask, Axis, Point, Problem};

/// Up to how many combinations are all tried before there is nothing left.
const MOST_COMBINATIONS: u64 = 1 << 16;
/// How many points are drawn where not all can be tried.
const MOST_DRAWS: u64 = 50_000;

/// The configurations without a range, by the number of the value along each active axis.
pub(super) struct Seen<'a> {
    axes: &'a [Axis],
    keys: BTreeSet<Vec<Option<u64>>>,
}

impl<'a> Seen<'a> {
    /// Those of the history.
    pub(super) fn new(axes: &'a [Axis], ask: &Ask<'_>) -> Self {
        let mut seen = Self { axes, keys: BTreeSet::new() };
        ask.history.iter().for_each(|told| seen.insert(&told.point));
        seen
    }

    /// Adds one.
    pub(super) fn insert(&mut self, point: &[Option<f64>]) {
        self.keys.extend(self.key(point));
    }

    /// The point with what is active of it, if the constraints allow it and it was not proposed before.
    pub(super) fn fresh(&self, ask: &Ask<'_>, point: &[f64]) -> Option<Vec<Option<f64>>> {
        let active = (ask.look)(point)?;
        let point: Vec<Option<f64>> = point.iter().zip(active).map(|(unit, active)| active.then_some(*unit)).collect();
        self.key(&point).is_none_or(|key| !self.keys.contains(&key)).then_some(point)
    }

    /// A fresh point drawn at random for number `number`; none if none is left, or none is found.
    pub(super) fn any(&self, problem: &Problem<'_>, ask: &Ask<'_>, number: u64) -> Option<Point> {
        let mut stream = problem.stream("any", number);
        let fresh = |point: &Point| self.fresh(ask, point).is_some();
        let counts: Option<Vec<u64>> = self.axes.iter().map(|axis| axis.kind.count()).collect();
        let all = counts.and_then(|counts| counts.iter().try_fold(1_u64, |all, count| all.checked_mul(*count)));
        match all.filter(|all| *all <= MOST_COMBINATIONS) {
            Some(all) => {
                let key = stream.integer();
                (0..all).map(|at| self.combination(permuted(all, key, at))).find(fresh)
            }
            None => (0..MOST_DRAWS).map(|_| self.axes.iter().map(|_| stream.unit()).collect()).find(fresh),
        }
    }

    fn combination(&self, index: u64) -> Point {
        let mut rest = index;
        let along = |axis: &Axis| {
            let count = axis.kind.count().unwrap_or(1).max(1);
            let value = rest % count;
            rest /= count;
            axis.kind.middle(value)
        };
        self.axes.iter().map(along).collect()
    }

    fn key(&self, point: &[Option<f64>]) -> Option<Vec<Option<u64>>> {
        self.axes
            .iter()
            .zip(point)
            .map(|(axis, unit)| match unit {
                Some(unit) => axis.kind.index(*unit).map(Some),
                None => Some(None),
            })
            .collect()
    }
}
