//! Problems for tests of samplers, and searches on them.

use std::collections::BTreeMap;

use super::{Axis, AxisKind, Point, Problem, Proposer, Sampler, Told};

/// A search space, with functions that give the active axes of a point and its losses.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) kinds: Vec<AxisKind>,
    pub(super) objectives: usize,
    pub(super) settings: BTreeMap<String, f64>,
    pub(super) look: fn(&[f64]) -> Option<Vec<bool>>,
    pub(super) losses: fn(&[f64]) -> Vec<Option<f64>>,
    /// The violation of each bound by a point.
    pub(super) beyond: fn(&[f64]) -> Vec<Option<f64>>,
}

/// The parameters that are constant during a search.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) seed: u64,
    pub(super) points: u64,
    pub(super) round: u64,
}

impl Case {
    /// Returns a plain case with axes of `kinds`: all active, all allowed, one loss.
    pub(super) fn plain(name: &'static str, kinds: &[AxisKind]) -> Self {
        Self {
            name,
            kinds: kinds.to_vec(),
            objectives: 1,
            settings: BTreeMap::new(),
            look: |point| Some(vec![true; point.len()]),
            losses: |point| vec![Some(bowl(point))],
            beyond: |_| Vec::new(),
        }
    }

    /// Returns whether the sampler claims to support this case.
    pub(super) fn suits(&self, sampler: &dyn Sampler) -> bool {
        let info = sampler.info();
        (info.ranges || !self.kinds.contains(&AxisKind::Range))
            && self.objectives <= info.most_objectives
            && self.kinds.len() <= info.most_axes
    }

    fn axes(&self) -> Vec<Axis> {
        let axis = |(at, kind): (usize, &AxisKind)| Axis { name: format!("key{at}"), kind: *kind };
        self.kinds.iter().enumerate().map(axis).collect()
    }

