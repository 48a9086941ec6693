//! The multivariate tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011; Falkner, Klein & Hutter, ICML 2018).
//!
//! What was seen is split into the best few and the rest, each is made a density, and of points drawn from that of the
//! best the one is proposed at which it exceeds the other most. Numbers and kernels follow Optuna's TPESampler (Watanabe,
//! arXiv:2304.11127, 2023, says what each does). The first points, and all until one has a loss, are scrambled Sobol'
//! points.
//!
//! - Points of one round count among the rest as soon as they are proposed, so that the next ones keep off (the constant
//!   liar of Ginsbourger, Le Riche & Carraro, 2010).
//! - With several objectives the best are the nondominated ones (Ozaki et al., GECCO 2020).
//! - A point that lacks a coordinate says as much about that axis as the prior.
//! - A configuration without a range is proposed once; when none is left, the search ends.

use super::parzen::{Observed, Parzen};
use super::seen::Seen;
use super::{Ask, Info, Point, Problem, Sampler, Setting, fronts, sobol};

/// The tree-structured Parzen estimator.
pub(super) struct Tpe;

const STARTUP: Setting = Setting {
    name: "startup",
    default: 10.0,
    min: 1.0,
    max: 1e9,
    integer: true,
    doc: "How many points are taken from a scrambled Sobol' sequence before any is learned.",
};

const CANDIDATES: Setting = Setting {
    name: "candidates",
    default: 24.0,
    min: 1.0,
    max: 1e5,
    integer: true,
    doc: "From how many points drawn from the density of the best one is chosen.",
};

const GAMMA: Setting = Setting {
    name: "gamma",
    default: 0.1,
    min: 0.001,
    max: 0.5,
    integer: false,
    doc: "Which part of the points seen is among the best; with one objective at most 25 points are.",
};

/// The most points among the best of one objective.
const MOST_BEST: usize = 25;
/// How many points are drawn at most for one candidate that can be proposed.
const DRAWS_PER_CANDIDATE: u64 = 10;

impl Sampler for Tpe {
    fn info(&self) -> &'static Info {
        &Info {
            name: "tpe",
            what: "a tree-structured Parzen estimator",
            source: Some("Bergstra et al., NeurIPS 2011; Watanabe, arXiv:2304.11127, 2023"),
            needs_trials: true,
            indexed: false,
            ranges: true,
            most_axes: usize::MAX,
            most_objectives: usize::MAX,
            distinct: true,
            extends: true,
            settings: &[STARTUP, CANDIDATES, GAMMA],
        }
    }

    fn propose(&self, problem: &Problem<'_>, ask: &Ask<'_>) -> Vec<Point> {
        let (good, bad) = split(problem, ask);
        let learned = !good.is_empty();
        let good = Parzen::new(problem.axes, &good, problem.objectives < 2);
        let mut seen = Seen::new(problem.axes, ask);
        let mut proposed: Vec<(Point, Vec<Option<f64>>)> = Vec::new();
        for number in ask.first..ask.first + ask.size {
            let liars = proposed.iter().map(|(_, observed)| observed.as_slice());
            let point = if !learned || number < problem.setting(&STARTUP) as u64 {
                start(problem, number).filter(|point| seen.fresh(ask, point).is_some())
            } else {
                let bad: Vec<_> = bad.iter().copied().chain(liars).collect();
                best_candidate(problem, ask, number, &seen, &good, &Parzen::new(problem.axes, &bad, true))
            };
            let Some(point) = point.or_else(|| seen.any(problem, ask, number)) else { break };
            let Some(observed) = seen.fresh(ask, &point) else { break };
            seen.insert(&observed);
            proposed.push((point, observed));
        }
        proposed.into_iter().map(|(point, _)| point).collect()
    }
}

/// Point `number` of the scrambled Sobol' sequence that the search starts from.
fn start(problem: &Problem<'_>, number: u64) -> Option<Point> {
    (0..problem.axes.len()).map(|axis| sobol::coordinate(problem, "tpe/start", axis, number)).collect()
}

