//! The front of a sweep of several objectives, as the page's script reads it.

use burstnet_sweep::objective::Direction;
use serde::Serialize;

use crate::analysis::Front;
use crate::page::figure::Figure;

/// The means of the shown configurations in all objectives.
#[derive(Debug, Serialize)]
pub(super) struct FrontData {
    objectives: Vec<ObjectiveData>,
    /// For each of the shown configurations, true if it is on the front.
    on: Vec<bool>,
}

#[derive(Debug, Serialize)]
struct ObjectiveData {
    measure: String,
    unit: String,
    smaller_is_better: bool,
    /// The mean of each of the shown configurations.
    means: Vec<Option<Figure>>,
}

/// Returns the front among the configurations at these places of the sample.
pub(super) fn front(found: &Front, shown: &[(usize, u64)]) -> FrontData {
    let standing = |place: usize| found.standings.get(place);
    let mean = |place: usize, at: usize| standing(place)?.means.get(at).copied().flatten().map(Figure);
    let objective = |(at, one): (usize, &crate::analysis::FrontObjective)| ObjectiveData {
        measure: one.measure.clone(),
        unit: one.unit.clone(),
        smaller_is_better: one.direction == Direction::Minimize,
        means: shown.iter().map(|&(place, _)| mean(place, at)).collect(),
    };
    FrontData {
        objectives: found.objectives.iter().enumerate().map(objective).collect(),
        on: shown.iter().map(|&(place, _)| standing(place).is_some_and(|one| one.on_front)).collect(),
    }
}
