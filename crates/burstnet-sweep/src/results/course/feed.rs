//! The way from the outcomes of a search to its sampler, and from there to further configurations.

use std::collections::HashMap;
use std::sync::Arc;

use burstnet_core::config::Value;

use super::learner::Learner;
use super::{Course, loss};
use crate::plan::configurations::Configurations;
use crate::plan::earlier::EarlierResult;
use crate::plan::{Dimension, ResolvedPlan};
use crate::results::record::Proposal;
use crate::search::bounds::{Bound, violation};
use crate::search::samplers::{MeanAndError, Point, Sampler, Told};
use crate::search::stopping::Outcomes;
use crate::search::stopping::open::Step;

impl Course {
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

    /// Reports results that count from now on to the sampler, as far as it learns from their rung.
    pub(super) fn learn(&mut self, counted: &[Step]) {
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

    /// Asks the sampler for up to `size` points, and returns how many it proposed.
    pub(super) fn ask(&mut self, size: u64) -> u64 {
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
    pub(super) fn tell(&mut self, until: u64) {
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

/// Returns a learner that has been told nothing but which configurations are included, with points that records hold.
pub(super) fn learner(plan: &Arc<ResolvedPlan>, sampler: &'static dyn Sampler, points: HashMap<u64, Point>) -> Learner {
    let mut learner = Learner::new(plan, sampler);
    learner.learn(earlier(plan));
    learner.include(plan.included().iter().map(|values| observed(plan, values, None)).collect());
    learner.know(points);
    learner
}

/// Returns what a sampler is told of a configuration: its outcomes at a rung, over so many replicates.
fn told(configurations: &Configurations, outcomes: &Outcomes, config_id: u64, rung: usize, replicates: u64) -> Told {
    let first = configurations.copies().first(config_id);
    let objectives = configurations.objectives().count();
    let mut losses = outcomes.means(first, rung, replicates).unwrap_or_default();
    let mut errors = outcomes.errors(first, rung, replicates);
    let means = losses.split_off(objectives.min(losses.len()));
    let their_errors = errors.split_off(objectives.min(errors.len()));
    let (violation, beyond) = beyond(configurations, &means, &their_errors);
    let proposed = configurations.point(config_id);
    let point = observed(configurations, &configurations.values(config_id), proposed);
    Told { point, losses, errors, violation, beyond, replicates, included: proposed.is_none() }
}

/// Returns what a sampler is told of the earlier results in a plan.
fn earlier(plan: &ResolvedPlan) -> Vec<Told> {
    let objectives = plan.objectives().count();
    let told = |one: &EarlierResult| {
        let value = |(value, dimension): (&Value, &Dimension)| {
            Some(value.clone()).filter(|value| *value != Value::Null || dimension.when.is_empty())
        };
        let values: Vec<Option<Value>> = one.values.iter().zip(&plan.space).map(value).collect();
        let bounded = |values: &[Option<f64>]| values.get(objectives..).unwrap_or_default().to_vec();
        let (violation, beyond) = beyond(plan, &bounded(&one.means), &bounded(&one.errors));
        Told {
            point: observed(plan, &values, None),
            losses: plan.objectives().zip(&one.means).map(|(goal, mean)| loss(goal, *mean)).collect(),
            errors: one.errors.iter().take(objectives).copied().collect(),
            violation,
            beyond,
            replicates: one.replicates,
            included: true,
        }
    };
    plan.learn_from.iter().flat_map(|source| &source.results).map(told).collect()
}

/// Returns the violation of the bounds on measures by means of these, and how far each mean is beyond, with its error.
fn beyond(plan: &ResolvedPlan, means: &[Option<f64>], errors: &[Option<f64>]) -> (f64, Vec<MeanAndError>) {
    let bounds = &plan.subject_to;
    let held = |values: &[Option<f64>], at: usize| values.get(at).copied().flatten();
    let of = |(at, bound): (usize, &Bound)| (held(means, at).map(|mean| bound.beyond(mean)), held(errors, at));
    (violation(bounds, (0..).map(|at| held(means, at))), bounds.iter().enumerate().map(of).collect())
}

/// Returns the coordinates of a configuration with these values, where it has any: those of the point that was proposed
/// for it, if one was.
fn observed(plan: &ResolvedPlan, values: &[Option<Value>], proposed: Option<&Point>) -> Vec<Option<f64>> {
    let space = plan.resolved_space();
    let point = proposed.cloned().unwrap_or_else(|| space.point_of(&plan.space, values));
    point.into_iter().zip(space.active(values)).map(|(unit, active)| active.then_some(unit)).collect()
}
