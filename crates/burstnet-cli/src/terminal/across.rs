//! Several sweeps beside each other: the finding, a row per sweep, and the configurations that differ most.

use std::path::Path;

use burstnet_report::analysis::across::{MatchedConfiguration, SweepDifference, SweepSummary, SweepsComparison};
use burstnet_report::analysis::labels;

use super::columns::{TextColumn, fitting, width};
use super::figures::Figures;
use super::ranked::{half, p_value};
use super::{Look, Paint, trials, warnings};
use crate::text::{clean, count, fitted, fitted_apart, value, wrapped};

/// The configurations that are shown of each end.
const SHOWN: usize = 3;
/// The widths to which columns of keys are cut, one after the other.
const KEY_WIDTHS: [usize; 3] = [20, 12, 8];
/// The width of the name of a sweep.
const NAME: usize = 20;

/// Returns the whole text; the page is at `page`.
pub(super) fn across(compared: &SweepsComparison, page: &Path, look: Look) -> String {
    let headline = look.paint(Paint::Title, &wrapped(&clean(&compared.finding), "", look.width));
    let sentences = wrapped(&clean(&compared.sentences.join(" ")), "", look.width);
    let mut parts = vec![format!("{headline}\n{sentences}"), sweeps(compared, look)];
    parts.extend(compared.against.iter().filter_map(|one| largest(compared, one, look)));
    parts.extend((!compared.notes.is_empty()).then(|| look.note(&clean(&compared.notes.join(" ")))));
    parts.extend(warnings(&compared.warnings, look));
    parts.push(trials::look_at_page(page, look));
    parts.join("\n\n")
}

/// Returns a row per sweep.
fn sweeps(compared: &SweepsComparison, look: Look) -> String {
    let all = &compared.sweeps;
    let best = || all.iter().filter_map(|sweep| sweep.best.as_ref());
    let figures = Figures::of(best().map(|one| one.mean), best().filter_map(|one| half(one.interval)));
    let mut columns = vec![
        TextColumn::new("sweep", all.iter().map(|sweep| fitted(&sweep.label, NAME))).left(),
        TextColumn::new("configs", all.iter().map(|sweep| sweep.configurations.to_string())),
        TextColumn::new("seeds", all.iter().map(|sweep| sweep.replicates.to_string())),
        TextColumn::new("trials", all.iter().map(|sweep| sweep.counts.all().to_string())),
    ];
    let mut text = look.paint(Paint::Title, "Sweeps");
    if best().next().is_some() {
        let mean = |sweep: &SweepSummary| {
            sweep.best.as_ref().map_or("–".into(), |one| figures.with_half(Some(one.mean), half(one.interval)))
        };
        columns.push(TextColumn::new("best ± 95 %", all.iter().map(mean)));
        let config = |sweep: &SweepSummary| sweep.best.as_ref().map_or(String::new(), |one| one.config_id.to_string());
        columns.push(TextColumn::new("config", all.iter().map(config)));
        let unit = figures.unit(&compared.unit);
        text += &format!(
            "\n{}",
            look.note(&format!("best: the best configuration of each by {}{unit}.", compared.measure))
        );
    }
    text += &format!("\n\n{}", fitting(&columns, look));
    for sweep in all {
        if let Some(best) = &sweep.best {
            let keys = labels(&sweep.keys);
            let named: Vec<String> = keys
                .iter()
                .zip(&best.values)
                .map(|(key, held)| format!("{key} = {}", fitted(&value(held), 24)))
                .collect();
            let at = format!("{} is best at {}.", sweep.label, named.join(", "));
            text += &format!("\n{}", look.note(&clean(&at)));
        }
    }
    text
}

/// Returns the configurations in which a sweep differs most from the first, either way.
fn largest(compared: &SweepsComparison, one: &SweepDifference, look: Look) -> Option<String> {
    let all = &one.configurations;
    let rows: Vec<&MatchedConfiguration> = match all.len() {
        0 => return None,
        few @ ..=6 => all[..few].iter().collect(),
        many => all[..SHOWN].iter().chain(&all[many - SHOWN..]).collect(),
    };
    let (first, other) = (&compared.sweeps[0].label, &compared.sweeps[one.sweep].label);
    let numbers = rows.iter().flat_map(|row| [Some(row.mean_first), Some(row.mean_other), row.test.difference]);
    let figures = Figures::of(numbers.flatten(), rows.iter().filter_map(|row| half(row.test.interval)));
    let ways = KEY_WIDTHS.iter().map(|most| columns(one, &rows, figures, *most, [first, other]));
    let ways: Vec<Vec<TextColumn>> = ways.collect();
    let found = ways.iter().find(|columns| width(columns) <= look.width).or(ways.last())?;
    let shown = match rows.len() < all.len() {
        true => format!(
            "the {SHOWN} smallest and the {SHOWN} largest differences of {}",
            count(all.len() as u64, "match", "matches")
        ),
        false => "all matches".to_owned(),
    };
    let note = format!(
        "{}{}, {shown}; Δ is {other} less {first}, not corrected for other configurations.",
        compared.measure,
        figures.unit(&compared.unit)
    );
    let title = look.paint(Paint::Title, &wrapped(&clean(&format!("{other} against {first}")), "", look.width));
    Some(format!("{title}\n{}\n\n{}", look.note(&clean(&note)), fitting(found, look)))
}

fn columns(
    one: &SweepDifference,
    rows: &[&MatchedConfiguration],
    figures: Figures,
    most: usize,
    names: [&str; 2],
) -> Vec<TextColumn> {
    let mut columns = Vec::new();
    for (at, label) in labels(&one.keys).iter().enumerate() {
        let cells: Vec<String> = rows.iter().map(|row| row.values.get(at).map_or(String::new(), value)).collect();
        columns.push(TextColumn::new(fitted(label, most), fitted_apart(&cells, most)));
    }
    let difference = |row: &&MatchedConfiguration| match (row.test.difference, half(row.test.interval)) {
        (Some(x), Some(half)) => format!("{} ± {}", figures.signed(x), figures.show(half)),
        (Some(x), None) => figures.signed(x),
        (None, _) => "–".into(),
    };
    columns.push(TextColumn::new(fitted(names[0], most), rows.iter().map(|row| figures.show(row.mean_first))));
    columns.push(TextColumn::new(fitted(names[1], most), rows.iter().map(|row| figures.show(row.mean_other))));
    columns.push(TextColumn::new("Δ ± 95 %", rows.iter().map(difference)));
    columns.push(TextColumn::new("p", rows.iter().map(|row| p_value(row.test.p))));
    columns
}
