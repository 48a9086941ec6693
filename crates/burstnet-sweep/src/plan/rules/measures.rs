//! The rules of measures and their names.

use std::collections::HashSet;

use burstnet_core::measures::MeasureInfo;
use burstnet_core::text::{cut, listed, quoted};

use crate::limits::{LONGEST_MEASURE, MOST_MEASURES};
use crate::nearest::nearest;
use crate::plan::Plan;
use crate::space::plan_error::{About, PlanError};

/// Checks the names of measures in a plan of any version of the bits. They are names of columns.
pub(super) fn names(plan: &Plan) -> Result<(), PlanError> {
    let wrong = |problem: String, expected: String| Err(PlanError::new(About::Field("measures"), problem, expected));
    if plan.measures.len() > MOST_MEASURES {
        return wrong(format!("{} measures", plan.measures.len()), format!("at most {MOST_MEASURES}"));
    }
    let is_plain = |name: &str| {
        (1..=LONGEST_MEASURE).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
    };
    if let Some(name) = plan.measures.iter().find(|name| !is_plain(name)) {
        let expected = format!("1 to {LONGEST_MEASURE} letters, digits and '_'");
        return wrong(format!("measure {:?}", cut(name, LONGEST_MEASURE)), expected);
    }
    let distinct: HashSet<&String> = plan.measures.iter().collect();
    if distinct.len() < plan.measures.len() {
        return wrong("a measure is named twice".into(), "each once".into());
    }
    // The measures of another version of the bits may have other names.
    if let Some((at, goal)) = plan.objectives().enumerate().find(|(_, goal)| !plan.measures.contains(&goal.measure)) {
        let problem = format!("objective.measure is {}, which this sweep does not measure", quoted(&goal.measure));
        let names = || plan.measures.iter().map(String::as_str);
        let near = nearest(&goal.measure, names());
        let error = PlanError::new(About::Objective(at), problem, format!("one of {}", listed(names())));
        return Err(PlanError { nearest: near, ..error });
    }
    Ok(())
}

/// Checks that the measures are those of the model.
pub(super) fn measures(plan: &Plan, infos: &[MeasureInfo]) -> Result<(), PlanError> {
    match infos.iter().map(|info| &info.name).eq(&plan.measures) {
        true => Ok(()),
        false => Err(PlanError::new(About::Field("measures"), "its measures are not those of this sweep", "")),
    }
}
