//! What a sweep evaluates: a model that turns a configuration and a seed into measures.

pub mod burst;
pub mod checkpoints;
pub mod external;
pub(crate) mod made_once;
pub mod panics;
pub mod threads;
pub mod typed;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burstnet_core::config::{ConfigError, Configuration, Schema, Value};
use burstnet_core::curves::CurvePoint;
use burstnet_core::measures::MeasureInfo;
use serde::{Deserialize, Serialize};

pub use crate::files::EnvironmentError;
use crate::objective::checkpoints::Checkpoint;
use crate::objective::external::program::Program;

/// A model that can be swept. The burst network is the built-in one.
pub trait Objective: Sync {
    /// Its keys, with kinds and defaults.
    fn schema(&self) -> &Schema;

    /// Its version of the bits: changes whenever any result could differ in any bit.
    fn bits_version(&self) -> u32;

    /// The measures of a sweep, in the order of the columns. `values_of` gives the values that a key can take in it.
    fn measures(&self, values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo>;

    /// Returns the key of the setting without which a measure is empty, if there is one.
    fn setting_of(&self, _measure: &str) -> Option<&'static str> {
        None
    }

    /// Returns groups of keys whose values must fit together, or with the files they name.
    fn coupled_keys(&self) -> &[&[&str]] {
        &[]
    }

    /// Checks that the values of a configuration fit together, and with its files, of which only headers are read.
    ///
    /// # Errors
    /// If they do not; the error names the key to blame.
    fn check(&self, _configuration: &Configuration) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Checks that what the files of a configuration hold can be used.
    ///
    /// # Errors
    /// If it cannot; the error names the key to blame.
    fn check_files(&self, _configuration: &Configuration) -> Result<(), ConfigError> {
        Ok(()) // of a model without files
    }

    /// The external program that it is, if it is one.
    fn program(&self) -> Option<&Program> {
        None
    }

    /// Evaluates a configuration with a seed; a pure function of the two, unless the deadline passes.
    ///
    /// # Errors
    /// If the evaluation failed, ended because the deadline passed, or lacked something that is none of its own:
    /// [`EvaluationError`] says which is which.
    fn evaluate(
        &self,
        configuration: &Configuration,
        seed: u64,
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError>;

    /// The integer key that says how long an evaluation lasts, if there is one: an evaluation with a smaller value of it
    /// is the beginning of one with a larger value.
    fn budget_key(&self) -> Option<&str> {
        None
    }

    /// Does the same as [`Objective::evaluate`], with the same result. The evaluation may go on from a checkpoint of one that differs
    /// in a smaller or the same value of [`Objective::budget_key`] and in nothing else, and if asked to keep one it may
    /// leave a checkpoint at its end. A checkpoint that it cannot go on from is ignored.
    ///
    /// # Errors
    /// As those of [`Objective::evaluate`].
    fn evaluate_on(
        &self,
        configuration: &Configuration,
        seed: u64,
        deadline: &Deadline<'_>,
        _from: Option<Checkpoint>,
        _keep: bool,
    ) -> Result<(Evaluation, Option<Checkpoint>), EvaluationError> {
        self.evaluate(configuration, seed, deadline).map(|evaluation| (evaluation, None))
    }
}

/// When an evaluation has to end.
#[derive(Clone, Copy, Debug)]
pub struct Deadline<'a> {
    limit: Option<Duration>,
    end: Option<Instant>,
    /// Set when nobody waits for the result any more.
    abandoned: &'a AtomicBool,
    /// Set when nothing is to begin any more.
    stop: Option<&'a AtomicBool>,
}

impl<'a> Deadline<'a> {
    /// An evaluation that started at `start` and may take `max_seconds`, or any time, unless it is `abandoned`.
    pub fn new(start: Instant, max_seconds: Option<f64>, abandoned: &'a AtomicBool) -> Self {
        let limit = max_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self { limit, end: limit.and_then(|limit| start.checked_add(limit)), abandoned, stop: None }
    }

