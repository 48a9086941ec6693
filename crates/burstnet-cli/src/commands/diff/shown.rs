//! The comparison of two trials, for people and as JSON.

use burstnet_core::config::Value;
use burstnet_core::digest::hex;
use burstnet_core::math::ln;
use burstnet_report::difference::{Bin, Compared, Difference, Parting};
use burstnet_report::shell;
use burstnet_sweep::results::record::Status;
use serde_json::json;

use super::outcome::{Curve, Measure, Outcome, curves, measures};
use super::printed::Printed;
use super::sides::{Side, differing_keys};
use crate::arguments::DiffArguments;
use crate::terminal::{Look, SharedRange, TextColumn, fitting, table};
use crate::text::{clean, count, short, wrapped};

/// The quantities whose growth is drawn.
const DRAWN: usize = 40;
/// The columns that a curve of growth has at least, and at most.
const CURVE: (usize, usize) = (8, 40);
/// The steps around the first difference that a trace of it has.
const AROUND: u64 = 32;

/// The figures of a comparison, as they are shown.
pub(super) struct Shown<'a> {
    arguments: &'a DiffArguments,
    sides: [&'a Side; 2],
    outcomes: &'a [Outcome; 2],
    keys: Vec<(String, Value, Value)>,
    measures: Vec<Measure>,
    curves: Vec<Curve>,
    difference: Option<&'a Difference>,
    printed: Option<&'a Printed>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(
        arguments: &'a DiffArguments,
        sides: [&'a Side; 2],
        outcomes: &'a [Outcome; 2],
        difference: Option<&'a Difference>,
        printed: Option<&'a Printed>,
    ) -> Self {
        let (keys, measures, curves) = (differing_keys(sides), measures(outcomes), curves(outcomes));
        Self { arguments, sides, outcomes, keys, measures, curves, difference, printed }
    }

    /// Returns whether both trials left the same bits, and no step differs.
    pub(super) fn same(&self) -> bool {
        let [a, b] = self.outcomes;
        let steps = self.difference.is_none_or(|one| one.first().is_empty() && one.steps_of_one == [0, 0]);
        let as_recorded = a.differs_in.is_empty() && b.differs_in.is_empty();
        a.status == b.status && a.digest == b.digest && steps && as_recorded
    }

    /// Returns it as a JSON object.
    pub(super) fn json(&self) -> serde_json::Value {
        let side = |at: usize| {
            let (side, one) = (self.sides[at], &self.outcomes[at]);
            json!({
                "name": side.name,
                "seed": side.seed,
                "status": one.status.name(),
                "error": one.error,
                "digest": one.digest.as_ref().map(hex),
                "differs_from_its_record_in": one.differs_in,
            })
        };
        let key = |(key, a, b): &(String, Value, Value)| json!({ "key": key, "a": a, "b": b });
        let measure = |(name, [a, b]): &Measure| {
            let difference = a.zip(*b).map(|(a, b)| b - a);
            json!({ "measure": name, "a": a, "b": b, "difference": difference })
        };
        let parting = |(one, parting): (&Compared, &Parting)| json!({ "quantity": one.name, "unit_of_measure": one.unit, "parting": parting });
        json!({
            "a": side(0),
            "b": side(1),
            "same": self.same(),
            "keys": self.keys.iter().map(key).collect::<Vec<_>>(),
            "measures": self.measures.iter().map(measure).collect::<Vec<_>>(),
            "curves": self.curves,
            "first": self.difference.map(|one| one.first().into_iter().map(parting).collect::<Vec<_>>()),
            "difference": self.difference,
            "printed": self.printed,
            "page": self.arguments.page,
        })
    }

    /// Returns it as text.
    pub(super) fn for_people(&self) -> String {
        let look = Look::of_output();
        let mut parts = vec![self.heading(), self.differing()];
        parts.extend(self.compared_measures());
        parts.extend(self.compared_curves());
        if let Some(difference) = self.difference {
            parts.push(wrapped(&first(difference, self.same()), "", look.width));
            parts.extend(growth(difference, look));
            parts.extend(not_compared(difference, look));
        }
        parts.extend(self.printed.map(|printed| printed.for_people(look.width)));
        parts.extend(self.next());
        parts.join("\n\n")
    }

    fn heading(&self) -> String {
        let line = |at: usize| {
            let one = &self.outcomes[at];
            let ending = match &one.error {
                Some(error) => format!(": {} ({})", one.status.name(), clean(error)),
                None if one.status == Status::Ok => String::new(),
                None => format!(": {}", one.status.name()),
            };
            let differs = match one.differs_in.as_slice() {
                [] => String::new(),
                parts => format!("\n  it DIFFERS from its record in {}", parts.join(", ")),
            };
            format!("{}  {}{ending}{differs}", ["A", "B"][at], self.sides[at].name)
        };
        let same = if self.same() { "\nBoth left the same bits." } else { "" };
        format!("{}\n{}{same}", line(0), line(1))
    }

    fn differing(&self) -> String {
        if self.keys.is_empty() {
            return match self.sides[0].seed == self.sides[1].seed {
                true => "No key differs, nor does the seed.".into(),
                false => "No key differs; the seeds do.".into(),
            };
        }
        let row =
            |(key, a, b): &(String, Value, Value)| [key.clone(), clean(&a.to_string()), clean(&b.to_string())].into();
        let rows: Vec<Vec<String>> = self.keys.iter().map(row).collect();
        table(&["key that differs", "A", "B"], &rows, 3)
    }

    fn compared_measures(&self) -> Option<String> {
        let number = |x: Option<f64>| x.map_or("–".into(), short);
        let shown = self.measures.iter().filter(|(_, values)| values.iter().any(Option::is_some));
        let row = |(name, [a, b]): &Measure| {
            let difference = a.zip(*b).map(|(a, b)| b - a);
            let difference = if a == b { "same".into() } else { number(difference) };
            vec![clean(name), number(*a), number(*b), difference]
        };
        let rows: Vec<_> = shown.map(row).collect();
        (!rows.is_empty()).then(|| table(&["measure", "A", "B", "B − A"], &rows, 1))
    }

    fn compared_curves(&self) -> Option<String> {
        let number = |x: Option<f64>| x.map_or("–".into(), short);
        let row = |one: &Curve| {
            let points = match one.points {
                [a, b] if a == b => a.to_string(),
                [a, b] => format!("{a} and {b}"),
            };
            let parts = one.parts.map_or("never".into(), |step| format!("step {step}"));
            vec![format!("layer {}", one.layer), points, parts, number(one.last[0]), number(one.last[1])]
        };
        let rows: Vec<_> = self.curves.iter().map(row).collect();
        (!rows.is_empty()).then(|| table(&["loss curve", "points", "parts at", "last of A", "last of B"], &rows, 1))
    }

    /// Returns the command that compares these two trials.
    fn command(&self) -> String {
        let mut words = vec!["burstnet diff".to_owned(), shell::path(&self.arguments.first)];
        words.extend(self.arguments.second.as_deref().map(shell::path));
        words.extend(self.arguments.sets.iter().map(|set| format!("--set {}", shell::quote(set))));
        words.extend(self.arguments.engine.iter().map(|engine| format!("--engine {}", shell::quote(engine))));
        words.join(" ")
    }

    /// Returns the commands that are worth running next.
    fn next(&self) -> Option<String> {
        let Some(difference) = self.difference else {
            let again =
                || format!("run both again, and compare what they print:\n  {} --allow-command", self.command());
            return self.printed.is_none().then(again);
        };
        let (_, parting) = difference.first_step()?;
        let mut lines = Vec::new();
        if self.arguments.page.is_none() {
            lines.push(format!("look at both over each other, on a page:\n  {} --page diff.html", self.command()));
        }
        let traced = |at: usize| {
            let step = parting.steps[at];
            let (from, to) = (step.saturating_sub(AROUND), step + 1);
            let (command, file) = (&self.sides[at].command, ["a", "b"][at]);
            format!("  burstnet {command} --trace {file}.parquet --trace-steps {from}:{to}")
        };
        lines.push(format!("record the steps up to the first difference:\n{}\n{}", traced(0), traced(1)));
        Some(lines.join("\n"))
    }
}

