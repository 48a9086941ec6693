//! The tables: what tells the sweeps apart, the matched configurations, and where the figures come from.

use burstnet_core::config::Value;
use maud::{Markup, html};

use super::{named, text, value_of};
use crate::analysis::across::{MatchedConfiguration, SweepDifference, SweepsComparison};
use crate::analysis::labels;
use crate::page::figure::{bracketed, count, integer, short, shortened};
use crate::page::sweep::shown::places;

/// The configurations that a table lists: those with the smallest and with the largest differences.
const MOST_ROWS: usize = 500;
/// The differing keys that a table lists.
const MOST_KEYS: usize = 100;

/// Returns the values in which sweeps differ from the first, though they do not vary them.
pub(super) fn differing(comparison: &SweepsComparison) -> Markup {
    html! {
        section #differ aria-labelledby="differ-title" {
            h2 #differ-title { "How do the sweeps differ?" }
            @for one in &comparison.against {
                p { (text(&one.differs_in_words, 1000)) }
                @if !one.differs.is_empty() { (differences(comparison, one)) }
            }
        }
    }
}

fn differences(comparison: &SweepsComparison, one: &SweepDifference) -> Markup {
    let value = |value: &Option<Value>| match value {
        Some(value) => value_of(value),
        None => html! { "no such key" },
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Keys that differ" { table.data {
            caption {
                "Keys that neither varies" @if one.differs.len() > MOST_KEYS { ", " (MOST_KEYS) " of " (integer(one.differs.len() as u64)) }
            }
            thead { tr {
                th.left scope="col" { "Key" }
                th.left scope="col" { (named(comparison, 0)) }
                th.left scope="col" { (named(comparison, one.sweep)) }
            } }
            tbody { @for key in one.differs.iter().take(MOST_KEYS) {
                tr { th.left scope="row" { code { (text(&key.key, 80)) } } td.left { (value(&key.first)) } td.left { (value(&key.other)) } }
            } }
        } }
    }
}

/// Returns the matched configurations, a table per sweep.
pub(super) fn configurations(comparison: &SweepsComparison) -> Markup {
    html! {
        section #configurations aria-labelledby="configurations-title" {
            h2 #configurations-title { "Configurations that both have" }
            @for one in &comparison.against { (matched(comparison, one)) }
        }
    }
}

fn matched(comparison: &SweepsComparison, one: &SweepDifference) -> Markup {
    let all = &one.configurations;
    let (first, other) = (&comparison.sweeps[0].label, &comparison.sweeps[one.sweep].label);
    let names = labels(&one.keys);
    let unit = bracketed(&comparison.unit);
    html! {
        h3 { (named(comparison, one.sweep)) " against " (text(first, 40)) }
        @if all.is_empty() {
            p { (text(&one.finding, 400)) }
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(format!("Configurations of {} and {}", shortened(first, 40), shortened(other, 40))) { table.data.sort {
                caption {
                    (comparison.measure) (unit) ": means, and the difference from " (text(first, 40)) " with its 95 % interval and p, "
                    @if one.paired { "paired by seed (Student)" } @else { "of independent seeds (Welch)" } ", not corrected for other configurations. "
                    @if all.len() > MOST_ROWS {
                        "Of " (count(all.len() as u64, "matched configuration", "matched configurations")) " the " (MOST_ROWS / 2) " with the smallest and the " (MOST_ROWS / 2) " with the largest difference; " code { "--json" } " has all."
                    }
                }
                thead { tr {
                    th scope="col" { (shortened(first, 20)) " #" }
                    th scope="col" { (shortened(other, 20)) " #" }
                    @for (name, key) in names.iter().zip(&one.keys) { th.left scope="col" title=(key) { (shortened(name, 24)) } }
                    th scope="col" { (shortened(first, 20)) }
                    th scope="col" { (shortened(other, 20)) }
                    th scope="col" { "Difference" }
                    th scope="col" { "95 % interval" }
                    th scope="col" { "p" }
                } }
                tbody { @for at in ends(all.len()) { (row(&all[at])) } }
            } }
        }
    }
}

/// Returns the places of the rows that are listed: all, or as many from either end.
fn ends(all: usize) -> Vec<usize> {
    if all <= MOST_ROWS {
        return places(all, all, 0);
    }
    (0..MOST_ROWS / 2).chain(all - MOST_ROWS / 2..all).collect()
}

fn row(one: &MatchedConfiguration) -> Markup {
    let test = &one.test;
    let or_dash = |x: Option<f64>| x.map_or("–".to_owned(), short);
    html! {
        tr {
            th scope="row" data-value=(one.config_id_first) { (one.config_id_first) }
            td data-value=(one.config_id_other) { (one.config_id_other) }
            @for value in &one.values { td.left data-value=[value.as_f64()] { (value_of(value)) } }
            td data-value=(one.mean_first) { (short(one.mean_first)) }
            td data-value=(one.mean_other) { (short(one.mean_other)) }
            td data-value=[test.difference] { (or_dash(test.difference)) }
            td.number data-value=[test.interval.map(|ends| ends.low)] { @match test.interval { Some(ends) => { (short(ends.low)) " to " (short(ends.high)) }, None => "–" } }
            td data-value=[test.p] { (or_dash(test.p)) }
        }
    }
}

/// Returns the directories, and the command that wrote the page.
pub(super) fn source(comparison: &SweepsComparison, command: &str) -> Markup {
    html! {
        section #source aria-labelledby="source-title" {
            h2 #source-title { "Where the figures come from" }
            div.scroll tabindex="0" role="region" aria-label="Results directories" { table.data {
                caption.unseen { "Results directories" }
                thead { tr { @for title in ["Sweep", "Results directory", "Name", "Fingerprint of the plan"] { th.left scope="col" { (title) } } } }
                tbody { @for (at, sweep) in comparison.sweeps.iter().enumerate() {
                    tr {
                        th.left scope="row" { (named(comparison, at)) }
                        td.left { (text(&sweep.results.to_string_lossy(), 200)) }
                        td.left { (text(&sweep.name, 80)) }
                        td.left { code { (shortened(&sweep.fingerprint, 17)) } }
                    }
                } }
            } }
            p { "To write this page again:" }
            div.copy data-label="the command that writes this page" { pre { code { (command) } } }
        }
    }
}
