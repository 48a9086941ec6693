//! The configuration of a run: its keys, their kinds and defaults, and the checked, typed form.

pub mod keys;
mod run_config;
mod schema;
mod value;

pub use run_config::{
    CurveWindow, Dynamics, Engine, Evaluation, Feedback, FeedbackRule, HiddenRule, LearningRate, Network, Plasticity,
    RunConfig, SignalKind, SignalRanges, Signals, Teaching, Training,
};
pub use schema::{Key, Kind, Schema};
pub use value::{Configuration, Value};

/// A value of a configuration that cannot be used, alone or together with the others.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key}: found {found}, expected {expected}")]
pub struct ConfigError {
    /// The key, as `section.key`.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What could stand there instead.
    pub expected: String,
}

impl ConfigError {
    /// An error at `key`.
    pub fn new(key: &str, found: impl ToString, expected: impl Into<String>) -> Self {
        Self { key: key.to_owned(), found: found.to_string(), expected: expected.into() }
    }
}
