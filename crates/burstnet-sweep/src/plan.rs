//! The plan of a sweep: what runs, as a pure function of a sweep file and its inputs.
//!
//! A plan is never listed: configurations and trials are found by arithmetic, so a plan of 10¹² costs as much as one
//! of ten.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::{Configuration, Schema, Value};
use serde::{Deserialize, Serialize};

use crate::copies::{self, Copies, MOST_COMPARED};
use crate::differences;
use crate::external::program::Program;
use crate::input_files::{self, InputFile};
use crate::objective::Goal;
use crate::prepared::{Prepared, Shared};
use crate::samplers::Point;
pub use crate::space::Dimension;
use crate::space::{About, SpaceError};
use crate::spec::MOST_CONFIGURATIONS;
use crate::spec::domain::{ONE_SHAPE, odd_one};
use crate::spec::swept::products;
use crate::strategy::{Stopping, Strategy};
use crate::streams::{confirmation_seed, replicate_seed};

/// The layout of `plan.json`.
pub(crate) const FORMAT: u32 = 1;
/// The most trials of a sweep.
pub(crate) const MOST_TRIALS: u64 = 1 << 53;
/// The most trials of a sweep that goes by rounds, of which each is kept in memory.
pub const MOST_IN_ROUNDS: u64 = 1_000_000;

/// The resolved plan of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The layout of this file.
    pub format: u32,
    /// The version of the bits.
    pub bits: u32,
    /// The sweep's name.
    pub name: String,
    /// The root of every random stream.
    pub seed: u64,
    /// Seeds per configuration, the same ones for every configuration.
    pub replicates: u64,
    /// Every key, as it is where it is not swept.
    pub base: Configuration,
    /// How configurations are chosen.
    pub strategy: Strategy,
    /// Which configurations are stopped early; none if all run to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// The swept keys, the first one changing slowest in a grid.
    pub space: Vec<Dimension>,
    /// Groups of swept keys that move together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zip: Vec<Vec<String>>,
    /// What every configuration fulfils.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    /// Configurations that come before those of the sampler, by the swept keys that they give a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<BTreeMap<String, Value>>,
    /// What 'best' means.
    pub objective: Goal,
    /// What else is to be good, if the best is a compromise between several measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_objectives: Vec<Goal>,
    /// The measures, in the order of the columns.
    pub measures: Vec<String>,
    /// The files that configurations name.
    pub inputs: Vec<InputFile>,
    /// Which configurations of which sweep this runs again on fresh seeds; none for a sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// The external program that this evaluates; none for the burst network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Program>,
    /// What follows from the rest, made when it is first needed.
    #[serde(skip)]
    pub(crate) shared: Shared,
}

/// The most configurations of a confirmation.
pub const MOST_CONFIRMED: usize = 1000;

/// What a plan confirms: its configuration i is configuration `config_ids[i]` of the sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The fingerprint of the sweep's plan.
    pub of: String,
    /// The configurations' numbers in the sweep.
    pub config_ids: Vec<u64>,
    /// The points that its sampler had proposed for them, if it learns; those of included configurations do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Point>,
}

/// One trial of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// `config_id × replicates + replicate`.
    pub id: u64,
    /// Which configuration.
    pub config_id: u64,
    /// Which replicate.
    pub replicate: u64,
    /// The replicate's seed.
    pub seed: u64,
}

impl Plan {
    /// Checks what ties the swept keys, and finds what follows from the plan.
    ///
    /// # Errors
    /// If keys depend on each other in a circle, or no configuration is left, say.
    pub(crate) fn prepare(&self) -> Result<(), SpaceError> {
        self.shared.set(Prepared::new(self)?);
        Ok(())
    }

    /// What follows from the plan.
    pub(crate) fn prepared(&self) -> &Prepared {
        self.shared.prepared(self)
    }

    /// How many combinations or points the constraints exclude.
    pub fn excluded(&self) -> u64 {
        self.prepared().listed.as_ref().map_or(0, |listed| listed.excluded)
    }

    /// What 'best' means, by measure.
    pub fn objectives(&self) -> impl Iterator<Item = &Goal> {
        std::iter::once(&self.objective).chain(&self.further_objectives)
    }

    /// Number of configurations.
    pub fn configurations(&self) -> u64 {
        match &self.confirmation {
            Some(confirmation) => confirmation.config_ids.len() as u64,
            None => self.shared.ended().map_or(self.searched(), |ended| ended.min(self.searched())),
        }
    }

    /// Why a search has fewer configurations than were asked for; none if it has not, or not yet.
    pub fn ended(&self) -> Option<String> {
        let (found, asked) = (self.shared.ended()?, self.searched());
        let name = &self.strategy.name;
        (found < asked && self.confirmation.is_none()).then(|| {
            format!(
                "the search ended with {found} of {asked} configurations: {name} proposes each once, and found no other"
            )
        })
    }

