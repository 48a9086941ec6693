//! The first screen: what was found, in a sentence, three plots, the best few, and what to do next.

mod best;
mod compromises;
mod effects;
mod keys;
mod learned;
pub(in crate::page) mod scale;
pub(in crate::page) mod svg;

use maud::{Markup, html};

use super::PageSource;
use super::data::PageData;
use super::sections::loading::{filled, results_folder};
use super::sections::{text, trained};
use crate::analysis::words::telling_line;
use crate::analysis::{Analysis, NextStep, next_steps};
use crate::page::figure::{bracketed, count, integer, not_ok, percent, shortened};
use crate::shell;

/// The line above everything: the name, what ran, and the contents, which stay in sight.
pub(super) fn header(source: &PageSource<'_>, data: &PageData) -> Markup {
    let front = source.analysis.pareto.is_some();
    let links = [
        ("best", "Best", true),
        ("compromises", "Compromises", front),
        ("matters", "Keys", true),
        ("how", "Effects", true),
        ("learned", "Curves", !data.curves.is_empty()),
        ("replicates", "Seeds", source.plan.replicates > 1),
        ("ran", "Search", true),
        ("trained", "Fixed keys", true),
        ("loading", "Data", true),
        ("provenance", "Source", true),
    ];
    html! {
        a.name href="#content" { (text(&source.plan.name, 60)) }
        (ran(source))
        nav aria-label="Contents" { @for (id, title, shown) in links { @if shown { a href=(format!("#{id}")) { (title) } } } }
    }
}

/// Returns what ran, in one line.
fn ran(source: &PageSource<'_>) -> Markup {
    let PageSource { plan, analysis, .. } = source;
    let (progress, search) = (&analysis.progress, &analysis.search);
    let counts = progress.counts;
    let bad = counts.not_ok() > 0 || progress.missing > 0;
    let over = match plan.space.len() {
        0 => String::new(),
        keys => format!(" · {} over {}", search.strategy, count(keys as u64, "key", "keys")),
    };
    html! {
        span.status {
            @if bad { span.bad { "✗ " (not_ok(counts, progress.missing)) " of " (count(progress.planned, "trial", "trials")) } }
            @else {
                span.good { "✓" } " all " (count(progress.planned, "trial", "trials")) " ran"
                @if counts.pruned > 0 { ", " (integer(counts.pruned)) " stopped early" }
            }
            " · " (count(progress.configurations, "configuration", "configurations")) " × " (plan.replicates_in_words("seed", "seeds")) (over)
        }
    }
}

/// Returns the first screen.
pub(super) fn section(source: &PageSource<'_>, data: &PageData) -> Markup {
    let analysis = source.analysis;
    let finding = &analysis.finding;
    html! {
        section #first aria-label="The finding" {
            h1 { (shortened(&finding.headline.replace(" ± ", "\u{a0}±\u{a0}").replace(" = ", "\u{a0}=\u{a0}"), 400)) }
            @if !finding.sentences.is_empty() { p.lead { (shortened(&finding.sentences.join(" "), 1200)) } }
            (trained::line(source))
            (incomplete(source))
            @if analysis.best().is_some() {
                (plots(analysis, data))
                div.two {
                    (best::table(source, data))
                    (next(source))
                }
            } @else {
                (next(source))
            }
        }
    }
}

/// Writes what failed or is missing.
fn incomplete(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    let progress = analysis.progress;
    let counts = progress.counts;
    let share = progress.done as f64 / progress.planned.max(1) as f64;
    html! {
        @if progress.missing > 0 {
            p.warning role="status" {
                strong { "This sweep is not complete: " (integer(progress.done)) " of " (count(progress.planned, "trial", "trials")) " (" (percent(share)) ") are done." }
                " All that follows is of these and may still change."
            }
        }
        @if counts.not_ok() > 0 && analysis.best().is_none() {
            p { a href="#ran" { "All messages" } }
        } @else if counts.not_ok() > 0 {
            p.warning {
                strong { (count(counts.not_ok(), "trial", "trials")) " of " (integer(progress.done)) (if counts.diverged == 0 { " failed." } else if counts.failed == 0 { " diverged." } else { " failed or diverged." }) }
                @if let Some(group) = analysis.errors.first() { " The first message: " (text(&telling_line(&group.message), 160)) "." }
                " " a href="#ran" { "All messages" }
            }
        }
        @if source.damaged > 0 {
            p.warning { (count(source.damaged as u64, "part", "parts")) " of the journals damaged; trials lost there are missing." }
        }
    }
}

fn plots(analysis: &Analysis, data: &PageData) -> Markup {
    let (of_keys, keys) = keys::plot(analysis).unzip();
    let effects = effects::plot(analysis);
    let failed =
        analysis.outcome.as_ref().filter(|outcome| effects.is_none() && outcome.told).and_then(effects::failures);
    let learned = compromises::plot(analysis)
        .or_else(|| learned::curves(analysis, data))
        .or_else(|| learned::means(analysis, data));
    let alone = analysis.keys.len() == 1;
    let scale = bracketed(&analysis.unit);
    html! {
        div.three {
            @if !alone { (part("matters", "Which keys matter", of_keys.unwrap_or_default(), keys, &nothing_told(analysis))) }
            @match failed {
                Some(drawing) => (part("matters", "Which trials fail", "share of trials that diverged or failed", Some(drawing), "")),
                None => (part("how", "How they act", &format!("{}{scale}, 95 % intervals", analysis.measure), effects, &nothing_acts(analysis))),
            }
            @match learned {
                Some(plot) => (part(plot.more, plot.title, &plot.of, Some(plot.drawing), "")),
                None => (part("learned", "How they learned", "", None, "There are no learning curves.")),
            }
        }
    }
}

/// Returns why no key is drawn.
fn nothing_acts(analysis: &Analysis) -> String {
    if analysis.progress.distinct < 2 || analysis.keys.is_empty() {
        return nothing_told(analysis);
    }
    "No key is known to change the measure; all means by key are below.".into()
}

/// Returns why nothing is told of keys.
fn nothing_told(analysis: &Analysis) -> String {
    if let Some(shares) = analysis.variance.as_ref().filter(|shares| !shares.is_told()) {
        return shares.verdict.sentence.clone();
    }
    match (analysis.keys.len(), analysis.progress.distinct) {
        (0, _) => "No key was varied.".into(),
        (_, 1) => "There is a single configuration, so nothing can be compared.".into(),
        _ => "The configurations that have values are too few, or too equal, to tell which keys matter.".into(),
    }
}

fn part(id: &str, title: &str, of: &str, drawing: Option<Markup>, otherwise: &str) -> Markup {
    html! {
        div.panel {
            p.small { a href=(format!("#{id}")) { (title) } " " span { (of) } }
            @match drawing { Some(drawing) => (drawing), None => p.nothing { (otherwise) } }
        }
    }
}

/// Returns the commands that are worth running next.
fn next(source: &PageSource<'_>) -> Markup {
    let steps = next_steps(source.analysis, source.plan, "{word}");
    let folder = results_folder(source);
    html! {
        div #next {
            p.small { "Next" }
            @for NextStep { why, command } in &steps {
                p.why { (why) }
                div.copy data-label={ "the command: " (why) } { pre { code data-template=(command) { (filled(command, &folder)) } } }
            }
            @if steps.is_empty() { p { "Run the sweep: " code { "burstnet status " (shell::path(&folder)) } " shows how far it is." } }
        }
    }
}
