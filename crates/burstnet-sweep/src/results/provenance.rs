//! Who made the results: one entry per run of the command that contributed.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::files::disk::Disk;
use crate::files::{folder_of, read_text, write_atomically};

/// The file in a results directory.
pub const FILE: &str = "provenance.json";
/// The largest such file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

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
    /// The number of the process.
    pub process: u32,
    /// The processor.
    pub processor: Option<String>,
    /// The compiler that made the program.
    pub toolchain: String,
    /// When it started, in UTC.
    pub start: String,
    /// When it ended, in UTC; none while it runs, or if it was killed.
    pub end: Option<String>,
}

/// The entries of a file; none if there is no file.
///
/// # Errors
/// If it cannot be read, is a link, or too long.
pub fn read(path: &Path) -> io::Result<Vec<Contribution>> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match read_text(folder_of(path), &name, LARGEST) {
        Ok(json) => serde_json::from_str(&json).map_err(|error| {
            let told = format!("not a readable list of runs, expected what burstnet wrote, or no such file: {error}");
            io::Error::new(io::ErrorKind::InvalidData, told)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Writes `contribution` into the file at `path`: in place of the entry of the same run, else as the last one.
///
/// # Errors
/// If the file cannot be read or written.
pub fn record(disk: &Arc<dyn Disk>, path: &Path, contribution: &Contribution) -> io::Result<()> {
    let all = put(read(path)?, vec![contribution.clone()]);
    write(disk, path, &all)
}

/// Adds the entries of the files `parts` to the file at `path`, all sorted by their start. No figure needs them, so a file
/// that cannot be read stays as it is, and is returned with the reason; where it is that at `path`, nothing is written.
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

/// `all` with `more`: each in place of the entry of the same run, else as the last one.
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
