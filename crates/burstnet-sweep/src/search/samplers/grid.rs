//! A grid: all combinations, with the last axis changing fastest.

use super::{AxisKind, Point, PointSequence, Problem, Sampler, SamplerInfo};
use crate::search::samplers;

/// The sampler of all combinations.
pub(super) struct Grid;

impl Sampler for Grid {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: samplers::GRID,
            what: "a grid",
            needs_trials: false,
            ranges: false,
            distinct: true,
            ..SamplerInfo::USUAL
        }
    }

    fn count(&self, problem: &Problem<'_>) -> Option<u64> {
        problem.axes.iter().map(|axis| axis.kind.count()).try_fold(1_u64, |all, count| all.checked_mul(count?))
    }

    fn sequence(&self, problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        Some(Box::new(Combinations { axes: problem.axes.iter().map(|axis| axis.kind).collect() }))
    }
}

#[derive(Debug)]
struct Combinations {
    axes: Vec<AxisKind>,
}

impl PointSequence for Combinations {
    fn point(&self, index: u64) -> Option<Point> {
        let mut rest = index;
        let mut point = vec![0.0; self.axes.len()];
        for (unit, kind) in point.iter_mut().zip(&self.axes).rev() {
            let count = kind.count().unwrap_or(1).max(1);
            *unit = kind.middle(rest % count);
            rest /= count;
        }
        (rest == 0).then_some(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::{Axis, AxisKind};

    #[test]
    fn the_last_axis_changes_fastest() {
        let axis = |count| Axis { name: "a".into(), kind: AxisKind::Ordered(count) };
        let axes = [axis(2), axis(3)];
        let settings = Default::default();
        let problem = Problem { axes: &axes, seed: 0, points: None, round: 1, objectives: 1, settings: &settings };
        assert_eq!(Grid.count(&problem), Some(6));
        let index =
            |point: Point| -> Vec<u64> { point.iter().zip(&axes).filter_map(|(u, a)| a.kind.index(*u)).collect() };
        let grid = Grid.sequence(&problem).unwrap();
        let all: Vec<_> = (0..7).map_while(|at| grid.point(at)).map(index).collect();
        assert_eq!(all, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
    }

    #[test]
    fn the_middles_of_very_many_values_are_theirs() {
        let kind = AxisKind::Ordered((1 << 47) - 1);
        for index in [0, 1, (1 << 40) + 7, (1 << 47) - 2] {
            assert_eq!(kind.index(kind.middle(index)), Some(index));
        }
    }
}
