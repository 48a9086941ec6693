//! Files that are identified by the hash of their content.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::waiting;

/// A file and the hash of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashedFile {
    /// The name of the file in its folder; empty for a single file.
    pub name: String,
    /// The length of the file in bytes.
    pub bytes: u64,
    /// The BLAKE3 hash of the content, in hex; empty until it is computed.
    pub blake3: String,
}

/// Hashes the file at `path` and records it under `name`.
pub(crate) fn hash(path: &Path, name: String) -> io::Result<HashedFile> {
    length(path)?;
    let mut hasher = blake3::Hasher::new();
    let bytes = waiting::read_all(path, |piece| {
        hasher.update(piece);
    })?;
    Ok(HashedFile { name, bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// Returns the length of a file. The file must have an end.
pub(crate) fn length(path: &Path) -> io::Result<u64> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() { Ok(metadata.len()) } else { Err(io::Error::other("not a regular file")) }
}

impl HashedFile {
    /// Returns the path of the file if its input is at `input`.
    pub fn path(&self, input: &Path) -> PathBuf {
        if self.name.is_empty() { input.to_owned() } else { input.join(&self.name) }
    }
}
