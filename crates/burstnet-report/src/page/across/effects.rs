//! The effects of the keys that sweeps share, in each of them.

use maud::{Markup, html};

use super::{named, text};
use crate::analysis::across::{EffectLine, SharedEffect, SweepsComparison};
use crate::analysis::words::{bounded, significant, with_interval};
use crate::analysis::{Level, Spacing};
use crate::page::figure::{bracketed, shortened};
use crate::page::sweep::poster::scale::Scale;
use crate::page::sweep::poster::svg::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, drawing, line, polyline, px, text as label};

/// The keys that are drawn.
const MOST: usize = 12;
/// The values of a key that are drawn and listed.
const MOST_LEVELS: usize = 64;
/// The values without an order that are drawn.
const MOST_WORDS: usize = 16;
/// The values up to which intervals are drawn.
const MOST_WITH_INTERVALS: usize = 24;
/// The pixels between the whiskers of two sweeps.
const APART: f64 = 4.0;

/// Returns whether a key can be drawn.
pub(super) fn is_drawn(effect: &SharedEffect) -> bool {
    let most = if effect.scale == Spacing::Category { MOST_WORDS } else { MOST_LEVELS };
    let held = |line: &EffectLine| line.means.iter().flatten().count();
    effect.levels.len() <= most && effect.lines.iter().any(|line| held(line) > 1)
}

/// Returns all keys that can be drawn, with their tables.
pub(super) fn section(comparison: &SweepsComparison) -> Markup {
    let drawn: Vec<&SharedEffect> = comparison.effects.iter().filter(|effect| is_drawn(effect)).collect();
    if drawn.is_empty() {
        return html! {};
    }
    html! {
        section #how aria-labelledby="how-title" {
            h2 #how-title { "How do shared keys act?" }
            p.note {
                "Means over the matched configurations at each value, with Student’s 95 % intervals over the seeds where a key has at most " (MOST_WITH_INTERVALS) " values."
                @if drawn.len() > MOST { " The " (MOST) " keys of " (drawn.len()) " that change the measure most." }
            }
            div.three { @for effect in drawn.iter().take(MOST) { div { (panel(comparison, effect)) (table(comparison, effect)) } } }
        }
    }
}

/// Returns a key with a line per sweep.
pub(super) fn panel(comparison: &SweepsComparison, effect: &SharedEffect) -> Markup {
    let scale = bracketed(&comparison.unit);
    html! {
        div.panel {
            p.small {
                a href="#how" { (shortened(&effect.key, 40)) } " "
                span.legend { (comparison.measure) (scale) @for line in &effect.lines { " " (named(comparison, line.sweep)) } }
            }
            @match plot(comparison, effect) { Some(drawing) => (drawing), None => p.nothing { "No matched configuration has a value." } }
        }
    }
}

fn plot(comparison: &SweepsComparison, effect: &SharedEffect) -> Option<Markup> {
    let with_intervals = effect.levels.len() <= MOST_WITH_INTERVALS;
    let ends = |line: &EffectLine, at: usize| {
        line.intervals[at].filter(|_| with_intervals).map(|ends| bounded(ends, comparison.nonnegative))
    };
    let of = |line: &EffectLine| -> Vec<f64> {
        let level = |at: usize| {
            let whole = ends(line, at);
            [line.means[at], whole.map(|ends| ends.low), whole.map(|ends| ends.high)]
        };
        (0..line.means.len()).flat_map(level).flatten().collect()
    };
    let values: Vec<f64> = effect.lines.iter().flat_map(of).collect();
    let y = Scale::of_measure(&values, (BOTTOM, TOP))?;
    let x = across(effect);
    let shift = |place: usize| APART * (place as f64 - 0.5 * (effect.lines.len() as f64 - 1.0));
    let content = html! {
        @for (at, tick) in y.ticks(4) { (line("grid", (LEFT, at), (RIGHT, at))) (label("tick", "end", (LEFT - 6.0, at + 4.0), &tick)) }
        @for (at, tick) in ticks(effect, &x) { (label("tick", "middle", (at, 208.0), &tick)) }
        (label("title", "middle", (0.5 * (LEFT + RIGHT), 232.0), &shortened(&effect.key, 40)))
        @for (place, one) in effect.lines.iter().enumerate() {
            @let points: Vec<(usize, f64, f64)> = one.means.iter().enumerate().filter_map(|(at, mean)| Some((at, x[at] + shift(place), y.at((*mean)?)))).collect();
            @if effect.scale != Spacing::Category { (polyline(&format!("curve own s{}", one.sweep), &points.iter().map(|(_, x, y)| (*x, *y)).collect::<Vec<_>>())) }
            @for (at, px_x, px_y) in points {
                @if let Some(ends) = ends(one, at) { (line(&format!("whisker own s{}", one.sweep), (px_x, y.at(ends.low)), (px_x, y.at(ends.high)))) }
                circle class=(format!("dot own s{}", one.sweep)) cx=(px(px_x)) cy=(px(px_y)) r="3.5" {
                    title { (shortened(&comparison.sweeps[one.sweep].label, 40)) ", " (name(&effect.levels[at])) ": " (with_interval(one.means[at].unwrap_or_default(), one.intervals[at], comparison.nonnegative)) }
                }
            }
        }
    };
    Some(drawing(&shortened(&told(comparison, effect), 800), HEIGHT, content))
}

