//! A source of measures or curves that has been checked.

use burstnet_core::text::quoted;
use regex::Regex;

/// The kind of a file, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Json,
    JsonLines,
    /// Cells divided by this byte.
    Cells(u8),
    Npz,
}

/// The ends of names of files that can be read, for messages.
pub(super) const ENDINGS: &str = ".json, .jsonl, .csv, .tsv or .npz";

impl FileKind {
    /// Returns the kind of a file with this name, if it can be read.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "csv" => Some(Self::Cells(b',')),
            "tsv" => Some(Self::Cells(b'\t')),
            "npz" => Some(Self::Npz),
            _unknown => None,
        }
    }
}

/// A source that has been checked.
#[derive(Debug)]
pub(crate) struct Source {
    pub(super) origin: Origin,
    pub(super) purpose: Purpose,
}

/// The place where a source is.
#[derive(Debug)]
pub(super) enum Origin {
    /// Lines of the standard output that are JSON objects.
    JsonLines,
    /// Lines of the standard output that a pattern matches.
    Matches(Regex),
    /// A file in the folder of the trial.
    File(String, FileKind),
}

/// The use of a source.
#[derive(Debug)]
pub(super) enum Purpose {
    /// Measures, and the field by which several lines are told apart.
    Measures { by: Option<String> },
    /// Points of loss curves, by the names of their fields.
    Curve { step: String, loss: String, layer: Layer },
}

/// The layer of a loss curve.
#[derive(Debug)]
pub(super) enum Layer {
    Fixed(u32),
    Named(String),
}

impl Source {
    /// Returns the measures that the source certainly has where it has anything.
    pub(super) fn certain(&self) -> impl Iterator<Item = &str> {
        let names = match (&self.origin, &self.purpose) {
            (Origin::Matches(regex), Purpose::Measures { by: None }) => Some(regex.capture_names().flatten()),
            _others => None,
        };
        names.into_iter().flatten()
    }

    /// Returns the source as messages name it.
    pub(super) fn shown(&self) -> String {
        match &self.origin {
            Origin::JsonLines => "the JSON objects of its output".into(),
            Origin::Matches(regex) => format!("the pattern {}", quoted(regex.as_str())),
            Origin::File(name, _) => quoted(name),
        }
    }
}

/// Returns the name of a measure that is told apart from others by the value of a field.
pub(super) fn told_apart(name: &str, by: &str) -> String {
    format!("{name}_{by}")
}

/// Returns whether a measure that is told apart by a field belongs to those that are wanted.
pub(super) fn is_of_field(wanted: &[String], field: &str) -> bool {
    wanted.iter().any(|name| name.strip_prefix(field).is_some_and(|rest| rest.starts_with('_')))
}
