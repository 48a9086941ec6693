//! A plan with the data that follow from it: its axes, its included configurations and the points that count.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::OnceLock;

use burstnet_core::config::Value;

use crate::limits::{MOST_COMPARED, MOST_CONFIRMED, USUAL_LAG};
use crate::plan::copies::{self, Copies};
use crate::plan::counting::countable;
use crate::plan::{Confirmation, Plan};
use crate::search::auto;
use crate::search::samplers::{Point, PointSequence, Problem, Sampler};
use crate::space::plan_error::{About, PlanError};
use crate::space::{Listed, Space, list};

/// A plan and the data that follow from it alone. It never changes. The proposals of a sampler that learns are in
/// [`Configurations`](crate::plan::configurations::Configurations).
///
/// A resolved plan is a plan that has been checked, so it dereferences to [`Plan`]: its fields and what follows from
/// them alone mean the same in both. Nothing can be changed through it.
///
/// Configurations are found by arithmetic, so a plan of 10¹² costs as much as one of ten. Only if some points do not
/// count are those that do listed.
#[derive(Debug)]
pub struct ResolvedPlan {
    plan: Plan,
    space: Space,
    included: Vec<Vec<Option<Value>>>,
    /// The points of the sampler that count, if not all do.
    listed: Option<Listed>,
    /// The points of a sampler that does not learn.
    sequence: Option<Box<dyn PointSequence>>,
    /// The number of configurations of the search, or of the sweep that a confirmation confirms.
    searched: u64,
    /// The copies, which are found when they are first needed.
    copies: OnceLock<Copies>,
    /// True if the sweep file says nothing about the pace of a sampler that learns.
    usual_pace: bool,
    /// The round and the lag in the sweep file, if it leaves the strategy to this program.
    left_open: Option<(Option<u64>, Option<u64>)>,
}

impl Deref for ResolvedPlan {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.plan
    }
}

impl ResolvedPlan {
    /// Checks the ties of the swept keys, and finds the data that follow from the plan.
    ///
    /// # Errors
    /// If keys depend on each other in a circle, for example, no configuration is left, or there are too many to be
    /// numbered.
    pub fn new(plan: Plan) -> Result<Self, PlanError> {
        let space = Space::new(&plan.space, &plan.zip, &plan.constraints, &plan.base)?;
        let sampler = sampler_of(&plan)?;
        let info = sampler.info();
        if space.axes().len() > info.most_axes {
            let problem = format!("{} axes of strategy {}", space.axes().len(), info.name);
            let other = if info.indexed { "random" } else { "tpe" };
            let expected = format!("at most {}, or strategy {other}", info.most_axes);
            return Err(PlanError::new(About::Strategy, problem, expected));
        }
        let searched = countable(&plan, &space, sampler)?;
        let included = included(&plan, &space)?;
        let mut resolved = Self {
            plan,
            space,
            included,
            listed: None,
            sequence: None,
            searched,
            copies: OnceLock::new(),
            usual_pace: false,
            left_open: None,
        };
        let problem = resolved.problem();
        let sequence = sampler.sequence(&problem);
        let conditional = resolved.plan.space.iter().any(|dimension| !dimension.when.is_empty());
        let distinct = !info.needs_trials && (conditional || !resolved.included.is_empty());
        let listed = match sequence.as_deref().filter(|_| resolved.space.is_constrained() || distinct) {
            None => None,
            Some(sequence) => {
                let Self { plan, space, included, .. } = &resolved;
                Some(list(space, &plan.space, sampler, &problem, sequence, included)?)
            }
        };
        if let Some(listed) = &listed {
            resolved.searched = (listed.kept.len() + resolved.included.len()) as u64;
        }
        (resolved.listed, resolved.sequence) = (listed, sequence);
        resolved.check_confirmation()?;
        Ok(resolved)
    }

