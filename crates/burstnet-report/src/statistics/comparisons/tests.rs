//! Simulations: how often any difference is found where there is none, and how many of those that exist are found.

use ndarray::Array2;
use rand_distr::{Distribution as _, Exp1, StandardNormal};

use burstnet_core::math::ln;
use burstnet_sweep::search::adaptive::{Adaptive, Until};

use super::*;

/// The noise of simulated data.
#[derive(Clone, Copy, Debug)]
enum Noise {
    /// Normal, the same for all configurations.
    Equal,
    /// Exponential.
    Skewed,
    /// Normal, and six times as large for every other configuration.
    TwoKinds,
    /// Normal, with sizes from one to six evenly on a logarithmic scale.
    Sixfold,
    /// Normal, half of it the same or opposite in all configurations.
    Correlated,
}

/// Returns values without any difference, and the standard deviation of each configuration.
fn data(noise: Noise, (configurations, replicates): (usize, usize), random: &mut Stream) -> (Array2<f64>, Vec<f64>) {
    let mut values = Array2::zeros((configurations, replicates));
    let mut size = |row: usize| match noise {
        Noise::Equal | Noise::Skewed => 1.0,
        Noise::TwoKinds if row.is_multiple_of(2) => 1.0,
        Noise::TwoKinds => 6.0,
        Noise::Sixfold => exp(random.unit() * ln(6.0)),
        Noise::Correlated => 1.25_f64.sqrt(),
    };
    let size: Vec<f64> = (0..configurations).map(&mut size).collect();
    let common: Vec<f64> = (0..replicates).map(|_| StandardNormal.sample(random)).collect();
    for ((row, replicate), x) in values.indexed_iter_mut() {
        let normal: f64 = StandardNormal.sample(random);
        let exponential: f64 = Exp1.sample(random);
        let alternating = if row.is_multiple_of(2) { 1.0 } else { -1.0 };
        *x = match noise {
            Noise::Equal => normal,
            Noise::Skewed => exponential,
            Noise::TwoKinds | Noise::Sixfold => normal * size[row],
            Noise::Correlated => 0.5 * normal + common[replicate] * alternating,
        };
    }
    (values, size)
}

fn best(values: &Array2<f64>) -> usize {
    let means = values.rows().into_iter().map(|row| row.iter().sum::<f64>());
    means.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(at, _)| at)
}

fn found(values: &Array2<f64>, number: u64) -> Vec<bool> {
    let stream = |part| Stream::keyed(number, 99_u32, part, &[0; 16]);
    let comparisons = Comparisons::of(values.view(), Reference::Best(best(values)), &stream);
    (0..values.nrows()).map(|row| comparisons.p(row).is_some_and(|p| p < 0.05)).collect()
}

