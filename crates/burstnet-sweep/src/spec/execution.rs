//! The execution of a sweep. Its settings change neither trials nor results, so they are not part of the plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// The order in which trials run: plan, as they are numbered, or shuffled, so that those that ran are spread over the
    /// whole space at any time.
    pub order: Order,
}

/// The order in which the trials of a replicate run. Each replicate runs all configurations before the next one begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// By the numbers of the configurations.
    #[default]
    Plan,
    /// In an order that is as good as random, and the same each time.
    Shuffled,
}

impl Default for Execution {
    fn default() -> Self {
        Self { sync_seconds: 1.0, max_seconds: None, stop_after_failures: 20, order: Order::Plan }
    }
}
