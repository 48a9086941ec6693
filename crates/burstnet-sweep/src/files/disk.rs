//! The operations by which results reach a disk. Tests put a disk that fails or forgets in their place.

use std::fmt::Debug;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A disk on which files are made and named.
pub trait Disk: Debug + Send + Sync {
    /// Makes a file that does not exist yet.
    ///
    /// # Errors
    /// If it exists or cannot be made.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file for writing, and makes it if there is none.
    ///
    /// # Errors
    /// If it cannot be opened or made.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Makes a folder and its parents.
    ///
    /// # Errors
    /// If one cannot be made.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Renames a file within its folder. It replaces a file that already has the new name.
    ///
    /// # Errors
    /// If it cannot be renamed.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// If the folder cannot be synced.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// An open file. Each write goes behind the previous ones.
pub trait DiskFile: Write + Send {
    /// Makes everything written so far durable.
    ///
    /// # Errors
    /// If it cannot be synced. Data written since the last success may then be lost, whatever a later call returns.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to `length` bytes. Later writes go behind these.
    ///
    /// # Errors
    /// If it cannot be cut.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Locks the file against other processes until it is closed or this process ends, however it ends.
    ///
    /// # Errors
    /// If another process holds it, or it cannot be locked.
    fn try_lock(&self) -> Result<(), TryLockError>;

    /// Returns whether this is the file that `path` names.
    fn is_at(&self, path: &Path) -> bool;

    /// Returns the present path of the file, if the system reports it and the file has not been removed.
    fn place(&self) -> Option<PathBuf> {
        None
    }
}

/// The disk of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemDisk;

/// Returns the disk of the operating system, ready to be shared.
pub fn system() -> Arc<dyn Disk> {
    Arc::new(SystemDisk)
}

impl Disk for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create(true).truncate(false).open(path)?))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length)).map(drop)
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        File::try_lock(self)
    }

    fn is_at(&self, path: &Path) -> bool {
        match (self.metadata(), std::fs::symlink_metadata(path)) {
            (Ok(own), Ok(named)) => (own.dev(), own.ino()) == (named.dev(), named.ino()),
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    fn place(&self) -> Option<PathBuf> {
        let place = std::fs::read_link(format!("/proc/self/fd/{}", self.as_raw_fd())).ok()?;
        self.is_at(&place).then_some(place)
    }
}
