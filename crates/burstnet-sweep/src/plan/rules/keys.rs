//! The rules of keys: their values, and their ties to each other.

use std::collections::HashSet;
use std::convert::Infallible;

use burstnet_core::config::{Key, Kind, Schema, Value};
use burstnet_core::text::quoted;

use crate::limits::MOST_CONSTRAINTS;
use crate::nearest::nearest;
use crate::plan::Plan;
use crate::space::Dimension;
use crate::space::expression::Expression;
use crate::space::plan_error::{About, PlanError};

/// Checks the values of all keys, and the ties of those that are swept.
pub(super) fn space(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
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

/// Checks the keys that are drawn for each replicate. No configuration may depend on one, since it has all of its values.
pub(super) fn per_replicate(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
    let mut seen = HashSet::new();
    for dimension in &plan.per_replicate {
        let path = &dimension.key;
        let about = || About::PerReplicate(path.clone());
        let wrong = |problem: String, expected: &str| Err(PlanError::new(about(), problem, expected));
        let key = schema.key(path).ok_or_else(|| unknown(about(), path, schema))?;
        if plan.space.iter().any(|swept| swept.key == *path) {
            return wrong(
                format!("{path} is swept, so each configuration has its own value of it"),
                "a key that is not in search.space",
            );
        }
        if !seen.insert(path.as_str()) {
            return wrong(format!("{} is drawn twice", quoted(path)), "each key once");
        }
        if dimension.depends_on().next().is_some() {
            return wrong(
                format!("{path} is drawn for each replicate, and tied to another key"),
                "a list, or a range such as {uniform: [low, high]}, by itself",
            );
        }
        if let Err((problem, expected)) = dimension.domain.check(&key.kind) {
            return wrong(format!("{path} {problem}"), &expected);
        }
        if let Some(stopping) = plan.stopping.as_ref().filter(|stopping| stopping.budget.as_ref() == Some(path)) {
            let problem = format!("{path} is the budget, which stopping rule {} divides", stopping.rule);
            return wrong(problem, "one budget for all replicates, in base");
        }
    }
    let drawn = |key: &&str| seen.contains(key);
    for dimension in &plan.space {
        if let Some(other) = dimension.depends_on().find(drawn) {
            let problem = format!("{} depends on {other}, which is drawn for each replicate", dimension.key);
            let expected = "a key of which a configuration has one value";
            return Err(PlanError::new(About::Key(dimension.key.clone()), problem, expected));
        }
    }
    for (at, constraint) in plan.constraints.iter().enumerate() {
        if let Some(other) = names_of(constraint).iter().map(String::as_str).find(drawn) {
            let problem = format!("a constraint names {other}, which is drawn for each replicate");
            let expected = "keys of which a configuration has one value";
            return Err(PlanError::new(About::Constraint(at), problem, expected));
        }
    }
    Ok(())
}

/// Returns the keys that a constraint names; none if it cannot be read.
pub(super) fn names_of(constraint: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(constraint) = Expression::parse(constraint) {
        let mut note = |name: String| -> Result<(), Infallible> {
            names.push(name);
            Ok(())
        };
        let Ok(_) = constraint.bind(&mut note);
    }
    names
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

/// Checks that keys that are ratios to others can have the values that follow.
pub(super) fn ratios(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
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
