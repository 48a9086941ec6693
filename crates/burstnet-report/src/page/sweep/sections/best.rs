//! The best configuration, how certain it is, and how to run it again.

use maud::{Markup, html};

use super::loading::results_folder;
use super::{interval, or_dash, value_of, with_unit};
use crate::analysis::words::bounded;
use crate::analysis::{Confirmed, RankedConfiguration};
use crate::page::figure::{bracketed, count, integer, percent, short};
use crate::page::sweep::PageSource;
use crate::page::sweep::data::PageData;
use crate::page::sweep::shown::{BEST, SAMPLED};
use crate::shell;

pub(super) fn section(source: &PageSource<'_>, data: &PageData) -> Markup {
    let analysis = source.analysis;
    let best = analysis.ranked.iter().find(|one| one.summary.mean.is_some());
    html! {
        section #best aria-labelledby="best-title" {
            h2 #best-title { "What is best, and how certain is that?" }
            @match best {
                None => p { "No trial has a value of " code { (analysis.measure) } " yet, so no configuration is better than another." },
                Some(best) => {
                    (headline(source, best))
                    @if let Some(confirmed) = &analysis.confirmed { (confirmation(source, confirmed)) }
                    (rerun(source, best))
                    @if data.ranked > 1 { (plot(source, data, best)) }
                    (table(source, data))
                    @if analysis.ranked.iter().any(|one| one.contrast.is_some()) { (contrasts(source)) }
                }
            }
        }
    }
}

/// Returns the values of the keys that matter as one line.
fn setting(source: &PageSource<'_>, one: &RankedConfiguration) -> Markup {
    html! {
        @let deciding = source.analysis.deciding();
        @let named: Vec<usize> = if deciding.is_empty() { (0..source.plan.space.len().min(3)).collect() } else { deciding };
        @for (at, (dimension, value)) in named.iter().filter_map(|&at| source.plan.space.get(at).zip(one.values.get(at))).enumerate() {
            @if at > 0 { ", " }
            span.setting { code { (dimension.key) } " " (value_of(dimension, value)) }
        }
    }
}

fn headline(source: &PageSource<'_>, best: &RankedConfiguration) -> Markup {
    let analysis = source.analysis;
    let mean = best.summary.mean.unwrap_or_default();
    let bounded = |ends| bounded(ends, analysis.nonnegative);
    html! {
        p.lead {
            strong { "Configuration " (best.config_id) }
            @if !best.values.is_empty() { " (" (setting(source, best)) ")" }
            " has " code { (analysis.measure) } " " strong.number { (with_unit(mean, &analysis.unit)) }
            @match best.t_interval.map(bounded) {
                Some(ends) => { ", " span.number { "95 % interval" } " " span.number { (short(ends.low)) " to " (short(ends.high)) } ", over " (count(best.n as u64, "replicate", "replicates")) "." },
                None if best.n == 1 => { ", from a single value, so its uncertainty is not known." },
                None => { ", and no interval that is a number." },
            }
            @if !best.keeps_bounds() { " It does not keep the bounds, as none does, and is the nearest to them." }
            @if let Some(probability) = best.best_probability {
                " In " (percent(probability)) " of resamples of the replicates it stays the best one shown."
            }
        }
    }
}

fn confirmation(source: &PageSource<'_>, confirmed: &Confirmed) -> Markup {
    let unit = &source.analysis.unit;
    if confirmed.stale {
        return html! { p.warning { "The confirmation in this directory is of an earlier plan and is not shown." } };
    }
    html! {
        h3 { "Confirmed on fresh seeds" }
        @if confirmed.done < confirmed.planned { p.note { (integer(confirmed.done)) " of " (count(confirmed.planned, "trial", "trials")) " of the confirmation are done." } }
        @if let Some(first) = confirmed.configurations.iter().find(|one| one.summary.mean.is_some()) {
            p {
                "On " (count(confirmed.replicates, "seed", "seeds")) " that the search has not seen, configuration " (first.config_id)
                " is best: " strong.number { (with_unit(first.summary.mean.unwrap_or_default(), unit)) }
                @if let Some(ends) = first.t_interval.map(|ends| bounded(ends, source.analysis.nonnegative)) { ", " span.number { "95 % interval" } " " span.number { (short(ends.low)) " to " (short(ends.high)) } }
                ". These figures are free of the bias of choosing the best of many."
            }
        }
        div.scroll tabindex="0" role="region" aria-label="Confirmed configurations" { table.data.sort {
            caption { "The best configurations of the search on fresh seeds" (bracketed(unit)) }
            thead { tr {
                @for title in ["Configuration", "Rank in the search", "Mean in the search", "Mean on fresh seeds", "95 % interval", "n", "Difference", "Its 95 % interval", "p"] { th scope="col" { (title) } }
            } }
            tbody { @for one in &confirmed.configurations {
                @let mean = one.summary.mean;
                tr data-config=(one.config_id) {
                    th scope="row" { (one.config_id) }
                    td data-value=[one.search_rank] { (one.search_rank.map_or("–".to_owned(), integer)) }
                    td data-value=[one.search_mean] { (or_dash(one.search_mean)) }
                    td data-value=[mean] { (or_dash(mean)) }
                    td data-value=[one.t_interval.map(|ends| ends.low)] { (interval(one.t_interval)) }
                    td { (one.n) }
                    @let contrast = one.contrast.as_ref();
                    td data-value=[contrast.and_then(|held| held.difference)] { (or_dash(contrast.and_then(|held| held.difference))) }
                    @let ends = contrast.and_then(|held| held.interval);
                    td data-value=[ends.map(|ends| ends.low)] { (interval(ends)) }
                    td data-value=[contrast.and_then(|held| held.p)] { (or_dash(contrast.and_then(|held| held.p))) }
                }
            } }
        } }
    }
}

