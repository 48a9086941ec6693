//! What the search climbs: the logarithm of the expected improvement, plus those of the probabilities that bounds are kept
//! (Schonlau, Welch & Jones, 1998; Gardner et al., ICML 2014).
//!
//! Each bound has a process of its own. While no point keeps all bounds there is nothing to improve on, and the
//! probabilities alone are climbed.

use burstnet_core::streams::Stream;

use super::covariance::Held;
use super::goal::Goal;
use super::model::Model;
use super::probability::probability;
use super::task;
use crate::search::samplers::AxisKind;

/// The processes of the losses, and one for each bound.
pub(super) struct Surface {
    goal: Goal,
    /// The processes of how far measures are beyond their bounds, each with the value at the bound.
    beyond: Vec<(Model, f64)>,
    /// The number of axes, without that of the task.
    axes: usize,
}

impl Surface {
    pub(super) fn new(goal: Goal, beyond: Vec<(Model, f64)>, axes: usize) -> Self {
        Self { goal, beyond, axes }
    }

    /// Draws how several losses are weighed from now on.
    pub(super) fn aim(&mut self, stream: &mut Stream) {
        self.goal.aim(stream);
    }

    /// Returns the best points as several losses are weighed now; `None` with one loss, or without points.
    pub(super) fn best_points(&self, count: usize) -> Option<Vec<Held>> {
        let points = self.goal.best_points(count)?;
        Some(points.into_iter().map(|point| point[..self.axes].to_vec()).collect())
    }

    /// Returns a point as the processes have it.
    fn inner(&self, point: &Held) -> Held {
        if self.goal.axes().len() > self.axes { task::own(point) } else { point.clone() }
    }

    /// Adds a pending point. It can be the best if it is expected to keep all bounds.
    pub(super) fn add(&mut self, point: &Held) {
        let point = self.inner(point);
        let keeps = self.beyond.iter().all(|(model, limit)| model.mean_at(&point) <= *limit);
        for (model, _) in &mut self.beyond {
            model.add(point.clone());
        }
        self.goal.add(&point, keeps);
    }

    /// Returns the heights at points.
    pub(super) fn values(&self, points: &[Held]) -> Vec<f64> {
        let points: Vec<Held> = points.iter().map(|point| self.inner(point)).collect();
        let points = points.as_slice();
        let mut values = self.goal.values(points);
        for (model, limit) in &self.beyond {
            for (value, (mean, variance)) in values.iter_mut().zip(model.posteriors(points)) {
                *value += probability(*limit, mean, variance).value;
            }
        }
        values
    }

    /// Returns the height at a point, and its derivatives by the coordinates of `axes`, which are numbers that exist there.
    pub(super) fn slope(&self, point: &Held, axes: &[usize]) -> (f64, Vec<f64>) {
        let point = &self.inner(point);
        let mut found = self.goal.slope(point, axes);
        for (model, limit) in &self.beyond {
            let (value, slope) = model.slope(point, axes, |mean, variance| probability(*limit, mean, variance));
            found.0 += value;
            found.1.iter_mut().zip(slope).for_each(|(sum, slope)| *sum += slope);
        }
        found
    }

    /// Returns the kinds of the axes.
    pub(super) fn axes(&self) -> &[AxisKind] {
        &self.goal.axes()[..self.axes]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::gp::learning::{Data, Parameters};
    use crate::search::samplers::gp::outcomes::{Outcome, Scaled};
    use crate::streams::SweepPurpose;

    const AXES: [AxisKind; 1] = [AxisKind::Range];

    /// Losses that fall along the axis, or also their squares, and a bound that is kept below 0.55.
    fn surface(counts: bool, several: bool) -> Surface {
        let points: Vec<Held> = (0..8).map(|at| vec![Some(f64::from(at) / 8.0)]).collect();
        let losses: Vec<f64> = (0..8).map(|at| 1.5 - f64::from(at) * 0.4).collect();
        let beyond: Vec<f64> = (0..8).map(|at| f64::from(at) / 8.0 - 0.55).collect();
        let fitted = |values: &[f64]| {
            let data = Data { axes: &AXES, points: &points, values, variances: None, has_task: false };
            Model::new(&Parameters::learned(data), data).unwrap()
        };
        let kept: Vec<bool> = beyond.iter().map(|x| counts && *x < 0.0).collect();
        let squares: Vec<f64> = losses.iter().map(|loss| loss * loss).collect();
        let objectives = if several { vec![losses, squares] } else { vec![losses] };
        let outcome = |loss: &f64| Outcome { loss: Some(*loss), replicates: 1, ..Outcome::default() };
        let scaled = |losses: &Vec<f64>| Scaled::new(&losses.iter().map(outcome).collect::<Vec<_>>()).unwrap();
        let losses = objectives.iter().map(scaled).map(|scaled| (fitted(&scaled.values), scaled.scale)).collect();
        let mut surface = Surface::new(Goal::new(losses, &points, &kept), vec![(fitted(&beyond).0, 0.0)], 1);
        surface.aim(&mut Stream::new(5, SweepPurpose::Search));
        surface
    }

    #[test]
    fn the_highest_point_lies_just_inside_the_bound() {
        let points: Vec<Held> = (0..100).map(|at| vec![Some(f64::from(at) / 100.0)]).collect();
        let values = surface(true, false).values(&points);
        let highest = (0..100).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap();
        assert!((51..=57).contains(&highest), "{highest}");
        // Without a point that keeps it, only how likely one does counts.
        let values = surface(false, false).values(&points);
        assert!(values[30] > values[56] && values[56] > values[70] && values[30] <= 0.0, "{values:?}");
    }

    #[test]
    fn both_ways_to_a_height_agree() {
        for (counts, several) in [(true, false), (false, false), (true, true), (false, true)] {
            let mut surface = surface(counts, several);
            surface.add(&vec![Some(0.52)]);
            for x in [0.1, 0.45, 0.54, 0.6, 0.9] {
                let (value, slope) = surface.slope(&vec![Some(x)], &[0]);
                let at = |x: f64| surface.values(&[vec![Some(x)]])[0];
                assert!((value - at(x)).abs() < 1e-6 * value.abs().max(1.0), "{x}: {value}, {}", at(x));
                let expected = (at(x + 1e-6) - at(x - 1e-6)) / 2e-6;
                assert!((slope[0] - expected).abs() < 1e-2 * expected.abs().max(1.0), "{x}: {slope:?}, {expected}");
            }
        }
    }
}
