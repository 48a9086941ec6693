//! Files that must match the plan whenever a trial runs.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use burstnet_core::config::{Configuration, Schema, Value};

use super::EnvironmentError;
use crate::files::hashed::{HashedFile, hash};

/// The properties that reveal that a file was written since it was read: length, inode, and the times of content and
/// inode.
type Look = (u64, u64, i64, i64, i64, i64);

/// A file whose content is the planned one.
pub(crate) struct Watched {
    path: PathBuf,
    planned: HashedFile,
    /// The properties of the file when its content last matched the plan.
    seen: Mutex<Look>,
}

impl Watched {
    /// Opens the file at `path`, which the plan lists as `planned`.
    ///
    /// # Errors
    /// If it cannot be read or its content differs from the plan.
    pub(crate) fn new(path: PathBuf, planned: &HashedFile) -> io::Result<Self> {
        let seen = Mutex::new(same(&path, planned)?);
        Ok(Self { path, planned: planned.clone(), seen })
    }

    /// Checks that the file still matches the plan. It is read only if it was written.
    ///
    /// # Errors
    /// If it does not match, or cannot be read.
    pub(crate) fn check(&self) -> io::Result<()> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if look(&std::fs::metadata(&self.path)?) != *seen {
            *seen = same(&self.path, &self.planned)?;
        }
        Ok(())
    }

    /// Returns the name of the file in the plan.
    pub(crate) fn name(&self) -> &str {
        &self.planned.name
    }
}

/// Returns the properties of the file, if its content is the planned one.
fn same(path: &Path, planned: &HashedFile) -> io::Result<Look> {
    let before = std::fs::metadata(path)?;
    // A file of another length is another one, and could be long.
    let is_planned =
        before.is_file() && before.len() == planned.bytes && hash(path, planned.name.clone())?.blake3 == planned.blake3;
    if is_planned {
        Ok(look(&before))
    } else {
        Err(io::Error::other("not the file that the sweep was planned with (another BLAKE3)"))
    }
}

fn look(file: &Metadata) -> Look {
    (file.len(), file.ino(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
}

/// The copies of a sweep's input files, by the paths that configurations use for them.
#[derive(Default)]
pub(crate) struct WatchedInputs(HashMap<String, Vec<Watched>>);

impl WatchedInputs {
    /// Adds the files of the input that configurations refer to as `path`.
    pub(crate) fn add(&mut self, path: &Path, files: Vec<Watched>) {
        self.0.insert(path.to_string_lossy().into_owned(), files);
    }

    /// Returns whether configurations refer to no files.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that the files of a configuration are still those of the plan. An evaluation with other files is not a
    /// result.
    ///
    /// # Errors
    /// If a file differs.
    pub(crate) fn check(&self, configuration: &Configuration, schema: &Schema) -> Result<(), EnvironmentError> {
        let paths = schema.keys().iter().filter(|key| key.kind.is_path()).map(|key| configuration.get(&key.path));
        for file in paths.filter_map(Value::as_text).filter_map(|path| self.0.get(path)).flatten() {
            file.check().map_err(|error| EnvironmentError(format!("{}: {error}", file.path.display())))?;
        }
        Ok(())
    }
}
