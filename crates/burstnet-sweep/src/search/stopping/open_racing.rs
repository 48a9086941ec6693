//! Racing over replicates without rounds. The steps of all configurations form one sequence: first each of them runs the
//! first replicates, then those that are left run one more, in turn. Whether a configuration takes its step at place p
//! depends on the results of steps 0 to p − lag: it stops if it is worse on the same seeds than the best of all that are
//! known to have run as many replicates.

use std::collections::HashMap;

use burstnet_core::numbers::mean;

use super::open::{Decided, OpenRace, Ranked, Step};
use super::paired_test::worse;
use super::{Job, Outcomes, Stopped};

/// A race over replicates.
pub(super) struct OpenRacing {
    lag: u64,
    replicates: u64,
    /// The number of replicates before the first test.
    first: u64,
    /// The level of each test.
    level: f64,
    /// True if no other configuration enters.
    ended: bool,
    /// The configurations that are left, in running order, and those of them that have taken their step in this turn.
    left: Vec<u64>,
    taken_turn: Vec<u64>,
    /// The next place in `left`, and the number of replicates that those have which have taken no step in this turn.
    next: usize,
    turn: u64,
    /// The steps so far, each with its losses once they are known.
    steps: Vec<(u64, Option<Vec<f64>>)>,
    /// The number of steps whose losses are known, as are those of all before them.
    complete: usize,
    /// The number of steps that have been taken in.
    seen: usize,
    /// The losses of each configuration that have been taken in, and after how many of them it was tested last.
    losses: HashMap<u64, (Vec<f64>, usize)>,
    /// The best configuration on the first n + 1 replicates, by n.
    best: Vec<(Ranked, u64)>,
}

impl OpenRacing {
    /// Starts a race.
    pub(super) fn new(replicates: u64, first: u64, level: f64, lag: u64) -> Self {
        Self {
            lag: lag.max(1),
            replicates,
            first,
            level,
            ended: false,
            left: Vec::new(),
            taken_turn: Vec::new(),
            next: 0,
            turn: 0,
            steps: Vec::new(),
            complete: 0,
            seen: 0,
            losses: HashMap::new(),
            best: Vec::new(),
        }
    }

    /// Takes in the losses of the first `until` steps.
    fn take_in(&mut self, until: usize) {
        while self.seen < until {
            let Some((config_id, Some(new))) = self.steps.get_mut(self.seen) else { return };
            let (losses, _) = self.losses.entry(*config_id).or_default();
            for loss in std::mem::take(new) {
                losses.push(loss);
                let mean = mean(losses.iter().copied()).unwrap_or(f64::INFINITY);
                let one = (Ranked::new(mean), *config_id);
                match self.best.get_mut(losses.len() - 1) {
                    Some(best) => *best = one.min(*best),
                    None => self.best.push(one),
                }
            }
            self.seen += 1;
        }
    }

    /// Returns why a configuration stops, if it does.
    fn stops(&mut self, config_id: u64) -> Option<String> {
        let (losses, tested) = self.losses.get(&config_id)?;
        let count = losses.len();
        if (count as u64) < self.first || count == *tested {
            return None;
        }
        let (_, best) = *self.best.get(count - 1)?;
        let others = self.losses.get(&best).map(|(losses, _)| &losses[..count]).filter(|_| best != config_id);
        let why = others.and_then(|others| worse(losses, others, best, self.level));
        self.losses.entry(config_id).and_modify(|(_, tested)| *tested = count);
        let only = if count as u64 == self.turn { String::new() } else { format!(", by the first {count}") };
        why.map(|why| format!("stopped after {} of {} replicates{only}: {why}", self.turn, self.replicates))
    }
}

impl OpenRace for OpenRacing {
    fn enter(&mut self, config_id: u64) {
        self.left.push(config_id);
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn note(&mut self, step: &Step, outcomes: &Outcomes) {
        let config_id = step.config_id;
        let loss = |replicate| outcomes.loss(Job { config_id, replicate, rung: 0 });
        if let Some((_, losses)) = self.steps.get_mut(step.place as usize) {
            *losses = step.replicates.clone().map(loss).collect();
        }
        while self.steps.get(self.complete).is_some_and(|(_, losses)| losses.is_some()) {
            self.complete += 1;
        }
    }

    fn decide(&mut self) -> Decided {
        let mut decided = Decided::default();
        while self.turn < self.replicates {
            let seen = (self.steps.len() as u64 + 1).saturating_sub(self.lag);
            if seen > self.complete as u64 {
                break;
            }
            let Some(&config_id) = self.left.get(self.next) else {
                if !self.ended {
                    break; // the first turn goes on
                }
                self.turn = if self.turn == 0 { self.first } else { self.turn + 1 };
                (self.left, self.next) = (std::mem::take(&mut self.taken_turn), 0);
                continue;
            };
            self.next += 1;
            self.take_in(seen as usize);
            if let Some(reason) = self.stops(config_id) {
                decided.stopped.push(Stopped { config_id, reason });
                continue;
            }
            let replicates = if self.turn == 0 { 0..self.first } else { self.turn..self.turn + 1 };
            let place = self.steps.len() as u64;
            self.steps.push((config_id, None));
            self.taken_turn.push(config_id);
            decided.due.push(Step { config_id, replicates, rung: 0, place });
        }
        decided
    }
}
