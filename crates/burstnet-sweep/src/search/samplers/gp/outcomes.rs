//! Losses as a model takes them: on a scale of their own, with the variances that replicates show.
//!
//! Losses above the median are compressed by a logarithm, so that a few very bad ones do not hide the differences among the
//! good ones: with the median c, and s the distance from c to the best tenth, z = (loss − c) / s becomes z below 0 and
//! ln (1 + z) above. The results are shifted and scaled to mean 0 and variance 1.
//!
//! The variance of a mean over few replicates is known badly. It is drawn towards the mean variance of all points, which
//! counts as [`PRIOR_REPLICATES`] more replicates (a conjugate prior of variances).

use burstnet_core::math::{exp, ln_1p};

use crate::search::bounds::Merit;
use crate::search::samplers::Told;

/// The number of replicates that the mean variance of all points counts as.
const PRIOR_REPLICATES: f64 = 4.0;
/// Losses beyond this size are made smaller first, so that no square overflows.
const LARGEST_PLAIN: f64 = 1e100;
/// The largest compressed loss, so that no loss overflows.
const LARGEST_WARPED: f64 = 100.0;

/// An outcome: the mean loss, and its standard error over replicates; `None` with one replicate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) loss: Option<f64>,
    pub(super) error: Option<f64>,
    pub(super) replicates: u64,
    /// The violation of bounds on measures.
    pub(super) violation: f64,
}

impl Outcome {
    /// Returns the outcome of a point in an objective.
    pub(super) fn new(told: &Told, objective: usize) -> Self {
        let own = |values: &[Option<f64>]| values.get(objective).copied().flatten();
        Self::of((own(&told.losses), own(&told.errors)), told)
    }

    /// Returns how far a point is beyond bound `at`, as an outcome.
    pub(super) fn beyond(told: &Told, at: usize) -> Self {
        Self::of(told.beyond.get(at).copied().unwrap_or_default(), told)
    }

    fn of((loss, error): (Option<f64>, Option<f64>), told: &Told) -> Self {
        let finite = |x: Option<f64>| x.filter(|x| x.is_finite());
        let error = finite(error).filter(|_| told.replicates > 1);
        Self { loss: finite(loss), error, replicates: told.replicates, violation: told.violation }
    }

    /// Returns what the point is ranked by.
    pub(super) fn merit(&self) -> Merit {
        Merit { violation: self.violation, loss: self.loss.unwrap_or(f64::INFINITY) }
    }
}

/// The scale of the model.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scale {
    shrink: f64,
    centre: f64,
    spread: f64,
    mean: f64,
    deviation: f64,
}

impl Scale {
    /// Returns a loss compressed, and the slope there.
    fn warped(&self, loss: f64) -> (f64, f64) {
        let z = (loss * self.shrink - self.centre) / self.spread;
        if z > 0.0 { (ln_1p(z), 1.0 / (1.0 + z)) } else { (z, 1.0) }
    }

    fn at(&self, warped: f64) -> f64 {
        (warped - self.mean) / self.deviation
    }

    /// Returns the loss that a value of the model stands for, measured from the median in units of the spread, and the
    /// slope there.
    pub(super) fn loss(&self, value: f64) -> (f64, f64) {
        let warped = (value * self.deviation + self.mean).min(LARGEST_WARPED);
        if warped > 0.0 {
            let factor = exp(warped);
            (factor - 1.0, self.deviation * factor)
        } else {
            (warped, self.deviation)
        }
    }
}

/// Outcomes on the scale of the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Scaled {
    pub(super) scale: Scale,
    /// The values; that of a failed point is the worst of all.
    pub(super) values: Vec<f64>,
    /// The variances of the values; `None` if no replicates show them.
    pub(super) variances: Option<Vec<f64>>,
    /// Marks the points that have a loss.
    pub(super) is_complete: Vec<bool>,
}

impl Scaled {
    /// Returns the outcomes scaled; `None` if no point has a loss.
    pub(super) fn new(outcomes: &[Outcome]) -> Option<Self> {
        let largest = outcomes.iter().filter_map(|one| one.loss).map(f64::abs).fold(0.0, f64::max);
        let shrink = if largest > LARGEST_PLAIN { LARGEST_PLAIN / largest } else { 1.0 };
        let mut rising: Vec<f64> = outcomes.iter().filter_map(|one| one.loss.map(|loss| loss * shrink)).collect();
        rising.sort_by(f64::total_cmp);
        let (best, centre) = (*rising.get(rising.len() / 10)?, rising[rising.len() / 2]);
        let spread = [centre - best, centre - rising[0], rising[rising.len() - 1] - rising[0], 1.0];
        let spread = spread.into_iter().find(|spread| *spread > 0.0).unwrap_or(1.0);
        let mut scale = Scale { shrink, centre, spread, mean: 0.0, deviation: 1.0 };
        let held: Vec<Option<(f64, f64)>> =
            outcomes.iter().map(|one| one.loss.map(|loss| scale.warped(loss))).collect();
        let known = || held.iter().flatten().map(|(value, _)| *value);
        let count = rising.len() as f64;
        scale.mean = known().sum::<f64>() / count;
        let mean = scale.mean;
        let deviation = (known().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count).sqrt();
        scale.deviation = if deviation > 0.0 { deviation } else { 1.0 };
        let worst = known().fold(f64::NEG_INFINITY, f64::max);
        let values = held.iter().map(|one| scale.at(one.map_or(worst, |(value, _)| value))).collect();
        let slope = |slope: f64| slope / (spread * scale.deviation);
        let factors: Vec<Option<f64>> = held.iter().map(|one| one.map(|(_, at)| slope(at))).collect();
        Some(Self {
            scale,
            values,
            variances: variances(outcomes, &factors, shrink),
            is_complete: held.iter().map(Option::is_some).collect(),
        })
    }

