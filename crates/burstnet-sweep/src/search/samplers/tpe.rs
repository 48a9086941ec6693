//! The multivariate tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011; Falkner, Klein & Hutter, ICML
//! 2018).
//!
//! The points seen are split into the best few and the rest, and a density is made of each part. Candidates are drawn
//! from the density of the best, and the candidate with the largest ratio to the density of the rest is proposed.
//! Numbers and kernels follow Optuna's TPESampler (Watanabe, arXiv:2304.11127, 2023, explains each of them). The first
//! points, and all until one has a loss, are scrambled Sobol' points.
//!
//! - Points of one round count among the rest as soon as they are proposed, so that the next ones keep away (the
//!   constant liar of Ginsbourger, Le Riche & Carraro, 2010).
//! - With several objectives, the best points are the nondominated ones (Ozaki et al., GECCO 2020).
//! - With bounds on measures, points that keep all of them come first, by their losses, and then the others by how far
//!   they are beyond (as in Optuna; Watanabe & Hutter, arXiv:2211.14411, 2022, make a density per bound in its place).
//! - A point that lacks a coordinate contributes the prior along that axis.
//! - A configuration without a range is proposed once; when none is left, the search ends.
//!
//! The time of a proposal is linear in the number of points seen. Their order along every axis and by their losses is
//! updated with each new point.

use super::fronts::Ranking;
use super::observations::Observations;
use super::parzen::Parzen;
use super::seen::Seen;
use super::sobol::Scrambled;
use super::{
    ActiveAxes, Point, PointSequence as _, Problem, Proposer, Sampler, SamplerInfo, SearchSetting, Streams, Told,
};

/// The tree-structured Parzen estimator.
pub(super) struct Tpe;

const STARTUP: SearchSetting = SearchSetting::integer(
    "startup",
    10.0,
    (1.0, 1e9),
    "How many points are taken from a scrambled Sobol' sequence before any is learned.",
);

const CANDIDATES: SearchSetting = SearchSetting::integer(
    "candidates",
    24.0,
    (1.0, 1e5),
    "From how many points drawn from the density of the best one is chosen.",
);

const GAMMA: SearchSetting = SearchSetting::number(
    "gamma",
    0.1,
    (0.001, 0.5),
    "Which part of the points seen is among the best; with one objective at most 25 points are.",
);

/// The most points among the best with one objective.
const BEST: usize = 25;
/// The most points that are drawn for one candidate that can be proposed.
const DRAWS_PER_CANDIDATE: u64 = 10;

impl Sampler for Tpe {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "tpe",
            what: "a tree-structured Parzen estimator",
            source: Some("Bergstra et al., NeurIPS 2011; Watanabe, arXiv:2304.11127, 2023"),
            indexed: false,
            distinct: true,
            enough: Some(STARTUP),
            learns_earlier: true,
            settings: &[STARTUP, CANDIDATES, GAMMA],
            ..SamplerInfo::USUAL
        }
    }

    fn start(&self, problem: &Problem<'_>) -> Box<dyn Proposer> {
        Box::new(TpeProposer::new(problem))
    }
}

/// A search in progress.
#[derive(Clone)]
struct TpeProposer {
    draws: Streams,
    /// The points with which the search starts; `None` if there are too many axes.
    first_points: Option<Scrambled>,
    startup: u64,
    candidates: u64,
    gamma: f64,
    objectives: usize,
    /// The number of points that were proposed.
    proposed: u64,
    /// The results of an earlier search: losses and violations of bounds.
    earlier: Vec<(Vec<Option<f64>>, f64)>,
    /// The points of these, and then all that were named or proposed. Those whose outcomes have not been reported count
    /// among the rest.
    observations: Observations,
    /// The points whose outcomes have been reported, in that order, and their numbers.
    ranking: Ranking,
    told: Vec<usize>,
    seen: Seen,
}

impl TpeProposer {
    fn new(problem: &Problem<'_>) -> Self {
        Self {
            draws: problem.streams("tpe"),
            first_points: Scrambled::new(problem, "tpe/start"),
            startup: problem.setting(&STARTUP) as u64,
            candidates: problem.setting(&CANDIDATES) as u64,
            gamma: problem.setting(&GAMMA),
            objectives: problem.objectives,
            proposed: 0,
            earlier: Vec::new(),
            observations: Observations::new(problem.axes),
            ranking: Ranking::default(),
            told: Vec::new(),
            seen: Seen::new(problem),
        }
    }

    /// Returns the number of points that are proposed before any is learned: earlier results count among them.
    fn startup(&self) -> u64 {
        self.startup.saturating_sub(self.earlier.len() as u64)
    }

    fn observe(&mut self, point: &[Option<f64>]) {
        self.observations.push(point);
        self.seen.insert(point);
    }

    /// Returns the numbers of the best points seen.
    fn best(&self) -> Vec<usize> {
        let share = (self.gamma * self.ranking.complete() as f64).ceil() as usize;
        let best = self.ranking.best(if self.objectives < 2 { share.min(BEST) } else { share });
        best.into_iter().filter_map(|at| self.told.get(at).copied()).collect()
    }

