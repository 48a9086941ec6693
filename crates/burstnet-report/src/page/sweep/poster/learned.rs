//! The small plot of the learning curves, or of all configurations where nothing learned.

use burstnet_core::numbers::spread;
use maud::{Markup, html};

use super::scale::Scale;
use super::svg::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, dot, drawing, line, polyline, text};
use crate::analysis::words::{bounded, significant, with_interval};
use crate::analysis::{Analysis, Reference, ReferenceRole};
use crate::page::figure::{integer, shortened};
use crate::page::sweep::curves::DrawnCurve;
use crate::page::sweep::data::PageData;

/// The curves that are drawn in grey, and the points of each curve.
const MOST_OTHERS: usize = 60;
const MOST_POINTS: usize = 40;
/// The configurations that are drawn where there are no curves.
const MOST_MEANS: usize = 200;

/// A plot, its title and what is drawn.
pub(super) struct Plot {
    pub(super) title: &'static str,
    pub(super) of: String,
    pub(super) drawing: Markup,
    /// The part of the page that holds more.
    pub(super) more: &'static str,
}

/// Returns the learning curves of the best configuration, the reference and others.
pub(super) fn curves(analysis: &Analysis, data: &PageData) -> Option<Plot> {
    let of = |config_id: u64| {
        let own = data.curves.iter().find(|one| one.config_id == config_id)?;
        own.output().filter(|curve| curve.step.len() > 1)
    };
    let best = data.best?;
    let reference = analysis.finding.reference.as_ref();
    let best_name = match reference.filter(|one| one.role == ReferenceRole::Worst).and(analysis.settings_of(best)) {
        Some(settings) => format!("best, {}", shortened(&settings, 40)),
        None => format!("best, {best}"),
    };
    let roles: Vec<(&DrawnCurve, &str, String)> = [
        reference.and_then(|one| Some((of(one.config_id)?, "chosen", named(analysis, one)))),
        of(best).map(|curve| (curve, "best", best_name)),
    ]
    .into_iter()
    .flatten()
    .collect();
    roles.iter().find(|(_, class, _)| *class == "best")?;
    let is_other = |id: u64| id != best && reference.is_none_or(|one: &Reference| one.config_id != id);
    let early = data.stopped.iter().filter_map(|one| one.output());
    let all: Vec<&DrawnCurve> = (data.curves.iter().filter(|one| is_other(one.config_id)))
        .filter_map(|one| of(one.config_id))
        .chain(early)
        .collect();
    let others: Vec<&DrawnCurve> = spread(all.len(), MOST_OTHERS).map(|at| all[at]).collect();
    let drawn = || others.iter().copied().chain(roles.iter().map(|(curve, ..)| *curve));
    let losses: Vec<f64> = drawn().flat_map(|curve| curve.mean.iter().map(|x| x.0)).collect();
    let y = Scale::new(losses.iter().copied(), true, (BOTTOM, TOP))?;
    let x = Scale::new(
        drawn().flat_map(|curve| curve.step.iter().map(|step| *step as f64 + 1.0)).chain([0.0]),
        false,
        (LEFT - 14.0, RIGHT),
    )?;
    let points = |curve: &DrawnCurve| -> Vec<(f64, f64)> {
        let places = spread(curve.step.len(), MOST_POINTS);
        places.map(|at| (x.at(curve.step[at] as f64 + 1.0), y.at(curve.mean[at].0))).collect()
    };
    let ends = labelled(&roles.iter().map(|(curve, _, name)| (points(curve), width(name))).collect::<Vec<_>>());
    let more = (data.with_values() + analysis.search.stopped() as usize).saturating_sub(roles.len());
    let drawing = drawing(
        &format!("Training loss over the steps. {}.", told(&roles)),
        HEIGHT,
        html! {
            @for (at, label) in y.ticks(4) { (line("grid", (LEFT, at), (RIGHT, at))) (text("tick", "end", (LEFT - 6.0, at + 4.0), &label)) }
            @for (at, label) in x.ticks(5).into_iter().filter(|(at, _)| *at >= LEFT - 16.0) { (text("tick", "middle", (at, 208.0), &label)) }
            (text("title", "middle", (0.5 * (LEFT + RIGHT), 232.0), "training step"))
            @for curve in &others { (polyline("curve other", &points(curve))) }
            @for (curve, class, _) in &roles { (polyline(&format!("curve {class}"), &points(curve))) }
            @for ((_, class, name), (px, py)) in roles.iter().zip(ends) { (text(&format!("mark {class}"), "end", (px, py), name)) }
        },
    );
    let of = match (others.len(), more) {
        (0, _) => "loss of the output layer".to_owned(),
        (drawn, more) if drawn < more => {
            format!("loss of the output layer; grey: {drawn} of {} others", integer(more as u64))
        }
        (drawn, _) => {
            format!("loss of the output layer; grey: {drawn} {}", if drawn == 1 { "other" } else { "others" })
        }
    };
    Some(Plot { title: "How they learned", of, drawing, more: "learned" })
}

