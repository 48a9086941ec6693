//! The points of a search that count, in searches in which not all do: those that satisfy the constraints, each
//! configuration once.

use std::collections::HashSet;

use burstnet_core::config::Value;

use super::{Dimension, Space};
use crate::limits::{MOST_EXCLUDED, MOST_OPERATIONS, MOST_SCANNED};
use crate::search::samplers::{PointSequence, Problem, Sampler};
use crate::space::plan_error::{About, PlanError};

/// The points of a sampler that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Their numbers in the sampler's sequence, sorted.
    pub kept: Vec<u64>,
    /// The number of points before the last one that the constraints excluded.
    pub excluded: u64,
}

/// Lists the points of `sampler` that count, as many as `problem` has. `sequence` is the sequence of the sampler.
///
/// If the sampler gives every combination once, a point is left out if it is in `included`, or differs from an earlier
/// one only in keys that do not exist.
///
/// # Errors
/// If there are too many to list, or none.
pub fn list(
    space: &Space,
    dimensions: &[Dimension],
    sampler: &dyn Sampler,
    problem: &Problem<'_>,
    sequence: &dyn PointSequence,
    included: &[Vec<Option<Value>>],
) -> Result<Listed, PlanError> {
    let all = sampler.count(problem);
    let most = MOST_SCANNED.min(MOST_OPERATIONS / space.operations().max(1));
    if let Some(all) = all.filter(|all| *all > most) {
        return Err(PlanError::new(
            About::Whole,
            format!("{all} combinations, of which those that count have to be listed"),
            format!("at most {most} combinations with constraints, conditions or included points"),
        ));
    }
    let wanted = problem.points.filter(|_| all.is_none()).unwrap_or(u64::MAX);
    let distinct = all.is_some();
    let mut seen: HashSet<String> = included.iter().filter(|_| distinct).map(|values| format!("{values:?}")).collect();
    let mut listed = Listed::default();
    let (mut excluded_before, mut in_a_row, mut looked) = (0, 0, 0_u64);
    for index in 0..most {
        if listed.kept.len() as u64 >= wanted || in_a_row >= MOST_EXCLUDED {
            break;
        }
        let Some(point) = sequence.point(index) else { break };
        looked += 1;
        let values = space.values(dimensions, &point);
        if !space.allows(&values)? {
            listed.excluded += 1;
            in_a_row += 1;
            continue;
        }
        in_a_row = 0;
        excluded_before = listed.excluded;
        if !distinct || seen.insert(format!("{values:?}")) {
            listed.kept.push(index);
        }
    }
    if all.is_none() {
        listed.excluded = excluded_before;
    }
    let enough = if all.is_some() { !listed.kept.is_empty() } else { listed.kept.len() as u64 == wanted };
    if enough || (all.is_some() && !included.is_empty()) {
        return Ok(listed);
    }
    let about = if space.is_constrained() { About::Constraint(0) } else { About::Whole };
    let name = sampler.info().name;
    let (problem, expected) = match (listed.kept.len() as u64, all) {
        (_, Some(all)) => (
            format!("the constraints leave nothing of {all} combinations"),
            "constraints that some configurations fulfil".to_owned(),
        ),
        // A point that was not found may still exist.
        (0, None) => (
            format!("none of the first {looked} points of strategy {name} fulfils the constraints"),
            "constraints that more of the space fulfils, or ranges in which more does".to_owned(),
        ),
        (kept, None) if looked == most => (
            format!(
                "{kept} of the first {most} points of strategy {name} fulfil the constraints, {wanted} are asked for"
            ),
            format!("at most {kept} trials, or constraints that more of the space fulfils"),
        ),
        (kept, None) => (
            format!(
                "{kept} of the first {looked} points of strategy {name} fulfil the constraints and none of the last \
                 {in_a_row}, {wanted} are asked for"
            ),
            format!("at most {kept} trials, or constraints that more of the space fulfils"),
        ),
    };
    Err(PlanError::new(about, problem, expected))
}
