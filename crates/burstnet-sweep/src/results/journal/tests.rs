//! Journals that are cut, flipped, forged, held or missing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use super::frame::{FRAME_HEADER_LEN, HEADER_LEN, MARK};
use super::*;
use crate::files::disk::system;
use crate::growth::growth;
use crate::plan::content::ContentKey;
use crate::results::record::{Proposal, TrialRecord, TrialTiming};

fn key(byte: u8) -> ContentKey {
    postcard::from_bytes(&[byte; 16]).unwrap()
}

fn record(number: u64) -> TrialRecord {
    TrialRecord {
        plan: 7,
        config_id: number,
        ended_ms: 5,
        took_ms: 2,
        measures: vec![("loss".into(), Some(0.5 + number as f64)), ("mae".into(), None)],
        digest: Some([7; 32]),
        timing: TrialTiming { seconds: 0.1, thread: 0, host: "here".into() },
        ..TrialRecord::new(key(number as u8))
    }
}

fn plan() -> Vec<String> {
    vec!["plan".to_owned(), "earlier".to_owned()]
}

fn open(path: &Path) -> Result<OpenedJournal, JournalError> {
    Writer::open(&system(), path, &plan(), Duration::from_secs(1))
}

fn journal(records: u64) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let mut opened = open(&path).unwrap();
    for number in 0..records {
        opened.writer.append(&record(number)).unwrap();
    }
    (folder, path)
}

fn frames(path: &Path) -> (Vec<Frame>, Vec<Damage>, Option<u64>) {
    let mut reader = Reader::open(path, &plan()).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame);
    }
    (frames, reader.damage().to_vec(), reader.torn())
}

fn numbers(path: &Path) -> Vec<u64> {
    frames(path).0.iter().map(|frame| frame.stub.config_id).collect()
}

#[test]
fn records_come_back_as_they_were() {
    let (_folder, path) = journal(3);
    let (frames, damage, torn) = frames(&path);
    let file = std::fs::File::open(&path).unwrap();
    let read: Vec<TrialRecord> = frames.iter().map(|frame| record_at(&file, frame.start).unwrap()).collect();
    assert_eq!(read, [0, 1, 2].map(record));
    assert_eq!(frames[1].stub.key, key(1));
    assert!(damage.is_empty() && torn.is_none());
}

fn with_proposals(number: u64) -> TrialRecord {
    let proposal = |basis| Proposal { basis, point: vec![0.25, 1.0 - f64::EPSILON / 2.0] };
    TrialRecord { proposals: vec![proposal(number), proposal(u64::MAX)], ..record(number) }
}

#[test]
fn proposals_stand_behind_a_record_and_nothing_behind_them() {
    let (_folder, path) = journal(1);
    let mut opened = open(&path).unwrap();
    opened.writer.append(&with_proposals(1)).unwrap();
    opened.writer.append(&record(2)).unwrap();
    drop(opened);
    let (frames, damage, _) = frames(&path);
    assert!(damage.is_empty());
    let file = std::fs::File::open(&path).unwrap();
    let read: Vec<TrialRecord> = frames.iter().map(|frame| record_at(&file, frame.start).unwrap()).collect();
    assert_eq!(read, [record(0), with_proposals(1), record(2)]);
    assert_eq!(frames[1].proposals, with_proposals(1).proposals);
    let whole =
        [postcard::to_allocvec(&record(3)).unwrap(), postcard::to_allocvec(&with_proposals(3).proposals).unwrap()];
    let whole = whole.concat();
    for payload in [[&whole[..], &[0]].concat(), whole[..whole.len() - 1].to_vec()] {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(frame::around(&payload));
        let broken = path.with_extension("broken");
        std::fs::write(&broken, bytes).unwrap();
        let (found, damage, _) = self::frames(&broken);
        assert_eq!((found.len(), damage.len()), (3, 1));
    }
}

/// Journals of the layout before are read, and go on in that layout.
#[test]
fn a_journal_without_proposals_goes_on_without_them() {
    let (_folder, path) = journal(0);
    assert_eq!(std::fs::read(&path).unwrap(), frame::header("plan", 3));
    std::fs::write(&path, frame::header("plan", 2)).unwrap();
    let mut opened = open(&path).unwrap();
    opened.writer.append(&with_proposals(1)).unwrap();
    drop(opened);
    let file = std::fs::File::open(&path).unwrap();
    assert_eq!(record_at(&file, frames(&path).0[0].start).unwrap(), record(1));
    assert!(std::fs::read(&path).unwrap().starts_with(&frame::header("plan", 2)));
    std::fs::write(&path, frame::header("plan", 4)).unwrap();
    assert!(matches!(open(&path), Err(JournalError::Header { reason, .. }) if reason.contains("another version")));
    assert!(matches!(Reader::open(&path, &["other".into()]), Err(JournalError::Header { .. })));
}