    /// Checks the configurations that are to be confirmed.
    fn check_confirmation(&self) -> Result<(), PlanError> {
        let Some(Confirmation { of, config_ids, points }) = &self.plan.confirmation else { return Ok(()) };
        let wrong =
            |problem: String, expected: &str| Err(PlanError::new(About::Field("confirmation"), problem, expected));
        if of.len() != 64 || !of.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return wrong(format!("confirmation.of is {of:?}"), "the fingerprint of a plan");
        }
        if config_ids.is_empty() || config_ids.len() > MOST_CONFIRMED {
            let problem = format!("{} configurations to confirm", config_ids.len());
            return wrong(problem, &format!("1 to {MOST_CONFIRMED}"));
        }
        if let Some(config_id) = config_ids.iter().find(|config_id| **config_id >= self.searched) {
            let problem = format!("configuration {config_id} is to be confirmed, of a sweep of {}", self.searched);
            return wrong(problem, "one of its configurations");
        }
        let axes = self.space.axes().len();
        let is_point = |point: &Point| point.len() == axes && point.iter().all(|unit| (0.0..1.0).contains(unit));
        let wanted = if self.plan.strategy.learns() { config_ids.len() } else { 0 };
        if points.len() != wanted || !points.iter().all(is_point) {
            return wrong("the points of the configurations to confirm do not fit them".into(), "one of each");
        }
        if config_ids.iter().collect::<HashSet<_>>().len() < config_ids.len() {
            return wrong("a configuration is to be confirmed twice".into(), "each once");
        }
        Ok(())
    }

    /// Returns the plan with the usual lag of a sampler that learns written out, if the sweep file gives neither a lag
    /// nor a round. Like its settings, the default may change in later versions.
    pub(crate) fn saying_pace(mut self) -> Self {
        self.usual_pace = self.strategy.learns() && self.strategy.round.is_none() && self.strategy.lag.is_none();
        if self.usual_pace {
            self.plan.strategy.lag = Some(USUAL_LAG);
        }
        self
    }

    /// Returns the plan with a note that its strategy was left open, in a file with this round and lag.
    pub(crate) fn leaving_open(mut self, round: Option<u64>, lag: Option<u64>) -> Self {
        self.left_open = Some((round, lag));
        self
    }

    /// Returns whether the sweep file leaves the strategy open.
    pub(crate) fn is_left_open(&self) -> bool {
        self.left_open.is_some()
    }

    /// Returns the plan with the strategy of `held`, the plan of the directory with which it is to go on, if the sweep file
    /// leaves it open: with another number of trials another one may be chosen, but the search goes on as it began.
    fn with_strategy_of(self, held: &Plan) -> Self {
        let Some((round, lag)) = self.left_open.filter(|_| held.strategy.name != self.strategy.name) else {
            return self;
        };
        let mut strategy = held.strategy.clone();
        strategy.trials = self.strategy.trials;
        if (strategy.learns() || self.stopping.is_some()) && (round.is_some() || lag.is_some()) {
            (strategy.round, strategy.lag) = (round, lag);
        }
        let is_open = auto::MAY_CHOOSE.contains(&held.strategy.name.as_str());
        let kept =
            Self::new(Plan { strategy, ..self.plan.clone() }).ok().filter(|kept| is_open && kept.may_follow(held));
        kept.map_or(self, |kept| Self { left_open: Some((round, lag)), ..kept })
    }

    /// Returns whether the objectives of a plan suit its strategy, and nothing but the number of trials and what is
    /// measured differs from the search of `held`.
    fn may_follow(&self, held: &Plan) -> bool {
        let suits = self.strategy.sampler().is_some_and(|one| self.objectives().count() <= one.info().most_objectives);
        suits && self.plan.space == held.space && self.stopping == held.stopping
    }

    /// Returns the plan with the strategy and the pace of `held`, the plan of the directory with which it is to go on, as
    /// far as the sweep file says nothing about them: the usual pace may have been another one when the directory was made.
    pub(crate) fn going_on_from(self, held: &Plan) -> Self {
        let mut plan = self.with_strategy_of(held);
        plan.keep_pace_of(held);
        plan
    }

    fn keep_pace_of(&mut self, held: &Plan) {
        if self.usual_pace && held.strategy.name == self.strategy.name {
            (self.plan.strategy.lag, self.plan.strategy.round) = (held.strategy.lag, held.strategy.round);
        }
    }

    /// Returns the plan of a search whose trials all run, to the end.
    pub(crate) fn without_stopping(mut self) -> Self {
        (self.plan.stopping, self.plan.adaptive) = (None, None);
        self
    }

    /// Returns the plan with input files that have been hashed since. Files are equal if their contents are.
    pub(crate) fn with_inputs(mut self, inputs: Vec<crate::plan::input_files::InputFile>) -> Self {
        self.plan.inputs = inputs;
        self.copies = OnceLock::new();
        self
    }

    /// Returns the plain plan.
    pub fn into_plan(self) -> Plan {
        self.plan
    }

    /// Returns the space, with its axes and ties.
    pub(crate) fn resolved_space(&self) -> &Space {
        &self.space
    }

    /// Returns the configurations that come before those of the sampler.
    pub(crate) fn included(&self) -> &[Vec<Option<Value>>] {
        &self.included
    }

    /// Returns the points of the sampler that count, if not all do.
    pub(crate) fn listed(&self) -> Option<&Listed> {
        self.listed.as_ref()
    }

    /// Returns the problem that the sampler has to solve.
    pub(crate) fn problem(&self) -> Problem<'_> {
        let strategy = &self.plan.strategy;
        let usual = || strategy.sampler().map_or(1, |sampler| sampler.usual_round(self.space.axes().len()));
        Problem {
            axes: self.space.axes(),
            seed: self.plan.seed,
            points: strategy.trials.map(|trials| trials.saturating_sub(self.included.len() as u64)),
            round: if strategy.lag.is_some() { 1 } else { strategy.round.unwrap_or_else(usual).max(1) },
            objectives: self.plan.objectives().count(),
            settings: &strategy.settings,
        }
    }

    /// Returns the number of combinations or points that the constraints exclude.
    pub fn excluded(&self) -> u64 {
        self.listed.as_ref().map_or(0, |listed| listed.excluded)
    }

    /// Returns the number of configurations of the search, or of the sweep that a confirmation confirms.
    pub(crate) fn searched(&self) -> u64 {
        self.searched
    }

    /// Returns the number of configurations that were asked for. A search that finds no more ends with fewer.
    pub fn most_configurations(&self) -> u64 {
        match &self.plan.confirmation {
            Some(confirmation) => confirmation.config_ids.len() as u64,
            None => self.searched,
        }
    }

    /// Returns the number of trials of [`ResolvedPlan::most_configurations`], as they are numbered. With adaptive replicates
    /// not all of them run.
    pub fn most_trials(&self) -> u64 {
        self.most_configurations() * self.plan.replicates
    }

    /// Returns the largest possible number of configurations for a sampler that proposes each once, or `None` if there
    /// is no such number, or it is not below the number that was asked for.
    pub fn exhausts(&self) -> Option<u64> {
        let distinct = self.strategy.learns() && self.strategy.sampler().is_some_and(|one| one.info().distinct);
        let axes = self.space.axes();
        let all = axes.iter().map(|axis| axis.kind.count()).try_fold(1_u64, |all, count| all.checked_mul(count?))?;
        let all = all.saturating_add(self.included.len() as u64);
        (distinct && all < self.searched).then_some(all)
    }

    /// Returns whether the plan alone determines every configuration, since no sampler has to propose them first.
    pub(crate) fn says_all(&self) -> bool {
        self.plan.confirmation.is_some() || !self.plan.strategy.learns()
    }

    /// Returns the configurations that are copies of an earlier one, if the plan determines them; otherwise no copies.
    pub(crate) fn own_copies(&self) -> &Copies {
        self.copies.get_or_init(|| {
            let all = self.most_configurations();
            if self.says_all() && all <= MOST_COMPARED && self.may_repeat() {
                Copies::find(&self.plan, all, |config_id| self.own_values(config_id).unwrap_or_default())
            } else {
                Copies::default()
            }
        })
    }

    /// Returns whether configurations can be equal.
    pub(crate) fn may_repeat(&self) -> bool {
        copies::may_repeat(&self.plan, &self.space)
    }

    /// Returns the number of trials that run: those of the configurations that are not copies, as far as the plan
    /// determines this.
    pub fn most_runs(&self) -> u64 {
        self.plan.runs_of(self.most_configurations() - self.own_copies().len())
    }

    /// Returns the values of the keys at a point.
    pub(crate) fn values_at(&self, point: &[f64]) -> Vec<Option<Value>> {
        self.space.values(&self.plan.space, point)
    }

    /// Returns the values of configuration `config_id` if the plan determines them, or `None` if a sampler proposes it.
    pub(crate) fn own_values(&self, config_id: u64) -> Option<Vec<Option<Value>>> {
        let searched_id = self.plan.searched_id(config_id);
        if let Some(values) = self.included.get(searched_id as usize) {
            return Some(values.clone());
        }
        let confirmed = self.plan.confirmation.as_ref().and_then(|one| one.points.get(config_id as usize));
        if let Some(point) = confirmed {
            return Some(self.values_at(point));
        }
        let number = searched_id - self.included.len() as u64;
        let index = match &self.listed {
            Some(listed) => listed.kept.get(number as usize).copied()?,
            None => number,
        };
        Some(self.values_at(&self.sequence.as_ref()?.point(index)?))
    }

    /// Returns the position of a configuration with these values in the domains of the keys: the values, or the ratios
    /// of keys that are tied by a ratio. Keys that do not exist in it have `None`.
    pub(crate) fn coordinates_of(&self, mut values: Vec<Option<Value>>) -> Vec<Option<Value>> {
        if self.plan.space.iter().any(|dimension| dimension.ratio_of.is_some()) {
            let point = self.space.point_of(&self.plan.space, &values);
            for (at, dimension) in self.plan.space.iter().enumerate().filter(|(_, one)| one.ratio_of.is_some()) {
                let unit = point[self.space.axis_of(at)];
                values[at] = values[at].as_ref().map(|_| dimension.domain.at(unit));
            }
        }
        values
    }

    /// Returns the values that swept key number `at` can have in the columns of tables, as [`Plan::values_of`] does. A
    /// configuration in which the key does not exist has none.
    pub fn column_values(&self, at: usize) -> Vec<Value> {
        let included = self.included.iter().filter_map(|values| values[at].clone());
        self.proposed_values(&self.plan.space[at]).into_iter().chain(included).collect()
    }
}

