//! The arguments of `burstnet report`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use burstnet_report::analysis::Options;
use burstnet_report::tables::export::Exported;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, ArgGroup, Args};

use super::TrialArguments;

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