#[test]
fn a_window_holds_no_more_than_a_piece_of_a_long_payload() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    std::fs::write(&path, "x".repeat(3 * window::CHUNK)).unwrap();
    let mut window = window::Window::new(std::fs::File::open(&path).unwrap());
    assert_eq!(window.get(5, 1 << 30).unwrap().len(), window::CHUNK);
    assert_eq!(window.get(2 * window::CHUNK as u64 + 5, 1 << 30).unwrap().len(), window::CHUNK - 5);
}

#[test]
fn a_long_record_comes_back_and_one_that_changed_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let long = TrialRecord { error: Some("x".repeat(3_000_000)), ..record(5) };
    let mut opened = open(&path).unwrap();
    opened.writer.append(&long).unwrap();
    opened.writer.append(&record(6)).unwrap();
    let (frames, ..) = frames(&path);
    let file = std::fs::File::open(&path).unwrap();
    assert_eq!(record_at(&file, frames[0].start).unwrap(), long);
    assert_eq!(record_at(&file, frames[1].start).unwrap(), record(6));
    for start in [frames[0].start + 1, frames[1].end, 0] {
        assert!(record_at(&file, start).is_err(), "{start}");
    }
}

#[test]
fn a_record_with_a_right_checksum_and_a_broken_rest_is_damage() {
    let whole = postcard::to_allocvec(&record(1)).unwrap();
    let long = postcard::to_allocvec(&TrialRecord { error: Some("x".repeat(3_000_000)), ..record(1) }).unwrap();
    let stub = 16 + 7; // a key, and six numbers and a status of a byte each; the tag of no error is behind them
    let mut texts = whole.clone();
    let name = texts.windows(4).position(|four| four == b"loss").unwrap();
    texts[name] = 0xff;
    let mut tags = whole.clone();
    tags[stub] = 7;
    let broken = [whole[..whole.len() - 1].to_vec(), whole[..stub].to_vec(), texts, tags, long[..2_999_999].to_vec()];
    for payload in broken {
        let (_folder, path) = journal(1);
        let mut bytes = std::fs::read(&path).unwrap();
        let start = bytes.len() as u64;
        bytes.extend(frame::around(&payload));
        std::fs::write(&path, &bytes).unwrap();
        let mut opened = open(&path).unwrap();
        opened.writer.append(&record(2)).unwrap();
        let (frames, damage, torn) = frames(&path);
        assert_eq!(frames.iter().map(|frame| frame.stub.config_id).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(damage.len(), 1);
        assert_eq!(damage[0].bytes, start..bytes.len() as u64);
        assert_eq!(torn, None);
        let file = std::fs::File::open(&path).unwrap();
        assert!(frames.iter().all(|frame| record_at(&file, frame.start).is_ok()));
    }
}

#[test]
fn cut_anywhere_it_keeps_its_whole_records_and_goes_on() {
    let (_folder, path) = journal(3);
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<u64> = frames(&path).0.iter().map(|frame| frame.end).collect();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let kept = ends.iter().filter(|&&end| end <= cut as u64).count() as u64;
        // Somebody who only reads finds the same, also before the header is complete.
        let (found, damage, torn) = frames(&path);
        assert_eq!((found.len() as u64, damage), (kept, Vec::new()), "cut at {cut}");
        let at_an_end = cut <= HEADER_LEN || ends.contains(&(cut as u64));
        assert_eq!(torn.is_none(), at_an_end, "cut at {cut}");
        let mut opened = open(&path).unwrap();
        assert_eq!((opened.records, opened.damage.len()), (kept, 0), "cut at {cut}");
        opened.writer.append(&record(9)).unwrap();
        drop(opened);
        assert_eq!(numbers(&path), (0..kept).chain([9]).collect::<Vec<_>>(), "cut at {cut}");
        assert_eq!(frames(&path).1, [], "cut at {cut}");
    }
}

