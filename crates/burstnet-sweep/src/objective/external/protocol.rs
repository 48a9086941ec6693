//! The protocol between burstnet and an external program: one JSON object as input, and one on each line of the output.

use std::path::Path;

use burstnet_core::config::{Configuration, Value};
use burstnet_core::curves::CurvePoint;
use burstnet_core::digest::of_results;
use burstnet_core::text::{listed, quoted};
use serde_json::{Map, Value as Json, json};

use crate::files::json::{first_double, nested};
use crate::limits::{
    LAST_CURVE_STEP, LONGEST_FAILURE, LONGEST_PROGRAM_LINE, LONGEST_REASON, MOST_CURVE_LAYERS, MOST_PROGRAM_OUTPUT,
};
use crate::objective::{Attempt, Evaluation};

/// The forms that a line can have.
const LINES: &str = r#"{"measures": {…}}, {"curve": {…}} or {"diverged": "why"}"#;

/// Returns the input of a program: one line.
pub(super) fn request(configuration: &Configuration, seed: u64, budget: Option<&str>) -> Vec<u8> {
    let nested = nested(configuration);
    let budget = budget.map_or(&Value::Null, |key| configuration.get(key));
    format!("{}\n", json!({ "configuration": nested, "seed": seed, "budget": budget })).into_bytes()
}

/// Returns a request to a worker: one line.
pub(super) fn request_of_worker(
    configuration: &Configuration,
    attempt: &Attempt,
    budget: Option<&str>,
    (dir, state): (Option<&Path>, Option<&Path>),
) -> Vec<u8> {
    let nested = nested(configuration);
    let budget = budget.map_or(&Value::Null, |key| configuration.get(key));
    let Attempt { trial_id, replicate, seed, .. } = attempt;
    let (dir, state) = (dir.map(Path::to_string_lossy), state.map(Path::to_string_lossy));
    let request = json!({
        "id": trial_id, "configuration": nested, "seed": seed, "budget": budget, "replicate": replicate,
        "dir": dir, "state": state,
    });
    format!("{request}\n").into_bytes()
}

/// The last line of a worker's answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// The trial has ended, and its answer is before this line.
    Complete,
    /// The trial failed, for this reason.
    Failed(String),
}

impl LastLine {
    /// Reads the last line of the answer to request `id`.
    ///
    /// # Errors
    /// With a message if it is that of another request, or holds something else.
    pub(super) fn of(object: &Map<String, Json>, id: u64) -> Result<Self, String> {
        let expected = || format!(r#"expected {{"id": {id}}}, or {{"id": {id}, "failed": "why"}}"#);
        if object.get("id").and_then(Json::as_u64) != Some(id) {
            return Err(format!("has the id of no request that is open, {}", expected()));
        }
        match (object.get("failed"), object.len()) {
            (None, 1) => Ok(Self::Complete),
            (Some(Json::String(reason)), 2) => Ok(Self::Failed(last_part(reason).flat_map(escaped).collect())),
            _other => Err(format!("has more than the id of its request, {}", expected())),
        }
    }

    /// Returns the reason for which the trial failed.
    pub(super) fn reason(self) -> Option<String> {
        match self {
            Self::Complete => None,
            Self::Failed(reason) => Some(reason),
        }
    }

    /// Returns whether an object is a last line, of whichever request, among lines that may hold anything.
    pub(super) fn is_one(object: &Map<String, Json>) -> bool {
        object.contains_key("id") && object.keys().all(|name| name == "id" || name == "failed")
    }
}

/// Returns the characters of a reason, the last ones of a long one.
fn last_part(reason: &str) -> impl Iterator<Item = char> {
    let reason = reason.trim();
    let over = reason.chars().count().saturating_sub(LONGEST_FAILURE);
    (over > 0).then_some('…').into_iter().chain(reason.chars().skip(over))
}

/// The output of a program so far.
pub(super) struct Answer<'a> {
    /// The measures that it has to give.
    wanted: &'a [String],
    /// The request that a worker answers.
    id: Option<u64>,
    /// The last line of a worker's answer.
    last: Option<LastLine>,
    /// The number of bytes that it printed.
    bytes: usize,
    /// The number of complete lines.
    lines: usize,
    /// The start of the line that is not complete.
    line: Vec<u8>,
    measures: Option<Vec<Option<f64>>>,
    diverged: Option<String>,
    curves: Vec<Point>,
}

