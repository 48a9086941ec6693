//! Evolution of a normal distribution, CMA-ES (Hansen, arXiv:1604.00772, 2016).
//!
//! A generation is a round, or if a round is smaller, the number of rounds that comes closest to the usual 4 + ⌊3 ln d⌋
//! points. The state consists of the distribution and the points of an incomplete generation. So a proposal costs the
//! same in every round.
//!
//! - The first mean is the best point that the sweep file named, else the middle of the cube.
//! - A draw outside the cube, or one that the constraints exclude, is repeated; in the end it is clipped. The search
//!   learns from the points that were evaluated. A coordinate that does not exist at a point is learned with its drawn
//!   value.
//! - An axis of ordered values is treated as numeric. Its standard deviation stays above a fraction of the distance of
//!   two values (as in Hansen, RR-7751, 2011), so that not all points have the same value. Along an axis without an
//!   order, values are drawn at random.
//! - The distribution restarts around a random mean once it has shrunk to a point, become a line, or brought no
//!   improvement for long. The size of a round is fixed, so generations do not grow as in IPOP (Auger & Hansen, CEC
//!   2005).
//! - Points that violate bounds on measures rank behind those that keep them, and failed points last.

use burstnet_core::math::ln;

use super::evolution::{Constants, State};
use super::fronts::Ranking;
use super::{ActiveAxes, AxisKind, Point, Problem, Proposer, Sampler, SamplerInfo, SearchSetting, Streams, Told};

/// Covariance matrix adaptation.
pub(super) struct CmaEs;

const SIGMA: SearchSetting = SearchSetting::number(
    "sigma",
    1.0 / 6.0,
    (1e-3, 1.0),
    "The standard deviation at the start, as a part of each key's range.",
);

/// The most repetitions of a draw until it lies inside, and again until its clipped form is allowed.
const ATTEMPTS: usize = 100;
/// The most points that are drawn at random if the distribution gives no allowed point.
const RANDOM_ATTEMPTS: usize = 50_000;
/// The standard deviation of an ordered axis stays above this fraction of the distance of two values, so that about one
/// point in ten still has another value.
const FLOOR: f64 = 0.3;
/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
/// The limits of the standard deviation, of the condition number, and of the relative change of the best loss at which
/// the search restarts.
const SMALLEST_EXTENT: f64 = 1e-9;
const LARGEST_CONDITION: f64 = 1e14;
const SMALLEST_CHANGE: f64 = 1e-12;

impl Sampler for CmaEs {
    fn info(&self) -> &'static SamplerInfo {
        &SamplerInfo {
            name: "cmaes",
            what: "CMA-ES",
            source: Some("Hansen, arXiv:1604.00772, 2016"),
            indexed: false,
            most_axes: 256,
            most_objectives: 1,
            settings: &[SIGMA],
            ..SamplerInfo::USUAL
        }
    }

    fn start(&self, problem: &Problem<'_>) -> Box<dyn Proposer> {
        Box::new(CmaEsProposer::new(problem))
    }

    fn usual_round(&self, axes: usize) -> u64 {
        4 + (3.0 * ln(axes.max(1) as f64)) as u64
    }
}

/// A search in progress.
struct CmaEsProposer {
    draws: Streams,
    restarts: Streams,
    sigma: f64,
    /// The points that the sweep file named, as far as their outcomes are known.
    named: Vec<Told>,
    axes: usize,
    /// The axes on which the distribution lives.
    numeric: Vec<usize>,
    floors: Vec<f64>,
    /// The number of points of a generation.
    generation: usize,
    constants: Constants,
    state: State,
    /// The best loss of each generation since the distribution started.
    bests: Vec<f64>,
    /// The number of complete generations.
    generations: u64,
    /// The number of points that were proposed.
    proposed: u64,
    /// The points from the first incomplete generation on, and of those that have been reported the losses and the
    /// violation of bounds.
    points: Vec<Point>,
    losses: Vec<(Vec<Option<f64>>, f64)>,
}

