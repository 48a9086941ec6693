//! Rules that stop configurations before they have run to the end.
//!
//! A rule is a pure function of what completed rounds have shown, as a sampler is: it says which trials run next, and
//! for how long. All trials of a round are awaited, and ties are broken by the configuration's number, so that the
//! survivors are the same everywhere. A new rule is a file here and a line in [`ALL`].

use std::collections::HashMap;

use burstnet_core::numbers::Mean;

use crate::search::copies::Copies;
use crate::search::samplers::Setting;

mod hyperband;
mod median;
mod paired_racing;
mod student;
mod successive_halving;

/// All rules.
pub const ALL: [&dyn Rule; 4] =
    [&successive_halving::SuccessiveHalving, &hyperband::Hyperband, &median::Median, &paired_racing::PairedRacing];

/// The rule of this name.
pub fn named(name: &str) -> Option<&'static dyn Rule> {
    ALL.into_iter().find(|rule| rule.info().name == name)
}

/// What there is to know about a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Info {
    /// Its name in sweep files.
    pub name: &'static str,
    /// The paper that it comes from.
    pub source: &'static str,
    /// True if it gives trials parts of their budget, rather than stopping between replicates.
    pub needs_budget: bool,
    /// True if it needs several replicates.
    pub needs_replicates: bool,
    /// Its settings.
    pub settings: &'static [Setting],
}

/// A trial up to a rung, the part of its budget at which it is looked at.
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
    /// Why.
    pub reason: String,
}

/// What a rule decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What runs next; nothing if the search is over.
    pub jobs: Vec<Job>,
    /// All configurations that have been stopped so far.
    pub stopped: Vec<Stopped>,
}

/// What a rule decides from.
#[derive(Clone, Copy)]
pub struct Race<'a> {
    /// How many configurations there are that are no copies of others; only these take part.
    pub configurations: u64,
    /// The copies.
    pub copies: &'a Copies,
    /// How many replicates each has.
    pub replicates: u64,
    /// How many configurations start together, where the sweep file says so.
    pub round: Option<u64>,
    /// The whole budget of a trial; 1 where it is not divided.
    pub budget: u64,
    /// The rule's settings.
    pub setting: &'a dyn Fn(&str) -> f64,
    /// What is known.
    pub outcomes: &'a Outcomes,
    /// What the last decision said of those that were stopped. It follows from the outcomes, and saves finding it again.
    pub stopped: &'a [Stopped],
    /// What ran in the last round, all of which is known; nothing before the first.
    pub last: &'a [Job],
}

/// What jobs have shown: what is to be as small as possible, by objective; none (the worst) of a trial that failed or
/// diverged.
#[derive(Clone, Debug, Default)]
pub struct Outcomes(HashMap<Job, Vec<Option<f64>>>);

impl Outcomes {
    /// Notes what a job has shown.
    pub fn note(&mut self, job: Job, losses: Vec<Option<f64>>) {
        self.0.insert(job, losses);
    }

    /// The first objective of a job, infinite if it failed or diverged; none if it has not run.
    pub fn loss(&self, job: Job) -> Option<f64> {
        self.0.get(&job).map(|losses| losses.first().copied().flatten().unwrap_or(f64::INFINITY))
    }

    /// The mean of each objective over replicates `0..replicates` of a configuration at a rung; none if one is not known
    /// yet, and none of an objective where a trial failed or diverged.
    pub fn means(&self, config_id: u64, rung: usize, replicates: u64) -> Option<Vec<Option<f64>>> {
        let mut means: Vec<Option<Mean>> = Vec::new();
        for replicate in 0..replicates {
            let losses = self.0.get(&Job { config_id, replicate, rung })?;
            if replicate == 0 {
                means = vec![Some(Mean::default()); losses.len()];
            }
            for (mean, loss) in means.iter_mut().zip(losses) {
                *mean = mean.zip(*loss).map(|(mean, loss)| mean.with(loss));
            }
        }
        Some(means.into_iter().map(|mean| mean.and_then(Mean::value)).collect())
    }

    /// Does the same as [`Outcomes::means`], of the first objective, infinite where a trial failed or diverged.
    pub fn mean(&self, config_id: u64, rung: usize, replicates: u64) -> Option<f64> {
        let means = self.means(config_id, rung, replicates)?;
        Some(means.first().copied().flatten().unwrap_or(f64::INFINITY))
    }
}

/// A way to stop configurations early.
pub trait Rule: Sync {
    /// What there is to know about it.
    fn info(&self) -> &'static Info;

    /// The parts of the budget at which trials are looked at, rising; the last one is the whole budget.
    fn rungs(&self, race: &Race<'_>) -> Vec<u64>;

    /// Returns how many rounds there are at most.
    fn most_rounds(&self, race: &Race<'_>) -> u64 {
        self.rungs(race).len() as u64
    }

    /// What runs next.
    fn decide(&self, race: &Race<'_>) -> Decision;
}

impl Race<'_> {
    /// The configurations at some places among those that take part.
    fn config_ids(&self, places: std::ops::Range<u64>) -> Vec<u64> {
        places.map(|place| self.copies.at(place)).collect()
    }

    /// All replicates of configurations at a rung, replicate by replicate.
    fn jobs(&self, config_ids: &[u64], rung: usize) -> Vec<Job> {
        self.jobs_of(config_ids, 0..self.replicates, rung)
    }

    fn jobs_of(&self, config_ids: &[u64], replicates: std::ops::Range<u64>, rung: usize) -> Vec<Job> {
        let job = |replicate| config_ids.iter().map(move |&config_id| Job { config_id, replicate, rung });
        replicates.flat_map(job).collect()
    }

    /// The configurations and their mean losses at a rung, the best first, ties by number; none if one is not known yet.
    fn ranked(&self, config_ids: &[u64], rung: usize) -> Option<Vec<(f64, u64)>> {
        let mean = |&config_id: &u64| Some((self.outcomes.mean(config_id, rung, self.replicates)?, config_id));
        let mut ranked: Vec<(f64, u64)> = config_ids.iter().map(mean).collect::<Option<_>>()?;
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Some(ranked)
    }
}

/// Budgets that fall by `factor` from the whole one, `most` of them at most, each at least 1.
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
mod tests;
