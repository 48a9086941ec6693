//! The rules of every plan, whether it comes from a sweep file or from a `plan.json` of other people.
//!
//! The text of each rule is here alone. An error names the part of the plan that breaks the rule: a sweep file knows
//! the line of that part, and a `plan.json` its path. Rules that need all configurations to be counted or listed are
//! checked by [`ResolvedPlan::new`].

use std::collections::HashSet;

use burstnet_core::config::{Key, Kind, Schema, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_core::text::{cut, listed, quoted};

use crate::limits::{
    LARGEST_SEED, LONGEST_MEASURE, MOST_CONSTRAINTS, MOST_IN_ROUNDS, MOST_INPUT_FILES, MOST_MEASURES, MOST_OBJECTIVES,
    MOST_REPLICATES, NAMED, is_name,
};
use crate::nearest::nearest;
use crate::objective::Objective;
use crate::plan::{FORMAT, Plan, ResolvedPlan};
use crate::search::samplers::SearchSetting;
use crate::search::strategy::{self, Strategy};
use crate::space::Dimension;
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
    strategy(plan)?;
    space(plan, schema)?;
    stopping(plan, objective)?;
    ratios(plan, schema)?;
    paths(plan, schema)?;
    inputs(plan, schema)?;
    measure_names(plan)?;
    if plan.bits == objective.bits_version() {
        measures(plan, &objective.measures(&|key| plan.values_of(key)))?;
    }
    Ok(())
}

