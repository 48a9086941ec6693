//! The means of matched configurations in one sweep against those in another.

use maud::{Markup, html};

use super::{named, text};
use crate::analysis::across::{MatchedConfiguration, SweepDifference, SweepsComparison};
use crate::analysis::labels;
use crate::analysis::words::{bounded, significant};
use crate::page::figure::shortened;
use crate::page::sweep::poster::scale::Scale;
use crate::page::sweep::poster::svg::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, drawing, line, px, text as label};
use crate::page::sweep::shown::places;
use crate::statistics::Interval;
use burstnet_sweep::objective::Direction;

/// The configurations that are drawn, and those up to which they have intervals.
const MOST: usize = 400;
const MOST_WITH_INTERVALS: usize = 60;

/// Returns the panel of a sweep against the first; `None` if they share nothing.
pub(super) fn panel(comparison: &SweepsComparison, one: &SweepDifference) -> Option<Markup> {
    let all = &one.configurations;
    let kept = places(all.len(), MOST / 2, MOST / 2);
    let shown: Vec<&MatchedConfiguration> = kept.into_iter().map(|at| &all[at]).collect();
    let with_intervals = shown.len() <= MOST_WITH_INTERVALS;
    let ends = |interval: Option<Interval>| {
        interval.filter(|_| with_intervals).map(|ends| bounded(ends, comparison.nonnegative))
    };
    let of = |mean: f64, interval: Option<Interval>| {
        let ends = ends(interval);
        [mean, ends.map_or(mean, |ends| ends.low), ends.map_or(mean, |ends| ends.high)]
    };
    let values: Vec<f64> = shown
        .iter()
        .flat_map(|row| {
            of(row.mean_first, row.interval_first).into_iter().chain(of(row.mean_other, row.interval_other))
        })
        .collect();
    let (x, y) = (Scale::of_measure(&values, (LEFT, RIGHT))?, Scale::of_measure(&values, (BOTTOM, TOP))?);
    let (first, other) = (&comparison.sweeps[0].label, &comparison.sweeps[one.sweep].label);
    let (above, below) = match comparison.direction {
        Some(Direction::Minimize) => ("worse", "better"),
        Some(Direction::Maximize) => ("better", "worse"),
        None => ("larger", "smaller"),
    };
    let own = format!("own s{}", one.sweep);
    let content = html! {
        @for (at, tick) in y.ticks(4) { (line("grid", (LEFT, at), (RIGHT, at))) (label("tick", "end", (LEFT - 6.0, at + 4.0), &tick)) }
        @for (at, tick) in x.ticks(5) { (label("tick", "middle", (at, 208.0), &tick)) }
        (line("identity", (LEFT, BOTTOM), (RIGHT, TOP)))
        (label("tick", "start", (LEFT + 6.0, TOP + 12.0), &format!("{} {above}", shortened(other, 20))))
        (label("tick", "end", (RIGHT - 4.0, BOTTOM - 8.0), &format!("{} {below}", shortened(other, 20))))
        (label("title", "middle", (0.5 * (LEFT + RIGHT), 232.0), &format!("{} in {}", comparison.measure, shortened(first, 30))))
        @for row in &shown {
            @let (px_first, px_other) = (x.at(row.mean_first), y.at(row.mean_other));
            @if let Some(ends) = ends(row.interval_first) { (line(&format!("whisker faint {own}"), (x.at(ends.low), px_other), (x.at(ends.high), px_other))) }
            @if let Some(ends) = ends(row.interval_other) { (line(&format!("whisker faint {own}"), (px_first, y.at(ends.low)), (px_first, y.at(ends.high)))) }
        }
        @for row in &shown {
            circle class=(format!("dot {own}")) cx=(px(x.at(row.mean_first))) cy=(px(y.at(row.mean_other))) r=(if with_intervals { "4" } else { "2.5" }) {
                title { (told(one, row)) }
            }
        }
    };
    let what = format!(
        "Means of {} matched configurations: {} in {first} across, in {other} upward. {}",
        shown.len(),
        comparison.measure,
        one.finding
    );
    Some(html! {
        div.panel {
            p.small {
                a href="#configurations" { "Matched configurations" } " "
                span {
                    (named(comparison, one.sweep)) " against " (text(first, 40)) @if with_intervals { ", 95 % intervals" }
                    @if shown.len() < all.len() { "; " (shown.len()) " of " (all.len()) }
                }
            }
            (drawing(&shortened(&what, 600), HEIGHT, content))
        }
    })
}

/// Returns what a point stands for.
fn told(one: &SweepDifference, row: &MatchedConfiguration) -> String {
    let names = labels(&one.keys);
    let keys: Vec<String> = names
        .iter()
        .zip(&row.values)
        .map(|(name, value)| format!("{name} = {}", shortened(&value.to_string(), 40)))
        .collect();
    let difference = row.test.difference.map_or(String::new(), |x| format!(", difference {}", significant(x, 3)));
    format!(
        "{}: {} and {}{difference}",
        shortened(&keys.join(", "), 300),
        significant(row.mean_first, 4),
        significant(row.mean_other, 4)
    )
}
