//! Configurations compared with the best one, or with a baseline, all at once.
//!
//! A difference of two configurations is divided by its standard error, for which configurations borrow strength from
//! each other ([`noise_model`]), and judged by how large the largest of all such differences can be by chance
//! ([`largest`]). If the reference is the best one, chosen from the same values, that is the largest difference between
//! any two, so the choice is part of the procedure (Tukey 1953; Games & Howell, J. Educ. Stat. 1, 1976; Hsu, Ann. Stat. 9,
//! 1981). A factor that corrects for the noise having been estimated comes from simulated data without any difference
//! ([`calibration`]).

mod calibration;
pub(crate) mod largest;
mod mixing;
mod noise_model;
mod trigamma;

use std::fmt;

use burstnet_core::math::exp;
use burstnet_core::numbers::{difference, mean};
use burstnet_core::streams::Stream;
use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;

use self::largest::Largest;
use self::noise_model::NoiseModel;
use super::distributions::{normal_above, normal_quantile, t_above, t_quantile};
use super::{CONFIDENCE, Interval};

/// Replicates beyond which each pair's own variance is precise enough.
const MANY: usize = 64;
/// The rounding of values, relative to the largest.
const ROUNDING: f64 = 4e-15;

/// The configuration with which all others are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The best one, chosen by the values that are compared.
    Best(usize),
    /// One that was chosen for another reason.
    Named(usize),
}

impl Reference {
    fn row(self) -> usize {
        match self {
            Self::Best(row) | Self::Named(row) => row,
        }
    }

    /// Returns the same of what `to` makes of its row.
    pub(crate) fn map(self, to: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        match self {
            Self::Best(row) => to(row).map(Self::Best),
            Self::Named(row) => to(row).map(Self::Named),
        }
    }
}

/// A configuration against another one, replicate by replicate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Contrast {
    /// Replicates in which both have a value.
    pub n: usize,
    /// The mean of the differences, this one less the other one; `None` beyond the largest number.
    pub difference: Option<f64>,
    /// The simultaneous interval of that mean; `None` if the noise is not known.
    pub interval: Option<Interval>,
    /// The probability that any configuration differs as much if none does; `None` if the noise is not known.
    pub p: Option<f64>,
}

/// A difference before it is judged. There are as many as configurations, so it is small.
#[derive(Clone, Copy, Debug)]
struct Difference {
    /// Replicates in which both have a value; 0 if there is no difference to tell.
    n: u32,
    mean: f64,
    error: f64,
    freedom: f64,
}

impl Difference {
    const NONE: Self = Self { n: 0, mean: 0.0, error: f64::INFINITY, freedom: 1.0 };

    /// Returns the size of the difference over its standard error.
    fn t(&self) -> f64 {
        if self.mean == 0.0 { 0.0 } else { (self.mean / self.error).abs() }
    }

    /// Returns the standard normal deviate that is as improbable as [`Self::t`]. Without any noise, that is the chance
    /// that so many values are equal, each being that with a probability of one half; `noiseless` is the degrees of
    /// freedom of all configurations then, and 0 otherwise.
    fn standardised(&self, noiseless: f64) -> f64 {
        let p = match self.t() {
            0.0 => return 0.0,
            f64::INFINITY => exp(-std::f64::consts::LN_2 * noiseless.max(f64::from(self.n))),
            t => t_above(self.freedom, t).unwrap_or(0.5),
        };
        -normal_quantile(p.max(f64::MIN_POSITIVE))
    }
}

/// The differences of all configurations from one.
#[derive(Clone)]
enum Differences {
    /// The differences where some configuration has several replicates.
    Replicated(Vec<Difference>),
    /// The differences of single values, NaN where there is none: less memory for a million configurations of one
    /// replicate.
    Single(Vec<f64>),
}

impl Differences {
    fn len(&self) -> usize {
        match self {
            Self::Replicated(all) => all.len(),
            Self::Single(means) => means.len(),
        }
    }

