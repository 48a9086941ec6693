//! `burstnet report --trial`: one trial again, drawn on a page of its own.

use std::path::PathBuf;

use burstnet_core::config::{Configuration, RunConfig};
use burstnet_core::engine::Isa;
use burstnet_core::inputs::Inputs;
use burstnet_core::observer::Observer;
use burstnet_report::page::trial::{Recorder, Recording, Scope, TrialPage};
use burstnet_report::tables::trace::TracedUnits;
use burstnet_sweep::files::write_atomically;
use burstnet_sweep::objective::Evaluation;
use burstnet_sweep::objective::burst::evaluation;
use burstnet_sweep::results::models::NamedModel;
use serde_json::json;

use crate::arguments::{ReportArguments, TrialPageArguments};
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::models::built_in;
use crate::shared::outputs::{check_file, layers};
use crate::shared::recorded::{Recorded, chosen, for_people, json_object, verdict};
use crate::shared::training::followed;
use crate::terminal::say::{say, say_json};

/// Runs a trial again, compares every bit with what the journal holds, and draws it.
pub(crate) fn trial_page(arguments: &ReportArguments) -> Result<(), Failure> {
    let ReportArguments { results, json, page: TrialPageArguments { which, units, out, force }, .. } = arguments;
    let interrupt = Interrupt::listen()?;
    let model = NamedModel::of_results(results, Isa::detect())?;
    built_in(&model, results, "--trial")?;
    let recorded = Recorded::find(results, model, |plan| chosen(which, plan, None))?;
    let plan = &*recorded.configurations;
    let path = out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-trial-{}.html", plan.name, recorded.trial.id)));
    check_file("--out", &path, *force)?;
    let units = chosen_units(units, &recorded.configuration)?;
    let (again, recording) = draw(&recorded, units, &interrupt)?;
    let comparison = recorded.against(&again);
    let page = TrialPage {
        results: &results.to_string_lossy(),
        plan,
        trial: recorded.trial,
        comparison: &comparison,
        measures: &recorded.model.objective().measures(&|key| plan.values_of(key)),
        curves: again.as_ref().map_or(&[], |evaluation| &evaluation.curves),
        recording: recording.as_ref(),
    };
    write_atomically(&recorded.study.disk, &path, |file| page.write(file)).map_err(Failure::at(&path))?;
    if *json {
        let mut object = json_object(&comparison, &recorded.study.plan, recorded.trial);
        object["page"] = json!(path.to_string_lossy());
        say_json(&object.to_string())?;
    } else {
        say(&format!("{}\npage {}", for_people(&comparison, &recorded.study.plan, recorded.trial), path.display()))?;
    }
    verdict(&comparison, recorded.trial)
}

fn chosen_units(named: &[String], configuration: &Configuration) -> Result<Option<TracedUnits>, Failure> {
    if named.is_empty() {
        return Ok(None);
    }
    let units = TracedUnits::parse(named, &layers(configuration));
    units.map(Some).map_err(|error| Failure::Input(format!("--units {error}")))
}

/// The evaluation of a rerun or the message with which it failed, and its recording.
type Drawn = (Result<Evaluation, String>, Option<Recording>);

fn draw(recorded: &Recorded, units: Option<TracedUnits>, interrupt: &Interrupt) -> Result<Drawn, Failure> {
    let Recorded { study, model, configuration, trial, .. } = recorded;
    let network = built_in(model, &study.results, "--trial")?;
    let prepared = || {
        let config = RunConfig::from_values(configuration).map_err(|error| error.to_string())?;
        let inputs = Inputs::load(&config).map_err(|error| error.to_string())?;
        Ok((config, inputs))
    };
    let (config, inputs) = match prepared() {
        Ok(both) => both,
        Err(message) => return Ok((Err(message), None)), // a trial that fails may have failed before
    };
    let scope = Scope::new(&config, &inputs, trial.seed, units);
    drop(inputs); // the network reads its own
    let mut recorder = Recorder::new(scope.map_err(|error| Failure::Input(format!("--units {error}")))?);
    let watching: &mut dyn Observer = &mut recorder;
    match followed(network, configuration, trial.seed, Some(watching), interrupt) {
        Ok(result) => {
            let recording = recorder.finish(&result);
            Ok((Ok(evaluation(result)), Some(recording)))
        }
        Err(Failure::Input(message)) => Ok((Err(message), None)),
        Err(other) => Err(other),
    }
}
