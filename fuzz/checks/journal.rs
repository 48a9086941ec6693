//! A journal of any content: every intact record is found, nothing else is, and writing goes on behind it.

use std::path::Path;
use std::time::Duration;

use burstnet_sweep::files::disk::system;
use burstnet_sweep::results::journal::{Frame, JournalError, OpenedJournal, Reader, Writer, record_at};
use burstnet_sweep::results::record::{Proposal, Status, TrialRecord, TrialTiming};
use memchr::memmem;

/// The fingerprint under which journals are read.
pub const FINGERPRINT: &str = "fuzz";
/// Length of a journal's header.
pub const HEADER: usize = 52;
/// Length of a frame's header.
pub const FRAME: usize = 24;
/// What a frame starts with.
pub const MARK: &[u8] = b"\xf1TRIAL\r\n";

/// Reads `bytes` as a journal, which is written to `path`.
pub fn check(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    let found = match read(path) {
        Ok(found) => found,
        Err(error) => {
            assert!(matches!(error, JournalError::Header { .. }), "{error}");
            assert_eq!(std::fs::read(path).unwrap(), bytes, "a reader changed it");
            assert!(matches!(open(path), Err(JournalError::Header { .. })));
            assert_eq!(std::fs::read(path).unwrap(), bytes, "changed what was refused");
            return;
        }
    };
    assert_eq!(std::fs::read(path).unwrap(), bytes, "a reader changed it");
    found.covers(bytes);
    let places = |found: &Found| found.frames.iter().map(|frame| (frame.start, frame.end)).collect::<Vec<_>>();
    // Beyond this many bytes hashed in vain, which only a forged journal has, a reader may lose patience.
    let naive = Naive::read(bytes);
    let complete = naive.in_vain <= 4 * bytes.len();
    for &(start, end) in &places(&found) {
        assert!(intact_at(bytes, start as usize).is_ok_and(|held| held == end as usize), "frame at {start}");
    }
    if complete {
        assert_eq!(places(&found), naive.frames, "not what a plain reader finds");
    }
    let file = std::fs::File::open(path).unwrap();
    for frame in &found.frames {
        let record = record_at(&file, frame.start).unwrap();
        assert_eq!((record.key, record.plan, record.status), (frame.stub.key, frame.stub.plan, frame.stub.status));
        assert_eq!((record.config_id, record.replicate), (frame.stub.config_id, frame.stub.replicate));
    }
    let mut opened = open(path).unwrap_or_else(|error| panic!("read but not opened: {error}"));
    assert_eq!(opened.records, found.frames.len() as u64);
    opened.writer.append(&record()).unwrap();
    drop(opened);
    let then = read(path).unwrap_or_else(|error| panic!("not read after writing: {error}"));
    assert_eq!(then.torn, None);
    let last = then.frames.last().unwrap_or_else(|| panic!("the new record is not found"));
    // A journal of the layout before goes on in it.
    let is_before = std::fs::read(path).unwrap()[8] == 2;
    let expected = TrialRecord { proposals: if is_before { Vec::new() } else { record().proposals }, ..record() };
    assert_eq!(record_at(&file, last.start).unwrap(), expected);
    if complete {
        assert_eq!(&places(&then)[..then.frames.len() - 1], places(&found), "not the records from before");
    }
}

/// What a reader finds.
struct Found {
    frames: Vec<Frame>,
    damage: Vec<(u64, u64)>,
    torn: Option<u64>,
}

impl Found {
    /// Frames, damage and the torn end cover every byte behind the header once.
    fn covers(&self, bytes: &[u8]) {
        let torn = self.torn.map(|start| (start, bytes.len() as u64));
        let mut parts: Vec<(u64, u64)> = self.frames.iter().map(|frame| (frame.start, frame.end)).collect();
        assert!(parts.is_sorted());
        parts.extend(self.damage.iter().copied().chain(torn));
        parts.sort_unstable();
        let mut at = HEADER.min(bytes.len()) as u64;
        for (start, end) in parts {
            assert!(start == at && start < end, "{start}..{end}, expected to start at {at}");
            at = end;
        }
        assert_eq!(at, bytes.len() as u64);
    }
}

fn fingerprints() -> Vec<String> {
    vec![FINGERPRINT.to_owned()]
}

fn read(path: &Path) -> Result<Found, JournalError> {
    let mut reader = Reader::open(path, &fingerprints())?;
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame()? {
        frames.push(frame);
    }
    assert_eq!(reader.next_frame()?, None);
    let damage = reader.damage().iter().map(|damage| (damage.bytes.start, damage.bytes.end)).collect();
    Ok(Found { frames, damage, torn: reader.torn() })
}

