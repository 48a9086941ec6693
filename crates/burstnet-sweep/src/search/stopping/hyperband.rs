//! Hyperband (Li et al., JMLR 18:185, 2018): brackets of successive halving, from many configurations that start with a
//! small budget to few that have the whole budget from the start.
//!
//! The brackets run side by side, each one rung further in every round. So the many trials of one bracket keep the
//! cores busy while another has few. The bracket of a configuration follows from its number alone.

use std::cmp::Reverse;

use super::open::OpenRace;
use super::open_halving::OpenHalving;
use super::successive_halving::halve;
use super::{Decision, Race, Rule, RuleInfo, falling};
use crate::search::samplers::SearchSetting;

/// The factor, with the default of the paper.
const FACTOR: SearchSetting = SearchSetting::integer(
    "factor",
    3.0,
    (2.0, 1000.0),
    "One of so many configurations goes on, with so many times the budget.",
);

const BRACKETS: SearchSetting = SearchSetting::integer(
    "brackets",
    3.0,
    (1.0, 50.0),
    "How many brackets there are; the first one has as many budgets, the last one only the whole.",
);

/// Hyperband.
pub(super) struct Hyperband;

impl Rule for Hyperband {
    fn info(&self) -> &'static RuleInfo {
        &RuleInfo {
            name: "hyperband",
            source: "Li et al., JMLR 18:185, 2018",
            settings: &[FACTOR, BRACKETS],
            ..RuleInfo::USUAL
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        falling(race.budget, (race.setting)("factor") as u64, (race.setting)("brackets") as usize)
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        let rungs = self.rungs(race);
        let mut all = Decision::default();
        for (first, config_ids) in brackets(race, rungs.len()) {
            let one = halve(race, config_ids, &rungs, first);
            all.jobs.extend(one.jobs);
            all.stopped.extend(one.stopped);
        }
        // The longest first, so that no long one runs alone at the end of the round; of these replicate by replicate, since
        // what a replicate's trials share is made once.
        all.jobs.sort_by_key(|job| (Reverse(job.rung), job.replicate, job.config_id));
        all
    }

    fn open(&self, race: &Race<'_>, lag: u64) -> Option<Box<dyn OpenRace>> {
        let rungs = self.rungs(race);
        // Configurations that start at the same rung are one bracket, which goes on for as long as new ones come.
        let (turns, factor) = (sizes(race, rungs.len()), (race.setting)("factor") as u64);
        Some(Box::new(OpenHalving::new(turns, rungs, factor, lag, race.replicates)))
    }
}

/// Returns the sizes of the brackets, each with the rung at which it starts. They are those of the paper, ⌈S / (s + 1)
/// · η^s⌉ for s from S − 1 down to 0.
fn sizes(race: &Race<'_>, count: usize) -> Vec<(usize, u64)> {
    let factor = (race.setting)("factor").max(2.0) as u64;
    let size = |s: u64| (count as u64).saturating_mul(factor.saturating_pow(s as u32)).div_ceil(s + 1).max(1);
    (0..count as u64).rev().map(|s| (count - 1 - s as usize, size(s))).collect()
}

/// Returns the brackets: the rung at which each starts, and its configurations. Their sizes are repeated until every
/// configuration is in a bracket.
fn brackets(race: &Race<'_>, count: usize) -> Vec<(usize, Vec<u64>)> {
    let mut all = Vec::new();
    let mut next = 0;
    while next < race.configurations {
        for (first, size) in sizes(race, count) {
            let end = next.saturating_add(size).min(race.configurations);
            if next < end {
                all.push((first, race.config_ids(next..end)));
            }
            next = end;
        }
    }
    all
}
