//! The small plots of how the first keys act.

use maud::{Markup, html};

use super::scale::Scale;
use super::svg::{BOTTOM, HEIGHT, LEFT, TOP, WIDTH, dot, drawing, line, polyline, px, text};
use crate::analysis::words::{bounded, significant, with_interval};
use crate::analysis::{Analysis, Level, MainEffect, Outcome, OutcomeLevel, Spacing, labels};
use crate::page::figure::shortened;
use crate::statistics::Interval;
use crate::statistics::effects::Marginal;

/// The keys that are drawn.
const MOST: usize = 2;
/// The values of a key without an order that are drawn.
const MOST_LEVELS: usize = 16;

/// Returns the main effects of the keys that matter most; `None` where none is known to.
pub(super) fn plot(analysis: &Analysis) -> Option<Markup> {
    let drawn = |effect: &&MainEffect| {
        let held = effect.levels.iter().filter(|(_, one)| one.is_some()).count();
        held > 1 && (effect.scale != Spacing::Category || effect.levels.len() <= MOST_LEVELS)
    };
    let deciding = analysis.deciding();
    let effects: Vec<&MainEffect> =
        deciding.iter().filter_map(|&at| analysis.main_effects.get(at)).filter(drawn).take(MOST).collect();
    let held: Vec<&Marginal> =
        effects.iter().flat_map(|effect| effect.levels.iter().filter_map(|(_, one)| one.as_ref())).collect();
    let y = Scale::of_measure(&range(analysis, &held), (BOTTOM, TOP))?;
    let gap = 22.0;
    let width = (WIDTH - LEFT - 6.0 - gap * (effects.len() as f64 - 1.0)) / effects.len() as f64;
    let names = labels(&analysis.keys);
    let content = html! {
        @for (at, label) in y.ticks(4) {
            @for panel in 0..effects.len() {
                @let from = LEFT + panel as f64 * (width + gap);
                (line("grid", (from, at), (from + width, at)))
            }
            (text("tick", "end", (LEFT - 6.0, at + 4.0), &label))
        }
        @for (panel, effect) in effects.iter().enumerate() {
            @let from = LEFT + panel as f64 * (width + gap);
            @let name = analysis.keys.iter().position(|key| *key == effect.key).and_then(|at| names.get(at));
            (one(analysis, effect, &y, (from + 10.0, from + width - 10.0)))
            (text("title", "middle", (from + 0.5 * width, 232.0), &shortened(name.unwrap_or(&effect.key), 26)))
        }
    };
    let label: Vec<String> = effects.iter().map(|effect| told(analysis, effect)).collect();
    Some(drawing(&label.join(" "), HEIGHT, content))
}

/// Returns the share of trials that are not ok at each value of the key that decides it.
pub(in crate::page::sweep) fn failures(outcome: &Outcome) -> Option<Markup> {
    let first = outcome.keys.first()?;
    let levels: Vec<&OutcomeLevel> = first.levels.iter().filter(|one| one.trials > 0).collect();
    if levels.is_empty() || levels.len() > MOST_LEVELS {
        return None;
    }
    let rate = |one: &OutcomeLevel| one.not_ok as f64 / one.trials as f64;
    let y = Scale::new([0.0, 100.0].into_iter(), false, (BOTTOM, TOP))?;
    let step = (WIDTH - LEFT - 6.0) / levels.len() as f64;
    let told: Vec<String> = levels
        .iter()
        .map(|one| format!("{} of {} at {}", one.not_ok, one.trials, shortened(&one.level.shown(), 40)))
        .collect();
    let content = html! {
        @for (at, label) in y.ticks(4) { (line("grid", (LEFT, at), (WIDTH - 6.0, at))) (text("tick", "end", (LEFT - 6.0, at + 4.0), &format!("{label} %"))) }
        @for (at, one) in levels.iter().enumerate() {
            @let x = LEFT + step * (at as f64 + 0.5);
            @let top = y.at(100.0 * rate(one));
            rect.fill-chosen x=(px(x - 0.3 * step)) y=(px(top)) width=(px(0.6 * step)) height=(px(y.at(0.0) - top)) { title { (told[at]) } }
            (text("tick", "middle", (x, 208.0), &shortened(&one.level.shown(), ((step / 6.5) as usize).max(3))))
        }
        (text("title", "middle", (0.5 * (LEFT + WIDTH), 232.0), &shortened(&first.key, 40)))
    };
    Some(drawing(&format!("Trials that diverged or failed by {}: {}.", first.key, told.join(", ")), HEIGHT, content))
}