    /// How many configurations there can be at most for a sampler that proposes each once; none if there is no such number,
    /// or it is as large as what was asked for.
    pub fn exhausts(&self) -> Option<u64> {
        let distinct = self.strategy.learns() && self.strategy.sampler().is_some_and(|one| one.info().distinct);
        let axes = self.prepared().space.axes();
        let all = axes.iter().map(|axis| axis.kind.count()).try_fold(1_u64, |all, count| all.checked_mul(count?))?;
        let all = all.saturating_add(self.prepared().included.len() as u64);
        (distinct && all < self.searched()).then_some(all)
    }

    /// Number of configurations of the search, which for a confirmation is that of its sweep.
    pub(crate) fn searched(&self) -> u64 {
        self.prepared().configurations
    }

    /// The configurations that are copies of an earlier one; of a sampler that learns, among those that it has proposed.
    pub fn copies(&self) -> Arc<Copies> {
        self.shared.copies(self)
    }

    /// Number of configurations that are no copies of an earlier one, as far as that is known.
    pub fn distinct(&self) -> u64 {
        self.configurations() - self.copies().len()
    }

    /// Returns whether it is known which configurations are equal: not before all are, nor of too many to be compared.
    pub fn is_compared(&self) -> bool {
        let known = self.confirmation.is_some() || !self.strategy.learns();
        known && (self.configurations() <= MOST_COMPARED || !copies::may_repeat(self))
    }

    /// Number of trials that run: those of the configurations that are no copies.
    pub fn runs(&self) -> u64 {
        self.distinct() * self.replicates
    }

    /// The trial whose record is that of trial `id`: of the first configuration that is equal to its own, with the same
    /// replicate.
    pub fn first(&self, id: u64) -> u64 {
        self.copies().first(id / self.replicates) * self.replicates + id % self.replicates
    }

    /// Number of trials.
    pub fn trials(&self) -> u64 {
        self.configurations() * self.replicates
    }

    /// Trial `id`.
    pub fn trial(&self, id: u64) -> Trial {
        let (config_id, replicate) = (id / self.replicates, id % self.replicates);
        Trial { id, config_id, replicate, seed: self.seed_of(replicate) }
    }

    /// The seed of replicate `replicate`.
    pub fn seed_of(&self, replicate: u64) -> u64 {
        match self.confirmation {
            Some(_) => confirmation_seed(self.seed, replicate),
            None => replicate_seed(self.seed, replicate),
        }
    }

    /// The number of configuration `config_id` in the search: its own, or of a confirmation that in the sweep.
    pub fn searched_id(&self, config_id: u64) -> u64 {
        match &self.confirmation {
            Some(confirmation) => confirmation.config_ids.get(config_id as usize).copied().unwrap_or_default(),
            None => config_id,
        }
    }

    /// The plan that runs configurations `config_ids` of this sweep again, on `replicates` fresh seeds.
    pub fn confirming(&self, config_ids: Vec<u64>, replicates: u64) -> Self {
        let points = if self.strategy.learns() { self.shared.points(self, &config_ids) } else { Vec::new() };
        let confirmation = Confirmation { of: self.fingerprint(), config_ids, points };
        Self { replicates, confirmation: Some(confirmation), shared: self.shared.apart(), ..self.clone() }
    }

    /// The trial that runs at `position`: all distinct configurations of replicate 0, then of replicate 1, and so on. So every
    /// configuration is seen early, and what a replicate's trials share is needed only for a while.
    pub fn trial_at(&self, position: u64) -> u64 {
        let copies = self.copies();
        let distinct = self.configurations() - copies.len();
        copies.at(position % distinct) * self.replicates + position / distinct
    }

    /// The position at which trial `id` runs, or that of which it is a copy; the inverse of [`Plan::trial_at`].
    pub fn position(&self, id: u64) -> u64 {
        let copies = self.copies();
        (id % self.replicates) * (self.configurations() - copies.len()) + copies.place(id / self.replicates)
    }

    /// The swept keys' values in configuration `config_id`, in the order of the space; null for keys that do not exist in
    /// it.
    pub fn swept_values(&self, config_id: u64) -> Vec<Value> {
        self.values(config_id).into_iter().map(|value| value.unwrap_or(Value::Null)).collect()
    }

    /// As [`Plan::swept_values`], none for keys that do not exist in the configuration.
    pub fn values(&self, config_id: u64) -> Vec<Option<Value>> {
        match self.confirmation.as_ref().and_then(|confirmation| confirmation.points.get(config_id as usize)) {
            Some(point) => self.shared.values_at(self, self.searched_id(config_id), point),
            None => self.shared.values(self, self.searched_id(config_id)),
        }
    }

