//! One trial of a program: its folders, its arguments, and what its output says.

use std::io;
use std::path::{Path, PathBuf};

use burstnet_core::config::{Configuration, Value};

use super::folders::State;
use super::process::{Ending, Input, Start};
use super::program::{Holder, Program, Stdin};
use super::protocol::{Answer, request};
use super::reading::Lines;
use super::template::Given;
use super::{CommandModel, Launch};
use crate::files::watched::Watched;
use crate::limits::{LONGEST_FILLED, MOST_ARGUMENT_BYTES};
use crate::objective::{Attempt, Deadline, EnvironmentError, Evaluation, EvaluationError};

/// The arguments of a command, the name of the program first, and the environment variables that it gets.
type Filled = (Vec<String>, Vec<(String, String)>);

/// A trial that a worker evaluates.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) launch: &'a Launch,
    pub(super) configuration: &'a Configuration,
    pub(super) attempt: &'a Attempt,
}

/// The folders of a trial that its program asks for.
#[derive(Default)]
pub(super) struct Own {
    pub(super) dir: Option<PathBuf>,
    pub(super) state: Option<State>,
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
        let mut own = self.own_folders(configuration, attempt)?;
        let mut seat = self.seats.take();
        let outcome = if self.program.worker {
            self.serve(Job { launch, configuration, attempt }, &mut seat, &mut own, deadline)
        } else {
            self.run_in(launch, seat.slot(), &own, configuration, attempt, deadline)
        };
        drop(seat);
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

    /// Returns the folders that the program asks for, empty but for the state in which the trial goes on. A worker is told
    /// its folder in any case, and makes it itself unless files in it are read; it gets a state if the trial runs in parts.
    pub(super) fn own_folders(
        &self,
        configuration: &Configuration,
        attempt: &Attempt,
    ) -> Result<Own, EnvironmentError> {
        let Program { worker, budget, .. } = &self.program;
        let dir = match (self.uses_dir || self.program.reads_files(), worker) {
            (true, _) => Some(self.folders.of_trial(attempt.trial_id)?),
            (false, true) => Some(self.folders.place_of_trial(attempt.trial_id)?),
            (false, false) => None,
        };
        let uses_state = self.uses_state || *worker && budget.is_some() && attempt.part.is_some();
        let budget = attempt.part.as_ref().map_or(0, |_| self.budget(configuration));
        let state = uses_state.then(|| self.folders.state(attempt.trial_id, budget)).transpose()?;
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
        slot: u64,
        own: &Own,
        configuration: &Configuration,
        attempt: &Attempt,
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError> {
        let (arguments, environment) =
            self.filled(configuration, attempt, own, slot).map_err(EvaluationError::Failed)?;
        let (request, input) = match self.program.stdin {
            Stdin::Json => (request(configuration, attempt.seed, self.program.budget.as_deref()), Input::Once),
            Stdin::None => (Vec::new(), Input::None),
        };
        let Launch { executable, folder, .. } = launch;
        let start = Start { program: executable, arguments: &arguments, environment: &environment, folder, input };
        let (mut conversation, deadline) = start.when_there_is_room(deadline)?;
        let mut output = Output::of(self, None);
        let mut take = |bytes: &[u8]| {
            self.heard.take(bytes);
            output.take(bytes)
        };
        let held = conversation.hold(&request, &deadline, &mut take);
        let (ending, tail) = held.map_err(|error| launch.cannot_be_watched(&error))?;
        launch.unchanged()?; // a program may read its file while it runs
        match ending {
            Ending::Exited(status) if status.success() => {
                output.finish(self, own.dir.as_deref()).map_err(|problem| failed(problem, &tail))
            }
            Ending::Exited(status) => Err(failed(format!("the program ended with {status}"), &tail)),
            Ending::Refused(problem) => Err(failed(problem, &tail)),
            Ending::TimedOut => Err(timed_out(tail)),
            Ending::Answered => Err(failed("it answered as a worker does".into(), &tail)), // no output says so
        }
    }

    /// Returns the arguments and the environment variables with the values of a trial in the place of placeholders.
    ///
    /// # Errors
    /// With a message if a value cannot be written, or they are too long.
    pub(super) fn filled(
        &self,
        configuration: &Configuration,
        attempt: &Attempt,
        own: &Own,
        slot: u64,
    ) -> Result<Filled, String> {
        let path =
            |path: Option<&PathBuf>| Value::Text(path.map_or_else(String::new, |path| path.display().to_string()));
        let value_of = |name: &str| match Given::named(name) {
            Some(Given::Seed) => Value::Int(attempt.seed as i64),
            Some(Given::Trial) => Value::Int(attempt.trial_id as i64),
            Some(Given::Replicate) => Value::Int(attempt.replicate as i64),
            Some(Given::Dir) => path(own.dir.as_ref()),
            Some(Given::Slot) => Value::Int(slot as i64),
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
        self.filled(configuration, attempt, &Own { dir, state: None }, 0).map(|(arguments, _)| arguments)
    }
}

/// Returns the failure of a trial, with the end of its program's standard error.
pub(super) fn failed(problem: String, tail: &str) -> EvaluationError {
    EvaluationError::Failed(match tail {
        "" => problem,
        tail => format!("{problem}; its standard error ends: {tail}"),
    })
}

/// Returns the failure of a trial whose deadline passed, with the end of its program's standard error.
pub(super) fn timed_out(tail: String) -> EvaluationError {
    if tail.is_empty() { EvaluationError::TimedOut } else { EvaluationError::TimedOutSaying(tail) }
}

impl Launch {
    /// Returns the error of a system that does not let the program be watched.
    pub(super) fn cannot_be_watched(&self, error: &io::Error) -> EnvironmentError {
        EnvironmentError(format!("{}: cannot be watched: {error}", self.executable.display()))
    }

    /// Checks that the files of the command are those of the plan.
    pub(super) fn unchanged(&self) -> Result<(), EnvironmentError> {
        let changed = |file: &Watched, error: io::Error| format!("{}: {error}", file.name().escape_debug());
        self.files.iter().try_for_each(|file| file.check().map_err(|error| EnvironmentError(changed(file, error))))
    }
}

/// The output of a program so far, by the protocol or as its sources say.
pub(super) enum Output<'a> {
    Protocol(Answer<'a>),
    Read(Box<Lines<'a>>),
}

impl<'a> Output<'a> {
    /// Returns the empty output of a program, or of a worker with the number of its request.
    pub(super) fn of(model: &'a CommandModel, id: Option<u64>) -> Self {
        match model.sources.as_slice() {
            [] => Self::Protocol(Answer::new(&model.program.measures, id)),
            sources => Self::Read(Box::new(Lines::new(&model.program.measures, sources, id))),
        }
    }

    /// Takes the next part. Returns whether a worker's answer is complete with it.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<bool, String> {
        match self {
            Self::Protocol(answer) => answer.take(bytes),
            Self::Read(lines) => lines.take(bytes),
        }
    }

    /// Returns the reason for which a worker said that the trial failed.
    pub(super) fn failed(&mut self) -> Option<String> {
        match self {
            Self::Protocol(answer) => answer.failed(),
            Self::Read(lines) => lines.failed(),
        }
    }

    /// Returns the evaluation, once the program has ended successfully and written its files into `dir`.
    pub(super) fn finish(self, model: &CommandModel, dir: Option<&Path>) -> Result<Evaluation, String> {
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
