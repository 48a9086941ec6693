//! The small table of the best configurations.

use maud::{Markup, html};

use super::scale::Scale;
use super::svg::px;
use crate::analysis::words::{bounded, significant, with_interval};
use crate::analysis::{Front, RankedConfiguration, labels};
use crate::page::figure::{bracketed, integer, shortened};
use crate::page::sweep::PageSource;
use crate::page::sweep::data::PageData;
use crate::page::sweep::sections::value_of;

/// The configurations and the keys in the table.
const MOST: usize = 6;
const MOST_KEYS: usize = 4;
/// The characters of the names of these keys and of the longest mean.
const MOST_CHARACTERS: usize = 58;
/// The characters of the mean of an objective and its name.
const MEANS: usize = 12;
/// The pixels of an interval's drawing.
const WIDTH: f64 = 150.0;

pub(super) fn table(source: &PageSource<'_>, data: &PageData) -> Markup {
    let analysis = source.analysis;
    match analysis.pareto.as_ref().filter(|front| analysis.is_objective && front.size > 0) {
        Some(front) => compromises(source, front),
        None => ranked(source, data),
    }
}

/// Returns the places of the keys that have room beside means of so many characters: those that matter first, in the order
/// of the plan where that is not known.
fn shown_keys(source: &PageSource<'_>, means: usize) -> Vec<usize> {
    let mut keys = source.analysis.deciding();
    keys.extend((0..source.plan.space.len()).filter(|at| !source.analysis.deciding().contains(at)));
    let names = labels(&source.analysis.keys);
    let mut room = MOST_CHARACTERS.saturating_sub(means);
    keys.truncate(MOST_KEYS);
    let fits = |at: &usize| {
        let width = names[*at].chars().count().clamp(6, 24);
        let has_room = width <= room;
        room = room.saturating_sub(width);
        has_room
    };
    keys.into_iter().take_while(fits).collect()
}

fn ranked(source: &PageSource<'_>, data: &PageData) -> Markup {
    let analysis = source.analysis;
    let rows: Vec<&RankedConfiguration> =
        analysis.ranked.iter().filter(|one| one.summary.mean.is_some()).take(MOST).collect();
    let mean = |one: &RankedConfiguration| {
        with_interval(one.summary.mean.unwrap_or_default(), one.t_interval, analysis.nonnegative)
    };
    let longest = rows.iter().map(|one| mean(one).chars().count()).max().unwrap_or(0);
    let (keys, names) = (shown_keys(source, longest), labels(&analysis.keys));
    let ends = |one: &RankedConfiguration| one.t_interval.map(|ends| bounded(ends, analysis.nonnegative));
    let values = rows.iter().flat_map(|one| [one.summary.mean, ends(one).map(|x| x.low), ends(one).map(|x| x.high)]);
    let scale = Scale::new(values.flatten(), false, (6.0, WIDTH - 6.0));
    let some_missing = rows.iter().any(|one| one.n as u64 != source.plan.replicates);
    let what = if source.plan.replicates > 1 {
        format!(
            "mean and 95 % interval of {} over {}",
            analysis.measure,
            source.plan.replicates_in_words("seed", "seeds")
        )
    } else {
        format!("{} on one seed", analysis.measure)
    };
    html! {
        div {
            p.small { a href="#best" { (if rows.len() == 1 { "The configuration" } else { "Best configurations" }) } " " span { (what) } }
            div.scroll tabindex="0" role="region" aria-label="Best configurations" { table.data.few {
                caption.unseen { "Best configurations" }
                thead { tr {
                    th scope="col" { "#" }
                    @for &at in &keys { th.left scope="col" title=(analysis.keys[at]) { (shortened(&names[at], 24)) } }
                    th.left scope="col" { (analysis.measure) (bracketed(&analysis.unit)) }
                    @if some_missing { th scope="col" { "n" } }
                    @if analysis.subject_to.is_some() { th.left scope="col" { "bounds" } }
                    @if analysis.confidence_set.is_some() { th.left scope="col" { "vs. best" } }
                    th.left scope="col" { span.unseen { "Interval" } }
                } }
                tbody { @for one in &rows {
                    tr data-config=(one.config_id) {
                        th scope="row" { (one.config_id) }
                        @for &at in &keys { @if let (Some(dimension), Some(value)) = (source.plan.space.get(at), one.values.get(at)) {
                            td.left { @match value.as_f64() { Some(x) => (significant(x, 3)), None => (value_of(dimension, value)) } }
                        } }
                        td.left.number { (mean(one)) }
                        @if some_missing { td { (one.n) } }
                        @if analysis.subject_to.is_some() { td.left { (if one.keeps_bounds() { "kept" } else { "broken" }) } }
                        @if let Some(set) = &analysis.confidence_set { td.left { (versus_best(one, set.best)) } }
                        td.left { @if let Some(scale) = &scale { (drawn(one, rows[0], ends(one), scale)) } }
                    }
                } }
            } }
            @if data.ranked > rows.len() { p.note { a href="#best" { "all " (integer(data.ranked as u64)) " configurations" } @if keys.len() < names.len() { " with all " (names.len()) " keys" } } }
        }
    }
}

