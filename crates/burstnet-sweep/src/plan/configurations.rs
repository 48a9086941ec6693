//! The configurations of a plan and its trials, as far as they are known.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::{Configuration, Value};

use crate::plan::content::{ContentKeys, SweptHash};
use crate::plan::copies::{self, Copies, MOST_COMPARED};
use crate::plan::{Confirmation, Plan, ResolvedPlan};
use crate::search::samplers::Point;

/// What a sampler that learns has proposed so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposals {
    /// Its points, in the order in which it proposed them.
    pub points: Vec<Point>,
    /// With how many configurations the search ended; `None` if it did not end before there were as many as asked for.
    pub ended: Option<u64>,
}

/// The configurations of a plan, and those that its sampler has proposed where it learns. A course extends it round by
/// round; whatever it has handed out stays as it was.
#[derive(Clone, Debug)]
pub struct Configurations {
    plan: Arc<ResolvedPlan>,
    proposals: Proposals,
    /// Of a plan whose sampler proposes: the configurations so far that are no copies, and those that are.
    first_of: HashMap<SweptHash, u64>,
    copies: Copies,
}

impl Deref for Configurations {
    type Target = ResolvedPlan;

    fn deref(&self) -> &ResolvedPlan {
        &self.plan
    }
}

impl From<ResolvedPlan> for Configurations {
    fn from(plan: ResolvedPlan) -> Self {
        Self::new(Arc::new(plan))
    }
}

