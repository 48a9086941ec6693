//! A Gaussian process that knows the noise, with log expected improvement (Jones, Schonlau & Welch, J. Glob. Optim.
//! 13:455–492, 1998; Ament et al., NeurIPS 2023).
//!
//! The process has a Matérn kernel with a length scale per axis, and a noise for each point that its replicates show; with
//! one replicate a single noise is learned. The first points, and all until one has a loss, are scrambled Sobol' points.
//! Then each point is the one with the largest expected improvement on the lowest mean of the process.
//!
//! - With several objectives, each has a process of its own, and for each point anew they are weighed at random.
//! - Points that are pending count as if their mean had been measured, so that the next ones keep away.
//! - A point that failed has the worst value of all.
//! - Each bound on a measure has a process of its own, and the probability that it is kept counts beside the improvement
//!   on the best point that keeps all of them.
//! - The parameters are learned when the points with outcomes have grown by half, from at most 256 of them; they depend
//!   on the first so many points alone. Beyond 1000 points, the best and the latest are used.
//! - Results of an earlier search are of another task, an axis of the process: how much they tell of this one is learned.
//! - A configuration is proposed once. When none is left, the search ends.
//!
//! All linear algebra is done here, with sums in a fixed order.

mod chebyshev;
mod cholesky;
mod climb;
mod covariance;
mod descent;
mod goal;
mod improvement;
mod learning;
mod model;
mod outcomes;
mod probability;
mod surface;
mod task;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use self::climb::Climb;
use self::covariance::Held;
use self::goal::Goal;
use self::learning::{Data, Parameters};
use self::model::Model;
use self::outcomes::{Outcome, Scaled};
use self::surface::Surface;
use super::fronts::Ranking;
use super::seen::Seen;
use super::sobol::Scrambled;
use super::{
    ActiveAxes, AxisKind, Point, PointSequence as _, Problem, Proposer, Sampler, SamplerInfo, SearchSetting, Streams,
    Told,
};

/// The Gaussian process.
pub(super) struct GaussianProcess;

const STARTUP: SearchSetting = SearchSetting::integer(
    "startup",
    10.0,
    (1.0, 1e9),
    "How many points are taken from a scrambled Sobol' sequence before any is learned.",
);

/// The most points from which parameters are learned.
const MOST_LEARNED: usize = 256;
/// The most points with outcomes on which a proposal is based.
const MOST_USED: usize = 1000;
/// The number of best points near which others are looked for.
const STARTS: usize = 4;
/// The fewest points from which parameters are learned.
const FEWEST_LEARNED: usize = 4;

impl Sampler for GaussianProcess {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "gp",
            what: "a Gaussian process",
            source: Some("Jones, Schonlau & Welch, J. Glob. Optim. 13:455–492, 1998; Ament et al., NeurIPS 2023"),
            indexed: false,
            most_axes: 100,
            distinct: true,
            enough: Some(STARTUP),
            learns_earlier: true,
            settings: &[STARTUP],
            ..SamplerInfo::USUAL
        }
    }

    fn start(&self, problem: &Problem<'_>) -> Box<dyn Proposer> {
        Box::new(GaussianProcessProposer::new(problem))
    }

    fn usual_round(&self, _axes: usize) -> u64 {
        4
    }
}

/// A search in progress.
struct GaussianProcessProposer {
    axes: Vec<AxisKind>,
    draws: Streams,
    /// The points with which the search starts; `None` if there are too many axes.
    first_points: Option<Scrambled>,
    startup: u64,
    /// The number of points that were proposed.
    proposed: u64,
    /// The number of results of an earlier search.
    earlier: usize,
    /// The points of these, and then all that were named or proposed.
    points: Vec<Held>,
    /// The numbers of the points whose outcomes have been reported, in that order.
    told: Vec<usize>,
    /// Their outcomes by objective.
    outcomes: Vec<Vec<Outcome>>,
    /// Their distances beyond each bound.
    beyond: Vec<Vec<Outcome>>,
    seen: Seen,
    /// The parameters, and the number of points from which they were learned.
    learned: Option<(usize, Learned)>,
}

/// The parameters of all processes.
struct Learned {
    /// By objective.
    losses: Vec<Parameters>,
    /// By bound; `None` if no point has the measure.
    beyond: Vec<Option<Parameters>>,
}

impl GaussianProcessProposer {
    fn new(problem: &Problem<'_>) -> Self {
        Self {
            axes: problem.axes.iter().map(|axis| axis.kind).collect(),
            draws: problem.streams("gp"),
            first_points: Scrambled::new(problem, "gp/start"),
            startup: problem.setting(&STARTUP) as u64,
            proposed: 0,
            earlier: 0,
            points: Vec::new(),
            told: Vec::new(),
            outcomes: vec![Vec::new(); problem.objectives],
            beyond: Vec::new(),
            seen: Seen::new(problem),
            learned: None,
        }
    }

    /// Returns the number of points that are proposed before any is learned: earlier results count among them.
    fn startup(&self) -> u64 {
        self.startup.saturating_sub(self.earlier as u64)
    }

