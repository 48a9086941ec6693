//! The points of a search in the order in which they came, and along each axis in rising order.

use super::{Axis, AxisKind};

/// The points of a search, by number.
#[derive(Clone, Debug)]
pub(super) struct Observations {
    count: usize,
    axes: Vec<Along>,
}

/// What was observed along one axis.
#[derive(Clone, Debug)]
pub(super) struct Along {
    pub(super) kind: AxisKind,
    /// By number: the coordinate, of a counted value the middle of its part; `None` where there is none.
    pub(super) held: Vec<Option<f64>>,
    /// The numbers of those that have a coordinate, by that coordinate, then by number.
    pub(super) rising: Vec<usize>,
}

impl Observations {
    /// No points yet.
    pub(super) fn new(axes: &[Axis]) -> Self {
        let along = |axis: &Axis| Along { kind: axis.kind, held: Vec::new(), rising: Vec::new() };
        Self { count: 0, axes: axes.iter().map(along).collect() }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// By axis.
    pub(super) fn axes(&self) -> &[Along] {
        &self.axes
    }

    /// Adds a point, without the coordinates that do not exist there. Its number is how many there were.
    pub(super) fn push(&mut self, point: &[Option<f64>]) {
        for (at, along) in self.axes.iter_mut().enumerate() {
            along.push(point.get(at).copied().flatten());
        }
        self.count += 1;
    }
}

impl Along {
    fn push(&mut self, unit: Option<f64>) {
        let unit = unit.map(|unit| self.kind.index(unit).map_or(unit, |index| self.kind.middle(index)));
        if let Some(unit) = unit {
            let not_above = |at: &usize| self.held[*at].is_some_and(|held| held.total_cmp(&unit).is_le());
            let place = self.rising.partition_point(not_above);
            self.rising.insert(place, self.held.len());
        }
        self.held.push(unit);
    }
}
