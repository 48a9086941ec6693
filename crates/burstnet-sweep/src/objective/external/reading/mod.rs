//! Measures and curves from what a program prints or writes anyway: the last JSON object, lines that a pattern matches,
//! and files in the folder of the trial.

mod file;
mod found;
mod lines;
mod values;

use std::fmt;
use std::path::Path;

use burstnet_core::text::{listed, quoted};
use burstnet_core::words;
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use found::Found;
pub(super) use lines::Lines;

use crate::limits::{LONGEST_ARGUMENT, MOST_READINGS};
use crate::nearest::nearest;

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

/// The kind of a file, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Json,
    JsonLines,
    /// Cells divided by this byte.
    Cells(u8),
    Npz,
}

/// The ends of names of files that can be read, for messages.
const ENDINGS: &str = ".json, .jsonl, .csv, .tsv or .npz";

impl FileKind {
    fn of(name: &str) -> Option<Self> {
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
    origin: Origin,
    purpose: Purpose,
}

/// The place where a source is.
#[derive(Debug)]
enum Origin {
    /// Lines of the standard output that are JSON objects.
    JsonLines,
    /// Lines of the standard output that a pattern matches.
    Matches(Regex),
    /// A file in the folder of the trial.
    File(String, FileKind),
}

/// The use of a source.
#[derive(Debug)]
enum Purpose {
    /// Measures, and the field by which several lines are told apart.
    Measures { by: Option<String> },
    /// Points of loss curves, by the names of their fields.
    Curve { step: String, loss: String, layer: Layer },
}

/// The layer of a loss curve.
#[derive(Debug)]
enum Layer {
    Fixed(u32),
    Named(String),
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
    fn new(key: &[&'static str], problem: impl Into<String>, expected: impl Into<String>) -> Self {
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
    /// Returns the source, checked.
    fn source(&self, measures: &[String]) -> Result<Source, ReadingError> {
        let Some(curve) = &self.curve else { return self.of_measures(measures) };
        let beside = [
            ("from", self.from.is_some()),
            ("json", self.json.is_some()),
            ("pattern", self.pattern.is_some()),
            ("by", self.by.is_some()),
        ];
        match beside.into_iter().find(|(_, given)| *given) {
            Some((key, _)) => Err(ReadingError::new(
                &[key],
                format!("{key} stands beside curve"),
                "it in the curve: curve: {from: …}",
            )),
            None => curve.source(),
        }
    }

    fn of_measures(&self, measures: &[String]) -> Result<Source, ReadingError> {
        let from = self
            .from
            .as_deref()
            .ok_or_else(|| ReadingError::new(&[], "a source without from", "from: stdout, or from: a file in {dir}"))?;
        let by = self.by.clone();
        if let Some(by) = by.as_ref().filter(|by| by.is_empty()) {
            return Err(ReadingError::new(&["by"], format!("by is {}", quoted(by)), "the name of a field"));
        }
        let purpose = Purpose::Measures { by };
        if from != STDOUT {
            if self.json.is_some() || self.pattern.is_some() {
                let key = if self.json.is_some() { "json" } else { "pattern" };
                return Err(ReadingError::new(
                    &[key],
                    format!("{key} of the file {}", quoted(from)),
                    "from: stdout with it",
                ));
            }
            return Ok(Source { origin: file(&["from"], from)?, purpose });
        }
        let origin = match (&self.json, &self.pattern) {
            (Some(Which::Last), None) => Origin::JsonLines,
            (None, Some(pattern)) => {
                let regex = compiled(&["pattern"], pattern)?;
                self.check_groups(&regex, measures)?;
                Origin::Matches(regex)
            }
            (Some(_), Some(_)) => return Err(ReadingError::new(&["pattern"], "pattern beside json", "one of the two")),
            (None, None) => {
                let expected = "json: last, or pattern: a regular expression";
                return Err(ReadingError::new(&["from"], "from: stdout does not say what to read", expected));
            }
        };
        Ok(Source { origin, purpose })
    }

    /// Checks that a pattern has a group for a JSON object, or groups of measures.
    fn check_groups(&self, regex: &Regex, measures: &[String]) -> Result<(), ReadingError> {
        let wrong = |problem: String, expected: String| ReadingError::new(&["pattern"], problem, expected);
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        if names.is_empty() && regex.captures_len() != 2 {
            let problem = format!("pattern has {} groups", regex.captures_len() - 1);
            return Err(wrong(
                problem,
                "one that holds a JSON object, or groups with names of measures: (?P<NAME>…)".into(),
            ));
        }
        let by = self.by.as_deref();
        if let Some(by) = by.filter(|by| !names.is_empty() && !names.contains(by)) {
            let error = ReadingError::new(
                &["by"],
                format!("by is {}, which is no group of the pattern", quoted(by)),
                listed(names.iter().copied()),
            );
            return Err(ReadingError { nearest: nearest(by, names.iter().copied()), ..error });
        }
        let listed_as = |name: &str| {
            measures.iter().any(|measure| match by {
                None => measure == name,
                Some(_) => measure.strip_prefix(name).is_some_and(|rest| rest.starts_with('_')),
            })
        };
        match names.iter().find(|name| Some(**name) != by && !listed_as(name)) {
            None => Ok(()),
            Some(name) => {
                let own = || measures.iter().map(String::as_str);
                let suffix = if by.is_some() { " with a '_' and a value behind it" } else { "" };
                let error = wrong(
                    format!("the group {} is no measure{suffix}", quoted(name)),
                    format!("one of {}", listed(own())),
                );
                Err(ReadingError { nearest: nearest(name, own()), ..error })
            }
        }
    }

    /// Returns the file that the source is, if it is one.
    pub(crate) fn file(&self) -> Option<&str> {
        let from = self.curve.as_ref().map_or(&self.from, |curve| &curve.from);
        from.as_deref().filter(|from| *from != STDOUT)
    }
}

impl Curve {
    fn source(&self) -> Result<Source, ReadingError> {
        let from = self.from.as_deref().ok_or_else(|| {
            ReadingError::new(&["curve"], "a curve without from", "from: stdout, or from: a file in {dir}")
        })?;
        let named = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
        let (step, loss) = (named(&self.step, "step"), named(&self.loss, "loss"));
        let layer = match &self.layer {
            None => Layer::Fixed(0),
            Some(layer) => match layer.parse::<u32>() {
                Ok(number) if u64::from(number) < crate::limits::MOST_CURVE_LAYERS => Layer::Fixed(number),
                Ok(_) => {
                    return Err(ReadingError::new(
                        &["curve", "layer"],
                        format!("layer is {layer}"),
                        "0 to 999, or the name of a field",
                    ));
                }
                Err(_) => Layer::Named(layer.clone()),
            },
        };
        let origin = match (from, &self.pattern) {
            (STDOUT, None) => Origin::JsonLines,
            (STDOUT, Some(pattern)) => {
                let regex = compiled(&["curve", "pattern"], pattern)?;
                let groups: Vec<&str> = regex.capture_names().flatten().collect();
                let mut fields = vec![("step", &step), ("loss", &loss)];
                if let Layer::Named(name) = &layer {
                    fields.push(("layer", name));
                }
                if let Some((field, name)) = fields.into_iter().find(|(_, name)| !groups.contains(&name.as_str())) {
                    let problem = format!("pattern has no group {} for the {field}", quoted(name));
                    return Err(ReadingError::new(&["curve", "pattern"], problem, format!("(?P<{name}>…) in it")));
                }
                Origin::Matches(regex)
            }
            (_, Some(_)) => {
                return Err(ReadingError::new(
                    &["curve", "pattern"],
                    format!("pattern of the file {}", quoted(from)),
                    "from: stdout with it",
                ));
            }
            (_, None) => match file(&["curve", "from"], from)? {
                Origin::File(_, FileKind::Npz) => {
                    return Err(ReadingError::new(
                        &["curve", "from"],
                        format!("{} as a curve", quoted(from)),
                        "a file that ends in .json, .jsonl, .csv or .tsv",
                    ));
                }
                file => file,
            },
        };
        Ok(Source { origin, purpose: Purpose::Curve { step, loss, layer } })
    }
}

impl Source {
    /// Returns the measures that the source certainly has where it has anything.
    fn certain(&self) -> impl Iterator<Item = &str> {
        let names = match (&self.origin, &self.purpose) {
            (Origin::Matches(regex), Purpose::Measures { by: None }) => Some(regex.capture_names().flatten()),
            _others => None,
        };
        names.into_iter().flatten()
    }

    /// Returns the source as messages name it.
    fn shown(&self) -> String {
        match &self.origin {
            Origin::JsonLines => "the JSON objects of its output".into(),
            Origin::Matches(regex) => format!("the pattern {}", quoted(regex.as_str())),
            Origin::File(name, _) => quoted(name),
        }
    }

    /// Reads the source, if it is a file in this folder.
    ///
    /// # Errors
    /// With a message if it cannot be used.
    pub(super) fn read_file(&self, at: usize, folder: &Path, found: &mut Found<'_>) -> Result<(), String> {
        match &self.origin {
            Origin::File(name, kind) => file::read(folder, name, *kind, &self.purpose, at, found)
                .map_err(|problem| format!("the file {}: {problem}", quoted(name))),
            Origin::JsonLines | Origin::Matches(_) => Ok(()),
        }
    }
}

/// Returns a pattern, compiled.
fn compiled(key: &[&'static str], pattern: &str) -> Result<Regex, ReadingError> {
    if pattern.len() > LONGEST_ARGUMENT {
        let problem = format!("pattern has {} bytes", pattern.len());
        return Err(ReadingError::new(key, problem, format!("at most {LONGEST_ARGUMENT}")));
    }
    Regex::new(pattern).map_err(|error| {
        // The last line says what is wrong; those before draw where.
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        ReadingError::new(
            key,
            format!("pattern {} is no regular expression: {reason}", quoted(pattern)),
            "one of the Rust crate regex",
        )
    })
}

/// Returns a file in the folder of the trial as a source.
fn file(key: &[&'static str], name: &str) -> Result<Origin, ReadingError> {
    let path = Path::new(name);
    let is_inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if name.is_empty() || !is_inside || name.len() > LONGEST_ARGUMENT || name.contains('\0') {
        let problem = format!("from is {}", quoted(name));
        return Err(ReadingError::new(key, problem, "stdout, or the path of a file below {dir}, without {dir}"));
    }
    match FileKind::of(name) {
        Some(kind) => Ok(Origin::File(name.to_owned(), kind)),
        None => {
            let near = nearest(name, [STDOUT]);
            let error = ReadingError::new(
                key,
                format!("from is {}", quoted(name)),
                format!("stdout, or a file that ends in {ENDINGS}"),
            );
            Err(ReadingError { nearest: near, ..error })
        }
    }
}

/// Returns the name of a measure that is told apart from others by the value of a field.
fn told_apart(name: &str, by: &str) -> String {
    format!("{name}_{by}")
}

/// Returns whether a measure that is told apart by a field belongs to those that are wanted.
fn is_of_field(wanted: &[String], field: &str) -> bool {
    wanted.iter().any(|name| name.strip_prefix(field).is_some_and(|rest| rest.starts_with('_')))
}

#[cfg(test)]
mod tests;
