//! The trial that is meant.

use clap::Args;

/// A trial by its number, or by its configuration and its replicate or seed.
#[derive(Args)]
pub(crate) struct TrialArguments {
    /// Number of the trial (column trial_id)
    #[arg(long, allow_negative_numbers = true, value_name = "ID")]
    pub(crate) trial: Option<u64>,
    /// Number of the configuration (column config_id), with --replicate or --seed
    #[arg(long, allow_negative_numbers = true, value_name = "C")]
    pub(crate) config: Option<u64>,
    /// Number of the replicate (column replicate)
    #[arg(long, allow_negative_numbers = true, value_name = "R", requires = "config", conflicts_with_all = ["seed", "trial"])]
    pub(crate) replicate: Option<u64>,
    /// Seed of the replicate (column seed)
    #[arg(long, allow_negative_numbers = true, value_name = "S", requires = "config", conflicts_with = "trial")]
    pub(crate) seed: Option<u64>,
}

impl TrialArguments {
    /// Returns whether a trial is named.
    pub(crate) fn is_given(&self) -> bool {
        self.trial.is_some() || self.config.is_some()
    }
}