    /// Returns the outcomes, which say how far points are beyond a bound, and the value at the bound. A point without one
    /// is beyond it, whatever the others show.
    pub(super) fn bounded(mut self) -> (Self, f64) {
        let limit = self.scale.at(self.scale.warped(0.0).0);
        for (value, _) in self.values.iter_mut().zip(&self.is_complete).filter(|(_, is_complete)| !**is_complete) {
            *value = value.max(limit + 1.0);
        }
        (self, limit)
    }
}

/// Returns the variance of each point, drawn towards their mean.
fn variances(outcomes: &[Outcome], factors: &[Option<f64>], shrink: f64) -> Option<Vec<f64>> {
    let own = |(one, factor): (&Outcome, &Option<f64>)| {
        let deviation = one.error? * shrink * (*factor)?;
        Some(deviation * deviation).filter(|variance| variance.is_finite())
    };
    let held: Vec<Option<f64>> = outcomes.iter().zip(factors).map(own).collect();
    let known = || held.iter().copied().flatten();
    let count = known().count();
    let mean = if count > 0 { known().sum::<f64>() / count as f64 } else { return None };
    let drawn = |(one, variance): (&Outcome, &Option<f64>)| {
        let freedom = one.replicates.saturating_sub(1) as f64;
        variance.map_or(mean, |own| (PRIOR_REPLICATES * mean + freedom * own) / (PRIOR_REPLICATES + freedom))
    };
    Some(outcomes.iter().zip(&held).map(drawn).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(loss: f64, error: f64) -> Outcome {
        Outcome { loss: (!loss.is_nan()).then_some(loss), error: Some(error), replicates: 5, violation: 0.0 }
    }

    #[test]
    fn bad_losses_are_compressed_and_good_ones_are_not() {
        let losses = [1.0, 2.0, 3.0, 4.0, 1000.0, f64::NAN];
        let scaled = Scaled::new(&losses.map(|loss| outcome(loss, 0.0))).unwrap();
        let v = &scaled.values;
        assert!((v[1] - v[0] - (v[2] - v[1])).abs() < 1e-12 && v[4] - v[3] < 20.0 * (v[1] - v[0]), "{v:?}");
        assert_eq!((v[5], scaled.is_complete), (v[4], vec![true, true, true, true, true, false]));
        assert!(v[..5].iter().sum::<f64>().abs() < 1e-12);
    }

    #[test]
    fn a_value_stands_for_its_loss() {
        let losses = [1.0, 2.0, 3.0, 4.0, 7.0, 1000.0];
        let scaled = Scaled::new(&losses.map(|loss| outcome(loss, 0.0))).unwrap();
        let found: Vec<f64> = scaled.values.iter().map(|value| scaled.scale.loss(*value).0).collect();
        let expected = losses.map(|loss| (loss - 4.0) / 3.0);
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9 * b.abs().max(1.0)), "{found:?}");
        for value in [-2.0, 0.1, 1.5] {
            let at = |value: f64| scaled.scale.loss(value).0;
            let expected = (at(value + 1e-6) - at(value - 1e-6)) / 2e-6;
            assert!((scaled.scale.loss(value).1 / expected - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn variances_are_drawn_towards_their_mean() {
        let scaled = Scaled::new(&[outcome(-1.0, 1.0), outcome(0.0, 3.0), outcome(f64::NAN, 0.0)]).unwrap();
        let variances = scaled.variances.unwrap();
        // (4 · 5 + 4 · 1) / 8 and (4 · 5 + 4 · 9) / 8, and the mean for the one that failed, in units of ¼.
        assert_eq!(variances.iter().map(|x| x / 4.0).collect::<Vec<_>>(), [3.0, 7.0, 5.0]);
    }

    #[test]
    fn what_lacks_a_measure_is_beyond_its_bound() {
        let scaled = Scaled::new(&[-3.0, -1.0, f64::NAN].map(|x| outcome(x, 0.0))).unwrap();
        let (scaled, limit) = scaled.bounded();
        assert!(scaled.values[0] < scaled.values[1] && scaled.values[1] < limit && limit < scaled.values[2]);
        let (scaled, limit) = Scaled::new(&[2.0, 0.5, f64::NAN].map(|x| outcome(x, 0.0))).unwrap().bounded();
        assert!(
            limit < scaled.values[1] && scaled.values[1] < scaled.values[0] && scaled.values[0] <= scaled.values[2]
        );
    }

    #[test]
    fn without_losses_there_is_nothing_and_one_alone_is_enough() {
        assert!(Scaled::new(&[outcome(f64::NAN, 1.0); 3]).is_none());
        let scaled = Scaled::new(&[Outcome { loss: Some(1e300), replicates: 1, ..Outcome::default() }]).unwrap();
        assert_eq!((scaled.values, scaled.variances), (vec![0.0], None));
    }
}
