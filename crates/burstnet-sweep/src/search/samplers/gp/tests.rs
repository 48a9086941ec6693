//! Tests of the Gaussian process as a whole.

use burstnet_core::streams::Stream;

use super::*;
use crate::search::samplers::testing::{Budget, Case, branin};
use crate::search::samplers::{normal, tpe};
use crate::streams::SweepPurpose;

const BUDGET: Budget = Budget { seed: 3, points: 40, round: 4 };

#[test]
fn parameters_depend_on_the_first_points_of_a_fixed_series() {
    let counts = [0, 3, 4, 5, 6, 8, 9, 13, 14, 15, 1000].map(learned_from);
    assert_eq!(counts, [0, 3, 4, 4, 6, 6, 9, 9, 14, 14, 822]);
}

#[test]
fn of_too_many_points_the_best_and_the_latest_are_chosen() {
    let losses = [3.0, 1.0, 2.0, 9.0, 8.0, 7.0, 6.0, 5.0];
    for several in [false, true] {
        let case = Case { objectives: 1 + usize::from(several), ..Case::plain("a range", &[AxisKind::Range]) };
        let mut search = case.with(BUDGET, GaussianProcessProposer::new);
        let point = |at: usize| vec![Some(at as f64 / 8.0)];
        search.include(&(0..8).map(point).collect::<Vec<_>>());
        let told = |(at, loss): (usize, &f64)| {
            let losses = vec![Some(*loss).filter(|loss| *loss < 9.0); case.objectives];
            Told { losses, ..case.told(&[at as f64 / 8.0], true) }
        };
        search.tell(&losses.iter().enumerate().map(told).collect::<Vec<_>>());
        assert_eq!(search.chosen(8, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(search.chosen(8, 4), [1, 2, 6, 7]);
    }
}

#[test]
fn many_more_points_than_are_used_still_give_a_proposal() {
    let case = Case::plain("ranges", &[AxisKind::Range; 2]);
    let mut stream = Stream::new(7, SweepPurpose::Search);
    let history: Vec<Told> = (0..1100).map(|_| case.told(&[stream.unit(), stream.unit()], true)).collect();
    let budget = Budget { points: 1104, ..BUDGET };
    let mut search = case.with(budget, GaussianProcessProposer::new);
    search.include(&history.iter().map(|told| told.point.clone()).collect::<Vec<_>>());
    search.tell(&history);
    search.startup = 0;
    let points = search.ask(2, &case.look);
    assert!(points.iter().all(|point| point.iter().all(|unit| (unit - 0.7).abs() < 0.02)), "{points:?}");
}

#[test]
fn points_of_a_round_keep_off_each_other() {
    let case = Case { losses: |point| vec![Some(branin(point))], ..Case::plain("Branin", &[AxisKind::Range; 2]) };
    let history = case.search(&GaussianProcess, Budget { points: 12, ..BUDGET }).1;
    let points = case.propose(&GaussianProcess, BUDGET, &history, 6);
    let apart = |a: &Point, b: &Point| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let pairs = (0..6).flat_map(|a| (0..a).map(move |b| (a, b)));
    let nearest = pairs.map(|(a, b)| apart(&points[a], &points[b])).fold(f64::INFINITY, f64::min);
    assert!(nearest > 0.01, "{points:?}");
}

/// Returns the medians over seeds of the values without noise of the points that look best after a search.
fn median_with_noise(sampler: &dyn Sampler, replicates: u64) -> f64 {
    let found = |seed: u64| {
        let case = Case::plain("Branin", &[AxisKind::Range; 2]);
        let budget = Budget { seed, points: 60, round: 4 };
        let mut search = case.with(budget, |problem| sampler.start(problem));
        let mut best = (f64::INFINITY, f64::INFINITY);
        for round in 0..15 {
            let mut told = Vec::new();
            for (at, point) in search.ask(4, &case.look).into_iter().enumerate() {
                let mut stream = Stream::part(seed, SweepPurpose::Bootstrap, round * 4 + at as u64);
                let draws: Vec<f64> =
                    (0..replicates).map(|_| branin(&point) + 10.0 * normal::draw(&mut stream)).collect();
                let n = replicates as f64;
                let mean = draws.iter().sum::<f64>() / n;
                let error = (draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n * (n - 1.0))).sqrt();
                best = if mean < best.0 { (mean, branin(&point)) } else { best };
                told.push(Told {
                    errors: vec![Some(error)],
                    losses: vec![Some(mean)],
                    replicates,
                    ..case.told(&point, false)
                });
            }
            search.tell(&told);
        }
        best.1
    };
    let mut all: Vec<f64> = (0..12).map(found).collect();
    all.sort_by(f64::total_cmp);
    (all[5] + all[6]) / 2.0
}

#[test]
fn noisy_outcomes_are_searched_better_than_by_densities() {
    let (own, other) = (median_with_noise(&GaussianProcess, 4), median_with_noise(&tpe::Tpe, 4));
    assert!(own < other, "{own} against {other}");
}

#[test]
fn outcomes_of_any_size_are_taken() {
    type Losses = fn(&[f64]) -> Vec<Option<f64>>;
    let losses: [Losses; 4] = [
        |point| vec![Some(1e308 * (point[0] - 0.5))],
        |point| vec![Some(1e-308 * point[0])],
        |point| vec![Some(if point[0] < 0.5 { -1.7e308 } else { 1.7e308 })],
        |point| vec![(point[0] > 0.95).then_some(1.0)],
    ];
    for losses in losses {
        let case = Case { losses, ..Case::plain("any size", &[AxisKind::Range, AxisKind::Unordered(3)]) };
        let points = case.search(&GaussianProcess, Budget { points: 24, ..BUDGET }).0;
        assert_eq!(points.len(), 24);
        assert!(points.iter().flatten().all(|unit| (0.0..1.0).contains(unit)));
    }
}
