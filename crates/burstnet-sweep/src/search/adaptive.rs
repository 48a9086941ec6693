//! Adaptive replicates: all configurations run on a few seeds, and further seeds go to those that are the best so far.
//!
//! The numbers of configurations at each number of replicates are fixed beforehand, so that the number of trials is known
//! and at most half of that of as many replicates for all. Equal shares of the trials go to each level, as in sequential
//! halving (Karnin, Koren & Somekh, ICML 2013), which runs what is left as often at each level as the budget allows.

use burstnet_core::text::count;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Replicates that go where they tell the best apart. The largest number of replicates of a configuration is that of its
/// plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adaptive {
    /// The number of replicates of every configuration.
    pub from: u64,
    /// The question that further replicates answer.
    pub until: Until,
}

/// The question that further replicates answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Which configuration is the best.
    #[default]
    Best,
}

/// A number of replicates, and the number of configurations that get as many or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// The number of replicates of each.
    pub replicates: u64,
    /// The number of configurations.
    pub configurations: u64,
}

impl Adaptive {
    /// Returns the levels of so many configurations and at most `most` replicates, the first of which all configurations
    /// reach.
    ///
    /// The trials that are left after the first level, to half of those of `most` replicates for all, are divided equally
    /// among the levels. Each of these has half as many replicates again as the one before. What does not suffice for two
    /// configurations goes to the best two, as far as it lasts.
    pub fn levels(self, configurations: u64, most: u64) -> Vec<Level> {
        let mut last = Level { replicates: self.from.min(most), configurations };
        let mut levels = vec![last];
        let whole = u128::from(configurations) * u128::from(most) / 2;
        let first = u128::from(configurations) * u128::from(last.replicates);
        let mut left = u64::try_from(whole.saturating_sub(first)).unwrap_or(u64::MAX);
        while last.replicates < most && last.configurations >= 2 {
            let next = after(last.replicates, most);
            let step = next - last.replicates;
            let steps = std::iter::successors(Some(next), |at| (*at < most).then(|| after(*at, most))).count() as u64;
            let sharing = (left / steps / step).min(last.configurations);
            let level = if sharing >= 2 {
                Level { replicates: next, configurations: sharing }
            } else {
                Level { replicates: last.replicates + (left / 2).min(most - last.replicates), configurations: 2 }
            };
            if level.replicates == last.replicates {
                break;
            }
            left -= (level.replicates - last.replicates) * level.configurations;
            levels.push(level);
            last = level;
            if sharing < 2 {
                break;
            }
        }
        levels
    }
}

/// Returns the number of replicates at the level after one.
fn after(replicates: u64, most: u64) -> u64 {
    replicates.saturating_add(replicates.div_ceil(2).max(1)).min(most)
}

/// Returns levels in words, such as "all 40 configurations on 3, 10 on 5 and 6 on 8".
pub fn in_words(levels: &[Level]) -> String {
    let Some((first, others)) = levels.split_first() else { return String::new() };
    let all = count(first.configurations, "configuration", "configurations");
    let mut parts = vec![format!("all {all} on {}", first.replicates)];
    parts.extend(others.iter().map(|level| format!("{} on {}", level.configurations, level.replicates)));
    match parts.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some(_) | None => parts.concat(),
    }
}

/// Returns the number of trials of levels.
pub fn trials(levels: &[Level]) -> u64 {
    let mut before = 0;
    let of = |level: &Level| {
        let step = level.replicates - std::mem::replace(&mut before, level.replicates);
        level.configurations * step
    };
    levels.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(configurations: u64, from: u64, to: u64) -> Vec<(u64, u64)> {
        let levels = Adaptive { from, until: Until::Best }.levels(configurations, to);
        levels.iter().map(|level| (level.replicates, level.configurations)).collect()
    }

    #[test]
    fn few_configurations_get_many_replicates() {
        assert_eq!(levels(40, 3, 8), [(3, 40), (5, 10), (8, 6)]);
        assert_eq!(levels(40, 3, 24), [(3, 40), (5, 36), (8, 24), (12, 18), (18, 12), (24, 12)]);
        assert_eq!(levels(10, 3, 8), [(3, 10), (5, 2), (8, 2)]);
        assert_eq!(levels(6, 3, 8), [(3, 6), (6, 2)], "the rest goes to two");
        assert_eq!(levels(2, 3, 8), [(3, 2), (4, 2)]);
        assert_eq!(levels(2, 3, 7), [(3, 2)], "one trial does not suffice for two");
        assert_eq!(levels(1, 3, 8), [(3, 1)]);
        let words = |configurations| in_words(&Adaptive { from: 3, until: Until::Best }.levels(configurations, 8));
        assert_eq!(words(40), "all 40 configurations on 3, 10 on 5 and 6 on 8");
        assert_eq!(words(1), "all 1 configuration on 3");
    }

    #[test]
    fn at_most_half_of_the_trials_run_and_nearly_as_many() {
        for configurations in 1..90 {
            for to in 5..40 {
                for from in 2..=(to - 1) / 2 {
                    let levels = Adaptive { from, until: Until::Best }.levels(configurations, to);
                    let (ran, half) = (trials(&levels), configurations * to / 2);
                    assert!(ran <= half, "{configurations} × {from} to {to}: {levels:?}");
                    let rising = levels.windows(2).all(|pair| {
                        pair[0].replicates < pair[1].replicates && pair[0].configurations >= pair[1].configurations
                    });
                    assert!(rising && levels[0] == Level { replicates: from, configurations }, "{levels:?}");
                    if configurations >= 20 && 3 * from <= to {
                        assert_eq!(levels[levels.len() - 1].replicates, to, "{configurations}: {levels:?}");
                        assert!(10 * ran >= 8 * half, "{half} {ran}: {levels:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn large_numbers_do_not_overflow() {
        let held = Adaptive { from: 2, until: Until::Best }.levels(1 << 40, 1_000_000_000);
        assert!(held.len() > 2);
    }
}
