//! The plan of a sweep: what runs, as a pure function of a sweep file and its inputs.
//!
//! A plan is never listed: configurations and trials are found by arithmetic, so a plan of 10¹² costs as much as one
//! of ten.

use std::collections::BTreeMap;
use std::path::Path;

use burstnet_core::config::{ConfigError, Configuration, Schema, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_core::streams::{confirmation_seed, replicate_seed};
use serde::{Deserialize, Serialize};

use crate::differences;
use crate::external::program::Program;
use crate::input_files::{self, InputFile};
use crate::objective::{Goal, Objective};
use crate::prepared::{Prepared, Shared};
use crate::samplers::Point;
pub use crate::space::Dimension;
use crate::space::{About, SpaceError};
use crate::spec::place::{Place, SpecError, listed, nearest};
use crate::spec::settings::place_error;
use crate::spec::swept::products;
use crate::spec::{MOST_CONFIGURATIONS, SweepSpec};
use crate::stopping::{Outcomes, Race, Rule};
use crate::strategy::{Stopping, Strategy};

/// The layout of `plan.json`.
pub(crate) const FORMAT: u32 = 1;
/// The most trials of a sweep.
const MOST_TRIALS: u64 = 1 << 53;
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
            strategy: spec.search.strategy.clone(),
            stopping: spec.search.stopping.as_ref().map(|placed| placed.held.clone()),
            space: spec.search.space.iter().map(|swept| swept.dimension.clone()).collect(),
            zip: spec.search.zip.iter().map(|placed| placed.held.clone()).collect(),
            constraints: spec.search.constraints.iter().map(|placed| placed.held.clone()).collect(),
            include: spec.search.include.iter().map(|placed| placed.held.clone()).collect(),
            objective: spec.goals[0].held.clone(),
            further_objectives: spec.goals[1..].iter().map(|placed| placed.held.clone()).collect(),
            measures: Vec::new(),
            inputs: input_files::find(spec, objective.schema())?,
            confirmation: None,
            model: objective.program().cloned(),
            shared: Shared::default(),
        };
        if let Some(section) = spec.model.as_ref().filter(|_| plan.model.is_none()) {
            return Err(SpecError::new(&section.place, "model.command names a program, and this plans another model"));
        }
        plan.find_budget(spec, objective)?;
        let infos = objective.measures(&|key| plan.values_of(key));
        plan.measures = infos.iter().map(|info| info.name.clone()).collect();
        for goal in &spec.goals {
            plan.check_goal(&goal.held, &goal.place, &infos)?;
        }
        plan.check_size(spec)?;
        plan.check_ratios(objective.schema()).map_err(|error| place_of(&error, spec))?;
        plan.prepare().map_err(|error| place_of(&error, spec))?;
        plan.check_configurations(spec, objective, &|configuration| objective.check(configuration))?;
        Ok(plan)
    }

    fn check_goal(&self, goal: &Goal, place: &Place, infos: &[MeasureInfo]) -> Result<(), SpecError> {
        let Some(info) = infos.iter().find(|info| info.name == goal.measure) else {
            let mut error = SpecError::new(
                place,
                format!("objective.measure is '{}', which this sweep does not measure", goal.measure),
            )
            .expected(format!("one of {}", listed(self.measures.iter().map(String::as_str))));
            error.nearest = nearest(&goal.measure, self.measures.iter().map(String::as_str));
            return Err(error);
        };
        let off = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
        match info.needs {
            Some(needs) if self.values_of(needs.key()).iter().all(off) => {
                Err(SpecError::new(place, format!("objective.measure is '{}', which is empty here", goal.measure))
                    .expected(format!("a value of {}, or another measure", needs.key())))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Finds the key that a stopping rule divides.
    fn find_budget(&mut self, spec: &SweepSpec, objective: &dyn Objective) -> Result<(), SpecError> {
        let (Some(stopping), Some(placed)) = (&mut self.stopping, &spec.search.stopping) else { return Ok(()) };
        let wrong = |problem: String, expected: &str| Err(SpecError::new(&placed.place, problem).expected(expected));
        let Some(info) = stopping.rule().map(|rule| rule.info()) else { return Ok(()) };
        if self.strategy.learns() {
            let problem = format!("search.stopping with strategy {}, which needs complete trials", self.strategy.name);
            return wrong(problem, "no stopping, or a strategy that learns nothing, such as sobol");
        }
        if info.needs_replicates && self.replicates < 3 {
            let problem = format!("stopping rule {} with {} replicates", stopping.rule, self.replicates);
            return wrong(problem, "at least 3 replicates, between which it stops");
        }
        if !info.needs_budget {
            return Ok(());
        }
        let Some(key) = objective.budget_key() else {
            let problem = format!("stopping rule {} of a model that has no budget", stopping.rule);
            return wrong(problem, "a model with a key that says how long a trial lasts");
        };
        if self.space.iter().any(|dimension| dimension.key == key) {
            return wrong(
                format!("stopping rule {} divides {key}, which is swept", stopping.rule),
                "one budget for all",
            );
        }
        stopping.budget = Some(key.to_owned());
        match self.budget() {
            Some(budget) if budget >= 2 => Ok(()),
            _ => wrong(format!("{key} is {}, which cannot be divided", self.base.get(key)), "an integer of at least 2"),
        }
    }

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

    /// Whether later trials depend on the results of earlier ones, so that they run in rounds.
    pub fn in_rounds(&self) -> bool {
        self.confirmation.is_none() && (self.stopping.is_some() || self.strategy.learns())
    }

    /// How many combinations or points the constraints exclude.
    pub fn excluded(&self) -> u64 {
        self.prepared().listed.as_ref().map_or(0, |listed| listed.excluded)
    }

    /// What 'best' means, by measure.
    pub fn objectives(&self) -> impl Iterator<Item = &Goal> {
        std::iter::once(&self.objective).chain(&self.further_objectives)
    }

    /// How long a trial lasts that is not stopped; none if nothing is stopped between its parts.
    pub fn budget(&self) -> Option<u64> {
        let key = self.stopping.as_ref()?.budget.as_ref()?;
        match self.base.get(key) {
            Value::Int(budget) => u64::try_from(*budget).ok(),
            _ => None,
        }
    }

    /// The plan whose outline this is: hashes the input files, and checks what they hold.
    ///
    /// # Errors
    /// If a file cannot be read or used.
    pub fn complete(mut self, spec: &SweepSpec, objective: &dyn Objective) -> Result<Self, SpecError> {
        if !self.inputs.is_empty() {
            input_files::hash_all(&mut self.inputs, spec)?;
            self.check_configurations(spec, objective, &|configuration| objective.check_files(configuration))?;
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
        self.prepared().configurations
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
        Self { replicates, confirmation: Some(confirmation), ..self.clone() }
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
            let point = self.prepared().space.point_of(&self.space, &self.base, &values);
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
        self.shared.forget();
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

    /// The parts of the budget at which trials are looked at, rising, the last one the whole; none where it is not divided.
    pub fn rungs(&self) -> Vec<u64> {
        if self.budget().is_none() {
            Vec::new()
        } else {
            self.of_race(|rule, race| rule.rungs(race)).unwrap_or_default()
        }
    }

    /// How many configurations are proposed together, or start together where a rule compares rounds; none if neither is
    /// so.
    pub fn round(&self) -> Option<u64> {
        match self.strategy.learns() {
            true => Some(self.prepared().problem(self).round),
            false => self.strategy.round.filter(|_| self.stopping.is_some()),
        }
    }

    /// In how many rounds the sweep runs at most.
    pub fn most_rounds(&self) -> u64 {
        if !self.in_rounds() {
            return 1;
        }
        self.of_race(|rule, race| rule.most_rounds(race)).unwrap_or_else(|| {
            let prepared = self.prepared();
            let included = prepared.included.len() as u64;
            u64::from(included > 0) + (self.configurations() - included).div_ceil(prepared.problem(self).round)
        })
    }

    /// What the stopping rule says of a race that has not begun.
    fn of_race<T>(&self, ask: impl FnOnce(&dyn Rule, &Race<'_>) -> T) -> Option<T> {
        let stopping = self.stopping.as_ref()?;
        let race = Race {
            configurations: self.prepared().configurations,
            replicates: self.replicates,
            round: self.strategy.round,
            budget: self.budget().unwrap_or(1),
            setting: &|name| stopping.setting(name),
            outcomes: &Outcomes::default(),
            stopped: &[],
        };
        Some(ask(stopping.rule()?, &race))
    }

    /// Gives a configuration a part of its budget; nothing if it gets all of it.
    pub fn give_budget(&self, configuration: &mut Configuration, budget: Option<u64>) {
        let key = self.stopping.as_ref().and_then(|stopping| stopping.budget.as_ref());
        if let Some((key, budget)) = key.zip(budget) {
            configuration.set(key, Value::Int(budget as i64));
        }
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
        let mut values = match &dimension.ratio_of {
            None => dimension.domain.ends(),
            Some(other) if self.is_tied(other, key) => Vec::new(), // a circle, which is refused
            Some(other) => products(&dimension.domain.ends(), &self.values_of(other)),
        };
        if !dimension.when.is_empty() {
            values.push(self.base.get(key).clone());
        }
        values.extend(self.include.iter().filter_map(|one| one.get(key)).cloned());
        values
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
                    Some(trials) if self.in_rounds() && trials > MOST_IN_ROUNDS => Err(format!(
                        "{trials} trials by rounds, of which there can be at most {MOST_IN_ROUNDS} in a search that \
                         learns or stops early"
                    )),
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

    fn check_size(&self, spec: &SweepSpec) -> Result<(), SpecError> {
        Prepared::most(self).map_err(|error| place_of(&error, spec))?;
        self.countable().map_err(|problem| {
            SpecError::new(&spec.search.space_place, problem)
                .expected(format!("at most {MOST_CONFIGURATIONS} configurations and {MOST_TRIALS} trials"))
        })
    }

    /// Checks configurations that stand for all in what must fit together, before anything runs.
    fn check_configurations(
        &self,
        spec: &SweepSpec,
        objective: &dyn Objective,
        check: &dyn Fn(&Configuration) -> Result<(), ConfigError>,
    ) -> Result<(), SpecError> {
        for values in self.prepared().representatives(self, objective.coupled_keys()) {
            let mut configuration = self.with_values(values);
            input_files::resolve(&mut configuration, &self.inputs, |input| input.source.clone());
            check(&configuration).map_err(|error| blame(&error, spec))?;
            for budget in self.rungs() {
                self.give_budget(&mut configuration, Some(budget));
                check(&configuration).map_err(|error| divided(blame(&error, spec), budget, spec))?;
            }
        }
        Ok(())
    }
}

/// An error that shows only with a part of the budget.
fn divided(error: SpecError, budget: u64, spec: &SweepSpec) -> SpecError {
    let Some(stopping) = &spec.search.stopping else { return error };
    let problem = format!("{} (with the budget {budget}, at which rule {} looks)", error.problem, stopping.held.rule);
    SpecError { problem, ..error }
}

/// Where to send a reader for an error about a key.
fn blame(error: &ConfigError, spec: &SweepSpec) -> SpecError {
    let swept = spec.search.space.iter().map(|swept| swept.setting.clone());
    let settings: Vec<_> = spec.settings.iter().cloned().chain(swept).collect();
    place_error(error, &settings, &spec.place)
}

/// Where to send a reader for an error about the space.
fn place_of(error: &SpaceError, spec: &SweepSpec) -> SpecError {
    let search = &spec.search;
    let place = match &error.about {
        About::Key(key) => search.space.iter().find(|swept| swept.key() == key).map(|swept| &swept.setting.node.place),
        About::Zip(at) => search.zip.get(*at).map(|placed| &placed.place),
        About::Constraint(at) => search.constraints.get(*at).map(|placed| &placed.place),
        About::Include(at) => search.include.get(*at).map(|placed| &placed.place),
        About::Strategy => Some(&search.strategy_place),
        About::Whole => None,
    };
    SpecError::new(place.unwrap_or(&search.space_place), error.problem.clone()).expected(error.expected.clone())
}
