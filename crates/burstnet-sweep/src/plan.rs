//! The plan of a sweep: what runs, as a pure function of a sweep file and its inputs.
//!
//! A plan is never listed: configurations and trials are found by arithmetic, so a plan of 10¹² costs as much as one
//! of ten.

use std::path::Path;

use burstnet_core::config::{ConfigError, Configuration, Value};
use burstnet_core::streams::{confirmation_seed, replicate_seed};
use serde::{Deserialize, Serialize};

use crate::differences;
use crate::external::program::Program;
use crate::input_files::{self, InputFile};
use crate::objective::{Goal, Objective};
use crate::samplers;
use crate::spec::domain::Domain;
use crate::spec::place::{SpecError, listed, nearest};
use crate::spec::settings::place_error;
use crate::spec::{MOST_CONFIGURATIONS, Strategy, SweepSpec, Swept};

/// The layout of `plan.json`.
pub(crate) const FORMAT: u32 = 1;
/// How many combinations of keys that must fit together are checked before the first trial.
const MOST_CHECKS: u64 = 10_000;
/// The most trials of a sweep.
const MOST_TRIALS: u64 = 1 << 53;

/// A swept key and its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// The key.
    pub key: String,
    /// Its values.
    pub domain: Domain,
}

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
    /// The swept keys, the first one changing slowest in a grid.
    pub space: Vec<Dimension>,
    /// What 'best' means.
    pub objective: Goal,
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
}

/// The most configurations of a confirmation.
pub const MOST_CONFIRMED: usize = 1000;

