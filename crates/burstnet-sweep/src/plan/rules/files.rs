//! The rules of the files that keys name.

use std::collections::HashSet;

use burstnet_core::config::{Schema, Value};

use crate::limits::MOST_INPUT_FILES;
use crate::plan::Plan;
use crate::space::plan_error::{About, PlanError};

/// Checks the input files. A file that a configuration names and `inputs` lacks would be read from the path in the
/// plan.
pub(super) fn inputs(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
    if plan.inputs.len() > MOST_INPUT_FILES {
        let problem = format!("{} inputs", plan.inputs.len());
        return Err(PlanError::new(About::Field("inputs"), problem, format!("at most {}", MOST_INPUT_FILES)));
    }
    for (at, input) in plan.inputs.iter().enumerate() {
        let wrong = |problem: String, expected: String| Err(PlanError::new(About::Input(at), problem, expected));
        // Before an input is hashed, it has no name there.
        if !input.stored.is_empty() && !input.is_contained() {
            return wrong(format!("input {:?} lies outside the folder inputs", input.stored), "a name in it".into());
        }
        let Some(key) = schema.key(&input.key).filter(|key| key.kind.is_path()) else {
            let problem = format!("input {:?} belongs to {:?}, which names no file", input.stored, input.key);
            return wrong(problem, "a key that names a file".into());
        };
        if !input.is_of(&key.kind) {
            let names: Vec<&str> = input.files.iter().take(3).map(|file| file.name.as_str()).collect();
            let files = input.files.len();
            let problem = format!("input {:?} has {files} files, {names:?} first", input.stored);
            return wrong(problem, format!("those of {}", key.kind.expected()));
        }
    }
    for key in schema.keys().iter().filter(|key| key.kind.is_path()) {
        let values = plan.values_of(&key.path);
        let own = plan.inputs.iter().filter(|input| input.key == key.path);
        let known: HashSet<&str> = own.map(|input| input.given.as_str()).collect();
        if let Some(given) = values.iter().filter_map(|value| value.as_text()).find(|given| !known.contains(given)) {
            let problem = format!("{} names {given:?}, of which the folder inputs has no copy", key.path);
            let is_drawn = plan.per_replicate.iter().any(|dimension| dimension.key == *key.path);
            let about = if is_drawn { About::PerReplicate } else { About::Key };
            return Err(PlanError::new(about(key.path.to_string()), problem, "one of its inputs"));
        }
    }
    Ok(())
}

/// Checks that keys that name files name only listed ones, since only these are copied and identified by their
/// contents.
pub(super) fn paths(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
    for dimension in plan.space.iter().filter(|one| schema.key(&one.key).is_some_and(|key| key.kind.is_path())) {
        let listed: HashSet<String> = dimension.domain.ends().iter().map(Value::to_string).collect();
        let other = |value: &&Value| **value != Value::Null && !listed.contains(&value.to_string());
        if let Some(value) = plan.values_of(&dimension.key).iter().find(other) {
            let problem = format!("{} could also be '{value}', by include or where when does not hold", dimension.key);
            return Err(PlanError::new(About::Key(dimension.key.clone()), problem, "it among the listed values"));
        }
    }
    Ok(())
}