impl CmaEsProposer {
    fn new(problem: &Problem<'_>) -> Self {
        let kind = |at: &usize| problem.axes[*at].kind;
        let axes = problem.axes.len();
        let numeric: Vec<usize> = (0..axes).filter(|at| !matches!(kind(at), AxisKind::Unordered(_))).collect();
        let floor = |at: &usize| kind(at).count().map_or(0.0, |count| FLOOR / count as f64);
        let floors = numeric.iter().map(floor).collect();
        let (round, usual) = (problem.round.max(1), CmaEs.usual_round(numeric.len()));
        let generation = (round * ((usual + round / 2) / round).max(1)) as usize;
        let sigma = problem.setting(&SIGMA);
        Self {
            draws: problem.streams("cmaes"),
            restarts: problem.streams("cmaes/restart"),
            sigma,
            named: Vec::new(),
            axes,
            floors,
            generation,
            constants: Constants::new(numeric.len().max(1), generation),
            state: State::new(vec![0.5; numeric.len()], sigma),
            numeric,
            bests: Vec::new(),
            generations: 0,
            proposed: 0,
            points: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// Starts from the best of the points that the sweep file named, as far as their outcomes are known. All of them are
    /// told before the first generation.
    fn start_from_named(&mut self) {
        let mut ranking = Ranking::default();
        self.named.iter().for_each(|told| ranking.push(&told.losses, told.violation));
        let best = ranking.best(1).first().map(|at| &self.named[*at]);
        let along = |at: &usize| best.and_then(|told| told.point.get(*at).copied().flatten()).unwrap_or(0.5);
        self.state = State::new(self.numeric.iter().map(along).collect(), self.sigma);
    }

    /// Learns from a generation.
    fn learn(&mut self, points: &[Point], losses: &[(Vec<Option<f64>>, f64)]) {
        let number = self.generations;
        self.generations += 1;
        let mut ranking = Ranking::default();
        losses.iter().for_each(|(losses, violation)| ranking.push(losses, *violation));
        let mut order = ranking.best(losses.len());
        let Some(best) = order.first().and_then(|at| losses[*at].0[0]) else { return };
        self.bests.push(best);
        let failed: Vec<usize> = (0..losses.len()).filter(|at| !order.contains(at)).collect();
        order.extend(failed);
        let drawn = |at: &usize| self.numeric.iter().map(|axis| points[*at][*axis]).collect();
        let ranked: Vec<Vec<f64>> = order.iter().map(drawn).collect();
        self.state.learn(&self.constants, &ranked, &self.floors);
        if self.is_over() {
            let mut stream = self.restarts.at(number);
            let mean = self.numeric.iter().map(|_| stream.unit()).collect();
            self.state = State::new(mean, self.sigma);
            self.bests.clear();
        }
    }

    /// Draws point `number`.
    fn draw(&self, number: u64, look: &ActiveAxes<'_>) -> Option<Point> {
        let mut stream = self.draws.at(number);
        let mut any = |numeric: bool| {
            let mut point: Point = (0..self.axes).map(|_| stream.unit()).collect();
            if numeric {
                let drawn = self.state.draw(&mut stream);
                self.numeric.iter().zip(drawn).for_each(|(at, unit)| point[*at] = unit);
            }
            point
        };
        let inside = |point: &Point| point.iter().all(|unit| (0.0..1.0).contains(unit));
        let allowed = |point: &Point| look(point).is_some();
        let clip = |point: Point| -> Point { point.into_iter().map(|unit| unit.clamp(0.0, BELOW_ONE)).collect() };
        (0..ATTEMPTS)
            .map(|_| any(true))
            .find(|point| inside(point) && allowed(point))
            .or_else(|| (0..ATTEMPTS).map(|_| clip(any(true))).find(allowed))
            .or_else(|| (0..RANDOM_ATTEMPTS).map(|_| any(false)).find(allowed))
    }

    /// Returns whether the distribution has to restart.
    fn is_over(&self) -> bool {
        let (extent, condition) = self.state.extent();
        let long = 10 + (30 * self.numeric.len()).div_ceil(self.generation);
        let recent = &self.bests[self.bests.len().saturating_sub(long)..];
        let most = recent.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = recent.iter().copied().fold(f64::INFINITY, f64::min);
        let flat = recent.len() == long && most - least <= SMALLEST_CHANGE * most.abs();
        // A state that is no number compares false with everything.
        flat || !(extent > SMALLEST_EXTENT && condition < LARGEST_CONDITION)
    }
}

impl Proposer for CmaEsProposer {
    fn include(&mut self, _points: &[Vec<Option<f64>>]) {}

    fn tell(&mut self, told: &[Told]) {
        let (named, own): (Vec<&Told>, Vec<&Told>) = told.iter().partition(|told| told.included);
        if !named.is_empty() {
            self.named.extend(named.into_iter().cloned());
            self.start_from_named();
        }
        self.losses.extend(own.into_iter().map(|told| (told.losses.clone(), told.violation)));
        while self.losses.len() >= self.generation {
            let points: Vec<Point> = self.points.drain(..self.generation).collect();
            let losses: Vec<_> = self.losses.drain(..self.generation).collect();
            self.learn(&points, &losses);
        }
    }

    fn take(&mut self, point: &Point, _held: &[Option<f64>]) {
        self.proposed += 1;
        self.points.push(point.clone());
    }

    fn ask(&mut self, size: u64, look: &ActiveAxes<'_>) -> Vec<Point> {
        let first = self.proposed;
        let points: Vec<Point> = (first..first + size).map_while(|number| self.draw(number, look)).collect();
        self.proposed += points.len() as u64;
        self.points.extend(points.iter().cloned());
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::samplers::testing::{Budget, Case};

    const BUDGET: Budget = Budget { seed: 3, points: 160, round: 8 };

    #[test]
    fn the_best_of_ordered_values_is_found() {
        for seed in 0..8 {
            let case = Case::plain("ordered", &[AxisKind::Ordered(21); 3]);
            let points = case.search(&CmaEs, Budget { seed, ..BUDGET }).0;
            let best = vec![14; 3];
            assert!(points.iter().any(|point| case.indices(point) == best), "seed {seed}");
        }
    }

    #[test]
    fn a_search_that_brings_nothing_starts_again() {
        let case = Case { losses: |_| vec![Some(1.0)], ..Case::plain("flat", &[AxisKind::Range; 2]) };
        let history = case.search(&CmaEs, Budget { points: 8 * 18, ..BUDGET }).1;
        let restarted = |rounds: usize| {
            case.with(BUDGET, |problem| {
                let mut search = CmaEsProposer::new(problem);
                case.replay(&mut search, BUDGET, &history[..=8 * rounds]);
                search.state.sigma == SIGMA.default
            })
        };
        let found: Vec<usize> = (1..=18).filter(|rounds| restarted(*rounds)).collect();
        assert_eq!(found, [18], "after 10 + ⌈30 · 2 / 8⌉ generations");
    }

    #[test]
    fn small_rounds_make_up_a_generation_together() {
        let size = |round, axes: usize| {
            let case = Case::plain("ranges", &vec![AxisKind::Range; axes]);
            case.with(Budget { round, ..BUDGET }, |problem| CmaEsProposer::new(problem).generation)
        };
        assert_eq!([1, 2, 3, 4, 7, 8, 10, 64].map(|round| size(round, 10)), [10, 10, 9, 12, 7, 8, 10, 64]);
    }

    #[test]
    fn the_point_that_was_named_is_the_first_mean() {
        let case = Case::plain("ranges", &[AxisKind::Range; 3]);
        let history = [case.told(&[0.9, 0.2, 0.4], true), case.told(&[0.6, 0.7, 0.8], true)];
        case.with(BUDGET, |problem| {
            let mut search = CmaEsProposer::new(problem);
            search.tell(&history);
            assert_eq!(search.state.mean, [0.6, 0.7, 0.8]);
        });
    }
}
