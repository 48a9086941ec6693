//! Outputs of a run: never over something else without `--force`, never into a results directory, and whole or not
//! at all.

use std::path::{Path, PathBuf};

use burstnet_core::config::{Configuration, Engine, RunConfig, Value};
use burstnet_core::inputs::OpenedFiles;
use burstnet_core::run::RunResult;
use burstnet_report::tables::trace::{Chosen, Precision, Sizes, Trace, Wanted};
use burstnet_sweep::files::disk::{Disk as _, SystemDisk};
use burstnet_sweep::results::study::PLAN_FILE;
use tempfile::TempDir;

use crate::arguments::RecordArguments;
use crate::failure::Failure;
use crate::terminal::say::complain;

/// The outputs of a run, checked and started before it.
pub(crate) struct Outputs {
    pub(crate) trace: Option<Trace>,
    weights: Option<(PathBuf, TempDir)>,
}

impl Outputs {
    /// Checks what is asked for, for a run of this configuration.
    pub(crate) fn start(arguments: &RecordArguments, configuration: &Configuration) -> Result<Self, Failure> {
        let layers = &layers(configuration)[..];
        if let Some(path) = &arguments.trace {
            check_file("--trace", path, arguments.force)?;
        }
        if let Some(path) = &arguments.save_weights {
            guard(path)?;
        }
        if arguments.trace.is_some() && arguments.trace == arguments.save_weights {
            return Err(Failure::Input("--trace and --save-weights name the same path, expected two paths".into()));
        }
        if arguments.trace.is_none() && arguments.steps.is_given() {
            return Err(Failure::Input("steps of a trace are chosen, expected --trace FILE too".into()));
        }
        let chosen =
            arguments.trace.as_ref().map(|_| chosen(&arguments.steps.wanted(&arguments.trace_units), configuration));
        let chosen = chosen.transpose()?;
        let no_folder = |path: &Path| path.symlink_metadata().is_ok() && !path.is_dir();
        if let Some(folder) = arguments.save_weights.as_ref().filter(|path| no_folder(path)) {
            return Err(Failure::Input(format!("--save-weights {}: exists and is not a folder", folder.display())));
        }
        if let Some(folder) = &arguments.save_weights {
            let taken = std::fs::read_dir(folder).is_ok_and(|mut held| held.next().is_some());
            if taken && !arguments.force {
                return Err(exists("--save-weights", folder));
            }
        }
        let weights = arguments.save_weights.as_ref().map(|folder| {
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let beside = tempfile::Builder::new().prefix(".writing-").tempdir_in(parent);
            beside.map(|beside| (folder.clone(), beside)).map_err(Failure::at(folder))
        });
        let outputs = layers[layers.len() - 1];
        let create = |(path, chosen)| Trace::create(path, outputs, chosen, precision(configuration));
        let trace = arguments.trace.as_deref().zip(chosen).map(create);
        Ok(Self { trace: trace.transpose()?, weights: weights.transpose()? })
    }

    /// Gives the outputs their names.
    pub(crate) fn finish(self, result: &RunResult) -> Result<(), Failure> {
        if let Some(trace) = self.trace
            && trace.finish()? == 0
        {
            complain("the run ended before the steps that were chosen: the trace has none");
        }
        let Some((folder, beside)) = self.weights else { return Ok(()) };
        result.weights().save(beside.path()).map_err(|error| Failure::Environment(error.to_string()))?;
        let place = || -> std::io::Result<()> {
            std::fs::create_dir_all(&folder)?;
            for entry in std::fs::read_dir(beside.path())? {
                let entry = entry?;
                std::fs::rename(entry.path(), folder.join(entry.file_name()))?;
            }
            SystemDisk.sync_folder(&folder)
        };
        place().map_err(Failure::at(&folder))
    }
}

/// Reads which steps and quantities of a run of this configuration a trace is to have.
pub(crate) fn chosen(wanted: &Wanted, configuration: &Configuration) -> Result<Chosen, Failure> {
    let layers = layers(configuration);
    let config = RunConfig::from_values(configuration).map_err(|error| Failure::Input(error.to_string()))?;
    let opened = OpenedFiles::new(&config).map_err(|error| Failure::Input(error.to_string()))?;
    let sizes = Sizes { layers, epochs: config.training.epochs, steps: opened.steps() };
    Chosen::read(wanted, &sizes).map_err(|error| Failure::Input(error.to_string()))
}

/// Returns the precision of the engine of a configuration.
pub(crate) fn precision(configuration: &Configuration) -> Precision {
    let engine = configuration.get("training.engine").as_text().and_then(|word| word.parse().ok());
    match engine.unwrap_or(Engine::Fast) {
        Engine::Reference => Precision::Double,
        Engine::Fast => Precision::Single,
    }
}

/// Checks that the file that `option` names may be written: outside of results directories, and over another file only
/// by force.
pub(crate) fn check_file(option: &str, path: &Path, force: bool) -> Result<(), Failure> {
    guard(path)?;
    match path.symlink_metadata() {
        Ok(_) if !force => Err(exists(option, path)),
        Ok(held) if !held.is_file() => {
            Err(Failure::Input(format!("{option} {}: exists and is not a regular file", path.display())))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Refuses paths inside a results directory.
pub(crate) fn guard(path: &Path) -> Result<(), Failure> {
    let absolute = std::path::absolute(path).map_err(Failure::at(path))?;
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let start = absolute.parent().map(real).unwrap_or_default();
    let own = absolute.is_dir().then(|| real(&absolute));
    let inside = own
        .iter()
        .flat_map(|own| own.ancestors())
        .chain(start.ancestors())
        .find(|folder| folder.join(PLAN_FILE).exists());
    match inside {
        None => Ok(()),
        Some(results) => Err(Failure::Input(format!(
            "{}: lies in the results directory {}, expected a path outside",
            path.display(),
            results.display()
        ))),
    }
}

/// Returns the layers of a configuration.
pub(crate) fn layers(configuration: &Configuration) -> Vec<usize> {
    let sizes = configuration.get("network.layers").as_list().unwrap_or_default();
    sizes.iter().filter_map(Value::as_f64).map(|units| units as usize).collect()
}

fn exists(option: &str, path: &Path) -> Failure {
    Failure::Input(format!("{option} {}: exists already, expected a new name, or --force", path.display()))
}