    /// Calls `ask` with the problem.
    pub(super) fn with<T>(&self, budget: Budget, ask: impl Fn(&Problem<'_>) -> T) -> T {
        let Budget { seed, points, round } = budget;
        let axes = self.axes();
        let (points, objectives, settings) = (Some(points), self.objectives, &self.settings);
        ask(&Problem { axes: &axes, seed, points, round, objectives, settings })
    }

    /// Takes a search that has just started through the rounds of `history`.
    pub(super) fn replay(&self, search: &mut dyn Proposer, budget: Budget, history: &[Told]) {
        let named = history.iter().take_while(|told| told.included).count();
        if named > 0 {
            search.include(&history[..named].iter().map(|told| told.point.clone()).collect::<Vec<_>>());
            search.tell(&history[..named]);
        }
        for round in history[named..].chunks(budget.round as usize) {
            search.ask(round.len() as u64, &self.look);
            search.tell(round);
        }
    }

    /// Returns the next `size` points of a fresh search that is taken through `history`.
    pub(super) fn propose(&self, sampler: &dyn Sampler, budget: Budget, history: &[Told], size: u64) -> Vec<Point> {
        let mut search = self.with(budget, |problem| sampler.start(problem));
        self.replay(&mut *search, budget, history);
        search.ask(size, &self.look)
    }

    /// Returns the outcome of a trial at this point.
    pub(super) fn told(&self, point: &[f64], included: bool) -> Told {
        let active = (self.look)(point).unwrap_or_else(|| vec![true; point.len()]);
        let held = point.iter().zip(active).map(|(unit, active)| active.then_some(*unit)).collect();
        let beyond = (self.beyond)(point);
        let violation = beyond.iter().map(|beyond| beyond.map_or(f64::INFINITY, |x| x.max(0.0))).sum();
        let beyond = beyond.into_iter().map(|beyond| (beyond, None)).collect();
        let losses = (self.losses)(point);
        Told { point: held, losses, violation, beyond, replicates: 1, included, ..Told::default() }
    }

    /// Runs a whole search. Returns the points as they were proposed, and their outcomes. It begins with a named point.
    pub(super) fn search(&self, sampler: &dyn Sampler, budget: Budget) -> (Vec<Point>, Vec<Told>) {
        let mut search = self.with(budget, |problem| sampler.start(problem));
        let (mut points, mut history) = (Vec::new(), vec![self.told(&vec![0.25; self.kinds.len()], true)]);
        search.include(&[history[0].point.clone()]);
        search.tell(&history);
        while (points.len() as u64) < budget.points {
            let size = budget.round.min(budget.points - points.len() as u64);
            let proposed = search.ask(size, &self.look);
            if proposed.is_empty() {
                break;
            }
            let first = history.len();
            history.extend(proposed.iter().map(|point| self.told(point, false)));
            search.tell(&history[first..]);
            points.extend(proposed);
        }
        (points, history)
    }

    /// Returns the numbers of the values of a point without ranges.
    pub(super) fn indices(&self, point: &[f64]) -> Vec<u64> {
        point.iter().zip(&self.kinds).filter_map(|(unit, kind)| kind.index(*unit)).collect()
    }
}

/// Evaluates a bowl whose minimum lies off the middle.
pub(super) fn bowl(point: &[f64]) -> f64 {
    point.iter().map(|x| (x - 0.7) * (x - 0.7)).sum()
}

/// Evaluates Branin's function on the unit square; its minimum is 0.397887.
pub(super) fn branin(point: &[f64]) -> f64 {
    let (x, y) = (15.0 * point[0] - 5.0, 15.0 * point[1]);
    let pi = std::f64::consts::PI;
    let valley = y - 5.1 / (4.0 * pi * pi) * x * x + 5.0 / pi * x - 6.0;
    valley * valley + 10.0 * (1.0 - 1.0 / (8.0 * pi)) * burstnet_core::math::cos(x) + 10.0
}

/// Returns one case of every feature that a sweep can require of a sampler.
pub(super) fn cases() -> Vec<Case> {
    use AxisKind::{Ordered, Range, Unordered};
    let mixed = [Range, Ordered(7), Unordered(3)];
    let either = |point: &[f64]| Some(vec![true, point[0] < 0.5, point[0] >= 0.5]);
    let settings = [("startup", 1.0), ("candidates", 1.0), ("gamma", 0.5), ("sigma", 1.0)];
    vec![
        Case::plain("nothing", &[]),
        Case::plain("a single value", &[Ordered(1), Unordered(1)]),
        Case::plain("a range", &[Range]),
        Case::plain("ranges", &[Range; 5]),
        Case::plain("ordered", &[Ordered(3), Ordered(5), Ordered(2)]),
        Case::plain("unordered", &[Unordered(4), Unordered(3)]),
        Case::plain("very many values", &[Ordered(1 << 47), Unordered(1 << 47)]),
        Case::plain("mixed", &mixed),
        Case { look: either, ..Case::plain("conditional", &[Unordered(2), Range, Ordered(4)]) },
        Case { look: either, ..Case::plain("conditional and finite", &[Unordered(2), Ordered(3), Ordered(4)]) },
        Case {
            look: |point| (point[0] + point[1] < 0.7).then(|| vec![true; 2]),
            ..Case::plain("constrained", &[Range; 2])
        },
        Case {
            look: |point| (point[0] + point[1] < 0.7).then(|| vec![true; 2]),
            ..Case::plain("constrained and finite", &[Ordered(6), Ordered(5)])
        },
        Case { look: |_| None, ..Case::plain("nothing allowed", &[Range, Ordered(5)]) },
        Case { losses: |point| vec![(point[0] < 0.6).then(|| bowl(point))], ..Case::plain("some trials fail", &mixed) },
        Case { losses: |_| vec![None], ..Case::plain("all trials fail", &mixed) },
        Case { losses: |_| vec![Some(1.0)], ..Case::plain("flat", &mixed) },
        Case {
            objectives: 2,
            losses: |point| vec![Some(bowl(point)), (point[0] < 0.9).then(|| point[0] + point[1])],
            ..Case::plain("two objectives", &mixed)
        },
        Case { beyond: |point| vec![Some(0.6 - point[0])], ..Case::plain("bounded", &mixed) },
        Case {
            beyond: |point| vec![Some(point[0] - 0.2), (point[0] < 0.8).then_some(-point[0])],
            losses: |point| vec![(point[0] < 0.9).then(|| bowl(point))],
            ..Case::plain("two bounds, some trials fail", &mixed)
        },
        Case { beyond: |_| vec![Some(1.0), None], ..Case::plain("no point keeps the bounds", &mixed) },
        Case {
            objectives: 2,
            losses: |point| vec![Some(bowl(point)), Some(point[0])],
            beyond: |point| vec![Some(0.5 - point[0])],
            ..Case::plain("two objectives and a bound", &mixed)
        },
        Case {
            settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
            ..Case::plain("other settings", &mixed)
        },
    ]
}
