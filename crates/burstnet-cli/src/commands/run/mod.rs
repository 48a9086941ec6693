//! `burstnet run`: one training run.

mod program;

use burstnet_core::config::keys;
use burstnet_core::digest::hex;
use burstnet_core::measures;
use burstnet_core::run::RunResult;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::spec::RunSpec;
use burstnet_sweep::spec::settings::place_error;
use serde_json::{Map, json};

use crate::arguments::RunArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::process::memory;
use crate::shared::outputs::Outputs;
use crate::shared::planned::source;
use crate::shared::run_file::{read_sets, resolved};
use crate::shared::training::observed;
use crate::terminal::say::{say, say_json};
use crate::terminal::table;
use crate::text::short;

/// Trains once and prints the measures.
pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let source = source(&arguments.config)?;
    let sets = read_sets(&arguments.sets, arguments.engine.as_deref())?;
    if source.model()?.is_some() {
        return program::run(arguments, &source, sets, &interrupt);
    }
    let spec = RunSpec::new(&source, sets, &keys::schema())?;
    let seed = arguments.seed.unwrap_or(spec.seed);
    let configuration = resolved(&spec, &keys::schema());
    let network = BurstNetwork::with(arguments.isa.isa()?);
    let placed = |error| place_error(&error, &spec.settings, &source.place());
    network.check(&configuration).map_err(placed)?;
    memory::check(&|key| vec![configuration.get(key).clone()])?;
    network.check_files(&configuration).map_err(placed)?;
    let mut outputs = Outputs::start(&arguments.records, &configuration)?;
    let result = observed(&network, &configuration, seed, &mut outputs, &interrupt)?;
    outputs.finish(&result)?;
    if arguments.json { say_json(&json_object(&result, seed).to_string()) } else { say(&for_people(&result, seed)) }
}

/// Returns `seed`, `status`, `digest` and the measures by their column names.
pub(crate) fn json_object(result: &RunResult, seed: u64) -> serde_json::Value {
    let mut object = Map::new();
    object.insert("seed".into(), json!(seed));
    object.insert("status".into(), json!(if result.divergence.is_some() { "diverged" } else { "ok" }));
    if let Some(divergence) = result.divergence {
        object.insert("error".into(), json!(divergence.to_string()));
    }
    object.insert("digest".into(), json!(hex(&result.digest)));
    for (name, value) in &result.measures {
        object.insert(name.clone(), json!(value));
    }
    serde_json::Value::Object(object)
}

fn for_people(result: &RunResult, seed: u64) -> String {
    if let Some(divergence) = result.divergence {
        return format!("seed {seed}: diverged ({divergence})\ndigest {}", hex(&result.digest));
    }
    let infos = measures::all(result.measures.len(), result.measures.len());
    let row = |(name, value): &(String, Option<f64>)| {
        let info = infos.iter().find(|info| info.name == *name)?;
        Some(vec![name.clone(), value.map(short)?, info.unit.to_owned()])
    };
    let rows: Vec<_> = result.measures.iter().filter_map(row).collect();
    format!("seed {seed}\n{}\ndigest {}", table(&["measure", "value", "unit"], &rows, 1), hex(&result.digest))
}
