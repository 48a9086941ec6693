//! The output of two trials of a program, compared line by line.

use burstnet_core::text::cut;
use burstnet_sweep::limits::MOST_OUTPUT_KEPT;
use burstnet_sweep::objective::Attempt;
use burstnet_sweep::results::models::NamedModel;
use serde::Serialize;

use super::outcome::Outcome;
use super::sides::Side;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::programs::evaluated;
use crate::text::{count, wrapped};

/// The longest part of a line that is shown.
const LONGEST: usize = 200;

/// The standard outputs of both trials.
#[derive(Serialize)]
pub(super) struct Printed {
    /// The numbers of lines.
    lines: [usize; 2],
    /// True if only the beginning of an output is compared.
    cut: bool,
    /// The first line that differs, counted from 1.
    first: Option<Parting>,
}

/// A line in which two outputs differ; `None` where one has ended.
#[derive(Serialize)]
struct Parting {
    line: usize,
    a: Option<String>,
    b: Option<String>,
}

/// Runs both trials, one after the other.
pub(super) fn run(sides: [&Side; 2], interrupt: &Interrupt) -> Result<([Outcome; 2], Printed), Failure> {
    let one = |side: &Side| {
        let NamedModel::Command(program) = &side.model else {
            return Err(Failure::Input(format!("{}: of the burst network", side.name)));
        };
        let attempt = Attempt { trial_id: side.trial_id, replicate: side.replicate, seed: side.seed, part: None };
        let outcome = Outcome::of(side, evaluated(program, &side.configuration, attempt, interrupt)?);
        Ok((outcome, program.output()))
    };
    let [(a, first), (b, second)] = [one(sides[0])?, one(sides[1])?];
    Ok(([a, b], Printed::new([&first, &second])))
}

impl Printed {
    fn new(outputs: [&[u8]; 2]) -> Self {
        let [a, b] =
            outputs.map(|output| String::from_utf8_lossy(output).lines().map(str::to_owned).collect::<Vec<_>>());
        let at = (0..a.len().max(b.len())).find(|at| a.get(*at) != b.get(*at));
        let first = at.map(|at| Parting { line: at + 1, a: a.get(at).cloned(), b: b.get(at).cloned() });
        Self { lines: [a.len(), b.len()], cut: outputs.iter().any(|output| output.len() >= MOST_OUTPUT_KEPT), first }
    }

    /// Returns it as text, in lines of at most `width` columns.
    pub(super) fn for_people(&self, width: usize) -> String {
        let lines = self.lines.map(|n| count(n as u64, "line", "lines"));
        let compared = if self.cut { " (only the beginning is compared)" } else { "" };
        let Some(Parting { line, a, b }) = &self.first else {
            return wrapped(&format!("Both print the same {}{compared}.", lines[0]), "", width);
        };
        let said = format!("A prints {}, B {}{compared}; the first that differs is line {line}:", lines[0], lines[1]);
        let own = |first: &str, text: &Option<String>| {
            wrapped(&cut(text.as_deref().unwrap_or("(no more lines)"), LONGEST), first, width)
        };
        [wrapped(&said, "", width), own("  A  ", a), own("  B  ", b)].join("\n")
    }
}
