//! How far a search is that goes by rounds, found again from the outcomes of its trials alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::copies::Copies;
use crate::objective::Direction;
use crate::plan::Plan;
use crate::record::{Status, TrialRecord};
use crate::samplers::{Point, Proposer, Told};
pub use crate::stopping::Job;
use crate::stopping::{Outcomes, Race, Stopped};

/// How far a search is: the round whose trials run next, and what all before have shown.
pub struct Course {
    round: u64,
    jobs: Vec<Job>,
    /// Of each job of the round, whether its outcome is known.
    known: Vec<bool>,
    missing: usize,
    finished: bool,
    outcomes: Outcomes,
    /// Of each configuration that was stopped, why.
    stopped: BTreeMap<u64, String>,
    /// The same, as the rule said it.
    decided: Vec<Stopped>,
    rungs: Vec<u64>,
    /// The configurations that have no jobs, since they are equal to others, as far as they have been chosen.
    copies: Arc<Copies>,
    /// How many configurations have been chosen.
    chosen: u64,
    /// The search of a sampler that learns.
    proposer: Option<Box<dyn Proposer>>,
    /// What it has proposed.
    points: Vec<Point>,
    /// How many configurations it has been told of.
    told: u64,
}

impl Course {
    /// The course of a plan of which nothing has run yet.
    pub fn start(plan: &Plan) -> Self {
        let mut course = Self {
            round: 0,
            jobs: Vec::new(),
            known: Vec::new(),
            missing: 0,
            finished: false,
            outcomes: Outcomes::default(),
            stopped: BTreeMap::new(),
            decided: Vec::new(),
            rungs: plan.rungs(),
            copies: Arc::default(),
            chosen: 0,
            proposer: plan
                .strategy
                .sampler()
                .filter(|_| plan.strategy.learns() && plan.stopping.is_none())
                .map(|sampler| sampler.start(&plan.prepared().problem(plan))),
            points: Vec::new(),
            told: 0,
        };
        if course.rungs.is_empty() {
            course.rungs.push(1); // not divided
        }
        plan.forget();
        course.begin_round(plan);
        course
    }

    /// The number of the round, from 0.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// What runs in this round, in the order in which it runs.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// How many of these have no outcome yet.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Whether the outcome of job `at` is known.
    pub fn is_known(&self, at: usize) -> bool {
        self.known[at]
    }

    /// Whether all rounds are complete.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The budget of a job; none where it is not divided.
    pub fn budget(&self, plan: &Plan, job: Job) -> Option<u64> {
        plan.budget().map(|whole| self.rungs.get(job.rung).copied().unwrap_or(whole))
    }

    /// The parts of the budget at which trials are looked at, rising.
    pub fn rungs(&self) -> &[u64] {
        &self.rungs
    }

    /// Why a configuration was stopped, if it was.
    pub fn stopped(&self, config_id: u64) -> Option<&str> {
        self.stopped.get(&config_id).map(String::as_str)
    }

    /// Whether a trial that has run to rung `rung` goes no further.
    pub fn is_over(&self, config_id: u64, rung: usize) -> bool {
        rung + 1 == self.rungs.len() || self.stopped.contains_key(&config_id)
    }

    /// The configurations that were stopped, by number, and why.
    pub fn all_stopped(&self) -> impl Iterator<Item = (u64, &str)> {
        self.stopped.iter().map(|(config_id, reason)| (*config_id, reason.as_str()))
    }

    /// Notes the outcome of job `at` of this round.
    pub fn note(&mut self, plan: &Plan, at: usize, record: &TrialRecord) {
        let Some(&job) = self.jobs.get(at) else { return };
        self.outcomes.note(job, losses(plan, record));
        if !std::mem::replace(&mut self.known[at], true) {
            self.missing -= 1;
        }
    }

    /// Goes on to the next round, if all of this one is known.
    pub fn advance(&mut self, plan: &Plan) {
        if self.missing > 0 || self.finished {
            return;
        }
        self.round += 1;
        self.begin_round(plan);
    }

