//! Evolution of a normal distribution, CMA-ES (Hansen, arXiv:1604.00772, 2016).
//!
//! Nothing is kept between rounds: the distribution is found again from the history, generation by generation. A
//! generation is a round, or as many rounds as come closest to the usual 4 + ⌊3 ln d⌋ points if a round is smaller.
//!
//! - The first mean is the best point that the sweep file named, else the middle of the cube.
//! - A draw outside the cube, or that the constraints exclude, is repeated; at last it is clipped. What was evaluated is
//!   what is learned. A coordinate that does not exist at a point is learned as it was drawn.
//! - An axis of ordered values is one of numbers, on which the standard deviation stays above a part of the distance of
//!   two values (as Hansen, RR-7751, 2011, does), lest all points have the same value. Along an axis without an order
//!   values are drawn at random.
//! - Once the distribution has shrunk to a point, become a line, or has brought nothing for long, it starts again around
//!   a random mean. A round's size is fixed, so generations do not grow as in IPOP (Auger & Hansen, CEC 2005).
//! - Failed points come last.

use burstnet_core::math::ln;

use super::evolution::{Constants, State};
use super::{Ask, AxisKind, Info, Point, Problem, Sampler, Setting, Told, fronts};

/// Covariance matrix adaptation.
pub(super) struct CmaEs;

const SIGMA: Setting = Setting {
    name: "sigma",
    default: 1.0 / 6.0,
    min: 1e-3,
    max: 1.0,
    integer: false,
    doc: "The standard deviation at the start, as a part of each key's range.",
};

/// How often a draw is repeated until it lies inside, and again until its clipped form is allowed.
const MOST_DRAWS: usize = 100;
/// How many points are drawn at random where the distribution gives none that is allowed.
const MOST_RANDOM: usize = 50_000;
/// The standard deviation of an ordered axis stays above this part of the distance of two values: about one point in ten
/// still has another value.
const FLOOR: f64 = 0.3;
/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
/// The standard deviation, the condition number, and the relative change of the best loss at which the search starts again.
const SMALLEST_EXTENT: f64 = 1e-9;
const LARGEST_CONDITION: f64 = 1e14;
const SMALLEST_CHANGE: f64 = 1e-12;

