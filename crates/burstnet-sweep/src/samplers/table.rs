//! The rows of a table, in their order: its keys move together along one axis.

use super::{Info, Point, Problem, Sampler};

/// The rows of a table.
pub(super) struct Table;

impl Sampler for Table {
    fn info(&self) -> &'static Info {
        &Info {
            name: "table",
            what: "the rows of a table",
            source: None,
            needs_trials: false,
            indexed: true,
            ranges: false,
            most_axes: 1,
            most_objectives: usize::MAX,
            distinct: true,
            extends: true,
            settings: &[],
        }
    }

    fn count(&self, problem: &Problem<'_>) -> Option<u64> {
        problem.axes.first().map_or(Some(1), |axis| axis.kind.count())
    }

    fn point(&self, problem: &Problem<'_>, index: u64) -> Option<Point> {
        let rows = self.count(problem)?;
        (index < rows).then(|| problem.axes.iter().map(|axis| axis.kind.middle(index)).collect())
    }
}