/// Says where two runs part.
fn first(difference: &Difference, same: bool) -> String {
    let steps = count(difference.steps, "step", "steps");
    let first = difference.first();
    let Some((one, parting)) = first.first() else {
        let left = if same { "" } else { "; what the runs left does" };
        return format!("No quantity differs at any of {steps}{left}.");
    };
    let place = |parting: &Parting| match (parting.t, parting.epoch) {
        (None, Some(0)) => "before the first step".to_owned(),
        (None, epoch) => format!("after {}", count(epoch.unwrap_or(0), "epoch", "epochs")),
        (Some(t), epoch) => {
            let [a, b] = parting.steps;
            let steps = if a == b { format!("at step {a}") } else { format!("at step {a} of A and {b} of B") };
            let epoch = epoch.map_or(String::new(), |epoch| format!(", epoch {epoch}"));
            format!("{steps} ({}{epoch}, t {t})", parting.phase)
        }
    };
    let value = |x: Option<f64>| x.map_or("not finite".into(), |x| format!("{x:?}"));
    let [a, b] = parting.values.map(value);
    let unit = if one.unit.is_empty() { String::new() } else { format!(" {}", one.unit) };
    let at = match (one.name.as_str(), parting.column) {
        ("taught", _) => String::new(),
        (_, Some(column)) => format!(" of row {}, column {column}", parting.unit),
        (_, None) => format!(" of unit {}", parting.unit),
    };
    let mut text = format!(
        "They part {}: {}{at} is {a} in A and {b} in B, a difference of {}{unit}.",
        place(parting),
        one.name,
        parting.difference.map_or("no finite size".into(), short)
    );
    let others: Vec<&str> = first[1..].iter().map(|(one, _)| one.name.as_str()).collect();
    match others.as_slice() {
        [] => text += " No other quantity differs there.",
        others => text += &format!(" There differ too: {}.", others.join(", ")),
    }
    // Weights may differ from the start; what they do is seen at a step.
    if parting.t.is_none()
        && let Some((one, parting)) = difference.first_step()
    {
        text += &format!(" The first step to differ: {}, {}.", place(parting).trim_start_matches("at "), one.name);
    }
    text
}

