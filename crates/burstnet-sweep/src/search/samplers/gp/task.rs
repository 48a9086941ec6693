//! The task of a point, an earlier search or this one, as a further axis of the process.

use super::covariance::Held;
use crate::search::samplers::AxisKind;

/// The coordinates of the two tasks.
const EARLIER: f64 = 0.25;
const OWN: f64 = 0.75;

/// Returns the axes with that of the task behind them.
pub(super) fn axes(axes: &[AxisKind]) -> Vec<AxisKind> {
    axes.iter().copied().chain([AxisKind::Unordered(2)]).collect()
}

/// Returns a point of one of the tasks.
pub(super) fn of(point: &Held, is_earlier: bool) -> Held {
    let task = if is_earlier { EARLIER } else { OWN };
    point.iter().copied().chain([Some(task)]).collect()
}

/// Returns a point of this search.
pub(super) fn own(point: &Held) -> Held {
    of(point, false)
}
