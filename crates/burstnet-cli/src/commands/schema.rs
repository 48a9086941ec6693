//! `burstnet schema`, `burstnet completions` and `burstnet man`: what editors, shells and readers of manuals want.

use std::path::Path;

use burstnet_core::config::keys;
use burstnet_sweep::spec::json_schema::json_schema;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::terminal::say::{say, say_json};

/// Prints the JSON Schema of sweep files and run files.
pub(crate) fn schema() -> Result<(), Failure> {
    say_json(&format!("{:#}", json_schema(&keys::schema())))
}

/// Prints completions for a shell.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "burstnet", &mut script);
    say(String::from_utf8_lossy(&script).trim_end())
}

/// Writes the manual pages into a folder.
pub(crate) fn manual_pages(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .map_err(Failure::at(folder))
}
