//! The rows of a table, in their order. Its keys move together along one axis.

use super::{AxisKind, Point, PointSequence, Problem, Sampler, SamplerInfo};
use crate::search::samplers;

/// The sampler of the rows of a table.
pub(super) struct Table;

impl Sampler for Table {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: samplers::TABLE,
            what: "the rows of a table",
            needs_trials: false,
            ranges: false,
            most_axes: 1,
            distinct: true,
            ..SamplerInfo::USUAL
        }
    }

    fn count(&self, problem: &Problem<'_>) -> Option<u64> {
        problem.axes.first().map_or(Some(1), |axis| axis.kind.count())
    }

    fn sequence(&self, problem: &Problem<'_>) -> Option<Box<dyn PointSequence>> {
        let axes = problem.axes.iter().map(|axis| axis.kind).collect();
        self.count(problem).map(|count| -> Box<dyn PointSequence> { Box::new(Rows { axes, count }) })
    }
}

#[derive(Debug)]
struct Rows {
    axes: Vec<AxisKind>,
    count: u64,
}

impl PointSequence for Rows {
    fn point(&self, index: u64) -> Option<Point> {
        (index < self.count).then(|| self.axes.iter().map(|kind| kind.middle(index)).collect())
    }
}
