//! The progress of a search that adapts, reconstructed from the outcomes of its trials alone.
//!
//! A search goes by rounds, each of which depends on all results before it, or with a lag: then every configuration
//! depends on the results of those that are at least so many places before it.

mod entrance;
mod learner;
mod levels;
mod steps;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use burstnet_core::config::Value;

use crate::objective::{Direction, Goal};
use crate::plan::configurations::Configurations;
use crate::plan::{Plan, ResolvedPlan};
use crate::results::record::{Proposal, Status, TrialRecord};
use crate::search::samplers::{Point, Sampler, Told};
pub use crate::search::stopping::Job;
use crate::search::stopping::open::{OpenRace, Step};
use crate::search::stopping::{Outcomes, Race, Stopped};

use entrance::Entrance;
use learner::Learner;
use levels::Levels;
use steps::Steps;
use window::Window;

/// The progress of a search: the jobs that are due, and the outcomes that are known.
pub struct Course {
    /// The configurations that have been chosen.
    configurations: Arc<Configurations>,
    round: u64,
    /// The jobs of this round, or without rounds all jobs so far.
    jobs: Vec<Job>,
    /// For each of these jobs, true if its outcome is known.
    known: Vec<bool>,
    /// The number of these jobs that [`Course::take_new`] has handed out.
    taken: usize,
    missing: usize,
    finished: bool,
    outcomes: Outcomes,
    /// The configurations that were stopped, and the reasons.
    stopped: BTreeMap<u64, String>,
    /// The same, as the rule reported it.
    decided: Vec<Stopped>,
    rungs: Vec<u64>,
    /// The number of configurations that have been chosen.
    chosen: u64,
    /// The sampler that learns.
    learner: Option<Learner>,
    /// The bases of its proposals, in their order.
    bases: Vec<u64>,
    /// The number of configurations whose outcomes it has received.
    told: u64,
    /// The window of a sampler that learns without rounds.
    window: Option<Window>,
    /// The steps of a rule that stops configurations without rounds.
    steps: Option<Steps>,
    /// The entrance to that race, while a sampler that learns proposes the configurations for it.
    entrance: Option<Entrance>,
    /// The results from which that sampler learns.
    levels: Option<Levels>,
}

impl Course {
    /// Returns the course of a plan before its first trial.
    pub fn start(plan: &Arc<ResolvedPlan>) -> Self {
        Self::resume(plan, HashMap::new())
    }

    /// Does the same as [`Course::start`], with points that records hold, by basis. They need not be proposed again.
    pub(crate) fn resume(plan: &Arc<ResolvedPlan>, points: HashMap<u64, Point>) -> Self {
        let learns = plan.strategy.learns();
        let sampler = plan.strategy.sampler().filter(|_| learns);
        let mut course = Self {
            configurations: Arc::new(Configurations::new(Arc::clone(plan))),
            round: 0,
            jobs: Vec::new(),
            known: Vec::new(),
            taken: 0,
            missing: 0,
            finished: false,
            outcomes: Outcomes::default(),
            stopped: BTreeMap::new(),
            decided: Vec::new(),
            rungs: plan.rungs(),
            chosen: 0,
            learner: sampler.map(|sampler| Learner::new(plan, sampler)),
            bases: Vec::new(),
            told: 0,
            window: plan.lag().filter(|_| plan.stopping.is_none()).map(Window::new),
            steps: None,
            entrance: None,
            levels: None,
        };
        if course.rungs.is_empty() {
            course.rungs.push(1); // not divided
        }
        if let Some(learner) = &mut course.learner {
            let point = |values: &Vec<_>| observed(plan, values, None);
            learner.include(plan.included().iter().map(point).collect());
            learner.know(points);
        }
        if let Some(lag) = plan.lag() {
            course.begin_race(lag, sampler);
        }
        if course.goes_by_rounds() {
            course.begin_round();
        } else {
            course.extend();
        }
        course
    }

    /// Returns the configurations of the search, as far as they have been chosen.
    pub fn configurations(&self) -> &Arc<Configurations> {
        &self.configurations
    }

    fn plan(&self) -> &ResolvedPlan {
        &self.configurations
    }

    fn goes_by_rounds(&self) -> bool {
        self.window.is_none() && self.steps.is_none()
    }

    /// Returns the number of the round, from 0.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// Returns the jobs of this round in running order, or without rounds all jobs so far.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Returns the number of these that have no outcome yet.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Returns whether the outcome of job `at` is known.
    pub fn is_known(&self, at: usize) -> bool {
        self.known[at]
    }