/// A point of a curve, with the number of learning steps if the program gives it.
pub(super) struct Point {
    pub(super) layer: u32,
    pub(super) step: u64,
    pub(super) learning_steps: Option<u64>,
    pub(super) loss: Option<f64>,
}

impl<'a> Answer<'a> {
    /// Returns the empty output of a program, or of a worker with the number of its request.
    pub(super) fn new(wanted: &'a [String], id: Option<u64>) -> Self {
        let (line, curves) = (Vec::new(), Vec::new());
        Self { wanted, id, last: None, bytes: 0, lines: 0, line, measures: None, diverged: None, curves }
    }

    /// Takes the next part of the output. Returns whether it holds the last line of a worker's answer; all behind that
    /// is ignored.
    ///
    /// # Errors
    /// With a message if a line is invalid, or there is too much output.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> Result<bool, String> {
        self.bytes += bytes.len();
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.complete_line()?;
            if self.last.is_some() {
                return Ok(true);
            }
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() > LONGEST_PROGRAM_LINE {
            return Err(self.wrong(&format!("is longer than {LONGEST_PROGRAM_LINE} bytes")));
        }
        if self.bytes > MOST_PROGRAM_OUTPUT {
            return Err(format!("it printed more than {MOST_PROGRAM_OUTPUT} bytes"));
        }
        Ok(false)
    }

    fn complete_line(&mut self) -> Result<(), String> {
        if self.line.len() > LONGEST_PROGRAM_LINE {
            return Err(self.wrong(&format!("is longer than {LONGEST_PROGRAM_LINE} bytes")));
        }
        if !self.line.trim_ascii().is_empty() {
            self.read_line().map_err(|problem| self.wrong(&problem))?;
        }
        self.lines += 1;
        self.line.clear();
        Ok(())
    }

    /// Returns a message about the line that is being read.
    fn wrong(&self, problem: &str) -> String {
        let start = &self.line[..self.line.len().min(400)]; // `quoted` cuts it at characters
        format!(
            "line {} of its output {problem}: {}",
            self.lines + 1,
            quoted(String::from_utf8_lossy(start).trim_end())
        )
    }

    fn read_line(&mut self) -> Result<(), String> {
        let json: Json = serde_json::from_slice(&self.line).map_err(|error| {
            let text = String::from_utf8_lossy(&self.line);
            if error.is_eof() || !["NaN", "Infinity"].iter().any(|word| text.contains(word)) {
                format!("is not JSON ({error})")
            } else {
                "holds NaN or Infinity, which are not JSON; expected finite numbers, or null".into()
            }
        })?;
        if let Some(name) = first_double(&self.line) {
            return Err(format!("names {} twice, expected each name once", quoted(&name)));
        }
        let expected = || match self.id {
            None => format!("is not an object of a known form, expected {LINES}"),
            Some(id) => format!(r#"is not an object of a known form, expected {LINES}, and {{"id": {id}}} at the end"#),
        };
        let object = json.as_object().ok_or_else(expected)?;
        if let Some(id) = self.id
            && object.contains_key("id")
        {
            self.last = Some(LastLine::of(object, id)?);
            return Ok(());
        }
        let object = Some(object).filter(|object| object.len() == 1).ok_or_else(expected)?;
        match object.iter().next() {
            Some((name, value)) if name == "measures" => self.read_measures(value),
            Some((name, value)) if name == "curve" => self.read_point(value),
            Some((name, Json::String(reason))) if name == "diverged" && self.diverged.is_none() => {
                self.diverged = Some(reason.chars().take(LONGEST_REASON).flat_map(escaped).collect());
                Ok(())
            }
            Some((name, Json::String(_))) if name == "diverged" => Err("says a second time that it diverged".into()),
            Some(_) | None => Err(expected()),
        }
    }

    fn names(&self) -> String {
        listed(self.wanted.iter().map(String::as_str))
    }

    fn read_measures(&mut self, value: &Json) -> Result<(), String> {
        if self.measures.is_some() {
            return Err("has measures a second time, expected them once".into());
        }
        let given = value.as_object().ok_or("has measures that are not an object")?;
        if let Some(name) = given.keys().find(|name| !self.wanted.contains(name)) {
            return Err(format!("has a measure {}, expected {}", quoted(name), self.names()));
        }
        let measure = |name: &String| match given.get(name) {
            None => Err(format!("lacks the measure {name}")),
            Some(value) => number_or_null(value).map_err(|problem| format!("has a measure {name} that is {problem}")),
        };
        self.measures = Some(self.wanted.iter().map(measure).collect::<Result<_, _>>()?);
        Ok(())
    }

    fn read_point(&mut self, value: &Json) -> Result<(), String> {
        let given = value.as_object().ok_or("has a point of a curve that is not an object")?;
        let known = ["step", "loss", "layer", "learning_steps"];
        if let Some(name) = given.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("has a point with {}, expected {}", quoted(name), known.join(", ")));
        }
        let integer = |name: &str, most: u64| match given.get(name) {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                .filter(|n| *n <= most)
                .map(Some)
                .ok_or_else(|| format!("has a point whose {name} is not an integer from 0 to {most}")),
        };
        let step = integer("step", LAST_CURVE_STEP)?.ok_or("has a point without a step")?;
        let layer = integer("layer", MOST_CURVE_LAYERS - 1)?.unwrap_or(0) as u32;
        let learning_steps = integer("learning_steps", LAST_CURVE_STEP)?;
        let loss = given.get("loss").ok_or("has a point without a loss")?;
        let loss = number_or_null(loss).map_err(|problem| format!("has a point whose loss is {problem}"))?;
        self.curves.push(Point { layer, step, learning_steps, loss });
        Ok(())
    }

    /// Returns the reason for which a worker said that the trial failed.
    pub(super) fn failed(&mut self) -> Option<String> {
        self.last.take_if(|last| matches!(last, LastLine::Failed(_))).and_then(LastLine::reason)
    }

    /// Returns the evaluation that the whole output gives, once the program has ended successfully.
    ///
    /// # Errors
    /// With a message if something is missing.
    pub(super) fn finish(mut self) -> Result<Evaluation, String> {
        self.complete_line()?;
        let values = match (&self.diverged, self.measures.take()) {
            (Some(_), _) => vec![None; self.wanted.len()], // measures of what diverged are none
            (None, Some(values)) => values,
            (None, None) => return Err(format!("it printed no measures, expected {}", self.names())),
        };
        evaluation(self.wanted, values, self.curves, self.diverged)
    }
}