fn rerun(source: &PageSource<'_>, best: &RankedConfiguration) -> Markup {
    let folder = results_folder(source);
    let allowed = if source.plan.model.is_some() { " --allow-command" } else { "" };
    let command = format!("burstnet rerun {} --config {} --replicate 0{allowed}", shell::path(&folder), best.config_id);
    html! {
        p { "To run it again and compare all bits:" }
        div.copy data-label="the command to rerun the best configuration" { pre { code #rerun-best { (command) } } }
    }
}

fn plot(source: &PageSource<'_>, data: &PageData, best: &RankedConfiguration) -> Markup {
    let analysis = source.analysis;
    let shown: Vec<&RankedConfiguration> =
        analysis.ranked.iter().filter(|one| one.summary.mean.is_some()).take(30).collect();
    let last = shown.last().map_or(0.0, |one| one.summary.mean.unwrap_or_default());
    let label = format!(
        "Means and 95 % intervals of {} for the {} best configurations, from {} (configuration {}) to {}. The table below has the figures.",
        analysis.measure,
        shown.len(),
        or_dash(best.summary.mean),
        best.config_id,
        short(last)
    );
    html! {
        div #ranking-controls.controls {}
        figure {
            div.plot #ranking-plot aria-label=(label) {}
            figcaption { (if data.ranked > 30 { format!("The best 30 of {} configurations. ", integer(data.ranked as u64)) } else { String::new() }) "Mean and 95 % interval (Student’s t) over replicates, the best configurations first; the vertical line is the best mean. Differences are paired: they leave out what replicates have in common. Choose a point to see its configuration everywhere on this page." }
        }
    }
}

fn table(source: &PageSource<'_>, data: &PageData) -> Markup {
    let stopped = source.analysis.search.stopped();
    let all = source.sample.configurations() - stopped as usize;
    html! {
        h3 { "Configurations" }
        @if let Some(kept) = &source.analysis.subject_to {
            p.note { (kept.sentence) " The others are ranked behind, by how far they are beyond." }
        }
        @if stopped > 0 {
            p.note { (count(stopped, "configuration that was", "configurations that were")) " stopped early " (if stopped == 1 { "is" } else { "are" }) " not listed: " (if stopped == 1 { "its" } else { "their" }) " trials have no measures that could be compared." }
        }
        @if data.shown() < all {
            p.note {
                "Of " (count(all as u64, "configuration", "configurations")) " with trials this page holds " (integer(data.shown() as u64)) ": the best "
                (integer(BEST as u64)) ", and " (integer(SAMPLED as u64)) " of the others at equal distances of rank. "
                code { "summary.parquet" } " has all."
            }
        }
        div #ranking-controls-2.controls {}
        div #ranking-table {}
        (compared(data))
    }
}

/// Returns a place for two configurations side by side.
fn compared(data: &PageData) -> Markup {
    html! {
        @if data.ranked > 1 {
            h3 { "Two configurations side by side" }
            div #compare-controls.controls {}
            div #compare-table {}
        }
    }
}

fn contrasts(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    let Some(baseline) = analysis.baseline else { return html! {} };
    html! {
        details {
            summary { "Compared with configuration " (baseline.config_id) @if baseline.named { ", the baseline" } @else { ", the best" } }
            div.scroll tabindex="0" role="region" aria-label="Differences" { table.data.sort {
                caption {
                    "Differences on the same replicates" (bracketed(&analysis.unit)) ": mean with simultaneous 95 % interval, and p, both corrected for the comparisons of all configurations. First: share of replicates in which it is the best one shown. Best: share of resamples of the replicates in which its mean is."
                }
                thead { tr { @for title in ["Configuration", "Pairs", "Difference", "95 % interval", "p", "First", "Best", "Bootstrap interval of the mean"] { th scope="col" { (title) } } } }
                tbody { @for one in &analysis.ranked { (contrast_row(one)) } }
            } }
        }
    }
}

fn contrast_row(one: &RankedConfiguration) -> Markup {
    let contrast = one.contrast.as_ref();
    let share = |x: Option<f64>| x.map_or("–".to_owned(), percent);
    html! {
        tr data-config=(one.config_id) {
            th scope="row" { (one.config_id) }
            td { (contrast.map_or("–".to_owned(), |held| held.n.to_string())) }
            td data-value=[contrast.and_then(|held| held.difference)] { (or_dash(contrast.and_then(|held| held.difference))) }
            td data-value=[contrast.and_then(|held| held.interval).map(|ends| ends.low)] { (interval(contrast.and_then(|held| held.interval))) }
            td data-value=[contrast.and_then(|held| held.p)] { (or_dash(contrast.and_then(|held| held.p))) }
            td data-value=[one.wins] { (share(one.wins)) }
            td data-value=[one.best_probability] { (share(one.best_probability)) }
            td data-value=[one.bootstrap_interval.map(|ends| ends.low)] { (interval(one.bootstrap_interval)) }
        }
    }
}
