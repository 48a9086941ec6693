//! The sub-spaces of a sweep side by side.

use maud::{Markup, html};

use super::{interval, or_dash, text};
use crate::analysis::{RankedConfiguration, SubspaceBest};
use crate::page::figure::{bracketed, integer};
use crate::page::sweep::PageSource;

/// Writes the best configuration of each sub-space; nothing if the space is a whole.
pub(super) fn section(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    if analysis.subspaces.is_empty() {
        return html! {};
    }
    let baseline = analysis.baseline.map(|baseline| baseline.config_id);
    html! {
        section #subspaces aria-labelledby="subspaces-title" {
            h2 #subspaces-title { "How do the sub-spaces compare?" }
            p { (SubspaceBest::BASE) }
            div.scroll tabindex="0" role="region" aria-label="Sub-spaces" { table.data.sort {
                caption {
                    "The best configuration of each sub-space by " code { (analysis.measure) } (bracketed(&analysis.unit))
                    @if let Some(id) = baseline { ", and its difference from configuration " (id) " on the same replicates, corrected for the comparisons of all configurations" }
                }
                thead { tr {
                    th.left scope="col" { "Sub-space" }
                    @for title in ["Configurations", "With a value", "Best configuration", "Rank", "Mean", "95 % interval", "Difference", "Its 95 % interval", "p"] { th scope="col" { (title) } }
                } }
                tbody { @for one in &analysis.subspaces { (row(one)) } }
            } }
        }
    }
}

fn row(one: &SubspaceBest) -> Markup {
    let best = one.best.as_ref();
    let contrast = best.and_then(|best| best.contrast.as_ref());
    let number = |of: fn(&RankedConfiguration) -> u64| best.map_or("–".to_owned(), |best| integer(of(best)));
    html! {
        tr data-config=[best.map(|best| best.config_id)] {
            th.left scope="row" { (text(&one.name, 60)) }
            td data-value=(one.configurations) { (integer(one.configurations)) }
            td data-value=(one.valued) { (integer(one.valued)) }
            td { (best.map_or("–".to_owned(), |best| best.config_id.to_string())) }
            td data-value=[best.map(|best| best.rank)] { (number(|best| best.rank)) }
            td data-value=[best.and_then(|best| best.summary.mean)] { (or_dash(best.and_then(|best| best.summary.mean))) }
            td data-value=[best.and_then(|best| best.t_interval).map(|ends| ends.low)] { (interval(best.and_then(|best| best.t_interval))) }
            td data-value=[contrast.and_then(|held| held.difference)] { (or_dash(contrast.and_then(|held| held.difference))) }
            @let ends = contrast.and_then(|held| held.interval);
            td data-value=[ends.map(|ends| ends.low)] { (interval(ends)) }
            td data-value=[contrast.and_then(|held| held.p)] { (or_dash(contrast.and_then(|held| held.p))) }
        }
    }
}
