//! What follows from a plan and is needed often: its axes, the points that count, and the points that a sampler which
//! learns has proposed so far. None of it is part of the plan's identity.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use burstnet_core::config::Value;

use crate::copies::{Comparison, Copies};
use crate::plan::Plan;
use crate::samplers::{Point, Problem, Sampler, Sequence};
use crate::space::{About, Listed, Space, SpaceError, list};
use crate::spec::domain::Domain;

/// How many combinations of keys that must fit together are checked before the first trial.
const MOST_CHECKS: u64 = 10_000;

/// What follows from a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    /// The space, checked.
    pub(crate) space: Space,
    /// The configurations that come before those of the sampler.
    pub(crate) included: Vec<Vec<Option<Value>>>,
    /// Which points of the sampler count, where not all do.
    pub(crate) listed: Option<Listed>,
    /// The points of a sampler that does not learn.
    sequence: Option<Arc<dyn Sequence>>,
    /// How many configurations there are.
    pub(crate) configurations: u64,
}

impl Prepared {
    /// Finds what follows from `plan`.
    ///
    /// # Errors
    /// If its keys are tied in a circle, say, or no configuration is left.
    pub(crate) fn new(plan: &Plan) -> Result<Self, SpaceError> {
        let space = Space::new(&plan.space, &plan.zip, &plan.constraints, &plan.base)?;
        let sampler = sampler_of(plan)?;
        let info = sampler.info();
        if space.axes().len() > info.most_axes {
            let problem = format!("{} axes of strategy {}", space.axes().len(), info.name);
            return Err(SpaceError::new(About::Strategy, problem, format!("at most {}", info.most_axes)));
        }
        let included = included(plan, &space)?;
        let mut prepared = Self { space, included, ..Self::default() };
        prepared.sequence = sampler.sequence(&prepared.problem(plan)).map(Arc::from);
        let conditional = plan.space.iter().any(|dimension| !dimension.when.is_empty());
        let distinct = !info.needs_trials && (conditional || !prepared.included.is_empty());
        if let Some(sequence) = prepared.sequence.as_deref().filter(|_| prepared.space.is_constrained() || distinct) {
            let Self { space, included, .. } = &prepared;
            let listed = list(space, &plan.space, sampler, &prepared.problem(plan), sequence, included)?;
            prepared.listed = Some(listed);
        }
        let points = match (&prepared.listed, plan.strategy.trials) {
            (Some(listed), _) => Some(listed.kept.len() as u64),
            (None, Some(trials)) => Some(trials - prepared.included.len() as u64),
            (None, None) => sampler.count(&prepared.problem(plan)),
        };
        let all = points.and_then(|points| points.checked_add(prepared.included.len() as u64));
        prepared.configurations = all.unwrap_or(u64::MAX);
        Ok(prepared)
    }

