//! Successive halving and Hyperband without rounds: asynchronous halving (Li et al., MLSys 2020) in a fixed order.
//!
//! At each rung, results count in the order in which configurations reached it. After the first m of them, the best
//! ⌊m / factor⌋ go on, as far as they have not yet. So a good configuration need not wait for the slowest, and some go
//! on that later turn out not to be among the best. Those that have not gone on when all results are there are stopped.
//! A configuration starts once the results of those at least a lag before it in its bracket are known.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::open::{Decided, OpenRace, Ranked, Step};
use super::{Outcomes, Stopped};

/// A race of brackets side by side.
pub(super) struct OpenHalving {
    factor: u64,
    lag: u64,
    replicates: u64,
    /// The parts of the budget.
    rungs: Vec<u64>,
    /// The brackets by the rung at which they start.
    brackets: Vec<Bracket>,
    /// The brackets that configurations enter in turn, over and over, and how many in a row.
    turns: Vec<(usize, u64)>,
    /// The bracket of each configuration that has entered.
    bracket_of: HashMap<u64, usize>,
    /// True if no other configuration enters.
    ended: bool,
}

/// A bracket, whose configurations start at the same rung.
struct Bracket {
    /// The rung at which they start.
    first: usize,
    /// Those that have entered, in running order.
    members: Vec<u64>,
    /// The rungs from the first one on.
    levels: Vec<Level>,
}

/// A rung of a bracket.
#[derive(Default)]
struct Level {
    /// The configurations in the order in which they reached it.
    reached: Vec<u64>,
    /// Their results, as far as these are known.
    results: Vec<Option<Ranked>>,
    /// The number of results that have been taken in, in order.
    taken: usize,
    /// The best of them, as many as go on, and the others.
    best: BTreeSet<(Ranked, u64)>,
    rest: BTreeSet<(Ranked, u64)>,
    gone_on: HashSet<u64>,
    /// True once no other configuration reaches it and everything is decided.
    closed: bool,
}

impl OpenHalving {
    /// Starts a race. `turns` are the rungs at which configurations start, each with how many of them do so in a row.
    pub(super) fn new(turns: Vec<(usize, u64)>, rungs: Vec<u64>, factor: u64, lag: u64, replicates: u64) -> Self {
        let of = |first: usize| {
            let levels = (first..rungs.len()).map(|_| Level::default()).collect();
            Bracket { first, members: Vec::new(), levels }
        };
        let brackets = (0..rungs.len()).map(of).collect();
        let (factor, lag, bracket_of) = (factor.max(2), lag.max(1), HashMap::new());
        Self { factor, lag, replicates, rungs, brackets, turns, bracket_of, ended: false }
    }

    /// Returns the bracket of the configuration at a place among those that enter.
    fn bracket_at(&self, place: u64) -> usize {
        let all = self.turns.iter().fold(0_u64, |all, (_, size)| all.saturating_add(*size));
        let mut rest = place % all.max(1);
        for (bracket, size) in &self.turns {
            if rest < *size {
                return *bracket;
            }
            rest -= size;
        }
        0
    }
}

