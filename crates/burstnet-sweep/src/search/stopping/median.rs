//! The median rule (Golovin et al., KDD 2017), in rounds: a configuration stops at a part of its budget if it is worse
//! at that point than the median of the configurations of earlier rounds.
//!
//! Configurations come in rounds of `search.round`; those of the first round run to the end.

use super::open::OpenRace;
use super::open_median::{OpenMedian, middle};
use super::{Decision, Race, Rule, RuleInfo, Stopped};
use crate::search::samplers::SearchSetting;

/// The number of configurations of a round if the sweep file does not set it.
const USUAL_ROUND: u64 = 10;

/// The median rule.
pub(super) struct Median;

const RUNGS: SearchSetting =
    SearchSetting::integer("rungs", 4.0, (2.0, 1000.0), "Into how many equal parts the budget is divided.");

impl Rule for Median {
    fn info(&self) -> &'static RuleInfo {
        &RuleInfo {
            name: "median",
            source: "Golovin et al., KDD 2017",
            keeps_fixed_number: false,
            ranks: false,
            sizes_rounds: true,
            settings: &[RUNGS],
            ..RuleInfo::USUAL
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        let parts = ((race.setting)("rungs") as u64).clamp(1, race.budget.max(1));
        let mut rungs: Vec<u64> =
            (1..=parts).map(|part| (u128::from(race.budget) * u128::from(part) / u128::from(parts)) as u64).collect();
        rungs.iter_mut().for_each(|rung| *rung = (*rung).max(1));
        rungs.dedup();
        rungs
    }

    fn most_rounds(&self, race: &Race<'_>) -> u64 {
        let size = race.round.unwrap_or(USUAL_ROUND).max(1);
        race.configurations.div_ceil(size) * self.rungs(race).len() as u64
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        let rungs = self.rungs(race);
        let size = race.round.unwrap_or(USUAL_ROUND).max(1);
        let mut decision = Decision { jobs: Vec::new(), stopped: race.stopped.to_vec() };
        let Some(last) = race.last.first() else {
            decision.jobs = race.jobs(&race.config_ids(0..size.min(race.configurations)), 0);
            return decision;
        };
        let start = race.copies.place(last.config_id) / size * size;
        let mut alive: Vec<u64> = race.last.iter().map(|job| job.config_id).collect();
        alive.sort_unstable();
        alive.dedup();
        if last.rung + 1 < rungs.len() {
            stop_worse(race, &mut alive, start, &rungs, last.rung, &mut decision);
            decision.jobs = race.jobs(&alive, last.rung + 1);
        }
        if decision.jobs.is_empty() {
            let next = start.saturating_add(size).min(race.configurations);
            let end = next.saturating_add(size).min(race.configurations);
            decision.jobs = race.jobs(&race.config_ids(next..end), 0);
        }
        decision
    }

    fn open(&self, race: &Race<'_>, lag: u64) -> Option<Box<dyn OpenRace>> {
        Some(Box::new(OpenMedian::new(self.rungs(race), lag, race.replicates)))
    }
}

/// Stops those of the configurations `alive` that are worse at a rung than the median of the configurations before
/// place `start`.
fn stop_worse(race: &Race<'_>, alive: &mut Vec<u64>, start: u64, rungs: &[u64], rung: usize, decision: &mut Decision) {
    let before = race.config_ids(0..start).into_iter();
    let mut earlier: Vec<f64> =
        before.filter_map(|config_id| race.outcomes.mean(config_id, rung, race.replicates)).collect();
    let (Some(median), Some(ranked)) = (median(&mut earlier), race.ranked(alive, rung)) else { return };
    for (_, config_id) in ranked.into_iter().filter(|(merit, _)| merit.loss > median) {
        let reason = format!("stopped at {} of {}: worse than the median of earlier rounds", rungs[rung], race.budget);
        decision.stopped.push(Stopped { config_id, reason });
        alive.retain(|one| *one != config_id);
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(self::middle(values[middle - 1], values[middle])),
    }
}