/// Returns the interval that compares levels, if there is one; else that of the mean.
fn interval(analysis: &Analysis, one: &Marginal) -> Option<Interval> {
    one.within.or(one.interval).map(|ends| bounded(ends, analysis.nonnegative))
}

/// Returns the means and the ends of their intervals, as far as the axis shows them: an interval of few values may be so
/// wide that nothing else could be seen, so it is cut where it goes further beyond the means than these lie apart.
fn range(analysis: &Analysis, held: &[&Marginal]) -> Vec<f64> {
    let means = || held.iter().map(|one| one.mean);
    let (low, high) = (means().fold(f64::INFINITY, f64::min), means().fold(f64::NEG_INFINITY, f64::max));
    let beyond = if high > low { high - low } else { f64::INFINITY };
    let ends = held.iter().filter_map(|one| interval(analysis, one));
    let shown = ends.flat_map(|ends| [ends.low.max(low - beyond), ends.high.min(high + beyond)]);
    means().chain(shown).collect()
}

fn told(analysis: &Analysis, effect: &MainEffect) -> String {
    let mean = |(level, one): &(Level, Option<Marginal>)| {
        one.as_ref().map(|one| format!("{} at {}", significant(one.mean, 3), shortened(&level.shown(), 40)))
    };
    let means: Vec<String> = effect.levels.iter().filter_map(mean).take(MOST_LEVELS).collect();
    format!("Mean {} by {}: {}.", analysis.measure, effect.key, means.join(", "))
}

/// Returns the middle of a level as a number.
fn middle(level: &Level, scale: Spacing) -> Option<f64> {
    let between = |low: f64, high: f64| match scale {
        Spacing::Log => low.sqrt() * high.sqrt(),
        Spacing::Linear | Spacing::Category => 0.5 * low + 0.5 * high,
    };
    level.number.or_else(|| Some(between(level.low?, level.high?)))
}

fn one(analysis: &Analysis, effect: &MainEffect, y: &Scale, pixels: (f64, f64)) -> Markup {
    let levels: Vec<(&Level, &Marginal)> =
        effect.levels.iter().filter_map(|(level, one)| Some((level, one.as_ref()?))).collect();
    let is_ordered = effect.scale != Spacing::Category;
    let numbers: Option<Vec<f64>> = levels.iter().map(|(level, _)| middle(level, effect.scale)).collect();
    let scale = numbers.filter(|_| is_ordered).and_then(|numbers| {
        let scale = Scale::new(numbers.iter().copied(), effect.scale == Spacing::Log, pixels)?;
        Some(numbers.into_iter().map(|x| scale.at(x)).collect::<Vec<f64>>())
    });
    let even = |at: usize| pixels.0 + (pixels.1 - pixels.0) * (at as f64 + 0.5) / levels.len() as f64;
    let x: Vec<f64> = scale.unwrap_or_else(|| (0..levels.len()).map(even).collect());
    let points: Vec<(f64, f64)> = x.iter().zip(&levels).map(|(x, (_, one))| (*x, y.at(one.mean))).collect();
    html! {
        @if is_ordered { (polyline("curve best", &points)) }
        @for (&(x, at), (level, one)) in points.iter().zip(&levels) {
            @let ends = interval(analysis, one);
            @if let Some(ends) = ends { (line("whisker best", (x, y.at(ends.low)), (x, y.at(ends.high)))) }
            (dot("fill-best", (x, at), &format!("{}: {}", shortened(&level.shown(), 60), with_interval(one.mean, ends, analysis.nonnegative))))
        }
        @for (x, label) in spaced(&x, &levels, pixels.1 - pixels.0) { (text("tick", "middle", (x, 208.0), &label)) }
    }
}

/// Returns the ticks that have room beside each other: the first, and each that does not reach the one before.
fn spaced(x: &[f64], levels: &[(&Level, &Marginal)], width: f64) -> Vec<(f64, String)> {
    let most = ((width / levels.len().max(1) as f64 / 6.0) as usize).clamp(4, 14);
    let mut kept: Vec<(f64, String)> = Vec::new();
    let mut end = f64::NEG_INFINITY;
    for (&x, (level, _)) in x.iter().zip(levels) {
        let label = match (level.low, level.high, level.number) {
            (Some(_), Some(_), None) => middle(level, Spacing::Linear).map_or(String::new(), |x| significant(x, 2)),
            _ => shortened(&level.shown(), most),
        };
        let half = 3.4 * label.chars().count() as f64;
        if x - half > end + 4.0 {
            end = x + half;
            kept.push((x, label));
        }
    }
    kept
}