impl Sampler for CmaEs {
    fn info(&self) -> &'static Info {
        &Info {
            name: "cmaes",
            what: "CMA-ES",
            source: Some("Hansen, arXiv:1604.00772, 2016"),
            needs_trials: true,
            indexed: false,
            ranges: true,
            most_axes: 256,
            most_objectives: 1,
            distinct: false,
            extends: true,
            settings: &[SIGMA],
        }
    }

    fn propose(&self, problem: &Problem<'_>, ask: &Ask<'_>) -> Vec<Point> {
        let search = Search::new(problem, ask);
        let own: Vec<&Told> = ask.history.iter().filter(|told| !told.included).collect();
        let state = search.replay(&own[..own.len().min(ask.first as usize)]);
        (ask.first..ask.first + ask.size).map_while(|number| search.draw(&state, number)).collect()
    }

    fn usual_round(&self, axes: usize) -> u64 {
        4 + (3.0 * ln(axes.max(1) as f64)) as u64
    }
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    ask: &'a Ask<'a>,
    /// The axes on which the distribution lives.
    numeric: Vec<usize>,
    floors: Vec<f64>,
    generation: usize,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem<'a>, ask: &'a Ask<'a>) -> Self {
        let kind = |at: &usize| problem.axes[*at].kind;
        let numeric: Vec<usize> =
            (0..problem.axes.len()).filter(|at| !matches!(kind(at), AxisKind::Unordered(_))).collect();
        let floor = |at: &usize| kind(at).count().map_or(0.0, |count| FLOOR / count as f64);
        let floors = numeric.iter().map(floor).collect();
        let (round, usual) = (problem.round.max(1), CmaEs.usual_round(numeric.len()));
        let generation = round * ((usual + round / 2) / round).max(1);
        Self { problem, ask, numeric, floors, generation: generation as usize }
    }

    /// The distribution after these points.
    fn replay(&self, own: &[&Told]) -> State {
        let constants = Constants::new(self.numeric.len().max(1), self.generation);
        let mut state = self.start();
        let mut bests: Vec<f64> = Vec::new();
        for (number, generation) in own.chunks_exact(self.generation).enumerate() {
            let losses: Vec<&[Option<f64>]> = generation.iter().map(|told| told.losses.as_slice()).collect();
            let mut order = fronts::best_first(&losses);
            let Some(best) = order.first().and_then(|at| losses[*at][0]) else { continue };
            bests.push(best);
            order
                .extend((0..generation.len()).filter(|at| losses[*at].iter().any(|loss| loss.is_none_or(f64::is_nan))));
            let first = (number * self.generation) as u64;
            let point = |at: &usize| self.evaluated(&state, generation[*at], first + *at as u64);
            let ranked: Vec<Vec<f64>> = order.iter().map(point).collect();
            state.learn(&constants, &ranked, &self.floors);
            if self.is_over(&state, &bests) {
                let mut stream = self.problem.stream("cmaes/restart", number as u64);
                let mean = self.numeric.iter().map(|_| stream.unit()).collect();
                state = State::new(mean, self.problem.setting(&SIGMA));
                bests.clear();
            }
        }
        state
    }

    fn start(&self) -> State {
        let included: Vec<&Told> = self.ask.history.iter().filter(|told| told.included).collect();
        let losses: Vec<&[Option<f64>]> = included.iter().map(|told| told.losses.as_slice()).collect();
        let best = fronts::best_first(&losses).first().map(|at| included[*at]);
        let along = |at: &usize| best.and_then(|told| told.point.get(*at).copied().flatten()).unwrap_or(0.5);
        State::new(self.numeric.iter().map(along).collect(), self.problem.setting(&SIGMA))
    }

    /// Where the distribution was drawn at point `number`; along axes without a coordinate, as it was drawn.
    fn evaluated(&self, state: &State, told: &Told, number: u64) -> Vec<f64> {
        let held: Vec<Option<f64>> = self.numeric.iter().map(|at| told.point.get(*at).copied().flatten()).collect();
        if let Some(all) = held.iter().copied().collect() {
            return all;
        }
        let drawn = self.draw(state, number);
        let along =
            |(held, at): (Option<f64>, &usize)| held.or_else(|| drawn.as_ref().map(|drawn| drawn[*at])).unwrap_or(0.5);
        held.into_iter().zip(&self.numeric).map(along).collect()
    }

    /// Point `number`.
    fn draw(&self, state: &State, number: u64) -> Option<Point> {
        let mut stream = self.problem.stream("cmaes", number);
        let axes = self.problem.axes.len();
        let mut any = |numeric: bool| {
            let mut point: Point = (0..axes).map(|_| stream.unit()).collect();
            if numeric {
                let drawn = state.draw(&mut stream);
                self.numeric.iter().zip(drawn).for_each(|(at, unit)| point[*at] = unit);
            }
            point
        };
        let inside = |point: &Point| point.iter().all(|unit| (0.0..1.0).contains(unit));
        let allowed = |point: &Point| (self.ask.look)(point).is_some();
        let clip = |point: Point| -> Point { point.into_iter().map(|unit| unit.clamp(0.0, BELOW_ONE)).collect() };
        (0..MOST_DRAWS)
            .map(|_| any(true))
            .find(|point| inside(point) && allowed(point))
            .or_else(|| (0..MOST_DRAWS).map(|_| clip(any(true))).find(allowed))
            .or_else(|| (0..MOST_RANDOM).map(|_| any(false)).find(allowed))
    }

    /// Whether the distribution is to start again; `bests` has the best loss of each of its generations.
    fn is_over(&self, state: &State, bests: &[f64]) -> bool {
        let (extent, condition) = state.extent();
        let long = 10 + (30 * self.numeric.len()).div_ceil(self.generation);
        let recent = &bests[bests.len().saturating_sub(long)..];
        let most = recent.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = recent.iter().copied().fold(f64::INFINITY, f64::min);
        let flat = recent.len() == long && most - least <= SMALLEST_CHANGE * most.abs();
        // A state that is no number compares false with everything.
        flat || !(extent > SMALLEST_EXTENT && condition < LARGEST_CONDITION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::testing::{Budget, Case};

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
                let ask = Ask { history: &history[..=8 * rounds], first: 8 * rounds as u64, size: 8, look: &case.look };
                let own: Vec<&Told> = ask.history.iter().filter(|told| !told.included).collect();
                Search::new(problem, &ask).replay(&own).sigma == SIGMA.default
            })
        };
        let found: Vec<usize> = (1..=18).filter(|rounds| restarted(*rounds)).collect();
        assert_eq!(found, [18], "after 10 + ⌈30 · 2 / 8⌉ generations");
    }

    #[test]
    fn small_rounds_make_up_a_generation_together() {
        let size = |round, axes: usize| {
            let case = Case::plain("ranges", &vec![AxisKind::Range; axes]);
            case.with(Budget { round, ..BUDGET }, |problem| {
                let ask = Ask { history: &[], first: 0, size: 1, look: &case.look };
                Search::new(problem, &ask).generation
            })
        };
        assert_eq!([1, 2, 3, 4, 7, 8, 10, 64].map(|round| size(round, 10)), [10, 10, 9, 12, 7, 8, 10, 64]);
    }

    #[test]
    fn the_point_that_was_named_is_the_first_mean() {
        let case = Case::plain("ranges", &[AxisKind::Range; 3]);
        let history = [case.told(&[0.9, 0.2, 0.4], true), case.told(&[0.6, 0.7, 0.8], true)];
        case.with(BUDGET, |problem| {
            let ask = Ask { history: &history, first: 0, size: 1, look: &case.look };
            assert_eq!(Search::new(problem, &ask).start().mean, [0.6, 0.7, 0.8]);
        });
    }
}
