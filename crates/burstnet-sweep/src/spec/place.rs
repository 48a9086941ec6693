//! Where something stands, and what is wrong there.

use std::fmt;
use std::sync::Arc;

use burstnet_core::text::{cut, cut_within};

/// A position in a file, or an argument of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named, or the argument.
    pub source: Arc<str>,
    /// Line and column, both from 1; none where the whole source is meant.
    pub position: Option<(usize, usize)>,
}

impl Place {
    /// The whole of `source`.
    pub fn whole(source: &str) -> Self {
        Self { source: source.into(), position: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.source),
            None => f.write_str(&self.source),
        }
    }
}

/// The longest problem that is told, in characters.
const LONGEST: usize = 1000;

/// Something in a run file or sweep file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SpecError {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, with the offending text.
    pub problem: String,
    /// What could stand there instead.
    pub expected: Option<String>,
    /// The nearest name that exists.
    pub nearest: Option<String>,
}

impl SpecError {
    /// An error without further advice.
    pub fn new(place: &Place, problem: impl Into<String>) -> Self {
        Self { place: place.clone(), problem: problem.into(), expected: None, nearest: None }
    }

    /// Says what could stand there instead.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Names the candidate that is nearest to `name`, if any is near.
    pub fn nearest<'a>(mut self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = nearest(name, candidates);
        self
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parts of the problem come from files; a control character must not reach a terminal.
        let problem = cut_within(&self.problem, LONGEST);
        let problem = problem.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] });
        write!(f, "{}: {}", self.place, problem.collect::<String>())?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, " (did you mean '{nearest}'?)")?;
        }
        Ok(())
    }
}

/// The candidate nearest to `name`, if it is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let last = |path: &'a str| path.rsplit('.').next().unwrap_or(path);
    let short = name.rsplit('.').next().unwrap_or(name);
    candidates
        .into_iter()
        .map(|candidate| {
            let whole = strsim::normalized_damerau_levenshtein(name, candidate);
            let end = strsim::normalized_damerau_levenshtein(short, last(candidate));
            (whole.max(0.95 * end), candidate)
        })
        .filter(|(similarity, _)| *similarity >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

/// Names for a message; of many the first ones.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 50;
    const LONGEST: usize = 200;
    let all: Vec<&str> = names.into_iter().collect();
    let shown: Vec<_> = all.iter().take(MOST).map(|name| cut(name, LONGEST)).collect();
    let shown = shown.join(", ");
    if all.len() > MOST { format!("{shown}, … ({} in all)", all.len()) } else { shown }
}

/// A number for a message, with an exponent where it would have many zeros.
pub fn number(x: f64) -> String {
    if x == 0.0 || (1e-6..1e16).contains(&x.abs()) { x.to_string() } else { format!("{x:e}") }
}

/// A text from a file, fit for one line of a message: control characters escaped, and not too long.
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let escape = |c: char| if c == '"' { vec![c] } else { c.escape_debug().collect() };
    let shown: String = cut(text, LONGEST).chars().flat_map(escape).collect();
    format!("'{shown}'")
}
