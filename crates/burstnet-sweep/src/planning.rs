//! Makes a plan from a sweep file, and checks everything that can be checked before anything runs.

use std::sync::Arc;

use burstnet_core::config::{ConfigError, Configuration};
use burstnet_core::text::quoted;

use crate::limits::{MOST_DIVIDED, MOST_DRAWN_CHECKS};
use crate::objective::Objective;
use crate::objective::external::program::Holder;
use crate::plan::columns::Owner;
use crate::plan::input_files::resolve;
use crate::plan::names::{self, Clash};
use crate::plan::plan_file;
use crate::plan::representatives::representatives;
use crate::plan::{FORMAT, Plan, ResolvedPlan, rules};
use crate::results::course::Course;
use crate::search::auto::{AUTO, Early, Extent, chosen, with_earlier};
use crate::search::samplers::defaults;
use crate::search::strategy::Strategy;
use crate::space::Space;
use crate::space::plan_error::{About, PlanError};
use crate::spec::SweepSpec;
use crate::spec::execution::Order;
use crate::spec::input_files;
use crate::spec::place::{Place, SpecError};
use crate::spec::settings::place_error;

impl SweepSpec {
    /// Returns the plan of this sweep of a model.
    ///
    /// # Errors
    /// If values do not fit together, a file cannot be used, or the plan is too large to be numbered.
    pub fn plan(&self, objective: &dyn Objective) -> Result<ResolvedPlan, SpecError> {
        self.complete(self.outline(objective)?, objective)
    }

    /// Returns the plan before its input files are read, except for their headers. It lacks their hashes.
    ///
    /// # Errors
    /// The same as for [`SweepSpec::plan`].
    pub fn outline(&self, objective: &dyn Objective) -> Result<ResolvedPlan, SpecError> {
        let at = |error: PlanError| self.at_its_place(error);
        let plan = self.data(objective)?;
        rules::check(&plan, objective).map_err(at)?;
        let mut plan = ResolvedPlan::new(plan).map_err(at)?.saying_pace();
        if self.search.strategy.name == AUTO {
            plan = plan.leaving_open(self.search.strategy.round, self.search.strategy.lag);
        }
        let infos = objective.measures(&|key| plan.values_of(key));
        names::check(&plan, objective, &infos).map_err(|clash| self.taken(*clash))?;
        rules::check_new(&plan, objective).map_err(at)?;
        self.check_subspaces(&plan)?;
        self.check_order(&plan)?;
        let plan = self.that_proposes(plan)?;
        self.check_configurations(&plan, objective, &|configuration| objective.check(configuration))?;
        Ok(plan)
    }

    /// Completes the plan that [`SweepSpec::outline`] returned: hashes the input files, and checks their contents.
    ///
    /// # Errors
    /// If a file cannot be read or used.
    pub fn complete(&self, outline: ResolvedPlan, objective: &dyn Objective) -> Result<ResolvedPlan, SpecError> {
        let mut plan = outline;
        if !plan.inputs.is_empty() {
            let mut inputs = plan.inputs.clone();
            input_files::hash_all(&mut inputs, self)?;
            plan = plan.with_inputs(inputs);
            self.check_configurations(&plan, objective, &|configuration| objective.check_files(configuration))?;
        }
        plan_file::check_readable(&plan, objective).map_err(|error| {
            let column = self.search.space.iter().find(|swept| swept.is_column()).map(|swept| &swept.setting.place);
            placed(column.unwrap_or(&self.search.space_place), error)
        })?;
        Ok(plan)
    }

