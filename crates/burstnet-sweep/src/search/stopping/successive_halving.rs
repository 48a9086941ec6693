//! Successive halving (Jamieson & Talwalkar, AISTATS 2016): all configurations start with a small budget. The best part
//! of them goes on with more, until some have the whole budget.

use super::open::OpenRace;
use super::open_halving::OpenHalving;
use super::{Decision, Race, Rule, RuleInfo, Stopped, falling};
use crate::search::samplers::SearchSetting;

/// The factor of the falling numbers and rising budgets. Halves keep more configurations that start slowly than thirds,
/// at hardly more work.
const FACTOR: SearchSetting = SearchSetting::integer(
    "factor",
    2.0,
    (2.0, 1000.0),
    "One of so many configurations goes on, with so many times the budget.",
);

const RUNGS: SearchSetting =
    SearchSetting::integer("rungs", 4.0, (2.0, 50.0), "How many budgets there are, the last one the whole.");

/// Successive halving.
pub(super) struct SuccessiveHalving;

impl Rule for SuccessiveHalving {
    fn info(&self) -> &'static RuleInfo {
        &RuleInfo {
            name: "successive_halving",
            source: "Jamieson & Talwalkar, AISTATS 2016",
            settings: &[FACTOR, RUNGS],
            ..RuleInfo::USUAL
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        falling(race.budget, (race.setting)("factor") as u64, (race.setting)("rungs") as usize)
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        halve(race, race.config_ids(0..race.configurations), &self.rungs(race), 0)
    }

    fn open(&self, race: &Race<'_>, lag: u64) -> Option<Box<dyn OpenRace>> {
        let factor = (race.setting)("factor") as u64;
        Some(Box::new(OpenHalving::new(vec![(0, u64::MAX)], self.rungs(race), factor, lag, race.replicates)))
    }
}

/// Runs one bracket: the configurations `alive` start at rung `first`, and one in `factor` of them goes on at each
/// rung.
pub(super) fn halve(race: &Race<'_>, mut alive: Vec<u64>, rungs: &[u64], first: usize) -> Decision {
    let factor = (race.setting)("factor").max(2.0) as usize;
    let mut decision = Decision::default();
    for rung in first..rungs.len() {
        let Some(ranked) = race.ranked(&alive, rung) else {
            decision.jobs = race.jobs(&alive, rung);
            break;
        };
        if rung + 1 == rungs.len() {
            break;
        }
        let survivors = (alive.len() / factor).max(1);
        for (rank, (_, config_id)) in (1..).zip(&ranked).skip(survivors) {
            let (at, of, all) = (rungs[rung], race.budget, ranked.len());
            let reason = format!("stopped at {at} of {of}: rank {rank} of {all}, of which {survivors} went on");
            decision.stopped.push(Stopped { config_id: *config_id, reason });
        }
        alive = ranked[..survivors].iter().map(|(_, config_id)| *config_id).collect();
        alive.sort_unstable();
    }
    decision
}
