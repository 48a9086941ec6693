//! Effects of keys: one by one, in pairs, all at once.

use maud::{Markup, html};

use crate::analysis::{Analysis, MainEffect, words};
use crate::page::figure::{count, setting, short};
use crate::page::sweep::PageSource;
use crate::page::sweep::data::PageData;
use crate::page::sweep::keys::MOST_LEVELS;

pub(super) fn section(source: &PageSource<'_>, data: &PageData) -> Markup {
    let keys = source.plan.space.len();
    html! {
        section #how aria-labelledby="how-title" {
            h2 #how-title { "How do they act?" }
            @if data.ranked < 2 || keys == 0 {
                p { "Fewer than two configurations have values, so there is nothing to draw." }
            } @else {
                div #acting-controls.controls {}
                @if data.shown() < data.ranked { p.note #acting-note hidden { "Of this measure the plots show the " (count(data.shown() as u64, "configuration", "configurations")) " that this page holds, of " (data.ranked) "." } }
                (effects(source))
                (scatter(data))
                @if keys > 1 { (heatmap(data)) (parallel(source)) }
            }
        }
    }
}

fn effects(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    let over = if source.design.is_grid { "replicates" } else { "configurations" };
    html! {
        h3 { "One key at a time" }
        div #effects-controls.controls {}
        figure {
            div.plots { @for (at, effect) in analysis.main_effects.iter().enumerate() {
                @if effect.levels.iter().all(|(_, one)| one.is_none()) {
                    p.note { code { (effect.key) } " exists in no configuration that has a value." }
                } @else if effect.levels.len() <= MOST_LEVELS {
                    div {
                        div.plot.small data-effect=(at) aria-label=(label(&analysis.measure, effect)) {}
                        (table(analysis, effect))
                    }
                } @else {
                    p.note { code { (effect.key) } " has " (count(effect.levels.len() as u64, "value", "values")) " without an order, too many to draw." }
                }
            } }
            figcaption { "Main effects: at each value of a key the mean over all configurations that have it, with a 95 % interval over " (over) ". "
                @if analysis.main_effects.iter().any(has_within) {
                    "The interval within replicates leaves out what replicates have in common at all values, and compares values; that of the mean tells how large the mean is. "
                }
                "All plots have the same vertical axis. The chosen configuration is a diamond."
            }
        }
    }
}

fn label(measure: &str, effect: &MainEffect) -> String {
    let held: Vec<(&str, f64)> =
        effect.levels.iter().filter_map(|(level, one)| Some((level.label.as_str(), one.as_ref()?.mean))).collect();
    let (low, high) = (held.iter().min_by(|a, b| a.1.total_cmp(&b.1)), held.iter().max_by(|a, b| a.1.total_cmp(&b.1)));
    let ends = low.zip(high).map(|(low, high)| {
        let at = |one: &(&str, f64)| format!("{} at {}", short(one.1), crate::page::figure::shortened(one.0, 40));
        format!("smallest mean {}, largest {}", at(low), at(high))
    });
    format!("Mean {measure} by {}: {}.", effect.key, ends.unwrap_or_else(|| "no values".into()))
}

/// Returns whether there are intervals within replicates.
fn has_within(effect: &MainEffect) -> bool {
    effect.levels.iter().flat_map(|(_, one)| one).any(|one| one.within.is_some())
}

fn table(analysis: &Analysis, effect: &MainEffect) -> Markup {
    let (within, measure) = (has_within(effect), &analysis.measure);
    let bounded = |ends| words::bounded(ends, analysis.nonnegative);
    html! {
        details {
            summary { "Table" }
            div.scroll tabindex="0" role="region" aria-label={ "Mean by " (effect.key) } { table.data {
                caption { "Mean " code { (measure) } " by " code { (effect.key) } }
                thead { tr { th.left scope="col" { @if let Some(other) = &effect.ratio_of { "Ratio to " code { (other) } } @else { "Value" } } th scope="col" { "Mean" } th scope="col" { "95 % interval" } @if within { th scope="col" { "Within replicates" } } th scope="col" { "Configurations" } } }
                tbody { @for (level, one) in &effect.levels {
                    tr {
                        th.left scope="row" { (level_name(level)) }
                        td { (one.as_ref().map_or("–".to_owned(), |held| short(held.mean))) }
                        td { (super::interval(one.as_ref().and_then(|held| held.interval).map(bounded))) }
                        @if within { td { (super::interval(one.as_ref().and_then(|held| held.within).map(bounded))) } }
                        td { (one.as_ref().map_or(0, |held| held.configurations)) }
                    }
                } }
            } }
        }
    }
}

fn level_name(level: &crate::analysis::factors::Level) -> Markup {
    match (level.number, level.low, level.high) {
        (Some(number), _, _) => html! { (setting(number)) },
        (None, Some(low), Some(high)) => html! { (setting(low)) " to " (setting(high)) },
        (None, _, _) => super::text(&level.label, 60),
    }
}

fn scatter(data: &PageData) -> Markup {
    figure(
        "Every configuration",
        "scatter",
        &html! {
            "A point per configuration, at its mean over replicates."
            @if data.shown() < data.ranked { " Drawn are " (count(data.shown() as u64, "configuration", "configurations")) " of " (count(data.ranked as u64, "configuration", "configurations")) ": the best, and an even sample of the others by rank." }
            " Choose a point to see its configuration everywhere on this page."
        },
    )
}

/// Returns a figure that the script of this name draws, with its controls and caption.
fn figure(title: &str, name: &str, caption: &Markup) -> Markup {
    html! {
        h3 { (title) }
        div.controls id={ (name) "-controls" } {}
        figure {
            div.plot id={ (name) "-plot" } {}
            figcaption { (caption) }
        }
    }
}

fn heatmap(data: &PageData) -> Markup {
    let caption = html! {
        "Mean over the configurations in each cell. Choose a cell to choose its best configuration."
        @if data.held_pairs() < data.pairs_in_all { " Of " (data.pairs_in_all) " pairs this page holds the " (data.held_pairs()) " with the largest interactions." }
    };
    html! {
        (figure("Two keys at a time", "heatmap", &caption))
        details #heatmap-details { summary { "Table of this heat map" } div #heatmap-table {} }
    }
}

fn parallel(source: &PageSource<'_>) -> Markup {
    figure(
        "All keys at once",
        "parallel",
        &html! {
            "Parallel coordinates: a line per configuration, coloured by its mean of " code { (source.analysis.measure) }
            ". Drag along an axis to keep the configurations in that range; ranges of several axes combine, and the table of configurations above follows. The choices above do the same by keyboard."
            @if source.plan.space.iter().any(|dimension| !dimension.when.is_empty()) { " At “–” below an axis the key does not exist." }
        },
    )
}
