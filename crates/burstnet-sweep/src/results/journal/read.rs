//! Reading a journal. Readers never modify it, and can read it while it is being written.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use burstnet_core::room;
use memchr::memmem;

use super::frame::{
    FRAME_HEADER_LEN, FrameHeader, HEADER_LEN, MAGIC, MARK, READ, VERSION, checksum, header, shortened,
};
use super::window::{CHUNK, Window};
use super::{Damage, JournalError};
use crate::results::record::{Outline, Proposal, Stub, TrialRecord};

/// An intact record and the place of its frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The offset of the frame's first byte.
    pub start: u64,
    /// The offset behind the frame's last byte.
    pub end: u64,
    /// The first fields of the record.
    pub stub: Stub,
    /// Its proposals.
    pub proposals: Vec<Proposal>,
}

/// The content at a place in a journal.
enum Found {
    Intact(Frame),
    /// An intact header with a payload that is damaged or is not a record.
    BadPayload {
        length: u64,
        end: u64,
    },
    /// An intact header, or the start of one, before the end of the file.
    Incomplete,
    NoFrame,
}

/// A reader of the intact frames of a journal, in order.
pub struct Reader {
    path: PathBuf,
    window: Window,
    /// The version of the layout.
    version: u32,
    length: u64,
    next: u64,
    /// The number of bytes that may still be hashed in vain. It bounds the time that a malicious journal can take.
    patience: u64,
    damage: Vec<Damage>,
    torn: Option<u64>,
}

impl Reader {
    /// Opens the journal of a plan with one of these fingerprints. A journal that was abandoned before its header was
    /// complete has no frames.
    ///
    /// # Errors
    /// If it cannot be read, or its header is damaged or belongs to another plan.
    pub fn open(path: &Path, fingerprints: &[String]) -> Result<Self, JournalError> {
        let io = JournalError::io(path);
        let file = File::open(path).map_err(&io)?;
        let length = file.metadata().map_err(&io)?.len();
        let mut window = Window::new(file);
        let found = window.get(0, HEADER_LEN.min(length as usize)).map_err(&io)?;
        let begins = |one: &String| READ.iter().any(|version| header(one, *version).starts_with(found));
        let mut version = VERSION;
        if found.len() == HEADER_LEN || !fingerprints.iter().any(begins) {
            version = check_header(found, fingerprints)
                .map_err(|reason| JournalError::Header { path: path.to_owned(), reason: reason.into() })?;
        }
        let (next, damage) = ((HEADER_LEN as u64).min(length), Vec::new());
        Ok(Self { path: path.to_owned(), window, version, length, next, patience: 4 * length, damage, torn: None })
    }

    /// Returns the version of the layout.
    pub(super) fn version(&self) -> u32 {
        self.version
    }

