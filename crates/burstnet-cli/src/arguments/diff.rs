//! The arguments of `burstnet diff`.

use std::path::PathBuf;

use clap::Args;

use super::{AllowArguments, IsaArguments};

#[derive(Args)]
pub(crate) struct DiffArguments {
    /// A trial: RESULTS:TRIAL, RESULTS:config=C,replicate=R, RESULTS:config=C,seed=S, or a run file
    #[arg(value_name = "A")]
    pub(crate) first: String,
    /// The trial that it is compared with, named alike
    #[arg(value_name = "B")]
    pub(crate) second: Option<String>,
    /// Compare A with itself with another value of a key; its seed stays
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Compare A with itself computed by this engine
    #[arg(long)]
    pub(crate) engine: Option<String>,
    #[command(flatten)]
    pub(crate) isa: IsaArguments,
    /// Draw both trials over each other on this page
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// Hidden units to draw, at most 64 of a layer, such as 0,3,10-19, or 1:0,3 [default: some of each layer]
    #[arg(long, value_name = "UNITS", requires = "page")]
    pub(crate) units: Vec<String>,
    /// Overwrite the page
    #[arg(long, requires = "page")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) allow: AllowArguments,
    /// Print one JSON object with all figures
    #[arg(long)]
    pub(crate) json: bool,
}
