//! The race of a rule that stops trials, and the entrance to it.

use std::sync::Arc;

use super::Course;
use super::entrance::Entrance;
use super::levels::Levels;
use super::steps::Steps;
use crate::search::samplers::Sampler;
use crate::search::stopping::open::OpenRace;
use crate::search::stopping::{Job, Race};

impl Course {
    /// Returns the jobs that a rule lets run next.
    pub(super) fn decide(&mut self) -> Vec<Job> {
        let Some(decider) = self.plan().decider() else { return Vec::new() };
        let Some(rule) = decider.rule() else { return Vec::new() };
        let decision = rule.decide(&self.race(&|name| decider.setting(name)));
        self.stopped = decision.stopped.iter().map(|one| (one.config_id, one.reason.clone())).collect();
        self.decided = decision.stopped;
        decision.jobs
    }

    /// Starts the race of a rule without rounds. Configurations enter now, or as `sampler` proposes them.
    pub(super) fn begin_race(&mut self, lag: u64, sampler: Option<&dyn Sampler>) {
        let Some(mut race) = self.open_race(lag) else { return };
        let enough =
            |sampler: &dyn Sampler| Some(self.plan().problem().setting(sampler.info().enough.as_ref()?) as u64);
        match sampler.map(enough) {
            Some(enough) => {
                self.levels = Some(Levels::new(self.rungs.len(), enough.unwrap_or(1)));
                self.entrance = self.open_race(lag).map(|race| Entrance::new(race, lag));
            }
            None => {
                let copies = self.configurations.copies();
                (0..self.configurations.distinct()).for_each(|place| race.enter(copies.at(place)));
                race.end();
            }
        }
        self.steps = Some(Steps::new(race));
    }

    fn open_race(&self, lag: u64) -> Option<Box<dyn OpenRace>> {
        let stopping = self.plan().stopping.as_ref()?;
        stopping.rule()?.open(&self.race(&|name| stopping.setting(name)), lag)
    }

    fn race<'a>(&'a self, setting: &'a dyn Fn(&str) -> f64) -> Race<'a> {
        let plan = self.plan();
        Race {
            configurations: self.configurations.distinct(),
            copies: self.configurations.copies(),
            replicates: plan.replicates,
            round: plan.strategy.round,
            budget: plan.budget().unwrap_or(1),
            setting,
            outcomes: &self.outcomes,
            stopped: &self.decided,
            last: &self.jobs,
        }
    }

    /// Lets the next configuration that a sampler proposes enter the race, or ends the entrance. Returns whether it is
    /// time for that.
    pub(super) fn let_enter(&mut self) -> bool {
        let (Some(mut entrance), Some(steps)) = (self.entrance.take(), &mut self.steps) else { return false };
        let config_id = self.chosen;
        if config_id >= self.configurations.configurations() {
            steps.end();
            return true;
        }
        let Some(counted) = entrance.next(&self.outcomes) else {
            self.entrance = Some(entrance);
            return false;
        };
        self.learn(&counted);
        let is_named = config_id < self.plan().included().len() as u64;
        let is_there = is_named || self.ask(1) > 0;
        let Some(steps) = &mut self.steps else { return false };
        if !is_there {
            Arc::make_mut(&mut self.configurations).end(config_id.max(1));
            steps.end();
            return true;
        }
        self.chosen = config_id + 1;
        if !self.configurations.copies().contains(config_id) {
            entrance.enter(config_id);
            steps.enter(config_id);
        }
        self.entrance = Some(entrance);
        true
    }
}