    fn observe(&mut self, point: &[Option<f64>]) {
        self.points.push(point.to_vec());
        self.seen.insert(point);
    }

    /// Returns the surface given all outcomes and pending points; `None` if no point has a loss.
    fn surface(&mut self) -> Option<Surface> {
        let from = self.earlier + learned_from(self.told.len() - self.earlier);
        if self.learned.as_ref().is_none_or(|(count, _)| *count != from) {
            let chosen = self.chosen(from, MOST_LEARNED);
            let learned = |scaled: &Scaled| self.with_data(&chosen, scaled, Parameters::learned);
            let losses =
                self.outcomes.iter().map(|all| Some(learned(&scaled(all, &chosen)?))).collect::<Option<_>>()?;
            let beyond = |all: &Vec<Outcome>| Some(learned(&scaled(all, &chosen)?.bounded().0));
            self.learned = Some((from, Learned { losses, beyond: self.beyond.iter().map(beyond).collect() }));
        }
        let (_, learned) = self.learned.as_ref()?;
        let chosen = self.chosen(self.told.len(), MOST_USED);
        let fitted = |(all, parameters): (&Vec<Outcome>, &Parameters)| {
            let scaled = scaled(all, &chosen)?;
            Some((self.with_data(&chosen, &scaled, |data| Model::new(parameters, data))?, scaled.scale))
        };
        let fitted: Option<Vec<_>> = self.outcomes.iter().zip(&learned.losses).map(fitted).collect();
        let is_good = |at: &usize| self.outcomes.iter().all(|all| all[*at].loss.is_some() && all[*at].violation == 0.0);
        let is_own = |at: &usize| self.told[*at] >= self.earlier;
        let counts: Vec<bool> = chosen.iter().map(|at| is_good(at) && is_own(at)).collect();
        let mut goal = Goal::new(fitted?, &self.points_of(&chosen), &counts);
        for at in chosen.iter().filter(|at| is_good(at) && !is_own(at)) {
            goal.consider(&task::own(&self.points[self.told[*at]]));
        }
        let beyond = |(all, parameters): (&Vec<Outcome>, &Option<Parameters>)| {
            let (scaled, limit) = scaled(all, &chosen)?.bounded();
            let parameters = parameters.as_ref()?;
            Some((self.with_data(&chosen, &scaled, |data| Model::new(parameters, data))?.0, limit))
        };
        let beyond = self.beyond.iter().zip(&learned.beyond).filter_map(beyond).collect();
        let mut surface = Surface::new(goal, beyond, self.axes.len());
        self.pending().into_iter().for_each(|at| surface.add(&self.points[at]));
        Some(surface)
    }

    /// Returns the numbers of the points without an outcome, at most the latest.
    fn pending(&self) -> Vec<usize> {
        let told: BTreeSet<usize> = self.told.iter().copied().collect();
        let all: Vec<usize> = (0..self.points.len()).filter(|at| !told.contains(at)).collect();
        all[all.len().saturating_sub(MOST_USED)..].to_vec()
    }

    /// Returns the points of these outcomes; with an axis of the task if there is an earlier search.
    fn points_of(&self, chosen: &[usize]) -> Vec<Held> {
        let of = |at: &usize| {
            let (is_earlier, point) = (self.told[*at] < self.earlier, &self.points[self.told[*at]]);
            if self.earlier == 0 { point.clone() } else { task::of(point, is_earlier) }
        };
        chosen.iter().map(of).collect()
    }

