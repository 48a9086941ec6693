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
            lags: false,
            ..RuleInfo::USUAL
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::{Job, Outcomes};
    use super::*;
    use crate::search::copies::Copies;

    /// Runs a sweep of so many configurations, and returns the replicates that each of them got, and the number of rounds.
    fn ran(configurations: u64, loss: &dyn Fn(Job) -> Option<f64>) -> (Vec<u64>, u64) {
        let (copies, mut outcomes) = (Copies::default(), Outcomes::default());
        let (mut got, mut rounds): (HashMap<u64, u64>, u64) = (HashMap::new(), 0);
        loop {
            let race = Race {
                configurations,
                copies: &copies,
                replicates: 8,
                round: None,
                budget: 1,
                setting: &|_| 3.0,
                outcomes: &outcomes,
                stopped: &[],
                last: &[],
            };
            let decision = AdaptiveReplicates.decide(&race);
            assert!(decision.stopped.is_empty());
            if decision.jobs.is_empty() {
                assert_eq!(rounds, AdaptiveReplicates.most_rounds(&race));
                return ((0..configurations).map(|config_id| got[&config_id]).collect(), rounds);
            }
            rounds += 1;
            for job in decision.jobs {
                *got.entry(job.config_id).or_default() += 1;
                outcomes.note(job, vec![loss(job)]);
            }
        }
    }

    #[test]
    fn the_best_so_far_get_further_replicates() {
        let (got, rounds) = ran(40, &|job| Some((39 - job.config_id) as f64));
        assert_eq!(rounds, 3);
        let expected = |config_id: u64| match config_id {
            34.. => 8,
            30.. => 5,
            _ => 3,
        };
        assert_eq!(got, (0..40).map(expected).collect::<Vec<_>>());
    }

    #[test]
    fn ties_go_to_the_lower_number_and_failures_come_last() {
        let fails = |job: Job| job.config_id == 1 && job.replicate == 2;
        let (got, _) = ran(20, &|job| (!fails(job)).then_some(job.replicate as f64));
        assert_eq!(got[..8], [8, 3, 8, 8, 5, 5, 3, 3]);
        let (all_fail, _) = ran(20, &|_| None);
        assert_eq!(all_fail[..6], [8, 8, 8, 5, 5, 3], "the numbers are the same whatever the results are");
    }
}
