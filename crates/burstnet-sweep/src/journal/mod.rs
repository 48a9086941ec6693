//! The journal: an append-only file of finished trials, from which everything else is derived.
//!
//! A header names the sweep by its plan's fingerprint. Then frames follow: a mark, the payload's length, its checksum
//! (the first 8 bytes of its BLAKE3), and the payload, a record in postcard's format. The mark lets a reader find the
//! next frame behind a damaged one. A frame that is cut short at the end is what a crash leaves.

mod frame;
mod read;
mod write;

use std::path::{Path, PathBuf};

pub use read::{Damage, Frame, Reader, records};
pub use write::{Opened, Writer};

/// The folder of a results directory that holds the journals.
pub const FOLDER: &str = "journal";

/// Where the journal of the only shard of `results` is.
pub fn path(results: &Path) -> PathBuf {
    results.join(FOLDER).join("shard-0-of-1.journal")
}

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its header is damaged, or of another program or layout.
    #[error("{}: {reason}", path.display())]
    Header {
        /// The journal.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Another process holds it.
    #[error("{}: another process is writing it", path.display())]
    Locked {
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