/// Draws how the differences grow.
fn growth(difference: &Difference, look: Look) -> Option<String> {
    let parted: Vec<&Compared> = difference.quantities.iter().filter(|one| one.parts.is_some()).collect();
    let (shown, others) = parted.split_at(parted.len().min(DRAWN));
    if shown.is_empty() {
        return None;
    }
    let number = |bin: Option<&Bin>| bin.and_then(|bin| bin.mean).map_or("–".into(), |x| format!("{x:.1e}"));
    let parts = |one: &&Compared| match &one.parts {
        Some(parting) if parting.t.is_some() => parting.steps[0].to_string(),
        Some(parting) => format!("epoch {}", parting.epoch.unwrap_or(0)),
        None => String::new(),
    };
    let cells = |of: &dyn Fn(&&Compared) -> String| shown.iter().map(of).collect::<Vec<_>>();
    let mut columns = vec![
        TextColumn::new("mean |B − A|", cells(&|one| one.name.clone())).left(),
        TextColumn::new("parts at", cells(&parts)),
        TextColumn::new("at first", cells(&|one| number(training(one).next()))),
        TextColumn::new("at last", cells(&|one| number(training(one).last()))),
        TextColumn::new("test", cells(&|one| number(Some(&one.growth.test)))),
    ];
    let room = look.width.saturating_sub(crate::terminal::width(&columns) + 2);
    if room >= CURVE.0 {
        let width = room.min(CURVE.1);
        columns.push(TextColumn::new("growth", cells(&|one| curve(one, width))).left());
    }
    let mut text = fitting(&columns, Look { colour: false, ..look });
    if !others.is_empty() {
        text +=
            &format!("\nand {}, which --json has", count(others.len() as u64, "other quantity", "other quantities"));
    }
    let equal: Vec<&str> =
        difference.quantities.iter().filter(|one| one.parts.is_none()).map(|one| one.name.as_str()).collect();
    if !equal.is_empty() {
        text += &format!("\n{}", wrapped(&format!("Never different: {}.", equal.join(", ")), "", look.width));
    }
    let note = "Growth: the mean over units and steps, by epoch, on a log scale from its smallest to its largest value. \
                Weights are looked at between epochs.";
    Some(format!("{text}\n{}", look.note(note)))
}

/// Returns the bins of the training in which something was compared.
fn training(one: &Compared) -> impl Iterator<Item = &Bin> {
    one.growth.training.iter().filter(|bin| bin.mean.is_some())
}

/// Returns the mean difference by epoch, in so many columns.
fn curve(one: &Compared, width: usize) -> String {
    let bins = &one.growth.training;
    let columns = bins.len().min(width);
    let of_column = |at: usize| {
        let (from, to) = (at * bins.len() / columns, (at + 1) * bins.len() / columns);
        let means = bins[from..to].iter().filter_map(|bin| bin.mean);
        means.fold(None, |most: Option<f64>, x| Some(most.map_or(x, |most| most.max(x))))
    };
    let logs: Vec<Option<f64>> = (0..columns).map(|at| of_column(at).filter(|x| *x > 0.0).map(ln)).collect();
    match SharedRange::of(logs.iter().flatten().copied()) {
        Some(range) => range.sparkline(logs).trim_end().to_owned(),
        None => String::new(),
    }
}

/// Says what could not be compared.
fn not_compared(difference: &Difference, look: Look) -> Option<String> {
    let mut texts: Vec<String> = difference.not_compared.clone();
    let [a, b] = difference.steps_of_one;
    let steps = [(a, "A"), (b, "B")].into_iter().filter(|(n, _)| *n > 0);
    texts.extend(steps.map(|(n, side)| format!("{} that only {side} has", count(n, "step", "steps"))));
    let text = format!("Not compared: {}.", texts.join("; "));
    (!texts.is_empty()).then(|| wrapped(&text, "", look.width))
}