    /// How many configurations there are at most, before those are listed that count; none if there are too many to be
    /// numbered.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub(crate) fn most(plan: &Plan) -> Result<Option<u64>, SpaceError> {
        if let Some(trials) = plan.strategy.trials {
            return Ok(Some(trials));
        }
        let space = Space::new(&plan.space, &plan.zip, &plan.constraints, &plan.base)?;
        let prepared = Self { space, ..Self::default() };
        let points = sampler_of(plan)?.count(&prepared.problem(plan));
        Ok(points.and_then(|points| points.checked_add(plan.include.len() as u64)))
    }

    /// What the sampler of `plan` is asked about.
    pub(crate) fn problem<'a>(&'a self, plan: &'a Plan) -> Problem<'a> {
        let usual = || plan.strategy.sampler().map_or(1, |sampler| sampler.usual_round(self.space.axes().len()));
        Problem {
            axes: self.space.axes(),
            seed: plan.seed,
            points: plan.strategy.trials.map(|trials| trials.saturating_sub(self.included.len() as u64)),
            round: plan.strategy.round.unwrap_or_else(usual).max(1),
            objectives: 1 + plan.further_objectives.len(),
            settings: &plan.strategy.settings,
        }
    }

    /// The values of configurations that stand for all where it matters whether values fit together: of each group of
    /// `coupled` keys all combinations of listed values and ranges' ends, or the configurations themselves where these are
    /// listed.
    pub(crate) fn representatives<'a>(
        &'a self,
        plan: &'a Plan,
        coupled: &'a [&'a [&'a str]],
    ) -> Box<dyn Iterator<Item = Vec<Option<Value>>> + 'a> {
        let included = self.included.iter().cloned();
        if let Some(listed) = &self.listed {
            let first = self.included.len() as u64;
            let kept = (listed.kept.len() as u64).min(MOST_CHECKS);
            return Box::new(included.chain((first..first + kept).map(|config_id| plan.values(config_id))));
        }
        let is_swept = |key: &str| plan.space.iter().any(|dimension| dimension.key == key);
        // A group whose swept keys are all in an earlier one says nothing new.
        let adds = move |at: &usize| {
            let known = |key: &str| coupled[..*at].iter().any(|group| group.contains(&key));
            coupled[*at].iter().any(|key| is_swept(key) && !known(key))
        };
        let first = coupled.first().copied().unwrap_or_default();
        let groups = [first].into_iter().chain((1..coupled.len()).filter(adds).map(|at| coupled[at]));
        Box::new(included.chain(groups.flat_map(move |group| self.combinations(plan, group))))
    }

    /// The values of all combinations of what the keys of a group can be, but for those that the constraints exclude.
    fn combinations<'a>(
        &'a self,
        plan: &'a Plan,
        group: &'a [&'a str],
    ) -> impl Iterator<Item = Vec<Option<Value>>> + 'a {
        let units: Vec<Vec<f64>> = (0..self.space.axes().len()).map(|axis| self.units_of(plan, axis, group)).collect();
        let all = units.iter().try_fold(1_u64, |all, units| all.checked_mul(units.len() as u64)).unwrap_or(u64::MAX);
        let combination = move |number: u64| {
            let mut rest = number;
            let point: Point = units
                .iter()
                .map(|units| {
                    let unit = units[(rest % units.len() as u64) as usize];
                    rest /= units.len() as u64;
                    unit
                })
                .collect();
            let values = self.space.values(&plan.space, &point);
            let allowed = self.space.allows(&values).unwrap_or(false);
            allowed.then_some(values)
        };
        (0..all.min(MOST_CHECKS)).filter_map(combination)
    }

    /// The coordinates along an axis that stand for all, if any key along it is coupled to others; else one.
    fn units_of(&self, plan: &Plan, axis: usize, coupled: &[&str]) -> Vec<f64> {
        let own =
            || plan.space.iter().enumerate().filter(|(at, _)| self.space.axis_of(*at) == axis).map(|(_, one)| one);
        let decides = |key: &str| plan.space.iter().any(|other| other.when.iter().any(|when| when.key == key));
        let matters = own().any(|one| coupled.contains(&one.key.as_str()) || decides(&one.key));
        let kind = self.space.axes()[axis].kind;
        match kind.count() {
            _ if !matters => vec![kind.middle(0)],
            Some(count) if own().any(|one| matches!(one.domain, Domain::Values(_))) => {
                (0..count).map(|index| kind.middle(index)).collect()
            }
            Some(count) => vec![kind.middle(0), kind.middle(count.saturating_sub(1))],
            None => vec![0.0, 1.0 - f64::EPSILON / 2.0],
        }
    }
}

fn sampler_of(plan: &Plan) -> Result<&'static dyn Sampler, SpaceError> {
    let unknown = || SpaceError::new(About::Strategy, format!("strategy {:?}", plan.strategy.name), "a sampler's name");
    plan.strategy.sampler().ok_or_else(unknown)
}

/// The values of the configurations that must be there.
fn included(plan: &Plan, space: &Space) -> Result<Vec<Vec<Option<Value>>>, SpaceError> {
    if plan.strategy.trials.is_some_and(|trials| (trials as usize) < plan.include.len()) {
        let problem = format!("{} configurations are included", plan.include.len());
        return Err(SpaceError::new(About::Strategy, problem, "at least as many trials"));
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
            return Err(SpaceError::new(About::Include(at), problem, "values for which its conditions hold"));
        }
        if !space.allows(&values)? {
            let problem = "an included configuration is excluded by the constraints";
            return Err(SpaceError::new(About::Include(at), problem, "one that fulfils them"));
        }
        if all.contains(&values) {
            let problem = "an included configuration that is there already";
            return Err(SpaceError::new(About::Include(at), problem, "each once, keys that are not given counted"));
        }
        all.push(values);
    }
    Ok(all)
}

