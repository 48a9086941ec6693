//! Writing a journal.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::frame::{HEADER_LEN, frame, header};
use super::{Damage, JournalError, Reader};
use crate::record::TrialRecord;

/// How long records may wait to be synced.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// Appends records to a journal, which no other process may write meanwhile.
pub struct Writer {
    path: PathBuf,
    file: File,
    synced: Instant,
    unsynced: bool,
}

/// What was found when a journal was opened for writing.
pub struct Opened {
    /// Appends to it.
    pub writer: Writer,
    /// The trials whose records are there, in the order of their completion.
    pub done: Vec<u64>,
    /// Damage other than an incomplete last frame, which is cut off.
    pub damage: Vec<Damage>,
}

impl Writer {
    /// Opens the journal of the plan with this fingerprint, or starts it.
    ///
    /// # Errors
    /// If it cannot be opened, is held by another process, or is another sweep's.
    pub fn open(path: &Path, fingerprint: &str) -> Result<Opened, JournalError> {
        let io = JournalError::io(path);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(&io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(JournalError::Locked { path: path.to_owned() }),
            Err(std::fs::TryLockError::Error(source)) => return Err(io(source)),
        }
        let length = file.metadata().map_err(&io)?.len();
        if length < HEADER_LEN as u64 && is_prefix(path, &header(fingerprint)).map_err(&io)? {
            // New, or a crash before the header was whole: there can be no record.
            file.set_len(0).map_err(&io)?;
            file.seek(SeekFrom::Start(0)).map_err(&io)?;
            file.write_all(&header(fingerprint)).map_err(&io)?;
            file.sync_all().map_err(&io)?;
        }
        let mut reader = Reader::open(path, fingerprint)?;
        let mut done = Vec::new();
        let mut end = HEADER_LEN as u64;
        while let Some(found) = reader.next_frame()? {
            done.push(found.record.trial_id);
            end = found.end;
        }
        let mut damage = reader.damage().to_vec();
        damage.retain(|damage| damage.bytes.start < end);
        file.set_len(end).map_err(&io)?;
        file.seek(SeekFrom::Start(end)).map_err(&io)?;
        let writer = Self { path: path.to_owned(), file, synced: Instant::now(), unsynced: false };
        Ok(Opened { writer, done, damage })
    }

    /// Appends a record, and syncs if the last time is too long ago.
    ///
    /// # Errors
    /// If writing or syncing fails.
    pub fn append(&mut self, record: &TrialRecord) -> Result<(), JournalError> {
        let payload = postcard::to_allocvec(record).map_err(|error| JournalError::Io {
            path: self.path.clone(),
            source: std::io::Error::other(error.to_string()),
        })?;
        self.file.write_all(&frame(&payload)).map_err(JournalError::io(&self.path))?;
        self.unsynced = true;
        self.sync_if_due()
    }

    /// Syncs if records have waited long enough.
    ///
    /// # Errors
    /// If syncing fails.
    pub fn sync_if_due(&mut self) -> Result<(), JournalError> {
        if self.unsynced && self.synced.elapsed() >= SYNC_INTERVAL { self.sync() } else { Ok(()) }
    }

    /// Makes every record durable.
    ///
    /// # Errors
    /// If syncing fails.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(JournalError::io(&self.path))?;
        self.synced = Instant::now();
        self.unsynced = false;
        Ok(())
    }
}

fn is_prefix(path: &Path, header: &[u8]) -> std::io::Result<bool> {
    std::fs::read(path).map(|held| header.starts_with(&held))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Status, Timing};

    fn record(trial_id: u64) -> TrialRecord {
        TrialRecord {
            trial_id,
            status: Status::Ok,
            error: None,
            measures: vec![Some(0.5 + trial_id as f64), None],
            curves: Vec::new(),
            digest: Some([7; 32]),
            timing: Timing { seconds: 0.1, thread: 0, host: "here".into() },
        }
    }

    fn journal(records: u64) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let mut opened = Writer::open(&path, "plan").unwrap();
        for id in 0..records {
            opened.writer.append(&record(id)).unwrap();
        }
        (folder, path)
    }

    fn done(path: &Path) -> Vec<u64> {
        super::super::records(path, "plan").unwrap().into_iter().map(|frame| frame.record.trial_id).collect()
    }

    #[test]
    fn records_come_back_as_they_were() {
        let (_folder, path) = journal(3);
        let frames = super::super::records(&path, "plan").unwrap();
        assert_eq!(frames.iter().map(|frame| frame.record.clone()).collect::<Vec<_>>(), [0, 1, 2].map(record));
        assert_eq!(Reader::open(&path, "plan").unwrap().record_at(frames[1].start).unwrap(), record(1));
    }

    #[test]
    fn a_journal_cut_anywhere_keeps_its_whole_records_and_can_be_continued() {
        let (_folder, path) = journal(3);
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<u64> = super::super::records(&path, "plan").unwrap().iter().map(|frame| frame.end).collect();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let kept = ends.iter().filter(|&&end| end <= cut as u64).count() as u64;
            let mut opened = Writer::open(&path, "plan").unwrap();
            assert_eq!(opened.done, (0..kept).collect::<Vec<_>>(), "cut at {cut}");
            assert!(opened.damage.is_empty());
            opened.writer.append(&record(9)).unwrap();
            drop(opened);
            assert_eq!(done(&path), (0..kept).chain([9]).collect::<Vec<_>>(), "cut at {cut}");
        }
    }

    #[test]
    fn a_flipped_byte_costs_one_record_at_most() {
        let (_folder, path) = journal(3);
        let whole = std::fs::read(&path).unwrap();
        for at in HEADER_LEN..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            std::fs::write(&path, &bytes).unwrap();
            assert!(done(&path).len() >= 2, "flipped at {at}");
            let opened = Writer::open(&path, "plan").unwrap();
            assert_eq!(opened.done.len(), 2, "flipped at {at}");
        }
    }

    #[test]
    fn a_damaged_header_and_another_sweep_are_refused() {
        let (_folder, path) = journal(1);
        assert!(matches!(Reader::open(&path, "other"), Err(JournalError::Header { .. })));
        let whole = std::fs::read(&path).unwrap();
        for at in 0..HEADER_LEN {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            assert!(matches!(Writer::open(&path, "plan"), Err(JournalError::Header { .. })), "flipped at {at}");
        }
    }

    #[test]
    fn only_one_writer() {
        let (_folder, path) = journal(1);
        let _first = Writer::open(&path, "plan").unwrap();
        assert!(matches!(Writer::open(&path, "plan"), Err(JournalError::Locked { .. })));
    }
}
