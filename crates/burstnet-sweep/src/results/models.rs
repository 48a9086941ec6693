//! The choice of the model for a sweep file or a results directory.

use std::path::Path;

use burstnet_core::config::Configuration;
use burstnet_core::engine::Isa;
use serde::Deserialize;

use crate::objective::Objective;
use crate::objective::burst::BurstNetwork;
use crate::objective::external::CommandModel;
use crate::objective::external::program::Program;
use crate::plan::plan_file::{self, PLAN_FILE};
use crate::plan::program_keys::command_of_plan;
use crate::results::stored_plan::read_plan;
use crate::results::study_error::StudyError;
use crate::space::Dimension;
use crate::spec::model::ModelSection;
use crate::spec::place::SpecError;
use crate::spec::sets::Set;
use crate::spec::{Source, program_keys};

/// A model that a sweep can use.
pub enum NamedModel {
    /// The built-in model.
    Burst(BurstNetwork),
    /// An external program.
    Command(CommandModel),
}

impl NamedModel {
    /// Returns the model that a sweep file names, with `--set` applied. The default is the burst network, computed with
    /// these instructions.
    ///
    /// # Errors
    /// If the file's description of an external program is invalid.
    pub fn of_file(source: &Source, sets: &[Set], isa: Isa) -> Result<Self, SpecError> {
        let source = source.with_sets(sets)?;
        match source.model()? {
            None => Ok(Self::Burst(BurstNetwork::with(isa))),
            Some(section) => command_of_file(&source, &section).map(Self::Command),
        }
    }

    /// Returns the model whose results are in the directory `results`.
    ///
    /// # Errors
    /// If it is not a results directory, or the model in its plan is invalid.
    pub fn of_results(results: &Path, isa: Isa) -> Result<Self, StudyError> {
        let json = read_plan(results)?;
        let model = Self::of_plan(&json, isa);
        model.map_err(StudyError::plan(&results.join(PLAN_FILE)))
    }

    /// Returns the model of a plan, read from the text of `plan.json`.
    ///
    /// # Errors
    /// With a message if the plan cannot be read or its model is invalid.
    pub fn of_plan(json: &str, isa: Isa) -> Result<Self, String> {
        let head: Head = plan_file::parse(json).map_err(plan_file::shown)?;
        match head.model {
            None => Ok(Self::Burst(BurstNetwork::with(isa))),
            Some(program) => {
                let model = command_of_plan(program, &head.base, [&head.space, &head.per_replicate])
                    .map_err(plan_file::shown)?;
                Ok(Self::Command(model))
            }
        }
    }

    /// Returns the model as an objective.
    pub fn objective(&self) -> &dyn Objective {
        match self {
            Self::Burst(network) => network,
            Self::Command(model) => model,
        }
    }
}

/// Returns the external program that a sweep file describes. Its keys are those of `base`, `search.space` and
/// `search.per_replicate`.
pub(crate) fn command_of_file(source: &Source, section: &ModelSection) -> Result<CommandModel, SpecError> {
    let schema = program_keys::of_file(source)?;
    let mut program = section.program.clone();
    program.hash_files(source.folder()).map_err(|(argument, error)| {
        SpecError::new(section.place(), format!("model.command names {argument}: {error}"))
    })?;
    CommandModel::new(program, schema).map_err(|problem| {
        SpecError::new(section.place_of_budget(), problem).expected("the name of a key that holds integers")
    })
}

/// The parts of `plan.json` that determine the model.
#[derive(Deserialize)]
struct Head {
    base: Configuration,
    space: Vec<Dimension>,
    #[serde(default)]
    per_replicate: Vec<Dimension>,
    #[serde(default)]
    model: Option<Program>,
}
