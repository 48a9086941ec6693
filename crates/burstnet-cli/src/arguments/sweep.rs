//! The arguments of the commands that start trials: `burstnet plan`, `sweep`, `slurm` and `confirm`.

use std::path::PathBuf;

use burstnet_core::engine::ISA_NAMES;
use burstnet_sweep::limits::{MOST_CONFIRMED, MOST_REPLICATES, MOST_SHARDS};
use burstnet_sweep::plan::shard::Shard;
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{AllowArguments, IsaArguments, SizeArguments};
use crate::slurm::TimeLimit;

#[derive(Args)]
pub(crate) struct PlanArguments {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// Set a key to another value, such as feedback.density=0.5
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
    /// Number of threads for which the time is estimated [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SweepArguments {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// The results directory; a sweep that it holds is continued [default: results/NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
    /// Number of trials that run at once [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
    /// Run only part I of N, with I from 0 to N-1; all parts share one results directory
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Run only round R of a search that learns or stops early; all earlier rounds must be complete [default: all]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub(crate) round: Option<u64>,
    /// Give up after so many seconds without a result of other shards, on which a search with a lag depends
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) wait: u64,
    /// Replace the sweep that the results directory holds by this one, and run only what is missing
    #[arg(long)]
    pub(crate) extend: bool,
    /// Run failed trials again
    #[arg(long)]
    pub(crate) retry_failed: bool,
    #[command(flatten)]
    pub(crate) size: SizeArguments,
    /// Set a key to another value, such as feedback.density=0.5
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    #[command(flatten)]
    pub(crate) allow: AllowArguments,
}

#[derive(Args)]
pub(crate) struct SlurmArguments {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// Number of shards, each a task of the job array
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_SHARDS)))]
    pub(crate) tasks: u32,
    /// Processors of each task, which runs a thread on each
    #[arg(long, value_name = "C", default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) cpus: u16,
    /// Time limit of each task, such as 90 (minutes), 8:00:00 or 2-12 (days-hours) [default: the partition's]
    #[arg(long, value_name = "LIMIT", allow_hyphen_values = true)]
    pub(crate) time: Option<TimeLimit>,
    /// The partition, or several with commas [default: the cluster's]
    #[arg(long, value_name = "NAME")]
    pub(crate) partition: Option<String>,
    /// Another option of sbatch, for both jobs, such as --sbatch=--account=physics
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    pub(crate) sbatch: Vec<String>,
    /// Seconds before the time limit at which a shard ends and is queued again [default: 120, at most --time / 4]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(10..=65_535))]
    pub(crate) warning: Option<u32>,
    /// Submit both jobs
    #[arg(long)]
    pub(crate) submit: bool,
    /// The folder for the scripts and the logs [default: the results directory with .slurm after its name]
    #[arg(long, value_name = "DIR")]
    pub(crate) script_dir: Option<PathBuf>,
    /// Overwrite existing scripts
    #[arg(long)]
    pub(crate) force: bool,
    /// The results directory; a sweep that it holds is continued [default: results/NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Instructions of the fast engine on the nodes [default: the fastest of each]
    #[arg(long, value_name = "ISA", value_parser = PossibleValuesParser::new(ISA_NAMES))]
    pub(crate) isa: Option<String>,
    /// Replace the sweep that the results directory holds by this one, now, and run only what is missing
    #[arg(long)]
    pub(crate) extend: bool,
    /// Run failed trials again
    #[arg(long)]
    pub(crate) retry_failed: bool,
    #[command(flatten)]
    pub(crate) size: SizeArguments,
    /// Set a key to another value, such as feedback.density=0.5
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    #[command(flatten)]
    pub(crate) allow: AllowArguments,
}

#[derive(Args)]
pub(crate) struct ConfirmArguments {
    /// The results directory of a complete sweep
    pub(crate) results: PathBuf,
    /// Number of configurations, the best ones
    #[arg(long, allow_negative_numbers = true, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=MOST_CONFIRMED as u64))]
    pub(crate) best: u64,
    /// Number of fresh seeds, the same ones for every configuration
    #[arg(long, allow_negative_numbers = true, value_name = "R", value_parser = clap::value_parser!(u64).range(1..=MOST_REPLICATES))]
    pub(crate) replicates: u64,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
    /// Number of trials that run at once [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
    /// Run failed trials again
    #[arg(long)]
    pub(crate) retry_failed: bool,
    #[command(flatten)]
    pub(crate) size: SizeArguments,
    #[command(flatten)]
    pub(crate) allow: AllowArguments,
}