    /// Returns the numbers of the jobs that were added since the last call.
    pub fn take_new(&mut self) -> std::ops::Range<usize> {
        let from = std::mem::replace(&mut self.taken, self.jobs.len());
        from..self.jobs.len()
    }

    /// Returns the lag of a search without rounds.
    pub fn lag(&self) -> Option<u64> {
        self.plan().lag()
    }

    /// Returns the first configuration of which an outcome is missing, in a search without rounds.
    pub fn first_missing(&self) -> Option<u64> {
        let waits = self.window.as_ref().filter(|window| !window.is_complete()).map(Window::complete);
        waits.or_else(|| self.steps.as_ref()?.first_incomplete())
    }

    /// Returns a number by which shards divide the jobs of a search without rounds. A trial that goes on stays with its
    /// shard, which may have its state.
    pub fn share(&self, at: usize) -> u64 {
        self.jobs.get(at).map_or(0, |job| self.share_of(job.config_id * self.plan().replicates + job.replicate))
    }

    /// Returns this number of the jobs of a trial.
    pub(crate) fn share_of(&self, trial_id: u64) -> u64 {
        let replicates = self.plan().replicates;
        self.configurations.copies().place(trial_id / replicates) * replicates + trial_id % replicates
    }

    /// Returns whether a search without rounds may have further jobs than those so far.
    pub fn may_add(&self) -> bool {
        match &self.window {
            Some(window) => !window.has_ended() && self.chosen < self.configurations.configurations(),
            None => !self.finished,
        }
    }

    /// Returns whether the search is over.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Returns the budget of a job; `None` if budgets are not divided.
    pub fn budget(&self, job: Job) -> Option<u64> {
        self.plan().budget().map(|whole| self.rungs.get(job.rung).copied().unwrap_or(whole))
    }

    /// Returns the parts of the budget at which trials are assessed, in rising order.
    pub fn rungs(&self) -> &[u64] {
        &self.rungs
    }

    /// Returns the reason why a configuration was stopped, if it was.
    pub fn stopped(&self, config_id: u64) -> Option<&str> {
        self.stopped.get(&config_id).map(String::as_str)
    }

    /// Returns whether a trial that has reached rung `rung` goes no further.
    pub fn is_over(&self, config_id: u64, rung: usize) -> bool {
        rung + 1 == self.rungs.len() || self.stopped.contains_key(&config_id)
    }

    /// Returns the numbers of the stopped configurations, with the reasons.
    pub fn all_stopped(&self) -> impl Iterator<Item = (u64, &str)> {
        self.stopped.iter().map(|(config_id, reason)| (*config_id, reason.as_str()))
    }

    /// Returns the trials that go no further: those that ran and those that a rule stopped before.
    pub(crate) fn over(&self) -> BTreeSet<u64> {
        let replicates = self.plan().replicates;
        let known = self.jobs.iter().zip(&self.known).filter(|(_, known)| **known).map(|(job, _)| job);
        let ran = known.filter(|job| self.is_over(job.config_id, job.rung));
        let stopped =
            self.stopped.keys().flat_map(|config_id| (0..replicates).map(move |at| config_id * replicates + at));
        ran.map(|job| job.config_id * replicates + job.replicate).chain(stopped).collect()
    }

    /// Notes the outcome of job `at`.
    pub fn note(&mut self, at: usize, record: &TrialRecord) {
        let losses = losses(self.plan(), record);
        self.note_losses(at, losses);
    }

    /// Notes the losses of job `at`, one per objective: values to be minimised; `None` if it failed.
    pub(crate) fn note_losses(&mut self, at: usize, losses: Vec<Option<f64>>) {
        let Some(&job) = self.jobs.get(at) else { return };
        self.outcomes.note(job, losses);
        if !std::mem::replace(&mut self.known[at], true) {
            self.missing -= 1;
            if let Some(window) = &mut self.window {
                window.note(job.config_id);
            }
            if let Some(steps) = &mut self.steps {
                steps.note(at, &self.outcomes);
            }
        }
    }

    /// Goes on to the next round if all outcomes of this one are known, or without rounds adds the jobs that are due.
    /// Returns whether there was anything to go on with.
    pub fn advance(&mut self) -> bool {
        if self.finished {
            return false;
        }
        if !self.goes_by_rounds() {
            let before = self.jobs.len();
            self.extend();
            return self.jobs.len() > before;
        }
        if self.missing > 0 {
            return false;
        }
        self.round += 1;
        self.begin_round();
        true
    }

