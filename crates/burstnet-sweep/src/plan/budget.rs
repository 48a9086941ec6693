//! The pace of a plan, and the budget of its trials, which a stopping rule divides.

use burstnet_core::config::{Configuration, Value};
use burstnet_core::text::count;

use crate::plan::{Plan, ResolvedPlan};
use crate::search::adaptive::{self, Level};
use crate::search::stopping::{Outcomes, Race, Rule};
use crate::search::strategy::Decider;

impl Plan {
    /// Returns whether later trials depend on the results of earlier ones.
    pub fn adapts(&self) -> bool {
        self.confirmation.is_none() && (self.decider().is_some() || self.strategy.learns())
    }

    /// Returns the rule that decides from the results of trials which others run; `None` if all run.
    pub(crate) fn decider(&self) -> Option<Decider<'_>> {
        let adaptive = || self.adaptive.as_ref().map(Decider::Adaptive);
        self.stopping.as_ref().map(Decider::Stopping).or_else(adaptive)
    }

    /// Returns the replicates of a configuration in words: their number, or the least and the largest.
    pub fn replicates_in_words(&self, one: &str, many: &str) -> String {
        match self.adaptive {
            Some(adaptive) => format!("{} to {} {many}", adaptive.from, self.replicates),
            None => count(self.replicates, one, many),
        }
    }

    /// Returns the levels of adaptive replicates for so many distinct configurations; `None` if all configurations have as
    /// many replicates.
    pub fn levels_of(&self, configurations: u64) -> Option<Vec<Level>> {
        self.adaptive.map(|adaptive| adaptive.levels(configurations, self.replicates))
    }

    /// Returns the number of trials that run of so many distinct configurations.
    pub(crate) fn runs_of(&self, configurations: u64) -> u64 {
        let levels = self.levels_of(configurations);
        levels.map_or(configurations * self.replicates, |levels| adaptive::trials(&levels))
    }

    /// Returns the number of replicates that all configurations have.
    pub fn least_replicates(&self) -> u64 {
        self.adaptive.map_or(self.replicates, |adaptive| adaptive.from.min(self.replicates))
    }

    /// Returns whether trials run in rounds, each of which depends on the results of the ones before.
    pub fn in_rounds(&self) -> bool {
        self.adapts() && self.strategy.lag.is_none()
    }

    /// Returns the lag of a search that adapts without rounds: what is decided at configuration k depends on the results
    /// of configurations 0 to k − lag.
    pub fn lag(&self) -> Option<u64> {
        self.strategy.lag.filter(|_| self.adapts())
    }

    /// Returns the length of a trial that is not stopped, or `None` if trials are not stopped between parts of it.
    pub fn budget(&self) -> Option<u64> {
        let key = self.stopping.as_ref()?.budget.as_ref()?;
        match self.base.get(key) {
            Value::Int(budget) => u64::try_from(*budget).ok(),
            _ => None,
        }
    }

    /// Gives a configuration a part of its budget. Does nothing if it gets all of it.
    pub fn give_budget(&self, configuration: &mut Configuration, budget: Option<u64>) {
        let key = self.stopping.as_ref().and_then(|stopping| stopping.budget.as_ref());
        if let Some((key, budget)) = key.zip(budget) {
            configuration.set(key, Value::Int(budget as i64));
        }
    }
}

impl ResolvedPlan {
    /// Returns the parts of the budget at which trials are looked at, in rising order. The last one is the whole
    /// budget. The list is empty if the budget is not divided.
    pub fn rungs(&self) -> Vec<u64> {
        if self.budget().is_none() {
            Vec::new()
        } else {
            self.of_race(|rule, race| rule.rungs(race)).unwrap_or_default()
        }
    }

    /// Returns the number of configurations that are proposed together, or that start together if a rule compares
    /// rounds. Returns `None` if neither is the case.
    pub fn round(&self) -> Option<u64> {
        if self.strategy.lag.is_some() {
            return None;
        }
        match self.strategy.learns() {
            true => Some(self.problem().round),
            false => self.strategy.round.filter(|_| self.stopping.is_some()),
        }
    }

    /// Returns the largest number of rounds in which the sweep runs.
    pub fn most_rounds(&self) -> u64 {
        if !self.in_rounds() {
            return 1;
        }
        self.of_race(|rule, race| rule.most_rounds(race)).unwrap_or_else(|| {
            let included = self.included().len() as u64;
            u64::from(included > 0) + (self.searched() - included).div_ceil(self.problem().round)
        })
    }

    /// Asks the stopping rule about a race that has not begun.
    fn of_race<T>(&self, ask: impl FnOnce(&dyn Rule, &Race<'_>) -> T) -> Option<T> {
        let decider = self.decider()?;
        let copies = self.own_copies();
        let race = Race {
            configurations: self.searched() - copies.len(),
            copies,
            replicates: self.replicates,
            round: self.strategy.round,
            budget: self.budget().unwrap_or(1),
            setting: &|name| decider.setting(name),
            outcomes: &Outcomes::default(),
            stopped: &[],
            last: &[],
        };
        Some(ask(decider.rule()?, &race))
    }
}
