//! One trial of a program: its folders, its arguments, and what its output says.

use std::io;
use std::path::{Path, PathBuf};

use burstnet_core::config::{Configuration, Value};

use super::folders::State;
use super::process::{Ending, Start};
use super::program::{Holder, Stdin};
use super::protocol::{Answer, request};
use super::reading::Lines;
use super::template::Given;
use super::{CommandModel, Launch};
use crate::files::watched::Watched;
use crate::limits::{LONGEST_FILLED, MOST_ARGUMENT_BYTES};
use crate::objective::{Attempt, Deadline, EnvironmentError, Evaluation, EvaluationError};

/// The arguments of a command, the name of the program first, and the environment variables that it gets.
type Filled = (Vec<String>, Vec<(String, String)>);

/// The folders of a trial that its program asks for.
#[derive(Default)]
struct Own {
    dir: Option<PathBuf>,
    state: Option<State>,
}

impl CommandModel {
    /// Runs the program for a trial.
    pub(super) fn run(
        &self,
        configuration: &Configuration,
        attempt: &Attempt,
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError> {
        let Some(launch) = &self.launch else {
            return Err(EvaluationError::Failed("the program was not allowed to run".into()));
        };
        launch.unchanged()?;
        let own = self.own_folders(configuration, attempt)?;
        let outcome = self.run_in(launch, &own, configuration, attempt, deadline);
        let failed = match &outcome {
            Ok(_) => false,
            // What the environment did not let begin, or ended, is run again by the same command.
            Err(EvaluationError::Environment(_)) => return outcome,
            Err(EvaluationError::Failed(_) | EvaluationError::TimedOut | EvaluationError::TimedOutSaying(_)) => true,
        };
        if let Some(state) = &own.state {
            let kept = attempt.part.as_ref().filter(|part| part.keep).map(|_| self.budget(configuration));
            if failed { self.folders.forget_state(state) } else { self.folders.end_state(state, kept)? }
        }
        if own.dir.is_some() {
            self.folders.end_trial(attempt.trial_id, failed);
        }
        outcome
    }

    /// Returns the folders that the program asks for, empty but for the state in which the trial goes on.
    fn own_folders(&self, configuration: &Configuration, attempt: &Attempt) -> Result<Own, EnvironmentError> {
        let dir = self.uses_dir.then(|| self.folders.of_trial(attempt.trial_id)).transpose()?;
        let budget = attempt.part.as_ref().map_or(0, |_| self.budget(configuration));
        let state = self.uses_state.then(|| self.folders.state(attempt.trial_id, budget)).transpose()?;
        Ok(Own { dir, state })
    }

    /// Returns the part of the budget that a configuration gives.
    fn budget(&self, configuration: &Configuration) -> u64 {
        let value = self.program.budget.as_ref().and_then(|key| configuration.get(key).as_f64());
        value.map_or(0, |budget| budget as u64)
    }

    fn run_in(
        &self,
        launch: &Launch,
        own: &Own,
        configuration: &Configuration,
        attempt: &Attempt,
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError> {
        let (arguments, environment) = self.filled(configuration, attempt, own).map_err(EvaluationError::Failed)?;
        let input = match self.program.stdin {
            Stdin::Json => Some(request(configuration, attempt.seed, self.program.budget.as_deref())),
            Stdin::None => None,
        };
        let Launch { executable, folder, .. } = launch;
        let start = Start {
            program: executable,
            arguments: &arguments,
            environment: &environment,
            folder,
            has_input: input.is_some(),
        };
        let (conversation, deadline) = start.when_there_is_room(deadline)?;
        let mut output = Output::of(self);
        let (ending, tail) = conversation
            .hold(&input.unwrap_or_default(), &deadline, &mut |bytes| output.take(bytes))
            .map_err(|error| EnvironmentError(format!("{}: cannot be watched: {error}", executable.display())))?;
        launch.unchanged()?; // a program may read its file while it runs
        let failed = |problem: String| {
            EvaluationError::Failed(match tail.as_str() {
                "" => problem,
                tail => format!("{problem}; its standard error ends: {tail}"),
            })
        };
        match ending {
            Ending::Exited(status) if status.success() => output.finish(self, own.dir.as_deref()).map_err(failed),
            Ending::Exited(status) => Err(failed(format!("the program ended with {status}"))),
            Ending::Refused(problem) => Err(failed(problem)),
            Ending::TimedOut if tail.is_empty() => Err(EvaluationError::TimedOut),
            Ending::TimedOut => Err(EvaluationError::TimedOutSaying(tail)),
        }
    }

    /// Returns the arguments and the environment variables with the values of a trial in the place of placeholders.
    ///
    /// # Errors
    /// With a message if a value cannot be written, or they are too long.
    fn filled(&self, configuration: &Configuration, attempt: &Attempt, own: &Own) -> Result<Filled, String> {
        let path =
            |path: Option<&PathBuf>| Value::Text(path.map_or_else(String::new, |path| path.display().to_string()));
        let value_of = |name: &str| match Given::named(name) {
            Some(Given::Seed) => Value::Int(attempt.seed as i64),
            Some(Given::Trial) => Value::Int(attempt.trial_id as i64),
            Some(Given::Replicate) => Value::Int(attempt.replicate as i64),
            Some(Given::Dir) => path(own.dir.as_ref()),
            Some(Given::State) => path(own.state.as_ref().map(|state| &state.path)),
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

    /// Returns the arguments of the program for a trial, the name of the program first, as it would be started.
    ///
    /// # Errors
    /// With a message if a value cannot be written, or they are too long.
    pub fn command_line(&self, configuration: &Configuration, attempt: &Attempt) -> Result<Vec<String>, String> {
        let dir = self.uses_dir.then(|| self.folders.path_of_trial(attempt.trial_id)).flatten();
        self.filled(configuration, attempt, &Own { dir, state: None }).map(|(arguments, _)| arguments)
    }
}

impl Launch {
    /// Checks that the files of the command are those of the plan.
    fn unchanged(&self) -> Result<(), EnvironmentError> {
        let changed = |file: &Watched, error: io::Error| format!("{}: {error}", file.name().escape_debug());
        self.files.iter().try_for_each(|file| file.check().map_err(|error| EnvironmentError(changed(file, error))))
    }
}

/// The output of a program so far, by the protocol or as its sources say.
enum Output<'a> {
    Protocol(Answer<'a>),
    Read(Box<Lines<'a>>),
}

impl<'a> Output<'a> {
    fn of(model: &'a CommandModel) -> Self {
        match model.sources.as_slice() {
            [] => Self::Protocol(Answer::new(&model.program.measures)),
            sources => Self::Read(Box::new(Lines::new(&model.program.measures, sources))),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        match self {
            Self::Protocol(answer) => answer.take(bytes),
            Self::Read(lines) => lines.take(bytes),
        }
    }

    /// Returns the evaluation, once the program has ended successfully and written its files into `dir`.
    fn finish(self, model: &CommandModel, dir: Option<&Path>) -> Result<Evaluation, String> {
        let mut lines = match self {
            Self::Protocol(answer) => return answer.finish(),
            Self::Read(lines) => lines,
        };
        lines.end()?;
        if let Some(dir) = dir {
            for (at, source) in model.sources.iter().enumerate() {
                source.read_file(at, dir, &mut lines.found)?;
            }
        }
        lines.finish()
    }
}
