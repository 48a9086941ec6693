//! The first screen: the finding, every sweep in a line, matched means against each other, and how shared keys act.

use maud::{Markup, html};

use super::{effects, named, scatter, text, value_of};
use crate::analysis::across::{SweepSummary, SweepsComparison};
use crate::analysis::labels;
use crate::analysis::words::with_interval;
use crate::page::figure::{count, integer, not_ok, shortened};

/// The panels beside each other.
const PANELS: usize = 3;
/// The keys of a best configuration that are shown.
const MOST_KEYS: usize = 4;

/// Returns the line that stays in sight.
pub(super) fn header(comparison: &SweepsComparison) -> Markup {
    let labels: Vec<&str> = comparison.sweeps.iter().map(|sweep| &*sweep.label).collect();
    let matched = comparison.against.iter().map(|one| one.matched).max().unwrap_or(0);
    let missing: u64 = comparison.sweeps.iter().map(|sweep| sweep.missing).sum();
    let links = [
        ("differ", "Differences", true),
        ("how", "Effects", !comparison.effects.is_empty()),
        ("configurations", "Configurations", true),
        ("source", "Source", true),
    ];
    html! {
        a.name href="#content" { (text(&labels.join(" and "), 60)) }
        span.status {
            (count(comparison.sweeps.len() as u64, "sweep", "sweeps")) " · " (count(matched as u64, "configuration", "configurations")) " in common"
            @if missing > 0 { " · " span.bad { "✗ " (count(missing, "trial", "trials")) " missing" } }
        }
        nav aria-label="Contents" { @for (id, title, shown) in links { @if shown { a href=(format!("#{id}")) { (title) } } } }
    }
}

/// Returns the first screen.
pub(super) fn section(comparison: &SweepsComparison) -> Markup {
    let scatters: Vec<Markup> = comparison.against.iter().filter_map(|one| scatter::panel(comparison, one)).collect();
    let room = PANELS.saturating_sub(scatters.len());
    html! {
        section #first aria-label="The finding" {
            h1 { (shortened(&comparison.finding.replace(" ± ", "\u{a0}±\u{a0}").replace(" = ", "\u{a0}=\u{a0}"), 400)) }
            p.lead { (shortened(&comparison.sentences.join(" "), 2000)) }
            @for warning in &comparison.warnings { p.warning { (text(warning, 400)) } }
            div.three {
                @for panel in scatters { (panel) }
                @for effect in comparison.effects.iter().filter(|effect| effects::is_drawn(effect)).take(room) { (effects::panel(comparison, effect)) }
            }
            (sweeps(comparison))
            p.note { (shortened(&comparison.notes.join(" "), 2000)) }
        }
    }
}

/// Returns a row per sweep.
fn sweeps(comparison: &SweepsComparison) -> Markup {
    let has_best = comparison.direction.is_some();
    html! {
        p.small { "Sweeps" @if has_best { " " span { "with the best configuration of each by " (comparison.measure) } } }
        div.scroll tabindex="0" role="region" aria-label="Sweeps" { table.data.few {
            caption.unseen { "Sweeps" }
            thead { tr {
                th.left scope="col" { "Sweep" }
                th scope="col" { "Configurations" }
                th scope="col" { "Seeds" }
                th.left scope="col" { "Trials" }
                @if has_best {
                    th.left scope="col" { "Best " (comparison.measure) @if !comparison.unit.is_empty() { " [" (comparison.unit) "]" } }
                    th.left scope="col" { "at" }
                }
            } }
            tbody { @for (at, sweep) in comparison.sweeps.iter().enumerate() {
                tr {
                    th.left scope="row" { (named(comparison, at)) }
                    td { (integer(sweep.configurations)) }
                    td { (integer(sweep.replicates)) }
                    td.left.number { (ran(sweep)) }
                    @if has_best { (best(comparison, sweep)) }
                }
            } }
        } }
    }
}

/// Returns how much of a sweep ran.
fn ran(sweep: &SweepSummary) -> String {
    let told = not_ok(sweep.counts, sweep.missing);
    match told.is_empty() {
        true => format!("all {} ran", integer(sweep.planned)),
        false => format!("{told} of {}", integer(sweep.planned)),
    }
}

fn best(comparison: &SweepsComparison, sweep: &SweepSummary) -> Markup {
    let Some(best) = &sweep.best else { return html! { td.left { "–" } td.left {} } };
    let names = labels(&sweep.keys);
    html! {
        td.left.number { (with_interval(best.mean, best.interval, comparison.nonnegative)) }
        td.left {
            @for (at, (name, value)) in names.iter().zip(&best.values).take(MOST_KEYS).enumerate() {
                @if at > 0 { ", " } (shortened(name, 24)) "\u{a0}=\u{a0}" (value_of(value))
            }
            @if names.len() > MOST_KEYS { ", …" }
            " (configuration " (best.config_id) ")"
        }
    }
}
