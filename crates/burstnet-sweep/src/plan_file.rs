//! Reading `plan.json`. It comes from other people: whatever a sweep file cannot say, a plan must not say either.

use std::collections::HashSet;

use burstnet_core::config::Schema;

use crate::input_files;
use crate::objective::Objective;
use crate::plan::{FORMAT, MOST_CONFIRMED, Plan};
use crate::spec::{LARGEST_SEED, Strategy, is_name};

/// The largest `plan.json` that is read, in bytes.
pub const LARGEST: u64 = 64 << 20;

/// The most measures of a plan, and the most characters of a measure's name.
const MOST_MEASURES: usize = 1 << 14;
const LONGEST_MEASURE: usize = 100;

/// Reads `plan.json`.
///
/// # Errors
/// With a message if it is no plan of this program, or says what no sweep file can say.
pub fn read(json: &str, objective: &dyn Objective) -> Result<Plan, String> {
    let mut plan: Plan = serde_json::from_str(json).map_err(unreadable)?;
    if plan.format != FORMAT {
        return Err(format!("layout {} of the plan, expected {FORMAT}", plan.format));
    }
    if !is_name(&plan.name) {
        return Err(format!("name is {:?}, which no sweep can have", plan.name));
    }
    if plan.seed > LARGEST_SEED {
        return Err(format!("seed is {}, expected at most {LARGEST_SEED}", plan.seed));
    }
    if plan.model.as_ref() != objective.program() {
        return Err("its model is another one".into());
    }
    check_values(&mut plan, objective.schema())?;
    check_inputs(&plan, objective.schema())?;
    plan.countable()?;
    check_confirmation(&plan)?;
    check_names(&plan)?;
    if plan.bits == objective.bits_version() {
        check_measures(&plan, objective)?;
    }
    Ok(plan)
}

pub(crate) fn unreadable(error: serde_json::Error) -> String {
    format!("not a readable plan: {error}")
}

/// Checks the values of all keys, and gives each the form that its key has.
fn check_values(plan: &mut Plan, schema: &Schema) -> Result<(), String> {
    for key in schema.keys() {
        let value = schema.accept(&key.path, plan.base.get(&key.path)).map_err(|error| error.to_string())?;
        plan.base.set(&key.path, value);
    }
    if let Some((key, _)) = plan.base.iter().find(|(key, _)| schema.key(key).is_none()) {
        return Err(format!("unknown key {key:?}"));
    }
    if plan.space.is_empty() {
        return Err("no key is varied".into());
    }
    for (at, dimension) in plan.space.iter().enumerate() {
        let key = schema.key(&dimension.key).ok_or_else(|| format!("unknown key {:?}", dimension.key))?;
        if plan.space[..at].iter().any(|earlier| earlier.key == dimension.key) {
            return Err(format!("{:?} is varied twice", dimension.key));
        }
        dimension.domain.check(key).map_err(|problem| format!("{}: {problem}", dimension.key))?;
        if plan.strategy == Strategy::Grid && dimension.domain.count().is_none() {
            return Err(format!("{} is varied over a range, of which a grid has no points", dimension.key));
        }
    }
    Ok(())
}

fn check_inputs(plan: &Plan, schema: &Schema) -> Result<(), String> {
    if plan.inputs.len() > input_files::MOST {
        return Err(format!("{} inputs, expected at most {}", plan.inputs.len(), input_files::MOST));
    }
    for input in &plan.inputs {
        if !input.is_contained() {
            return Err(format!("input {:?} lies outside the folder inputs", input.stored));
        }
        let Some(key) = schema.key(&input.key).filter(|key| key.kind.is_path()) else {
            return Err(format!("input {:?} belongs to {:?}, which names no file", input.stored, input.key));
        };
        if !input.is_of(&key.kind) {
            let names: Vec<&str> = input.files.iter().take(3).map(|file| file.name.as_str()).collect();
            return Err(format!(
                "input {:?} has {} files, {names:?} first, expected those of {}",
                input.stored,
                input.files.len(),
                key.kind.expected()
            ));
        }
    }
    // What a configuration names and `inputs` does not hold would be read from where the plan says.
    for key in schema.keys().iter().filter(|key| key.kind.is_path()) {
        let values = plan.values_of(&key.path);
        let own = plan.inputs.iter().filter(|input| input.key == key.path);
        let known: HashSet<&str> = own.map(|input| input.given.as_str()).collect();
        if let Some(given) = values.iter().filter_map(|value| value.as_text()).find(|given| !known.contains(given)) {
            return Err(format!("{} names {given:?}, of which the folder inputs has no copy", key.path));
        }
    }
    Ok(())
}

fn check_confirmation(plan: &Plan) -> Result<(), String> {
    let Some(confirmation) = &plan.confirmation else { return Ok(()) };
    let of = &confirmation.of;
    if of.len() != 64 || !of.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(format!("confirmation.of is {of:?}, expected the fingerprint of a plan"));
    }
    let config_ids = &confirmation.config_ids;
    if config_ids.is_empty() || config_ids.len() > MOST_CONFIRMED {
        return Err(format!("{} configurations to confirm, expected 1 to {MOST_CONFIRMED}", config_ids.len()));
    }
    if let Some(config_id) = config_ids.iter().find(|config_id| **config_id >= plan.searched()) {
        return Err(format!("configuration {config_id} is to be confirmed, of a sweep of {}", plan.searched()));
    }
    let distinct: HashSet<&u64> = config_ids.iter().collect();
    if distinct.len() < config_ids.len() {
        return Err("a configuration is to be confirmed twice".into());
    }
    Ok(())
}

/// Checks what a plan of any version of the bits calls its measures: the names are those of columns.
fn check_names(plan: &Plan) -> Result<(), String> {
    if plan.measures.len() > MOST_MEASURES {
        return Err(format!("{} measures, expected at most {MOST_MEASURES}", plan.measures.len()));
    }
    let is_plain = |name: &str| {
        (1..=LONGEST_MEASURE).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
    };
    let mut names = plan.measures.iter().chain([&plan.objective.measure]);
    if let Some(name) = names.find(|name| !is_plain(name)) {
        let start: String = name.chars().take(LONGEST_MEASURE).collect();
        return Err(format!("measure {start:?}, expected 1 to {LONGEST_MEASURE} letters, digits and '_'"));
    }
    let distinct: HashSet<&String> = plan.measures.iter().collect();
    if distinct.len() < plan.measures.len() {
        return Err("a measure is named twice".into());
    }
    Ok(())
}

fn check_measures(plan: &Plan, objective: &dyn Objective) -> Result<(), String> {
    let known = objective.measures(&|key| plan.values_of(key));
    if !known.iter().map(|info| &info.name).eq(&plan.measures) {
        return Err("its measures are not those of this sweep".into());
    }
    if !plan.measures.contains(&plan.objective.measure) {
        return Err(format!("objective.measure is {:?}, which this sweep does not measure", plan.objective.measure));
    }
    Ok(())
}