impl Configurations {
    /// The configurations of `plan` before its sampler has proposed any.
    pub fn new(plan: Arc<ResolvedPlan>) -> Self {
        let mut configurations =
            Self { plan, proposals: Proposals::default(), first_of: HashMap::new(), copies: Copies::default() };
        if !configurations.plan.says_all() {
            let keys = ContentKeys::new(&configurations.plan);
            let hashes: Vec<_> = configurations.plan.included().iter().map(|values| keys.swept(values)).collect();
            hashes.into_iter().for_each(|hash| configurations.compare(hash));
        }
        configurations
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<ResolvedPlan> {
        &self.plan
    }

    /// What a sampler that learns has proposed.
    pub fn proposals(&self) -> &Proposals {
        &self.proposals
    }

    /// Adds what the sampler proposes.
    pub(crate) fn propose(&mut self, points: Vec<Point>) {
        let keys = ContentKeys::new(&self.plan);
        let hashes: Vec<_> = points.iter().map(|point| keys.swept(&self.plan.values_at(point))).collect();
        hashes.into_iter().for_each(|hash| self.compare(hash));
        self.proposals.points.extend(points);
    }

    /// Notes that the search has ended with so many configurations, since its sampler has no other to propose.
    pub(crate) fn end(&mut self, configurations: u64) {
        self.proposals.ended = Some(configurations);
    }

    /// Compares the next configuration with those before it.
    fn compare(&mut self, hash: SweptHash) {
        let config_id = self.first_of.len() as u64 + self.copies.len();
        let first = *self.first_of.entry(hash).or_insert(config_id);
        if first != config_id {
            self.copies.push(config_id, first);
        }
    }

    /// Number of configurations.
    pub fn configurations(&self) -> u64 {
        let asked = self.plan.most_configurations();
        self.proposals.ended.map_or(asked, |ended| ended.min(asked))
    }

    /// Number of trials.
    pub fn trials(&self) -> u64 {
        self.configurations() * self.plan.replicates
    }

    /// Why a search has fewer configurations than were asked for; `None` if it has not, or not yet.
    pub fn ended(&self) -> Option<String> {
        let (found, asked) = (self.proposals.ended?, self.plan.most_configurations());
        let name = &self.plan.strategy.name;
        (found < asked).then(|| {
            format!(
                "the search ended with {found} of {asked} configurations: {name} proposes each once, and found no other"
            )
        })
    }

    /// The configurations that are copies of an earlier one; of a sampler that learns, among those that it has proposed.
    pub fn copies(&self) -> &Copies {
        if self.plan.says_all() { self.plan.copies() } else { &self.copies }
    }

    /// Number of configurations that are no copies of an earlier one, as far as that is known.
    pub fn distinct(&self) -> u64 {
        self.configurations() - self.copies().len()
    }

    /// Returns whether it is known which configurations are equal: not before all are, nor of too many to be compared.
    pub fn is_compared(&self) -> bool {
        self.plan.says_all() && (self.configurations() <= MOST_COMPARED || !copies::may_repeat(&self.plan))
    }

    /// Number of trials that run: those of the configurations that are no copies.
    pub fn runs(&self) -> u64 {
        self.distinct() * self.plan.replicates
    }

    /// The trial whose record is that of trial `id`: of the first configuration that is equal to its own, with the same
    /// replicate.
    pub fn first(&self, id: u64) -> u64 {
        let replicates = self.plan.replicates;
        self.copies().first(id / replicates) * replicates + id % replicates
    }

    /// The trial that runs at `position`: all distinct configurations of replicate 0, then of replicate 1, and so on. So every
    /// configuration is seen early, and what a replicate's trials share is needed only for a while.
    pub fn trial_at(&self, position: u64) -> u64 {
        let distinct = self.distinct();
        self.copies().at(position % distinct) * self.plan.replicates + position / distinct
    }

    /// The position at which trial `id` runs, or that of which it is a copy; the inverse of [`Configurations::trial_at`].
    pub fn position(&self, id: u64) -> u64 {
        let replicates = self.plan.replicates;
        (id % replicates) * self.distinct() + self.copies().place(id / replicates)
    }

    /// The swept keys' values in configuration `config_id`, in the order of the space; null for keys that do not exist in
    /// it.
    pub fn swept_values(&self, config_id: u64) -> Vec<Value> {
        self.values(config_id).into_iter().map(|value| value.unwrap_or(Value::Null)).collect()
    }

    /// Does the same as [`Configurations::swept_values`], `None` for keys that do not exist in the configuration; all `None` before it has
    /// been proposed.
    pub fn values(&self, config_id: u64) -> Vec<Option<Value>> {
        let proposed = || self.point(config_id).map(|point| self.plan.values_at(point));
        self.plan.own_values(config_id).or_else(proposed).unwrap_or_else(|| vec![None; self.plan.space.len()])
    }

    /// The point of a configuration that the sampler has proposed.
    pub(crate) fn point(&self, config_id: u64) -> Option<&Point> {
        let number = config_id.checked_sub(self.plan.included().len() as u64)?;
        self.proposals.points.get(number as usize)
    }

    /// Where configuration `config_id` lies in the domains of the keys: their values, and ratios of keys that are tied by
    /// them; `None` of keys that do not exist in it.
    pub fn coordinates(&self, config_id: u64) -> Vec<Option<Value>> {
        self.plan.coordinates_of(self.values(config_id))
    }

    /// Configuration `config_id`, with paths as the sweep file has them.
    pub fn configuration(&self, config_id: u64) -> Configuration {
        self.plan.with_values(self.values(config_id))
    }

    /// Configuration `config_id`, with the paths of the copies in results directory `results`.
    pub fn stored_configuration(&self, config_id: u64, results: &Path) -> Configuration {
        self.plan.stored_with_values(self.values(config_id), results)
    }

    /// The plan that runs configurations `config_ids` of this sweep again, on `replicates` fresh seeds.
    pub fn confirming(&self, config_ids: Vec<u64>, replicates: u64) -> Plan {
        let middle = || vec![0.5; self.plan.axes_and_ties().axes().len()]; // of an included one, which does not count
        let points = match self.plan.strategy.learns() {
            true => config_ids.iter().map(|&config_id| self.point(config_id).cloned().unwrap_or_else(middle)).collect(),
            false => Vec::new(),
        };
        let confirmation = Confirmation { of: self.plan.fingerprint(), config_ids, points };
        Plan { replicates, confirmation: Some(confirmation), ..Plan::clone(&self.plan) }
    }
}