impl OpenRace for OpenHalving {
    fn enter(&mut self, config_id: u64) {
        let number = self.bracket_at(self.bracket_of.len() as u64);
        if let Some(bracket) = self.brackets.get_mut(number) {
            bracket.members.push(config_id);
            self.bracket_of.insert(config_id, number);
        }
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn note(&mut self, step: &Step, outcomes: &Outcomes) {
        let merit = outcomes.merit(step.config_id, step.rung, self.replicates);
        let bracket = self.bracket_of.get(&step.config_id).and_then(|number| self.brackets.get_mut(*number));
        if let (Some(bracket), Some(merit)) = (bracket, merit)
            && let Some(level) = step.rung.checked_sub(bracket.first).and_then(|at| bracket.levels.get_mut(at))
            && let Some(result) = level.results.get_mut(step.place as usize)
        {
            *result = Some(Ranked::by(merit));
        }
    }

    fn decide(&mut self) -> Decided {
        let mut decided = Decided::default();
        for bracket in &mut self.brackets {
            bracket.decide((self.factor, self.lag), self.replicates, &self.rungs, self.ended, &mut decided);
        }
        decided
    }
}

impl Bracket {
    fn decide(
        &mut self,
        (factor, lag): (u64, u64),
        replicates: u64,
        rungs: &[u64],
        ended: bool,
        decided: &mut Decided,
    ) {
        for at in 0..self.levels.len() {
            let rung = self.first + at;
            let (before, from) = self.levels.split_at_mut(at);
            let Some((level, after)) = from.split_first_mut() else { break };
            let mut reach = |level: &mut Level, config_id: u64, rung: usize| {
                let place = level.reached.len() as u64;
                level.reached.push(config_id);
                level.results.push(None);
                decided.due.push(Step { config_id, replicates: 0..replicates, rung, place });
            };
            let go_on = level.take_in(if after.is_empty() { u64::MAX } else { factor });
            if at == 0 {
                let until = self.members.len().min((level.taken as u64).saturating_add(lag) as usize);
                (level.reached.len()..until).for_each(|next| reach(level, self.members[next], rung));
            }
            let Some(next) = after.first_mut() else { continue };
            go_on.into_iter().for_each(|config_id| reach(next, config_id, rung + 1));
            let entered = || ended && level.reached.len() == self.members.len();
            let all = before.last().map_or_else(entered, |level| level.closed);
            if all && !level.closed && level.taken == level.reached.len() {
                level.closed = true;
                if let Some(config_id) = level.best_if_none_went_on() {
                    reach(next, config_id, rung + 1);
                }
                decided.stopped.extend(level.stopped(rungs[rung], rungs[rungs.len() - 1]));
            }
        }
    }
}

impl Level {
    /// Takes in the results that are next in order, and returns the configurations that go on.
    fn take_in(&mut self, factor: u64) -> Vec<u64> {
        let mut go_on = Vec::new();
        while let Some(Some(loss)) = self.results.get(self.taken) {
            let one = (*loss, self.reached[self.taken]);
            self.taken += 1;
            let worst = self.best.last().copied().filter(|worst| one < *worst);
            if let Some(worst) = worst {
                self.best.remove(&worst);
                self.rest.insert(worst);
                self.enter(one, &mut go_on);
            } else {
                self.rest.insert(one);
            }
            if self.taken as u64 / factor > self.best.len() as u64
                && let Some(next) = self.rest.pop_first()
            {
                self.enter(next, &mut go_on);
            }
        }
        go_on
    }

    /// Adds a configuration to the best, which go on.
    fn enter(&mut self, one: (Ranked, u64), go_on: &mut Vec<u64>) {
        self.best.insert(one);
        if self.gone_on.insert(one.1) {
            go_on.push(one.1);
        }
    }

    /// Returns the best configuration if there are too few for any to go on, so that one always does.
    fn best_if_none_went_on(&mut self) -> Option<u64> {
        let (_, config_id) = *self.rest.first().filter(|_| self.gone_on.is_empty())?;
        self.gone_on.insert(config_id);
        Some(config_id)
    }

    /// Returns the configurations that go no further, of a level that is closed.
    fn stopped(&self, at: u64, of: u64) -> Vec<Stopped> {
        let (all, went_on) = (self.reached.len(), self.gone_on.len());
        let ranked = (1..).zip(self.best.iter().chain(&self.rest));
        let stays = ranked.filter(|(_, (_, config_id))| !self.gone_on.contains(config_id));
        let stopped = stays.map(|(rank, (_, config_id))| Stopped {
            config_id: *config_id,
            reason: format!("stopped at {at} of {of}: rank {rank} of {all}, of which {went_on} went on"),
        });
        stopped.collect()
    }
}
