//! Files that are known by the hash of what they hold.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::waiting;

/// A file and its content's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashedFile {
    /// Its name in the folder; empty for a single file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3 of its content, in hex; empty until it is hashed.
    pub blake3: String,
}

/// A file and its content's hash, under this name.
pub(crate) fn hash(path: &Path, name: String) -> io::Result<HashedFile> {
    length(path)?;
    let mut hasher = blake3::Hasher::new();
    let bytes = waiting::read_all(path, |piece| {
        hasher.update(piece);
    })?;
    Ok(HashedFile { name, bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// The length of a file that ends.
pub(crate) fn length(path: &Path) -> io::Result<u64> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() { Ok(metadata.len()) } else { Err(io::Error::other("not a regular file")) }
}

impl HashedFile {
    /// Where it is when its input is at `input`.
    pub fn path(&self, input: &Path) -> PathBuf {
        if self.name.is_empty() { input.to_owned() } else { input.join(&self.name) }
    }
}
