//! The execution of a sweep. Its settings change neither trials nor results, so they are not part of the plan.

use burstnet_core::config::{Schema, Value};

use super::meant;
use super::outline::{self, Part};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::SpecError;

/// The keys, as they stand under `execution`.
pub(super) const KEYS: [&str; 2] = ["sync_seconds", "max_seconds"];
/// The longest time of either key: 30 days.
pub(super) const MOST_SECONDS: f64 = 2_592_000.0;

/// The settings of the execution of a sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Execution {
    /// The longest time for which a finished trial waits to be synced, in seconds.
    pub sync_seconds: f64,
    /// The longest time that a trial may take, in seconds; `None` if there is no limit.
    pub max_seconds: Option<f64>,
}

impl Default for Execution {
    fn default() -> Self {
        Self { sync_seconds: 1.0, max_seconds: None }
    }
}

impl Execution {
    /// Reads the entries of the section `execution`.
    ///
    /// # Errors
    /// If a key is unknown or a value does not fit it.
    pub(super) fn read(entries: &[Entry], schema: &Schema) -> Result<Self, SpecError> {
        let mut execution = Self::default();
        for entry in entries {
            match entry.key.as_str() {
                "sync_seconds" => execution.sync_seconds = seconds(entry, "", |x| x >= 0.0)?.unwrap_or(1.0),
                "max_seconds" => execution.max_seconds = seconds(entry, ", or null", |x| x > 0.0)?,
                key => {
                    let held = (&entry.place, Some(&entry.value));
                    return Err(outline::unknown(schema, Part::Section("execution"), key, held, &KEYS));
                }
            }
        }
        Ok(execution)
    }
}

/// Reads a number of seconds, or `None` for null if that is allowed.
fn seconds(entry: &Entry, or_null: &str, fits: impl Fn(f64) -> bool) -> Result<Option<f64>, SpecError> {
    let node: &Node = &entry.value;
    match node.value() {
        Some(Value::Null) if !or_null.is_empty() => return Ok(None),
        Some(value) => {
            if let Some(x) = value.as_f64().filter(|x| fits(*x) && *x <= MOST_SECONDS) {
                return Ok(Some(x));
            }
        }
        None => {}
    }
    let meant = match &node.content {
        Content::Scalar(text, _) => meant::seconds(text).filter(|x| fits(*x) && *x <= MOST_SECONDS),
        Content::List(_) | Content::Map(_) => None,
    };
    let above = if or_null.is_empty() { "from 0" } else { "above 0 and" };
    let error = SpecError::new(&node.place, format!("execution.{} is {}", entry.key, node.shown()))
        .expected(format!("seconds, a number {above} up to {MOST_SECONDS}{or_null}"));
    Err(SpecError { nearest: meant.map(|seconds| seconds.to_string().into()), ..error })
}
