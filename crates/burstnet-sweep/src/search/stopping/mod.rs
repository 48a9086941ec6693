//! Rules that stop configurations before they have run to the end.
//!
//! Like a sampler, a rule is a pure function of the outcomes of completed rounds: it determines the trials that run
//! next, and their budgets. All trials of a round are awaited, and ties are broken by the number of the configuration,
//! so that the survivors are the same everywhere. A new rule is a file here and a line in [`ALL`].

use std::collections::HashMap;

use burstnet_core::numbers::Mean;

use self::open::OpenRace;
use crate::search::bounds::{Bound, Merit, violation};
use crate::search::copies::Copies;
use crate::search::samplers::SearchSetting;

pub(crate) mod adaptive_replicates;
mod hyperband;
mod median;
mod one_look;
pub mod open;
mod open_halving;
mod open_median;
mod open_racing;
mod paired_racing;
mod paired_test;
mod student;
mod successive_halving;

/// All rules.
pub const ALL: [&dyn Rule; 5] = [
    &one_look::OneLook,
    &successive_halving::SuccessiveHalving,
    &hyperband::Hyperband,
    &median::Median,
    &paired_racing::PairedRacing,
];

/// Returns the rule of this name.
pub fn named(name: &str) -> Option<&'static dyn Rule> {
    ALL.into_iter().find(|rule| rule.info().name == name)
}

/// The properties of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleInfo {
    /// The name in sweep files.
    pub name: &'static str,
    /// The paper that the rule comes from.
    pub source: &'static str,
    /// True if the rule gives trials parts of their budget, rather than stopping between replicates.
    pub needs_budget: bool,
    /// True if the rule needs several replicates.
    pub needs_replicates: bool,
    /// True if it keeps a number of configurations that is fixed beforehand, whatever these show.
    pub keeps_fixed_number: bool,
    /// True if it compares configurations by their order alone, so that bounds on measures count.
    pub ranks: bool,
    /// True if it can go without rounds, with a lag.
    pub lags: bool,
    /// True if `search.round` says how many configurations start together; other rules decide that themselves.
    pub sizes_rounds: bool,
    /// The settings.
    pub settings: &'static [SearchSetting],
}

impl RuleInfo {
    /// The properties of a rule that keeps a fixed number of configurations at each part of a budget; its name is missing.
    const USUAL: Self = Self {
        name: "",
        source: "",
        needs_budget: true,
        needs_replicates: false,
        keeps_fixed_number: true,
        ranks: true,
        lags: true,
        sizes_rounds: false,
        settings: &[],
    };
}

/// A trial up to a rung, the part of its budget at which it is assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Job {
    /// The configuration.
    pub config_id: u64,
    /// The replicate.
    pub replicate: u64,
    /// The number of the rung, from 0.
    pub rung: usize,
}

/// A configuration that goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The configuration.
    pub config_id: u64,
    /// The reason.
    pub reason: String,
}

/// The decision of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The jobs that run next; empty if the search is over.
    pub jobs: Vec<Job>,
    /// All configurations that have been stopped so far.
    pub stopped: Vec<Stopped>,
}

/// The data on which a rule decides.
#[derive(Clone, Copy)]
pub struct Race<'a> {
    /// The number of configurations that are not copies of others; only these take part.
    pub configurations: u64,
    /// The copies.
    pub copies: &'a Copies,
    /// The number of replicates of each configuration.
    pub replicates: u64,
    /// The number of configurations that start together, if the sweep file sets it.
    pub round: Option<u64>,
    /// The whole budget of a trial; 1 if it is not divided.
    pub budget: u64,
    /// The values of the rule's settings.
    pub setting: &'a dyn Fn(&str) -> f64,
    /// The outcomes that are known.
    pub outcomes: &'a Outcomes,
    /// The configurations that the last decision stopped. They follow from the outcomes, but need not be determined
    /// again.
    pub stopped: &'a [Stopped],
    /// The jobs of the last round, whose outcomes are all known; empty before the first round.
    pub last: &'a [Job],
}

/// The outcomes of jobs: the losses to minimise, by objective, and then the values of measures with bounds; `None` (the
/// worst) for a trial that failed or diverged.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    held: HashMap<Job, Vec<Option<f64>>>,
    bounds: Vec<Bound>,
}

impl Outcomes {
    /// Returns no outcomes yet, of a search with these bounds.
    pub fn bounded(bounds: &[Bound]) -> Self {
        Self { held: HashMap::new(), bounds: bounds.to_vec() }
    }

    /// Notes the outcome of a job: the losses, and the values of the measures with bounds.
    pub fn note(&mut self, job: Job, outcome: Vec<Option<f64>>) {
        self.held.insert(job, outcome);
    }

    /// Returns the first objective of a job, infinite if it failed or diverged; `None` if it has not run.
    pub fn loss(&self, job: Job) -> Option<f64> {
        self.held.get(&job).map(|losses| losses.first().copied().flatten().unwrap_or(f64::INFINITY))
    }

