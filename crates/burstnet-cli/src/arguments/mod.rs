//! The command line.

mod archive;
mod diff;
pub(crate) mod hints;
mod refine;
mod run;
mod traces;
mod trials;

use std::path::{Path, PathBuf};
use std::time::Duration;

use burstnet_core::engine::{ISA_NAMES, Isa};
use burstnet_report::analysis::Options;
use burstnet_report::tables::export::Exported;
use burstnet_sweep::limits::{MOST_CONFIRMED, MOST_REPLICATES, MOST_SHARDS};
use burstnet_sweep::plan::shard::Shard;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::failure::Failure;
use crate::slurm::TimeLimit;

pub(crate) use archive::{ArchiveArguments, VerifyArguments};
pub(crate) use diff::DiffArguments;
pub(crate) use refine::RefineArguments;
pub(crate) use run::{RecordArguments, RunArguments, TracedSteps};
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
    #[arg(long, value_name = "ISA", value_parser = clap::builder::PossibleValuesParser::new(ISA_NAMES))]
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

#[derive(Args)]
#[command(group(
    ArgGroup::new("which")
        .args(["trial", "config"])
        .conflicts_with_all(["baseline", "measure", "csv", "watch", "compare"])
))]
pub(crate) struct ReportArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    /// More results directories, each compared with the first on one page, configuration by configuration
    #[arg(value_name = "OTHER")]
    pub(crate) others: Vec<PathBuf>,
    /// The page of several results directories [default: comparison.html]
    #[arg(long = "page", value_name = "FILE", requires = "others")]
    pub(crate) comparison_page: Option<PathBuf>,
    /// Compare the configurations with this one (column config_id) [default: the best]
    #[arg(long, allow_negative_numbers = true, value_name = "CONFIG_ID")]
    pub(crate) baseline: Option<u64>,
    /// Rank and analyse by this measure [default: the objective's]
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: Option<String>,
    /// Print one JSON object with all figures
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a table as CSV and write nothing: ranking, trials, curves, summary, timings, effects or contrasts
    #[arg(
        long,
        value_name = "TABLE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "ranking",
        value_parser = PossibleValuesParser::new(Exported::ALL.map(Exported::name)),
        hide_possible_values = true,
        conflicts_with = "json"
    )]
    pub(crate) csv: Option<String>,
    /// Write again whenever trials have ended, checking every so many seconds, until none is missing [default: 5]
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "5",
        value_parser = seconds,
        conflicts_with_all = ["json", "csv"]
    )]
    pub(crate) watch: Option<Duration>,
    /// Compare A with B and write nothing: two configurations (53 14), or two settings over all configurations that agree
    /// otherwise (density=0.1 density=1.0)
    #[arg(
        long,
        value_names = ["A", "B"],
        num_args = 2,
        action = ArgAction::Set,
        allow_negative_numbers = true,
        conflicts_with_all = ["baseline", "csv", "watch"]
    )]
    pub(crate) compare: Vec<String>,
    #[command(flatten)]
    pub(crate) page: TrialPageArguments,
}

impl ReportArguments {
    /// Returns all results directories.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.results).chain(&self.others).map(PathBuf::as_path)
    }

    /// Returns the options of the analysis.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options::default();
        options.measure.clone_from(&self.measure);
        options.baseline = self.baseline;
        options.results = Some(self.results.clone());
        options
    }
}

/// The page of one trial.
#[derive(Args)]
pub(crate) struct TrialPageArguments {
    /// The trial that is run again and drawn on a page of its own
    #[command(flatten)]
    pub(crate) which: TrialArguments,
    /// Hidden units to draw, at most 64 of a layer, such as 0,3,10-19, or 1:0,3 [default: some of each layer]
    #[arg(long, value_name = "UNITS", requires = "which")]
    pub(crate) units: Vec<String>,
    /// The trial's page [default: NAME-trial-ID.html]
    #[arg(long, value_name = "FILE", requires = "which")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the trial's page
    #[arg(long, requires = "which")]
    pub(crate) force: bool,
}

/// Reads how often `--watch` looks: from a tenth of a second to a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds));
    let message = "expected a number of seconds from 0.1 to 86400; RESULTS stands before --watch, or write --watch=5";
    seconds.map(Duration::from_secs_f64).ok_or_else(|| message.to_owned())
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