fn open(path: &Path) -> Result<OpenedJournal, JournalError> {
    Writer::open(&system(), path, &fingerprints(), Duration::from_secs(3600))
}

/// The intact frames, found byte by byte, and how many bytes of payloads were hashed in vain.
struct Naive {
    frames: Vec<(u64, u64)>,
    in_vain: usize,
}

impl Naive {
    fn read(bytes: &[u8]) -> Self {
        let mut naive = Self { frames: Vec::new(), in_vain: 0 };
        let mut at = HEADER;
        while at < bytes.len() {
            at = match intact_at(bytes, at) {
                Ok(end) => {
                    naive.frames.push((at as u64, end as u64));
                    end
                }
                Err(in_vain) => {
                    naive.in_vain += in_vain;
                    let next = memmem::find(&bytes[at + 1..], MARK);
                    next.map_or(bytes.len(), |skipped| at + 1 + skipped)
                }
            };
        }
        naive
    }
}

/// The end of the intact frame that starts at `at`; or how many bytes of a payload were hashed in vain.
fn intact_at(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let head = bytes.get(at..at + FRAME).filter(|head| head.starts_with(MARK)).ok_or(0_usize)?;
    if head[20..24] != blake3::hash(&head[..20]).as_bytes()[..4] {
        return Err(0);
    }
    let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
    let payload = bytes.get(at + FRAME..at + FRAME + length).filter(|_| length <= 1 << 30).ok_or(0_usize)?;
    if head[12..20] != blake3::hash(payload).as_bytes()[..8] || !is_record(payload) {
        return Err(length);
    }
    Ok(at + FRAME + length)
}

/// Returns whether a payload is a record, with nothing or proposals behind it.
fn is_record(payload: &[u8]) -> bool {
    match postcard::take_from_bytes::<TrialRecord>(payload) {
        Ok((_, [])) => true,
        Ok((_, rest)) => matches!(postcard::take_from_bytes::<Vec<Proposal>>(rest), Ok((_, []))),
        Err(_) => false,
    }
}

fn record() -> TrialRecord {
    TrialRecord {
        key: postcard::from_bytes(&[9; 16]).unwrap(),
        plan: 7,
        config_id: 9,
        replicate: 1,
        status: Status::Ok,
        ended_ms: 5,
        took_ms: 2,
        error: None,
        measures: vec![("loss".into(), Some(0.5)), ("mae".into(), None)],
        curves: Vec::new(),
        digest: Some([7; 32]),
        timing: TrialTiming { seconds: 0.1, thread: 0, host: "here".into() },
        proposals: vec![Proposal { basis: 3, point: vec![0.25] }],
    }
}

/// Makes checksums fit what they stand before: the header's, and those of frames as `choices` says. Without this, no
/// changed journal would have an intact frame.
pub fn repair(bytes: &mut [u8], choices: u32) {
    if bytes.len() < HEADER {
        return;
    }
    if choices & 7 != 0 {
        bytes[..8].copy_from_slice(b"BURSTJNL");
        bytes[8..12].copy_from_slice(&2_u32.to_le_bytes());
        bytes[12..44].copy_from_slice(blake3::hash(FINGERPRINT.as_bytes()).as_bytes());
        let sum = blake3::hash(&bytes[..44]);
        bytes[44..52].copy_from_slice(&sum.as_bytes()[..8]);
    }
    let marks: Vec<usize> = memmem::find_iter(&bytes[HEADER..], MARK).map(|at| HEADER + at).collect();
    // From the end on, so that a frame within a payload is repaired before its payload's checksum is made.
    for (number, &at) in marks.iter().enumerate().rev() {
        let choice = choices.rotate_right(3 + 3 * (number % 9) as u32) & 7;
        if choice == 0 || at + FRAME > bytes.len() {
            continue;
        }
        let behind = at + FRAME;
        let mut length = u32::from_le_bytes([bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11]]) as usize;
        if choice >= 4 {
            let next = marks.iter().find(|mark| **mark >= behind).copied().unwrap_or(bytes.len());
            length = next - behind;
            bytes[at + 8..at + 12].copy_from_slice(&(length as u32).to_le_bytes());
        }
        if choice != 1
            && let Some(payload) = bytes.get(behind..behind.saturating_add(length))
        {
            let sum = blake3::hash(payload);
            bytes[at + 12..at + 20].copy_from_slice(&sum.as_bytes()[..8]);
        }
        let sum = blake3::hash(&bytes[at..at + 20]);
        bytes[at + 20..at + 24].copy_from_slice(&sum.as_bytes()[..4]);
    }
}
