//! The factor by which standardised differences are larger than those of independent normal variables, because the
//! noise is estimated from few replicates.

use burstnet_core::math::ln_1p;
use burstnet_core::streams::Stream;
use burstnet_sweep::objective::threads;
use ndarray::{Array2, ArrayView2, Axis};
use rand_distr::{Distribution as _, StandardNormal};

use super::largest::Largest;
use super::mixing::Mixing;
use super::{CONFIDENCE, Model, Reference};

/// Simulated data sets. With one more, the largest 5 % of their results is a whole number of them.
const SIMULATIONS: u64 = 999;
/// The most values in a simulated data set; of more configurations, some are drawn.
const MOST_VALUES: usize = 4000;

/// Returns that factor for comparisons of `replicated` configurations: 1 if each pair is judged by its own variance.
///
/// Data sets are simulated that have the same replicates, no differences, and normal noise of which each configuration
/// has a variance that it may have by [`Mixing`]. They are analysed as the values are. The factor brings 5 % of the
/// largest standardised differences above what is significant.
pub(super) fn factor(
    values: ArrayView2<'_, f64>,
    replicated: &[usize],
    reference: Reference,
    model: &Model,
    random: &(impl Fn(u64) -> Stream + Sync),
) -> f64 {
    let Some(noise) = &model.noise else { return 1.0 };
    let most = (MOST_VALUES / values.ncols()).max(8);
    let (drawn, at) = drawn(replicated, reference, most, &mut random(SIMULATIONS));
    let noise_rows: Vec<usize> = drawn.iter().filter_map(|&row| model.rows[row]).collect();
    let of_drawn = |all: &[f64]| -> Vec<f64> { noise_rows.iter().map(|&row| all[row]).collect() };
    let mixing = Mixing::of(&of_drawn(&noise.own), &of_drawn(&noise.freedom));
    let pattern = values.select(Axis(0), &drawn);
    let judge = match at {
        None => Largest::of_all(drawn.len()),
        Some(_) => Largest::from_one(drawn.len()),
    };
    let numbers: Vec<u64> = (0..SIMULATIONS).collect();
    let mut largest = threads::map(&numbers, |&number| {
        let mut random = random(number);
        let mut simulated = Array2::from_elem(pattern.dim(), f64::NAN);
        for (at, (mut row, pattern)) in simulated.rows_mut().into_iter().zip(pattern.rows()).enumerate() {
            let deviation = mixing.draw(at, &mut random);
            for (slot, held) in row.iter_mut().zip(pattern) {
                let normal: f64 = StandardNormal.sample(&mut random);
                *slot = if held.is_nan() { f64::NAN } else { deviation * normal };
            }
        }
        largest_of(simulated.view(), at)
    });
    let place = ((SIMULATIONS + 1) as f64 * CONFIDENCE).ceil() as usize - 1;
    let (_, found, _) = largest.select_nth_unstable_by(place, f64::total_cmp);
    *found / judge.quantile(1.0 - CONFIDENCE)
}

/// Returns the configurations that are simulated, and the place of a named reference among them.
fn drawn(replicated: &[usize], reference: Reference, most: usize, random: &mut Stream) -> (Vec<usize>, Option<usize>) {
    let mut drawn = replicated.to_vec();
    if drawn.len() > most {
        random.shuffle(&mut drawn);
        drawn.truncate(most);
    }
    let Reference::Named(row) = reference else { return (drawn, None) };
    match drawn.iter().position(|&one| one == row) {
        Some(at) => (drawn, Some(at)),
        None if replicated.contains(&row) => {
            drawn[0] = row;
            (drawn, Some(0))
        }
        None => (drawn, Some(0)),
    }
}

/// Returns the largest standardised difference from the smallest mean, or from row `named`.
fn largest_of(values: ArrayView2<'_, f64>, named: Option<usize>) -> f64 {
    let all: Vec<usize> = (0..values.nrows()).collect();
    let model = Model::of(values, &all, 0.0);
    let reference = named.unwrap_or_else(|| {
        let means = values.rows().into_iter().map(|row| {
            let held = row.iter().filter(|x| !x.is_nan());
            held.clone().sum::<f64>() / held.count() as f64
        });
        means.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(at, _)| at)
    });
    let others = all.into_iter().filter(|&row| row != reference);
    let size = |row| model.difference(values, row, reference).map_or(0.0, |one| nearly(one.t(), one.freedom));
    others.map(size).fold(0.0, f64::max)
}

/// Returns nearly the standard normal deviate that is as improbable as Student's `t` ≥ 0 (Wallace, Ann. Math. Stat. 30,
/// 1959).
fn nearly(t: f64, freedom: f64) -> f64 {
    (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0) * (freedom * ln_1p(t * t / freedom)).sqrt()
}