/// Returns the pixel of each level.
fn across(effect: &SharedEffect) -> Vec<f64> {
    let pixels = (LEFT + 14.0, RIGHT - 14.0);
    let middle = |level: &Level| {
        level.number.or_else(|| {
            Some(match (effect.scale, level.low?, level.high?) {
                (Spacing::Log, low, high) => low.sqrt() * high.sqrt(),
                (Spacing::Linear | Spacing::Category, low, high) => 0.5 * low + 0.5 * high,
            })
        })
    };
    let numbers: Option<Vec<f64>> = effect.levels.iter().map(middle).collect();
    let scale = numbers.filter(|_| effect.scale != Spacing::Category).and_then(|numbers| {
        let scale = Scale::new(numbers.iter().copied(), effect.scale == Spacing::Log, pixels)?;
        Some(numbers.into_iter().map(|x| scale.at(x)).collect::<Vec<f64>>())
    });
    let levels = effect.levels.len() as f64;
    let even = || (0..effect.levels.len()).map(|at| pixels.0 + (pixels.1 - pixels.0) * (at as f64 + 0.5) / levels);
    scale.unwrap_or_else(|| even().collect())
}

/// Returns the levels that have room for a text beside each other.
fn ticks(effect: &SharedEffect, x: &[f64]) -> Vec<(f64, String)> {
    let most = (((RIGHT - LEFT) / effect.levels.len().max(1) as f64 / 6.0) as usize).clamp(9, 18);
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
    let (mut kept, mut end) = (Vec::new(), f64::NEG_INFINITY);
    for at in order {
        let tick = shortened(&name(&effect.levels[at]), most);
        let half = 3.2 * tick.chars().count() as f64;
        if x[at] - half > end {
            end = x[at] + half + 3.0;
            kept.push((x[at], tick));
        }
    }
    kept
}

fn name(level: &Level) -> String {
    match (level.number, level.low, level.high) {
        (Some(x), _, _) => significant(x, 3),
        (None, Some(low), Some(high)) => format!("{} to {}", significant(low, 3), significant(high, 3)),
        (None, _, _) => shortened(&level.label, 40),
    }
}

fn told(comparison: &SweepsComparison, effect: &SharedEffect) -> String {
    let line = |one: &EffectLine| {
        let means = effect.levels.iter().zip(&one.means);
        let means: Vec<String> = means
            .filter_map(|(level, mean)| Some(format!("{} at {}", significant((*mean)?, 3), name(level))))
            .take(MOST_WORDS)
            .collect();
        format!("{}: {}", comparison.sweeps[one.sweep].label, means.join(", "))
    };
    let lines: Vec<String> = effect.lines.iter().map(line).collect();
    format!("Mean {} by {}. {}.", comparison.measure, effect.key, lines.join(". "))
}

fn table(comparison: &SweepsComparison, effect: &SharedEffect) -> Markup {
    html! {
        details {
            summary { "Table" }
            div.scroll tabindex="0" role="region" aria-label=(format!("Means by {}", shortened(&effect.key, 80))) { table.data {
                caption { "Mean " (comparison.measure) " over the matched configurations, with 95 % intervals" }
                thead { tr { th.left scope="col" { (text(&effect.key, 40)) } @for line in &effect.lines { th scope="col" { (text(&comparison.sweeps[line.sweep].label, 40)) } } } }
                tbody { @for (at, level) in effect.levels.iter().enumerate() {
                    tr {
                        th.left scope="row" { (name(level)) }
                        @for line in &effect.lines { td.number { @match line.means[at] {
                            Some(mean) => (with_interval(mean, line.intervals[at], comparison.nonnegative)),
                            None => "–",
                        } } }
                    }
                } }
            } }
        }
    }
}
