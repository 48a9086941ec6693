//! Who made the results: one entry per run of the command that contributed.

use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::write_atomically;

/// The file in a results directory.
pub const FILE: &str = "provenance.json";

/// A run of the command that contributed to a results directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Version of the program.
    pub version: String,
    /// Commit of the program, where it is known.
    pub git_commit: Option<String>,
    /// The command line.
    pub command_line: Vec<String>,
    /// The host's name.
    pub host: String,
    /// The processor.
    pub processor: Option<String>,
    /// The compiler that made the program.
    pub toolchain: String,
    /// When it started, in UTC.
    pub start: String,
    /// When it ended, in UTC; none while it runs, or if it was killed.
    pub end: Option<String>,
}

/// Writes `contribution` as the last entry of a results directory; in place of the last one where `replace` is set.
///
/// # Errors
/// If the file cannot be read or written.
pub fn record(results: &Path, contribution: &Contribution, replace: bool) -> std::io::Result<()> {
    let path = results.join(FILE);
    let mut all: Vec<Contribution> = match std::fs::read(&path) {
        Ok(json) => serde_json::from_slice(&json)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    if replace {
        all.pop();
    }
    all.push(contribution.clone());
    let json = serde_json::to_vec_pretty(&all)?;
    write_atomically(&path, |file| {
        file.write_all(&json)?;
        file.write_all(b"\n")
    })
}
