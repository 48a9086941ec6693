//! Losses as a model takes them: on a scale of their own, with the variances that replicates show.
//!
//! Losses above the median are compressed by a logarithm, so that a few very bad ones do not hide the differences among the
//! good ones: with the median c, and s the distance from c to the best tenth, z = (loss − c) / s becomes z below 0 and
//! ln (1 + z) above. The results are shifted and scaled to mean 0 and variance 1.
//!
//! The variance of a mean over few replicates is known badly. It is drawn towards the mean variance of all points, which
//! counts as [`PRIOR_REPLICATES`] more replicates (a conjugate prior of variances).

use burstnet_core::math::ln_1p;

use crate::search::samplers::Told;

/// The number of replicates that the mean variance of all points counts as.
const PRIOR_REPLICATES: f64 = 4.0;
/// Losses beyond this size are made smaller first, so that no square overflows.
const LARGEST_PLAIN: f64 = 1e100;

/// An outcome: the mean loss, and its standard error over replicates; `None` with one replicate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) loss: Option<f64>,
    pub(super) error: Option<f64>,
    pub(super) replicates: u64,
}

impl Outcome {
    /// Returns the outcome of a point in the first objective.
    pub(super) fn new(told: &Told) -> Self {
        let first = |values: &[Option<f64>]| values.first().copied().flatten().filter(|x| x.is_finite());
        let error = first(&told.errors).filter(|_| told.replicates > 1);
        Self { loss: first(&told.losses), error, replicates: told.replicates }
    }
}

/// Outcomes on the scale of the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Scaled {
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
        let losses: Vec<Option<f64>> = outcomes.iter().map(|one| one.loss.map(|loss| loss * shrink)).collect();
        let mut rising: Vec<f64> = losses.iter().copied().flatten().collect();
        rising.sort_by(f64::total_cmp);
        let (best, centre) = (*rising.get(rising.len() / 10)?, rising[rising.len() / 2]);
        let spread = [centre - best, centre - rising[0], rising[rising.len() - 1] - rising[0], 1.0];
        let spread = spread.into_iter().find(|spread| *spread > 0.0).unwrap_or(1.0);
        let warped = |loss: f64| {
            let z = (loss - centre) / spread;
            if z > 0.0 { (ln_1p(z), 1.0 / (1.0 + z)) } else { (z, 1.0) }
        };
        let held: Vec<Option<(f64, f64)>> = losses.iter().map(|loss| loss.map(warped)).collect();
        let known = || held.iter().flatten().map(|(value, _)| *value);
        let count = rising.len() as f64;
        let mean = known().sum::<f64>() / count;
        let deviation = (known().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count).sqrt();
        let scale = if deviation > 0.0 { deviation } else { 1.0 };
        let worst = known().fold(f64::NEG_INFINITY, f64::max);
        let values = held.iter().map(|one| (one.map_or(worst, |(value, _)| value) - mean) / scale).collect();
        let factors: Vec<Option<f64>> = held.iter().map(|one| one.map(|(_, slope)| slope / (spread * scale))).collect();
        Some(Self {
            values,
            variances: variances(outcomes, &factors, shrink),
            is_complete: held.iter().map(Option::is_some).collect(),
        })
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
        Outcome { loss: (!loss.is_nan()).then_some(loss), error: Some(error), replicates: 5 }
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
    fn variances_are_drawn_towards_their_mean() {
        let scaled = Scaled::new(&[outcome(-1.0, 1.0), outcome(0.0, 3.0), outcome(f64::NAN, 0.0)]).unwrap();
        let variances = scaled.variances.unwrap();
        // (4 · 5 + 4 · 1) / 8 and (4 · 5 + 4 · 9) / 8, and the mean for the one that failed, in units of ¼.
        assert_eq!(variances.iter().map(|x| x / 4.0).collect::<Vec<_>>(), [3.0, 7.0, 5.0]);
    }

    #[test]
    fn without_losses_there_is_nothing_and_one_alone_is_enough() {
        assert!(Scaled::new(&[outcome(f64::NAN, 1.0); 3]).is_none());
        let scaled = Scaled::new(&[Outcome { loss: Some(1e300), error: None, replicates: 1 }]).unwrap();
        assert_eq!((scaled.values, scaled.variances), (vec![0.0], None));
    }
}
