//! The objective of a sweep: a model that turns a configuration and a seed into measures.

pub mod any_checkpoint;
pub mod burst;
pub(crate) mod cache;
pub mod external;
pub mod panics;
pub mod threads;
pub mod typed;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burstnet_core::config::{ConfigError, Configuration, Schema, Value};
use burstnet_core::curves::CurvePoint;
use burstnet_core::measures::MeasureInfo;
use burstnet_core::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::files::EnvironmentError;
use crate::objective::any_checkpoint::AnyCheckpoint;
use crate::objective::external::program::Program;

/// The result of an evaluation.
pub type Evaluated = Result<Evaluation, EvaluationError>;

/// The result of an evaluation that may leave a checkpoint.
pub type EvaluatedOn = Result<(Evaluation, Option<AnyCheckpoint>), EvaluationError>;

/// A model that can be swept. The burst network is the built-in one.
pub trait Objective: Sync {
    /// Returns its keys, with kinds and defaults.
    fn schema(&self) -> &Schema;

    /// Returns the version of its bits, which changes whenever any result could differ in any bit.
    fn bits_version(&self) -> u32;

    /// Returns the measures of a sweep, in the order of the columns. `values_of` gives the values that a key can take
    /// in it.
    fn measures(&self, values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo>;

    /// Returns the key of the setting without which a measure is empty, if there is one.
    fn setting_of(&self, _measure: &str) -> Option<&'static str> {
        None
    }

    /// Returns groups of keys whose values must fit together, or must fit the files that they name.
    fn coupled_keys(&self) -> &[&[&str]] {
        &[]
    }

    /// Checks that the values of a configuration fit together and fit its files, of which only headers are read.
    ///
    /// # Errors
    /// If they do not; the error names the responsible key.
    fn check(&self, _configuration: &Configuration) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Checks that the content of a configuration's files can be used.
    ///
    /// # Errors
    /// If it cannot; the error names the responsible key.
    fn check_files(&self, _configuration: &Configuration) -> Result<(), ConfigError> {
        Ok(()) // of a model without files
    }

    /// Returns the external program that it is, if it is one.
    fn program(&self) -> Option<&Program> {
        None
    }

    /// Evaluates a configuration with a seed. The result is a pure function of the two, unless the deadline passes.
    ///
    /// # Errors
    /// If the evaluation failed, ended because the deadline passed, or lacked something outside its control:
    /// [`EvaluationError`] distinguishes these cases.
    fn evaluate(&self, configuration: &Configuration, seed: u64, deadline: &Deadline<'_>) -> Evaluated;

    /// Returns the integer key that determines the length of an evaluation, if there is one. An evaluation with a
    /// smaller value of it is the beginning of one with a larger value.
    fn budget_key(&self) -> Option<&str> {
        None
    }

    /// Does the same as [`Objective::evaluate`], with the same result. The evaluation may go on from a checkpoint of
    /// another one that differs only in [`Objective::budget_key`], with a smaller or the same value. If asked to keep a
    /// checkpoint, it may leave one at its end. A checkpoint that it cannot use is ignored.
    ///
    /// # Errors
    /// As those of [`Objective::evaluate`].
    fn evaluate_on(
        &self,
        configuration: &Configuration,
        seed: u64,
        deadline: &Deadline<'_>,
        _from: Option<AnyCheckpoint>,
        _keep: bool,
    ) -> EvaluatedOn {
        self.evaluate(configuration, seed, deadline).map(|evaluation| (evaluation, None))
    }

    /// Ends what evaluations left running for those to come, such as processes. Sweeps call this method when their trials
    /// have ended. Further evaluations are possible, and start it again.
    fn rest(&self) {}

    /// Evaluates a trial of a sweep: as [`Objective::evaluate_on`] if its budget is divided, else as
    /// [`Objective::evaluate`]. Sweeps call this method, for models that need the number of the trial.
    ///
    /// # Errors
    /// As those of [`Objective::evaluate`].
    fn evaluate_attempt(
        &self,
        configuration: &Configuration,
        attempt: Attempt,
        deadline: &Deadline<'_>,
    ) -> EvaluatedOn {
        match attempt.part {
            None => self.evaluate(configuration, attempt.seed, deadline).map(|evaluation| (evaluation, None)),
            Some(Part { from, keep }) => self.evaluate_on(configuration, attempt.seed, deadline, from, keep),
        }
    }
}

/// One evaluation of a trial. Only the seed may change the result: the numbers are for names of files and the like.
pub struct Attempt {
    /// The number of the trial in its sweep.
    pub trial_id: u64,
    /// The number of the replicate.
    pub replicate: u64,
    /// The seed.
    pub seed: u64,
    /// The part of the evaluation, if it may go on from an earlier one or be continued.
    pub part: Option<Part>,
}

/// A part of an evaluation whose budget is divided.
pub struct Part {
    /// The checkpoint of an earlier part, if there is one.
    pub from: Option<AnyCheckpoint>,
    /// True if a later part may follow.
    pub keep: bool,
}

impl Attempt {
    /// Returns the whole evaluation of a trial that belongs to no sweep.
    pub fn alone(seed: u64) -> Self {
        Self { trial_id: 0, replicate: 0, seed, part: None }
    }
}

/// The time at which an evaluation has to end.
#[derive(Clone, Copy, Debug)]
pub struct Deadline<'a> {
    limit: Option<Duration>,
    end: Option<Instant>,
    /// Set when the result is no longer needed.
    abandoned: &'a AtomicBool,
    /// Set when no further evaluation may begin.
    stop: Option<&'a AtomicBool>,
}