    /// The same for an evaluation that is not to begin any more once `stop` is set.
    pub fn unless(self, stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// The same, counted from now on: what an evaluation waited for before it began is not its own time.
    pub fn from_now(self) -> Self {
        Self { end: self.limit.and_then(|limit| Instant::now().checked_add(limit)), ..self }
    }

    /// Returns whether an evaluation that has not begun should not begin any more, whatever its time.
    pub fn is_called_off(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) || self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Checks that there is time left.
    ///
    /// # Errors
    /// [`EvaluationError::TimedOut`] if there is none. A model hands it on.
    pub fn check(&self) -> Result<(), EvaluationError> {
        if self.has_passed() { Err(EvaluationError::TimedOut) } else { Ok(()) }
    }

    /// Returns whether the time is up. It takes a look at the clock if there is a limit.
    pub fn has_passed(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) || self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// Why an evaluation left nothing. Here stands, for every model, what is a result and what is the environment:
///
/// - A *result* says something about a configuration. Whatever a model does once it is at work is one: it refuses a
///   value, panics, takes too long, or, as a program of other people, ends badly or is killed. It is recorded, stands in
///   the tables, and searches learn from it.
/// - The *environment* is what an evaluation needs and has no part in: files that can be read and are those of the plan,
///   memory, threads, a program that can be started. What is missing there says nothing about a configuration. It ends
///   the sweep with exit code 3 and leaves no record, nothing learns from it, no model keeps it for another evaluation,
///   and the same command goes on. What was interrupted by a signal (EINTR) is only tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationError {
    /// A result: it failed, with this message.
    Failed(String),
    /// The environment: it could not be done here and now.
    Environment(EnvironmentError),
    /// A result: the deadline passed.
    TimedOut,
    /// A result: the deadline passed; this is the end of what an external program said on its standard error.
    TimedOutSaying(String),
}

impl From<EnvironmentError> for EvaluationError {
    fn from(error: EnvironmentError) -> Self {
        Self::Environment(error)
    }
}

/// An error of the files of a configuration: one that cannot be read is the environment.
impl From<ConfigError> for EvaluationError {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        if error.unreadable { EnvironmentError(message).into() } else { Self::Failed(message) }
    }
}

impl EvaluationError {
    /// The message of a result, for the tables.
    ///
    /// # Errors
    /// If it is none, but the environment.
    pub fn message(self, max_seconds: Option<f64>) -> Result<String, EnvironmentError> {
        Ok(match self {
            Self::Environment(error) => return Err(error),
            Self::Failed(message) => message,
            Self::TimedOutSaying(said) => {
                format!("{}; its standard error ends: {said}", took_longer(max_seconds))
            }
            Self::TimedOut => took_longer(max_seconds),
        })
    }
}

fn took_longer(max_seconds: Option<f64>) -> String {
    let limit = max_seconds.unwrap_or_default();
    format!("took longer than max_seconds {limit}; another time it may not: outside the same-bits promise")
}

/// What an evaluation leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Where the model left its bounds, if it did; there are no measures then.
    pub diverged: Option<String>,
    /// Measures by name; none where one is not defined.
    pub measures: Vec<(String, Option<f64>)>,
    /// The points of the loss curves, by layer and step.
    pub curves: Vec<CurvePoint>,
    /// BLAKE3 over everything that the evaluation leaves.
    pub digest: Option<[u8; 32]>,
}

impl Evaluation {
    /// Returns an evaluation with these measures, by name.
    pub fn of<'a>(measures: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let measures = measures.into_iter().map(|(name, value)| (name.to_owned(), Some(value))).collect();
        Self { measures, ..Self::default() }
    }

    /// Returns an evaluation that left its bounds, for this reason. It has no measures.
    pub fn diverged(reason: impl Into<String>) -> Self {
        Self { diverged: Some(reason.into()), ..Self::default() }
    }

    /// Adds the points of loss curves.
    pub fn with_curves(self, curves: Vec<CurvePoint>) -> Self {
        Self { curves, ..self }
    }
}

/// What 'best' means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The measure that is compared.
    pub measure: String,
    /// Which end of it is best.
    pub direction: Direction,
}

/// Which end of a measure is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The smallest value.
    Minimize,
    /// The largest value.
    Maximize,
}

impl Direction {
    /// Compares two values, the better one first; a missing one comes last.
    pub fn compare(self, a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
        match (a, b) {
            (Some(a), Some(b)) => match self {
                Self::Minimize => a.total_cmp(&b),
                Self::Maximize => b.total_cmp(&a),
            },
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, None) => std::cmp::Ordering::Equal,
        }
    }
}
