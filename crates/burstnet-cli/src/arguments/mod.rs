//! The command line.

mod archive;
mod diff;
pub(crate) mod hints;
mod refine;
mod report;
mod run;
mod sweep;
mod traces;
mod trials;

use std::path::PathBuf;

use burstnet_core::engine::Isa;
use clap::{ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::failure::Failure;

pub(crate) use archive::{ArchiveArguments, VerifyArguments};
pub(crate) use diff::DiffArguments;
pub(crate) use refine::RefineArguments;
pub(crate) use report::{ReportArguments, TrialPageArguments};
pub(crate) use run::{RecordArguments, RunArguments, TracedSteps};
pub(crate) use sweep::{ConfirmArguments, PlanArguments, SlurmArguments, SweepArguments};
pub(crate) use traces::TraceArguments;
pub(crate) use trials::TrialArguments;

/// Reproducible parallel hyperparameter sweeps over networks that learn from bursts.
#[derive(Parser)]
#[command(name = "burstnet", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Train once and print the measures
    Run(RunArguments),
    /// Show what a sweep would run, without running it
    Plan(PlanArguments),
    /// Run a sweep, or continue one
    Sweep(SweepArguments),
    /// Show the progress of each shard of a sweep
    Status(StatusArguments),
    /// Check that every trial of a sharded sweep ran exactly once, and write its tables
    Merge(MergeArguments),
    /// Run one trial again, from the results alone, and compare every bit
    Rerun(RerunArguments),
    /// Compare two trials: keys, measures, curves, and the first step at which they part
    Diff(DiffArguments),
    /// Record the steps of many trials, each in a Parquet file
    Trace(TraceArguments),
    /// Print the whole configuration of one trial, as a file for `burstnet run`
    Show(ShowArguments),
    /// Write the tables of a results directory and show the best configurations
    Report(ReportArguments),
    /// Write a study into one file: its plan, inputs, journals and provenance
    Archive(ArchiveArguments),
    /// Check an archive of a study, and run a sample of its trials again
    Verify(VerifyArguments),
    /// Print a sweep file that looks closer at the best configurations
    Refine(RefineArguments),
    /// Write the scripts that run a sweep as a Slurm job array, and submit them
    Slurm(SlurmArguments),
    /// Run the best configurations of a sweep again on fresh seeds
    Confirm(ConfirmArguments),
    /// Print the JSON Schema of sweep files and run files, for editors
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages: `burstnet.1` and one per command
    Man {
        /// The folder, made if it is missing
        folder: PathBuf,
    },
}

/// The instructions of the fast engine.
#[derive(Args)]
pub(crate) struct IsaArguments {
    /// Instructions of the fast engine: portable, avx2 or avx512; all give the same bits [default: the fastest here]
    #[arg(long, value_name = "ISA")]
    isa: Option<String>,
}

impl IsaArguments {
    /// Returns the instructions that were asked for, or the fastest ones.
    pub(crate) fn isa(&self) -> Result<Isa, Failure> {
        match &self.isa {
            Some(name) => Isa::named(name).map_err(|error| Failure::Input(format!("--isa {error}"))),
            None => Ok(Isa::detect()),
        }
    }
}

/// The permission for the program that a file names.
#[derive(Args)]
pub(crate) struct AllowArguments {
    /// Allow the external program that the sweep file names (section model) to run
    #[arg(long)]
    pub(crate) allow_command: bool,
}

/// The most trials that start without `--yes`.
const MOST_WITHOUT_YES: u64 = 10_000_000;

/// The word that very many trials are meant.
#[derive(Args)]
pub(crate) struct SizeArguments {
    /// Start even if there are more than 10 000 000 trials
    #[arg(long)]
    pub(crate) yes: bool,
}

impl SizeArguments {
    /// Refuses very many trials without `--yes`. The message names `place`, where they are asked for, and ends with
    /// `hint`.
    pub(crate) fn check(&self, trials: u64, place: &str, hint: &str) -> Result<(), Failure> {
        if self.yes || trials <= MOST_WITHOUT_YES {
            return Ok(());
        }
        Err(Failure::Input(format!(
            "{place}: {trials} trials, more than {MOST_WITHOUT_YES}, expected --yes if so many are meant{hint}"
        )))
    }
}

#[derive(Args)]
pub(crate) struct StatusArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct MergeArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    /// Write tables and page into this folder [default: the results directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite tables and page in --out, and accept trials that ran in two shards with the same bits
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args)]
#[command(group(ArgGroup::new("which").required(true).args(["trial", "config"])))]
pub(crate) struct RerunArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    #[command(flatten)]
    pub(crate) which: TrialArguments,
    /// Run the trial with another value of a key, beside what was recorded of it; its seed stays
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

#[derive(Args)]
#[command(group(ArgGroup::new("which").required(true).args(["trial", "config"])))]
pub(crate) struct ShowArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    #[command(flatten)]
    pub(crate) which: TrialArguments,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