    /// Where configuration `config_id` lies in the domains of the keys: their values, and ratios of keys that are tied by
    /// them; none of keys that do not exist in it.
    pub fn coordinates(&self, config_id: u64) -> Vec<Option<Value>> {
        let mut values = self.values(config_id);
        if self.space.iter().any(|dimension| dimension.ratio_of.is_some()) {
            let point = self.prepared().space.point_of(&self.space, &values);
            for (at, dimension) in self.space.iter().enumerate().filter(|(_, one)| one.ratio_of.is_some()) {
                let unit = point[self.prepared().space.axis_of(at)];
                values[at] = values[at].as_ref().map(|_| dimension.domain.at(unit));
            }
        }
        values
    }

    /// Notes further points that a sampler has proposed.
    pub(crate) fn learn(&self, points: &[Point]) {
        self.shared.learn(points);
    }

    /// Forgets what a sampler has proposed.
    pub(crate) fn forget(&self) {
        self.shared.forget(self);
    }

    /// Forgets which configurations are equal: what makes them so has changed.
    pub(crate) fn compare_again(&self) {
        self.shared.compare_again();
    }

    /// Notes that a search has ended with so many configurations, since its sampler has no other to propose.
    pub(crate) fn end(&self, configurations: u64) {
        self.shared.end(configurations);
    }

    /// Configuration `config_id`, with paths as the sweep file has them.
    pub fn configuration(&self, config_id: u64) -> Configuration {
        self.with_values(self.values(config_id))
    }

    /// The configuration in which the swept keys have these values; one that does not exist has that of the base.
    pub(crate) fn with_values(&self, values: Vec<Option<Value>>) -> Configuration {
        let mut configuration = self.base.clone();
        for (dimension, value) in self.space.iter().zip(values) {
            if let Some(value) = value {
                configuration.set(&dimension.key, value);
            }
        }
        configuration
    }

    /// Configuration `config_id`, with the paths of the copies in results directory `results`.
    pub fn stored_configuration(&self, config_id: u64, results: &Path) -> Configuration {
        let mut configuration = self.configuration(config_id);
        let inputs = results.join(input_files::FOLDER);
        input_files::resolve(&mut configuration, &self.inputs, |input| inputs.join(&input.stored));
        configuration
    }

    /// The values that `key` can take: all that are listed, or the two ends of a range.
    pub fn values_of(&self, key: &str) -> Vec<Value> {
        let Some(dimension) = self.space.iter().find(|dimension| dimension.key == key) else {
            return vec![self.base.get(key).clone()];
        };
        let mut values = self.proposed_values(dimension);
        if !dimension.when.is_empty() || self.include.iter().any(|one| !one.contains_key(key)) {
            values.push(self.base.get(key).clone());
        }
        values.extend(self.include.iter().filter_map(|one| one.get(key)).cloned());
        values
    }

    /// The values that swept key number `at` can have in the columns of tables, as [`Plan::values_of`] has them. Where
    /// the key does not exist it has none.
    pub fn column_values(&self, at: usize) -> Vec<Value> {
        let included = self.prepared().included.iter().filter_map(|values| values[at].clone());
        self.proposed_values(&self.space[at]).into_iter().chain(included).collect()
    }

    /// The values that a swept key can have in a configuration that is not included: all that are listed, or the two ends
    /// of a range.
    fn proposed_values(&self, dimension: &Dimension) -> Vec<Value> {
        match &dimension.ratio_of {
            None => dimension.domain.ends(),
            Some(other) if self.is_tied(other, &dimension.key) => Vec::new(), // a circle, which is refused
            Some(other) => products(&dimension.domain.ends(), &self.values_of(other)),
        }
    }

    /// Checks that included configurations have lists where the others have lists, and single values where these have
    /// such: a column has one type. A plan of before may hold both.
    ///
    /// # Errors
    /// If they have not.
    pub(crate) fn check_columns(&self) -> Result<(), SpaceError> {
        for (at, dimension) in self.space.iter().enumerate() {
            let proposed = self.proposed_values(dimension);
            for (number, values) in self.prepared().included.iter().enumerate() {
                let Some(value) = &values[at] else { continue };
                if odd_one(proposed.iter().chain([value])).is_some() {
                    let given = self.include.get(number).is_some_and(|given| given.contains_key(&dimension.key));
                    let whose = if given { "gives" } else { "leaves" };
                    let base = if given { "" } else { " of base" };
                    let key = &dimension.key;
                    let problem = format!(
                        "an included configuration {whose} {key} the value {value}{base}, and other \
                                           configurations have another type"
                    );
                    return Err(SpaceError::new(About::Include(number), problem, ONE_SHAPE));
                }
            }
        }
        Ok(())
    }

