//! A trial's configuration with other values.

use std::path::Path;

use burstnet_core::config::Configuration;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::sets::Set;
use burstnet_sweep::spec::settings::place_error;
use burstnet_sweep::spec::{RunSpec, Source};

use super::run_file::{resolved, run_file};
use crate::failure::Failure;
use crate::process::memory;

/// Returns the configuration of a trial, with the values that the command line gives.
pub(crate) fn changed(
    model: &NamedModel,
    held: &Configuration,
    seed: u64,
    sets: Vec<Set>,
) -> Result<Configuration, Failure> {
    if sets.is_empty() {
        return Ok(held.clone());
    }
    let schema = model.objective().schema();
    let file =
        run_file(schema, held, seed).map_err(|error| Failure::Environment(format!("cannot write YAML: {error}")))?;
    let source = Source::parse(Path::new("the recorded trial"), file)?;
    let spec = RunSpec::new(&source, sets, schema)?;
    if spec.seed != seed {
        return Err(Failure::Input(
            "--set seed: a rerun keeps the seed of its trial; `burstnet run` takes --seed".into(),
        ));
    }
    let mut configuration = held.clone();
    // Values that are not set stay as they were recorded, paths too.
    let given = resolved(&spec, schema);
    let set = spec.settings.iter().filter(|setting| spec.configuration.get(&setting.key) != held.get(&setting.key));
    set.for_each(|setting| configuration.set(&setting.key, given.get(&setting.key).clone()));
    if let NamedModel::Burst(network) = model {
        let placed = |error| place_error(&error, &spec.settings, &source.place());
        network.check(&configuration).map_err(placed)?;
        memory::check(&|key| vec![configuration.get(key).clone()])?;
        network.check_files(&configuration).map_err(placed)?;
    }
    Ok(configuration)
}