    fn begin_round(&mut self, plan: &Plan) {
        let before = self.chosen;
        self.jobs = if plan.stopping.is_some() { self.decide(plan) } else { self.propose(plan) };
        // A round may have nothing to run, if all that was chosen is equal to what has run.
        self.finished = self.jobs.is_empty() && self.chosen == before;
        if self.finished && plan.stopping.is_none() && self.chosen < plan.configurations() {
            plan.end(self.chosen.max(1));
        }
        self.missing = self.jobs.len();
        self.known = vec![false; self.jobs.len()];
    }

    /// How many configurations have been chosen by a sampler that learns, copies among them.
    pub fn chosen(&self) -> u64 {
        self.chosen
    }

    /// What a stopping rule lets run next.
    fn decide(&mut self, plan: &Plan) -> Vec<Job> {
        let Some(stopping) = &plan.stopping else { return Vec::new() };
        let Some(rule) = stopping.rule() else { return Vec::new() };
        self.copies = plan.copies();
        let decision = rule.decide(&self.race(plan, &|name| stopping.setting(name)));
        self.stopped = decision.stopped.iter().map(|one| (one.config_id, one.reason.clone())).collect();
        self.decided = decision.stopped;
        decision.jobs
    }

    fn race<'a>(&'a self, plan: &Plan, setting: &'a dyn Fn(&str) -> f64) -> Race<'a> {
        Race {
            configurations: plan.configurations() - self.copies.len(),
            copies: &self.copies,
            replicates: plan.replicates,
            round: plan.strategy.round,
            budget: plan.budget().unwrap_or(1),
            setting,
            outcomes: &self.outcomes,
            stopped: &self.decided,
            last: &self.jobs,
        }
    }

    /// What a sampler that learns proposes next: the included configurations first, as a round of their own.
    fn propose(&mut self, plan: &Plan) -> Vec<Job> {
        let prepared = plan.prepared();
        let (included, all) = (prepared.included.len() as u64, plan.configurations());
        self.tell(plan);
        self.copies = Arc::default(); // it grows where it lies if nobody else holds it
        let first = self.chosen;
        let size = prepared.problem(plan).round.min(all - first);
        if first < included {
            self.chosen = included;
        } else if let Some(proposer) = self.proposer.as_mut().filter(|_| size > 0) {
            let look = |point: &[f64]| {
                let values = prepared.space.values(&plan.space, point);
                let allowed = prepared.space.allows(&values).unwrap_or(false);
                allowed.then(|| prepared.space.active(&values))
            };
            let mut points = proposer.ask(size, &look);
            points.truncate(size as usize);
            self.chosen += points.len() as u64;
            plan.learn(&points);
            self.points.extend(points);
        }
        self.copies = plan.copies();
        let new: Vec<u64> = (first..self.chosen).filter(|config_id| !self.copies.contains(*config_id)).collect();
        let of = |replicate| new.iter().map(move |&config_id| Job { config_id, replicate, rung: 0 });
        (0..plan.replicates).flat_map(of).collect()
    }

    /// Tells the sampler what the configurations of the completed round have shown.
    fn tell(&mut self, plan: &Plan) {
        let Some(proposer) = &mut self.proposer else { return };
        let prepared = plan.prepared();
        let included = prepared.included.len() as u64;
        let told = |config_id: u64| {
            let losses = self.outcomes.means(self.copies.first(config_id), 0, plan.replicates).unwrap_or_default();
            let values = plan.values(config_id);
            let active = prepared.space.active(&values);
            let point = match config_id.checked_sub(included) {
                Some(number) => self.points.get(number as usize).cloned().unwrap_or_default(),
                None => prepared.space.point_of(&plan.space, &values),
            };
            let point = point.into_iter().zip(active).map(|(unit, active)| active.then_some(unit)).collect();
            Told { point, losses, included: config_id < included }
        };
        let round: Vec<Told> = (self.told..self.chosen).map(told).collect();
        self.told = self.chosen;
        if !round.is_empty() {
            proposer.tell(&round);
        }
    }
}

/// What of a record is to be as small as possible, by objective.
fn losses(plan: &Plan, record: &TrialRecord) -> Vec<Option<f64>> {
    let ok = record.status == Status::Ok;
    let loss = |goal: &crate::objective::Goal| {
        let value = record.measure(&goal.measure).filter(|x| ok && x.is_finite())?;
        Some(match goal.direction {
            Direction::Minimize => value,
            Direction::Maximize => -value,
        })
    };
    plan.objectives().map(loss).collect()
}
