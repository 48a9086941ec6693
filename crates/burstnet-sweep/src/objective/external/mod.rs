//! External programs as models: one process per trial, which reads a configuration and prints measures, or workers that
//! serve trial after trial.
//!
//! `docs/external-programs.md` describes the protocol between the two.

pub mod folders;
mod groups;
mod heard;
mod process;
pub mod program;
mod protocol;
pub mod reading;
mod seats;
mod serve;
mod start;
mod stuck;
pub(crate) mod template;
mod trial;
mod worker;

use std::io;
use std::path::{Path, PathBuf};

use burstnet_core::config::{Configuration, Kind, Schema, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_core::text::{cut, quoted};

use folders::Folders;
pub use groups::{end_all, end_all_at_hand};
use heard::Heard;
use program::{Holder, Program};
use reading::{ReadingError, Source};
use seats::Seats;
use template::{Given, Template, TemplateError};

use crate::files::watched::Watched;
use crate::nearest::nearest;
use crate::objective::{Attempt, Deadline, Evaluated, EvaluatedOn, Objective};

/// The version of the input of programs and of the interpretation of their output.
pub const BITS_VERSION: u32 = 1;

/// An external program as a model. It runs nothing until it is allowed to.
pub struct CommandModel {
    schema: Schema,
    program: Program,
    /// The arguments and the environment variables, with placeholders.
    templates: Vec<(Holder, Template)>,
    /// The sources of measures and curves, if the program does not print them by the protocol.
    sources: Vec<Source>,
    /// The folders of its trials, and whether the program asks for them.
    folders: Folders,
    uses_dir: bool,
    uses_state: bool,
    /// The seats of trials that run at the same time, with the workers of a program that stays.
    seats: Seats,
    /// The number of trials after which a worker is started anew.
    restart_after: Option<u64>,
    heard: Heard,
    launch: Option<Launch>,
}

/// The data needed to run a program.
struct Launch {
    executable: PathBuf,
    folder: PathBuf,
    files: Vec<Watched>,
}

/// An error that keeps a program from being run.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// Its folder cannot be used.
    #[error("{}: {source}, expected the folder in which {command} runs", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The command.
        command: String,
        /// The cause.
        source: io::Error,
    },
    /// There is no such program.
    #[error("{problem}")]
    Missing {
        /// The program that was searched for, and the places searched.
        problem: String,
    },
    /// A file of the command differs from the one in the plan.
    #[error("{}: {problem}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The difference.
        problem: String,
    },
}

impl CommandModel {
    /// Returns the model of a program with these keys.
    ///
    /// # Errors
    /// With a message if the key of its budget is not an integer key.
    pub(crate) fn new(program: Program, schema: Schema) -> Result<Self, String> {
        let wrong = |(holder, error): (Holder, TemplateError)| format!("model.{holder}: {}", error.problem);
        let templates = program.templates().map_err(wrong)?;
        let wrong = |(at, error): (usize, ReadingError)| format!("model.read[{at}]: {error}");
        let sources = reading::sources(&program.read, &program.measures).map_err(wrong)?;
        let (uses_dir, uses_state) = (program.names(Given::Dir), program.names(Given::State));
        let folders = Folders::default();
        let (seats, restart_after) = (Seats::default(), None);
        let model = Self {
            schema,
            program,
            templates,
            sources,
            folders,
            uses_dir,
            uses_state,
            seats,
            restart_after,
            heard: Heard::default(),
            launch: None,
        };
        model.check_budget().map(|()| model)
    }

    fn check_budget(&self) -> Result<(), String> {
        let Some(name) = &self.program.budget else { return Ok(()) };
        match self.schema.key(name) {
            Some(key) if matches!(key.kind, Kind::Integer { .. }) => Ok(()),
            Some(key) => Err(format!("model.budget is '{name}', which holds {}", key.kind.expected())),
            None => Err(format!("model.budget is {:?}, which is not a key", cut(name, 80))),
        }
    }

