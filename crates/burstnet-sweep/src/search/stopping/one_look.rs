//! One look: all configurations run for a small part of their budget, and the best of them then run to the end.
//!
//! It is successive halving (Jamieson & Talwalkar, AISTATS 2016) with two budgets that are far apart. For about the same
//! work as halving it keeps a third of the configurations, so one that starts slowly has to be among the best third once,
//! rather than among the better half again and again.

use super::{Decision, Race, Rule, RuleInfo, Stopped};
use crate::search::bounds::Merit;
use crate::search::samplers::SearchSetting;

const AT: SearchSetting =
    SearchSetting::number("at", 0.1, (1e-6, 1.0), "After which part of the budget configurations are compared.");

const KEEP: SearchSetting =
    SearchSetting::number("keep", 1.0 / 3.0, (1e-6, 1.0), "Which part of the configurations runs to the end.");

/// One look.
pub(super) struct OneLook;

impl Rule for OneLook {
    fn info(&self) -> &'static RuleInfo {
        &RuleInfo {
            name: "one_look",
            source: "Jamieson & Talwalkar, AISTATS 2016",
            lags: false,
            settings: &[AT, KEEP],
            ..RuleInfo::USUAL
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        let first = ((race.setting)("at") * race.budget as f64).round() as u64;
        let mut rungs = vec![first.clamp(1, race.budget.max(2) - 1), race.budget.max(1)];
        rungs.dedup();
        rungs
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        let rungs = self.rungs(race);
        let all = race.config_ids(0..race.configurations);
        let Some(ranked) = race.ranked(&all, 0) else {
            return Decision { jobs: race.jobs(&all, 0), stopped: Vec::new() };
        };
        let [at, whole] = rungs.as_slice() else { return Decision::default() };
        let kept = (((race.setting)("keep") * ranked.len() as f64).round() as usize).max(1);
        let stop = |(rank, (_, config_id)): (usize, &(Merit, u64))| {
            let (config_id, count) = (*config_id, ranked.len());
            let reason = format!("stopped at {at} of {whole}: rank {rank} of {count}, of which {kept} went on");
            Stopped { config_id, reason }
        };
        let stopped = (1..).zip(&ranked).skip(kept).map(stop).collect();
        let mut alive: Vec<u64> = ranked.iter().take(kept).map(|(_, config_id)| *config_id).collect();
        alive.sort_unstable();
        let is_over = race.ranked(&alive, 1).is_some();
        Decision { jobs: if is_over { Vec::new() } else { race.jobs(&alive, 1) }, stopped }
    }
}