    /// Adds the jobs that are due.
    fn extend(&mut self) {
        if self.steps.is_none() {
            return self.choose();
        }
        loop {
            let Some(steps) = &mut self.steps else { return };
            let (jobs, stopped) = steps.decide();
            let is_over = jobs.is_empty() && steps.is_complete();
            self.stopped.extend(stopped.into_iter().map(|one| (one.config_id, one.reason)));
            self.add(jobs);
            if !self.let_enter() {
                self.finished = is_over && self.entrance.is_none();
                return;
            }
        }
    }

    /// Lets the next configuration that a sampler proposes enter the race, or ends the entrance. Returns whether it is
    /// time for that.
    fn let_enter(&mut self) -> bool {
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

    /// Reports results that count from now on to the sampler, as far as it learns from their rung.
    fn learn(&mut self, counted: &[Step]) {
        let news = self.levels.as_mut().and_then(|levels| levels.add(counted));
        let (Some(news), Some(learner)) = (news, &mut self.learner) else { return };
        if news.is_other {
            learner.forget();
        }
        for (config_id, replicates) in news.results {
            let told = told(&self.configurations, &self.outcomes, config_id, news.rung, replicates);
            learner.tell_of(config_id as usize, told);
        }
    }

    fn add(&mut self, jobs: impl IntoIterator<Item = Job>) {
        let before = self.jobs.len();
        self.jobs.extend(jobs);
        self.missing += self.jobs.len() - before;
        self.known.resize(self.jobs.len(), false);
    }

    /// Chooses the configurations whose turn it is.
    fn choose(&mut self) {
        let plan = Arc::clone(self.configurations.plan());
        let Some(window) = &mut self.window else { return };
        let mut window = std::mem::replace(window, Window::new(1));
        while let Some(seen) = window.next_depends_on() {
            if self.chosen >= self.configurations.configurations() {
                window.end();
                break;
            }
            self.tell(seen);
            let config_id = self.chosen;
            if config_id >= plan.included().len() as u64 && self.ask(1) == 0 {
                Arc::make_mut(&mut self.configurations).end(config_id.max(1));
                window.end();
                break;
            }
            self.chosen = config_id + 1;
            let replicates = if self.configurations.copies().contains(config_id) { 0 } else { plan.replicates };
            self.add((0..replicates).map(|replicate| Job { config_id, replicate, rung: 0 }));
            window.add(replicates);
        }
        self.finished = window.is_over();
        self.window = Some(window);
    }

    fn begin_round(&mut self) {
        let before = self.chosen;
        let stops = self.plan().stopping.is_some();
        self.jobs = if stops { self.decide() } else { self.propose() };
        // A round may have nothing to run, if all that was chosen is equal to what has run.
        self.finished = self.jobs.is_empty() && self.chosen == before;
        if self.finished && !stops && self.chosen < self.configurations.configurations() {
            Arc::make_mut(&mut self.configurations).end(self.chosen.max(1));
        }
        self.missing = self.jobs.len();
        self.known = vec![false; self.jobs.len()];
        self.taken = 0;
    }

    /// Adds points that records hold, by basis.
    pub(crate) fn know(&mut self, points: HashMap<u64, Point>) {
        if let Some(learner) = &mut self.learner {
            learner.know(points);
        }
    }

    /// Returns how often the sampler was asked for points that no record holds.
    pub fn asked(&self) -> u64 {
        self.learner.as_ref().map_or(0, Learner::asked)
    }

    /// Returns the proposals that records of a configuration hold: its own, and those of the copies just before it, which
    /// have no records.
    pub(crate) fn proposals(&self, config_id: u64) -> Vec<Proposal> {
        let copies = self.configurations.copies();
        let included = self.plan().included().len() as u64;
        let before = (included..config_id).rev().take_while(|config_id| copies.contains(*config_id)).count() as u64;
        let proposal = |config_id: u64| {
            let basis = *self.bases.get(config_id.checked_sub(included)? as usize)?;
            Some(Proposal { basis, point: self.configurations.point(config_id)?.clone() })
        };
        (config_id - before..=config_id).filter_map(proposal).collect()
    }

    /// Returns the number of configurations that a sampler that learns has chosen, including copies.
    pub fn chosen(&self) -> u64 {
        self.chosen
    }

    /// Returns the jobs that a stopping rule lets run next.
    fn decide(&mut self) -> Vec<Job> {
        let Some(stopping) = &self.plan().stopping else { return Vec::new() };
        let Some(rule) = stopping.rule() else { return Vec::new() };
        let decision = rule.decide(&self.race(&|name| stopping.setting(name)));
        self.stopped = decision.stopped.iter().map(|one| (one.config_id, one.reason.clone())).collect();
        self.decided = decision.stopped;
        decision.jobs
    }

    /// Starts the race of a rule without rounds. Configurations enter now, or as `sampler` proposes them.
    fn begin_race(&mut self, lag: u64, sampler: Option<&dyn Sampler>) {
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

    /// Returns the jobs that a sampler that learns proposes next. The included configurations come first, as a separate
    /// round.
    fn propose(&mut self) -> Vec<Job> {
        self.tell(self.chosen);
        let plan = Arc::clone(self.configurations.plan());
        let (included, all) = (plan.included().len() as u64, self.configurations.configurations());
        let first = self.chosen;
        let size = plan.problem().round.min(all - first);
        if first < included {
            self.chosen = included;
        } else {
            self.chosen += self.ask(size);
        }
        let copies = self.configurations.copies();
        let new: Vec<u64> = (first..self.chosen).filter(|config_id| !copies.contains(*config_id)).collect();
        let of = |replicate| new.iter().map(move |&config_id| Job { config_id, replicate, rung: 0 });
        (0..plan.replicates).flat_map(of).collect()
    }

    /// Asks the sampler for up to `size` points, and returns how many it proposed.
    fn ask(&mut self, size: u64) -> u64 {
        let plan = Arc::clone(self.configurations.plan());
        let Some(learner) = self.learner.as_mut().filter(|_| size > 0) else { return 0 };
        let space = plan.resolved_space();
        let look = |point: &[f64]| {
            let values = plan.values_at(point);
            space.allows(&values).unwrap_or(false).then(|| space.active(&values))
        };
        let proposals = learner.propose(self.bases.len() as u64, size, &look);
        let found = proposals.len() as u64;
        self.bases.extend(proposals.iter().map(|one| one.basis));
        let points = proposals.into_iter().map(|one| one.point).collect();
        Arc::make_mut(&mut self.configurations).propose(points); // where it lies, if nobody else holds it
        found
    }

    /// Reports the outcomes of the configurations before `until` to the sampler, as far as it has not received them.
    fn tell(&mut self, until: u64) {
        let Some(learner) = &mut self.learner else { return };
        let (configurations, replicates) = (&self.configurations, self.configurations.replicates);
        let told = |config_id: u64| told(configurations, &self.outcomes, config_id, 0, replicates);
        let new: Vec<Told> = (self.told..until).map(told).collect();
        self.told = self.told.max(until);
        if !new.is_empty() {
            learner.tell(new);
        }
    }
}

/// Returns what a sampler is told of a configuration: its outcomes at a rung, over so many replicates.
fn told(configurations: &Configurations, outcomes: &Outcomes, config_id: u64, rung: usize, replicates: u64) -> Told {
    let first = configurations.copies().first(config_id);
    let losses = outcomes.means(first, rung, replicates).unwrap_or_default();
    let errors = outcomes.errors(first, rung, replicates);
    let proposed = configurations.point(config_id);
    let point = observed(configurations, &configurations.values(config_id), proposed);
    Told { point, losses, errors, replicates, included: proposed.is_none() }
}

/// Returns the coordinates of a configuration with these values, where it has any: those of the point that was proposed
/// for it, if one was.
fn observed(plan: &ResolvedPlan, values: &[Option<Value>], proposed: Option<&Point>) -> Vec<Option<f64>> {
    let space = plan.resolved_space();
    let point = proposed.cloned().unwrap_or_else(|| space.point_of(&plan.space, values));
    point.into_iter().zip(space.active(values)).map(|(unit, active)| active.then_some(unit)).collect()
}

/// Returns the losses of a record, by objective: the values to be minimised.
fn losses(plan: &Plan, record: &TrialRecord) -> Vec<Option<f64>> {
    let ok = record.status == Status::Ok;
    plan.objectives().map(|goal| loss(goal, record.measure(&goal.measure).filter(|_| ok))).collect()
}

/// Returns the loss of a value of an objective: the value to be minimised.
pub(crate) fn loss(goal: &Goal, value: Option<f64>) -> Option<f64> {
    let value = value.filter(|x| x.is_finite())?;
    Some(match goal.direction {
        Direction::Minimize => value,
        Direction::Maximize => -value,
    })
}

#[cfg(test)]
mod tests;