#[test]
fn a_flipped_byte_costs_its_record_alone_and_is_reported() {
    let (_folder, path) = journal(3);
    let whole = std::fs::read(&path).unwrap();
    let (intact, ..) = frames(&path);
    for at in HEADER_LEN..whole.len() {
        for flip in [0x01, 0x20, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            std::fs::write(&path, &bytes).unwrap();
            let hit = intact.iter().position(|frame| at < frame.end as usize).unwrap();
            let others: Vec<u64> = (0..3).filter(|&number| number != hit as u64).collect();
            assert_eq!(numbers(&path), others, "flipped at {at}");
            let mut opened = open(&path).unwrap();
            let (start, end) = (intact[hit].start, intact[hit].end);
            assert_eq!(opened.damage.len(), 1, "flipped at {at}");
            assert_eq!(opened.damage[0].bytes.start, start, "flipped at {at}");
            // All but what may be the beginning of the next mark.
            assert!((end - MARK.len() as u64..=end).contains(&opened.damage[0].bytes.end), "flipped at {at}");
            opened.writer.append(&record(9)).unwrap();
            drop(opened);
            let with_new: Vec<u64> = others.into_iter().chain([9]).collect();
            assert_eq!(numbers(&path), with_new, "flipped at {at}");
        }
    }
}

#[test]
fn what_a_power_cut_leaves_of_blocks_is_set_aside() {
    let (_folder, path) = journal(2);
    let whole = std::fs::read(&path).unwrap();
    let second = frames(&path).0[1].start as usize;
    // The file grew, but the blocks behind it never came: zeros, then the middle of a record.
    let torn = [&whole[..second], &[0; 300], &whole[second + 60..]].concat();
    std::fs::write(&path, torn).unwrap();
    let mut opened = open(&path).unwrap();
    assert_eq!((opened.records, opened.damage.len()), (1, 1));
    opened.writer.append(&record(9)).unwrap();
    drop(opened);
    assert_eq!(numbers(&path), [0, 9]);
}

#[test]
fn bytes_that_went_missing_cost_no_later_record() {
    let (_folder, path) = journal(4);
    let whole = std::fs::read(&path).unwrap();
    let (intact, ..) = frames(&path);
    let (start, end) = (intact[1].start as usize, intact[1].end as usize);
    for from in start..end {
        std::fs::write(&path, [&whole[..from], &whole[end.min(from + 40)..]].concat()).unwrap();
        assert_eq!(numbers(&path), [0, 2, 3], "from {from}");
    }
}

#[test]
fn forged_frames_take_time_in_proportion() {
    let forged = |size: usize| {
        let (folder, path) = journal(1);
        let mut bytes = std::fs::read(&path).unwrap();
        // Marks everywhere, and headers that are as they should be and claim everything behind them.
        while bytes.len() < size {
            bytes.extend_from_slice(MARK);
        }
        while bytes.len() + FRAME_HEADER_LEN <= 2 * size {
            let claim = (2 * size - bytes.len() - FRAME_HEADER_LEN) as u32;
            let mut head = [&MARK[..], &claim.to_le_bytes(), &[0; 8]].concat();
            let sum = super::frame::checksum(&head);
            head.extend_from_slice(&sum[..4]);
            bytes.extend_from_slice(&head);
        }
        bytes.resize(2 * size, 0);
        std::fs::write(&path, &bytes).unwrap();
        (folder, path)
    };
    let ((_one, small), (_other, large)) = (forged(1 << 16), forged(1 << 22));
    let times = growth(|| assert_eq!(numbers(&small), [0]), || assert_eq!(numbers(&large), [0]));
    assert!(times < 600.0, "{times} times as long for 64 times as much; following every claim takes 4096 times");
}

#[test]
fn a_damaged_header_and_another_sweep_are_refused() {
    let (_folder, path) = journal(1);
    let refused = |of: &str| matches!(Reader::open(&path, &[of.to_owned()]), Err(JournalError::Header { .. }));
    assert!(refused("other") && !refused("plan"));
    assert!(!matches!(Reader::open(&path, &["new".into(), "plan".into()]), Err(JournalError::Header { .. })));
    let whole = std::fs::read(&path).unwrap();
    for at in 0..HEADER_LEN {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(open(&path), Err(JournalError::Header { .. })), "flipped at {at}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        // Foreign bytes are no journal that was killed early. At 8 is the layout, and the one before is no foreign one.
        if at > 0 && at != 8 {
            std::fs::write(&path, &bytes[..=at]).unwrap();
            assert!(matches!(open(&path), Err(JournalError::Header { .. })), "cut behind {at}");
        }
    }
}

#[test]
fn only_one_writer_and_readers_see_that_there_is_one() {
    let (_folder, path) = journal(1);
    assert!(check_idle(&path).is_ok());
    let first = open(&path).unwrap();
    assert!(matches!(open(&path), Err(JournalError::Locked { .. })));
    assert!(matches!(check_idle(&path), Err(JournalError::Locked { .. })));
    assert_eq!(numbers(&path), [0]);
    drop(first);
    assert!(open(&path).is_ok());
}

