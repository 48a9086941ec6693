//! The best compromises of a sweep of several objectives.

use burstnet_core::numbers::spread;
use burstnet_report::analysis::{Analysis, Front, FrontObjective};
use burstnet_sweep::plan::Plan;

use super::columns::{TextColumn, fitting, width};
use super::figures::Figures;
use super::ranked::{short_name, shown_value};
use super::{Look, Paint, SHOWN};
use crate::text::{count, fitted, fitted_apart};

/// The width to which values of keys are cut.
const KEY_WIDTH: usize = 12;

/// Returns the table of the front; `None` with a single objective.
pub(super) fn front(plan: &Plan, analysis: &Analysis, look: Look) -> Option<String> {
    let front = analysis.pareto.as_ref()?;
    let title = look.paint(Paint::Title, "Best compromises");
    if front.configurations.is_empty() {
        let nothing = "No configuration has a mean of all objectives, with all of its trials ok.";
        return Some(format!("{title}\n{}", look.note(nothing)));
    }
    let rows: Vec<usize> = spread(front.configurations.len(), SHOWN as usize).collect();
    let mut columns =
        vec![TextColumn::new("config", rows.iter().map(|&at| front.configurations[at].config_id.to_string()))];
    columns.extend(front.objectives.iter().enumerate().map(|(at, one)| means(front, &rows, at, one)));
    let keys: Vec<&str> = plan.space.iter().map(|dimension| dimension.key.as_str()).collect();
    let mut without = 0;
    for (at, dimension) in plan.space.iter().enumerate() {
        let value = |row: &usize| front.configurations[*row].values.get(at).map(|held| shown_value(dimension, held));
        let cells: Vec<String> = rows.iter().map(|row| value(row).unwrap_or_default()).collect();
        let column = TextColumn::new(fitted(&short_name(&keys, at), KEY_WIDTH), fitted_apart(&cells, KEY_WIDTH));
        columns.push(column);
        if width(&columns) > look.width {
            columns.pop();
            without += 1;
        }
    }
    let text = explanation(front, rows.len(), without);
    Some(format!("{title}\n{}\n\n{}", look.note(&text), fitting(&columns, look)))
}

fn means(front: &Front, rows: &[usize], at: usize, objective: &FrontObjective) -> TextColumn {
    let mean = |row: &usize| front.configurations[*row].means.get(at).copied();
    let figures = Figures::of(rows.iter().filter_map(mean), []);
    let title = format!("{}{}", fitted(&objective.measure, 24), figures.unit(&objective.unit));
    TextColumn::new(title, rows.iter().map(|row| mean(row).map_or("–".into(), |x| figures.show(x))))
}

fn explanation(front: &Front, shown: usize, without: usize) -> String {
    let objectives: Vec<String> =
        front.objectives.iter().map(|one| format!("{} ({})", one.measure, one.direction.better())).collect();
    let mut text = format!(
        "Means of {}. {} on the Pareto front: no other one is better in one of these without being worse in another.",
        objectives.join(", "),
        count(front.size as u64, "configuration is", "configurations are"),
    );
    if shown < front.size {
        text += &format!(" {shown} of them are shown, from one end to the other.");
    }
    if without > 0 {
        text += &format!(" Left out to fit: {}.", count(without as u64, "key", "keys"));
    }
    text
}
