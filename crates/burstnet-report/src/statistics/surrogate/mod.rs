//! Shares of variance of designs that are no complete grid, by regression.
//!
//! Two kinds of regression, of the values, of their logarithms and of their ranks, are compared by cross-validation. The
//! one that predicts best is read over the whole space, however the configurations lie in it. The fits without a fifth
//! of the configurations each are also what intervals come from.

pub(crate) mod basis;
mod candidate;
mod evidence;
mod forest;
mod parts;
mod polynomials;
mod scales;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use table::Table;

use burstnet_core::numbers::{are_equal, largest};
use burstnet_core::streams::Stream;

use super::variance::{Method, PairShare, Share, Variance};
use candidate::{Candidate, Folds};
use parts::Parts;
use polynomials::Library;
use scales::Scaled;

/// The most configurations that are used, chosen at random.
pub(crate) const MOST_CONFIGURATIONS: usize = 2048;
/// The fewest.
pub(crate) const FEWEST_CONFIGURATIONS: usize = 10;
/// The most configurations with which kinds of regression and scales are compared.
const MOST_COMPARED: usize = 400;
/// By how much a further scale must predict better than the values themselves, as a difference of squared rank
/// correlations.
const BETTER: f64 = 0.02;

/// Returns the shares of the variance of `values`, one per row of the table. `random` deals the folds and grows the
/// forests. `None` if all are equal, or there are none.
pub(crate) fn regression(table: &Table, values: &[f64], random: &mut Stream) -> Option<Variance> {
    let n = values.len();
    if n < 2 || table.keys() == 0 || are_equal(values, largest(values.iter().copied())) {
        return None;
    }
    if n < FEWEST_CONFIGURATIONS {
        return Some(nothing(table, n));
    }
    if n <= MOST_COMPARED {
        let folds = Folds::new(n, random);
        let (chosen, other) = chosen(table, values, &folds, random)?;
        let p = evidence::p_value(table, values, chosen.correlation(), random);
        return Some(read(table, &chosen, (table, &other), p, random));
    }
    // The kind and the scale are chosen with some of the rows, and fitted to all.
    let mut rows: Vec<usize> = (0..n).collect();
    random.shuffle(&mut rows);
    rows.truncate(MOST_COMPARED);
    let few = table.select(&rows);
    let of_few: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
    let (best, other) = chosen(&few, &of_few, &Folds::new(few.rows, random), random)?;
    let scaled = Scaled::all(values).into_iter().find(|one| one.scale == best.scale)?;
    let folds = Folds::new(n, random);
    let chosen = match best.method {
        Method::Forest => Candidate::forest(table, &scaled, &folds, random),
        Method::Grid | Method::Polynomials => Candidate::polynomials(table, &Library::new(table), &scaled, &folds),
    };
    let p = evidence::p_of_many(chosen.correlation(), n);
    Some(read(table, &chosen, (&few, &other), p, random))
}

/// Returns the kind of regression that predicts best, and the other one on the same scale.
fn chosen(table: &Table, values: &[f64], folds: &Folds, random: &mut Stream) -> Option<(Candidate, Candidate)> {
    let mut best: Option<(f64, Candidate, Candidate)> = None;
    let (library, low) = (Library::new(table), Library::low(table));
    for scaled in Scaled::all(values) {
        let [all, few] = [&library, &low].map(|terms| Candidate::polynomials(table, terms, &scaled, folds));
        let polynomials = if few.explained > all.explained { few } else { all };
        let forest = Candidate::forest(table, &scaled, folds, random);
        let (chosen, other) =
            if polynomials.explained >= forest.explained { (polynomials, forest) } else { (forest, polynomials) };
        let agreement = chosen.agreement();
        if best.as_ref().is_none_or(|(most, ..)| agreement > most + BETTER) {
            best = Some((agreement, chosen, other));
        }
    }
    best.map(|(_, chosen, other)| (chosen, other))
}

/// Returns shares of which nothing can be told.
fn nothing(table: &Table, configurations: usize) -> Variance {
    let evidence = evidence::of_too_few(table.keys());
    Variance { evidence, ..with(table, Method::Polynomials, &Parts::zero(table.keys()), configurations) }
}

fn with(table: &Table, method: Method, shares: &Parts, configurations: usize) -> Variance {
    let share = |&share: &f64| Share { share, ..Share::default() };
    let pairs = Parts::all_pairs(table.keys()).zip(&shares.pairs);
    let known: f64 = shares.keys.iter().chain(&shares.pairs).sum();
    Variance {
        method,
        scale: super::ValueScale::Raw,
        configurations,
        keys: shares.keys.iter().map(share).collect(),
        pairs: pairs.map(|((a, b), one)| PairShare { a, b, share: share(one) }).collect(),
        rest: (1.0 - known).max(0.0),
        explained: None,
        evidence: super::variance::Evidence::default(),
    }
}

/// Returns the shares that a candidate finds, with their intervals, tests and verdict.
fn read(table: &Table, chosen: &Candidate, other: (&Table, &Candidate), p: f64, random: &mut Stream) -> Variance {
    let whole = chosen.whole(table, random).shares();
    let parts: Vec<Parts> = chosen.models().map(|model| model.parts(table, random).shares()).collect();
    let mut found = with(table, chosen.method, &whole, table.rows);
    found.scale = chosen.scale;
    found.explained = Some(chosen.explained.max(0.0));
    let of_keys = evidence::p_values(table, chosen, random);
    for (key, share) in found.keys.iter_mut().enumerate() {
        share.interval = Some(evidence::interval(share.share, parts.iter().map(|one| one.keys[key])));
        share.p = Some(of_keys[key]);
    }
    for (at, pair) in found.pairs.iter_mut().enumerate() {
        pair.share.interval = Some(evidence::interval(pair.share.share, parts.iter().map(|one| one.pairs[at])));
    }
    found.evidence = evidence::of((table, chosen), other, p, &whole, &parts, random);
    found
}
