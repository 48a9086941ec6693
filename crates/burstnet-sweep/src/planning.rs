//! From a sweep file to a plan, with everything checked that can be before anything runs.

use burstnet_core::config::{ConfigError, Configuration, Value};
use burstnet_core::measures::MeasureInfo;

use crate::columns::Owner;
use crate::course::Course;
use crate::input_files;
use crate::names::{self, Clash};
use crate::objective::{Goal, Objective};
use crate::plan::{FORMAT, MOST_IN_ROUNDS, MOST_TRIALS, Plan};
use crate::plan_file;
use crate::prepared::{Prepared, Shared};
use crate::space::{About, SpaceError};
use crate::spec::place::{Place, SpecError, listed};
use crate::spec::settings::place_error;
use crate::spec::{MOST_CONFIGURATIONS, SweepSpec};

/// How many configurations are checked with every part of the budget.
const MOST_DIVIDED: usize = 20;

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
            plan.check_goal(&goal.held, &goal.place, objective, &infos)?;
        }
        plan.check_size(spec)?;
        plan.check_ratios(objective.schema()).map_err(|error| place_of(&error, spec))?;
        plan.check_paths(objective.schema()).map_err(|error| place_of(&error, spec))?;
        plan.prepare().map_err(|error| place_of(&error, spec))?;
        names::check(&plan, objective, &infos).map_err(|clash| taken(*clash, spec))?;
        plan.check_columns().map_err(|error| place_of(&error, spec))?;
        if plan.strategy.learns() {
            plan.strategy.round = plan.round(); // as with settings, what is usual may change
        }
        if plan.in_rounds() && Course::start(&plan).jobs().is_empty() {
            let about = if plan.constraints.is_empty() { About::Strategy } else { About::Constraint(0) };
            let problem = format!("strategy {} finds nothing that the constraints allow", plan.strategy.name);
            return Err(place_of(&SpaceError::new(about, problem, "constraints that leave more of the space"), spec));
        }
        plan.check_configurations(spec, objective, &|configuration| objective.check(configuration))?;
        Ok(plan)
    }

    fn check_goal(
        &self,
        goal: &Goal,
        place: &Place,
        objective: &dyn Objective,
        infos: &[MeasureInfo],
    ) -> Result<(), SpecError> {
        let Some(info) = infos.iter().find(|info| info.name == goal.measure) else {
            let mut error = SpecError::new(
                place,
                format!("objective.measure is '{}', which this sweep does not measure", goal.measure),
            )
            .expected(format!("one of {}", listed(self.measures.iter().map(String::as_str))));
            error = error.nearest(&goal.measure, self.measures.iter().map(String::as_str));
            return Err(error);
        };
        let off = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
        match objective.setting_of(&info.name) {
            Some(key) if self.values_of(key).iter().all(off) => {
                Err(SpecError::new(place, format!("objective.measure is '{}', which is empty here", goal.measure))
                    .expected(format!("a value of {key}, or another measure")))
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

    /// The plan whose outline this is: hashes the input files, and checks what they hold.
    ///
    /// # Errors
    /// If a file cannot be read or used.
    pub fn complete(mut self, spec: &SweepSpec, objective: &dyn Objective) -> Result<Self, SpecError> {
        if !self.inputs.is_empty() {
            input_files::hash_all(&mut self.inputs, spec)?;
            self.compare_again(); // files are equal by what they hold
            self.check_configurations(spec, objective, &|configuration| objective.check_files(configuration))?;
        }
        let search = &spec.search;
        let place = search
            .space
            .iter()
            .find(|swept| swept.is_column())
            .map_or(&search.space_place, |swept| &swept.setting.place);
        plan_file::check_readable(&self, objective)
            .map_err(|(problem, expected)| SpecError::new(place, problem).expected(expected))?;
        Ok(self)
    }

    fn check_size(&self, spec: &SweepSpec) -> Result<(), SpecError> {
        Prepared::most(self).map_err(|error| place_of(&error, spec))?;
        let most = if self.in_rounds() {
            format!("at most {MOST_IN_ROUNDS} trials, or a search that neither learns nor stops early")
        } else {
            format!("at most {MOST_CONFIGURATIONS} configurations and {MOST_TRIALS} trials")
        };
        self.countable().map_err(|problem| SpecError::new(&spec.search.space_place, problem).expected(most))
    }

    /// Checks configurations that stand for all in what must fit together, before anything runs.
    fn check_configurations(
        &self,
        spec: &SweepSpec,
        objective: &dyn Objective,
        check: &dyn Fn(&Configuration) -> Result<(), ConfigError>,
    ) -> Result<(), SpecError> {
        for (at, values) in self.prepared().representatives(self, objective.coupled_keys()).enumerate() {
            let mut configuration = self.with_values(values);
            input_files::resolve(&mut configuration, &self.inputs, |input| input.source.clone());
            check(&configuration).map_err(|error| blame(&error, spec))?;
            // What a part of the budget does not fit is hardly ever one configuration's alone.
            for budget in self.rungs().into_iter().filter(|_| at < MOST_DIVIDED) {
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

/// An error about a name that is taken, where the one stands that has to change.
fn taken((clash, free): (Clash, Option<String>), spec: &SweepSpec) -> SpecError {
    let place = match &clash.owner {
        Owner::Key(key) => spec.place_of_key(key),
        Owner::Measure(measure) => spec.model.as_ref().and_then(|section| section.place_of_measure(measure)),
        Owner::Table => None,
    };
    let such = free.map(|free| format!(", such as '{free}'")).unwrap_or_default();
    SpecError::new(place.unwrap_or(&spec.place), clash.to_string()).expected(format!("another name{such}"))
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

#[cfg(test)]
mod tests;
