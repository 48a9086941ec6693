//! The standard output of a program as lines, of which some hold measures or points of curves.

use std::collections::VecDeque;

use burstnet_core::text::quoted;
use regex::Captures;
use serde_json::{Map, Value as Json};

use super::found::Found;
use super::source::{Layer, Origin, Purpose, Source};
use super::values::{number_of_json, number_of_text, object_of, step_of};
use crate::limits::{LONGEST_PROGRAM_LINE, MOST_CURVE_LAYERS, MOST_PROGRAM_OUTPUT};
use crate::objective::Evaluation;
use crate::objective::external::protocol::{LastLine, Point, escaped};

/// The number of bytes that are kept from the end of the output.
const TAIL: usize = 1000;

/// The standard output so far, and what was found in it.
pub(crate) struct Lines<'a> {
    sources: &'a [Source],
    pub(crate) found: Found<'a>,
    bytes: usize,
    line: Vec<u8>,
    tail: VecDeque<u8>,
    /// The last line that is a JSON object.
    last: Option<Map<String, Json>>,
    /// The request that a worker answers.
    id: Option<u64>,
    /// The last line of a worker's answer.
    end: Option<LastLine>,
}

impl<'a> Lines<'a> {
    /// Returns the empty output of a program, or of a worker with the number of its request.
    pub(crate) fn new(wanted: &'a [String], sources: &'a [Source], id: Option<u64>) -> Self {
        let found = Found::new(wanted, sources);
        Self { sources, found, bytes: 0, line: Vec::new(), tail: VecDeque::new(), last: None, id, end: None }
    }

    /// Takes the next part of the output. Lines end with LF, or with the CR of a progress bar. Returns whether it holds
    /// the last line of a worker's answer; all behind that is ignored.
    ///
    /// # Errors
    /// With a message if a line holds something wrong, or there is too much output.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<bool, String> {
        self.bytes += bytes.len();
        self.tail.extend(&bytes[bytes.len().saturating_sub(TAIL)..]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        while let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.complete_line()?;
            if self.end.is_some() {
                return Ok(true);
            }
        }
        self.line.extend_from_slice(bytes);
        self.check_length()?;
        if self.bytes > MOST_PROGRAM_OUTPUT {
            return Err(format!("it printed more than {MOST_PROGRAM_OUTPUT} bytes"));
        }
        Ok(false)
    }

    fn check_length(&self) -> Result<(), String> {
        match self.line.len() > LONGEST_PROGRAM_LINE {
            true => Err(format!("it printed a line longer than {LONGEST_PROGRAM_LINE} bytes")),
            false => Ok(()),
        }
    }

    fn complete_line(&mut self) -> Result<(), String> {
        self.check_length()?;
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            let object = object_of(&text);
            if let (Some(id), Some(object)) = (self.id, object.as_ref().filter(|object| LastLine::is_one(object))) {
                let told = |problem| format!("the line {} {problem}", quoted(text.trim()));
                self.end = Some(LastLine::of(object, id).map_err(told)?);
                return Ok(());
            }
            for (at, source) in self.sources.iter().enumerate() {
                take_line(source, at, &text, object.as_ref(), &mut self.found)?;
            }
            self.last = object.or(self.last.take());
        }
        self.line = line;
        self.line.clear();
        Ok(())
    }

    /// Takes the last line, once the program has ended.
    ///
    /// # Errors
    /// With a message if it holds something wrong.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.complete_line()?;
        let Some(object) = self.last.take() else { return Ok(()) };
        for (at, source) in self.sources.iter().enumerate() {
            if let (Origin::JsonLines, Purpose::Measures { by }) = (&source.origin, &source.purpose) {
                self.found.take_object(at, by.as_deref(), &object)?;
            }
        }
        Ok(())
    }

    /// Returns the reason for which a worker said that the trial failed.
    pub(crate) fn failed(&mut self) -> Option<String> {
        self.end.take_if(|last| matches!(last, LastLine::Failed(_))).and_then(LastLine::reason)
    }

    /// Returns the evaluation that was found.
    ///
    /// # Errors
    /// With a message if a measure is missing.
    pub(crate) fn finish(self) -> Result<Evaluation, String> {
        let tail: Vec<u8> = self.tail.into();
        let text: String = String::from_utf8_lossy(&tail).trim().chars().flat_map(escaped).collect();
        self.found.finish(&text)
    }
}

