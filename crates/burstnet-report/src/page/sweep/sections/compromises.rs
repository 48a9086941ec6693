//! The best compromises between several objectives.

use maud::{Markup, html};

use super::value_of;
use crate::analysis::Front;
use crate::page::figure::{bracketed, count, integer, short};
use crate::page::sweep::PageSource;
use crate::page::sweep::data::PageData;

/// The configurations in the table.
const MOST_ROWS: usize = 200;

/// Returns the section; nothing with a single objective.
pub(super) fn section(source: &PageSource<'_>, data: &PageData) -> Markup {
    let Some(front) = source.analysis.pareto.as_ref().filter(|_| data.front.is_some()) else { return html! {} };
    html! {
        section #compromises aria-labelledby="compromises-title" {
            h2 #compromises-title { "Which compromises are best?" }
            @if front.configurations.is_empty() {
                p { "No configuration has a mean of all objectives, with all of its trials ok, so there is no front yet." }
            } @else {
                p {
                    strong { (count(front.size as u64, "configuration is", "configurations are")) " on the Pareto front" }
                    ": no other one is better in one objective without being worse in another. Configurations with trials that failed, diverged or were stopped early are not on it."
                }
                div #front-controls.controls {}
                figure {
                    div.plot #front-plot aria-label=(label(front)) {}
                    figcaption { "A point per configuration, at its means over replicates. Filled points are on the front of all objectives. Choose a point to see its configuration everywhere on this page." }
                }
                (table(source, front))
            }
        }
    }
}

fn label(front: &Front) -> String {
    let range = |(at, one): (usize, &crate::analysis::FrontObjective)| {
        let means = || front.configurations.iter().filter_map(|held| held.means.get(at).copied());
        let (low, high) = (means().fold(f64::INFINITY, f64::min), means().fold(f64::NEG_INFINITY, f64::max));
        format!("{} ({}) from {} to {}", one.measure, one.direction.better(), short(low), short(high))
    };
    let ranges: Vec<String> = front.objectives.iter().enumerate().map(range).collect();
    format!(
        "Means of all configurations in two objectives. On the front of {} there are {}.",
        front.size,
        ranges.join(", ")
    )
}

fn table(source: &PageSource<'_>, front: &Front) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Configurations on the front" { table.data.sort {
            caption { "Configurations on the Pareto front, the best by the first objective first" }
            thead { tr {
                th scope="col" { "Configuration" }
                @for one in &front.objectives { th scope="col" { span { "Mean of " code { (one.measure) } (bracketed(&one.unit)) ", " (one.direction.better()) } } }
                @for dimension in &source.plan.space { th scope="col" { code { (dimension.key) } } }
            } }
            tbody { @for one in front.configurations.iter().take(MOST_ROWS) {
                tr data-config=(one.config_id) {
                    th scope="row" { (one.config_id) }
                    @for mean in &one.means { td data-value=(mean) { (short(*mean)) } }
                    @for (dimension, value) in source.plan.space.iter().zip(&one.values) { td data-value=[value.as_f64()] { (value_of(dimension, value)) } }
                }
            } }
        } }
        @if front.size > MOST_ROWS { p.note { "The table has " (integer(MOST_ROWS.min(front.configurations.len()) as u64)) " of them; column " code { "pareto" } " of " code { "summary.parquet" } " tells all." } }
    }
}