    /// Returns the difference of a configuration; `None` if there is none to tell.
    fn get(&self, row: usize) -> Option<Difference> {
        match self {
            Self::Replicated(all) => all.get(row).copied().filter(|one| one.n > 0),
            Self::Single(means) => {
                let mean = means.get(row).copied().filter(|mean| !mean.is_nan())?;
                Some(Difference { n: 1, mean, ..Difference::NONE })
            }
        }
    }
}

/// All differences from one configuration, judged together.
#[derive(Clone)]
pub(crate) struct Comparisons {
    /// Each configuration less the reference.
    differences: Differences,
    /// The probability that any configuration differs as much if none does, NaN if the noise of the difference is not
    /// known; empty if none is known.
    probabilities: Vec<f64>,
    /// The size of a standardised difference that is significant.
    critical: f64,
    noiseless: f64,
}

impl fmt::Debug for Comparisons {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_list().entries((0..self.differences.len()).map(|row| self.contrast(row))).finish()
    }
}

impl Comparisons {
    /// Compares `values`, shape (configurations, replicates), NaN where one is missing, whose squares can be summed.
    /// `random` makes the streams of simulated data.
    pub(crate) fn of(
        values: ArrayView2<'_, f64>,
        reference: Reference,
        random: &(impl Fn(u64) -> Stream + Sync),
    ) -> Self {
        let rounding = ROUNDING * values.iter().filter(|x| !x.is_nan()).fold(0.0, |most: f64, x| most.max(x.abs()));
        let replicated: Vec<usize> = (0..values.nrows()).filter(|&row| held(values.row(row)) > 1).collect();
        let model = Model::of(values, &replicated, rounding);
        let all = (0..values.nrows())
            .map(|row| model.difference(values, row, reference.row()).filter(|_| row != reference.row()));
        let differences = match replicated.is_empty() {
            true => Differences::Single(all.map(|one| one.map_or(f64::NAN, |one| one.mean)).collect()),
            false => Differences::Replicated(all.map(|one| one.unwrap_or(Difference::NONE)).collect()),
        };
        let compared = replicated.len().max(2);
        let judge = match reference {
            Reference::Best(_) => Largest::of_all(compared),
            Reference::Named(_) => Largest::from_one(compared),
        };
        let factor = calibration::factor(values, &replicated, reference, &model, random);
        let noiseless = model.noiseless;
        let probability = |one: &Difference| match one.error.is_finite() {
            true => judge.above(one.standardised(noiseless) / factor),
            false => f64::NAN,
        };
        let probabilities = match &differences {
            Differences::Replicated(all) => all.iter().map(probability).collect(),
            Differences::Single(_) => Vec::new(),
        };
        Self { differences, probabilities, critical: factor * judge.quantile(1.0 - CONFIDENCE), noiseless }
    }

    /// Returns a configuration less the reference; `None` for the reference itself, and where both have no replicate in
    /// common.
    pub(crate) fn contrast(&self, row: usize) -> Option<Contrast> {
        let one = self.differences.get(row)?;
        let half = t_quantile(one.freedom, 1.0 - normal_above(self.critical)).map(|t| t * one.error);
        let is_telling = |half: f64| half > 0.0 || one.mean == 0.0 || one.standardised(self.noiseless) >= self.critical;
        let half = half.filter(|half| half.is_finite() && is_telling(*half));
        Some(Contrast {
            n: one.n as usize,
            difference: Some(one.mean),
            interval: half.map(|half| Interval { low: one.mean - half, high: one.mean + half }),
            p: self.p(row),
        })
    }

    /// Returns the probability that any configuration differs as much if none does; `None` if that is not known.
    pub(crate) fn p(&self, row: usize) -> Option<f64> {
        self.probabilities.get(row).copied().filter(|p| !p.is_nan())
    }

    /// Returns by what factor the number of replicates would have to grow for a difference to be significant, if it is
    /// as large as it seems; infinite if there is none.
    pub(crate) fn times_needed(&self, row: usize) -> f64 {
        let standardised = self.differences.get(row).map_or(0.0, |one| one.standardised(self.noiseless));
        let part = self.critical / standardised;
        part * part
    }
}