    /// Checks that keys which name files name none but those that are listed: only these are copied, and known by what they
    /// hold.
    ///
    /// # Errors
    /// If one can name another.
    pub(crate) fn check_paths(&self, schema: &Schema) -> Result<(), SpaceError> {
        for dimension in self.space.iter().filter(|one| schema.key(&one.key).is_some_and(|key| key.kind.is_path())) {
            let listed: HashSet<String> = dimension.domain.ends().iter().map(Value::to_string).collect();
            let other = |value: &&Value| **value != Value::Null && !listed.contains(&value.to_string());
            if let Some(value) = self.values_of(&dimension.key).iter().find(other) {
                let problem =
                    format!("{} could also be '{value}', by include or where when does not hold", dimension.key);
                return Err(SpaceError::new(About::Key(dimension.key.clone()), problem, "it among the listed values"));
            }
        }
        Ok(())
    }

    /// Checks that keys which are ratios to others can have the values that follow.
    ///
    /// # Errors
    /// If one cannot.
    pub(crate) fn check_ratios(&self, schema: &Schema) -> Result<(), SpaceError> {
        for dimension in &self.space {
            let Some((other, key)) = dimension.ratio_of.as_ref().zip(schema.key(&dimension.key)) else { continue };
            let about = || About::Key(dimension.key.clone());
            if let Some(value) = self.values_of(other).iter().find(|value| value.as_f64().is_none()) {
                let problem = format!("{} is a ratio to {other}, which can be {value}", dimension.key);
                return Err(SpaceError::new(about(), problem, "a key that is a number in every configuration"));
            }
            let fits = |value: &&Value| key.kind.accept(value).as_ref() == Some(*value);
            if let Some(value) = self.values_of(&dimension.key).iter().find(|value| !fits(value)) {
                let problem = format!("{} would become {value}", dimension.key);
                return Err(SpaceError::new(about(), problem, key.kind.expected()));
            }
        }
        Ok(())
    }

    /// Whether the value of `key` follows from that of `other` by ratios.
    fn is_tied(&self, key: &str, other: &str) -> bool {
        let mut at = key;
        for _ in 0..=self.space.len() {
            if at == other {
                return true;
            }
            match self.space.iter().find(|one| one.key == at).and_then(|one| one.ratio_of.as_deref()) {
                Some(next) => at = next,
                None => return false,
            }
        }
        true
    }

    /// The plan as it is written to `plan.json`.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which would be a defect.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }

    /// BLAKE3 of the plan, in hex: the identity of a sweep.
    pub fn fingerprint(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&json).to_hex().to_string()
    }

    /// The start of the fingerprint, by which records name the plan under which they were made.
    pub fn tag(&self) -> u64 {
        u64::from_str_radix(&self.fingerprint()[..16], 16).unwrap_or_default()
    }

    /// The parts in which two plans differ, for people.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        differences::of(self, other)
    }

    /// Checks that trials can be numbered.
    pub(crate) fn countable(&self) -> Result<(), String> {
        if self.space.iter().any(|dimension| dimension.domain.count() == Some(0)) {
            return Err("a key is varied over nothing".into());
        }
        match Prepared::most(self).map_err(|error| error.to_string())? {
            Some(0) => Err("no configurations".into()),
            None => Err(self.too_many()),
            Some(n) if n > MOST_CONFIGURATIONS => Err(self.too_many()),
            Some(searched) => {
                let n = self.confirmation.as_ref().map_or(searched, |one| one.config_ids.len() as u64);
                match n.checked_mul(self.replicates) {
                    Some(trials) if self.in_rounds() && trials > MOST_IN_ROUNDS => {
                        Err(format!("{trials} trials of a search that goes by rounds"))
                    }
                    Some(trials) if (1..=MOST_TRIALS).contains(&trials) => Ok(()),
                    Some(_) | None => Err(format!("{n} configurations of {} replicates", self.replicates)),
                }
            }
        }
    }

    /// How many configurations there would be, and of which keys most.
    fn too_many(&self) -> String {
        if let Some(trials) = self.strategy.trials {
            return format!("{trials} configurations");
        }
        let mut counts: Vec<(&str, u64)> = self
            .space
            .iter()
            .filter_map(|dimension| Some((dimension.key.as_str(), dimension.domain.count()?)))
            .collect();
        let all: f64 = counts.iter().map(|(_, count)| *count as f64).product();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let most: Vec<String> = counts.iter().take(3).map(|(key, count)| format!("{count} values of {key}")).collect();
        format!("a grid of about {all:.1e} configurations ({})", most.join(", "))
    }
}