/// What plans that are clones of each other share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    prepared: OnceLock<Prepared>,
    /// What a sampler that learns has proposed.
    points: RwLock<Vec<Point>>,
    /// With how many configurations a search has ended that found no other.
    ended: RwLock<Option<u64>>,
    /// Which configurations are equal, as far as they were compared.
    comparison: RwLock<Comparison>,
}

/// It follows from the rest of a plan.
impl PartialEq for Shared {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Shared {
    pub(crate) fn set(&self, prepared: Prepared) {
        let _ = self.0.prepared.set(prepared);
    }

    pub(crate) fn prepared(&self, plan: &Plan) -> &Prepared {
        self.0.prepared.get_or_init(|| Prepared::new(plan).unwrap_or_default())
    }

    pub(crate) fn learn(&self, points: &[Point]) {
        self.0.points.write().unwrap_or_else(PoisonError::into_inner).extend_from_slice(points);
    }

    pub(crate) fn forget(&self, plan: &Plan) {
        self.0.points.write().unwrap_or_else(PoisonError::into_inner).clear();
        if plan.strategy.learns() {
            self.compare_again();
        }
        *self.0.ended.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn end(&self, configurations: u64) {
        *self.0.ended.write().unwrap_or_else(PoisonError::into_inner) = Some(configurations);
    }

    pub(crate) fn ended(&self) -> Option<u64> {
        *self.0.ended.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the shared part for a plan with the same space and its own configurations.
    pub(crate) fn apart(&self) -> Self {
        let prepared = self.0.prepared.get().cloned().map(OnceLock::from).unwrap_or_default();
        Self(Arc::new(Inner { prepared, ..Inner::default() }))
    }

    /// Which configurations are copies of others, of those that are known: of a sampler that learns, those that it has
    /// proposed.
    pub(crate) fn copies(&self, plan: &Plan) -> Arc<Copies> {
        let known = if plan.confirmation.is_none() && plan.strategy.learns() {
            let proposed = self.0.points.read().unwrap_or_else(PoisonError::into_inner).len();
            (self.prepared(plan).included.len() + proposed) as u64
        } else {
            plan.configurations()
        };
        let held = self.0.comparison.read().unwrap_or_else(PoisonError::into_inner).copies_of(known);
        held.unwrap_or_else(|| self.0.comparison.write().unwrap_or_else(PoisonError::into_inner).extend(plan, known))
    }

    /// Forgets which configurations are equal.
    pub(crate) fn compare_again(&self) {
        *self.0.comparison.write().unwrap_or_else(PoisonError::into_inner) = Comparison::default();
    }

    /// The points of configurations that a sampler has proposed; the middle of the space for others.
    pub(crate) fn points(&self, plan: &Plan, config_ids: &[u64]) -> Vec<Point> {
        let prepared = self.prepared(plan);
        let points = self.0.points.read().unwrap_or_else(PoisonError::into_inner);
        let point = |config_id: &u64| {
            let number = config_id.checked_sub(prepared.included.len() as u64)?;
            points.get(number as usize).cloned()
        };
        let middle = vec![0.5; prepared.space.axes().len()];
        config_ids.iter().map(|config_id| point(config_id).unwrap_or_else(|| middle.clone())).collect()
    }

    /// The values of configuration `config_id` of the search, of which the point is known.
    pub(crate) fn values_at(&self, plan: &Plan, config_id: u64, point: &[f64]) -> Vec<Option<Value>> {
        let prepared = self.prepared(plan);
        match prepared.included.get(config_id as usize) {
            Some(values) => values.clone(),
            None => prepared.space.values(&plan.space, point),
        }
    }

    /// The values of configuration `config_id` of the search; those of the base if it has not been proposed yet.
    pub(crate) fn values(&self, plan: &Plan, config_id: u64) -> Vec<Option<Value>> {
        let prepared = self.prepared(plan);
        let included = prepared.included.len() as u64;
        if let Some(values) = prepared.included.get(config_id as usize) {
            return values.clone();
        }
        let number = config_id - included;
        let index = match &prepared.listed {
            Some(listed) => listed.kept.get(number as usize).copied().unwrap_or(u64::MAX),
            None => number,
        };
        let point = if plan.strategy.learns() {
            self.0.points.read().unwrap_or_else(PoisonError::into_inner).get(number as usize).cloned()
        } else {
            prepared.sequence.as_ref().and_then(|sequence| sequence.point(index))
        };
        match point {
            Some(point) => prepared.space.values(&plan.space, &point),
            None => vec![None; plan.space.len()],
        }
    }
}
