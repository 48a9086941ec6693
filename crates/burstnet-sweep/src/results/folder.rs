//! The folder of results: its lock, and whether one may be begun in it.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::files::{is_unfinished, read_text, waiting};
use crate::plan::input_files;
use crate::results::journal;
use crate::results::study_error::StudyError;

/// The original sweep file.
pub const SWEEP_FILE: &str = "sweep.yaml";

/// A lock on the files that all shards of a results directory share; other processes wait for it.
pub struct FolderLock {
    _folder: File,
}

/// Locks a results directory.
pub(crate) fn lock_folder(results: &Path) -> Result<FolderLock, StudyError> {
    let folder = File::open(results).map_err(StudyError::io(results))?;
    waiting::lock(&folder, results).map_err(StudyError::io(results))?;
    Ok(FolderLock { _folder: folder })
}

/// Returns whether a folder is empty, or holds only files that a crash before the writing of `plan.json` leaves.
pub(crate) fn is_abandoned(results: &Path, sweep_text: &str) -> io::Result<bool> {
    // Both folders are made before the sweep file is written: beside them, it is the copy of one, whatever it says.
    let is_folder = |name| results.join(name).symlink_metadata().is_ok_and(|held| held.is_dir());
    let begun = is_folder(input_files::FOLDER) && is_folder(journal::FOLDER);
    for entry in std::fs::read_dir(results)? {
        let entry = entry?;
        let ours = match entry.file_name().to_string_lossy().as_ref() {
            name if is_unfinished(name) => true,
            SWEEP_FILE if begun => entry.file_type()?.is_file(),
            SWEEP_FILE => read_text(results, SWEEP_FILE, sweep_text.len() as u64).is_ok_and(|held| held == sweep_text),
            input_files::FOLDER => {
                holds_only(&entry.path(), |name| is_unfinished(name) || input_files::is_stored(name))?
            }
            journal::FOLDER => holds_only(&entry.path(), |_| false)?,
            _ => false,
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds_only(folder: &Path, ours: impl Fn(&str) -> bool) -> io::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        if !ours(&entry?.file_name().to_string_lossy()) {
            return Ok(false);
        }
    }
    Ok(true)
}
