//! Writing a journal.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::frame::{self, HEADER_LEN, VERSION, header};
use super::{Damage, JournalError, Reader};
use crate::files::disk::{Disk, DiskFile};
use crate::files::folder_of;
use crate::results::record::TrialRecord;

/// The time to wait for a process that holds the lock only to check whether it is free.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

/// A writer that appends records to a journal. No other process may write to it meanwhile.
pub struct Writer {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    /// The version of the layout.
    version: u32,
    interval: Duration,
    synced: Instant,
    unsynced: bool,
    /// Set when writing or syncing failed: the content of the file behind the last success is then unknown.
    broken: bool,
    bytes: Vec<u8>,
}

/// The result of opening a journal for writing.
pub struct OpenedJournal {
    /// The writer that appends to it.
    pub writer: Writer,
    /// The number of intact records.
    pub records: u64,
    /// Damage other than an incomplete last frame, which is cut off. Damaged bytes remain in place, and new records go
    /// behind them.
    pub damage: Vec<Damage>,
}

impl Writer {
    /// Opens the journal of the plan with the first of these fingerprints, or of an earlier plan with one of the
    /// others. Starts the journal if there is none. Records wait at most `interval` to be synced.
    ///
    /// # Errors
    /// If it cannot be opened, is held by another process, or belongs to another sweep.
    pub fn open(
        disk: &Arc<dyn Disk>,
        path: &Path,
        fingerprints: &[String],
        interval: Duration,
    ) -> Result<OpenedJournal, JournalError> {
        let io = JournalError::io(path);
        let mut file = disk.open(path).map_err(&io)?;
        lock(file.as_ref(), path)?;
        let mut reader = Reader::open(path, fingerprints)?;
        let length = std::fs::metadata(path).map_err(&io)?.len();
        if length < HEADER_LEN as u64 {
            // New, or a crash before the header was whole: there can be no record.
            let own = fingerprints.first().map(|own| header(own, VERSION)).unwrap_or_default();
            file.cut(0).map_err(&io)?;
            file.write_all(&own).map_err(&io)?;
            file.sync().map_err(&io)?;
            disk.sync_folder(folder_of(path)).map_err(&io)?;
            reader = Reader::open(path, fingerprints)?;
        }
        let mut records = 0;
        while reader.next_frame()?.is_some() {
            records += 1;
        }
        let end = match reader.torn() {
            Some(end) => end,
            None => length.max(HEADER_LEN as u64),
        };
        file.cut(end).map_err(&io)?;
        // What another process wrote and did not sync counts as done from now on.
        file.sync().map_err(&io)?;
        let writer = Self {
            path: path.to_owned(),
            file,
            version: reader.version(),
            interval,
            synced: Instant::now(),
            unsynced: false,
            broken: false,
            bytes: Vec::new(),
        };
        Ok(OpenedJournal { writer, records, damage: reader.damage().to_vec() })
    }

    /// Appends a record, and syncs if the last sync is too long ago.
    ///
    /// # Errors
    /// If writing or syncing fails, now or before.
    pub fn append(&mut self, record: &TrialRecord) -> Result<(), JournalError> {
        let io = JournalError::io(&self.path);
        frame::write(record, self.version, &mut self.bytes)
            .map_err(|error| io(std::io::Error::other(error.to_string())))?;
        self.guarded(|writer| writer.file.write_all(&writer.bytes))?;
        self.unsynced = true;
        self.sync_if_due()
    }

    /// Syncs if records have waited long enough.
    ///
    /// # Errors
    /// If syncing fails.
    pub fn sync_if_due(&mut self) -> Result<(), JournalError> {
        if self.unsynced && self.synced.elapsed() >= self.interval { self.sync() } else { Ok(()) }
    }

    /// Makes every record durable.
    ///
    /// # Errors
    /// If syncing fails, an earlier operation failed, or the journal is no longer at its path.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.guarded(|writer| writer.file.sync())?;
        if !self.file.is_at(&self.path) {
            self.broken = true;
            let path = self.path.clone();
            return Err(match self.file.place() {
                Some(to) => JournalError::Moved { path, results: results_of(&to).to_owned() },
                None => JournalError::Vanished { path },
            });
        }
        self.synced = Instant::now();
        self.unsynced = false;
        Ok(())
    }

    /// Performs an operation, unless an earlier one failed. After a failed sync, a later one can succeed without the
    /// data that the first one lost.
    fn guarded(&mut self, act: impl FnOnce(&mut Self) -> std::io::Result<()>) -> Result<(), JournalError> {
        let io = JournalError::io(&self.path);
        if self.broken {
            return Err(io(std::io::Error::other("an earlier write failed")));
        }
        let done = act(self);
        self.broken = done.is_err();
        done.map_err(io)
    }
}

/// Returns the results directory of a journal.
fn results_of(journal: &Path) -> &Path {
    folder_of(folder_of(journal))
}

fn lock(file: &dyn DiskFile, path: &Path) -> Result<(), JournalError> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if start.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(LOCK_PATIENCE / 20);
            }
            Err(TryLockError::WouldBlock) => return Err(JournalError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(JournalError::io(path)(source)),
        }
    }
}
