//! Shares of the variance, by key and by pair.

use serde::Serialize;

use crate::statistics::Interval;

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

/// A share as it is shown.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NamedShare<'a> {
    /// The short name of the key, or those of both.
    pub name: String,
    /// The key; `None` of a pair.
    pub key: Option<&'a str>,
    /// The share.
    pub share: f64,
    /// The 95 % interval of the share.
    pub interval: Option<Interval>,
    /// The p value.
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