/// What a plan confirms: its configuration i is configuration `config_ids[i]` of the sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The fingerprint of the sweep's plan.
    pub of: String,
    /// The configurations' numbers in the sweep.
    pub config_ids: Vec<u64>,
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
    /// Resolves and checks a sweep file.
    ///
    /// # Errors
    /// If values do not fit together, a file cannot be used, or the plan is too large to be numbered.
    pub fn new(spec: &SweepSpec, objective: &dyn Objective) -> Result<Self, SpecError> {
        Self::outline(spec, objective)?.complete(spec, objective)
    }

    /// The plan before anything of its input files but their headers is read: it lacks their hashes.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn outline(spec: &SweepSpec, objective: &dyn Objective) -> Result<Self, SpecError> {
        let mut plan = Self {
            format: FORMAT,
            bits: objective.bits_version(),
            name: spec.name.clone(),
            seed: spec.seed,
            replicates: spec.replicates,
            base: spec.configuration.clone(),
            strategy: spec.strategy.clone(),
            space: spec
                .space
                .iter()
                .map(|swept| Dimension { key: swept.key.clone(), domain: swept.domain.clone() })
                .collect(),
            objective: spec.goal.clone(),
            measures: Vec::new(),
            inputs: input_files::find(spec, objective.schema())?,
            confirmation: None,
            model: objective.program().cloned(),
        };
        if let Some(section) = spec.model.as_ref().filter(|_| plan.model.is_none()) {
            return Err(SpecError::new(&section.place, "model.command names a program, and this plans another model"));
        }
        let infos = objective.measures(&|key| plan.values_of(key));
        plan.measures = infos.iter().map(|info| info.name.clone()).collect();
        if !plan.measures.contains(&plan.objective.measure) {
            let mut error = SpecError::new(
                &spec.goal_place,
                format!("objective.measure is '{}', which this sweep does not measure", plan.objective.measure),
            )
            .expected(format!("one of {}", listed(plan.measures.iter().map(String::as_str))));
            error.nearest = nearest(&plan.objective.measure, plan.measures.iter().map(String::as_str));
            return Err(error);
        }
        let goal = infos.iter().find(|info| info.name == plan.objective.measure);
        if let Some(needs) = goal.and_then(|info| info.needs) {
            let off = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
            if plan.values_of(needs.key()).iter().all(off) {
                return Err(SpecError::new(
                    &spec.goal_place,
                    format!("objective.measure is '{}', which is empty here", plan.objective.measure),
                )
                .expected(format!("a value of {}, or another measure", needs.key())));
            }
        }
        plan.check_size(spec)?;
        plan.check_combinations(spec, objective, &|configuration| objective.check(configuration))?;
        Ok(plan)
    }

    /// The plan whose outline this is: hashes the input files, and checks what they hold.
    ///
    /// # Errors
    /// If a file cannot be read or used.
    pub fn complete(mut self, spec: &SweepSpec, objective: &dyn Objective) -> Result<Self, SpecError> {
        if !self.inputs.is_empty() {
            input_files::hash_all(&mut self.inputs, spec)?;
            self.check_combinations(spec, objective, &|configuration| objective.check_files(configuration))?;
        }
        Ok(self)
    }

    /// Number of configurations.
    pub fn configurations(&self) -> u64 {
        match &self.confirmation {
            Some(confirmation) => confirmation.config_ids.len() as u64,
            None => self.searched(),
        }
    }

    /// Number of configurations of the search, which for a confirmation is that of its sweep.
    pub(crate) fn searched(&self) -> u64 {
        match self.strategy {
            Strategy::Grid => self.space.iter().filter_map(|dimension| dimension.domain.count()).product(),
            Strategy::Random { trials } => trials,
        }
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
        Self { replicates, confirmation: Some(Confirmation { of: self.fingerprint(), config_ids }), ..self.clone() }
    }

    /// The trial that runs at `position`: all configurations of replicate 0, then of replicate 1, and so on. So every
    /// configuration is seen early, and what a replicate's trials share is needed only for a while.
    pub fn trial_at(&self, position: u64) -> u64 {
        let configurations = self.configurations();
        (position % configurations) * self.replicates + position / configurations
    }

    /// The position at which trial `id` runs; the inverse of [`Plan::trial_at`].
    pub fn position(&self, id: u64) -> u64 {
        (id % self.replicates) * self.configurations() + id / self.replicates
    }

    /// The swept keys' values in configuration `config_id`, in the order of the space.
    pub fn swept_values(&self, config_id: u64) -> Vec<Value> {
        let config_id = self.searched_id(config_id);
        match self.strategy {
            Strategy::Grid => samplers::grid::configuration(&self.space, config_id),
            Strategy::Random { .. } => samplers::random::configuration(&self.space, self.seed, config_id),
        }
    }

    /// Configuration `config_id`, with paths as the sweep file has them.
    pub fn configuration(&self, config_id: u64) -> Configuration {
        let mut configuration = self.base.clone();
        for (dimension, value) in self.space.iter().zip(self.swept_values(config_id)) {
            configuration.set(&dimension.key, value);
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
        match self.space.iter().find(|dimension| dimension.key == key) {
            Some(dimension) => dimension.domain.ends(),
            None => vec![self.base.get(key).clone()],
        }
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
        let counts = self.space.iter().map(|dimension| dimension.domain.count());
        if counts.clone().any(|count| count == Some(0)) {
            return Err("a key is varied over nothing".into());
        }
        let configurations = match self.strategy {
            Strategy::Grid => counts.map(|count| count.unwrap_or(0)).try_fold(1_u64, u64::checked_mul),
            Strategy::Random { trials } => Some(trials),
        };
        match configurations {
            Some(0) => Err("no configurations".into()),
            None => Err(self.too_many()),
            Some(n) if n > MOST_CONFIGURATIONS => Err(self.too_many()),
            Some(searched) => {
                let n = self.confirmation.as_ref().map_or(searched, |one| one.config_ids.len() as u64);
                match n.checked_mul(self.replicates) {
                    Some(trials) if (1..=MOST_TRIALS).contains(&trials) => Ok(()),
                    Some(_) | None => Err(format!("{n} configurations of {} replicates", self.replicates)),
                }
            }
        }
    }

    /// How many configurations there would be, and of which keys most.
    fn too_many(&self) -> String {
        let Strategy::Grid = self.strategy else { return format!("{} configurations", self.searched()) };
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

    fn check_size(&self, spec: &SweepSpec) -> Result<(), SpecError> {
        self.countable().map_err(|problem| {
            SpecError::new(&spec.space_place, problem)
                .expected(format!("at most {MOST_CONFIGURATIONS} configurations and {MOST_TRIALS} trials"))
        })
    }

    /// Checks the combinations of those swept keys that must fit together, before anything runs.
    fn check_combinations(
        &self,
        spec: &SweepSpec,
        objective: &dyn Objective,
        check: &dyn Fn(&Configuration) -> Result<(), ConfigError>,
    ) -> Result<(), SpecError> {
        let coupled: Vec<&Swept> =
            spec.space.iter().filter(|swept| objective.coupled_keys().contains(&swept.key.as_str())).collect();
        let ends: Vec<Vec<Value>> = coupled.iter().map(|swept| swept.domain.ends()).collect();
        let all: u64 = ends.iter().map(|ends| ends.len() as u64).try_fold(1_u64, u64::checked_mul).unwrap_or(u64::MAX);
        for combination in 0..all.min(MOST_CHECKS) {
            let mut configuration = self.configuration(0);
            let mut rest = combination;
            for (swept, ends) in coupled.iter().zip(&ends) {
                configuration.set(&swept.key, ends[(rest % ends.len() as u64) as usize].clone());
                rest /= ends.len() as u64;
            }
            input_files::resolve(&mut configuration, &self.inputs, |input| input.source.clone());
            check(&configuration).map_err(|error| blame(&error, spec))?;
        }
        Ok(())
    }
}

fn blame(error: &ConfigError, spec: &SweepSpec) -> SpecError {
    let swept = spec.space.iter().map(|swept| swept.setting.clone());
    let settings: Vec<_> = spec.settings.iter().cloned().chain(swept).collect();
    place_error(error, &settings, &spec.place)
}