    /// Calls `f` with the points of these outcomes and their values.
    fn with_data<T>(&self, chosen: &[usize], scaled: &Scaled, f: impl Fn(Data<'_>) -> T) -> T {
        let has_task = self.earlier > 0;
        let axes = if has_task { task::axes(&self.axes) } else { self.axes.clone() };
        let (values, variances) = (&scaled.values, scaled.variances.as_deref());
        f(Data { axes: &axes, points: &self.points_of(chosen), values, variances, has_task })
    }

    /// Returns the numbers of the first `count` outcomes, the best first.
    fn ranked(&self, count: usize) -> Vec<usize> {
        let [outcomes] = self.outcomes.as_slice() else { return self.ranked_by_fronts(count) };
        let mut ranked: Vec<usize> = (0..count).collect();
        ranked.sort_by(|a, b| outcomes[*a].merit().compare(&outcomes[*b].merit()).then(a.cmp(b)));
        ranked
    }

    /// Returns the same with several objectives, without points that lack one.
    fn ranked_by_fronts(&self, count: usize) -> Vec<usize> {
        let mut ranking = Ranking::default();
        for at in 0..count {
            let losses: Vec<Option<f64>> = self.outcomes.iter().map(|all| all[at].loss).collect();
            ranking.push(&losses, self.outcomes[0][at].violation);
        }
        ranking.best(count)
    }

    /// Returns the numbers of at most `most` of the first `count` outcomes, in rising order: all, else the best half and of
    /// the rest the latest.
    fn chosen(&self, count: usize, most: usize) -> Vec<usize> {
        if count <= most {
            return (0..count).collect();
        }
        let mut kept: BTreeSet<usize> = self.ranked(count).into_iter().take(most / 2).collect();
        for at in (0..count).rev() {
            if kept.len() == most {
                break;
            }
            kept.insert(at);
        }
        kept.into_iter().collect()
    }

    /// Returns the best points with outcomes, the best first, and then the best of the earlier ones.
    fn best_points(&self) -> Vec<Held> {
        let complete = |at: &usize| self.outcomes.iter().all(|all| all[*at].loss.is_some());
        let ranked = self.ranked(self.told.len()).into_iter();
        let (own, earlier): (Vec<usize>, Vec<usize>) =
            ranked.filter(complete).partition(|at| self.told[*at] >= self.earlier);
        let first = |ranked: Vec<usize>| ranked.into_iter().take(STARTS);
        first(own).chain(first(earlier)).map(|at| self.points[self.told[at]].clone()).collect()
    }

    /// Returns the coordinates of a point that can be proposed: one that the constraints allow, and that was not proposed
    /// before.
    fn fresh(&self, look: &ActiveAxes<'_>, point: &[f64]) -> Option<Held> {
        self.seen.fresh(look, point).filter(|held| !self.points[self.earlier..].contains(held))
    }
}

/// Returns the number of points from which parameters are learned once so many have outcomes: the largest of a series
/// that grows by half.
fn learned_from(told: usize) -> usize {
    let series = std::iter::successors(Some(FEWEST_LEARNED), |count| Some(count + count.div_ceil(2)));
    series.take_while(|count| *count <= told).last().unwrap_or(told)
}

/// Returns some outcomes on the scale of the model; `None` if none of them has a value.
fn scaled(outcomes: &[Outcome], chosen: &[usize]) -> Option<Scaled> {
    Scaled::new(&chosen.iter().map(|at| outcomes[*at]).collect::<Vec<_>>())
}

impl Proposer for GaussianProcessProposer {
    fn include(&mut self, points: &[Vec<Option<f64>>]) {
        points.iter().for_each(|point| self.observe(point));
    }

    fn learn(&mut self, earlier: &[Told]) {
        for told in earlier {
            self.points.push(told.point.clone());
            self.tell_of(self.points.len() - 1, told);
        }
        self.earlier += earlier.len();
    }

    fn tell(&mut self, told: &[Told]) {
        let first = self.told.len() - self.earlier;
        (first..).zip(told).for_each(|(number, told)| self.tell_of(number, told));
    }

    fn forget(&mut self) {
        self.told.truncate(self.earlier);
        self.outcomes.iter_mut().chain(&mut self.beyond).for_each(|outcomes| outcomes.truncate(self.earlier));
        self.learned = None;
    }

    fn tell_of(&mut self, number: usize, told: &Told) {
        let at = self.earlier + number;
        if at < self.points.len() {
            self.told.push(at);
            for (objective, outcomes) in self.outcomes.iter_mut().enumerate() {
                outcomes.push(Outcome::new(told, objective));
            }
            if self.told.len() == 1 {
                self.beyond = vec![Vec::new(); told.beyond.len()];
            }
            for (at, outcomes) in self.beyond.iter_mut().enumerate() {
                outcomes.push(Outcome::beyond(told, at));
            }
        }
    }

    fn take(&mut self, _point: &Point, held: &[Option<f64>]) {
        self.observe(held);
        self.proposed += 1;
    }

    fn ask(&mut self, size: u64, look: &ActiveAxes<'_>) -> Vec<Point> {
        let mut surface = if self.proposed + size > self.startup() { self.surface() } else { None };
        let best = self.best_points();
        let mut points = Vec::with_capacity(size as usize);
        for _ in 0..size {
            let point = match &mut surface {
                Some(surface) if self.proposed >= self.startup() => {
                    let fresh = |point: &[f64]| self.fresh(look, point);
                    let allowed = |point: &[f64]| {
                        let active = look(point)?;
                        Some(point.iter().zip(active).map(|(unit, active)| active.then_some(*unit)).collect())
                    };
                    let stream = &mut self.draws.at(self.proposed);
                    surface.aim(stream);
                    let best = surface.best_points(STARTS).unwrap_or_else(|| best.clone());
                    Climb { surface, allowed: &allowed, fresh: &fresh }.highest(&best, stream)
                }
                Some(_) | None => {
                    let first = self.first_points.as_ref().and_then(|points| points.point(self.proposed));
                    first.filter(|point| self.fresh(look, point).is_some())
                }
            };
            let Some(point) = point.or_else(|| self.seen.any(look, self.proposed)) else { break };
            let Some(held) = self.seen.fresh(look, &point) else { break };
            self.observe(&held);
            if let Some(surface) = &mut surface {
                surface.add(&held);
            }
            self.proposed += 1;
            points.push(point);
        }
        points
    }
}
