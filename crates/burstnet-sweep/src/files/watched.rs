//! Files that every trial has to find as the plan has them.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use burstnet_core::config::{Configuration, Schema, Value};

use super::EnvironmentError;
use crate::files::hashed::{HashedFile, hash};

/// By what it is seen that a file was written since it was read: length, node, and times of its content and node.
type Look = (u64, u64, i64, i64, i64, i64);

/// A file that is the planned one.
pub(crate) struct Watched {
    path: PathBuf,
    planned: HashedFile,
    /// How the file looked when its content was last known to be the planned one.
    seen: Mutex<Look>,
}

impl Watched {
    /// The file at `path`, which the plan calls `planned`.
    ///
    /// # Errors
    /// If it cannot be read or is another one by now.
    pub(crate) fn new(path: PathBuf, planned: &HashedFile) -> io::Result<Self> {
        let seen = Mutex::new(same(&path, planned)?);
        Ok(Self { path, planned: planned.clone(), seen })
    }

    /// Checks that the file is still the planned one. It is read only if it was written.
    ///
    /// # Errors
    /// If it is not, or cannot be read.
    pub(crate) fn check(&self) -> io::Result<()> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if look(&std::fs::metadata(&self.path)?) != *seen {
            *seen = same(&self.path, &self.planned)?;
        }
        Ok(())
    }

    /// The file's name in the plan.
    pub(crate) fn name(&self) -> &str {
        &self.planned.name
    }
}

/// How the file looks, if its content is the planned one.
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

/// The copies of a sweep's input files, by the paths under which configurations name them.
#[derive(Default)]
pub(crate) struct WatchedInputs(HashMap<String, Vec<Watched>>);

impl WatchedInputs {
    /// Adds the files of the input that configurations name as `path`.
    pub(crate) fn add(&mut self, path: &Path, files: Vec<Watched>) {
        self.0.insert(path.to_string_lossy().into_owned(), files);
    }

    /// Returns whether no configuration names a file.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that the files which a configuration names are still those of the plan: what was evaluated with others is
    /// no result.
    ///
    /// # Errors
    /// If one is not.
    pub(crate) fn check(&self, configuration: &Configuration, schema: &Schema) -> Result<(), EnvironmentError> {
        let paths = schema.keys().iter().filter(|key| key.kind.is_path()).map(|key| configuration.get(&key.path));
        for file in paths.filter_map(Value::as_text).filter_map(|path| self.0.get(path)).flatten() {
            file.check().map_err(|error| EnvironmentError(format!("{}: {error}", file.path.display())))?;
        }
        Ok(())
    }
}