/// The best points seen and the rest, each by number.
fn split<'a>(problem: &Problem<'_>, ask: &Ask<'a>) -> (Vec<&'a Observed>, Vec<&'a Observed>) {
    let losses: Vec<&[Option<f64>]> = ask.history.iter().map(|told| told.losses.as_slice()).collect();
    let order = fronts::best_first(&losses);
    let share = (problem.setting(&GAMMA) * order.len() as f64).ceil() as usize;
    let most = if problem.objectives < 2 { share.min(MOST_BEST) } else { share };
    let mut is_good = vec![false; losses.len()];
    order.into_iter().take(most).for_each(|at| is_good[at] = true);
    let points = |good: bool| {
        ask.history.iter().zip(&is_good).filter(move |(_, is)| **is == good).map(|(told, _)| told.point.as_slice())
    };
    (points(true).collect(), points(false).collect())
}

/// Of points drawn from the density of the best, the one at which it exceeds that of the rest most.
fn best_candidate(
    problem: &Problem<'_>,
    ask: &Ask<'_>,
    number: u64,
    seen: &Seen<'_>,
    good: &Parzen<'_>,
    bad: &Parzen<'_>,
) -> Option<Point> {
    let mut stream = problem.stream("tpe", number);
    let candidates = problem.setting(&CANDIDATES) as u64;
    let drawn = (0..candidates * DRAWS_PER_CANDIDATE).map(|_| good.draw(&mut stream));
    let mut best: Option<(f64, Point)> = None;
    for (point, observed) in
        drawn.filter_map(|point| seen.fresh(ask, &point).map(|observed| (point, observed))).take(candidates as usize)
    {
        let active: Vec<bool> = observed.iter().map(Option::is_some).collect();
        let gain = good.log_density(&point, &active) - bad.log_density(&point, &active);
        if best.as_ref().is_none_or(|(most, _)| gain > *most) {
            best = Some((gain, point));
        }
    }
    best.map(|(_, point)| point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::AxisKind;
    use crate::samplers::testing::{Budget, Case};

    const BUDGET: Budget = Budget { seed: 3, points: 40, round: 8 };

    #[test]
    fn the_first_points_are_evenly_spread() {
        let case = Case::plain("ranges", &[AxisKind::Range; 2]);
        let points = case.search(&Tpe, BUDGET).0;
        for axis in 0..2 {
            let strata: std::collections::BTreeSet<u64> =
                points[..8].iter().map(|point| (point[axis] * 8.0) as u64).collect();
            assert_eq!(strata.len(), 8);
        }
    }

    #[test]
    fn points_of_a_round_keep_off_each_other() {
        let case = Case::plain("ranges", &[AxisKind::Range; 2]);
        let history = case.search(&Tpe, BUDGET).1;
        let nearest = |points: &[Point]| {
            let apart = |a: &Point, b: &Point| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let pairs = (0..points.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
            pairs.map(|(a, b)| apart(&points[a], &points[b])).sum::<f64>()
        };
        let together = nearest(&case.propose(&Tpe, BUDGET, &history, 32));
        // Without the others of its round every point would be drawn as a first one is.
        let alone: Vec<Point> = (0..32)
            .flat_map(|more| {
                let ask = Ask { history: &history, first: 40 + more, size: 1, look: &case.look };
                case.with(BUDGET, |problem| Tpe.propose(problem, &ask))
            })
            .collect();
        assert!(together > 1.5 * nearest(&alone), "{together}, alone {}", nearest(&alone));
    }

    #[test]
    fn of_several_losses_the_nondominated_points_are_the_best() {
        let case = Case {
            objectives: 2,
            losses: |point| vec![Some((point[0] - 0.2).abs()), Some((point[0] - 0.4).abs())],
            ..Case::plain("two", &[AxisKind::Range; 2])
        };
        let points = case.search(&Tpe, Budget { points: 80, ..BUDGET }).0;
        let between = points[40..].iter().filter(|point| (0.15..0.45).contains(&point[0])).count();
        assert!(between > 25, "{between} of 40");
    }
}