/// A model of the noise, and the degrees of freedom where there is none.
#[derive(Debug)]
pub(super) struct Model {
    noise: Option<NoiseModel>,
    /// The row of the model by configuration.
    rows: Vec<Option<usize>>,
    /// Degrees of freedom of all configurations if there is no noise at all, and 0 otherwise.
    noiseless: f64,
}

impl Model {
    fn of(values: ArrayView2<'_, f64>, replicated: &[usize], rounding: f64) -> Self {
        let mut rows = vec![None; values.nrows()];
        replicated.iter().enumerate().for_each(|(at, &row)| rows[row] = Some(at));
        let all = replicated.len() == values.nrows();
        let noise = match (values.ncols() <= MANY, all) {
            (false, _) => None,
            (true, true) => NoiseModel::of(values, rounding),
            (true, false) => NoiseModel::of(values.select(ndarray::Axis(0), replicated).view(), rounding),
        };
        let freedom = replicated.iter().map(|&row| held(values.row(row)) as f64 - 1.0).sum();
        let noiseless = if noise.is_none() && is_noiseless(values, replicated, rounding) { freedom } else { 0.0 };
        Self { noise, rows, noiseless }
    }

    /// Returns the difference of two configurations; `None` without a replicate in common.
    fn difference(&self, values: ArrayView2<'_, f64>, row: usize, other: usize) -> Option<Difference> {
        let pairs = values.row(row).into_iter().zip(values.row(other)).filter(|(x, y)| !x.is_nan() && !y.is_nan());
        let differences: Vec<f64> = pairs.map(|(x, y)| difference(*x, *y)).collect();
        let n = differences.len();
        let mean = mean(differences.iter().copied())?;
        let own_freedom = n as f64 - 1.0;
        let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
        let (variance, freedom) = match (&self.noise, self.rows[row], self.rows[other]) {
            (Some(noise), Some(a), Some(b)) => noise.of_difference((a, b), squares, own_freedom),
            _ if n > 1 => (squares / own_freedom, own_freedom),
            _ => (f64::INFINITY, 1.0),
        };
        Some(Difference { n: n as u32, mean, error: (variance / n as f64).sqrt(), freedom })
    }
}

impl NoiseModel {
    /// Returns the variance of the differences of two configurations and its degrees of freedom. By the model it is the
    /// sum of theirs (Welch, Biometrika 34, 1947); the more the noise of configurations is correlated, the more counts
    /// what the differences themselves say.
    fn of_difference(&self, (a, b): (usize, usize), squares: f64, own_freedom: f64) -> (f64, f64) {
        let (x, y) = (self.moderated[a], self.moderated[b]);
        let sum = x + y;
        let welch = sum * sum / (x * x / self.moderated_freedom[a] + y * y / self.moderated_freedom[b]);
        let freedom = welch.min(self.most_freedom);
        if self.correlation <= 0.0 || own_freedom < 1.0 {
            return (sum, freedom);
        }
        let strength = 2.0 / self.correlation;
        let own = squares.max(0.01 * sum * own_freedom); // d s²
        ((strength * sum + own) / (strength + own_freedom), freedom.min(strength + own_freedom))
    }
}

/// Returns how many values a configuration has.
fn held(row: ArrayView1<'_, f64>) -> usize {
    row.iter().filter(|x| !x.is_nan()).count()
}

/// Returns whether all configurations differ by the same amount in all replicates.
fn is_noiseless(values: ArrayView2<'_, f64>, replicated: &[usize], rounding: f64) -> bool {
    let Some((first, others)) = replicated.split_first() else { return false };
    let is_constant = |row: &usize| {
        let pairs = values.row(*row).into_iter().zip(values.row(*first));
        let mut differences = pairs.map(|(x, y)| x - y).filter(|d| !d.is_nan());
        let one = differences.next();
        one.is_some_and(|one| differences.all(|other| (one - other).abs() <= rounding))
    };
    !others.is_empty() && others.iter().all(is_constant)
}

#[cfg(test)]
mod tests;