#[test]
fn a_journal_that_vanishes_is_noticed() {
    for replaced in [false, true] {
        let (_folder, path) = journal(1);
        let mut opened = open(&path).unwrap();
        opened.writer.append(&record(1)).unwrap();
        std::fs::remove_file(&path).unwrap();
        if replaced {
            std::fs::write(&path, "x").unwrap();
        }
        assert!(matches!(opened.writer.sync(), Err(JournalError::Vanished { .. })));
        assert!(opened.writer.append(&record(2)).is_err(), "it goes on as if nothing had happened");
    }
}

/// A change to the bytes of a journal.
#[derive(Clone, Debug)]
enum Accident {
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Duplicate(prop::sample::Index, usize),
}

fn accident() -> impl Strategy<Value = Accident> {
    let at = any::<prop::sample::Index>;
    let foreign = prop_oneof![prop::collection::vec(any::<u8>(), 1..64), Just(MARK.to_vec()), Just(MARK[..5].to_vec())];
    prop_oneof![
        (at(), 1_u8..).prop_map(|(at, flip)| Accident::Flip(at, flip)),
        (at(), 1_usize..200).prop_map(|(at, length)| Accident::Remove(at, length)),
        (at(), foreign).prop_map(|(at, bytes)| Accident::Insert(at, bytes)),
        (at(), 1_usize..200).prop_map(|(at, length)| Accident::Duplicate(at, length)),
    ]
}

fn happen(accident: &Accident, bytes: &mut Vec<u8>) {
    let body = HEADER_LEN..bytes.len();
    if body.is_empty() {
        return;
    }
    let place = |at: &prop::sample::Index| body.start + at.index(body.len());
    let range = |at: &prop::sample::Index, length: &usize| place(at)..(place(at) + length).min(body.end);
    match accident {
        Accident::Flip(at, flip) => bytes[place(at)] ^= flip,
        Accident::Remove(at, length) => drop(bytes.drain(range(at, length))),
        Accident::Insert(at, new) => drop(bytes.splice(place(at)..place(at), new.iter().copied())),
        Accident::Duplicate(at, length) => {
            let again = bytes[range(at, length)].to_vec();
            drop(bytes.splice(place(at)..place(at), again));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Checks that exactly the frames whose bytes are intact and contiguous are found, and that the journal can go on.
    #[test]
    fn whatever_happens_intact_records_are_found(accidents in prop::collection::vec(accident(), 0..6)) {
        let (_folder, path) = journal(5);
        let whole = std::fs::read(&path).unwrap();
        let pieces: Vec<Vec<u8>> =
            frames(&path).0.iter().map(|frame| whole[frame.start as usize..frame.end as usize].to_vec()).collect();
        let mut bytes = whole;
        accidents.iter().for_each(|accident| happen(accident, &mut bytes));
        std::fs::write(&path, &bytes).unwrap();
        let intact: Vec<u64> = (0..5)
            .filter(|&number| memchr::memmem::find(&bytes[HEADER_LEN.min(bytes.len())..], &pieces[number]).is_some())
            .map(|number| number as u64)
            .collect();
        let mut found = numbers(&path);
        found.sort_unstable();
        found.dedup(); // a piece that was duplicated may hold a whole record
        prop_assert_eq!(&found, &intact);
        let mut opened = open(&path).unwrap();
        opened.writer.append(&record(9)).unwrap();
        drop(opened);
        let mut then = numbers(&path);
        prop_assert_eq!(then.pop(), Some(9));
        then.sort_unstable();
        then.dedup();
        prop_assert_eq!(then, intact);
    }

    /// Checks that arbitrary bytes as a journal give a message or some frames, never a panic.
    #[test]
    fn any_bytes_are_read_without_a_panic(
        with_header in any::<bool>(),
        body in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xf1), Just(b'T')], 0..600),
    ) {
        let (_folder, path) = journal(0);
        let mut bytes = if with_header { std::fs::read(&path).unwrap() } else { Vec::new() };
        bytes.extend_from_slice(&body);
        std::fs::write(&path, &bytes).unwrap();
        match Reader::open(&path, &plan()) {
            Ok(mut reader) => while reader.next_frame().unwrap().is_some() {},
            Err(error) => assert!(matches!(error, JournalError::Header { .. }), "{error}"),
        }
        prop_assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
