//! External programs as models: one process per trial, which reads a configuration and prints measures.
//!
//! `docs/external-programs.md` describes the protocol between the two.

mod groups;
mod process;
pub mod program;
mod protocol;
mod start;
pub(crate) mod template;

use std::io;
use std::path::{Path, PathBuf};

use burstnet_core::config::{Configuration, Kind, Schema, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_core::text::cut;

pub use groups::{end_all, end_all_at_hand};
use process::Ending;
use program::{Holder, Program, Stdin};
use protocol::{Answer, request};
use start::Start;
use template::{Given, Template, TemplateError};

use crate::files::watched::Watched;
use crate::limits::{LONGEST_FILLED, MOST_ARGUMENT_BYTES};
use crate::objective::any_checkpoint::AnyCheckpoint;
use crate::objective::{Attempt, Deadline, EnvironmentError, Evaluation, EvaluationError, Objective};

/// The version of the input of programs and of the interpretation of their output.
pub const BITS_VERSION: u32 = 1;

/// An external program as a model. It runs nothing until it is allowed to.
pub struct CommandModel {
    schema: Schema,
    program: Program,
    /// The arguments and the environment variables, with placeholders.
    templates: Vec<(Holder, Template)>,
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
        let model = Self { schema, program, templates, launch: None };
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
        let watch = |file: &crate::files::hashed::HashedFile| {
            let path = folder.join(&file.name);
            Watched::new(path.clone(), file).map_err(|error| LaunchError::Changed { path, problem: error.to_string() })
        };
        let files = self.program.files.iter().map(watch).collect::<Result<_, _>>()?;
        self.launch = Some(Launch { executable, folder, files });
        Ok(())
    }
}

/// The arguments of a command, and the environment variables that it gets.
type Filled = (Vec<String>, Vec<(String, String)>);

impl CommandModel {
    /// Returns the arguments and the environment variables with the values of a trial in the place of placeholders.
    ///
    /// # Errors
    /// With a message if a value cannot be written, or they are too long.
    fn filled(&self, configuration: &Configuration, attempt: &Attempt) -> Result<Filled, String> {
        let value_of = |name: &str| match Given::named(name) {
            Some(Given::Seed) => Value::Int(attempt.seed as i64),
            Some(Given::Trial) => Value::Int(attempt.trial_id as i64),
            Some(Given::Replicate) => Value::Int(attempt.replicate as i64),
            None => configuration.get(name).clone(),
        };
        let (mut arguments, mut environment, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
        for (holder, template) in &self.templates {
            for text in template.fill(&value_of)? {
                bytes += text.len() + 16; // with its end and a pointer to it
                if text.len() > LONGEST_FILLED || bytes > MOST_ARGUMENT_BYTES {
                    let most = if text.len() > LONGEST_FILLED { LONGEST_FILLED } else { MOST_ARGUMENT_BYTES };
                    return Err(format!(
                        "model.{holder} would be too long, expected at most {most} bytes with the values of the trial"
                    ));
                }
                match holder {
                    Holder::Argument(_) => arguments.push(text),
                    Holder::Variable(name) => environment.push((name.clone(), text)),
                }
            }
        }
        Ok((arguments, environment))
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

    fn evaluate(
        &self,
        configuration: &Configuration,
        seed: u64,
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError> {
        self.evaluate_attempt(configuration, Attempt::alone(seed), deadline).map(|(evaluation, _)| evaluation)
    }

    fn evaluate_attempt(
        &self,
        configuration: &Configuration,
        attempt: Attempt,
        deadline: &Deadline<'_>,
    ) -> Result<(Evaluation, Option<AnyCheckpoint>), EvaluationError> {
        let Some(Launch { executable, folder, files }) = &self.launch else {
            return Err(EvaluationError::Failed("the program was not allowed to run".into()));
        };
        let unchanged = || {
            let changed = |file: &Watched, error: io::Error| format!("{}: {error}", file.name().escape_debug());
            files.iter().try_for_each(|file| file.check().map_err(|error| EnvironmentError(changed(file, error))))
        };
        unchanged()?;
        let (arguments, environment) = self.filled(configuration, &attempt).map_err(EvaluationError::Failed)?;
        let input = match self.program.stdin {
            Stdin::Json => Some(request(configuration, attempt.seed, self.budget_key())),
            Stdin::None => None,
        };
        let start = Start {
            program: executable,
            arguments: &arguments,
            environment: &environment,
            folder,
            has_input: input.is_some(),
        };
        let (conversation, deadline) = start.when_there_is_room(deadline)?;
        let mut answer = Answer::new(&self.program.measures);
        let (ending, tail) = conversation
            .hold(&input.unwrap_or_default(), &deadline, &mut |bytes| answer.take(bytes))
            .map_err(|error| EnvironmentError(format!("{}: cannot be watched: {error}", executable.display())))?;
        unchanged()?; // a program may read its file while it runs
        let with_tail = |problem: String| match tail.as_str() {
            "" => problem,
            tail => format!("{problem}; its standard error ends: {tail}"),
        };
        match ending {
            Ending::Exited(status) if status.success() => {
                let evaluation = answer.finish().map_err(|problem| EvaluationError::Failed(with_tail(problem)))?;
                Ok((evaluation, None))
            }
            Ending::Exited(status) => {
                Err(EvaluationError::Failed(with_tail(format!("the program ended with {status}"))))
            }
            Ending::Refused(problem) => Err(EvaluationError::Failed(with_tail(problem))),
            Ending::TimedOut if tail.is_empty() => Err(EvaluationError::TimedOut),
            Ending::TimedOut => Err(EvaluationError::TimedOutSaying(tail)),
        }
    }

    fn program(&self) -> Option<&Program> {
        Some(&self.program)
    }

    fn budget_key(&self) -> Option<&str> {
        self.program.budget.as_deref()
    }
}

#[cfg(test)]
mod tests;
