//! One file per command.

pub(crate) mod confirm;
pub(crate) mod merge;
pub(crate) mod outlook;
pub(crate) mod page;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod rerun;
pub(crate) mod run;
pub(crate) mod slurm;
pub(crate) mod status;
pub(crate) mod sweep;
pub(crate) mod trial_page;
pub(crate) mod watch;

use burstnet_core::config::keys;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::text::{say, say_json};

/// `burstnet schema`
pub(crate) fn schema() -> Result<(), Failure> {
    let schema = burstnet_sweep::spec::json_schema::json_schema(&keys::schema());
    say_json(&format!("{schema:#}"))
}

/// `burstnet completions`
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "burstnet", &mut script);
    say(String::from_utf8_lossy(&script).trim_end())
}
