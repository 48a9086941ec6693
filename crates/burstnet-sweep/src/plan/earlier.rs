//! Results of an earlier search from which a strategy learns, as they are in the plan.

use burstnet_core::config::Value;
use serde::{Deserialize, Serialize};

/// The results of an earlier search, from its directory or a table, with which a search begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// The path as the sweep file gives it.
    pub given: String,
    /// The BLAKE3 of the table, in hex.
    pub blake3: String,
    /// The number of rows that are not taken: they do not fit the space, were stopped early, or have no result.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// The parts of the program that were others then, in words: its files, and the version of the bits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// The results.
    pub results: Vec<EarlierResult>,
}

/// The result of a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlierResult {
    /// The values of the swept keys, in the order of the space; null for a key that does not exist.
    pub values: Vec<Value>,
    /// The means of the objectives, and then of the measures with bounds; null without a value.
    pub means: Vec<Option<f64>>,
    /// Their standard errors; null where these are not known.
    pub errors: Vec<Option<f64>>,
    /// The number of replicates.
    pub replicates: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