/// Returns whether a configuration can be told from the best one, in a word.
fn versus_best(one: &RankedConfiguration, best: u64) -> &'static str {
    match one.in_confidence_set {
        _ if one.config_id == best => "best",
        Some(true) => "tied",
        Some(false) => "worse",
        None => "–",
    }
}

fn drawn(
    one: &RankedConfiguration,
    first: &RankedConfiguration,
    ends: Option<crate::statistics::Interval>,
    scale: &Scale,
) -> Markup {
    let class = if one.config_id == first.config_id { "best" } else { "other" };
    let mean = scale.at(one.summary.mean.unwrap_or_default());
    let best = px(scale.at(first.summary.mean.unwrap_or_default()));
    html! {
        svg.interval width=(WIDTH) height="16" aria-hidden="true" {
            line.guide x1=(best) x2=(best) y1="0" y2="16" {}
            @if let Some(ends) = ends { line class={ "whisker " (class) } x1=(px(scale.at(ends.low))) x2=(px(scale.at(ends.high))) y1="8" y2="8" {} }
            circle class={ "fill-" (class) } cx=(px(mean)) cy="8" r="4" {}
        }
    }
}

fn compromises(source: &PageSource<'_>, front: &Front) -> Markup {
    let analysis = source.analysis;
    let held = front.configurations.len();
    let kept = held.min(MOST);
    let rows = (0..kept).map(|at| if kept < 2 { 0 } else { at * (held - 1) / (kept - 1) });
    let (keys, names) = (shown_keys(source, MEANS * front.objectives.len()), labels(&analysis.keys));
    html! {
        div {
            p.small { a href="#compromises" { "Best compromises" } " " span { "means over " (source.plan.replicates) " seeds, from one end of the front to the other" } }
            div.scroll tabindex="0" role="region" aria-label="Best compromises" { table.data.few {
                caption.unseen { "Best compromises" }
                thead { tr {
                    th scope="col" { "#" }
                    @for one in &front.objectives { th.left scope="col" { (one.measure) (bracketed(&one.unit)) } }
                    @for &at in &keys { th.left scope="col" title=(analysis.keys[at]) { (shortened(&names[at], 24)) } }
                } }
                tbody { @for one in rows.map(|at| &front.configurations[at]) {
                    tr data-config=(one.config_id) {
                        th scope="row" { (one.config_id) }
                        @for mean in &one.means { td.left.number { (significant(*mean, 4)) } }
                        @for &at in &keys { @if let (Some(dimension), Some(value)) = (source.plan.space.get(at), one.values.get(at)) {
                            td.left { @match value.as_f64() { Some(x) => (significant(x, 3)), None => (value_of(dimension, value)) } }
                        } }
                    }
                } }
            } }
            @if held > kept { p.note { a href="#compromises" { "all " (integer(front.size as u64)) " on the front" } } }
        }
    }
}