    /// Returns the mean of each objective, and then of each measure with a bound, over replicates `0..replicates` of a
    /// configuration at a rung. `None` if an
    /// outcome is not known yet; the mean is `None` if a trial failed or diverged.
    pub fn means(&self, config_id: u64, rung: usize, replicates: u64) -> Option<Vec<Option<f64>>> {
        let mut means: Vec<Option<Mean>> = Vec::new();
        for replicate in 0..replicates {
            let losses = self.held.get(&Job { config_id, replicate, rung })?;
            if replicate == 0 {
                means = vec![Some(Mean::default()); losses.len()];
            }
            for (mean, loss) in means.iter_mut().zip(losses) {
                *mean = mean.zip(*loss).map(|(mean, loss)| mean.with(loss));
            }
        }
        Some(means.into_iter().map(|mean| mean.and_then(Mean::value)).collect())
    }

    /// Returns the standard errors of [`Outcomes::means`]; `None` with one replicate, or where there is no mean.
    pub fn errors(&self, config_id: u64, rung: usize, replicates: u64) -> Vec<Option<f64>> {
        let means = self.means(config_id, rung, replicates).unwrap_or_default();
        let n = replicates as f64;
        let error = |(at, mean): (usize, &Option<f64>)| {
            let mean = mean.filter(|_| replicates > 1)?;
            let loss = |replicate| self.held.get(&Job { config_id, replicate, rung })?.get(at).copied().flatten();
            let deviations = (0..replicates).filter_map(|replicate| Some(loss(replicate)? - mean));
            Some((deviations.map(|x| x * x).sum::<f64>() / (n * (n - 1.0))).sqrt())
        };
        means.iter().enumerate().map(error).collect()
    }

    /// Does the same as [`Outcomes::means`] for the first objective, infinite if a trial failed or diverged.
    pub fn mean(&self, config_id: u64, rung: usize, replicates: u64) -> Option<f64> {
        Some(self.merit(config_id, rung, replicates)?.loss)
    }

    /// Returns what a configuration is ranked by at a rung, over replicates `0..replicates`; `None` if an outcome is not
    /// known yet.
    pub fn merit(&self, config_id: u64, rung: usize, replicates: u64) -> Option<Merit> {
        let means = self.means(config_id, rung, replicates)?;
        let bounded = means.get(means.len().saturating_sub(self.bounds.len())..).unwrap_or_default();
        Some(Merit {
            violation: violation(&self.bounds, bounded.iter().copied()),
            loss: means.first().copied().flatten().unwrap_or(f64::INFINITY),
        })
    }
}

/// A way to stop configurations early.
pub trait Rule: Sync {
    /// Returns its properties.
    fn info(&self) -> &'static RuleInfo;

    /// Returns the parts of the budget at which trials are assessed, in rising order; the last one is the whole budget.
    fn rungs(&self, race: &Race<'_>) -> Vec<u64>;

    /// Returns the largest possible number of rounds.
    fn most_rounds(&self, race: &Race<'_>) -> u64 {
        self.rungs(race).len() as u64
    }

    /// Decides which jobs run next.
    fn decide(&self, race: &Race<'_>) -> Decision;

    /// Starts a race without rounds, with this lag, which configurations have still to enter; `None` if the rule goes by
    /// rounds alone.
    fn open(&self, _race: &Race<'_>, _lag: u64) -> Option<Box<dyn OpenRace>> {
        None
    }
}

impl Race<'_> {
    /// Returns the configurations at some places among those that take part.
    fn config_ids(&self, places: std::ops::Range<u64>) -> Vec<u64> {
        places.map(|place| self.copies.at(place)).collect()
    }

    /// Returns the jobs of all replicates of configurations at a rung, replicate by replicate.
    fn jobs(&self, config_ids: &[u64], rung: usize) -> Vec<Job> {
        self.jobs_of(config_ids, 0..self.replicates, rung)
    }

    fn jobs_of(&self, config_ids: &[u64], replicates: std::ops::Range<u64>, rung: usize) -> Vec<Job> {
        let job = |replicate| config_ids.iter().map(move |&config_id| Job { config_id, replicate, rung });
        replicates.flat_map(job).collect()
    }

    /// Returns the configurations with what they are ranked by at a rung, the best first, ties by number; `None` if an
    /// outcome is not known yet.
    fn ranked(&self, config_ids: &[u64], rung: usize) -> Option<Vec<(Merit, u64)>> {
        self.ranked_on(config_ids, rung, self.replicates)
    }

    /// Does the same as [`Race::ranked`] by the first so many replicates.
    fn ranked_on(&self, config_ids: &[u64], rung: usize, replicates: u64) -> Option<Vec<(Merit, u64)>> {
        let merit = |&config_id: &u64| Some((self.outcomes.merit(config_id, rung, replicates)?, config_id));
        let mut ranked: Vec<(Merit, u64)> = config_ids.iter().map(merit).collect::<Option<_>>()?;
        ranked.sort_by(|a, b| a.0.compare(&b.0).then(a.1.cmp(&b.1)));
        Some(ranked)
    }
}

/// Returns budgets that fall by `factor` from the whole one, at most `most` of them, each at least 1.
fn falling(budget: u64, factor: u64, most: usize) -> Vec<u64> {
    let mut rungs = vec![budget.max(1)];
    let mut divisor = 1_u64;
    while rungs.len() < most {
        divisor = divisor.saturating_mul(factor);
        let next = budget.div_ceil(divisor).max(1);
        if next >= rungs[rungs.len() - 1] {
            break;
        }
        rungs.push(next);
    }
    rungs.reverse();
    rungs
}

#[cfg(test)]
mod open_tests;
#[cfg(test)]
mod tests;
