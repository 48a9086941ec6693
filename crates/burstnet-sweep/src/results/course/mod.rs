//! The progress of a search that adapts, reconstructed from the outcomes of its trials alone.
//!
//! A search goes by rounds, each of which depends on all results before it, or with a lag: then every configuration
//! depends on the results of those that are at least so many places before it.

mod entrance;
mod feed;
mod learner;
mod levels;
mod race;
mod steps;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::objective::{Direction, Goal};
use crate::plan::configurations::Configurations;
use crate::plan::{Plan, ResolvedPlan};
use crate::results::record::{Status, TrialRecord};
use crate::search::samplers::Point;
pub use crate::search::stopping::Job;
use crate::search::stopping::{Outcomes, Stopped};

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
            outcomes: Outcomes::bounded(&plan.subject_to),
            stopped: BTreeMap::new(),
            decided: Vec::new(),
            rungs: plan.rungs(),
            chosen: 0,
            learner: sampler.map(|sampler| feed::learner(plan, sampler, points)),
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

    /// Notes the outcome of job `at`: the losses, one per objective, and the values of measures with bounds; `None` if it
    /// failed.
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
        let stops = self.plan().decider().is_some();
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

    /// Returns the number of configurations that a sampler that learns has chosen, including copies.
    pub fn chosen(&self) -> u64 {
        self.chosen
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
}

/// Returns the outcome of a record: the values to be minimised, by objective, and those of the measures with bounds.
fn losses(plan: &Plan, record: &TrialRecord) -> Vec<Option<f64>> {
    let ok = record.status == Status::Ok;
    let value = |measure: &str| record.measure(measure).filter(|x| ok && x.is_finite());
    let losses = plan.objectives().map(|goal| loss(goal, value(&goal.measure)));
    losses.chain(plan.subject_to.iter().map(|bound| value(&bound.measure))).collect()
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
