//! The keys that matter, as the page, the terminal and the tables show them.

use serde::Serialize;

use super::measured::Measured;
use super::words::{list, p_value, percent};
use super::{BestTenth, Design, KeyPairShare, KeyShare, NamedShare, Told, Verdict, labeller};
use crate::statistics::SIGNIFICANT;
use crate::statistics::variance::{Method, PairShare, Share, ValueScale, Variance};

/// The pairs that are named.
const MOST_PAIRS: usize = 2;
/// The keys that are named of the best tenth, and the share from which on they are.
const MOST_KEYS: usize = 3;
const SMALLEST: f64 = 0.05;

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

    /// Returns the pairs of keys whose interaction is significant after Holm's correction for the number of pairs, with
    /// the p values that are corrected, in the order of their shares.
    fn interacting(&self) -> Vec<(&KeyPairShare, f64)> {
        let mut tested: Vec<(&KeyPairShare, f64)> = self.pairs.iter().filter_map(|one| Some((one, one.p?))).collect();
        tested.sort_by(|a, b| a.1.total_cmp(&b.1)); // stable
        let (count, mut least) = (tested.len(), 0.0);
        for (at, (_, p)) in tested.iter_mut().enumerate() {
            least = f64::max(least, *p * (count - at) as f64);
            *p = least;
        }
        tested.retain(|(_, p)| *p <= SIGNIFICANT);
        tested.sort_by(|a, b| b.0.share.total_cmp(&a.0.share)); // stable
        tested
    }

    /// Returns the pair of keys with the largest interaction that is significant, or not tested.
    pub(super) fn first_pair(&self) -> Option<&KeyPairShare> {
        let interacting = self.interacting();
        self.pairs.iter().find(|pair| pair.p.is_none() || interacting.iter().any(|(one, _)| one == pair))
    }

    /// Returns which pairs of keys interact significantly, in a sentence; `None` where no pair is tested, or nothing is told.
    pub fn interactions(&self) -> Option<String> {
        let tested = self.pairs.iter().filter(|one| one.p.is_some()).count();
        if tested == 0 || !self.is_told() {
            return None;
        }
        let found = self.interacting();
        if found.is_empty() {
            return Some(match tested {
                1 => "The two keys do not interact significantly.".into(),
                _ => format!("None of {tested} pairs of keys interacts significantly."),
            });
        }
        let label = self.labeller();
        let shown =
            |(one, p): &(&KeyPairShare, f64)| format!("{} × {} ({})", label(&one.key), label(&one.key_2), p_value(*p));
        let mut parts: Vec<String> = found.iter().take(MOST_PAIRS).map(shown).collect();
        if found.len() > MOST_PAIRS {
            parts.push(format!("{} more", found.len() - MOST_PAIRS));
        }
        let corrected = if tested == 1 { String::new() } else { format!(", corrected for {tested} pairs") };
        Some(format!("Significant interactions{corrected}: {}.", list(&parts, "and")))
    }

    /// Returns what sets the best configurations apart, in a sentence; `None` for searches that do not learn, or if nothing
    /// is told.
    pub fn among_the_best(&self) -> Option<String> {
        let best = self.best_tenth.as_ref().filter(|_| self.is_told())?;
        let named = best.keys.iter().enumerate().filter(|(at, (_, share))| *at == 0 || *share >= SMALLEST);
        let label = self.labeller();
        let shown = |(_, (key, share)): (usize, &(String, f64))| format!("{} {}", label(key), percent(*share));
        let parts: Vec<String> = named.take(MOST_KEYS).map(shown).collect();
        let BestTenth { configurations, .. } = best;
        Some(format!("What sets the best {configurations} configurations apart: {}.", list(&parts, "and")))
    }

    /// Returns the shares of all keys, and of the pairs whose share is at least `smallest_pair`, the largest first.
    pub fn named(&self, smallest_pair: f64) -> Vec<NamedShare<'_>> {
        let label = self.labeller();
        let keys = self.keys.iter().map(|one| NamedShare {
            name: label(&one.key),
            key: Some(&one.key),
            share: one.share,
            interval: one.interval,
            p: one.p,
        });
        let pairs = self.pairs.iter().filter(|pair| pair.share >= smallest_pair).map(|one| NamedShare {
            name: format!("{} × {}", label(&one.key), label(&one.key_2)),
            key: None,
            share: one.share,
            interval: one.interval,
            p: one.p,
        });
        let mut all: Vec<NamedShare<'_>> = keys.chain(pairs).collect();
        all.sort_by(|a, b| b.share.total_cmp(&a.share)); // stable: keys stay before pairs
        all
    }

    fn labeller(&self) -> impl Fn(&str) -> String {
        labeller(self.keys.iter().map(|one| one.key.clone()).collect())
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

#[cfg(test)]
mod tests;