/// Takes what a source finds in a line.
fn take_line(
    source: &Source,
    at: usize,
    text: &str,
    object: Option<&Map<String, Json>>,
    found: &mut Found<'_>,
) -> Result<(), String> {
    match (&source.origin, &source.purpose) {
        (Origin::File(..), _) | (Origin::JsonLines, Purpose::Measures { .. }) => Ok(()),
        (Origin::JsonLines, Purpose::Curve { step, loss, layer }) => match object {
            Some(object) if object.contains_key(step) && object.contains_key(loss) => {
                let point = point_of_object(object, step, loss, layer)?;
                found.add(at, point);
                Ok(())
            }
            Some(_) | None => Ok(()),
        },
        (Origin::Matches(regex), Purpose::Curve { step, loss, layer }) => match regex.captures(text) {
            Some(groups) => {
                let text_of = |name: &str| Ok(groups.name(name).map_or("", |group| group.as_str()));
                let point = point_of(&text_of, step, loss, layer)?;
                found.add(at, point);
                Ok(())
            }
            None => Ok(()),
        },
        (Origin::Matches(regex), Purpose::Measures { by }) => match regex.captures(text) {
            Some(groups) => take_groups(source, at, by.as_deref(), &groups, found),
            None => Ok(()),
        },
    }
}

/// Takes the measures in the groups of a match.
fn take_groups(
    source: &Source,
    at: usize,
    by: Option<&str>,
    groups: &Captures<'_>,
    found: &mut Found<'_>,
) -> Result<(), String> {
    let Origin::Matches(regex) = &source.origin else { return Ok(()) };
    let names: Vec<&str> = regex.capture_names().flatten().collect();
    if names.is_empty() {
        let held = groups.get(1).map_or("", |group| group.as_str());
        let object = object_of(held).ok_or_else(|| {
            let held = quoted(held);
            format!("{} found {held}, expected a JSON object; a group with the name of a measure, (?P<NAME>…), holds a number", source.shown())
        })?;
        return found.take_object(at, by, &object);
    }
    let key = by.and_then(|by| groups.name(by)).map(|group| group.as_str());
    for name in names.into_iter().filter(|name| Some(*name) != by) {
        // A group that takes no part in the match gives nothing.
        if let Some(group) = groups.name(name) {
            found.take(at, name, key, &|| number_of_text(group.as_str()))?;
        }
    }
    Ok(())
}

/// Returns a point of a curve, of texts by their names.
pub(super) fn point_of<'t>(
    text_of: &dyn Fn(&str) -> Result<&'t str, String>,
    step: &str,
    loss: &str,
    layer: &Layer,
) -> Result<Point, String> {
    let of = |name: &str, problem: String| format!("a point of a curve has a {name} of {problem}");
    let layer = match layer {
        Layer::Fixed(layer) => *layer,
        Layer::Named(name) => {
            let number = step_of(text_of(name)?).ok().filter(|number| *number < MOST_CURVE_LAYERS);
            number.ok_or_else(|| of("layer", quoted(text_of(name).unwrap_or_default()) + ", expected 0 to 999"))? as u32
        }
    };
    let step = step_of(text_of(step)?).map_err(|problem| of("step", problem))?;
    let loss = number_of_text(text_of(loss)?).map_err(|problem| of("loss", problem))?;
    Ok(Point { layer, step, learning_steps: None, loss })
}

/// Returns a point of a curve, of the fields of a JSON object.
pub(super) fn point_of_object(
    object: &Map<String, Json>,
    step: &str,
    loss: &str,
    layer: &Layer,
) -> Result<Point, String> {
    let written = |name: &str| -> Result<String, String> {
        let value = object.get(name).ok_or_else(|| format!("a point of a curve lacks the field {name}"))?;
        match value {
            Json::String(text) => Ok(text.clone()),
            other => Ok(other.to_string()),
        }
    };
    let (step_text, loss_text) = (written(step)?, written(loss)?);
    let layer_text = match layer {
        Layer::Named(name) => written(name)?,
        Layer::Fixed(_) => String::new(),
    };
    if let Some(value) = object.get(loss) {
        number_of_json(value).map_err(|problem| format!("a point of a curve has a loss of {problem}"))?;
    }
    let text_of = |name: &str| {
        Ok(if name == step {
            step_text.as_str()
        } else if name == loss {
            loss_text.as_str()
        } else {
            layer_text.as_str()
        })
    };
    point_of(&text_of, step, loss, layer)
}

impl Found<'_> {
    /// Adds a point of a curve from source `at`.
    pub(super) fn add(&mut self, at: usize, point: Point) {
        self.gave[at] = true;
        self.points.push(point);
    }
}
