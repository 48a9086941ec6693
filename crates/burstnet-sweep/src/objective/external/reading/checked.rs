//! The checks that turn a declared source into one that can be read.

use std::path::Path;

use burstnet_core::text::{listed, quoted};
use regex::Regex;

use super::declared::{Curve, Reading, ReadingError, STDOUT, Which};
use super::source::{ENDINGS, FileKind, Layer, Origin, Purpose, Source};
use crate::limits::LONGEST_ARGUMENT;
use crate::nearest::nearest;

impl Reading {
    /// Returns the source, checked.
    pub(super) fn source(&self, measures: &[String]) -> Result<Source, ReadingError> {
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
