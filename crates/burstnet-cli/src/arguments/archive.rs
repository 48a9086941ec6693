//! The arguments of `burstnet archive` and `burstnet verify`.

use std::path::PathBuf;

use clap::Args;

use super::IsaArguments;

#[derive(Args)]
pub(crate) struct ArchiveArguments {
    /// The results directory
    pub(crate) results: PathBuf,
    /// The archive [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the archive
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// The archive
    pub(crate) archive: PathBuf,
    /// Number of trials that run again, spread evenly over all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) sample: u32,
    /// Number of trials that run at once [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
}
