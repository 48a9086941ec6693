//! Reading `plan.json`. The file comes from other people, so a plan may hold only what a sweep file can say.

use burstnet_core::config::Schema;
use burstnet_core::text::{cut_within, quoted};
use serde::de::DeserializeOwned;

use crate::files::json::first_double;
use crate::limits::LARGEST_PLAN;
use crate::objective::Objective;
use crate::plan::program_keys::command_of_plan;
use crate::plan::{Plan, ResolvedPlan, rules};
use crate::space::When;
use crate::space::plan_error::{About, PlanError};

/// The file that makes a folder a results directory.
pub const PLAN_FILE: &str = "plan.json";

/// The longest message about a plan, in characters.
const LONGEST_MESSAGE: usize = 1000;

/// Reads `plan.json`.
///
/// # Errors
/// If it is not a plan of this program, or holds something that no sweep file can say, with a message.
pub fn read(json: &str, objective: &dyn Objective) -> Result<ResolvedPlan, String> {
    let plan = read_data(json, objective.schema()).map_err(shown)?;
    let resolve = |plan| {
        rules::check_held(&plan, objective)?;
        ResolvedPlan::new(plan)
    };
    resolve(plan).map_err(|error| shown(error.to_string()))
}

/// Reads `plan.json`, and gives each value the form that its key has. It does not check the rules of plans.
///
/// # Errors
/// If it is not a plan, with a message.
pub(crate) fn read_data(json: &str, schema: &Schema) -> Result<Plan, String> {
    let mut plan: Plan = parse(json)?;
    for key in schema.keys() {
        let wrong = |error: burstnet_core::config::ConfigError| {
            PlanError::new(About::Base(key.path.to_string()), error.to_string(), "").to_string()
        };
        let value = schema.accept(&key.path, plan.base.get(&key.path)).map_err(wrong)?;
        plan.base.set(&key.path, value);
    }
    plan.space.iter_mut().for_each(|dimension| When::sort(&mut dimension.when));
    for value in plan.include.iter_mut().flatten() {
        if let Some(accepted) = schema.key(value.0).and_then(|key| key.kind.accept(value.1)) {
            *value.1 = accepted;
        }
    }
    Ok(plan)
}

/// Checks that a plan can be read again from the text that would be written for it.
///
/// # Errors
/// If it cannot. This would be a defect, unless the plan is too large.
pub(crate) fn check_readable(plan: &Plan, objective: &dyn Objective) -> Result<(), PlanError> {
    let wrong = |problem: String, expected: String| Err(PlanError::new(About::Whole, problem, expected));
    let again = plan.to_json().map_err(|error| error.to_string()).and_then(|json| {
        if json.len() as u64 > LARGEST_PLAN {
            return Ok(Err(json.len()));
        }
        let again = match &plan.model {
            None => read_data(&json, objective.schema()),
            Some(program) => command_of_plan(program.clone(), &plan.base, [&plan.space, &plan.per_replicate])
                .and_then(|model| read_data(&json, model.schema())),
        }?;
        Ok(Ok(again.to_json().is_ok_and(|again| again == json)))
    });
    match again {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => {
            wrong("a plan that could not be read again: a value would change".into(), "another plan".into())
        }
        Ok(Err(bytes)) => wrong(
            format!("{PLAN_FILE} would have {bytes} bytes"),
            format!("at most {LARGEST_PLAN} bytes: fewer configurations, or shorter texts"),
        ),
        Err(reason) => wrong(format!("a plan that could not be read again: {reason}"), "another plan".into()),
    }
}

/// Reads `json`, in which no name may occur twice.
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    if let Some(name) = first_double(json.as_bytes()) {
        return Err(format!("not a readable plan: it names {} twice, expected each name once", quoted(&name)));
    }
    serde_json::from_str(json).map_err(|error| format!("not a readable plan: {error}"))
}

/// Returns a message about a plan, shortened if the texts in it are long.
pub(crate) fn shown(message: String) -> String {
    cut_within(&message, LONGEST_MESSAGE).into_owned()
}
