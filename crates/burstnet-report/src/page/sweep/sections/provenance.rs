//! The provenance of the results.

use maud::{Markup, html};

use super::text;
use crate::page::figure::count;
use crate::page::sweep::PageSource;
use crate::shell;

/// The runs that are listed.
const MOST_RUNS: usize = 100;

pub(super) fn section(source: &PageSource<'_>) -> Markup {
    let PageSource { plan, provenance, .. } = source;
    html! {
        section #provenance aria-labelledby="provenance-title" {
            h2 #provenance-title { "Where the results come from" }
            dl.facts {
                dt { "Plan (fingerprint)" } dd { code.text { (plan.fingerprint()) } }
                dt { "Seed of the sweep" } dd { code { (plan.seed) } }
                dt { "Version of the bits" } dd { (plan.bits) }
                dt { "This page by burstnet" } dd { (env!("CARGO_PKG_VERSION")) }
                @if !plan.inputs.is_empty() {
                    dt { "Input files" }
                    dd { @for (at, input) in plan.inputs.iter().take(20).enumerate() { @if at > 0 { ", " } (text(&input.given, 120)) } @if plan.inputs.len() > 20 { ", …" } }
                }
            }
            @if let Some(error) = source.unread { p.warning { code { "provenance.json" } " cannot be read: " (text(error, 400)) } }
            @else if provenance.is_empty() { p { "No run is noted in " code { "provenance.json" } "." } }
            @else {
                div.scroll tabindex="0" role="region" aria-label="Runs that contributed" { table.data {
                    caption { (count(provenance.len() as u64, "run", "runs")) " of burstnet contributed" @if provenance.len() > MOST_RUNS { "; the last " (MOST_RUNS) " are listed" } "." }
                    thead { tr { @for title in ["Start (UTC)", "End (UTC)", "Command", "Host", "Processor", "burstnet", "Compiler"] { th.left scope="col" { (title) } } } }
                    tbody { @for run in provenance.iter().rev().take(MOST_RUNS).rev() {
                        tr {
                            th.left.number scope="row" { (run.start) }
                            td.left.number { (run.end.as_deref().unwrap_or("–")) }
                            td.left { code { (text(&shell::line(&run.command_line), 200)) } }
                            td.left { (text(&run.host, 60)) }
                            td.left { (text(run.processor.as_deref().unwrap_or("–"), 60)) }
                            td.left { (text(&run.version, 60)) @if let Some(commit) = &run.git_commit { " (" (commit.chars().take(12).collect::<String>()) ")" } }
                            td.left { (text(run.toolchain.as_deref().unwrap_or("–"), 60)) }
                        }
                    } }
                } }
            }
            p.note { "The page was made from " code { "plan.json" } ", the journals, " code { "provenance.json" } " and, if there is one, the confirmation; the same ones give the same bytes of it. Plots by plotly.js (MIT licence)." }
        }
    }
}
