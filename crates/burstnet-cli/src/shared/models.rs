//! The model of a sweep file or a results directory, and whether it may run. Programs of other people do so only when
//! the command line says so.

use std::path::{Path, PathBuf};

use burstnet_report::shell;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::objective::external::folders::Folders;
use burstnet_sweep::objective::external::{CommandModel, LaunchError};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::program_folder;
use burstnet_sweep::results::study::{Study, StudyError};
use burstnet_sweep::spec::place::{Place, SpecError};
use burstnet_sweep::spec::{Source, SweepSpec};

use crate::arguments::AllowArguments;
use crate::failure::Failure;
use crate::process::host;
use crate::text::clean;

/// Allows the model of a sweep file to run, if it has to be allowed: its program runs in the file's folder.
pub(crate) fn allow(
    model: &mut NamedModel,
    spec: &SweepSpec,
    folder: &Path,
    arguments: &AllowArguments,
) -> Result<(), Failure> {
    match (model, &spec.model) {
        (NamedModel::Command(model), Some(section)) => launch(model, section.place(), folder, arguments),
        _built_in => Ok(()),
    }
}

/// Allows the program of a file to run in the file's folder.
pub(crate) fn allow_program(
    model: &mut CommandModel,
    source: &Source,
    arguments: &AllowArguments,
) -> Result<(), Failure> {
    match source.model()? {
        Some(section) => launch(model, section.place(), source.folder(), arguments),
        None => Ok(()),
    }
}

/// Allows the model of a results directory to run, if it has to be allowed: its program runs in the folder that the
/// directory names, which is returned.
pub(crate) fn allow_again(
    model: &mut NamedModel,
    results: &Path,
    arguments: &AllowArguments,
) -> Result<Option<PathBuf>, Failure> {
    let NamedModel::Command(model) = model else { return Ok(None) };
    let folder = program_folder::noted(results).map_err(|error| match error {
        StudyError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Failure::Environment(format!(
                "{}: does not exist, expected the folder in which {} runs; `burstnet sweep` with the sweep file notes it",
                results.join(program_folder::FILE).display(),
                shown(model)
            ))
        }
        other => other.into(),
    })?;
    launch(model, &program_folder::command_place(results), &folder, arguments)?;
    Ok(Some(folder))
}

/// Gives the trials of a program their folders.
pub(crate) fn use_folders(model: &mut NamedModel, folders: Folders) {
    if let NamedModel::Command(model) = model {
        model.use_folders(folders);
    }
}

/// Keeps what the program of a model prints.
pub(crate) fn keep_output(model: &mut NamedModel) {
    if let NamedModel::Command(model) = model {
        model.keep_output();
    }
}

/// Sets the number of trials after which the workers of a program are started anew.
pub(crate) fn restart_workers_after(model: &mut NamedModel, trials: Option<u64>) {
    if let NamedModel::Command(model) = model {
        model.restart_workers_after(trials);
    }
}

/// Removes the states in which the trials of a sweep went on, once it is complete.
pub(crate) fn end_states(model: &NamedModel, results: &Path) {
    if let NamedModel::Command(_) = model {
        Folders::beside(results, false).end_all_states();
    }
}

/// Notes in a results directory where its program runs.
pub(crate) fn note(model: &NamedModel, study: &Study, folder: &Path) -> Result<(), Failure> {
    match model {
        NamedModel::Burst(_) => Ok(()),
        NamedModel::Command(_) => Ok(program_folder::note(study, folder)?),
    }
}

/// Returns the built-in network, for what only it can do; else a message that says so of `what`, for a directory's
/// results.
pub(crate) fn built_in<'a>(model: &'a NamedModel, results: &Path, what: &str) -> Result<&'a BurstNetwork, Failure> {
    match model {
        NamedModel::Burst(network) => Ok(network),
        NamedModel::Command(model) => Err(Failure::Input(format!(
            "{what}: the trials of {} are of an external program, {}, of which nothing but what it prints is known; \
             expected results of the burst network",
            results.display(),
            shown(model)
        ))),
    }
}

fn launch(model: &mut CommandModel, place: &Place, folder: &Path, arguments: &AllowArguments) -> Result<(), Failure> {
    if !arguments.allow_command {
        let folder = clean(&folder.to_string_lossy());
        let problem = format!("model.command would run {} in {folder} for every trial", shown(model));
        let error = SpecError::new(place, problem);
        return Err(error.expected("--allow-command on the command line if you trust it").into());
    }
    model.allow(folder).map_err(|error| match error {
        LaunchError::Missing { .. } => SpecError::new(place, error.to_string()).into(),
        LaunchError::Folder { .. } | LaunchError::Changed { .. } => Failure::Environment(error.to_string()),
    })?;
    if let Some(interpreter) = host::interpreter() {
        model.run_by(interpreter);
    }
    Ok(())
}

/// Returns the command as a shell would take it, on one line.
fn shown(model: &CommandModel) -> String {
    format!("`{}`", clean(&shell::line(&model.program().command)))
}
