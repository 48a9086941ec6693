//! The median rule without rounds: configuration k stops at a part of its budget if it is worse there than the median of
//! configurations 0 to k − lag that got that far. The first ones, up to the lag, run to the end.

use std::collections::BTreeSet;

use super::open::{Decided, OpenRace, Ranked, Step};
use super::{Outcomes, Stopped};

/// A race by the median rule.
pub(super) struct OpenMedian {
    lag: u64,
    replicates: u64,
    /// The parts of the budget.
    rungs: Vec<u64>,
    /// The configurations that have entered, in running order.
    members: Vec<u64>,
    /// The number of configurations that have started.
    started: usize,
    levels: Vec<Level>,
}

/// A rung.
#[derive(Default)]
struct Level {
    /// The results by place; `None` if they are not known.
    results: Vec<Option<Reached>>,
    /// The losses at the first so many places, the lower half and the upper half.
    low: BTreeSet<(Ranked, usize)>,
    high: BTreeSet<(Ranked, usize)>,
    /// The median of the first n + 1 places, by n, as far as their results are known.
    medians: Vec<Option<f64>>,
    /// The places whose results wait for a median.
    waiting: BTreeSet<usize>,
}

/// The result of a configuration at a rung.
#[derive(Clone, Copy, Debug)]
enum Reached {
    Loss(Ranked),
    /// It was stopped before.
    Never,
}

impl OpenMedian {
    /// Starts a race.
    pub(super) fn new(rungs: Vec<u64>, lag: u64, replicates: u64) -> Self {
        let levels = rungs.iter().map(|_| Level::default()).collect();
        Self { lag: lag.max(1), replicates, rungs, members: Vec::new(), started: 0, levels }
    }
}

impl OpenRace for OpenMedian {
    fn enter(&mut self, config_id: u64) {
        self.members.push(config_id);
    }

    fn end(&mut self) {}

    fn note(&mut self, step: &Step, outcomes: &Outcomes) {
        let loss = outcomes.mean(step.config_id, step.rung, self.replicates);
        if let (Some(loss), Some(level)) = (loss, self.levels.get_mut(step.rung)) {
            level.set(step.place as usize, Reached::Loss(Ranked::new(loss)));
            level.waiting.insert(step.place as usize);
        }
    }

    fn decide(&mut self) -> Decided {
        let mut decided = Decided::default();
        for rung in 0..self.levels.len() {
            let (before, after) = self.levels.split_at_mut(rung + 1);
            let Some(level) = before.last_mut() else { break };
            level.take_in();
            // Those that go on are not below this rung, and those that stop are never at a later one.
            while let Some(&place) = level.waiting.first().filter(|place| level.decides(**place, self.lag)) {
                level.waiting.pop_first();
                if after.is_empty() {
                    continue; // at the end
                }
                let config_id = self.members[place];
                if level.is_worse(place, self.lag) {
                    after.iter_mut().for_each(|level| level.set(place, Reached::Never));
                    let (at, of) = (self.rungs[rung], self.rungs[self.rungs.len() - 1]);
                    let reason = format!("stopped at {at} of {of}: worse than the median of earlier configurations");
                    decided.stopped.push(Stopped { config_id, reason });
                } else {
                    let (replicates, rung) = (0..self.replicates, rung + 1);
                    decided.due.push(Step { config_id, replicates, rung, place: place as u64 });
                }
            }
        }
        let known = self.levels.first().map_or(0, |level| level.medians.len() as u64);
        let until = self.members.len().min(known.saturating_add(self.lag) as usize);
        for place in self.started..until {
            let config_id = self.members[place];
            decided.due.push(Step { config_id, replicates: 0..self.replicates, rung: 0, place: place as u64 });
        }
        self.started = until;
        decided
    }
}

impl Level {
    fn set(&mut self, place: usize, reached: Reached) {
        if self.results.len() <= place {
            self.results.resize(place + 1, None);
        }
        self.results[place] = Some(reached);
    }

    /// Takes in the results that are next in order.
    fn take_in(&mut self) {
        while let Some(Some(reached)) = self.results.get(self.medians.len()) {
            if let Reached::Loss(loss) = *reached {
                self.insert((loss, self.medians.len()));
            }
            self.medians.push(self.median());
        }
    }

    fn insert(&mut self, one: (Ranked, usize)) {
        let below = self.low.last().is_some_and(|highest| one < *highest);
        if below {
            self.low.insert(one)
        } else {
            self.high.insert(one)
        };
        // The lower half has as many as the upper one, or one more.
        let moved = if self.low.len() > self.high.len() + 1 { self.low.pop_last() } else { None };
        self.high.extend(moved);
        let moved = if self.high.len() > self.low.len() { self.high.pop_first() } else { None };
        self.low.extend(moved);
    }

    fn median(&self) -> Option<f64> {
        let (low, _) = self.low.last()?;
        let high = self.high.first().filter(|_| self.low.len() == self.high.len());
        Some(high.map_or(low.loss(), |(high, _)| middle(low.loss(), high.loss())))
    }

    /// Returns whether the median with which a place is compared is known.
    fn decides(&self, place: usize, lag: u64) -> bool {
        (place as u64) < lag.saturating_add(self.medians.len() as u64)
    }

    /// Returns whether a place is worse than the median of those that are at least the lag before it.
    fn is_worse(&self, place: usize, lag: u64) -> bool {
        let before =
            (place as u64).checked_sub(lag).and_then(|last| self.medians.get(last as usize).copied().flatten());
        match (before, self.results.get(place)) {
            (Some(median), Some(Some(Reached::Loss(loss)))) => loss.loss() > median,
            _ => false,
        }
    }
}

/// Returns the number in the middle of two.
pub(super) fn middle(low: f64, high: f64) -> f64 {
    if (high - low).is_finite() { low + (high - low) / 2.0 } else { low / 2.0 + high / 2.0 }
}
