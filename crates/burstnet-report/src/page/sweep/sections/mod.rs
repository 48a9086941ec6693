//! The parts of the page, in the order in which a reader asks.

mod best;
mod compromises;
mod how;
mod learned;
pub(super) mod loading;
mod matters;
mod provenance;
mod ran;
mod replicates;
mod searched;
mod subspaces;
pub(super) mod trained;

use burstnet_core::config::Value;
use burstnet_sweep::plan::Dimension;
use maud::{Markup, html};

use super::PageSource;
use super::data::PageData;
use crate::page::figure::{setting, short, shortened};
use crate::statistics::Interval;

/// Returns the content of the page, below its first screen.
pub(super) fn body(first: &Markup, source: &PageSource<'_>, data: &PageData) -> Markup {
    html! {
        (first)
        (best::section(source, data))
        (subspaces::section(source))
        (compromises::section(source, data))
        (matters::section(source))
        (how::section(source, data))
        (learned::section(data))
        (replicates::section(source, data))
        (ran::section(source, data))
        (trained::section(source))
        (loading::section(source))
        (provenance::section(source))
        (chosen())
    }
}

/// Returns the bar that shows the chosen configuration wherever the reader is.
fn chosen() -> Markup {
    html! {
        aside #chosen aria-label="Chosen configuration" hidden {
            div.chosen-head {
                strong #chosen-name {}
                label { "Configuration " input #chosen-id type="number" min="0" inputmode="numeric"; }
                button #chosen-more type="button" aria-expanded="false" aria-controls="chosen-body" { "Details" }
                button #chosen-clear type="button" { "Clear" }
            }
            p #chosen-line {}
            div #chosen-body hidden {}
        }
    }
}

/// Returns a text from data: isolated, and shortened with the whole text reachable.
pub(super) fn text(content: &str, most: usize) -> Markup {
    let shown = shortened(content, most);
    if content.char_indices().nth(most).is_none() {
        return html! { span.text { (shown) } };
    }
    html! {
        span.text { (shown) }
        details.whole { summary { "whole text" } span.text { (shortened(content, 10_000)) } }
    }
}

/// Returns a value of a swept key; an en dash where the key does not exist.
pub(super) fn value_of(dimension: &Dimension, value: &Value) -> Markup {
    match value.as_f64() {
        Some(x) => html! { (setting(x)) },
        None if *value == Value::Null && !dimension.when.is_empty() => html! { "–" },
        None => text(&value.to_string(), 60),
    }
}

/// Returns a number with its unit.
fn with_unit(x: f64, unit: &str) -> String {
    if unit.is_empty() { short(x) } else { format!("{} {unit}", short(x)) }
}

fn interval(interval: Option<Interval>) -> String {
    interval.map_or("–".to_owned(), |ends| format!("{} to {}", short(ends.low), short(ends.high)))
}

/// Returns a number, or a dash where there is none.
fn or_dash(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), short)
}
