//! Files of other people, changed in every way: what must hold whatever they hold. The fuzz targets in `fuzz` check the
//! same, for hours and guided by coverage; here are their seeds, what they once found, and a few hundred changes.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../../fuzz/checks/mod.rs"]
#[allow(unreachable_pub, reason = "public for the fuzz targets, which are another crate")]
mod checks;

use std::path::{Path, PathBuf};

use proptest::prelude::*;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The pieces of changed files, besides the files themselves.
const WORDS: [&str; 44] = [
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "\"",
    "'",
    "#",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\r\n",
    "\u{2028}",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "---\n",
    "|\n",
    "null",
    "true",
    "0",
    "-1",
    "1e18",
    "1e308",
    ".nan",
    "18446744073709551615",
    "9223372036854775807",
    "0.1",
    "../",
    "/etc/passwd",
    "<script>",
    "linear",
    "log_uniform",
    "num",
    "random",
    "teaching.mask",
    "network.layers",
    "learning_rate.hidden",
    "feedback.density",
];

/// The seeds of a fuzz target, by name.
fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(ROOT).join("fuzz/seeds").join(target);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 3, "{target} has only {} seeds", paths.len());
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// A change of a file.
#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Replace(prop::sample::Index, usize, Vec<u8>),
    Again(prop::sample::Index, usize, prop::sample::Index),
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..6),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), 1_u8..=255).prop_map(|(at, flip)| Change::Flip(at, flip)),
        (at(), 1_usize..60).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), piece()).prop_map(|(at, new)| Change::Insert(at, new)),
        (at(), 1_usize..20, piece()).prop_map(|(at, length, new)| Change::Replace(at, length, new)),
        (at(), 1_usize..200, at()).prop_map(|(from, length, to)| Change::Again(from, length, to)),
    ]
}

fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        let place = |at: &prop::sample::Index| at.index(bytes.len() + 1);
        let end = |start: usize, length: &usize| (start + length).min(bytes.len());
        match change {
            Change::Flip(at, flip) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= flip;
                }
            }
            Change::Remove(at, length) => drop(bytes.drain(place(at)..end(place(at), length))),
            Change::Insert(at, new) => drop(bytes.splice(place(at)..place(at), new.iter().copied())),
            Change::Replace(at, length, new) => {
                drop(bytes.splice(place(at)..end(place(at), length), new.iter().copied()))
            }
            Change::Again(from, length, to) => {
                let again = bytes[place(from)..end(place(from), length)].to_vec();
                drop(bytes.splice(place(to)..place(to), again));
            }
        }
    }
    bytes
}

fn sweep_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    checks::sweep_file::furnish(folder.path(), &Path::new(ROOT).join("tests/golden"));
    let path = folder.path().join("s.yaml");
    (folder, path)
}

fn scratch(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

#[test]
fn every_seed_passes() {
    let (_folder, path) = sweep_file();
    seeds("sweep_file").iter().for_each(|(_, bytes)| checks::sweep_file::check(&path, bytes));
    seeds("plan_file").iter().for_each(|(_, bytes)| checks::plan::check_file(bytes));
    let (_folder, path) = scratch("journal");
    seeds("journal").iter().for_each(|(_, bytes)| checks::journal::check(&path, bytes));
    let (_folder, path) = scratch("array.npy");
    seeds("npy").iter().for_each(|(_, bytes)| checks::npy::check(&path, bytes));
}

/// The checks can fail: the seeds are what they should be.
#[test]
fn seeds_are_read() {
    use burstnet_core::engine::Isa;
    use burstnet_sweep::plan::plan_file;
    use burstnet_sweep::results::journal::Reader;
    use burstnet_sweep::results::models::NamedModel;
    for (path, bytes) in seeds("plan_file").iter().filter(|(path, _)| !path.display().to_string().contains("found-")) {
        let text = std::str::from_utf8(bytes).unwrap();
        NamedModel::of_plan(text, Isa::detect())
            .and_then(|model| plan_file::read(text, model.objective()))
            .unwrap_or_else(|message| panic!("{}: {message}; made by an earlier version?", path.display()));
    }
    let whole = Path::new(ROOT).join("fuzz/seeds/journal/whole");
    let mut reader = Reader::open(&whole, &[checks::journal::FINGERPRINT.to_owned()]).unwrap();
    let mut records = 0;
    while reader.next_frame().unwrap().is_some() {
        records += 1;
    }
    assert_eq!(records, 4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_sweep_file(
        seed in prop::sample::select(seeds("sweep_file")),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let (_folder, path) = sweep_file();
        checks::sweep_file::check(&path, &changed(&seed.1, &changes));
    }

    #[test]
    fn a_changed_plan(
        seed in prop::sample::select(seeds("plan_file")),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        checks::plan::check_file(&changed(&seed.1, &changes));
    }

    #[test]
    fn a_changed_journal(
        seed in prop::sample::select(seeds("journal")),
        changes in prop::collection::vec(change(), 1..8),
        choices in any::<u32>(),
    ) {
        let (_folder, path) = scratch("journal");
        let mut bytes = changed(&seed.1, &changes);
        checks::journal::check(&path, &bytes);
        checks::journal::repair(&mut bytes, choices); // forged: changed, and with checksums that fit
        checks::journal::check(&path, &bytes);
    }

    #[test]
    fn a_changed_array(
        seed in prop::sample::select(seeds("npy")),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let (_folder, path) = scratch("array.npy");
        checks::npy::check(&path, &changed(&seed.1, &changes));
    }
}