    /// Returns the contents of the file as a plan.
    fn data(&self, objective: &dyn Objective) -> Result<Plan, SpecError> {
        let mut plan = Plan {
            format: FORMAT,
            bits: objective.bits_version(),
            name: self.name.clone(),
            seed: self.seed,
            replicates: self.replicates.most,
            adaptive: self.replicates.adaptive,
            base: self.configuration.clone(),
            strategy: self.search.strategy.clone(),
            stopping: self.search.stopping.as_ref().map(|placed| placed.held.clone()),
            space: self.search.space.iter().map(|swept| swept.dimension.clone()).collect(),
            subspaces: self.search.subspaces.iter().map(|placed| placed.held.clone()).collect(),
            zip: self.search.zip.iter().map(|placed| placed.held.clone()).collect(),
            constraints: self.search.constraints.iter().map(|placed| placed.held.clone()).collect(),
            per_replicate: self.search.per_replicate.iter().map(|swept| swept.dimension.clone()).collect(),
            include: self.search.include.iter().map(|placed| placed.held.clone()).collect(),
            objective: self.goals[0].held.clone(),
            further_objectives: self.goals[1..].iter().map(|placed| placed.held.clone()).collect(),
            subject_to: self.search.subject_to.iter().map(|placed| placed.held.clone()).collect(),
            learn_from: Vec::new(),
            measures: Vec::new(),
            inputs: input_files::find(self, objective.schema())?,
            confirmation: None,
            model: objective.program().cloned(),
        };
        if let Some(section) = self.model.as_ref().filter(|_| plan.model.is_none()) {
            return Err(SpecError::new(section.place(), "model.command names a program, and this plans another model"));
        }
        if let Some(stopping) = &mut plan.stopping {
            let divides = stopping.rule().is_some_and(|rule| rule.info().needs_budget);
            stopping.budget = objective.budget_key().filter(|_| divides).map(str::to_owned);
        }
        if plan.strategy.name == AUTO {
            choose_strategy(&mut plan, !self.search.learn_from.is_empty()).map_err(|error| self.at_its_place(error))?;
        }
        plan.learn_from = self.earlier(&plan, objective.schema())?;
        plan.measures = objective.measures(&|key| plan.values_of(key)).into_iter().map(|info| info.name).collect();
        Ok(plan)
    }

    /// Refuses a sub-space of which the constraints leave nothing.
    fn check_subspaces(&self, plan: &ResolvedPlan) -> Result<(), SpecError> {
        let sizes = plan.subspace_sizes();
        match sizes.iter().zip(&self.search.subspaces).find(|((_, size), _)| *size == 0) {
            None => Ok(()),
            Some(((subspace, _), placed)) => {
                let problem = format!("the constraints leave nothing of sub-space {}", quoted(&subspace.name));
                Err(SpecError::new(&placed.place, problem)
                    .expected("constraints that some of its configurations fulfil"))
            }
        }
    }

    /// Refuses to shuffle the trials of a search in which each depends on those before it.
    fn check_order(&self, plan: &ResolvedPlan) -> Result<(), SpecError> {
        if self.execution.order == Order::Plan || !plan.adapts() {
            return Ok(());
        }
        let what = match &plan.stopping {
            Some(stopping) => format!("search.stopping {}", stopping.rule),
            None if plan.adaptive.is_some() => "adaptive replicates".to_owned(),
            None => format!("strategy {}", plan.strategy.name),
        };
        let problem =
            format!("execution.order is shuffled with {what}, whose trials depend on the results of earlier ones");
        Err(SpecError::new(&self.order_place, problem).expected("order: plan, or no order"))
    }

    /// Returns the plan, if its sampler finds anything to propose.
    fn that_proposes(&self, plan: ResolvedPlan) -> Result<ResolvedPlan, SpecError> {
        if !plan.adapts() {
            return Ok(plan);
        }
        let plan = Arc::new(plan);
        let is_empty = Course::start(&plan).jobs().is_empty();
        let about = if plan.constraints.is_empty() { About::Strategy } else { About::Constraint(0) };
        let problem = format!("strategy {} finds nothing that the constraints allow", plan.strategy.name);
        match Arc::try_unwrap(plan) {
            Ok(plan) if !is_empty => Ok(plan),
            Ok(_) | Err(_) => {
                Err(self.at_its_place(PlanError::new(about, problem, "constraints that leave more of the space")))
            }
        }
    }

