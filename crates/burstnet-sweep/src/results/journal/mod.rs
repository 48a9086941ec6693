//! The journal: append-only files of finished trials, one per shard, from which everything else is derived.
//!
//! A header identifies the sweep by the fingerprint of its plan. Frames follow. Each consists of a mark, the length of
//! the payload, its checksum (the first 8 bytes of its BLAKE3 hash), a checksum of these fields, and the payload: a
//! record in postcard's format, with the points that were proposed for it behind it. The mark lets a reader find the next frame behind a damaged one. A crash leaves a frame
//! that is cut short at the end.

mod frame;
mod read;
#[cfg(test)]
mod tests;
mod window;
mod write;

use std::ops::Range;
use std::path::{Path, PathBuf};

pub use read::{Frame, Reader, record_at};
pub use write::{OpenedJournal, Writer};

use crate::plan::shard::Shard;

/// The folder of a results directory that holds the journals.
pub const FOLDER: &str = "journal";
/// The length of a journal without records, in bytes.
pub const HEADER_BYTES: usize = frame::HEADER_LEN;
/// The extension of the names of journals.
const ENDING: &str = ".journal";

/// Returns the name of a shard's journal, relative to the results directory.
pub fn name(shard: Shard) -> PathBuf {
    Path::new(FOLDER).join(format!("{}{ENDING}", shard.name()))
}

/// Lists the journals of a results directory, by the number of shards and the number of the shard.
///
/// # Errors
/// If the folder cannot be read, or a journal is a symbolic link.
pub fn list(results: &Path) -> Result<Vec<(Shard, PathBuf)>, JournalError> {
    let folder = results.join(FOLDER);
    let io = JournalError::io(&folder);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    };
    let mut journals = Vec::new();
    for entry in entries {
        let file = entry.map_err(&io)?.file_name();
        let shard = file.to_str().and_then(|name| Shard::from_name(name.strip_suffix(ENDING)?));
        if let Some(shard) = shard {
            let inside = name(shard);
            crate::files::refuse_links(results, &inside).map_err(&io)?;
            journals.push((shard, results.join(inside)));
        }
    }
    journals.sort();
    Ok(journals)
}

/// Checks that no other process is writing a journal at this moment.
///
/// # Errors
/// If one is, or this cannot be determined.
pub fn check_idle(path: &Path) -> Result<(), JournalError> {
    let io = JournalError::io(path);
    let file = std::fs::File::open(path).map_err(&io)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(()),
        Err(std::fs::TryLockError::WouldBlock) => Err(JournalError::Locked { path: path.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Bytes of a journal that are not part of an intact frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The journal.
    pub journal: PathBuf,
    /// The range of the bytes.
    pub bytes: Range<u64>,
}

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The journal cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The header is damaged, or belongs to another program or layout.
    #[error("{}: {reason}", path.display())]
    Header {
        /// The journal.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// Another process holds the journal.
    #[error("{}: another process is writing it", path.display())]
    Locked {
        /// The journal.
        path: PathBuf,
    },
    /// The journal was moved while it was being written.
    #[error("{}: moved while it was written, to {}; all that was recorded is there, and goes on with this as --out", path.display(), results.display())]
    Moved {
        /// The journal.
        path: PathBuf,
        /// The results directory that contains it now.
        results: PathBuf,
    },
    /// The journal was removed or replaced while it was being written.
    #[error("{}: removed or replaced while it was written; what was recorded since is lost", path.display())]
    Vanished {
        /// The journal.
        path: PathBuf,
    },
}

impl JournalError {
    fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path: path.clone(), source }
    }
}
