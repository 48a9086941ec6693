//! A disk that refuses: from some operation on, or at one only.

use std::fs::TryLockError;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use burstnet_sweep::files::disk::{Disk, DiskFile, SystemDisk};

/// The time for which it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refuses {
    Once,
    FromThenOn,
}

/// Refuses operation number `at`, of those that change something.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    at: u64,
    refuses: Refuses,
    error: i32,
    done: Arc<AtomicU64>,
}

impl Failing {
    /// Refuses with this error of the operating system.
    pub(crate) fn new(at: u64, refuses: Refuses, error: i32) -> Self {
        Self { at, refuses, error, done: Arc::default() }
    }

    /// True if it has refused.
    pub(crate) fn refused(&self) -> bool {
        self.done.load(Ordering::Relaxed) > self.at
    }

    /// The number of operations so far.
    pub(crate) fn operations(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    fn step(&self) -> io::Result<()> {
        let number = self.done.fetch_add(1, Ordering::Relaxed);
        let refused = number == self.at || number > self.at && self.refuses == Refuses::FromThenOn;
        if refused { Err(io::Error::from_raw_os_error(self.error)) } else { Ok(()) }
    }

    fn file(&self, inner: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FailingFile { disk: self.clone(), inner: inner? }))
    }
}

impl Disk for Failing {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.step()?;
        self.file(SystemDisk.create(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.step()?;
        self.file(SystemDisk.open(path))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        SystemDisk.make_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        SystemDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        SystemDisk.sync_folder(path)
    }
}

struct FailingFile {
    disk: Failing,
    inner: Box<dyn DiskFile>,
}

impl Write for FailingFile {
    /// It writes the first half of what it refuses, as a full disk does.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.disk.step() {
            self.inner.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl DiskFile for FailingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.step()?;
        self.inner.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.disk.step()?;
        self.inner.cut(length)
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        self.inner.try_lock()
    }

    fn is_at(&self, path: &Path) -> bool {
        self.inner.is_at(path)
    }
}
