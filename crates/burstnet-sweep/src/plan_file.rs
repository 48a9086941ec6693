//! Reading `plan.json`. It comes from other people: whatever a sweep file cannot say, a plan must not say either.

use std::collections::HashSet;

use burstnet_core::config::{Key, Kind, Schema};
use burstnet_core::text::{cut, cut_within};
use serde::de::DeserializeOwned;

use crate::input_files;
use crate::json::first_double;
use crate::models;
use crate::objective::Objective;
use crate::plan::{FORMAT, MOST_CONFIRMED, Plan};
use crate::space::{Dimension, When};
use crate::spec::place::quoted;
use crate::spec::search::MOST_CONSTRAINTS;
use crate::spec::swept::{is_number, is_number_or_integer};
use crate::spec::{LARGEST_SEED, MOST_OBJECTIVES, is_name};
use crate::study::PLAN_FILE;

/// The largest `plan.json` that is read, in bytes.
pub const LARGEST: u64 = 64 << 20;

/// The most measures of a plan, and the most characters of a measure's name.
const MOST_MEASURES: usize = 1 << 14;
const LONGEST_MEASURE: usize = 100;

/// The longest message about a plan, in characters.
const LONGEST_MESSAGE: usize = 1000;

/// Reads `plan.json`.
///
/// # Errors
/// With a message if it is no plan of this program, or says what no sweep file can say.
pub fn read(json: &str, objective: &dyn Objective) -> Result<Plan, String> {
    let plan = checked(json, objective).map_err(shown)?;
    plan.prepare().map_err(|error| shown(error.to_string()))?;
    plan.countable().map_err(shown)?;
    check_confirmation(&plan).map_err(shown)?;
    Ok(plan)
}

/// Checks that a plan that is prepared can be read again from what would be written of it.
///
/// # Errors
/// With a message, and what is expected, if it cannot.
pub(crate) fn check_readable(plan: &Plan, objective: &dyn Objective) -> Result<(), (String, String)> {
    let defect = |reason: String| (format!("a plan that could not be read again: {reason}"), "another plan".to_owned());
    let json = plan.to_json().map_err(|error| defect(error.to_string()))?;
    if json.len() as u64 > LARGEST {
        let expected = format!("at most {LARGEST} bytes: fewer configurations, or shorter texts");
        return Err((format!("{PLAN_FILE} would have {} bytes", json.len()), expected));
    }
    let again = match &plan.model {
        None => checked(&json, objective),
        Some(program) => {
            models::command_of_plan(program.clone(), &plan.base, &plan.space).and_then(|model| checked(&json, &model))
        }
    };
    let again = again.and_then(|again| again.to_json().map_err(|error| error.to_string())).map_err(defect)?;
    if again == json { Ok(()) } else { Err(defect("a value would become another one".into())) }
}

/// Reads `json`, in which nothing may be said twice.
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    if let Some(name) = first_double(json.as_bytes()) {
        return Err(format!("not a readable plan: it names {} twice, expected each name once", quoted(&name)));
    }
    serde_json::from_str(json).map_err(|error| format!("not a readable plan: {error}"))
}

/// A message about a plan, whatever the texts in it that it quotes.
pub(crate) fn shown(message: String) -> String {
    cut_within(&message, LONGEST_MESSAGE).into_owned()
}

