//! A file of a command, of which every trial has to find the same content.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::input_files::{HashedFile, hash};

/// By what it is seen that a file was written since it was read: length, node, and times of its content and node.
type Look = (u64, u64, i64, i64, i64, i64);

pub(super) struct Watched {
    path: PathBuf,
    planned: HashedFile,
    /// How the file looked when its content was last known to be the planned one.
    seen: Mutex<Look>,
}

impl Watched {
    /// The file that the plan calls `planned`, seen from `folder`.
    ///
    /// # Errors
    /// With its path and a message if it is another one by now.
    pub(super) fn new(folder: &Path, planned: &HashedFile) -> Result<Self, (PathBuf, String)> {
        let path = folder.join(&planned.name);
        match same(&path, planned) {
            Ok(seen) => Ok(Self { path, planned: planned.clone(), seen: Mutex::new(seen) }),
            Err(problem) => Err((path, problem)),
        }
    }

    /// Checks that the file is still the planned one. It is read only if it was written.
    ///
    /// # Errors
    /// With a message if it is not.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if std::fs::metadata(&self.path).is_ok_and(|now| look(&now) == *seen) {
            return Ok(());
        }
        let named = |problem| format!("{}: {problem}", self.planned.name.escape_debug());
        *seen = same(&self.path, &self.planned).map_err(named)?;
        Ok(())
    }
}

/// How the file looks, if its content is the planned one.
fn same(path: &Path, planned: &HashedFile) -> Result<Look, String> {
    let held = || -> io::Result<_> {
        let before = std::fs::metadata(path)?;
        Ok((look(&before), hash(path, planned.name.clone())?))
    };
    match held() {
        Ok((look, held)) if held == *planned => Ok(look),
        Ok(_) => Err("not the file that the sweep was planned with (another BLAKE3)".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn look(file: &Metadata) -> Look {
    (file.len(), file.ino(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
}
