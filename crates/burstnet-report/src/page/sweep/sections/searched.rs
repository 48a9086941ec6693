//! The search: what was varied, how configurations came about, and which were stopped early.

use std::collections::HashSet;

use burstnet_core::config::Value;
use burstnet_sweep::plan::{Dimension, Plan};
use burstnet_sweep::space::domain::Domain;
use maud::{Markup, html};

use super::text;
use crate::page::figure::{count, integer, setting};
use crate::page::sweep::PageSource;
use crate::page::sweep::data::PageData;

/// The values of a key, and the constraints, that are listed.
const MOST_LISTED: usize = 12;

/// Writes where adaptive replicates went.
pub(super) fn adaptive(source: &PageSource<'_>) -> Markup {
    let Some(levels) = source.analysis.search.adaptive_in_words() else { return html! {} };
    html! { p { "Further replicates go to the best configurations so far: " (levels) ". What is said of keys and of noise is over the replicates that all have." } }
}

/// Writes how many configurations were stopped early, and by which rule.
pub(super) fn stopping(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    let Some(stopping) = &analysis.search.stopping else { return html! {} };
    let pruned = analysis.progress.counts.pruned;
    html! {
        p {
            "The rule " code { (stopping.rule) } @if let Some(paper) = stopping.source { " (" (paper) ")" }
            " has stopped " (count(stopping.configurations, "configuration", "configurations")) " early"
            @if pruned > 0 { ", with " (count(pruned, "trial", "trials")) " that did not run to the end" }
            "."
            @if let Some(key) = &stopping.budget { " It looks at trials at " code { (key) } " " (rungs(&stopping.rungs)) "." }
        }
    }
}

fn rungs(rungs: &[u64]) -> String {
    let shown: Vec<String> = rungs.iter().take(MOST_LISTED).map(|rung| integer(*rung)).collect();
    format!("{}{}", shown.join(", "), if rungs.len() > MOST_LISTED { ", …" } else { "" })
}

/// Writes constraints, included configurations, and where the sampler comes from.
pub(super) fn facts(source: &PageSource<'_>) -> Markup {
    let search = &source.analysis.search;
    html! {
        @if !search.constraints.is_empty() {
            p {
                (if search.constraints.len() == 1 { "Every configuration fulfils this constraint" } else { "Every configuration fulfils these constraints" })
                @if let Some(excluded) = search.excluded { ", which " (if search.constraints.len() == 1 { "excludes" } else { "exclude" }) " " (count(excluded, "other", "others")) }
                ":"
            }
            ul { @for one in search.constraints.iter().take(MOST_LISTED) { li { code { (text(one, 200)) } } } @if search.constraints.len() > MOST_LISTED { li { "and " (search.constraints.len() - MOST_LISTED) " more" } } }
        }
        @if !search.subject_to.is_empty() {
            p { "The best configuration has to keep " (if search.subject_to.len() == 1 { "this bound" } else { "these bounds" }) ", by its means:" }
            ul { @for one in &search.subject_to { li { code { (text(one, 200)) } } } }
        }
        @let subspaces = &source.analysis.subspaces;
        @if !subspaces.is_empty() {
            p { "The space is a list of " (count(subspaces.len() as u64, "sub-space", "sub-spaces")) ", each a grid of its own:" }
            ul { @for one in subspaces.iter().take(MOST_LISTED) { li { (text(&one.name, 60)) ": " (count(one.configurations, "configuration", "configurations")) } } @if subspaces.len() > MOST_LISTED { li { "and " (subspaces.len() - MOST_LISTED) " more" } } }
        }
        @for (given, results) in &search.learn_from {
            p { "The strategy learned from " (count(*results, "earlier result", "earlier results")) " of " code { (text(given, 200)) } " too." }
        }
        @if !source.plan.per_replicate.is_empty() {
            p { "Each replicate draws its own value of these keys, which all configurations share:" }
            ul { @for dimension in &source.plan.per_replicate { li { code { (dimension.key) } ": " (values(dimension)) } } }
        }
        @if search.included > 0 { p { (count(search.included as u64, "configuration is", "configurations are")) " named in the sweep file and " (if search.included == 1 { "comes" } else { "come" }) " first." } }
        @if let Some(paper) = search.source { p.note { "Configurations by " (search.what) ": " (paper) "." } }
    }
}

