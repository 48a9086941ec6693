//! The rules of an external program: its placeholders name keys, and no key goes unread.

use std::collections::HashSet;

use burstnet_core::config::Schema;
use burstnet_core::text::{listed, quoted};

use crate::nearest::nearest;
use crate::objective::external::program::{Holder, Program, Stdin};
use crate::objective::external::template::{Given, Placeholder, Template};
use crate::plan::{Dimension, Plan};
use crate::space::plan_error::{About, PlanError};

use super::keys::names_of;

/// Checks that every placeholder has a value that can be written, and that the program can read every key if it reads
/// nothing else.
pub(super) fn placeholders(plan: &Plan, schema: &Schema) -> Result<(), PlanError> {
    let Some(program) = &plan.model else { return Ok(()) };
    // Texts that are no templates are refused where the program is read.
    let templates = program.templates().unwrap_or_default();
    for (holder, template) in &templates {
        for placeholder in template.placeholders() {
            check(plan, schema, placeholder).map_err(|error| {
                let part = placeholder.to_string();
                let about = match holder {
                    Holder::Argument(at) => About::Argument(*at, part),
                    Holder::Variable(name) => About::Variable(name.clone(), part),
                };
                PlanError { about, ..error }
            })?;
        }
    }
    let file = program.read.iter().enumerate().find_map(|(at, reading)| Some((at, reading.file()?)));
    // A worker is told the folder in its request.
    if let Some((at, file)) = file.filter(|_| !program.worker && !program.names(Given::Dir)) {
        let problem = format!(
            "the file {} lies in the folder of a trial, and nothing tells the program that folder",
            quoted(file)
        );
        return Err(PlanError::new(
            About::Reading(at, vec!["from"]),
            problem,
            "{dir} in model.command or model.environment",
        ));
    }
    match program.stdin {
        Stdin::Json => Ok(()),
        Stdin::None => all_read(plan, program, &templates),
    }
}

fn check(plan: &Plan, schema: &Schema, placeholder: &Placeholder) -> Result<(), PlanError> {
    let wrong = |problem: String, expected: String| Err(PlanError::new(About::Field("model"), problem, expected));
    let name = &placeholder.name;
    match (Given::named(name), schema.key(name)) {
        (Some(Given::State), None) if plan.model.as_ref().is_none_or(|program| program.budget.is_none()) => wrong(
            "'{state}' is for trials that go on with a larger budget, and there is no model.budget".into(),
            "model.budget, or {dir}".into(),
        ),
        (Some(_), None) => Ok(()),
        (Some(_), Some(_)) => wrong(
            format!("'{placeholder}' is a key, and also a value that every trial has"),
            "another name of the key".into(),
        ),
        (None, Some(_)) => match plan.values_of(name).iter().find_map(|value| placeholder.arguments(value).err()) {
            Some(problem) => wrong(problem, "values without these, or another form".into()),
            None => Ok(()),
        },
        (None, None) => {
            let names: Vec<&str> = schema.keys().iter().map(|key| &*key.path).collect();
            let all = || names.iter().copied().chain(Given::WORDS.iter().copied());
            let problem = format!("{} names no key", quoted(&placeholder.to_string()));
            let expected = format!("one of {}; {{{{ and }}}} for braces", listed(all()));
            let error = PlanError::new(About::Field("model"), problem, expected);
            Err(PlanError { nearest: nearest(name, all()), ..error })
        }
    }
}

/// Refuses keys that a program without standard input cannot see. Those that only others depend on need not be seen.
fn all_read(plan: &Plan, program: &Program, templates: &[(Holder, Template)]) -> Result<(), PlanError> {
    let read: Vec<&str> = templates.iter().flat_map(|(_, one)| one.placeholders()).map(|one| &*one.name).collect();
    let constrained: HashSet<String> = plan.constraints.iter().flat_map(|text| names_of(text)).collect();
    let is_tied = |key: &str| {
        let by_space = plan.space.iter().any(|dimension| {
            dimension.ratio_of.as_deref() == Some(key) || dimension.when.iter().any(|when| when.key == key)
        });
        by_space || constrained.contains(key)
    };
    let is_budget = |key: &str| program.budget.as_deref() == Some(key);
    let unread = |key: &&str| !read.contains(key) && (is_budget(key) || !is_tied(key));
    let Some(key) = plan.base.iter().map(|(key, _)| key).find(unread) else { return Ok(()) };
    let is_in = |dimensions: &[Dimension]| dimensions.iter().any(|dimension| dimension.key == key);
    let about = match (is_in(&plan.space), is_in(&plan.per_replicate)) {
        (true, _) => About::Key(key.to_owned()),
        (false, true) => About::PerReplicate(key.to_owned()),
        (false, false) => About::Base(key.to_owned()),
    };
    let problem =
        format!("{} reaches the program nowhere: model.stdin is none, and no placeholder names it", quoted(key));
    Err(PlanError::new(about, problem, format!("{{{key}}} in model.command or model.environment, or stdin: json")))
}
