//! The provenance of results: one entry per process that contributed to them.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::files::disk::Disk;
use crate::files::{folder_of, read_text, write_atomically};
use crate::limits::LARGEST_PROVENANCE;
use crate::plan::shard::Shard;
use crate::results::journal;
use crate::spec::execution::Order;

/// The name of the file in a results directory.
pub const FILE: &str = "provenance.json";

/// A process that contributed to a results directory: a run of the command, or a program that runs sweeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// The version of burstnet.
    pub version: String,
    /// The commit of burstnet, which the command knows.
    pub git_commit: Option<String>,
    /// The command line.
    pub command_line: Vec<String>,
    /// The name of the host.
    pub host: String,
    /// The process ID.
    pub process: u32,
    /// The processor.
    pub processor: Option<String>,
    /// The compiler that built the program, which the command knows.
    pub toolchain: Option<String>,
    /// The start of the run, in UTC.
    pub start: String,
    /// The end of the run, in UTC; `None` while it runs, or if it was killed.
    pub end: Option<String>,
    /// The order in which the trials ran; `None` for that of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
}

impl Contribution {
    /// Returns this process, starting now.
    pub fn starting_now() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit: None,
            command_line: std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
            host: host(),
            process: std::process::id(),
            processor: processor(),
            toolchain: None,
            start: now(),
            end: None,
            order: None,
        }
    }

    /// Returns the same process, which runs trials in this order.
    #[must_use]
    pub fn in_order(self, order: Order) -> Self {
        Self { order: Some(order).filter(|order| *order != Order::Plan), ..self }
    }

    /// Returns the same process, ending now.
    pub fn ending_now(self) -> Self {
        Self { end: Some(now()), ..self }
    }
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

/// Returns whether all trials in a results directory ran in shuffled order, so that those that are there are spread over
/// the whole space: every run that is noted did, and if the sweep runs in shards, all have begun.
pub fn is_shuffled(results: &Path) -> bool {
    let Ok(journals) = journal::list(results) else { return false };
    let own = |(shard, _): &(Shard, PathBuf)| match *shard {
        Shard::WHOLE => results.join(FILE),
        shard => results.join(journal::FOLDER).join(format!("{}.{FILE}", shard.name())),
    };
    let runs = |path: PathBuf| read(&path).unwrap_or_default();
    let shuffled = |runs: &[Contribution]| runs.iter().all(|one| one.order == Some(Order::Shuffled));
    let all: Vec<Vec<Contribution>> = journals.iter().map(own).map(runs).collect();
    let complete = journals.iter().all(|(shard, _)| shard.count() as usize == journals.len());
    complete && !all.is_empty() && all.iter().all(|runs| !runs.is_empty() && shuffled(runs))
}

/// Returns the name of this machine.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Returns a time in UTC. A clock may be wrong by any number of years: before 1970 as well as after what has a date.
pub fn utc(time: SystemTime) -> DateTime<Utc> {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(error) => {
            let until = error.duration();
            let whole = until.as_secs() + u64::from(until.subsec_nanos() > 0);
            i64::try_from(whole).map_or(i64::MIN, |seconds| -seconds)
        }
    };
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn now() -> String {
    utc(SystemTime::now()).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn processor() -> Option<String> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_of_any_year() {
        let day = Duration::from_secs(86_400);
        let shown = |time: Option<SystemTime>| time.map(|time| utc(time).to_rfc3339());
        for (time, expected) in [
            (UNIX_EPOCH.checked_add(day), Some("1970-01-02T00:00:00+00:00")),
            (UNIX_EPOCH.checked_sub(day), Some("1969-12-31T00:00:00+00:00")),
            (UNIX_EPOCH.checked_sub(Duration::from_millis(1)), Some("1969-12-31T23:59:59+00:00")),
            (UNIX_EPOCH.checked_sub(36_525 * day), Some("1869-12-31T00:00:00+00:00")),
            (UNIX_EPOCH.checked_add(Duration::from_secs(i64::MAX as u64)), Some("1970-01-01T00:00:00+00:00")),
        ] {
            assert_eq!(shown(time).as_deref(), expected);
        }
    }
}
