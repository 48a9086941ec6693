//! The rules of a space that is a union of sub-spaces.

use std::collections::HashSet;

use burstnet_core::text::quoted;

use crate::limits::{NAMED, is_name};
use crate::plan::Plan;
use crate::space::domain::Domain;
use crate::space::plan_error::{About, PlanError};

/// Checks that the sub-spaces have the rows of the first axis among them, in a search that runs all of them.
pub(super) fn subspaces(plan: &Plan) -> Result<(), PlanError> {
    let wrong = |about, problem: String, expected: &str| Err(PlanError::new(about, problem, expected));
    if plan.subspaces.is_empty() {
        return Ok(());
    }
    if !plan.strategy.is_grid() {
        let problem = format!("sub-spaces with strategy {}, which searches one space", plan.strategy.name);
        return wrong(About::Strategy, problem, "strategy grid");
    }
    if !plan.include.is_empty() {
        let problem = "search.include beside a list of sub-spaces".to_owned();
        return wrong(About::Include(0), problem, "its configurations as sub-spaces, such as - {section.key: value}");
    }
    let mut names = HashSet::new();
    for subspace in &plan.subspaces {
        if !is_name(&subspace.name) {
            let problem = format!("a sub-space has the name {}", quoted(&subspace.name));
            return wrong(About::Field("subspaces"), problem, NAMED);
        }
        if !names.insert(subspace.name.as_str()) {
            let problem = format!("two sub-spaces have the name {}", quoted(&subspace.name));
            return wrong(About::Field("subspaces"), problem, "a name of its own for each");
        }
        if subspace.rows == 0 {
            let problem = format!("sub-space {} has no configuration", quoted(&subspace.name));
            return wrong(About::Field("subspaces"), problem, "at least one");
        }
    }
    let rows = plan.subspaces.iter().try_fold(0_u64, |rows, subspace| rows.checked_add(subspace.rows));
    let first = plan.space.first().map(|dimension| &dimension.domain);
    let held = first.filter(|domain| matches!(domain, Domain::Values(_))).and_then(Domain::count);
    if rows.is_none() || rows != held {
        let problem = "the rows of the sub-spaces are not those of the space".to_owned();
        return wrong(About::Field("subspaces"), problem, "as many as the first key has values");
    }
    Ok(())
}