/// Returns the course of a search.
pub(super) fn history(source: &PageSource<'_>, data: &PageData) -> Markup {
    html! {
        @if let Some(history) = data.history.as_ref().filter(|history| history.drawn() > 1 && data.ranked > 0) {
            h3 { "How did the search go on?" }
            div #history-controls.controls {}
            figure {
                div.plot #history-plot {}
                figcaption {
                    "A point per configuration, in the order in which they were proposed; the line is the best mean so far" @if !source.plan.subject_to.is_empty() { " of those that keep the bounds" } "."
                    @if history.drawn() < history.all { " Drawn are " (integer(history.drawn() as u64)) " of " (integer(history.all as u64)) ", those that were better than all before among them." }
                }
            }
        }
    }
}

/// Returns the table of the varied keys.
pub(super) fn keys(source: &PageSource<'_>) -> Markup {
    let plan = source.plan;
    html! {
        @if plan.space.is_empty() { p { "No key was varied." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Keys that were varied" { table.data {
                caption { "Keys that were varied" @if plan.strategy.trials.is_some() { ", and what their values were drawn from" } }
                thead { tr { th.left scope="col" { "Key" } th scope="col" { "Values" } th.left scope="col" { "Which" } } }
                tbody { @for dimension in &plan.space {
                    tr {
                        th.left scope="row" { code { (dimension.key) } }
                        td { (distinct(dimension).map_or("a range".to_owned(), integer)) }
                        td.left.which { (values(dimension)) (ties(plan, dimension)) }
                    }
                } }
            } }
        }
    }
}

/// Returns values as texts, each once, since a table repeats them.
fn different(values: &[Value]) -> Vec<String> {
    let mut seen = HashSet::new();
    values.iter().map(Value::to_string).filter(|value| seen.insert(value.clone())).collect()
}

/// Returns the number of different values; `None` for a range.
fn distinct(dimension: &Dimension) -> Option<u64> {
    match &dimension.domain {
        Domain::Values(values) => Some(different(values).len() as u64),
        computed => computed.count(),
    }
}

/// Writes what ties a key to others.
fn ties(plan: &Plan, dimension: &Dimension) -> Markup {
    // The keys of sub-spaces are columns of rows, which says nothing of what ties them.
    let of_subspaces = plan.space.first().filter(|_| !plan.subspaces.is_empty());
    let is_rows = |keys: &&Vec<String>| of_subspaces.is_some_and(|first| keys.contains(&first.key));
    let group = plan.zip.iter().filter(|keys| !is_rows(keys)).find(|keys| keys.contains(&dimension.key));
    let others: Vec<&String> = group.into_iter().flatten().filter(|key| **key != dimension.key).collect();
    let listed = |values: &[Value]| {
        html! {
            @for (at, value) in values.iter().take(MOST_LISTED).enumerate() {
                @if at > 0 { (if at + 1 == values.len() { " or " } else { ", " }) }
                (text(&value.to_string(), 60))
            }
            @if values.len() > MOST_LISTED { ", …" }
        }
    };
    html! {
        @if let Some(other) = &dimension.ratio_of { ", ratios to " code { (other) } }
        @for (at, when) in dimension.when.iter().enumerate() { (if at == 0 { "; only if " } else { " and " }) code { (when.key) } " is " (listed(&when.values)) }
        @if !others.is_empty() { "; moves together with " @for (at, key) in others.iter().take(MOST_LISTED).enumerate() { @if at > 0 { ", " } code { (key) } } @if others.len() > MOST_LISTED { ", …" } }
    }
}

fn values(dimension: &Dimension) -> Markup {
    let range = |low: f64, high: f64, how: &str| html! { (setting(low)) " to " (setting(high)) (how) };
    match &dimension.domain {
        Domain::Values(values) => html! {
            @let different = different(values);
            @for (at, value) in different.iter().take(MOST_LISTED).enumerate() {
                @if at > 0 { ", " }
                (text(value, 60))
            }
            @if different.len() > MOST_LISTED { ", …" }
        },
        Domain::Linear { low, high, .. } => range(*low, *high, ", evenly spaced"),
        Domain::Log { low, high, .. } => range(*low, *high, ", evenly spaced by their logarithm"),
        Domain::Int { low, high, step: 1 } => range(*low as f64, *high as f64, ", integers"),
        Domain::Int { low, high, step } => range(*low as f64, *high as f64, &format!(", every {step}th integer")),
        Domain::Uniform { low, high } => range(*low, *high, ", uniform"),
        Domain::LogUniform { low, high } => range(*low, *high, ", uniform by the logarithm"),
    }
}
