//! Which keys matter, as the page, the terminal and the tables show it.

use serde::Serialize;

use super::measured::Measured;
use super::{Design, Level, Told, Verdict};
use crate::statistics::Interval;
use crate::statistics::variance::{Method, PairShare, Share, ValueScale, Variance};

/// Shares of the variance of the configurations' means.
///
/// The shares of keys and pairs, and the rest, add up to 1. On a complete grid they are of the means of its cells,
/// elsewhere of what a regression predicts over the whole space. They say something only if [`Verdict::told`] does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VarianceShares {
    /// The method by which they were found.
    pub method: Method,
    /// The scale of the measure on which they are shares.
    pub scale: ValueScale,
    /// Number of configurations that they are of.
    pub configurations: usize,
    /// Number of configurations that have a value; if more than `configurations`, those were chosen at random.
    pub available: usize,
    /// The share of each key alone, largest first.
    pub keys: Vec<KeyShare>,
    /// The share of each pair's interaction, largest first.
    pub pairs: Vec<KeyPairShare>,
    /// Interactions of three and more keys.
    pub rest: f64,
    /// Cross-validated R² of the regression on this scale; `None` for the exact method.
    pub explained: Option<f64>,
    /// The verdict: whether the shares tell anything.
    pub verdict: Verdict,
    /// The keys that matter among the best tenth of the configurations, in searches that learn; `None` otherwise.
    pub best_tenth: Option<BestTenth>,
}

/// The share of a key alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KeyShare {
    /// The key.
    pub key: String,
    /// Its share.
    pub share: f64,
    /// The 95 % interval of its share; `None` where there is nothing to compute it from.
    pub interval: Option<Interval>,
    /// The p value of the test that the key does nothing, not corrected for the number of keys; `None` if there is no test.
    pub p: Option<f64>,
}

/// The share of an interaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KeyPairShare {
    /// The first key, in the order of the plan.
    pub key: String,
    /// The second key.
    pub key_2: String,
    /// Their share beyond what either does alone.
    pub share: f64,
    /// The 95 % interval of the share; `None` where there is nothing to compute it from.
    pub interval: Option<Interval>,
    /// The p value of the test that the two do nothing together, not corrected for the number of pairs; `None` if there is
    /// no test.
    pub p: Option<f64>,
}

/// The keys that matter among the best configurations (PED-ANOVA).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BestTenth {
    /// Number of configurations that are the best tenth.
    pub configurations: usize,
    /// The share of each key, largest first; they add up to 1.
    pub keys: Vec<(String, f64)>,
}

/// Which key decides whether trials diverge or fail.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Trials that diverged or failed.
    pub not_ok: u64,
    /// All trials that ended, without those that were stopped early.
    pub trials: u64,
    /// The keys, that which decides most first.
    pub keys: Vec<OutcomeKey>,
    /// Whether the first key is told.
    pub told: bool,
    /// The same in a sentence.
    pub sentence: String,
}

/// What a key has to do with trials that diverge or fail.
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

impl VarianceShares {
    /// Returns shares with the names of the keys, largest first.
    pub(super) fn new(found: Variance, design: &Design, measured: &Measured<'_>, measure: &str, learns: bool) -> Self {
        let key = |at: usize| design.factors[at].key.clone();
        let named =
            |(at, one): (usize, &Share)| KeyShare { key: key(at), share: one.share, interval: one.interval, p: one.p };
        let mut keys: Vec<KeyShare> = found.keys.iter().enumerate().map(named).collect();
        let paired = |pair: &PairShare| KeyPairShare {
            key: key(pair.a),
            key_2: key(pair.b),
            share: pair.share.share,
            interval: pair.share.interval,
            p: pair.share.p,
        };
        let mut pairs: Vec<KeyPairShare> = found.pairs.iter().map(paired).collect();
        keys.sort_by(|a, b| b.share.total_cmp(&a.share)); // stable: equal ones stay in the order of the plan
        pairs.sort_by(|a, b| b.share.total_cmp(&a.share));
        let verdict = Verdict::new(&found, &keys, measure, key);
        Self {
            method: found.method,
            scale: found.scale,
            configurations: found.configurations,
            available: measured.valued(),
            keys,
            pairs,
            rest: found.rest,
            explained: found.explained,
            verdict,
            best_tenth: if learns {
                measured.best_tenth(design).map(|(configurations, keys)| BestTenth { configurations, keys })
            } else {
                None
            },
        }
    }

    /// Returns whether anything can be told of the keys, and so whether shares are worth showing.
    pub fn is_told(&self) -> bool {
        self.verdict.told != Told::Nothing
    }

    /// Returns how the shares were found, as a clause: `an exact analysis of the complete grid`.
    pub fn how(&self) -> String {
        let how = self.method.words();
        let scale = self.scale.words();
        let of = if self.configurations < self.available {
            format!("{} of {} configurations, chosen at random", self.configurations, self.available)
        } else {
            format!("{} configurations", self.configurations)
        };
        match self.explained {
            Some(explained) => {
                format!("{how} of {of}, on {scale}; R² = {explained:.2} for configurations that were left out")
            }
            None => format!("{how} of {of}, on {scale}"),
        }
    }
}
