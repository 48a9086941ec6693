//! `burstnet rerun`: one trial again, from the results directory alone, as it was or with other values.

mod last_steps;
mod what_if;

use burstnet_core::config::Configuration;
use burstnet_report::shell;
use burstnet_sweep::objective::burst::{BurstNetwork, evaluation};
use burstnet_sweep::objective::{Attempt, Evaluation};
use burstnet_sweep::plan::Trial;
use burstnet_sweep::results::models::NamedModel;

use self::last_steps::{LastSteps, half_of_a_rate};
use self::what_if::WhatIf;
use crate::arguments::RerunArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::changed::changed;
use crate::shared::models::{allow_again, built_in};
use crate::shared::outputs::{Outputs, layers};
use crate::shared::programs::evaluated;
use crate::shared::recorded::{Recorded, chosen, for_people, json_object, verdict};
use crate::shared::run_file::read_sets;
use crate::shared::training::{followed, observed};
use crate::terminal::say::{say, say_json};

/// Runs a trial again and compares every bit with what the journal holds.
pub(crate) fn rerun(arguments: &RerunArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let mut model = NamedModel::of_results(&arguments.results, arguments.isa.isa()?)?;
    if let Some(option) = arguments.records.option() {
        built_in(&model, &arguments.results, option)?;
    }
    allow_again(&mut model, &arguments.results, &arguments.allow)?;
    let recorded = Recorded::find(&arguments.results, model, |plan| chosen(&arguments.which, plan, None))?;
    let sets = read_sets(&arguments.sets, arguments.engine.as_deref())?;
    let (held, seed) = (&recorded.configuration, recorded.trial.seed);
    let configuration = changed(&recorded.model, held, seed, sets)?;
    let (again, last) = match &recorded.model {
        NamedModel::Burst(network) => trained_again(&recorded, &configuration, network, arguments, &interrupt)?,
        NamedModel::Command(program) => {
            let Trial { id: trial_id, replicate, seed, .. } = recorded.trial;
            let attempt = Attempt { trial_id, replicate, seed, part: None };
            (evaluated(program, &configuration, attempt, &interrupt)?, None)
        }
    };
    let trial = &recorded.trial;
    let comparison = recorded.against(&again);
    let differs = verdict(&comparison, *trial);
    if configuration != recorded.configuration {
        let what_if = WhatIf::new(&recorded, &configuration, comparison);
        if arguments.json {
            return say_json(&with_last_steps(what_if.json(), last.as_ref()).to_string());
        }
        return say(&[Some(what_if.for_people()), last.map(|last| last.for_people())]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n\n"));
    }
    if arguments.json {
        say_json(&with_last_steps(json_object(&comparison, &recorded.study.plan, *trial), last.as_ref()).to_string())?
    } else {
        let mut parts = vec![for_people(&comparison, &recorded.study.plan, *trial)];
        parts.extend(last.as_ref().map(LastSteps::for_people));
        parts.extend(next(&recorded, arguments, &again, last.as_ref()));
        say(&parts.join("\n\n"))?
    }
    differs
}

/// Adds the last steps of a run that diverged.
fn with_last_steps(mut object: serde_json::Value, last: Option<&LastSteps>) -> serde_json::Value {
    if let Some(last) = last {
        object["last_steps"] = serde_json::json!(last.rows());
    }
    object
}

/// Returns the command that is worth running next: what half a learning rate would have done.
fn next(
    recorded: &Recorded,
    arguments: &RerunArguments,
    again: &Result<Evaluation, String>,
    last: Option<&LastSteps>,
) -> Option<String> {
    if matches!(recorded.model, NamedModel::Command(_)) || again.is_err() {
        return None;
    }
    let (key, half) = match last {
        Some(last) => last.half_the_rate(&recorded.configuration)?,
        None => half_of_a_rate(&recorded.configuration)?,
    };
    let results = shell::path(&arguments.results.to_string_lossy());
    let set = shell::quote(&format!("{key}={half}"));
    Some(format!("see what half the rate does, by step:\n  burstnet diff {results}:{} --set {set}", recorded.trial.id))
}

/// Trains the network again. Returns its evaluation, or the message with which it fails: it may have failed before.
fn trained_again(
    recorded: &Recorded,
    configuration: &Configuration,
    network: &BurstNetwork,
    arguments: &RerunArguments,
    interrupt: &Interrupt,
) -> Result<(Result<Evaluation, String>, Option<LastSteps>), Failure> {
    let mut outputs = Outputs::start(&arguments.records, configuration)?;
    match observed(network, configuration, recorded.trial.seed, &mut outputs, interrupt) {
        Ok(result) => {
            outputs.finish(&result)?;
            // Its end is known now, so it can be looked at from near.
            let last = result.divergence.map(|at| -> Result<LastSteps, Failure> {
                let mut last = LastSteps::new(at, &layers(configuration));
                let again = followed(network, configuration, recorded.trial.seed, Some(&mut last), interrupt)?;
                Ok(last.ended(again.weight_rows()))
            });
            Ok((Ok(evaluation(result)), last.transpose()?))
        }
        Err(Failure::Input(message)) => Ok((Err(message), None)),
        Err(other) => Err(other),
    }
}