    /// Does the same as [`Reader::open`], for a journal that was read up to `start` before, the end of a frame.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(crate) fn open_at(path: &Path, fingerprints: &[String], start: u64) -> Result<Self, JournalError> {
        let mut reader = Self::open(path, fingerprints)?;
        reader.next = reader.next.max(start.min(reader.length));
        Ok(reader)
    }

    /// Returns the next intact frame; `None` at the end. Bytes before it that are not part of a frame are noted as
    /// damage.
    ///
    /// # Errors
    /// If reading fails.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, JournalError> {
        let start = self.next;
        let mut at = start;
        let mut incomplete = None;
        while at < self.length {
            let mut search_from = at + 1;
            match self.look_at(at)? {
                Found::Intact(frame) => {
                    self.note_damage(start, at);
                    self.next = frame.end;
                    return Ok(Some(frame));
                }
                Found::BadPayload { length, end } if self.patience < length => search_from = end,
                Found::BadPayload { length, .. } => self.patience -= length,
                Found::Incomplete => incomplete = incomplete.or(Some(at)),
                Found::NoFrame => {}
            }
            at = self.find_mark(search_from)?;
        }
        let torn = match incomplete {
            Some(at) => Some(at),
            None => self.start_of_mark(start)?,
        };
        self.torn = torn.or(self.torn);
        self.note_damage(start, torn.unwrap_or(self.length));
        self.next = self.length;
        Ok(None)
    }

    /// Returns the damage found so far.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Returns the offset of an incomplete last frame, as a crash leaves it, if the journal ends with one.
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    fn note_damage(&mut self, start: u64, end: u64) {
        if start < end {
            self.damage.push(Damage { journal: self.path.clone(), bytes: start..end });
        }
    }

    fn look_at(&mut self, start: u64) -> Result<Found, JournalError> {
        let io = JournalError::io(&self.path);
        let bytes = self.window.get(start, FRAME_HEADER_LEN).map_err(&io)?;
        if bytes.len() < FRAME_HEADER_LEN {
            let like_a_mark = bytes.len() >= MARK.len() && bytes.starts_with(MARK);
            return Ok(if like_a_mark { Found::Incomplete } else { Found::NoFrame });
        }
        let Some(head) = FrameHeader::read(bytes) else { return Ok(Found::NoFrame) };
        let (length, end) = (u64::from(head.length), start + FRAME_HEADER_LEN as u64 + u64::from(head.length));
        if end > self.length {
            return Ok(Found::Incomplete);
        }
        let payload = start + FRAME_HEADER_LEN as u64;
        if self.checksum(payload, end).map_err(&io)? != Some(head.sum) {
            return Ok(Found::BadPayload { length, end });
        }
        // Whoever reads the record later finds no error in it: what cannot be read to its end is damage.
        let outline = if head.length as usize <= CHUNK {
            Outline::read(self.window.get(payload, head.length as usize).map_err(&io)?)
        } else {
            Outline::read(&self.long_payload(payload, end).map_err(&io)?)
        };
        Ok(match outline {
            Ok((stub, proposals)) => Found::Intact(Frame { start, end, stub, proposals }),
            Err(_) => Found::BadPayload { length, end },
        })
    }

    /// Reads a payload that is too long for the window.
    fn long_payload(&mut self, start: u64, end: u64) -> std::io::Result<Vec<u8>> {
        let mut bytes = room_for((end - start) as usize, start)?;
        while start + (bytes.len() as u64) < end {
            let at = start + bytes.len() as u64;
            let piece = self.window.get(at, (end - at).min(CHUNK as u64) as usize)?;
            if piece.is_empty() {
                break; // cut short meanwhile
            }
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }

    /// Returns the checksum of a payload. It is read piece by piece, since only its header gives its length. `None` if
    /// the file ends within it.
    fn checksum(&mut self, start: u64, end: u64) -> std::io::Result<Option<[u8; 8]>> {
        let mut hasher = blake3::Hasher::new();
        let mut at = start;
        while at < end {
            let piece = self.window.get(at, (end - at).min(CHUNK as u64) as usize)?;
            if piece.is_empty() {
                return Ok(None);
            }
            hasher.update(piece);
            at += piece.len() as u64;
        }
        Ok(Some(shortened(hasher.finalize())))
    }

    /// Returns the next place at or behind `from` that contains a mark, or the end.
    fn find_mark(&mut self, from: u64) -> Result<u64, JournalError> {
        const SEARCHED: u64 = 1 << 16;
        let mut at = from;
        while at < self.length {
            let size = SEARCHED.min(self.length - at);
            let bytes = self.window.get(at, size as usize).map_err(JournalError::io(&self.path))?;
            if let Some(found) = memmem::find(bytes, MARK) {
                return Ok(at + found as u64);
            }
            if at + size == self.length {
                break;
            }
            at += size - MARK.len() as u64 + 1; // a mark may lie across two chunks
        }
        Ok(self.length)
    }

    /// Returns the place at or behind `from` at which the file ends with the beginning of a mark.
    fn start_of_mark(&mut self, from: u64) -> Result<Option<u64>, JournalError> {
        let at = from.max(self.length.saturating_sub(MARK.len() as u64 - 1));
        let end = self.window.get(at, (self.length - at) as usize).map_err(JournalError::io(&self.path))?;
        Ok((0..end.len()).find(|&skip| MARK.starts_with(&end[skip..])).map(|skip| at + skip as u64))
    }
}

/// Reads the record whose frame starts at `start`, a value of [`Frame::start`].
///
/// # Errors
/// If reading fails, or there is no intact record at this place.
pub fn record_at(file: &File, start: u64) -> std::io::Result<TrialRecord> {
    const GUESS: usize = 1024; // one read is enough for most records
    let gone = || std::io::Error::other(format!("the record at byte {start} changed while it was read"));
    let mut bytes = vec![0; GUESS];
    let mut got = 0;
    let mut wanted = GUESS;
    let mut head = None;
    while got < wanted {
        match file.read_at(&mut bytes[got..], start + got as u64) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if head.is_none() && got >= FRAME_HEADER_LEN {
            let read = FrameHeader::read(&bytes).ok_or_else(gone)?;
            wanted = FRAME_HEADER_LEN + read.length as usize;
            if wanted > GUESS && wanted as u64 > file.metadata()?.len().saturating_sub(start) {
                return Err(gone());
            }
            let mut whole = room_for(wanted.max(got), start)?;
            whole.extend_from_slice(&bytes[..got]);
            whole.resize(wanted.max(got), 0);
            bytes = whole;
            head = Some(read);
        }
    }
    let head = head.filter(|_| got >= wanted).ok_or_else(gone)?;
    let payload = &bytes[FRAME_HEADER_LEN..wanted];
    if head.sum != checksum(payload) {
        return Err(gone());
    }
    TrialRecord::read(payload).map_err(|error| {
        std::io::Error::other(format!("the record at byte {start} is not a record of this program: {error}"))
    })
}

/// Returns an empty vector with room for a record of this many bytes.
fn room_for(length: usize, start: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    room::ask(|| bytes.try_reserve_exact(length)).map_err(|_| {
        let message = format!("the record at byte {start} takes {length} bytes of memory, which are not available");
        std::io::Error::new(std::io::ErrorKind::OutOfMemory, message)
    })?;
    Ok(bytes)
}

/// Returns the version of the layout of a journal of a plan with one of these fingerprints.
fn check_header(found: &[u8], fingerprints: &[String]) -> Result<u32, &'static str> {
    if found.len() < HEADER_LEN || &found[..8] != MAGIC {
        return Err("the header is damaged, or this is not a journal of burstnet");
    }
    if found[HEADER_LEN - 8..] != checksum(&found[..HEADER_LEN - 8]) {
        return Err("the header is damaged");
    }
    let version = READ.into_iter().find(|version| found[8..12] == version.to_le_bytes());
    let version = version.ok_or("a journal of another version of burstnet")?;
    if !fingerprints.iter().any(|one| found == header(one, version)) {
        return Err("the journal of another sweep");
    }
    Ok(version)
}
