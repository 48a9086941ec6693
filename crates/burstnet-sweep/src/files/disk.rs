//! The operations by which results reach a disk, so that tests can put one in between that fails or forgets.

use std::fmt::Debug;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where files are made and named.
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

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// If one cannot be made.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name in its folder, in place of a file that may have it.
    ///
    /// # Errors
    /// If it cannot.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// If it cannot.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// If it cannot.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// An open file. What is written goes behind what was written before.
pub trait DiskFile: Write + Send {
    /// Makes what was written durable.
    ///
    /// # Errors
    /// If it cannot; what was written since the last success may be lost then, whatever a later call says.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to `length` bytes, behind which writing goes on.
    ///
    /// # Errors
    /// If it cannot.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Keeps other processes from locking the file until it is closed or this process ends, however it ends.
    ///
    /// # Errors
    /// If another process holds it, or it cannot be locked.
    fn try_lock(&self) -> Result<(), TryLockError>;

    /// Returns whether this is the file that `path` names.
    fn is_at(&self, path: &Path) -> bool;

    /// Where the file is by now, if the system says so and it has not been removed.
    fn place(&self) -> Option<PathBuf> {
        None
    }
}

/// The operating system's.
#[derive(Clone, Copy, Debug)]
pub struct SystemDisk;

/// The operating system's disk, to be shared.
pub fn system() -> Arc<dyn Disk> {
    Arc::new(SystemDisk)
}

impl Disk for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(SystemFile(OpenOptions::new().write(true).create_new(true).open(path)?)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(SystemFile(OpenOptions::new().write(true).create(true).truncate(false).open(path)?)))
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

struct SystemFile(File);

impl Write for SystemFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl DiskFile for SystemFile {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)?;
        self.0.seek(SeekFrom::Start(length)).map(drop)
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        self.0.try_lock()
    }

    fn is_at(&self, path: &Path) -> bool {
        match (self.0.metadata(), std::fs::symlink_metadata(path)) {
            (Ok(own), Ok(named)) => (own.dev(), own.ino()) == (named.dev(), named.ino()),
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    fn place(&self) -> Option<PathBuf> {
        let place = std::fs::read_link(format!("/proc/self/fd/{}", self.0.as_raw_fd())).ok()?;
        self.is_at(&place).then_some(place)
    }
}
