//! The configurations and trials of a plan, as far as they are known.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::{Configuration, Value};

use crate::limits::MOST_COMPARED;
use crate::plan::content::{ContentKeys, SweptHash};
use crate::plan::copies::Copies;
use crate::plan::{Confirmation, Plan, ResolvedPlan, Trial};
use crate::search::samplers::Point;

/// The proposals so far of a sampler that learns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposals {
    /// The proposed points, in the order of the proposals.
    pub points: Vec<Point>,
    /// The number of configurations with which the search ended, or `None` if it has not ended early.
    pub ended: Option<u64>,
}

/// The configurations of a plan, including those that a sampler that learns has proposed. A course extends them round
/// by round. The configurations that it has handed out never change.
///
/// They dereference to the [`ResolvedPlan`], since nearly everything that reads configurations also reads the plan. No
/// method here has the name of one there: what depends on proposals is asked of this type, with names such as
/// [`Configurations::trials`], and the bounds that the plan alone knows begin with `most`.
#[derive(Clone, Debug)]
pub struct Configurations {
    plan: Arc<ResolvedPlan>,
    proposals: Proposals,
    /// The configurations so far that are not copies, and the copies, for a plan whose sampler proposes.
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
    /// Returns the configurations of `plan` before its sampler has proposed any.
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

    /// Returns the plan.
    pub fn plan(&self) -> &Arc<ResolvedPlan> {
        &self.plan
    }

    /// Returns the proposals of a sampler that learns.
    pub fn proposals(&self) -> &Proposals {
        &self.proposals
    }

    /// Adds the points that the sampler proposes.
    pub(crate) fn propose(&mut self, points: Vec<Point>) {
        let keys = ContentKeys::new(&self.plan);
        let hashes: Vec<_> = points.iter().map(|point| keys.swept(&self.plan.values_at(point))).collect();
        hashes.into_iter().for_each(|hash| self.compare(hash));
        self.proposals.points.extend(points);
    }

    /// Notes that the search has ended with this number of configurations, since its sampler has no other to propose.
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

    /// Returns the number of configurations.
    pub fn configurations(&self) -> u64 {
        let asked = self.plan.most_configurations();
        self.proposals.ended.map_or(asked, |ended| ended.min(asked))
    }

    /// Returns the number of trials. With adaptive replicates copies have those trials that all configurations have.
    pub fn trials(&self) -> u64 {
        self.runs() + self.copies().len() * self.plan.least_replicates()
    }

    /// Returns the reason why a search has fewer configurations than were asked for, or `None` if it has not, or not
    /// yet.
    pub fn ended(&self) -> Option<String> {
        let (found, asked) = (self.proposals.ended?, self.plan.most_configurations());
        let name = &self.plan.strategy.name;
        (found < asked).then(|| {
            format!(
                "the search ended with {found} of {asked} configurations: {name} proposes each once, and found no other"
            )
        })
    }

    /// Returns the configurations that are copies of an earlier one. For a sampler that learns, only proposed ones are
    /// compared.
    pub fn copies(&self) -> &Copies {
        if self.plan.says_all() { self.plan.own_copies() } else { &self.copies }
    }

    /// Returns the number of configurations that are not copies of an earlier one, as far as this is known.
    pub fn distinct(&self) -> u64 {
        self.configurations() - self.copies().len()
    }

    /// Returns whether it is known which configurations are equal. It is not known before all configurations are, nor
    /// if there are too many to be compared.
    pub fn is_compared(&self) -> bool {
        self.plan.says_all() && (self.configurations() <= MOST_COMPARED || !self.plan.may_repeat())
    }

    /// Returns the number of trials that run: those of the configurations that are not copies.
    pub fn runs(&self) -> u64 {
        self.plan.runs_of(self.distinct())
    }

    /// Returns the trial whose record stands for trial `id`: the trial of the first equal configuration with the
    /// same replicate.
    pub fn first(&self, id: u64) -> u64 {
        let replicates = self.plan.replicates;
        self.copies().first(id / replicates) * replicates + id % replicates
    }

    /// Returns the trial that runs at `position`: first all distinct configurations of replicate 0, then those of
    /// replicate 1, and so on. So every configuration is seen early, and the data that a replicate's trials share are
    /// needed only for a while.
    pub fn trial_at(&self, position: u64) -> u64 {
        let distinct = self.distinct();
        self.copies().at(position % distinct) * self.plan.replicates + position / distinct
    }

    /// Returns the position at which trial `id` runs, or the trial of which it is a copy. Inverse of
    /// [`Configurations::trial_at`].
    pub fn position(&self, id: u64) -> u64 {
        let replicates = self.plan.replicates;
        (id % replicates) * self.distinct() + self.copies().place(id / replicates)
    }

    /// Returns the values of the swept keys in configuration `config_id`, in the order of the space, with null for keys
    /// that do not exist in it.
    pub fn swept_values(&self, config_id: u64) -> Vec<Value> {
        self.values(config_id).into_iter().map(|value| value.unwrap_or(Value::Null)).collect()
    }

    /// Does the same as [`Configurations::swept_values`], with `None` for keys that do not exist in the configuration.
    /// All values are `None` before it has been proposed.
    pub fn values(&self, config_id: u64) -> Vec<Option<Value>> {
        let proposed = || self.point(config_id).map(|point| self.plan.values_at(point));
        self.plan.own_values(config_id).or_else(proposed).unwrap_or_else(|| vec![None; self.plan.space.len()])
    }

    /// Returns the point of a configuration that the sampler has proposed.
    pub(crate) fn point(&self, config_id: u64) -> Option<&Point> {
        let number = config_id.checked_sub(self.plan.included().len() as u64)?;
        self.proposals.points.get(number as usize)
    }

    /// Returns the position of configuration `config_id` in the domains of the keys: their values, or the ratios of
    /// keys that are tied by a ratio. Keys that do not exist in it have `None`.
    pub fn coordinates(&self, config_id: u64) -> Vec<Option<Value>> {
        self.plan.coordinates_of(self.values(config_id))
    }

    /// Returns configuration `config_id`, with paths as they are in the sweep file. Keys that are drawn for each replicate
    /// have their value in the base.
    pub fn configuration(&self, config_id: u64) -> Configuration {
        self.plan.with_values(self.values(config_id))
    }

    /// Returns the configuration of a trial, with paths as they are in the sweep file.
    pub fn trial_configuration(&self, trial: Trial) -> Configuration {
        let mut configuration = self.configuration(trial.config_id);
        self.plan.draw(&mut configuration, trial.replicate);
        configuration
    }

    /// Returns the configuration of a trial, with the paths of the copies in results directory `results`.
    pub fn stored_configuration(&self, trial: Trial, results: &Path) -> Configuration {
        self.plan.stored_with_values(self.values(trial.config_id), trial.replicate, results)
    }

    /// Returns the plan that runs configurations `config_ids` of this sweep again, on `replicates` fresh seeds.
    pub fn confirming(&self, config_ids: Vec<u64>, replicates: u64) -> Plan {
        let middle = || vec![0.5; self.plan.resolved_space().axes().len()]; // of an included one, which does not count
        let points = match self.plan.strategy.learns() {
            true => config_ids.iter().map(|&config_id| self.point(config_id).cloned().unwrap_or_else(middle)).collect(),
            false => Vec::new(),
        };
        let confirmation = Confirmation { of: self.plan.fingerprint(), config_ids, points };
        let (confirmation, learn_from) = (Some(confirmation), Vec::new());
        Plan { replicates, adaptive: None, confirmation, learn_from, ..Plan::clone(&self.plan) }
    }
}
