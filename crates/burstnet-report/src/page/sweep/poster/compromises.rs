//! The small plot of the best compromises between the first two objectives.

use maud::html;

use burstnet_core::numbers::spread;

use super::learned::Plot;
use super::scale::Scale;
use super::svg::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, dot, drawing, line, text};
use crate::analysis::words::significant;
use crate::analysis::{Analysis, Front, FrontObjective, FrontStanding};
use crate::page::figure::{bracketed, integer, shortened};

/// The configurations that are drawn beside those on the front, and on it.
const MOST_OTHERS: usize = 150;
const MOST_ON_FRONT: usize = 60;

/// Returns the configurations by their means of the first two objectives; `None` with a single objective.
pub(super) fn plot(analysis: &Analysis) -> Option<Plot> {
    let front = analysis.pareto.as_ref().filter(|front| analysis.is_objective && front.size > 0)?;
    let [across, up, ..] = &front.objectives[..] else { return None };
    let of = |on_front: bool, most: usize| -> Vec<(f64, f64)> {
        let means = |one: &FrontStanding| Some((one.means.first().copied()??, one.means.get(1).copied()??));
        let all: Vec<_> = front.standings.iter().filter(|one| one.on_front == on_front).filter_map(means).collect();
        spread(all.len(), most).map(|at| all[at]).collect()
    };
    let (others, best) = (of(false, MOST_OTHERS), of(true, MOST_ON_FRONT));
    let drawn = || others.iter().chain(&best);
    let values = |one: fn(&(f64, f64)) -> f64| drawn().map(one).collect::<Vec<f64>>();
    let x = Scale::of_measure(&values(|one| one.0), (LEFT, RIGHT))?;
    let y = Scale::of_measure(&values(|one| one.1), (BOTTOM, TOP))?;
    let dots = |class: &'static str, points: &[(f64, f64)]| {
        html! { @for (a, b) in points {
            (dot(class, (x.at(*a), y.at(*b)), &format!("{} {}, {} {}", across.measure, significant(*a, 3), up.measure, significant(*b, 3))))
        } }
    };
    let drawing = drawing(
        &label(front, across, up),
        HEIGHT,
        html! {
            @for (at, label) in y.ticks(4) { (line("grid", (LEFT, at), (RIGHT, at))) (text("tick", "end", (LEFT - 6.0, at + 4.0), &label)) }
            @for (at, label) in x.ticks(5) { (line("grid", (at, TOP), (at, BOTTOM))) (text("tick", "middle", (at, 208.0), &label)) }
            (text("title", "middle", (0.5 * (LEFT + RIGHT), 232.0), &named(across, 56)))
            (dots("fill-other", &others))
            (dots("fill-best", &best))
        },
    );
    let of = format!("{} upwards; blue: the {} on the front", named(up, 30), integer(front.size as u64));
    Some(Plot { title: "Which compromises are best", of, drawing, more: "compromises" })
}

fn named(objective: &FrontObjective, most: usize) -> String {
    format!("{}{}", shortened(&objective.measure, most), bracketed(&objective.unit))
}

fn label(front: &Front, across: &FrontObjective, up: &FrontObjective) -> String {
    let ends = match (front.configurations.first(), front.configurations.last()) {
        (Some(first), Some(last)) if front.size > 1 => format!(
            ", from {} and {} to {} and {}",
            significant(first.means[0], 3),
            significant(first.means[1], 3),
            significant(last.means[0], 3),
            significant(last.means[1], 3)
        ),
        (Some(_) | None, _) => String::new(),
    };
    format!("Means of {} and {}. On the front: {}{ends}.", across.measure, up.measure, integer(front.size as u64))
}