    /// Checks configurations that represent all others, so that values that do not fit together are found before
    /// anything runs.
    fn check_configurations(
        &self,
        plan: &ResolvedPlan,
        objective: &dyn Objective,
        check: &dyn Fn(&Configuration) -> Result<(), ConfigError>,
    ) -> Result<(), SpecError> {
        let rungs = plan.rungs();
        let drawing = if plan.per_replicate.is_empty() { 1 } else { plan.replicates.min(MOST_DRAWN_CHECKS) };
        for (at, values) in representatives(plan, objective.coupled_keys()).enumerate() {
            // The first one in every replicate, and the others in one each.
            let other = at as u64 % drawing;
            let replicates = if at == 0 { 0..drawing } else { other..other + 1 };
            for replicate in replicates {
                let mut configuration = plan.with_values(values.clone());
                plan.draw(&mut configuration, replicate);
                resolve(&mut configuration, &plan.inputs, |input| input.source.clone());
                check(&configuration).map_err(|error| self.blame(&error))?;
                // An error that shows only with a part of the budget hardly ever concerns a single configuration.
                for &budget in rungs.iter().filter(|_| at < MOST_DIVIDED) {
                    plan.give_budget(&mut configuration, Some(budget));
                    check(&configuration).map_err(|error| self.divided(self.blame(&error), budget))?;
                }
            }
        }
        Ok(())
    }

    /// Returns an error that shows only with a part of the budget. Its message names that part.
    fn divided(&self, error: SpecError, budget: u64) -> SpecError {
        let Some(stopping) = &self.search.stopping else { return error };
        let rule = &stopping.held.rule;
        let problem = format!("{} (with the budget {budget}, at which rule {rule} looks)", error.problem);
        SpecError { problem, ..error }
    }

    /// Returns the error for a name that is taken, at the place of the name that has to change.
    fn taken(&self, (clash, free): (Clash, Option<String>)) -> SpecError {
        let place = match &clash.owner {
            Owner::Key(key) => self.place_of_key(key),
            Owner::Measure(measure) => self.model.as_ref().and_then(|section| section.place_of_measure(measure)),
            Owner::Table => None,
        };
        let such = free.map(|free| format!(", such as '{free}'")).unwrap_or_default();
        SpecError::new(place.unwrap_or(&self.place), clash.to_string()).expected(format!("another name{such}"))
    }

    /// Returns the error for the configuration of a run, at the place where the reader has to look.
    fn blame(&self, error: &ConfigError) -> SpecError {
        let swept = self.search.space.iter().chain(&self.search.per_replicate).map(|swept| swept.setting.clone());
        let settings: Vec<_> = self.settings.iter().cloned().chain(swept).collect();
        place_error(error, &settings, &self.place)
    }

