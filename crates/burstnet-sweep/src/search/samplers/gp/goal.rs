//! The aim of a proposal: to improve on one loss, or on a weighing of several that is drawn anew each time.

use burstnet_core::streams::Stream;

use super::chebyshev::{Chebyshev, Draws};
use super::covariance::Held;
use super::improvement::improvement;
use super::model::{Local, Model};
use super::outcomes::Scale;
use crate::search::samplers::AxisKind;

/// The processes of the losses, and what has been found.
pub(super) struct Goal {
    /// By objective.
    models: Vec<Model>,
    scales: Vec<Scale>,
    /// The points that can be the best, with the means of the losses there.
    found: Vec<(Held, Vec<f64>)>,
    /// The lowest mean of one loss, or the lowest of the weighed means; infinite if no point can be the best.
    best: f64,
    /// The weighing of several losses, with the draws for its improvement.
    weighing: Option<(Chebyshev, Draws)>,
}

impl Goal {
    /// Returns the goal given processes with their means at points, and their scales; `counts` marks the points that can be
    /// the best.
    pub(super) fn new(fitted: Vec<((Model, Vec<f64>), Scale)>, points: &[Held], counts: &[bool]) -> Self {
        let (fitted, scales): (Vec<_>, Vec<Scale>) = fitted.into_iter().unzip();
        let (models, means): (Vec<Model>, Vec<Vec<f64>>) = fitted.into_iter().unzip();
        let found = |(at, point): (usize, &Held)| (point.clone(), means.iter().map(|means| means[at]).collect());
        let found = points.iter().enumerate().filter(|(at, _)| counts[*at]).map(found).collect();
        let mut goal = Self { models, scales, found, best: f64::INFINITY, weighing: None };
        goal.look();
        goal
    }

    /// Draws how several losses are weighed from now on.
    pub(super) fn aim(&mut self, stream: &mut Stream) {
        if self.models.len() > 1 && !self.found.is_empty() {
            let means: Vec<&[f64]> = self.found.iter().map(|(_, means)| means.as_slice()).collect();
            let chebyshev = Chebyshev::drawn(&self.scales, &means, stream);
            self.weighing = Some((chebyshev, Draws::new(self.models.len(), stream)));
            self.look();
        }
    }

    /// Finds the best point.
    fn look(&mut self) {
        self.best = self.found.iter().map(|(_, means)| self.weighed(means)).fold(f64::INFINITY, f64::min);
    }

    /// Returns the loss, or the weighed losses; infinite as long as they are not weighed.
    fn weighed(&self, means: &[f64]) -> f64 {
        match (&self.weighing, means) {
            (Some((weighing, _)), _) => weighing.of(means),
            (None, [mean]) => *mean,
            (None, _) => f64::INFINITY,
        }
    }

    /// Adds a pending point, which can be the best if `counts`.
    pub(super) fn add(&mut self, point: &Held, counts: bool) {
        let means: Vec<f64> = self.models.iter_mut().map(|model| model.add(point.clone())).collect();
        if counts {
            self.count(point, means);
        }
    }

    /// Lets a point be the best.
    pub(super) fn consider(&mut self, point: &Held) {
        let means = self.models.iter().map(|model| model.mean_at(point)).collect();
        self.count(point, means);
    }

    fn count(&mut self, point: &Held, means: Vec<f64>) {
        self.best = self.best.min(self.weighed(&means));
        self.found.push((point.clone(), means));
    }

    /// Returns the best points as several losses are weighed now, the best first; `None` with one loss, or without points.
    pub(super) fn best_points(&self, count: usize) -> Option<Vec<Held>> {
        self.weighing.as_ref()?;
        let mut ranked: Vec<(f64, &Held)> =
            self.found.iter().map(|(point, means)| (self.weighed(means), point)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(ranked.into_iter().take(count).map(|(_, point)| point.clone()).collect())
    }

    /// Returns the logarithms of the expected improvement at points; 0 while there is nothing to improve on.
    pub(super) fn values(&self, points: &[Held]) -> Vec<f64> {
        if self.best == f64::INFINITY {
            return vec![0.0; points.len()];
        }
        let posteriors: Vec<Vec<(f64, f64)>> = self.models.iter().map(|model| model.posteriors(points)).collect();
        match &self.weighing {
            None => {
                posteriors[0].iter().map(|(mean, variance)| improvement(self.best, *mean, *variance).value).collect()
            }
            Some((weighing, draws)) => {
                let at = |at: usize| posteriors.iter().map(|all| all[at]).collect::<Vec<_>>();
                (0..points.len()).map(|point| draws.improvement(weighing, self.best, &at(point)).0).collect()
            }
        }
    }

    /// Returns the same at a point, with its derivatives by the coordinates of `axes`, which are numbers that exist there.
    pub(super) fn slope(&self, point: &Held, axes: &[usize]) -> (f64, Vec<f64>) {
        if self.best == f64::INFINITY {
            return (0.0, vec![0.0; axes.len()]);
        }
        let Some((weighing, draws)) = &self.weighing else {
            return self.models[0].slope(point, axes, |mean, variance| improvement(self.best, mean, variance));
        };
        let locals: Vec<Local> = self.models.iter().map(|model| model.local(point)).collect();
        let posteriors: Vec<(f64, f64)> = locals.iter().map(|local| (local.mean, local.variance)).collect();
        let (value, slopes) = draws.improvement(weighing, self.best, &posteriors);
        let mut sum = vec![0.0; axes.len()];
        for ((model, local), slopes) in self.models.iter().zip(locals).zip(slopes) {
            let slope = model.slope_at(local, point, axes, slopes);
            sum.iter_mut().zip(slope).for_each(|(sum, slope)| *sum += slope);
        }
        (value, sum)
    }

    /// Returns the kinds of the axes.
    pub(super) fn axes(&self) -> &[AxisKind] {
        self.models[0].axes()
    }
}
