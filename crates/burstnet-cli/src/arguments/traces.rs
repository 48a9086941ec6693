//! The arguments of `burstnet trace`.

use std::path::PathBuf;

use clap::Args;

use super::{IsaArguments, TracedSteps};

#[derive(Args)]
pub(crate) struct TraceArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    /// Configurations: best:3 for the best three, or numbers such as 0,3,10-19
    #[arg(long, value_name = "CONFIGS")]
    pub(crate) configs: String,
    /// Replicates: numbers such as 0,3, or 0:4 for those from 0 to before 4 [default: all]
    #[arg(long, value_name = "REPLICATES")]
    pub(crate) replicates: Option<String>,
    /// The folder for the traces, made if it is missing; those that are there are not made again
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Hidden units to record, such as 0,3,10-19, or 1:0,3 for those of hidden layer 1 [default: all]
    #[arg(long, value_name = "UNITS")]
    pub(crate) trace_units: Vec<String>,
    #[command(flatten)]
    pub(crate) steps: TracedSteps,
    /// Number of trials that run at once [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
}
