//! `burstnet rerun`: one trial again, from the results directory alone, as it was or with other values.

mod what_if;

use std::path::Path;
use std::time::Instant;

use burstnet_core::config::Configuration;
use burstnet_sweep::objective::burst::{BurstNetwork, evaluation};
use burstnet_sweep::objective::external::CommandModel;
use burstnet_sweep::objective::{Attempt, Deadline, Evaluation, Objective as _};
use burstnet_sweep::plan::{ResolvedPlan, Trial};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::settings::place_error;
use burstnet_sweep::spec::{RunSpec, Source};

use self::what_if::WhatIf;
use crate::arguments::RerunArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::process::memory;
use crate::shared::models::{allow_again, built_in};
use crate::shared::outputs::Outputs;
use crate::shared::recorded::{Recorded, by_config, by_id, for_people, json_object, verdict};
use crate::shared::run_file::{read_sets, resolved, run_file};
use crate::shared::training::observed;
use crate::terminal::say::{say, say_json};

/// Runs a trial again and compares every bit with what the journal holds.
pub(crate) fn rerun(arguments: &RerunArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let mut model = NamedModel::of_results(&arguments.results, arguments.isa.isa()?)?;
    if let Some(option) = arguments.records.option() {
        built_in(&model, &arguments.results, option)?;
    }
    allow_again(&mut model, &arguments.results, &arguments.allow)?;
    let recorded = Recorded::find(&arguments.results, model, |plan| chosen(arguments, plan))?;
    let configuration = configuration(&recorded, arguments)?;
    let again = match &recorded.model {
        NamedModel::Burst(network) => trained_again(&recorded, &configuration, network, arguments, &interrupt)?,
        NamedModel::Command(program) => run_again(&recorded, &configuration, program, &interrupt)?,
    };
    let trial = &recorded.trial;
    let comparison = recorded.against(&again);
    if configuration != recorded.configuration {
        let what_if = WhatIf::new(&recorded, &configuration, comparison);
        return if arguments.json { say_json(&what_if.json().to_string()) } else { say(&what_if.for_people()) };
    }
    if arguments.json {
        say_json(&json_object(&comparison, *trial).to_string())?
    } else {
        say(&for_people(&comparison, *trial))?
    }
    verdict(&comparison, *trial)
}

/// Returns the configuration of a trial, with the values that the command line gives.
fn configuration(recorded: &Recorded, arguments: &RerunArguments) -> Result<Configuration, Failure> {
    let sets = read_sets(&arguments.sets, arguments.engine.as_deref())?;
    if sets.is_empty() {
        return Ok(recorded.configuration.clone());
    }
    let objective = recorded.model.objective();
    let (schema, seed) = (objective.schema(), recorded.trial.seed);
    let file = run_file(schema, &recorded.configuration, seed)
        .map_err(|error| Failure::Environment(format!("cannot write YAML: {error}")))?;
    let source = Source::parse(Path::new("the recorded trial"), file)?;
    let spec = RunSpec::new(&source, sets, schema)?;
    if spec.seed != seed {
        return Err(Failure::Input(
            "--set seed: a rerun keeps the seed of its trial; `burstnet run` takes --seed".into(),
        ));
    }
    let mut configuration = recorded.configuration.clone();
    // Values that are not set stay as they were recorded, paths too.
    let given = resolved(&spec, schema);
    let set =
        spec.settings.iter().filter(|setting| spec.configuration.get(&setting.key) != configuration.get(&setting.key));
    let set: Vec<&str> = set.map(|setting| &*setting.key).collect();
    set.into_iter().for_each(|key| configuration.set(key, given.get(key).clone()));
    if let NamedModel::Burst(network) = &recorded.model {
        let placed = |error| place_error(&error, &spec.settings, &source.place());
        network.check(&configuration).map_err(placed)?;
        memory::check(&|key| vec![configuration.get(key).clone()])?;
        network.check_files(&configuration).map_err(placed)?;
    }
    Ok(configuration)
}

/// Trains the network again. Returns its evaluation, or the message with which it fails: it may have failed before.
fn trained_again(
    recorded: &Recorded,
    configuration: &Configuration,
    network: &BurstNetwork,
    arguments: &RerunArguments,
    interrupt: &Interrupt,
) -> Result<Result<Evaluation, String>, Failure> {
    let mut outputs = Outputs::start(&arguments.records, configuration)?;
    match observed(network, configuration, recorded.trial.seed, &mut outputs, interrupt) {
        Ok(result) => {
            outputs.finish(&result)?;
            Ok(Ok(evaluation(result)))
        }
        Err(Failure::Input(message)) => Ok(Err(message)),
        Err(other) => Err(other),
    }
}

/// Runs an external program again. Returns its evaluation, or the message with which it fails.
fn run_again(
    recorded: &Recorded,
    configuration: &Configuration,
    program: &CommandModel,
    interrupt: &Interrupt,
) -> Result<Result<Evaluation, String>, Failure> {
    let deadline = Deadline::new(Instant::now(), None, interrupt.flag());
    let Trial { id: trial_id, replicate, seed, .. } = recorded.trial;
    let attempt = Attempt { trial_id, replicate, seed, part: None };
    let again = program.evaluate_attempt(configuration, attempt, &deadline).map(|(evaluation, _)| evaluation);
    match (again, interrupt.signal()) {
        (Ok(evaluation), _) => Ok(Ok(evaluation)),
        (Err(_), Some(signal)) => Err(Failure::Interrupted(signal, "interrupted; nothing was written".into())),
        (Err(error), None) => match error.message(None) {
            Ok(message) => Ok(Err(message)),
            Err(error) => Err(Failure::Environment(error.to_string())),
        },
    }
}

fn chosen(arguments: &RerunArguments, plan: &ResolvedPlan) -> Result<Trial, Failure> {
    if let Some(id) = arguments.trial {
        return by_id(plan, id);
    }
    let config = arguments.config.unwrap_or_default();
    by_config(plan, config, || match (arguments.replicate, arguments.seed) {
        (Some(replicate), _) => Ok(replicate),
        (None, Some(seed)) => (0..plan.replicates)
            .find(|&replicate| plan.trial(replicate).seed == seed)
            .ok_or_else(|| Failure::Input(format!("--seed {seed}: no replicate of this sweep has it (column seed)"))),
        (None, None) => Err(Failure::Input(format!("--config {config}: expected --replicate or --seed with it"))),
    })
}
