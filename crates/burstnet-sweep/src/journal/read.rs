//! Reading a journal. Readers never modify it, and read while it is written.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::frame::{FRAME_HEADER_LEN, HEADER_LEN, LONGEST_PAYLOAD, MAGIC, MARK, VERSION, checksum, header};
use crate::record::TrialRecord;

/// An intact record and where its frame lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The frame's first byte.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
    /// The record.
    pub record: TrialRecord,
}

/// Bytes between intact frames that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where they lie.
    pub bytes: Range<u64>,
}

/// Reads the intact frames of a journal, one after the other.
pub struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    length: u64,
    /// Where the file is read next.
    position: u64,
    next: u64,
    damage: Vec<Damage>,
}

impl Reader {
    /// Opens the journal of the plan with this fingerprint.
    ///
    /// # Errors
    /// If it cannot be read, or its header is damaged or of another plan.
    pub fn open(path: &Path, fingerprint: &str) -> Result<Self, JournalError> {
        let io = JournalError::io(path);
        let file = File::open(path).map_err(&io)?;
        let length = file.metadata().map_err(&io)?.len();
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut found = vec![0; HEADER_LEN.min(length as usize)];
        file.read_exact(&mut found).map_err(&io)?;
        let bad = |reason: &str| Err(JournalError::Header { path: path.to_owned(), reason: reason.into() });
        if found.len() < HEADER_LEN || &found[..8] != MAGIC {
            return bad("the header is damaged, or this is no journal of burstnet");
        }
        if found[8..12] != VERSION.to_le_bytes() {
            return bad("a journal of another version of burstnet");
        }
        if found[HEADER_LEN - 8..] != checksum(&found[..HEADER_LEN - 8]) {
            return bad("the header is damaged");
        }
        if found != header(fingerprint) {
            return bad("the journal of another sweep");
        }
        let start = HEADER_LEN as u64;
        Ok(Self { path: path.to_owned(), file, length, position: start, next: start, damage: Vec::new() })
    }

    /// The next intact frame; none at the end. What is no frame before it is noted as damage.
    ///
    /// # Errors
    /// If reading fails.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, JournalError> {
        let start = self.next;
        let mut at = start;
        while at < self.length {
            if let Some(frame) = self.frame_at(at)? {
                if at > start {
                    self.damage.push(Damage { bytes: start..at });
                }
                self.next = frame.end;
                return Ok(Some(frame));
            }
            at = self.find_mark(at + 1)?;
        }
        if self.length > start {
            self.damage.push(Damage { bytes: start..self.length });
            self.next = self.length;
        }
        Ok(None)
    }

    /// Damage found so far. Damage at the end is what a crash leaves.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The record whose frame starts at `start`, as [`Frame::start`] gave it.
    ///
    /// # Errors
    /// If reading fails or no intact frame is there.
    pub fn record_at(&mut self, start: u64) -> Result<TrialRecord, JournalError> {
        match self.frame_at(start)? {
            Some(frame) => Ok(frame.record),
            None => Err(JournalError::Io {
                path: self.path.clone(),
                source: std::io::Error::other(format!("the record at byte {start} changed while it was read")),
            }),
        }
    }

    fn frame_at(&mut self, start: u64) -> Result<Option<Frame>, JournalError> {
        if start + FRAME_HEADER_LEN as u64 > self.length {
            return Ok(None);
        }
        let mut head = [0; FRAME_HEADER_LEN];
        self.read_at(start, &mut head)?;
        let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        let end = start + FRAME_HEADER_LEN as u64 + u64::from(length);
        if &head[..8] != MARK || length > LONGEST_PAYLOAD || end > self.length {
            return Ok(None);
        }
        let mut payload = vec![0; length as usize];
        self.read_at(start + FRAME_HEADER_LEN as u64, &mut payload)?;
        if head[12..] != checksum(&payload) {
            return Ok(None);
        }
        Ok(postcard::from_bytes(&payload).ok().map(|record| Frame { start, end, record }))
    }

    /// The next place at or behind `from` where a mark stands, or the end.
    fn find_mark(&mut self, from: u64) -> Result<u64, JournalError> {
        const CHUNK: u64 = 1 << 16;
        let mut at = from;
        while at < self.length {
            let size = CHUNK.min(self.length - at);
            let mut bytes = vec![0; size as usize];
            self.read_at(at, &mut bytes)?;
            if let Some(found) = bytes.windows(MARK.len()).position(|window| window == MARK) {
                return Ok(at + found as u64);
            }
            if at + size == self.length {
                break;
            }
            at += size - MARK.len() as u64 + 1; // a mark may lie across two chunks
        }
        Ok(self.length)
    }

    fn read_at(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), JournalError> {
        let io = JournalError::io(&self.path);
        self.file.seek_relative(at as i64 - self.position as i64).map_err(&io)?; // keeps the buffer where it can
        self.position = at;
        self.file.read_exact(bytes).map_err(&io)?;
        self.position += bytes.len() as u64;
        Ok(())
    }
}

/// Every intact record of a journal; none if there is no journal yet.
///
/// # Errors
/// If it cannot be read.
pub fn records(path: &Path, fingerprint: &str) -> Result<Vec<Frame>, JournalError> {
    let mut frames = Vec::new();
    if !path.exists() {
        return Ok(frames);
    }
    let mut reader = Reader::open(path, fingerprint)?;
    while let Some(frame) = reader.next_frame()? {
        frames.push(frame);
    }
    Ok(frames)
}
