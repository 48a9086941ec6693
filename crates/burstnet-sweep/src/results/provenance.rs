//! The provenance of results: one entry per run of the command that contributed to them.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::files::disk::Disk;
use crate::files::{folder_of, read_text, write_atomically};
use crate::limits::LARGEST_PROVENANCE;

/// The name of the file in a results directory.
pub const FILE: &str = "provenance.json";

/// A run of the command that contributed to a results directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// The version of the program.
    pub version: String,
    /// The commit of the program, if it is known.
    pub git_commit: Option<String>,
    /// The command line.
    pub command_line: Vec<String>,
    /// The name of the host.
    pub host: String,
    /// The process ID.
    pub process: u32,
    /// The processor.
    pub processor: Option<String>,
    /// The compiler that built the program.
    pub toolchain: String,
    /// The start of the run, in UTC.
    pub start: String,
    /// The end of the run, in UTC; `None` while it runs, or if it was killed.
    pub end: Option<String>,
}

/// Reads the entries of a file. There are none if the file does not exist.
///
/// # Errors
/// If it cannot be read, is a link, or is too long.
pub fn read(path: &Path) -> io::Result<Vec<Contribution>> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match read_text(folder_of(path), &name, LARGEST_PROVENANCE) {
        Ok(json) => serde_json::from_str(&json).map_err(|error| {
            let told = format!("not a readable list of runs, expected what burstnet wrote, or no such file: {error}");
            io::Error::new(io::ErrorKind::InvalidData, told)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Returns the name of this machine.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Writes `contribution` into the file at `path`: in place of the entry of the same run, else as the last entry.
///
/// # Errors
/// If the file cannot be read or written.
pub fn record(disk: &Arc<dyn Disk>, path: &Path, contribution: &Contribution) -> io::Result<()> {
    let all = put(read(path)?, vec![contribution.clone()]);
    write(disk, path, &all)
}

/// Adds the entries of the files `parts` to the file at `path`, sorted by their start. No figure needs them, so a file
/// that cannot be read is left alone and returned with the reason. If this is the file at `path`, nothing is written.
///
/// # Errors
/// If the file cannot be written.
pub fn gather(disk: &Arc<dyn Disk>, path: &Path, parts: &[PathBuf]) -> io::Result<Vec<(PathBuf, io::Error)>> {
    let mut all = match read(path) {
        Ok(all) => all,
        Err(error) => return Ok(vec![(path.to_owned(), error)]),
    };
    let mut unread = Vec::new();
    for part in parts {
        match read(part) {
            Ok(more) => all = put(all, more),
            Err(error) => unread.push((part.clone(), error)),
        }
    }
    all.sort_by(|a, b| a.start.cmp(&b.start)); // keeps the order of those that started in the same second
    write(disk, path, &all)?;
    Ok(unread)
}

/// Returns `all` with the entries `more`: each in place of the entry of the same run, else as the last entry.
fn put(mut all: Vec<Contribution>, more: Vec<Contribution>) -> Vec<Contribution> {
    let run = |one: &Contribution| (one.start.clone(), one.host.clone(), one.process, one.command_line.clone());
    let mut places: HashMap<_, usize> = all.iter().enumerate().map(|(at, held)| (run(held), at)).collect();
    for contribution in more {
        match places.get(&run(&contribution)) {
            Some(&at) => all[at] = contribution,
            None => {
                places.insert(run(&contribution), all.len());
                all.push(contribution);
            }
        }
    }
    all
}

fn write(disk: &Arc<dyn Disk>, path: &Path, all: &[Contribution]) -> io::Result<()> {
    let json = serde_json::to_vec_pretty(all)?;
    write_atomically(disk, path, |file| {
        file.write_all(&json)?;
        file.write_all(b"\n")
    })
}