    /// Draws points from the density of the best, and returns the one with the largest ratio to the density of the
    /// rest.
    fn best_candidate(&self, look: &ActiveAxes<'_>, good: &Parzen, bad: &Parzen) -> Option<Point> {
        let mut stream = self.draws.at(self.proposed);
        let drawn = (0..self.candidates * DRAWS_PER_CANDIDATE).map(|_| good.draw(&mut stream));
        let mut best: Option<(f64, Point)> = None;
        for (point, observed) in drawn
            .filter_map(|point| self.seen.fresh(look, &point).map(|observed| (point, observed)))
            .take(self.candidates as usize)
        {
            let active: Vec<bool> = observed.iter().map(Option::is_some).collect();
            let gain = good.log_density(&point, &active) - bad.log_density(&point, &active);
            if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, point));
            }
        }
        best.map(|(_, point)| point)
    }
}

impl Proposer for TpeProposer {
    fn include(&mut self, points: &[Vec<Option<f64>>]) {
        points.iter().for_each(|point| self.observe(point));
    }

    fn learn(&mut self, earlier: &[Told]) {
        for told in earlier {
            self.observations.push(&told.point);
            self.earlier.push((told.losses.clone(), told.violation));
        }
        self.forget();
    }

    fn tell(&mut self, told: &[Told]) {
        let first = self.told.len() - self.earlier.len();
        (first..).zip(told).for_each(|(number, told)| self.tell_of(number, told));
    }

    fn forget(&mut self) {
        self.ranking = Ranking::default();
        self.earlier.iter().for_each(|(losses, violation)| self.ranking.push(losses, *violation));
        self.told = (0..self.earlier.len()).collect();
    }

    fn tell_of(&mut self, number: usize, told: &Told) {
        self.ranking.push(&told.losses, told.violation);
        self.told.push(self.earlier.len() + number);
    }

    fn take(&mut self, _point: &Point, held: &[Option<f64>]) {
        self.observe(held);
        self.proposed += 1;
    }

    fn ask(&mut self, size: u64, look: &ActiveAxes<'_>) -> Vec<Point> {
        let best = self.best();
        let mut is_good = vec![false; self.observations.len()];
        best.iter().for_each(|at| is_good[*at] = true);
        let good = Parzen::new(&self.observations, &is_good, self.objectives < 2);
        let mut is_bad: Vec<bool> = is_good.iter().map(|good| !good).collect();
        let mut points = Vec::with_capacity(size as usize);
        for _ in 0..size {
            let point = if best.is_empty() || self.proposed < self.startup() {
                let first = self.first_points.as_ref().and_then(|points| points.point(self.proposed));
                first.filter(|point| self.seen.fresh(look, point).is_some())
            } else {
                self.best_candidate(look, &good, &Parzen::new(&self.observations, &is_bad, true))
            };
            let Some(point) = point.or_else(|| self.seen.any(look, self.proposed)) else { break };
            let Some(observed) = self.seen.fresh(look, &point) else { break };
            self.observe(&observed);
            is_bad.push(true);
            self.proposed += 1;
            points.push(point);
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::AxisKind;
    use crate::search::samplers::testing::{Budget, Case};

    const BUDGET: Budget = Budget { seed: 3, points: 40, round: 8 };

    #[test]
    fn the_first_points_are_evenly_spread() {
        let case = Case::plain("ranges", &[AxisKind::Range; 2]);
        let points = case.search(&Tpe, BUDGET).0;
        for axis in 0..2 {
            let strata: std::collections::BTreeSet<u64> =
                points[..8].iter().map(|point| (point[axis] * 8.0) as u64).collect();
            assert_eq!(strata.len(), 8);
        }
    }

    #[test]
    fn points_of_a_round_keep_off_each_other() {
        let case = Case::plain("ranges", &[AxisKind::Range; 2]);
        let history = case.search(&Tpe, BUDGET).1;
        let nearest = |points: &[Point]| {
            let apart = |a: &Point, b: &Point| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let pairs = (0..points.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
            pairs.map(|(a, b)| apart(&points[a], &points[b])).sum::<f64>()
        };
        let together = nearest(&case.propose(&Tpe, BUDGET, &history, 32));
        // Without the others of its round every point would be drawn as a first one is.
        let search = case.with(BUDGET, |problem| {
            let mut search = TpeProposer::new(problem);
            case.replay(&mut search, BUDGET, &history);
            search
        });
        let alone: Vec<Point> =
            (0..32).flat_map(|more| TpeProposer { proposed: 40 + more, ..search.clone() }.ask(1, &case.look)).collect();
        assert!(together > 1.5 * nearest(&alone), "{together}, alone {}", nearest(&alone));
    }

    #[test]
    fn of_several_losses_the_nondominated_points_are_the_best() {
        let case = Case {
            objectives: 2,
            losses: |point| vec![Some((point[0] - 0.2).abs()), Some((point[0] - 0.4).abs())],
            ..Case::plain("two", &[AxisKind::Range; 2])
        };
        let points = case.search(&Tpe, Budget { points: 80, ..BUDGET }).0;
        let between = points[40..].iter().filter(|point| (0.15..0.45).contains(&point[0])).count();
        assert!(between > 25, "{between} of 40");
    }
}
