//! The fixed configuration: what every trial has in common.

use burstnet_core::config::Value;
use maud::{Markup, html};

use super::text;
use crate::analysis::labeller;
use crate::page::sweep::PageSource;

/// The keys that are told of every network, in this order.
const ESSENTIAL: [&str; 6] = [
    "network.layers",
    "network.dynamics",
    "plasticity.hidden_rule",
    "signals.kind",
    "signals.length",
    "training.epochs",
];
/// The further keys in the line.
const MOST: usize = 8;
/// The characters of a value.
const VALUE: usize = 40;

/// A key that is not swept.
struct Fixed<'a> {
    key: &'a str,
    value: &'a Value,
    /// Its default; `None` where keys have none.
    default: Option<&'a Value>,
    doc: &'a str,
}

impl Fixed<'_> {
    fn differs(&self) -> bool {
        self.default.is_none_or(|default| default != self.value)
    }
}

/// Returns the keys that are neither swept nor drawn for each replicate, in the order of the schema.
fn fixed<'a>(source: &'a PageSource<'_>) -> Vec<Fixed<'a>> {
    let plan = source.plan;
    let is_swept = |key: &str| plan.space.iter().chain(&plan.per_replicate).any(|dimension| dimension.key == key);
    let has_defaults = plan.model.is_none();
    let keys = source.schema.keys().iter().filter(|key| !is_swept(&key.path));
    keys.map(|key| Fixed {
        key: &key.path,
        value: plan.base.get(&key.path),
        default: has_defaults.then_some(&key.default),
        doc: &key.doc,
    })
    .collect()
}

/// Returns what was trained, in one line.
pub(in crate::page::sweep) fn line(source: &PageSource<'_>) -> Markup {
    let fixed = fixed(source);
    let of = |key: &str| fixed.iter().find(|one| one.key == key && *one.value != Value::Null).map(|one| one.value);
    let mut parts: Vec<String> = Vec::new();
    if source.plan.model.is_none() {
        parts.extend(
            of(ESSENTIAL[0])
                .and_then(Value::as_list)
                .map(|layers| layers.iter().map(Value::to_string).collect::<Vec<_>>().join("–")),
        );
        parts.extend(of(ESSENTIAL[1]).map(Value::to_string));
        parts.extend(of(ESSENTIAL[2]).map(|rule| format!("{} rule", spoken(rule))));
        match (of(ESSENTIAL[3]), of(ESSENTIAL[4])) {
            (Some(kind), Some(length)) if kind.as_text() != Some("files") => {
                parts.push(format!("{} of {length} steps", spoken(kind)));
            }
            (Some(kind), _) if kind.as_text() == Some("files") => parts.push("signals from files".into()),
            (Some(kind), _) => parts.push(spoken(kind)),
            (None, _) => {}
        }
        parts.extend(of(ESSENTIAL[5]).map(|epochs| format!("{epochs} epochs")));
    }
    let keys: Vec<String> = source.schema.keys().iter().map(|key| key.path.to_string()).collect();
    let name = labeller(keys);
    let others: Vec<&Fixed<'_>> = fixed
        .iter()
        .filter(|one| {
            one.differs() && *one.value != Value::Null && !(source.plan.model.is_none() && ESSENTIAL.contains(&one.key))
        })
        .collect();
    parts.extend(others.iter().take(MOST).map(|one| format!("{} {}", name(one.key), short(one.value))));
    if others.len() > MOST {
        parts.push(format!("{} more", others.len() - MOST));
    }
    html! {
        p.trained {
            @match &source.plan.model { Some(_) => "Ran: ", None => "Trained: " }
            @if let Some(program) = &source.plan.model { (text(&program.command.join(" "), 120)) @if !parts.is_empty() { ", " } }
            (text(&parts.join(", "), 400))
            @if source.plan.model.is_some() || !parts.is_empty() { " · " }
            a href="#trained" { "all keys" }
        }
    }
}

/// Returns a word without its underscores.
fn spoken(word: &Value) -> String {
    word.to_string().replace('_', " ")
}

fn short(value: &Value) -> String {
    crate::page::figure::shortened(&value.to_string(), VALUE)
}

/// Returns the table of all keys that are not swept: those with another value than their default, and all others folded.
pub(super) fn section(source: &PageSource<'_>) -> Markup {
    let fixed = fixed(source);
    let (own, others): (Vec<&Fixed<'_>>, Vec<&Fixed<'_>>) = fixed.iter().partition(|one| one.differs());
    html! {
        section #trained aria-labelledby="trained-title" {
            h2 #trained-title { "What do all trials have in common?" }
            @if let Some(program) = &source.plan.model {
                p { "Every trial runs " code { (text(&program.command.join(" "), 400)) } "." }
            }
            @if own.is_empty() { p { "Every key that was not varied has its default." } }
            @else { (table(&own, if source.plan.model.is_some() { "Keys that were not varied" } else { "Keys that were not varied and differ from their defaults" })) }
            @if !others.is_empty() {
                details { summary { "The other " (others.len()) " keys, which have their defaults" } (table(&others, "Keys with their defaults")) }
            }
        }
    }
}

fn table(rows: &[&Fixed<'_>], caption: &str) -> Markup {
    let defaults = rows.iter().any(|one| one.default.is_some() && one.differs());
    let docs = rows.iter().any(|one| !one.doc.is_empty());
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) { table.data {
            caption { (caption) }
            thead { tr { th.left scope="col" { "Key" } th.left scope="col" { "Value" } @if defaults { th.left scope="col" { "Default" } } @if docs { th.left scope="col" { "Meaning" } } } }
            tbody { @for one in rows {
                tr {
                    th.left scope="row" { code { (one.key) } }
                    td.left { (text(&one.value.to_string(), 200)) }
                    @if defaults { td.left { (one.default.map_or("–".to_owned(), short)) } }
                    @if docs { td.left { (one.doc) } }
                }
            } }
        } }
    }
}