/// Checks the rules that plans of earlier versions need not keep: that an included configuration has a list for a key
/// if the others have lists, and a single value if they have single values, since a column has one type; and that no
/// objective is a measure that is empty.
///
/// # Errors
/// If the plan breaks a rule: the first such rule.
pub(crate) fn check_new(plan: &ResolvedPlan, objective: &dyn Objective) -> Result<(), PlanError> {
    let is_off = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
    for (at, goal) in plan.objectives().enumerate() {
        let setting = objective.setting_of(&goal.measure);
        if let Some(key) = setting.filter(|key| plan.values_of(key).iter().all(is_off)) {
            let problem = format!("objective.measure is '{}', which is empty here", goal.measure);
            let expected = format!("a value of {key}, or another measure");
            return Err(PlanError::new(About::Objective(at), problem, expected));
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

fn strategy(plan: &Plan) -> Result<(), PlanError> {
    let Strategy { name, trials, round, settings } = &plan.strategy;
    let wrong = |about, problem: String, expected: &str| Err(PlanError::new(about, problem, expected));
    let Some(info) = plan.strategy.sampler().map(|sampler| sampler.info()) else {
        let problem = format!("strategy {}", quoted(name));
        return wrong(About::Strategy, problem, &format!("one of {}", strategy::names().join(", ")));
    };
    if let (false, Some(_)) = (info.needs_trials, trials) {
        let problem = format!("search.trials with strategy {name}, which runs every combination");
        return wrong(About::Trials, problem, "no trials, or strategy random");
    }
    if info.needs_trials && trials.is_none() {
        return wrong(
            About::Strategy,
            format!("strategy {name} has no search.trials"),
            "trials: how many configurations",
        );
    }
    if round.is_some() && !plan.strategy.learns() && plan.stopping.is_none() {
        let problem = format!("search.round with strategy {name}, which learns nothing");
        return wrong(About::Round, problem, "no round, or a strategy that proposes by rounds, such as tpe");
    }
    if let Some(round) = round.filter(|round| !(1..=MOST_IN_ROUNDS).contains(round)) {
        let expected = format!("1 to {}", MOST_IN_ROUNDS);
        return wrong(About::Round, format!("rounds of {round} configurations"), &expected);
    }
    fit(settings, info.settings, &About::Strategy)?;
    let (objectives, most) = (plan.objectives().count(), info.most_objectives);
    if objectives > most {
        let problem = format!("{objectives} objectives with strategy {name}");
        let expected = format!("{most} objective, or a strategy such as tpe or random");
        return wrong(About::Objective(most), problem, &expected);
    }
    if objectives > MOST_OBJECTIVES {
        let problem = format!("{objectives} objectives");
        return wrong(About::Objective(MOST_OBJECTIVES), problem, &format!("at most {MOST_OBJECTIVES}"));
    }
    Ok(())
}

/// Checks the settings of a sampler or a rule.
fn fit(
    held: &std::collections::BTreeMap<String, f64>,
    known: &[SearchSetting],
    about: &About,
) -> Result<(), PlanError> {
    for (name, value) in held {
        let Some(setting) = known.iter().find(|setting| setting.name == name) else {
            let names: Vec<&str> = known.iter().map(|setting| setting.name).collect();
            return Err(PlanError::new(
                about.clone(),
                format!("unknown setting {}", quoted(name)),
                format!("one of {}", names.join(", ")),
            ));
        };
        if !setting.fits(*value) {
            return Err(PlanError::new(about.clone(), format!("{name} is {value}"), setting.expected()));
        }
    }
    Ok(())
}

/// Checks the values of all keys, and the ties of those that are swept.
fn space(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
    for (key, value) in plan.base.iter() {
        let about = || About::Base(key.to_owned());
        let known = schema.key(key).ok_or_else(|| unknown(about(), key, schema))?;
        if known.kind.accept(value).as_ref() != Some(value) {
            let problem = format!("{key} is {}", quoted(&value.to_string()));
            return Err(PlanError::new(about(), problem, known.kind.expected()));
        }
    }
    if plan.space.is_empty() {
        return Err(PlanError::new(About::Whole, "search.space names no key to vary", "section.key: [values]"));
    }
    let mut seen = HashSet::new();
    let ranges = plan.strategy.sampler().is_none_or(|sampler| sampler.info().ranges);
    for dimension in &plan.space {
        let about = || About::Key(dimension.key.clone());
        let key = schema.key(&dimension.key).ok_or_else(|| unknown(about(), &dimension.key, schema))?;
        if !seen.insert(&dimension.key) {
            return Err(PlanError::new(
                about(),
                format!("{} is varied twice", quoted(&dimension.key)),
                "each key once",
            ));
        }
        tied(dimension, key, schema)?;
        if !ranges && dimension.domain.count().is_none() {
            let name = &plan.strategy.name;
            let problem = format!("{} is varied over a range, of which a {name} has no points", dimension.key);
            let expected = "a list, {linear: [low, high], num: n} or {log: [low, high], num: n}; or strategy: random";
            return Err(PlanError::new(about(), problem, expected));
        }
    }
    for (at, given) in plan.include.iter().enumerate() {
        for (name, value) in given {
            let about = || About::IncludedKey(at, name.clone());
            let Some(key) = schema.key(name).filter(|key| seen.contains(&key.path.to_string())) else {
                let problem = format!("search.include gives {name}, which is not swept");
                return Err(PlanError::new(about(), problem, "keys of search.space"));
            };
            if key.kind.accept(value).as_ref() != Some(value) {
                let problem = format!("{name} is {}", quoted(&value.to_string()));
                return Err(PlanError::new(about(), problem, key.kind.expected()));
            }
        }
    }
    if plan.constraints.len() > MOST_CONSTRAINTS {
        let problem = format!("search.constraints has {} conditions", plan.constraints.len());
        let expected = format!("at most {MOST_CONSTRAINTS}");
        return Err(PlanError::new(About::Constraint(MOST_CONSTRAINTS), problem, expected));
    }
    Ok(())
}

fn unknown(about: About, key: &str, schema: &Schema) -> PlanError {
    let near = nearest(key, schema.keys().iter().map(|key| &*key.path));
    PlanError { nearest: near, ..PlanError::new(about, format!("unknown key {}", quoted(key)), "a key of the model") }
}

/// Checks a swept key and its ties to others.
fn tied(dimension: &Dimension, key: &Key, schema: &Schema) -> Result<(), PlanError> {
    let about = || About::Key(dimension.key.clone());
    let path = &dimension.key;
    let wrong = |problem: String, expected: &str| Err(PlanError::new(about(), problem, expected));
    let kind = match &dimension.ratio_of {
        None => &key.kind,
        Some(name) => {
            let other = schema.key(name).ok_or_else(|| unknown(about(), name, schema))?;
            if !is_number(&key.kind) {
                return wrong(format!("ratio_of for {path}, which holds no real number"), "a key that holds numbers");
            }
            if !is_number(&other.kind) && !matches!(other.kind.without_null(), Kind::Integer { .. }) {
                let problem = format!("ratio_of {name}, which holds no single number");
                return Err(PlanError::new(About::RatioOf(path.clone()), problem, "a key that holds numbers"));
            }
            &Kind::Number { min: f64::MIN, max: f64::MAX }
        }
    };
    if let Err((problem, expected)) = dimension.domain.check(kind) {
        return wrong(format!("{path} {problem}"), &expected);
    }
    for when in &dimension.when {
        let other = schema.key(&when.key).ok_or_else(|| unknown(about(), &when.key, schema))?;
        if when.values.is_empty() {
            return wrong(format!("when {} is []", when.key), "at least one value");
        }
        if let Some(value) = when.values.iter().find(|value| other.kind.accept(value).as_ref() != Some(*value)) {
            let problem = format!("{} is never {}", when.key, quoted(&value.to_string()));
            return wrong(problem, &other.kind.expected());
        }
    }
    Ok(())
}

/// Returns whether a key of this kind can be a ratio to another one.
fn is_number(kind: &Kind) -> bool {
    matches!(kind.without_null(), Kind::Number { .. } | Kind::OptionalNumber { .. } | Kind::RateOrRates { .. })
}

/// Checks the rule by which configurations are stopped.
fn stopping(plan: &Plan, objective: &dyn Objective) -> Result<(), PlanError> {
    let Some(stopping) = &plan.stopping else { return Ok(()) };
    let wrong = |problem: String, expected: &str| Err(PlanError::new(About::Stopping, problem, expected));
    let name = &stopping.rule;
    let Some(info) = stopping.rule().map(|rule| rule.info()) else {
        let problem = format!("stopping rule {}", quoted(name));
        return wrong(problem, &format!("one of {}", strategy::rule_names().join(", ")));
    };
    fit(&stopping.settings, info.settings, &About::Stopping)?;
    if plan.strategy.learns() {
        let problem = format!("search.stopping with strategy {}, which needs complete trials", plan.strategy.name);
        return wrong(problem, "no stopping, or a strategy that learns nothing, such as sobol");
    }
    if info.needs_replicates && plan.replicates < 3 && plan.confirmation.is_none() {
        let problem = format!("stopping rule {name} with {} replicates", plan.replicates);
        return wrong(problem, "at least 3 replicates, between which it stops");
    }
    let own = objective.budget_key().filter(|_| info.needs_budget);
    let Some(key) = stopping.budget.as_deref() else {
        return match info.needs_budget {
            true => wrong(
                format!("stopping rule {name} of a model that has no budget"),
                "a model with a key that says how long a trial lasts",
            ),
            false => Ok(()),
        };
    };
    if own != Some(key) {
        return wrong(
            format!("stopping rule {name} divides {}, which is not a budget", quoted(key)),
            "the model's budget",
        );
    }
    if plan.space.iter().any(|dimension| dimension.key == key) {
        return wrong(format!("stopping rule {name} divides {key}, which is swept"), "one budget for all");
    }
    match plan.budget() {
        Some(budget) if budget >= 2 => Ok(()),
        _ => wrong(format!("{key} is {}, which cannot be divided", plan.base.get(key)), "an integer of at least 2"),
    }
}

/// Checks the input files. A file that a configuration names and `inputs` lacks would be read from the path in the
/// plan.
fn inputs(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
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
            return Err(PlanError::new(About::Key(key.path.to_string()), problem, "one of its inputs"));
        }
    }
    Ok(())
}

/// Checks that keys that name files name only listed ones, since only these are copied and identified by their
/// contents.
fn paths(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
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

/// Checks that keys that are ratios to others can have the values that follow.
fn ratios(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
    for dimension in &plan.space {
        let Some((other, key)) = dimension.ratio_of.as_ref().zip(schema.key(&dimension.key)) else { continue };
        let about = || About::Key(dimension.key.clone());
        if let Some(value) = plan.values_of(other).iter().find(|value| value.as_f64().is_none()) {
            let problem = format!("{} is a ratio to {other}, which can be {value}", dimension.key);
            return Err(PlanError::new(about(), problem, "a key that is a number in every configuration"));
        }
        let fits = |value: &&Value| key.kind.accept(value).as_ref() == Some(*value);
        if let Some(value) = plan.values_of(&dimension.key).iter().find(|value| !fits(value)) {
            let problem = format!("{} would become {value}", dimension.key);
            return Err(PlanError::new(about(), problem, key.kind.expected()));
        }
    }
    Ok(())
}

/// Checks the names of measures in a plan of any version of the bits. They are names of columns.
fn measure_names(plan: &Plan) -> Result<(), PlanError> {
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

fn measures(plan: &Plan, infos: &[MeasureInfo]) -> Result<(), PlanError> {
    match infos.iter().map(|info| &info.name).eq(&plan.measures) {
        true => Ok(()),
        false => Err(PlanError::new(About::Field("measures"), "its measures are not those of this sweep", "")),
    }
}
