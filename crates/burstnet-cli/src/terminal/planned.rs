//! A planned comparison: the finding, a row per measure, and how they are to be read.

use burstnet_report::analysis::planned::{MeasureDifference, PlannedComparison, Unit};
use burstnet_sweep::results::study::Study;

use super::columns::{TextColumn, fitting, width};
use super::figures::Figures;
use super::ranked::{half, p_value};
use super::{Look, Paint};
use crate::text::{clean, fitted, wrapped};

/// The widths to which names of measures are cut, one after the other.
const NAME_WIDTHS: [usize; 2] = [40, 24];

/// Returns the whole text.
pub(super) fn planned(study: &Study, compared: &PlannedComparison, look: Look) -> String {
    let [a, b] = [&compared.a.name, &compared.b.name].map(|name| clean(name));
    let title = look.paint(Paint::Title, &clean(&study.results.to_string_lossy()));
    let mut parts = vec![format!("{title}\n{}\n{}", wrapped(&a, "A: ", look.width), wrapped(&b, "B: ", look.width))];
    let headline = look.paint(Paint::Title, &wrapped(&clean(&compared.finding), "", look.width));
    let sentences = wrapped(&clean(&compared.sentences.join(" ")), "", look.width);
    parts.push(if sentences.is_empty() { headline } else { format!("{headline}\n{sentences}") });
    let (held, without): (Vec<_>, Vec<_>) = compared.measures.iter().partition(|one| one.test.difference.is_some());
    if !held.is_empty() {
        parts.push(fitting(&columns(compared, &held, look), look));
    }
    let mut notes = compared.notes.clone();
    if !without.is_empty() && !held.is_empty() {
        let names: Vec<&str> = without.iter().map(|one| &*one.measure).collect();
        notes.insert(0, format!("Without values: {}.", names.join(", ")));
    }
    if compared.missing > 0 {
        notes.push(format!("{} trials are missing, so every figure may still change.", compared.missing));
    }
    parts.push(look.note(&notes.join(" ")));
    parts.join("\n\n")
}

/// Returns the columns that fit: the means of both sides are left out first.
fn columns(compared: &PlannedComparison, held: &[&MeasureDifference], look: Look) -> Vec<TextColumn> {
    let last = NAME_WIDTHS[NAME_WIDTHS.len() - 1];
    let ways = NAME_WIDTHS.iter().map(|most| (*most, true)).chain([(last, false)]);
    let mut laid_out = ways.map(|(most, means)| lay_out(compared, held, most, means));
    let mut found = Vec::new();
    for columns in laid_out.by_ref() {
        found = columns;
        if width(&found) <= look.width {
            break;
        }
    }
    found
}

fn lay_out(compared: &PlannedComparison, held: &[&MeasureDifference], most: usize, means: bool) -> Vec<TextColumn> {
    let figures = |one: &MeasureDifference| {
        let numbers = [one.mean_a, one.mean_b, one.test.difference];
        Figures::of(numbers.into_iter().flatten(), half(one.test.interval))
    };
    let name = |one: &&MeasureDifference| fitted(&format!("{}{}", one.measure, figures(one).unit(&one.unit)), most);
    let mean = |one: &MeasureDifference, x: Option<f64>| x.map_or("–".into(), |x| figures(one).show(x));
    let difference = |one: &&MeasureDifference| match (one.test.difference, half(one.test.interval)) {
        (Some(x), Some(half)) => format!("{} ± {}", figures(one).signed(x), figures(one).show(half)),
        (Some(x), None) => figures(one).signed(x),
        (None, _) => "–".into(),
    };
    let mut columns = vec![TextColumn::new("measure", held.iter().map(name)).left()];
    if means {
        columns.push(TextColumn::new("A", held.iter().map(|one| mean(one, one.mean_a))));
        columns.push(TextColumn::new("B", held.iter().map(|one| mean(one, one.mean_b))));
    }
    columns.push(TextColumn::new("A − B ± 95 %", held.iter().map(difference)));
    columns.push(TextColumn::new("p", held.iter().map(|one| p_value(one.test.p))));
    columns.push(TextColumn::new("n", held.iter().map(|one| one.n.to_string())));
    if compared.unit == Unit::Replicates && held.iter().any(|one| one.pairs != held[0].pairs) {
        columns.push(TextColumn::new("pairs", held.iter().map(|one| one.pairs.to_string())));
    }
    columns
}
