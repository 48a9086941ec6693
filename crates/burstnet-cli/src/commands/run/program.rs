//! `burstnet run` of an external program: one trial of it, and what was read from it, before a sweep.

use std::time::Instant;

use burstnet_core::curves::CurvePoint;
use burstnet_core::digest::hex;
use burstnet_report::shell;
use burstnet_sweep::objective::{Attempt, Deadline, Evaluation, Objective as _};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::sets::Set;
use burstnet_sweep::spec::{RunSpec, Source};
use serde_json::{Map, json};

use crate::arguments::RunArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::models::allow_program;
use crate::terminal::say::{complain, say, say_json};
use crate::terminal::table;
use crate::text::{clean, count, short};

/// Runs the program once with the values in `base`, and shows the measures and curves that it gave.
pub(super) fn run(
    arguments: &RunArguments,
    source: &Source,
    sets: Vec<Set>,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    if let Some(option) = arguments.records.option().or(arguments.engine.as_ref().map(|_| "--engine")) {
        return Err(Failure::Input(format!(
            "{option}: the file names an external program, of which nothing but what it gives is known; expected a file \
             of the burst network"
        )));
    }
    let mut model = NamedModel::of_file(source, &sets, arguments.isa.isa()?)?;
    let NamedModel::Command(program) = &mut model else { return Ok(()) }; // the section model is there
    let spec = RunSpec::new(source, sets, program.schema())?;
    allow_program(program, source, &arguments.allow)?;
    let seed = arguments.seed.unwrap_or(spec.seed);
    let attempt = || Attempt::alone(seed);
    let command = program.command_line(&spec.configuration, &attempt()).map_err(Failure::Input)?;
    if !arguments.json {
        complain(&format!("runs {}", clean(&shell::line(&command))));
    }
    let deadline = Deadline::new(Instant::now(), None, interrupt.flag());
    let outcome = program.evaluate_attempt(&spec.configuration, attempt(), &deadline);
    match (outcome, interrupt.signal()) {
        (Ok((evaluation, _)), _) => show(arguments.json, &evaluation, seed, &command),
        (Err(_), Some(signal)) => Err(Failure::Interrupted(signal, "interrupted".into())),
        (Err(error), None) => match error.message(None) {
            Ok(message) => {
                if arguments.json {
                    let object = json!({ "seed": seed, "status": "failed", "command": command, "error": message });
                    say_json(&object.to_string())?;
                }
                Err(Failure::Trials(format!("the trial failed: {}", clean(&message))))
            }
            Err(error) => Err(Failure::Environment(error.to_string())),
        },
    }
}

fn show(as_json: bool, evaluation: &Evaluation, seed: u64, command: &[String]) -> Result<(), Failure> {
    let digest = evaluation.digest.map(|digest| hex(&digest));
    if as_json {
        let measures: Map<String, serde_json::Value> =
            evaluation.measures.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let point = |point: &CurvePoint| {
            let CurvePoint { layer, step, learning_steps, loss } = point;
            json!({ "layer": layer, "step": step, "learning_steps": learning_steps, "loss": loss })
        };
        let curves: Vec<_> = evaluation.curves.iter().map(point).collect();
        let status = if evaluation.diverged.is_some() { "diverged" } else { "ok" };
        let mut object = json!({ "seed": seed, "status": status, "command": command, "digest": digest });
        if let Some(reason) = &evaluation.diverged {
            object["error"] = json!(reason);
        }
        object["measures"] = measures.into();
        object["curves"] = curves.into();
        return say_json(&object.to_string());
    }
    let digest = digest.unwrap_or_default();
    if let Some(reason) = &evaluation.diverged {
        return say(&format!("seed {seed}: diverged ({})\ndigest {digest}", clean(reason)));
    }
    let row = |(name, value): &(String, Option<f64>)| vec![name.clone(), value.map_or("–".into(), short)];
    let rows: Vec<_> = evaluation.measures.iter().map(row).collect();
    let curves = curves(&evaluation.curves);
    say(&format!("seed {seed}\n{}{curves}\ndigest {digest}", table(&["measure", "value"], &rows, 1)))
}

/// Returns a line for the curve of each layer.
fn curves(points: &[CurvePoint]) -> String {
    let mut layers: Vec<u32> = points.iter().map(|point| point.layer).collect();
    layers.dedup();
    let line = |layer: u32| {
        let own: Vec<&CurvePoint> = points.iter().filter(|point| point.layer == layer).collect();
        let (first, last) = (own.first().map_or(0, |point| point.step), own.last().map_or(0, |point| point.step));
        let loss = own.iter().rev().find_map(|point| point.loss).map_or("–".into(), short);
        let points = count(own.len() as u64, "point", "points");
        format!("\ncurve of layer {layer}: {points}, steps {first} to {last}, last loss {loss}")
    };
    layers.into_iter().map(line).collect()
}
