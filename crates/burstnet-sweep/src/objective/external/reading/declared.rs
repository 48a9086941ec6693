//! Sources of measures and curves as a sweep file declares them.

use std::fmt;

use burstnet_core::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{Origin, Purpose, Source};
use crate::limits::MOST_READINGS;

/// The name of the standard output as a source.
pub(crate) const STDOUT: &str = "stdout";

/// A source of measures or of curves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// `stdout`, or a file in the folder of the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Which line of the standard output is a JSON object with measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Which>,
    /// A regular expression for lines of the standard output: with one group that holds a JSON object, or with groups that
    /// are named as measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The field whose value is appended to the names of the others, as in `angle_0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Loss curves in place of measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<Curve>,
}

/// A source of loss curves, and the names of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Curve {
    /// `stdout`, or a file in the folder of the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// A regular expression for lines of the standard output, whose groups have the names below. Without one, lines are
    /// JSON objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The field or column of the step; by default `step`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The field or column of the loss; by default `loss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<String>,
    /// The field or column of the layer, or the number of the one layer; by default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
}

words! {
    /// The choice of a line among those that are JSON objects.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Which {
        /// The last one.
        Last = "last",
    }
}

/// An error in a source: the key in it that is wrong, with the part of that, the problem and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadingError {
    /// The path of the key below the source.
    pub(crate) key: Vec<&'static str>,
    /// The problem.
    pub(crate) problem: String,
    /// The values or forms that would be right.
    pub(crate) expected: String,
    /// The nearest name.
    pub(crate) nearest: Option<String>,
}

impl fmt::Display for ReadingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, expected {}", self.problem, self.expected)
    }
}

impl ReadingError {
    pub(super) fn new(key: &[&'static str], problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { key: key.to_vec(), problem: problem.into(), expected: expected.into(), nearest: None }
    }
}

/// Returns the sources of a program with these measures.
///
/// # Errors
/// If one is wrong, with its number.
pub(crate) fn sources(readings: &[Reading], measures: &[String]) -> Result<Vec<Source>, (usize, ReadingError)> {
    if readings.len() > MOST_READINGS {
        let problem = format!("model.read has {} sources", readings.len());
        return Err((MOST_READINGS, ReadingError::new(&[], problem, format!("at most {MOST_READINGS}"))));
    }
    let all = readings.iter().enumerate().map(|(at, reading)| reading.source(measures).map_err(|error| (at, error)));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    for (at, source) in all.iter().enumerate() {
        if let Some(double) =
            source.certain().find(|name| all[..at].iter().any(|other| other.certain().any(|held| held == *name)))
        {
            let problem = format!("the measure {double} has two sources");
            return Err((at, ReadingError::new(&["pattern"], problem, "one of them")));
        }
        let last = |source: &Source| {
            matches!((&source.origin, &source.purpose), (Origin::JsonLines, Purpose::Measures { .. }))
        };
        if last(source) && all[..at].iter().any(last) {
            return Err((at, ReadingError::new(&["json"], "the last JSON object is read twice", "it once")));
        }
    }
    Ok(all)
}

impl Reading {
    /// Returns the file that the source is, if it is one.
    pub(crate) fn file(&self) -> Option<&str> {
        let from = self.curve.as_ref().map_or(&self.from, |curve| &curve.from);
        from.as_deref().filter(|from| *from != STDOUT)
    }
}
