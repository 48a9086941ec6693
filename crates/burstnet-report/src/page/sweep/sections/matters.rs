//! The keys that matter.

use maud::{Markup, html};

use crate::analysis::VarianceShares;
use crate::page::figure::{count, integer, percent, short};
use crate::page::sweep::PageSource;
use crate::statistics::Interval;

/// The pairs of keys in the table.
const MOST_PAIRS: usize = 40;

pub(super) fn section(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    html! {
        section #matters aria-labelledby="matters-title" {
            h2 #matters-title { "Which keys matter?" }
            @match &analysis.variance {
                Some(shares) if shares.is_told() => (parts(source, shares)),
                Some(shares) => p { (shares.verdict.sentence) },
                None => p { (why_not(source)) },
            }
            @if let Some(outcome) = &analysis.outcome { p { (outcome.sentence) } }
            (noise(source))
        }
    }
}

fn why_not(source: &PageSource<'_>) -> &'static str {
    let PageSource { plan, sample, analysis, .. } = source;
    let valued = analysis.ranked.iter().filter(|one| one.summary.mean.is_some()).count();
    if plan.distinct() < 2 {
        "There is a single configuration, so nothing can be compared."
    } else if valued == 0 {
        "No trial has a value yet."
    } else if valued == 1 || sample.configurations() < 2 {
        "Only one configuration has values yet, so nothing can be compared."
    } else {
        "The configurations that have values are too few, or too equal, for shares of the variance."
    }
}

fn parts(source: &PageSource<'_>, shares: &VarianceShares) -> Markup {
    let analysis = source.analysis;
    let top: Vec<String> =
        shares.keys.iter().take(3).map(|one| format!("{} {}", one.key, percent(one.share))).collect();
    let label = format!(
        "Shares of the variance of {} between configurations: {}; interactions of pairs {}; the rest {}.",
        analysis.measure,
        top.join(", "),
        percent(shares.pairs.iter().map(|one| one.share).sum()),
        percent(shares.rest)
    );
    let more = [shares.interactions(), shares.among_the_best()];
    let tested = shares.keys.iter().any(|one| one.p.is_some());
    html! {
        p { (shares.verdict.sentence) @for sentence in more.iter().flatten() { " " (sentence) } }
        figure {
            div.plot #shares-plot aria-label=(label) {}
            figcaption {
                (format!("Functional analysis of variance, {}: the share of each key alone, and of each pair beyond what its two keys do alone.", shares.how()))
                @if tested { " The share says how large an effect is, p whether it is more than chance; pale: p > 0.05." }
            }
        }
        details {
            summary { "Table of the shares" }
            div.scroll tabindex="0" role="region" aria-label="Shares of the variance" { table.data.sort {
                caption { "Shares of the variance of the configurations’ means" }
                thead { tr { th.left scope="col" { "Key or pair" } th scope="col" { "Share" } th scope="col" { "95 % interval" } th scope="col" { "p" } } }
                tbody {
                    @for one in &shares.keys { (row(&one.key, one.share, one.interval, one.p)) }
                    @for one in shares.pairs.iter().take(MOST_PAIRS) { (row(&format!("{} × {}", one.key, one.key_2), one.share, one.interval, one.p)) }
                    (row("three keys and more", shares.rest, None, None))
                }
            } }
            @if tested { p.note { "p is the test that this key or pair does nothing, not corrected for the number of keys or pairs." } }
        }
        @if shares.pairs.len() > MOST_PAIRS { p.note { "Of " (integer(shares.pairs.len() as u64)) " pairs the table has the " (MOST_PAIRS) " with the largest shares." } }
    }
}

fn row(name: &str, share: f64, interval: Option<Interval>, p: Option<f64>) -> Markup {
    let ends = interval.map(|ends| format!("{} to {}", percent(ends.low), percent(ends.high)));
    html! {
        tr {
            th.left scope="row" { (name) }
            td data-value=(share) { (percent(share)) }
            td { (ends.unwrap_or_default()) }
            td data-value=[p] { (p.map(short).unwrap_or_default()) }
        }
    }
}

/// Writes what replicates say about the differences between configurations.
fn noise(source: &PageSource<'_>) -> Markup {
    let analysis = source.analysis;
    html! {
        @match &analysis.noise {
            Some(noise) => p {
                "Of the variance of single trials " (percent(noise.configuration)) " lies between configurations, "
                (percent(noise.replicate)) " between replicates, the same in all configurations, and " (percent(noise.residual))
                " is noise (" (count(noise.configurations as u64, "configuration", "configurations")) " × "
                (count(noise.replicates as u64, "replicate", "replicates")) ")."
            },
            None => @if source.plan.replicates < 2 && source.plan.distinct() > 1 {
                p { "With one replicate, differences between configurations cannot be told from chance." }
            },
        }
        @if let Some(sentence) = analysis.between_replicates() { p { (sentence) } }
        @if let Some(one) = &analysis.concordance {
            p {
                "Replicates agree on the order of the configurations with Kendall’s W = " (short(one.kendall_w))
                " (1 is full agreement, " (short(1.0 / one.replicates as f64)) " is chance), and a mean rank correlation of "
                (short(one.mean_spearman)) "; for Friedman’s test p = " (short(one.p)) "."
            }
        }
    }
}
