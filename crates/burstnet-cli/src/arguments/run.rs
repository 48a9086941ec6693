//! The arguments of `burstnet run`, and those of all commands that record steps.

use std::path::PathBuf;

use burstnet_report::tables::trace::Wanted;
use burstnet_sweep::limits::LARGEST_SEED;
use clap::Args;

use super::{AllowArguments, IsaArguments};

#[derive(Args)]
pub(crate) struct RunArguments {
    /// A run file, or a sweep file, whose base is run; for that of an external program, what it gives is shown
    pub(crate) config: PathBuf,
    /// Seed of the run [default: the file's, else 0]
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(..=LARGEST_SEED))]
    pub(crate) seed: Option<u64>,
    /// Set a key to another value, such as feedback.density=0.5
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// The engine, in place of training.engine
    #[arg(long)]
    pub(crate) engine: Option<String>,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
    #[command(flatten)]
    pub(crate) records: RecordArguments,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) allow: AllowArguments,
}

/// Outputs of a run besides its measures.
#[derive(Args)]
pub(crate) struct RecordArguments {
    /// Record every step in this Parquet file
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Hidden units to record, such as 0,3,10-19, or 1:0,3 for those of hidden layer 1 [default: all]
    #[arg(long, value_name = "UNITS", requires = "trace")]
    pub(crate) trace_units: Vec<String>,
    #[command(flatten)]
    pub(crate) steps: TracedSteps,
    /// Write the final weights into this folder, as W_m.npy, b_m.npy and Y_m.npy
    #[arg(long, value_name = "DIR")]
    pub(crate) save_weights: Option<PathBuf>,
    /// Overwrite existing files of --trace and --save-weights
    #[arg(long)]
    pub(crate) force: bool,
}

/// The steps and quantities that are recorded.
#[derive(Args)]
pub(crate) struct TracedSteps {
    /// Parts of the run to record: training, test or generation [default: all, with --trace-epochs the training]
    #[arg(long, value_name = "PHASE")]
    pub(crate) trace_phase: Vec<String>,
    /// Record the steps from A to before B, counted from 0 over the whole run
    #[arg(long, value_name = "A:B", allow_hyphen_values = true)]
    pub(crate) trace_steps: Option<String>,
    /// Record every K-th step, beginning with the first [default: 1]
    #[arg(long, value_name = "K", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) trace_every: Option<u64>,
    /// Epochs to record, such as 0,9 or 10-19 [default: all]
    #[arg(long, value_name = "EPOCHS")]
    pub(crate) trace_epochs: Vec<String>,
    /// Quantities to record: target, output, event_rate, burst_probability, burst_rate, apical_voltage, somatic_voltage, or
    /// one of a single layer, such as hidden0_event_rate [default: all]
    #[arg(long, value_name = "NAMES")]
    pub(crate) trace_quantities: Vec<String>,
}

impl TracedSteps {
    /// Returns what is wanted of a trace, with these hidden units.
    pub(crate) fn wanted(&self, units: &[String]) -> Wanted {
        Wanted {
            units: units.to_vec(),
            phases: self.trace_phase.clone(),
            steps: self.trace_steps.clone(),
            every: self.trace_every,
            epochs: self.trace_epochs.clone(),
            quantities: self.trace_quantities.clone(),
        }
    }

    /// Returns whether any is given.
    pub(crate) fn is_given(&self) -> bool {
        let lists = [&self.trace_phase, &self.trace_epochs, &self.trace_quantities];
        lists.iter().any(|list| !list.is_empty()) || self.trace_steps.is_some() || self.trace_every.is_some()
    }
}

impl RecordArguments {
    /// Returns the first option that is given of those that ask for more than measures.
    pub(crate) fn option(&self) -> Option<&'static str> {
        let trace = self.trace.as_ref().map(|_| "--trace");
        trace.or_else(|| self.save_weights.as_ref().map(|_| "--save-weights"))
    }
}