fn sampler_of(plan: &Plan) -> Result<&'static dyn Sampler, PlanError> {
    let unknown = || PlanError::new(About::Strategy, format!("strategy {:?}", plan.strategy.name), "a sampler's name");
    plan.strategy.sampler().ok_or_else(unknown)
}

/// Returns the values of the included configurations.
fn included(plan: &Plan, space: &Space) -> Result<Vec<Vec<Option<Value>>>, PlanError> {
    if plan.strategy.trials.is_some_and(|trials| (trials as usize) < plan.include.len()) {
        let problem = format!("{} configurations are included", plan.include.len());
        return Err(PlanError::new(About::Strategy, problem, "at least as many trials"));
    }
    let mut all = Vec::with_capacity(plan.include.len());
    for (at, given) in plan.include.iter().enumerate() {
        let value = |key: &str| given.get(key).unwrap_or_else(|| plan.base.get(key)).clone();
        let full: Vec<Option<Value>> = plan.space.iter().map(|dimension| Some(value(&dimension.key))).collect();
        let values = space.existing(full);
        let absent =
            plan.space.iter().zip(&values).find(|(one, value)| value.is_none() && given.contains_key(&one.key));
        if let Some((one, _)) = absent {
            let problem = format!("an included configuration gives {}, which does not exist in it", one.key);
            return Err(PlanError::new(About::Include(at), problem, "values for which its conditions hold"));
        }
        if !space.allows(&values)? {
            let problem = "an included configuration is excluded by the constraints";
            return Err(PlanError::new(About::Include(at), problem, "one that fulfils them"));
        }
        if all.contains(&values) {
            let problem = "an included configuration that is there already";
            return Err(PlanError::new(About::Include(at), problem, "each once, keys that are not given counted"));
        }
        all.push(values);
    }
    Ok(all)
}
