//! The rules of every plan, whether it comes from a sweep file or from a `plan.json` of other people.
//!
//! The text of each rule is here alone. An error names the part of the plan that breaks the rule: a sweep file knows
//! the line of that part, and a `plan.json` its path. Rules that need all configurations to be counted or listed are
//! checked by [`ResolvedPlan::new`].

mod bounds;
mod earlier;
mod files;
mod keys;
mod measures;
mod program;
mod replicates;
mod search;
mod subspaces;

use burstnet_core::config::Value;
use burstnet_core::text::quoted;

use crate::limits::{LARGEST_SEED, MOST_REPLICATES, NAMED, is_name};
use crate::objective::Objective;
use crate::plan::{FORMAT, Plan, ResolvedPlan};
use crate::space::domain::{ONE_SHAPE, odd_one};
use crate::space::plan_error::{About, PlanError};

/// Checks a plan of a model.
///
/// # Errors
/// If the plan breaks a rule: the first such rule.
pub(crate) fn check(plan: &Plan, objective: &dyn Objective) -> Result<(), PlanError> {
    let schema = objective.schema();
    head(plan)?;
    if plan.model.as_ref() != objective.program() {
        return Err(PlanError::new(About::Field("model"), "its model is another one", ""));
    }
    replicates::adaptive(plan)?;
    search::strategy(plan)?;
    keys::space(plan, schema)?;
    subspaces::subspaces(plan)?;
    keys::per_replicate(plan, schema)?;
    search::stopping(plan, objective)?;
    keys::ratios(plan, schema)?;
    program::placeholders(plan, schema)?;
    files::paths(plan, schema)?;
    files::inputs(plan, schema)?;
    measures::names(plan)?;
    bounds::bounds(plan)?;
    earlier::earlier(plan)?;
    bounds::stopping(plan)?;
    if plan.bits == objective.bits_version() {
        measures::measures(plan, &objective.measures(&|key| plan.values_of(key)))?;
    }
    Ok(())
}

/// Checks a plan that comes from a directory, in which all defaults are written out.
///
/// # Errors
/// If the plan breaks a rule: the first such rule.
pub(crate) fn check_held(plan: &Plan, objective: &dyn Objective) -> Result<(), PlanError> {
    check(plan, objective)?;
    search::pace(plan)
}

/// Checks the rules that plans of earlier versions need not keep: that an included configuration has a list for a key
/// if the others have lists, and a single value if they have single values, since a column has one type; that no
/// objective is a measure that is empty; and that a round has a use, unless the strategy is left open.
///
/// # Errors
/// If the plan breaks a rule: the first such rule.
pub(crate) fn check_new(plan: &ResolvedPlan, objective: &dyn Objective) -> Result<(), PlanError> {
    let is_off = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
    if !plan.is_left_open() {
        search::round(plan)?;
    }
    for (at, goal) in plan.objectives().enumerate() {
        let setting = objective.setting_of(&goal.measure);
        if let Some(key) = setting.filter(|key| plan.values_of(key).iter().all(is_off)) {
            let problem = format!("objective.measure is '{}', which is empty here", goal.measure);
            let expected = format!("a value of {key}, or another measure");
            return Err(PlanError::new(About::Objective(at), problem, expected));
        }
    }
    for (at, bound) in plan.subject_to.iter().enumerate() {
        let setting = objective.setting_of(&bound.measure);
        if let Some(key) = setting.filter(|key| plan.values_of(key).iter().all(is_off)) {
            let problem = format!("search.subject_to names {}, which is empty here", bound.measure);
            let expected = format!("a value of {key}, or another measure");
            return Err(PlanError::new(About::SubjectTo(at), problem, expected));
        }
    }
    for (at, dimension) in plan.space.iter().enumerate() {
        let proposed = plan.proposed_values(dimension);
        for (number, values) in plan.included().iter().enumerate() {
            let Some(value) = &values[at] else { continue };
            if odd_one(proposed.iter().chain([value])).is_some() {
                let given = plan.include.get(number).is_some_and(|given| given.contains_key(&dimension.key));
                let (whose, base) = if given { ("gives", "") } else { ("leaves", " of base") };
                let problem = format!(
                    "an included configuration {whose} {} the value {value}{base}, and other configurations have \
                     another type",
                    dimension.key
                );
                return Err(PlanError::new(About::Include(number), problem, ONE_SHAPE));
            }
        }
    }
    Ok(())
}

/// Checks the values that every plan has.
fn head(plan: &Plan) -> Result<(), PlanError> {
    let wrong = |field, problem: String, expected: String| Err(PlanError::new(About::Field(field), problem, expected));
    if plan.format != FORMAT {
        return wrong("format", format!("layout {} of the plan", plan.format), FORMAT.to_string());
    }
    if !is_name(&plan.name) {
        return wrong("name", format!("name is {}, which no sweep can have", quoted(&plan.name)), NAMED.into());
    }
    if plan.seed > LARGEST_SEED {
        return wrong("seed", format!("seed is {}", plan.seed), format!("at most {LARGEST_SEED}"));
    }
    if !(1..=MOST_REPLICATES).contains(&plan.replicates) {
        let expected = format!("an integer from 1 to {MOST_REPLICATES}");
        return wrong("replicates", format!("replicates is {}", plan.replicates), expected);
    }
    Ok(())
}
