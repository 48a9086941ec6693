//! The keys that decide whether trials diverge or fail.

use burstnet_core::streams::Stream;
use burstnet_core::text::cut;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::streams::SweepPurpose;
use serde::Serialize;

use super::{Design, Level};
use crate::analysis::Sample;
use crate::statistics::SIGNIFICANT;
use crate::statistics::levels::{Levelled, p_value};

/// The part of the stream of the bootstrap from which permutations are drawn, beyond every number of values.
const PART: u64 = 1 << 48;

/// The keys that decide whether trials diverge or fail.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Trials that diverged or failed.
    pub not_ok: u64,
    /// All trials that ended, without those that were stopped early.
    pub trials: u64,
    /// The keys, that which decides most first.
    pub keys: Vec<OutcomeKey>,
    /// True if the first key is told.
    pub told: bool,
    /// The same in a sentence.
    pub sentence: String,
}

/// The effect of a key on whether trials diverge or fail.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OutcomeKey {
    /// The key.
    pub key: String,
    /// The share of the variance between configurations, of the fraction of their trials that are not ok, which the key
    /// alone explains; corrected for its number of levels.
    pub share: f64,
    /// The p value of the test that it has nothing to do with it, corrected for the number of keys.
    pub p: f64,
    /// The trials at each level.
    pub levels: Vec<OutcomeLevel>,
}

/// The trials at a level of a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OutcomeLevel {
    /// The level.
    pub level: Level,
    /// Trials that ended, without those that were stopped early.
    pub trials: u64,
    /// Those of them that diverged or failed.
    pub not_ok: u64,
}

impl Outcome {
    /// Returns which key decides whether trials diverge or fail; `None` if none did.
    ///
    /// Each configuration counts with the fraction of its trials that are not ok.
    pub(super) fn of(plan: &Configurations, sample: &Sample, design: &Design) -> Option<Self> {
        let counts: Vec<(u64, u64)> = (0..sample.configurations())
            .map(|place| sample.counts(place))
            .map(|counts| (counts.ok + counts.not_ok(), counts.not_ok()))
            .collect();
        let (trials, not_ok) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if not_ok == 0 {
            return None;
        }
        let mut random = Stream::part(plan.seed, SweepPurpose::Bootstrap, PART);
        let tests = design.factors.len() as f64;
        let mut keys: Vec<OutcomeKey> = Vec::new();
        for (key, factor) in design.factors.iter().enumerate() {
            let mut levels: Vec<OutcomeLevel> =
                factor.levels.iter().map(|level| OutcomeLevel { level: level.clone(), trials: 0, not_ok: 0 }).collect();
            let (mut at, mut fractions) = (Vec::new(), Vec::new());
            for (place, &(all, bad)) in counts.iter().enumerate().filter(|(_, (all, _))| *all > 0) {
                let Some(level) = design.shown(place, key) else { continue };
                levels[level].trials += all;
                levels[level].not_ok += bad;
                at.push(level);
                fractions.push(bad as f64 / all as f64);
            }
            let mut levelled = Levelled { levels: levels.len(), at, values: fractions };
            let share = levelled.share();
            let p = p_value(&mut levelled, &mut random);
            keys.push(OutcomeKey { key: factor.key.clone(), share, p: (tests * p).min(1.0), levels });
        }
        keys.sort_by(|a, b| b.share.total_cmp(&a.share)); // stable: equal ones stay in the order of the plan
        let told = keys.first().is_some_and(|first| first.p <= SIGNIFICANT && first.share > 0.0);
        let sentence = sentence(not_ok, trials, keys.first().filter(|_| told));
        Some(Self { not_ok, trials, keys, told, sentence })
    }
}

fn sentence(not_ok: u64, trials: u64, first: Option<&OutcomeKey>) -> String {
    let Some(first) = first else {
        return match not_ok == trials {
            true => format!("All {trials} trials diverged or failed."),
            false => format!("{not_ok} of {trials} trials diverged or failed; no key can be told to decide which."),
        };
    };
    let rate = |one: &&OutcomeLevel| one.not_ok as f64 / one.trials as f64;
    let held = || first.levels.iter().filter(|one| one.trials > 0);
    let worst = held().max_by(|a, b| rate(a).total_cmp(&rate(b)));
    let best = held().min_by(|a, b| rate(a).total_cmp(&rate(b)));
    let of = |one: &OutcomeLevel| format!("{} of {} at {}", one.not_ok, one.trials, cut(&one.level.shown(), 80));
    match (worst, best) {
        (Some(worst), Some(best)) => {
            format!("{} decides whether trials diverge or fail: {} do, and {}.", first.key, of(worst), of(best))
        }
        _ => format!("{} decides whether trials diverge or fail.", first.key),
    }
}