/// A plan that says what a sweep file can say, as far as each of its parts shows.
fn checked(json: &str, objective: &dyn Objective) -> Result<Plan, String> {
    let mut plan: Plan = parse(json)?;
    if plan.format != FORMAT {
        return Err(format!("layout {} of the plan, expected {FORMAT}", plan.format));
    }
    if !is_name(&plan.name) {
        return Err(format!("name is {:?}, which no sweep can have", plan.name));
    }
    if plan.seed > LARGEST_SEED {
        return Err(format!("seed is {}, expected at most {LARGEST_SEED}", plan.seed));
    }
    let objectives = plan.objectives().count();
    if objectives > MOST_OBJECTIVES {
        return Err(format!("{objectives} objectives, expected at most {MOST_OBJECTIVES}"));
    }
    plan.strategy.check(objectives)?;
    if plan.model.as_ref() != objective.program() {
        return Err("its model is another one".into());
    }
    check_values(&mut plan, objective.schema())?;
    check_include(&mut plan, objective.schema())?;
    check_stopping(&plan, objective)?;
    check_inputs(&plan, objective.schema())?;
    plan.countable()?;
    plan.check_ratios(objective.schema()).map_err(|error| error.to_string())?;
    plan.check_paths(objective.schema()).map_err(|error| error.to_string())?;
    if plan.constraints.len() > MOST_CONSTRAINTS {
        return Err(format!("{} constraints, expected at most {MOST_CONSTRAINTS}", plan.constraints.len()));
    }
    check_names(&plan)?;
    if plan.bits == objective.bits_version() {
        check_measures(&plan, objective)?;
    }
    Ok(plan)
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
    plan.space.iter_mut().for_each(|dimension| When::sort(&mut dimension.when));
    for (at, dimension) in plan.space.iter().enumerate() {
        let key = schema.key(&dimension.key).ok_or_else(|| format!("unknown key {:?}", dimension.key))?;
        if plan.space[..at].iter().any(|earlier| earlier.key == dimension.key) {
            return Err(format!("{:?} is varied twice", dimension.key));
        }
        check_dimension(dimension, key, schema).map_err(|problem| format!("{}: {problem}", dimension.key))?;
        let ranges = plan.strategy.sampler().is_some_and(|sampler| sampler.info().ranges);
        if !ranges && dimension.domain.count().is_none() {
            return Err(format!("{} is varied over a range, of which a grid has no points", dimension.key));
        }
    }
    Ok(())
}

/// Checks a swept key and what ties it to others.
fn check_dimension(dimension: &Dimension, key: &Key, schema: &Schema) -> Result<(), String> {
    match &dimension.ratio_of {
        None => dimension.domain.check(key)?,
        Some(other) => {
            let other = schema.key(other).ok_or_else(|| format!("ratio of unknown key {other:?}"))?;
            if !is_number(&key.kind) || !is_number_or_integer(&other.kind) {
                return Err(format!("ratio of {:?}, not both of numbers", other.path));
            }
            let kind = Kind::Number { min: f64::MIN, max: f64::MAX };
            dimension.domain.check(&Key { kind, ..key.clone() })?;
        }
    }
    for when in &dimension.when {
        let other = schema.key(&when.key).ok_or_else(|| format!("condition on unknown key {:?}", when.key))?;
        if when.values.is_empty() || when.values.iter().any(|value| other.kind.accept(value).as_ref() != Some(value)) {
            return Err(format!("condition on {:?} with a value that it cannot have", when.key));
        }
    }
    Ok(())
}

/// Checks the configurations that are included.
fn check_include(plan: &mut Plan, schema: &Schema) -> Result<(), String> {
    for one in &mut plan.include {
        for (name, value) in one.iter_mut() {
            let key = schema.key(name).filter(|key| plan.space.iter().any(|swept| swept.key == key.path));
            let key = key.ok_or_else(|| format!("an included configuration gives {name:?}, which is not swept"))?;
            *value = schema.accept(&key.path, value).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Checks by which rule configurations are stopped.
fn check_stopping(plan: &Plan, objective: &dyn Objective) -> Result<(), String> {
    let Some(stopping) = &plan.stopping else { return Ok(()) };
    stopping.check()?;
    if plan.strategy.learns() {
        return Err(format!("stopping with strategy {}", plan.strategy.name));
    }
    let Some(budget) = &stopping.budget else { return Ok(()) };
    if objective.budget_key() != Some(budget) || plan.space.iter().any(|swept| swept.key == *budget) {
        return Err(format!("stopping divides {budget:?}, which is no budget"));
    }
    match plan.budget() {
        Some(whole) if whole >= 2 => Ok(()),
        _ => Err(format!("{budget} is {}, which cannot be divided", plan.base.get(budget))),
    }
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
    let axes = plan.prepared().space.axes().len();
    let is_point = |point: &Vec<f64>| point.len() == axes && point.iter().all(|unit| (0.0..1.0).contains(unit));
    let points = if plan.strategy.learns() { config_ids.len() } else { 0 };
    if confirmation.points.len() != points || !confirmation.points.iter().all(is_point) {
        return Err("the points of the configurations to confirm do not fit them".into());
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
    let mut names = plan.measures.iter().chain(plan.objectives().map(|goal| &goal.measure));
    if let Some(name) = names.find(|name| !is_plain(name)) {
        let start = cut(name, LONGEST_MEASURE);
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
    match plan.objectives().find(|goal| !plan.measures.contains(&goal.measure)) {
        Some(goal) => Err(format!("objective.measure is {:?}, which this sweep does not measure", goal.measure)),
        None => Ok(()),
    }
}
