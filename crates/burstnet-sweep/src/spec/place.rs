//! Places in files and arguments, and errors with their places.

use std::fmt;
use std::sync::Arc;

use burstnet_core::text::{LONGEST_QUOTED, cut, cut_within};

use crate::nearest::nearest;

/// A position in a file, or in an argument of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named, or the argument.
    pub source: Arc<str>,
    /// The line and column, both from 1; `None` if the whole source is meant.
    pub position: Option<(usize, usize)>,
    pub(super) text: Text,
}

/// The text in which a place lies.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// The text is not available.
    Unknown,
    /// The text of the file.
    File(Arc<str>),
    /// The argument itself. It has no lines or columns for users.
    Argument,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::File(_) => "File", // it would stand there with every place
            Self::Argument => "Argument",
        })
    }
}

impl Place {
    /// Returns the whole of `source`.
    pub fn whole(source: &str) -> Self {
        Self { source: source.into(), position: None, text: Text::Unknown }
    }

    /// Returns the whole of the file `source`, which holds `text`.
    pub fn of_file(source: &str, text: &str) -> Self {
        Self { text: Text::File(text.into()), ..Self::whole(source) }
    }

    /// Returns the argument `source` of the command line, from the character `column` on.
    pub fn of_argument(source: &str, column: usize) -> Self {
        Self { position: Some((1, column)), text: Text::Argument, ..Self::whole(source) }
    }

    /// Returns whether the place is in an argument of the command line.
    pub(super) fn is_argument(&self) -> bool {
        self.text == Text::Argument
    }

    /// Returns a place in the same text at another position.
    pub fn at(&self, position: (usize, usize)) -> Self {
        Self { position: Some(position), ..self.clone() }
    }

    /// Returns the place of `part` behind this one in the same line, or this one if it is not there as it is.
    pub(super) fn of_part(&self, part: &str) -> Self {
        let Some((_, line, column)) = self.line() else { return self.clone() };
        let behind: String = line.chars().skip(column - 1).collect();
        match (behind.find(part), self.position) {
            (Some(at), Some((line, column))) => self.at((line, column + behind[..at].chars().count())),
            (_, _) => self.clone(),
        }
    }

    /// Returns the line of the place, with its number if lines are numbered, and the column; `None` if the text is
    /// unknown.
    pub fn line(&self) -> Option<(Option<usize>, &str, usize)> {
        let (line, column) = self.position?;
        let (number, text) = match &self.text {
            Text::Unknown => return None,
            Text::File(text) => (Some(line), &**text),
            Text::Argument => (None, &*self.source),
        };
        // As in YAML, a line ends with LF, CR, or both together.
        let mut rest = text;
        for _ in 1..line {
            let end = rest.find(['\n', '\r'])?;
            let ending = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
            rest = &rest[end + ending..];
        }
        Some((number, rest.split(['\n', '\r']).next().unwrap_or_default(), column))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.position, &self.text) {
            (Some((line, column)), Text::File(_) | Text::Unknown) => write!(f, "{}:{line}:{column}", self.source),
            (None, Text::File(_) | Text::Unknown) => f.write_str(&self.source),
            (_, Text::Argument) => f.write_str(&cut(&self.source, LONGEST_QUOTED)),
        }
    }
}

/// A value in a sweep file, and its place.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The value.
    pub held: T,
    /// The place.
    pub place: Place,
}

/// The longest problem that is reported, in characters.
const LONGEST: usize = 1000;

/// An error in a run file or sweep file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SpecError {
    /// The place of the error.
    pub place: Place,
    /// The problem, with the text that causes it.
    pub problem: String,
    /// The values that could stand there instead.
    pub expected: Option<Box<str>>,
    /// The nearest name that exists.
    pub nearest: Option<Box<str>>,
}

impl SpecError {
    /// Returns an error without further advice.
    pub fn new(place: &Place, problem: impl Into<String>) -> Self {
        Self { place: place.clone(), problem: problem.into(), expected: None, nearest: None }
    }

    /// Adds the values that could stand there instead.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into().into());
        self
    }

    /// Adds what was probably meant, if that is known.
    pub(crate) fn meant(mut self, nearest: Option<String>) -> Self {
        self.nearest = nearest.map(Into::into);
        self
    }

    /// Adds the candidate that is nearest to `name`, if any is near.
    pub fn nearest<'a>(mut self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = nearest(name, candidates).map(Into::into);
        self
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parts of the message come from files, and a control character must not reach a terminal.
        let clean = |text: &str| -> String {
            text.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] }).collect()
        };
        write!(f, "{}: {}", self.place, clean(&cut_within(&self.problem, LONGEST)))?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {}", clean(expected))?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, " (did you mean '{}'?)", clean(nearest))?;
        }
        Ok(())
    }
}

/// Returns a number as a message shows it, with an exponent if it would have many zeros.
pub fn number(x: f64) -> String {
    if x == 0.0 || (1e-6..1e16).contains(&x.abs()) { x.to_string() } else { format!("{x:e}") }
}
