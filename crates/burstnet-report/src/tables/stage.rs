//! Files derived from journals, made aside and then given their names at once: whoever runs the sweep waits for the
//! second only.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use burstnet_sweep::files;
use burstnet_sweep::results::study::{PLAN_FILE, Study};
use tempfile::TempDir;

use crate::ReportError;
use crate::tables::FILES;

/// The beginning of the names of folders in which files are made; what has such a name counts as unfinished.
const PREFIX: &str = ".writing-report-";

/// A folder in a results directory in which its derived files are made. Dropped, it is removed.
pub(crate) struct Stage {
    folder: TempDir,
    /// Held as long as somebody works in the folder; the system releases it however the process ends.
    _in_use: File,
    /// The tables and the plan when this began.
    before: Vec<Option<Version>>,
}

/// A version of the file that has a name: its number, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version(u64, i64, i64);

impl Stage {
    /// Makes the folder, and removes those that killed processes left.
    ///
    /// # Errors
    /// Returns an error if the results directory cannot be written.
    pub(crate) fn begin(study: &Study) -> Result<Self, ReportError> {
        let results = &study.results;
        let _lock = study.lock()?; // so that nobody finds the folder before it is in use
        remove_abandoned(results).map_err(io_error(results))?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(results).map_err(io_error(results))?;
        let in_use = File::open(folder.path()).map_err(io_error(folder.path()))?;
        in_use.lock().map_err(io_error(folder.path()))?;
        Ok(Self { folder, _in_use: in_use, before: versions(results) })
    }

    /// Returns the folder in which the files are to be made.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the files their names in the results directory. Whether it did: files that somebody else wrote since this
    /// began were made later than these, and stay.
    ///
    /// # Errors
    /// Returns an error if a file cannot be renamed.
    pub(crate) fn publish(self, study: &Study) -> Result<bool, ReportError> {
        let results = &study.results;
        let _lock = study.lock()?;
        if versions(results) != self.before {
            return Ok(false);
        }
        for path in made(self.folder.path()).map_err(io_error(self.folder.path()))? {
            if let Some(name) = path.file_name() {
                study.disk.rename(&path, &results.join(name)).map_err(io_error(&path))?;
            }
        }
        study.disk.sync_folder(results).map_err(io_error(results))?;
        Ok(true)
    }
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> ReportError + use<> {
    let path = path.to_owned();
    move |source| ReportError::Io { path: path.clone(), source }
}

/// Returns the files that are complete, by their names.
fn made(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !files::is_unfinished(&entry.file_name().to_string_lossy()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn versions(results: &Path) -> Vec<Option<Version>> {
    let version = |name: &&str| {
        let held = fs::symlink_metadata(results.join(name)).ok()?;
        Some(Version(held.ino(), held.mtime(), held.mtime_nsec()))
    };
    FILES.iter().chain([&PLAN_FILE]).map(version).collect()
}

/// Removes the folders that nobody works in. The caller holds the lock of the results directory.
pub(crate) fn remove_abandoned(results: &Path) -> io::Result<()> {
    for entry in fs::read_dir(results)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_dir();
        if ours && File::open(entry.path()).is_ok_and(|folder| folder.try_lock().is_ok()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