impl<'a> Deadline<'a> {
    /// Returns the deadline of an evaluation that started at `start` and may take `max_seconds`, or any time if `None`.
    /// It passes when `abandoned` is set.
    pub fn new(start: Instant, max_seconds: Option<f64>, abandoned: &'a AtomicBool) -> Self {
        let limit = max_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self { limit, end: limit.and_then(|limit| start.checked_add(limit)), abandoned, stop: None }
    }

    /// Returns the same deadline for an evaluation that must not begin once `stop` is set.
    pub fn unless(self, stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// Returns the same deadline, counted from now on. Time spent waiting before the evaluation began does not count.
    pub fn from_now(self) -> Self {
        Self { end: self.limit.and_then(|limit| Instant::now().checked_add(limit)), ..self }
    }

    /// Returns whether an evaluation that has not begun must no longer begin, whatever its time.
    pub fn is_called_off(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) || self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Checks that there is time left.
    ///
    /// # Errors
    /// [`EvaluationError::TimedOut`] if there is none. A model passes it on.
    pub fn check(&self) -> Result<(), EvaluationError> {
        if self.has_passed() { Err(EvaluationError::TimedOut) } else { Ok(()) }
    }

    /// Returns whether the time is up. Reads the clock if there is a limit.
    pub fn has_passed(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) || self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// An error that left an evaluation without measures. For every model, it is either a result or an environment error:
///
/// - A *result* says something about a configuration. Everything that a model does once it is running is a result: it
///   refuses a value, panics, takes too long, or, as an external program, fails or is killed. A result is recorded and
///   appears in the tables, and searches learn from it.
/// - The *environment* is everything that an evaluation needs and does not control: files that can be read and match
///   the plan, memory, threads, a program that can be started. Its failures say nothing about a configuration. They end
///   the sweep with exit code 3 and leave no record. Nothing learns from them, no model keeps them for another
///   evaluation, and the same command continues the sweep. A call that a signal interrupted (EINTR) is simply tried
///   again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationError {
    /// A result: the evaluation failed, with this message.
    Failed(String),
    /// An environment error: the evaluation was not possible here and now.
    Environment(EnvironmentError),
    /// A result: the deadline passed.
    TimedOut,
    /// A result: the deadline passed; this is the end of the standard error of an external program.
    TimedOutSaying(String),
}

impl From<EnvironmentError> for EvaluationError {
    fn from(error: EnvironmentError) -> Self {
        Self::Environment(error)
    }
}

/// Converts an error about the files of a configuration. A file that cannot be read is an environment error.
impl From<ConfigError> for EvaluationError {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        if error.unreadable { EnvironmentError(message).into() } else { Self::Failed(message) }
    }
}

impl EvaluationError {
    /// Returns the message of a result, for the tables.
    ///
    /// # Errors
    /// If it is an environment error rather than a result.
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

/// The output of an evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The place at which the model left its bounds, if it did; there are no measures then.
    pub diverged: Option<String>,
    /// The measures by name; `None` if a measure is not defined.
    pub measures: Vec<(String, Option<f64>)>,
    /// The points of the loss curves, by layer and step.
    pub curves: Vec<CurvePoint>,
    /// The BLAKE3 hash of everything that the evaluation leaves.
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

/// The meaning of 'best'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The measure that is compared.
    pub measure: String,
    /// The direction in which the measure improves.
    pub direction: Direction,
}

words! {
    /// The direction in which a measure improves.
    #[derive(Default, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Direction {
        /// Smaller values are better.
        #[default]
        Minimize = "minimize",
        /// Larger values are better.
        Maximize = "maximize",
    }
}

impl Direction {
    /// Returns in words which end of a measure is best.
    pub fn better(self) -> &'static str {
        match self {
            Self::Minimize => "smaller is better",
            Self::Maximize => "larger is better",
        }
    }

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
