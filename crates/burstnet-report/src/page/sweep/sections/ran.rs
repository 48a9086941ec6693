//! The sweep and its state: what was swept, and did all of it run?

use burstnet_core::text::in_sentence;
use burstnet_sweep::objective::Direction;
use maud::{Markup, html};

use super::loading::results_folder;
use super::{searched, text};
use crate::analysis::words::with_lines;
use crate::page::figure::{count, integer, percent};
use crate::page::sweep::PageSource;
use crate::page::sweep::data::PageData;
use crate::shell;

/// The shards that are listed.
const MOST_LISTED: usize = 1000;

pub(super) fn section(source: &PageSource<'_>, data: &PageData) -> Markup {
    let analysis = source.analysis;
    html! {
        section #ran aria-labelledby="ran-title" {
            h2 #ran-title { "What was swept, and did all of it run?" }
            p { (swept(source)) }
            (outcome(source))
            @if analysis.progress.counts.ok < analysis.progress.planned { (states(source)) }
            @if !source.shards.is_empty() && analysis.progress.missing > 0 { (shards(source)) }
            @if !analysis.errors.is_empty() { (errors(source)) }
            (searched::stopping(source))
            (searched::adaptive(source))
            (searched::history(source, data))
            (searched::keys(source))
            (searched::facts(source))
            @if !analysis.warnings.is_empty() {
                h3 { "To keep in mind" }
                ul { @for warning in &analysis.warnings { li { (code(warning)) } } }
            }
        }
    }
}

fn swept(source: &PageSource<'_>) -> Markup {
    let PageSource { plan, analysis, .. } = source;
    let search = &analysis.search;
    let end = |direction: Direction| match direction {
        Direction::Minimize => "smallest",
        Direction::Maximize => "largest",
    };
    let others =
        analysis.pareto.iter().flat_map(|front| &front.objectives).filter(|one| one.measure != analysis.measure);
    let distinct = analysis.progress.distinct;
    html! {
        (count(plan.configurations(), "configuration", "configurations"))
        @if distinct < plan.configurations() { " (" (integer(distinct)) " distinct; equal ones run once)" }
        @if !plan.space.is_empty() { " by " (search.what) " over " (count(plan.space.len() as u64, "key", "keys")) }
        @if search.learns && let Some(round) = search.round { ", in rounds of " (integer(round)) }
        @if let Some(lag) = search.lag { ", with a lag of " (integer(lag)) }
        @if let Some(stopping) = &search.stopping { ", stopped early by " code { (stopping.rule) } }
        ", each on " (plan.replicates_in_words("replicate", "replicates")) ": "
        (count(plan.trials(), "trial", "trials")) ". Best is the " (end(analysis.direction)) " mean of "
        code { (analysis.measure) }
        @if !analysis.unit.is_empty() { " [" (analysis.unit) "]" }
        @if !analysis.doc.is_empty() { ": " (in_sentence(analysis.doc.trim_end_matches('.'))) }
        "."
        @for one in others { " Also to be good: the " (end(one.direction)) " mean of " code { (one.measure) } "." }
    }
}

/// Returns the states of trials: name, number, class of the bar's part.
fn counts(source: &PageSource<'_>) -> Vec<(&'static str, u64, &'static str)> {
    let progress = source.analysis.progress;
    let counts = progress.counts;
    vec![
        ("ok", counts.ok, "ok"),
        ("diverged", counts.diverged, "diverged"),
        ("failed", counts.failed, "failed"),
        ("stopped early", counts.pruned, "pruned"),
        ("missing", progress.missing, "missing"),
    ]
}

fn outcome(source: &PageSource<'_>) -> Markup {
    let planned = source.analysis.progress.planned;
    let not_ok: Vec<String> = counts(source)
        .iter()
        .skip(1)
        .filter(|(_, n, _)| *n > 0)
        .map(|(name, n, _)| format!("{} {name}", integer(*n)))
        .collect();
    html! {
        p {
            @if not_ok.is_empty() { "All " (count(planned, "trial", "trials")) " ran and are ok." }
            @else { (integer(source.analysis.progress.counts.ok)) " of " (count(planned, "trial", "trials")) " are ok; " (not_ok.join(", ")) "." }
        }
    }
}

fn states(source: &PageSource<'_>) -> Markup {
    let planned = source.analysis.progress.planned.max(1) as f64;
    let counts: Vec<_> = counts(source).into_iter().filter(|(_, n, _)| *n > 0).collect();
    let label: Vec<String> = counts.iter().map(|(name, n, _)| format!("{n} {name}")).collect();
    html! {
        div.bar role="img" aria-label={ "Trials by how they ended: " (label.join(", ")) } {
            @for (_, n, class) in &counts {
                span class=(class) style=(format!("flex-grow: {:.6}", *n as f64 / planned)) {}
            }
        }
        div.scroll {
            table.data {
                caption.unseen { "Trials by how they ended" }
                thead { tr { th.left scope="col" { "Trials" } th scope="col" { "Number" } th scope="col" { "Share" } } }
                tbody {
                    @for (name, n, class) in &counts {
                        tr { th.left scope="row" { span class={ "key " (class) } {} (name) } td { (integer(*n)) } td { (percent(*n as f64 / planned)) } }
                    }
                }
            }
        }
    }
}

fn shards(source: &PageSource<'_>) -> Markup {
    html! {
        details open {
            summary { "By shard" }
            div.scroll { table.data.sort {
                caption { "How far each shard is" }
                thead { tr { th scope="col" { "Shard" } th scope="col" { "Trials" } th scope="col" { "Done" } th scope="col" { "Missing" } th scope="col" { "Failed" } } }
                tbody { @for one in source.shards.iter().take(MOST_LISTED) {
                    tr {
                        th scope="row" { (one.shard) }
                        @for n in [one.planned, one.done, one.planned - one.done, one.failed] { td data-value=(n) { (integer(n)) } }
                    }
                } }
            } }
            @if source.shards.len() > MOST_LISTED { p.note { "The first " (MOST_LISTED) " of " (count(source.shards.len() as u64, "shard", "shards")) ". " code { "burstnet status " (shell::path(&results_folder(source))) } " has all." } }
        }
    }
}

fn errors(source: &PageSource<'_>) -> Markup {
    let PageSource { analysis, .. } = source;
    html! {
        h3 { "Why trials failed or diverged" }
        div.scroll tabindex="0" role="region" aria-label="Why trials failed or diverged" {
            table.data.sort {
                caption { "Messages that differ only in their numbers are counted together; the first one is shown." }
                thead { tr { th.left scope="col" { "Ended" } th scope="col" { "Trials" } th.left scope="col" { "Message" } th.left scope="col" { "First trials" } } }
                tbody { @for group in &analysis.errors {
                    @let ids: Vec<String> = group.trial_ids.iter().map(u64::to_string).collect();
                    tr {
                        th.left scope="row" { (group.status) }
                        td data-value=(group.count) { (integer(group.count)) }
                        td.left.message { (text(&with_lines(&group.message), 600)) }
                        td.left { (ids.join(", ")) }
                    }
                } }
            }
        }
        @if analysis.other_errors > 0 { p.note { (count(analysis.other_errors, "more trial", "more trials")) " ended with messages of further kinds." } }
    }
}

/// Returns a sentence whose parts between backquotes are code.
fn code(sentence: &str) -> Markup {
    html! { @for (at, part) in sentence.split('`').enumerate() { @if at % 2 == 1 { code { (part) } } @else { (part) } } }
}