    /// Sets the folders of its trials. By default they are temporary.
    pub fn use_folders(&mut self, folders: Folders) {
        self.folders = folders;
    }

    /// Sets the number of trials after which a worker is started anew. By default it stays for as many as there are.
    pub fn restart_workers_after(&mut self, trials: Option<u64>) {
        self.restart_after = trials;
    }

    /// Lets it keep the beginning of what its program prints on its standard output.
    pub fn keep_output(&mut self) {
        self.heard.keep();
    }

    /// Returns what the program has printed since the last call, at most [`MOST_OUTPUT_KEPT`] bytes of it.
    ///
    /// [`MOST_OUTPUT_KEPT`]: crate::limits::MOST_OUTPUT_KEPT
    pub fn output(&self) -> Vec<u8> {
        self.heard.all()
    }

    /// Returns the program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Allows it to run its program in `folder`, after checking that the program is there and is the planned one.
    ///
    /// # Errors
    /// If the program is missing or differs.
    pub fn allow(&mut self, folder: &Path) -> Result<(), LaunchError> {
        let command = &self.program.command;
        let name = self.program.name().unwrap_or_default();
        let unusable = |source| LaunchError::Folder {
            folder: folder.to_owned(),
            command: command.join(" ").escape_debug().to_string(),
            source,
        };
        let folder = folder.canonicalize().map_err(unusable)?;
        std::fs::read_dir(&folder).map_err(unusable)?;
        let executable = self.program.find(&folder).ok_or_else(|| LaunchError::Missing {
            problem: format!(
                "no program {} was found, expected an executable file {}",
                name.escape_debug(),
                if name.contains('/') {
                    format!("at this path, which starts at {}", folder.display())
                } else {
                    "of this name in a folder of PATH".to_owned()
                }
            ),
        })?;
        if let Some(script) = self.program.missing_script(&folder) {
            let names = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
            let names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
            let near = nearest(&script, names.iter().map(String::as_str));
            return Err(LaunchError::Missing {
                problem: format!(
                    "no file {} is in {}, expected the script that {} runs{}",
                    quoted(&script),
                    folder.display(),
                    name.escape_debug(),
                    near.map(|near| format!(" (did you mean '{near}'?)")).unwrap_or_default()
                ),
            });
        }
        let watch = |file: &crate::files::hashed::HashedFile| {
            let path = folder.join(&file.name);
            Watched::new(path.clone(), file).map_err(|error| LaunchError::Changed { path, problem: error.to_string() })
        };
        let files = self.program.files.iter().map(watch).collect::<Result<_, _>>()?;
        self.launch = Some(Launch { executable, folder, files });
        Ok(())
    }

    /// Runs another executable in place of the command's first word, for a caller that knows the interpreter. It has to be
    /// allowed before.
    pub fn run_by(&mut self, executable: PathBuf) {
        if let (Some(launch), Some((_, name))) = (&mut self.launch, self.templates.first_mut()) {
            *name = Template::literal(&executable.to_string_lossy()); // Python finds its packages by its own name
            launch.executable = executable;
        }
    }
}

impl Objective for CommandModel {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        BITS_VERSION
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        let info = |name: &String| MeasureInfo::new(name, "", "A measure of the external program.");
        self.program.measures.iter().map(info).collect()
    }

    fn evaluate(&self, configuration: &Configuration, seed: u64, deadline: &Deadline<'_>) -> Evaluated {
        self.evaluate_attempt(configuration, Attempt::alone(seed), deadline).map(|(evaluation, _)| evaluation)
    }

    fn evaluate_attempt(
        &self,
        configuration: &Configuration,
        attempt: Attempt,
        deadline: &Deadline<'_>,
    ) -> EvaluatedOn {
        self.run(configuration, &attempt, deadline).map(|evaluation| (evaluation, None))
    }

    fn program(&self) -> Option<&Program> {
        Some(&self.program)
    }

    fn budget_key(&self) -> Option<&str> {
        self.program.budget.as_deref()
    }

    fn rest(&self) {
        self.seats.end();
    }
}

#[cfg(test)]
mod tests;