/// Returns the evaluation with these values of the measures `names`.
///
/// # Errors
/// With a message if a curve has two points at a step.
pub(super) fn evaluation(
    names: &[String],
    values: Vec<Option<f64>>,
    curves: Vec<Point>,
    diverged: Option<String>,
) -> Result<Evaluation, String> {
    let curves = points(curves)?;
    let measures: Vec<(String, Option<f64>)> = names.iter().cloned().zip(values).collect();
    let digest = Some(of_results(&curves, &measures));
    Ok(Evaluation { diverged, measures, curves, digest })
}

/// Returns the points by layer and step. If a point does not give the number of its steps in which the layer learned,
/// the layer learned in all steps since the previous point.
fn points(mut given: Vec<Point>) -> Result<Vec<CurvePoint>, String> {
    given.sort_by_key(|point| (point.layer, point.step));
    let mut before: Option<(u32, u64)> = None;
    let mut points = Vec::with_capacity(given.len());
    for Point { layer, step, learning_steps, loss } in given {
        let start = before.filter(|(other, _)| *other == layer).map(|(_, step)| step);
        if start == Some(step) {
            return Err(format!("it printed two points of layer {layer} at step {step}, expected one"));
        }
        let since = start.map_or(step + 1, |start| step - start);
        let learning_steps = learning_steps.unwrap_or(if loss.is_some() { since } else { 0 });
        points.push(CurvePoint { layer, step, learning_steps, loss });
        before = Some((layer, step));
    }
    Ok(points)
}

/// Returns a number, or `None` for null.
///
/// # Errors
/// With a description of the value, if it is something else, or an integer that would be changed.
fn number_or_null(value: &Json) -> Result<Option<f64>, &'static str> {
    match value {
        Json::Null => Ok(None),
        Json::Number(x) => {
            let integer = x.as_i64().map(i128::from).or(x.as_u64().map(i128::from));
            let held = x.as_f64().filter(|x| x.is_finite()).ok_or("neither a finite number nor null")?;
            let changes = integer.is_some_and(|integer| held as i128 != integer);
            if changes { Err("an integer that float64 does not hold") } else { Ok(Some(held)) }
        }
        Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => Err("neither a finite number nor null"),
    }
}

/// Escapes a character of a text that is shown in tables and on terminals.
pub(super) fn escaped(c: char) -> Vec<char> {
    if c.is_control() { c.escape_debug().collect() } else { vec![c] }
}
