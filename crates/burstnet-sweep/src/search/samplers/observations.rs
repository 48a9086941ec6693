//! The points of a search in the order of their arrival, and along each axis in rising order.

use super::{Axis, AxisKind};

/// The points of a search, by number.
#[derive(Clone, Debug)]
pub(super) struct Observations {
    count: usize,
    axes: Vec<Along>,
}

/// The observations along one axis.
#[derive(Clone, Debug)]
pub(super) struct Along {
    pub(super) kind: AxisKind,
    /// The coordinates by number. A value of a counted axis has the middle of its part; `None` if there is no
    /// coordinate.
    pub(super) held: Vec<Option<f64>>,
    /// The numbers of the points that have a coordinate, sorted by that coordinate, then by number.
    pub(super) rising: Vec<usize>,
}

impl Observations {
    /// Returns an empty collection.
    pub(super) fn new(axes: &[Axis]) -> Self {
        let along = |axis: &Axis| Along { kind: axis.kind, held: Vec::new(), rising: Vec::new() };
        Self { count: 0, axes: axes.iter().map(along).collect() }
    }

    /// Returns the number of points.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Returns the observations by axis.
    pub(super) fn axes(&self) -> &[Along] {
        &self.axes
    }

    /// Adds a point, without the coordinates that do not exist there. Its number is the number of points before.
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
