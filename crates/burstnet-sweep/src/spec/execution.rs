//! The execution of a sweep. Its settings change neither trials nor results, so they are not part of the plan.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::limits::{MOST_FIRST_TRIALS, MOST_SECONDS};

/// The settings of the execution of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Execution {
    /// How long a finished trial may wait to be synced to disk, in seconds.
    #[schemars(range(min = 0, max = MOST_SECONDS))]
    pub sync_seconds: f64,
    /// How long a trial may take, in seconds; any time if this is null.
    #[schemars(range(min = f64::MIN_POSITIVE, max = MOST_SECONDS))]
    pub max_seconds: Option<f64>,
    /// How many trials at the beginning have to fail, all for the same reason, to end the sweep; 0 for never.
    #[schemars(range(max = MOST_FIRST_TRIALS))]
    pub stop_after_failures: u64,
}

impl Default for Execution {
    fn default() -> Self {
        Self { sync_seconds: 1.0, max_seconds: None, stop_after_failures: 20 }
    }
}
