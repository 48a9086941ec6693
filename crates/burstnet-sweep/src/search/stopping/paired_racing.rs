//! Racing over replicates: a configuration stops once it is worse than the best one on the same seeds, by a one-sided
//! paired t test (Maron & Moore, NeurIPS 1993; Birattari et al., GECCO 2002; F-race has the same blocks).
//!
//! There is a test after each replicate from `first` on. The probability of stopping any configuration that is not
//! worse must stay below `alpha`. So each test uses `alpha` divided by the number of tests and of configurations
//! (Bonferroni).

use std::collections::HashSet;

use burstnet_core::numbers::mean;

use super::open::OpenRace;
use super::open_racing::OpenRacing;
use super::paired_test::worse;
use super::{Decision, Job, Race, Rule, RuleInfo, Stopped};
use crate::search::samplers::SearchSetting;

/// The rule of racing over replicates.
pub(super) struct PairedRacing;

const ALPHA: SearchSetting = SearchSetting::number(
    "alpha",
    0.05,
    (1e-9, 0.5),
    "The chance to stop any configuration that is not worse than the best.",
);

const FIRST: SearchSetting =
    SearchSetting::integer("first", 3.0, (2.0, 1e6), "After how many replicates the first look is taken.");

impl Rule for PairedRacing {
    fn info(&self) -> &'static RuleInfo {
        &RuleInfo {
            name: "paired_racing",
            source: "Maron & Moore, NeurIPS 1993; Birattari et al., GECCO 2002",
            needs_budget: false,
            needs_replicates: true,
            keeps_fixed_number: false,
            ranks: false,
            settings: &[ALPHA, FIRST],
            ..RuleInfo::USUAL
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        vec![race.budget]
    }

    fn most_rounds(&self, race: &Race<'_>) -> u64 {
        race.replicates.saturating_sub((race.setting)("first") as u64) + 1
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        let (first, level) = tests(race);
        let gone: HashSet<u64> = race.stopped.iter().map(|one| one.config_id).collect();
        let mut alive = race.config_ids(0..race.configurations);
        alive.retain(|config_id| !gone.contains(config_id));
        let mut decision = Decision { jobs: Vec::new(), stopped: race.stopped.to_vec() };
        // All that are alive have run equally many replicates.
        let ran = |replicate: &u64| {
            let job = |&config_id: &u64| Job { config_id, replicate: *replicate, rung: 0 };
            alive.first().is_some_and(|config_id| race.outcomes.loss(job(config_id)).is_some())
        };
        let replicates = (0..race.replicates).take_while(ran).count() as u64;
        let losses = table(race, &alive, replicates);
        let Some(losses) = losses.filter(|_| replicates >= first) else {
            decision.jobs = race.jobs_of(&alive, 0..first, 0);
            return decision;
        };
        if replicates < race.replicates {
            let worse = worse_than_best(&alive, &losses, level);
            let stopped: HashSet<u64> = worse.iter().map(|(config_id, _)| *config_id).collect();
            alive.retain(|config_id| !stopped.contains(config_id));
            decision.stopped.extend(worse.into_iter().map(|(config_id, why)| {
                let reason = format!("stopped after {replicates} of {} replicates: {why}", race.replicates);
                Stopped { config_id, reason }
            }));
            decision.jobs = race.jobs_of(&alive, replicates..replicates + 1, 0);
        }
        decision
    }

    fn open(&self, race: &Race<'_>, lag: u64) -> Option<Box<dyn OpenRace>> {
        let (first, level) = tests(race);
        Some(Box::new(OpenRacing::new(race.replicates, first, level, lag)))
    }
}

/// Returns after how many replicates the first test is, and the level of each test.
fn tests(race: &Race<'_>) -> (u64, f64) {
    let first = ((race.setting)("first") as u64).clamp(1, race.replicates);
    let looks = race.replicates.saturating_sub(first).max(1);
    let level = (race.setting)("alpha") / looks as f64 / race.configurations.saturating_sub(1).max(1) as f64;
    (first, level)
}

/// Returns the losses of each configuration on the first replicates; `None` if one is not known yet.
fn table(race: &Race<'_>, alive: &[u64], replicates: u64) -> Option<Vec<Vec<f64>>> {
    let row = |&config_id: &u64| {
        (0..replicates).map(|replicate| race.outcomes.loss(Job { config_id, replicate, rung: 0 })).collect()
    };
    alive.iter().map(row).collect()
}

/// Returns the configurations that are worse than the best one, with the reasons.
fn worse_than_best(alive: &[u64], losses: &[Vec<f64>], level: f64) -> Vec<(u64, String)> {
    let mean = |row: &[f64]| mean(row.iter().copied()).unwrap_or(f64::NAN);
    let best = (0..alive.len()).min_by(|&a, &b| mean(&losses[a]).total_cmp(&mean(&losses[b])).then(a.cmp(&b)));
    let Some(best) = best.filter(|&best| mean(&losses[best]).is_finite()) else { return Vec::new() };
    let mut found = Vec::new();
    for (at, row) in losses.iter().enumerate().filter(|(at, _)| *at != best) {
        found.extend(worse(row, &losses[best], alive[best], level).map(|why| (alive[at], why)));
    }
    found
}