/// Returns the name of the reference's curve: among few configurations its values.
fn named(analysis: &Analysis, one: &Reference) -> String {
    match analysis.settings_of(one.config_id).filter(|_| one.role == ReferenceRole::Worst) {
        Some(settings) => shortened(&settings, 40),
        None => format!("{}, {}", one.title(), one.config_id),
    }
}

fn told(roles: &[(&DrawnCurve, &str, String)]) -> String {
    let one = |(curve, _, name): &(&DrawnCurve, &str, String)| {
        let end = |x: Option<&crate::page::figure::Figure>| x.map_or(String::new(), |x| significant(x.0, 3));
        format!("{name}: from {} to {}", end(curve.mean.first()), end(curve.mean.last()))
    };
    roles.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Returns about how many pixels a name is wide.
fn width(name: &str) -> f64 {
    7.0 * name.chars().count() as f64
}

/// Returns where the names of curves, of these widths, stand: beside the right ends of their lines, the upper one above
/// and the lower one below, as far as there is room, and clear of their own line.
fn labelled(curves: &[(Vec<(f64, f64)>, f64)]) -> Vec<(f64, f64)> {
    let last = |(curve, _): &(Vec<(f64, f64)>, f64)| curve.last().map_or(0.0, |(_, y)| *y);
    let lowest = curves.iter().map(last).fold(f64::NEG_INFINITY, f64::max);
    let place = |one: &(Vec<(f64, f64)>, f64)| {
        let (curve, width) = one;
        let end = curve.last().map_or(RIGHT, |(x, _)| x.clamp(0.5 * (LEFT + RIGHT), RIGHT));
        let beside = || curve.iter().filter(|(x, _)| *x >= end - width).map(|(_, y)| *y);
        let (above, below) = (beside().fold(f64::INFINITY, f64::min) - 7.0, beside().fold(0.0, f64::max) + 16.0);
        let is_lower = curves.len() > 1 && last(one) == lowest && below < BOTTOM - 2.0;
        (end, if is_lower { below } else { above.clamp(TOP + 8.0, BOTTOM) })
    };
    let mut places: Vec<(f64, f64)> = curves.iter().map(place).collect();
    if let [(_, a), (_, b)] = &mut places[..]
        && (*a - *b).abs() < 15.0
    {
        let upper = if *a <= *b { a } else { b };
        *upper = (*upper - 15.0).max(TOP + 8.0);
    }
    places
}

/// Returns the means of all configurations, the best first.
pub(super) fn means(analysis: &Analysis, data: &PageData) -> Option<Plot> {
    let means = data.means();
    let places: Vec<usize> = spread(means.len(), MOST_MEANS).collect();
    if places.len() < 2 {
        return None;
    }
    let ends = |at: usize| means[at].interval.map(|ends| bounded(ends, analysis.nonnegative));
    let with_intervals = places.len() <= 60;
    let values: Vec<f64> = places
        .iter()
        .flat_map(|&at| {
            let whole = ends(at).filter(|_| with_intervals);
            [Some(means[at].mean), whole.map(|ends| ends.low), whole.map(|ends| ends.high)]
        })
        .flatten()
        .collect();
    let y = Scale::of_measure(&values, (BOTTOM, TOP))?;
    let x = Scale::new([1.0, means.len() as f64].into_iter(), false, (LEFT + 4.0, RIGHT))?;
    let reference = analysis.finding.reference.as_ref().map(|one| one.config_id);
    let class = |id: u64| match id {
        _ if Some(id) == data.best => "best",
        _ if Some(id) == reference => "chosen",
        _ => "other",
    };
    let label = format!(
        "Means of {} of {} configurations by rank, from {} to {}.",
        analysis.measure,
        means.len(),
        significant(means[0].mean, 3),
        significant(means[means.len() - 1].mean, 3)
    );
    let drawing = drawing(
        &label,
        HEIGHT,
        html! {
            @for (at, label) in y.ticks(4) { (line("grid", (LEFT, at), (RIGHT, at))) (text("tick", "end", (LEFT - 6.0, at + 4.0), &label)) }
            @for (at, label) in x.ticks(5).into_iter().filter(|(_, label)| !label.contains('.')) { (text("tick", "middle", (at, 208.0), &label)) }
            (text("title", "middle", (0.5 * (LEFT + RIGHT), 232.0), "rank"))
            @for &at in places.iter().rev() {
                @let one = &means[at];
                @let class = class(one.config_id);
                @let px = x.at(at as f64 + 1.0);
                @if let Some(ends) = ends(at).filter(|_| with_intervals) { (line(&format!("whisker {class}"), (px, y.at(ends.low)), (px, y.at(ends.high)))) }
                (dot(&format!("fill-{class}"), (px, y.at(one.mean)), &format!("configuration {}: {}", one.config_id, with_interval(one.mean, one.interval, analysis.nonnegative))))
            }
        },
    );
    let of = if places.len() < means.len() {
        format!("{}, {} of {}", analysis.measure, places.len(), integer(means.len() as u64))
    } else {
        analysis.measure.clone()
    };
    Some(Plot { title: "All configurations", of, drawing, more: "best" })
}