    /// Returns the error for a part of the plan, at the place of that part in the file.
    fn at_its_place(&self, error: PlanError) -> SpecError {
        let search = &self.search;
        let place = match &error.about {
            About::Key(key) => {
                let swept = search.space.iter().find(|swept| swept.key() == key);
                swept.map(|swept| &swept.setting.node.place).or_else(|| self.place_of_key(key))
            }
            About::RatioOf(key) => {
                let swept = search.space.iter().find(|swept| swept.key() == key);
                swept.map(|swept| swept.place_of_ratio().unwrap_or(&swept.setting.node.place))
            }
            About::Base(key) => self.place_of_key(key),
            About::Zip(at) => search.zip.get(*at).map(|placed| &placed.place),
            About::Constraint(at) => search.constraints.get(*at).map(|placed| &placed.place),
            About::LearnFrom(at) => search.learn_from.get(*at).map(|placed| &placed.place),
            About::SubjectTo(at) => search.subject_to.get(*at).map(|placed| &placed.place),
            About::Include(at) => search.include.get(*at).map(|placed| &placed.place),
            About::IncludedKey(at, key) => search.include_places.get(*at).and_then(|places| places.get(key)),
            About::PerReplicate(key) => {
                let drawn = search.per_replicate.iter().find(|drawn| drawn.key() == key);
                drawn.map(|drawn| &drawn.setting.place)
            }
            About::Strategy => Some(&search.strategy_place),
            About::Trials => search.trials_place.as_ref(),
            About::Round => search.round_place.as_ref(),
            About::Lag => search.lag_place.as_ref(),
            About::Objective(at) => self.goals.get(*at).map(|placed| &placed.place),
            About::Replicates(key) => self.replicates.place(key).or(Some(&self.place)),
            About::Stopping => search.stopping.as_ref().map(|placed| &placed.place),
            About::Argument(at, part) => {
                let place = self.model.as_ref().map(|section| section.place_of_part(&Holder::Argument(*at), part));
                return placed(&place.unwrap_or_else(|| self.place.clone()), error);
            }
            About::Variable(name, part) => {
                let holder = Holder::Variable(name.clone());
                let place = self.model.as_ref().map(|section| section.place_of_part(&holder, part));
                return placed(&place.unwrap_or_else(|| self.place.clone()), error);
            }
            About::Reading(at, keys) => self.model.as_ref().map(|section| section.place_of_reading(*at, keys)),
            About::Field("subspaces") => search.subspaces.first().map(|placed| &placed.place),
            About::Input(_) | About::Field(_) => Some(&self.place),
            About::Whole => None,
        };
        placed(place.unwrap_or(&search.space_place), error)
    }
}

/// Replaces strategy `auto` by the one that it stands for.
fn choose_strategy(plan: &mut Plan, has_earlier: bool) -> Result<(), PlanError> {
    let Some(trials) = plan.strategy.trials else {
        let problem = format!("strategy {AUTO} has no search.trials");
        return Err(PlanError::new(About::Strategy, problem, "trials: how many configurations"));
    };
    let space = Space::new(&plan.space, &plan.zip, &plan.constraints, &plan.base)?;
    let early = match &plan.stopping {
        None if plan.adaptive.is_some() => Early::Unlearned,
        None => Early::Never,
        Some(held) if plan.strategy.round.is_none() && held.rule().is_some_and(|rule| rule.info().lags) => {
            Early::Learned
        }
        Some(_) => Early::Unlearned,
    };
    let name = chosen(&Extent {
        trials,
        axes: space.axes(),
        is_conditional: plan.space.iter().any(|dimension| !dimension.when.is_empty()),
        objectives: plan.objectives().count(),
        stopping: early,
    });
    let name = if has_earlier { with_earlier(name, space.axes().len()) } else { name };
    let (round, lag) = (plan.strategy.round, plan.strategy.lag);
    plan.strategy = Strategy::new(name, Some(trials));
    plan.strategy.settings = plan.strategy.sampler().map(|one| defaults(one.info().settings)).unwrap_or_default();
    // A strategy that learns nothing has no use for either, but the rule that stops may have.
    let has_use = plan.strategy.learns() || plan.stopping.is_some();
    (plan.strategy.round, plan.strategy.lag) = (round.filter(|_| has_use), lag.filter(|_| has_use));
    Ok(())
}

fn placed(place: &Place, error: PlanError) -> SpecError {
    let expected = Some(error.expected).filter(|expected| !expected.is_empty()).map(Into::into);
    SpecError { expected, nearest: error.nearest.map(Into::into), ..SpecError::new(place, error.problem) }
}

/// Returns the plan of a sweep file of the burst network that has no mistakes.
#[cfg(test)]
pub(crate) fn planned(text: &str) -> ResolvedPlan {
    use crate::objective::burst::BurstNetwork;
    use crate::spec::Source;
    let network = BurstNetwork::default();
    let source = Source::parse("s.yaml".as_ref(), text.into()).unwrap();
    SweepSpec::new(&source, Vec::new(), network.schema()).unwrap().plan(&network).unwrap()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod together;
