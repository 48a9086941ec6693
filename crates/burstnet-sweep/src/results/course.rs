//! The progress of a search in rounds, reconstructed from the outcomes of its trials alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::objective::{Direction, Goal};
use crate::plan::configurations::Configurations;
use crate::plan::{Plan, ResolvedPlan};
use crate::results::record::{Status, TrialRecord};
use crate::search::samplers::{Proposer, Told};
pub use crate::search::stopping::Job;
use crate::search::stopping::{Outcomes, Race, Stopped};

/// The progress of a search: the round whose trials run next, and the outcomes of all earlier rounds.
pub struct Course {
    /// The configurations that have been chosen.
    configurations: Arc<Configurations>,
    round: u64,
    jobs: Vec<Job>,
    /// For each job of the round, true if its outcome is known.
    known: Vec<bool>,
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
    /// The search of a sampler that learns.
    proposer: Option<Box<dyn Proposer>>,
    /// The number of configurations whose outcomes it has received.
    told: u64,
}

impl Course {
    /// Returns the course of a plan before its first trial.
    pub fn start(plan: &Arc<ResolvedPlan>) -> Self {
        let learns = plan.strategy.learns() && plan.stopping.is_none();
        let sampler = plan.strategy.sampler().filter(|_| learns);
        let mut course = Self {
            configurations: Arc::new(Configurations::new(Arc::clone(plan))),
            round: 0,
            jobs: Vec::new(),
            known: Vec::new(),
            missing: 0,
            finished: false,
            outcomes: Outcomes::default(),
            stopped: BTreeMap::new(),
            decided: Vec::new(),
            rungs: plan.rungs(),
            chosen: 0,
            proposer: sampler.map(|sampler| sampler.start(&plan.problem())),
            told: 0,
        };
        if course.rungs.is_empty() {
            course.rungs.push(1); // not divided
        }
        course.begin_round();
        course
    }

    /// Returns the configurations of the search, as far as they have been chosen.
    pub fn configurations(&self) -> &Arc<Configurations> {
        &self.configurations
    }

    fn plan(&self) -> &ResolvedPlan {
        &self.configurations
    }

    /// Returns the number of the round, from 0.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// Returns the jobs of this round, in running order.
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

    /// Returns whether all rounds are complete.
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

    /// Notes the outcome of job `at` of this round.
    pub fn note(&mut self, at: usize, record: &TrialRecord) {
        let losses = losses(self.plan(), record);
        self.note_losses(at, losses);
    }

    /// Notes the losses of job `at` of this round, one per objective: values to be minimised; `None` if it failed.
    pub(crate) fn note_losses(&mut self, at: usize, losses: Vec<Option<f64>>) {
        let Some(&job) = self.jobs.get(at) else { return };
        self.outcomes.note(job, losses);
        if !std::mem::replace(&mut self.known[at], true) {
            self.missing -= 1;
        }
    }

    /// Goes on to the next round, if all outcomes of this one are known.
    pub fn advance(&mut self) {
        if self.missing > 0 || self.finished {
            return;
        }
        self.round += 1;
        self.begin_round();
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
        self.tell();
        let plan = Arc::clone(self.configurations.plan());
        let (included, all) = (plan.included().len() as u64, self.configurations.configurations());
        let first = self.chosen;
        let size = plan.problem().round.min(all - first);
        if first < included {
            self.chosen = included;
        } else if let Some(proposer) = self.proposer.as_mut().filter(|_| size > 0) {
            let space = plan.resolved_space();
            let look = |point: &[f64]| {
                let values = plan.values_at(point);
                space.allows(&values).unwrap_or(false).then(|| space.active(&values))
            };
            let mut points = proposer.ask(size, &look);
            points.truncate(size as usize);
            self.chosen += points.len() as u64;
            Arc::make_mut(&mut self.configurations).propose(points); // where it lies, if nobody else holds it
        }
        let copies = self.configurations.copies();
        let new: Vec<u64> = (first..self.chosen).filter(|config_id| !copies.contains(*config_id)).collect();
        let of = |replicate| new.iter().map(move |&config_id| Job { config_id, replicate, rung: 0 });
        (0..plan.replicates).flat_map(of).collect()
    }

    /// Reports the outcomes of the completed round to the sampler.
    fn tell(&mut self) {
        let Some(proposer) = &mut self.proposer else { return };
        let configurations = &self.configurations;
        let (space, replicates) = (configurations.resolved_space(), configurations.replicates);
        let told = |config_id: u64| {
            let first = configurations.copies().first(config_id);
            let losses = self.outcomes.means(first, 0, replicates).unwrap_or_default();
            let errors = self.outcomes.errors(first, 0, replicates);
            let values = configurations.values(config_id);
            let active = space.active(&values);
            let proposed = configurations.point(config_id).cloned();
            let included = proposed.is_none();
            let point = proposed.unwrap_or_else(|| space.point_of(&configurations.space, &values));
            let point = point.into_iter().zip(active).map(|(unit, active)| active.then_some(unit)).collect();
            Told { point, losses, errors, replicates, included }
        };
        let round: Vec<Told> = (self.told..self.chosen).map(told).collect();
        self.told = self.chosen;
        if !round.is_empty() {
            proposer.tell(&round);
        }
    }
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
