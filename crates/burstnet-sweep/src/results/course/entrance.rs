//! The entrance to a race whose configurations are proposed from the results of those before.
//!
//! The clock of such a search counts configurations: configuration k enters at tick k. What becomes due at a tick counts a
//! lag later, be it the configuration that enters there or another one that goes on because of results that count there.
//! So the results on which a proposal depends follow from the lag alone. All of them are of configurations 0 to k − lag.

use std::collections::VecDeque;

use crate::search::stopping::open::{OpenRace, Step};
use crate::search::stopping::{Job, Outcomes};

/// The clock of a race.
pub(super) struct Entrance {
    lag: usize,
    /// The race once more. It is told each result when that counts; the race itself when the result is there.
    race: Box<dyn OpenRace>,
    /// The steps that became due at the last ticks, at most as many as the lag.
    due: VecDeque<Vec<Step>>,
}

impl Entrance {
    pub(super) fn new(race: Box<dyn OpenRace>, lag: u64) -> Self {
        Self { lag: lag.max(1) as usize, race, due: VecDeque::new() }
    }

    /// Goes on to the next tick, and returns the steps whose results count from there on; `None` if one of these results
    /// is not known.
    pub(super) fn next(&mut self, outcomes: &Outcomes) -> Option<Vec<Step>> {
        let mut counts = Vec::new();
        if self.due.len() >= self.lag {
            let is_known = |step: &Step| {
                let job = |replicate| Job { config_id: step.config_id, replicate, rung: step.rung };
                step.replicates.clone().all(|replicate| outcomes.loss(job(replicate)).is_some())
            };
            if !self.due.front().is_some_and(|steps| steps.iter().all(is_known)) {
                return None;
            }
            counts = self.due.pop_front().unwrap_or_default();
        }
        counts.iter().for_each(|step| self.race.note(step, outcomes));
        self.due.push_back(self.race.decide().due);
        Some(counts)
    }

    /// Lets a configuration enter at this tick.
    pub(super) fn enter(&mut self, config_id: u64) {
        self.race.enter(config_id);
        let due = self.race.decide().due;
        if let Some(now) = self.due.back_mut() {
            now.extend(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::copies::Copies;
    use crate::search::stopping::{Race, named};

    /// Halving with a lag of 3 and rungs 1, 2 and 4, in which every other configuration goes on.
    fn halving() -> Entrance {
        let none = Outcomes::default();
        let setting = |name: &str| if name == "rungs" { 3.0 } else { 2.0 };
        let race = Race {
            configurations: 100,
            copies: &Copies::default(),
            replicates: 1,
            round: None,
            budget: 4,
            setting: &setting,
            outcomes: &none,
            stopped: &[],
            last: &[],
        };
        Entrance::new(named("successive_halving").unwrap().open(&race, 3).unwrap(), 3)
    }

    #[test]
    fn what_becomes_due_at_a_tick_counts_a_lag_later() {
        let (mut entrance, mut outcomes) = (halving(), Outcomes::default());
        let mut counted = Vec::new();
        for config_id in 0..12 {
            // All that may be known is; the losses fall, so that the latest are the best.
            for before in 0..config_id {
                for rung in 0..3 {
                    outcomes.note(Job { config_id: before, replicate: 0, rung }, vec![Some(-(before as f64))]);
                }
            }
            let steps = entrance.next(&outcomes).unwrap();
            entrance.enter(config_id);
            counted.push(steps.iter().map(|step| (step.config_id, step.rung)).collect::<Vec<_>>());
        }
        // Configuration 1 is the best of two at tick 4, and its next result counts at tick 7.
        let expected: [&[(u64, usize)]; 12] = [
            &[],
            &[],
            &[],
            &[(0, 0)],
            &[(1, 0)],
            &[(2, 0)],
            &[(3, 0)],
            &[(1, 1), (4, 0)],
            &[(2, 1), (5, 0)],
            &[(3, 1), (6, 0)],
            &[(4, 1), (7, 0)],
            &[(5, 1), (2, 2), (8, 0)],
        ];
        assert_eq!(counted, expected);
    }

    #[test]
    fn a_tick_waits_for_what_counts_there() {
        let (mut entrance, mut outcomes) = (halving(), Outcomes::default());
        for config_id in 0..3 {
            assert_eq!(entrance.next(&outcomes), Some(Vec::new()));
            entrance.enter(config_id);
        }
        outcomes.note(Job { config_id: 1, replicate: 0, rung: 0 }, vec![Some(1.0)]);
        assert_eq!(entrance.next(&outcomes), None);
        outcomes.note(Job { config_id: 0, replicate: 0, rung: 0 }, vec![None]);
        assert_eq!(entrance.next(&outcomes).map(|steps| steps[0].config_id), Some(0));
    }
}
