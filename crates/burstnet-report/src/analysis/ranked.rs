//! Configurations and how they did.

use burstnet_core::config::Value;
use serde::Serialize;

use super::Counts;
use crate::statistics::summary::Summary;
use crate::statistics::{Contrast, Interval};

/// The baseline of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Baseline {
    /// The configuration.
    pub config_id: u64,
    /// True if it was named, rather than being the best.
    pub named: bool,
}

/// A configuration and how it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankedConfiguration {
    /// Its rank among all distinct configurations that have trials, from 1.
    pub rank: u64,
    /// Its number.
    pub config_id: u64,
    /// The name of its sub-space; `None` if the space is a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subspace: Option<String>,
    /// The swept keys' values, in the order of the plan.
    pub values: Vec<Value>,
    /// The violation of the bounds on measures, as a part of them; 0 if it keeps all, infinite without a measure, `None`
    /// without bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<f64>,
    /// True if it keeps all bounds on measures; `None` without bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feasible: Option<bool>,
    /// Numbers of its trials by how they ended.
    pub counts: Counts,
    /// Replicates that have a value of the measure.
    pub n: usize,
    /// Mean, standard deviation, smallest, median and largest value.
    pub summary: Summary,
    /// Student's t interval of the mean.
    pub t_interval: Option<Interval>,
    /// Bootstrap interval of the mean.
    pub bootstrap_interval: Option<Interval>,
    /// Compared with the baseline, on the same replicates; `None` for the baseline itself.
    pub contrast: Option<Contrast>,
    /// True if it cannot be told from the best configuration; `None` if it is not compared: trials of it failed, diverged or
    /// are missing, or the measure is not the objective's.
    pub in_confidence_set: Option<bool>,
    /// The share of replicates in which it is the best one shown.
    pub wins: Option<f64>,
    /// The share of resamples of the replicates in which its mean is the best one shown.
    pub best_probability: Option<f64>,
}

impl RankedConfiguration {
    /// Returns whether it keeps all bounds on measures.
    pub fn keeps_bounds(&self) -> bool {
        self.feasible.unwrap_or(true)
    }
}