fn rates(noise: Noise, shape: (usize, usize), times: u64) -> (f64, f64) {
    let numbers: Vec<u64> = (0..times).collect();
    let outcomes = burstnet_sweep::objective::threads::map(&numbers, |&number| {
        let mut random = Stream::keyed(number, 98_u32, 0, &[0; 16]);
        let (mut values, deviations) = data(noise, shape, &mut random);
        let any = found(&values, number).contains(&true);
        // A third is worse by two standard deviations of its noise.
        let (mut worse, mut told) = (0.0, 0.0);
        if number % 10 == 0 {
            let mut order: Vec<usize> = (0..shape.0).collect();
            random.shuffle(&mut order);
            let bad = &order[..shape.0 / 3];
            for &row in bad {
                values.row_mut(row).mapv_inplace(|x| x + 2.0 * deviations[row]);
            }
            let found = found(&values, number);
            worse = bad.len() as f64;
            told = bad.iter().filter(|&&row| found[row]).count() as f64;
        }
        (f64::from(any), worse, told)
    });
    let sum = outcomes.iter().fold((0.0, 0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    (sum.0 / times as f64, sum.2 / sum.1)
}

/// Tells the rates of wrong and of right findings for every kind of noise.
fn rates_of_all(
    configurations: &[usize],
    replicates: &[usize],
    times: u64,
    judge: impl Fn(Noise, usize, usize, f64, f64),
) {
    for noise in [Noise::Equal, Noise::Skewed, Noise::Sixfold, Noise::TwoKinds, Noise::Correlated] {
        for &configurations in configurations {
            for &replicates in replicates {
                let (wrong, power) = rates(noise, (configurations, replicates), times);
                judge(noise, configurations, replicates, wrong, power);
            }
        }
    }
}

/// Of 100 data sets without any difference, 5 have a significant one on average; more than 13 have it once in 3000 tests.
#[test]
fn few_data_sets_without_any_difference_have_a_significant_one() {
    rates_of_all(&[2, 12], &[5, 8], 100, |noise, configurations, replicates, wrong, _| {
        assert!(wrong <= 0.13, "{noise:?}, {configurations} configurations × {replicates} replicates: {wrong}");
    });
}

/// Takes the values away that adaptive replicates would not have run, and returns the best configuration.
fn rest(values: &mut Array2<f64>, from: u64) -> usize {
    let levels = Adaptive { from, until: Until::Best }.levels(values.nrows() as u64, values.ncols() as u64);
    let mut chosen: Vec<usize> = (0..values.nrows()).collect();
    for pair in levels.windows(2).map(|pair| [pair[0], pair[1]]).chain(levels.last().map(|last| [*last, *last])) {
        let [before, after] = pair;
        let ran = before.replicates as usize;
        let sum = |row: &usize| values.row(*row).iter().take(ran).sum::<f64>();
        chosen.sort_by(|a, b| sum(a).total_cmp(&sum(b)));
        for row in chosen.split_off((after.configurations as usize).min(chosen.len())) {
            values.row_mut(row).iter_mut().skip(ran).for_each(|x| *x = f64::NAN);
        }
    }
    for mut row in values.rows_mut() {
        let most = levels.last().map_or(0, |last| last.replicates as usize);
        row.iter_mut().skip(most).for_each(|x| *x = f64::NAN);
    }
    chosen[0]
}

/// Returns how many data sets without any difference have a significant one from the best of adaptive replicates.
fn wrong_of_adaptive(noise: Noise, shape: (usize, usize), times: u64) -> f64 {
    let numbers: Vec<u64> = (0..times).collect();
    let outcomes = burstnet_sweep::objective::threads::map(&numbers, |&number| {
        let mut random = Stream::keyed(number, 97_u32, 0, &[0; 16]);
        let (mut values, _) = data(noise, shape, &mut random);
        let best = rest(&mut values, 3);
        let stream = |part| Stream::keyed(number, 99_u32, part, &[0; 16]);
        let comparisons = Comparisons::of(values.view(), Reference::Best(best), &stream);
        (0..shape.0).any(|row| comparisons.p(row).is_some_and(|p| p < 0.05))
    });
    outcomes.iter().filter(|wrong| **wrong).count() as f64 / times as f64
}

#[test]
fn few_differences_from_the_best_of_adaptive_replicates_are_wrong() {
    for noise in [Noise::Equal, Noise::Sixfold] {
        for shape in [(12, 8), (20, 8), (12, 24)] {
            let wrong = wrong_of_adaptive(noise, shape, 100);
            assert!(wrong <= 0.13, "{noise:?}, {shape:?}: {wrong}");
        }
    }
}

/// The figures of docs/statistics.md.
#[test]
#[ignore = "takes many minutes"]
fn rates_of_adaptive_replicates() {
    for noise in [Noise::Equal, Noise::Skewed, Noise::Sixfold, Noise::TwoKinds, Noise::Correlated] {
        for shape in [(20, 8), (20, 24), (80, 8)] {
            eprintln!("{noise:?} {shape:?}: {:.1} %", 100.0 * wrong_of_adaptive(noise, shape, 1000));
        }
    }
}

#[test]
fn most_configurations_that_are_worse_are_found() {
    let (_, power) = rates(Noise::Equal, (80, 8), 30);
    assert!(power > 0.7, "{power}");
}

/// The table of docs/statistics.md.
#[test]
#[ignore = "takes hours; tests/soak/run has it"]
fn rates_of_comparisons() {
    rates_of_all(&[4, 20, 80], &[5, 8, 20], 2000, |noise, configurations, replicates, wrong, power| {
        eprintln!("| {noise:?} | {configurations} | {replicates} | {:.1} % | {:.0} % |", 100.0 * wrong, 100.0 * power);
        // Three standard errors of 2000 data sets.
        assert!(wrong < 0.05 + 3.0 * (0.05_f64 * 0.95 / 2000.0).sqrt(), "{noise:?}: {wrong}");
    });
}
