//! The configuration of a run: its keys, their kinds and defaults, and the checked, typed form.

mod choices;
mod held;
pub mod keys;
mod run_config;
mod schema;
mod value;
mod words;

pub use choices::{CurveWindow, CurveWord, Dynamics, Engine, FeedbackRule, HiddenRule, SignalKind};
pub use keys::{Evaluation, Feedback, LearningRate, Network, Plasticity, RunConfig, Signals, Teaching, Training};
pub use schema::{Item, Key, Kind, Schema};
pub use value::{Configuration, LARGEST_INTEGER, Value};
pub use words::UnknownWord;

use crate::npy::NpyError;
use crate::text::cut;

/// A value of a configuration that cannot be used, alone or together with the others.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{problem}{}", expected.as_ref().map(|expected| format!(", expected {expected}")).unwrap_or_default())]
pub struct ConfigError {
    /// The key to blame, as `section.key`.
    pub key: String,
    /// The problem.
    pub problem: String,
    /// The values that could stand there instead.
    pub expected: Option<String>,
    /// Other keys on whose values it depends, the most likely ones to blame first.
    pub depends_on: &'static [&'static str],
    /// True if a file could not be read, which says something about the machine and nothing about the configuration.
    pub unreadable: bool,
}

impl ConfigError {
    /// `key` holds `found`, which cannot be. Of a long value the beginning is told.
    pub fn new(key: &str, found: impl ToString, expected: impl Into<String>) -> Self {
        const LONGEST: usize = 200;
        let found = found.to_string();
        let problem = format!("{} is '{}'", cut(key, LONGEST), cut(&found, LONGEST));
        Self { key: key.to_owned(), problem, expected: Some(expected.into()), depends_on: &[], unreadable: false }
    }

    /// Says which other keys' values it depends on.
    pub fn depends_on(mut self, keys: &'static [&'static str]) -> Self {
        self.depends_on = keys;
        self
    }

    /// The file that `key` names cannot be used, for the reason that `error` gives.
    pub fn file(key: &str, error: &NpyError) -> Self {
        let unreadable = matches!(error, NpyError::Io { .. });
        Self { key: key.to_owned(), problem: format!("{key}: {error}"), expected: None, depends_on: &[], unreadable }
    }
}
