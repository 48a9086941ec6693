//! Adaptive replicates as a rule: a round is a level, at which the best configurations so far run their next replicates.
//! The others rest. Nothing is stopped: a configuration that rests has fewer replicates, all of which count.

use super::{Decision, Race, Rule, RuleInfo};
use crate::search::adaptive::{Adaptive, Level, Until};

/// The rule of adaptive replicates. It is no rule of sweep files, since it stops nothing.
pub(crate) struct AdaptiveReplicates;

/// The name of the setting with the number of replicates of all configurations.
pub(crate) const FROM: &str = "from";

impl Rule for AdaptiveReplicates {
    fn info(&self) -> &'static RuleInfo {
        &RuleInfo {
            name: "adaptive replicates",
            source: "Karnin, Koren & Somekh, ICML 2013",
            needs_budget: false,
            needs_replicates: true,
            keeps_fixed_number: true,
            ranks: true,
            lags: false,
            settings: &[],
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        vec![race.budget]
    }

    fn most_rounds(&self, race: &Race<'_>) -> u64 {
        levels(race).len() as u64
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        let mut chosen = race.config_ids(0..race.configurations);
        let mut before = 0;
        for Level { replicates, configurations } in levels(race) {
            if (configurations as usize) < chosen.len() {
                let Some(ranked) = race.ranked_on(&chosen, 0, before) else { break };
                chosen = ranked.iter().take(configurations as usize).map(|(_, config_id)| *config_id).collect();
                chosen.sort_unstable();
            }
            let jobs = race.jobs_of(&chosen, before..replicates, 0);
            if jobs.iter().any(|job| race.outcomes.loss(*job).is_none()) {
                return Decision { jobs, stopped: Vec::new() };
            }
            before = replicates;
        }
        Decision::default()
    }
}

fn levels(race: &Race<'_>) -> Vec<Level> {
    let from = (race.setting)(FROM) as u64;
    Adaptive { from, until: Until::Best }.levels(race.configurations, race.replicates)
}
