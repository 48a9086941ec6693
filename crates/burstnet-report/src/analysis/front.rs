//! The best compromises of a sweep of several objectives.

use burstnet_core::config::Value;
use burstnet_core::measures::MeasureInfo;
use burstnet_core::numbers::{mean, spread};
use burstnet_sweep::objective::Direction;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::search::bounds::violation;
use serde::Serialize;

use super::kept::means;
use crate::analysis::Sample;
use crate::statistics::pareto;

/// The configurations of a front that are listed.
const MOST_LISTED: usize = 1000;

/// The configurations than which no other one is better in one objective without being worse in another, by their means.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Front {
    /// The objectives, the first one first.
    pub objectives: Vec<FrontObjective>,
    /// Number of configurations on it.
    pub size: usize,
    /// The configurations that are listed: all, or a thousand at equal distances; the best by the first objective first.
    pub configurations: Vec<FrontConfiguration>,
    /// For each configuration that has trials, its means and whether it is on the front.
    #[serde(skip)]
    pub standings: Vec<FrontStanding>,
}

/// A measure that is to be good.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrontObjective {
    /// The measure.
    pub measure: String,
    /// Its unit; empty for a pure number.
    pub unit: String,
    /// The end of it that is best.
    pub direction: Direction,
}

/// A configuration on the front.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrontConfiguration {
    /// Its number.
    pub config_id: u64,
    /// The swept keys' values, in the order of the plan.
    pub values: Vec<Value>,
    /// Its mean of each objective.
    pub means: Vec<f64>,
}

/// The means of a configuration in all objectives.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontStanding {
    /// True if it is on the front.
    pub on_front: bool,
    /// Its mean of each objective; `None` without a value.
    pub means: Vec<Option<f64>>,
}

impl Front {
    /// Returns the front of the configurations that have trials; `None` if there is a single objective.
    ///
    /// A configuration of which a trial failed, diverged or was stopped early, that lacks a mean, or does not keep the bounds
    /// on measures, is not on it.
    pub(crate) fn of(plan: &Configurations, sample: &Sample) -> Option<Self> {
        if plan.further_objectives.is_empty() {
            return None;
        }
        let objective = |goal: &burstnet_sweep::objective::Goal| FrontObjective {
            measure: goal.measure.clone(),
            unit: String::new(),
            direction: goal.direction,
        };
        let objectives: Vec<FrontObjective> = plan.objectives().map(objective).collect();
        let columns: Option<Vec<usize>> = objectives.iter().map(|one| sample.measure(&one.measure)).collect();
        let standings = standings(plan, sample, &objectives, &columns?);
        let mut front: Vec<usize> = (0..standings.len()).filter(|&place| standings[place].on_front).collect();
        let direction = objectives[0].direction;
        front.sort_by(|&a, &b| direction.compare(standings[a].means[0], standings[b].means[0]).then(a.cmp(&b)));
        let configuration = |&place: &usize| {
            let config_id = sample.config_ids()[place];
            let means = standings[place].means.iter().flatten().copied().collect();
            FrontConfiguration { config_id, values: plan.swept_values(config_id), means }
        };
        let listed = spread(front.len(), MOST_LISTED).map(|at| configuration(&front[at])).collect();
        Some(Self { size: front.len(), configurations: listed, objectives, standings })
    }
}

impl Front {
    /// Adds the units of its measures.
    pub(crate) fn with_units(mut self, infos: &[MeasureInfo]) -> Self {
        for objective in &mut self.objectives {
            let info = infos.iter().find(|info| info.name == objective.measure);
            objective.unit = info.map_or("", |info| info.unit).to_owned();
        }
        self
    }
}

fn standings(
    plan: &Configurations,
    sample: &Sample,
    objectives: &[FrontObjective],
    columns: &[usize],
) -> Vec<FrontStanding> {
    let mean = |place: usize, column: usize| mean(sample.values(place, column).map(|(_, x)| x));
    let mut all: Vec<FrontStanding> = (0..sample.configurations())
        .map(|place| FrontStanding {
            on_front: false,
            means: columns.iter().map(|&column| mean(place, column)).collect(),
        })
        .collect();
    let complete = |place: &usize| {
        let counts = sample.counts(*place);
        let keeps = || violation(&plan.subject_to, means(plan, sample, *place, |_| true)) == 0.0;
        counts.ok == counts.all() && all[*place].means.iter().all(Option::is_some) && keeps()
    };
    let places: Vec<usize> = (0..all.len()).filter(complete).collect();
    let point = |&place: &usize| {
        let signed = |(mean, one): (&Option<f64>, &FrontObjective)| match one.direction {
            Direction::Minimize => mean.unwrap_or_default(),
            Direction::Maximize => -mean.unwrap_or_default(),
        };
        all[place].means.iter().zip(objectives).map(signed).collect()
    };
    let points: Vec<Vec<f64>> = places.iter().map(point).collect();
    for (&place, on_front) in places.iter().zip(pareto::front(&points)) {
        all[place].on_front = on_front;
    }
    all
}
