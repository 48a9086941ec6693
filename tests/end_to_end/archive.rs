//! `burstnet archive` and `burstnet verify`: a study in one file, and archives of people who mean harm.

use std::io::{Read as _, Write as _};

use tar::{Builder, EntryType, Header};

use crate::external;
use crate::workplace::{SMALL_SWEEP, Workplace, npy};

fn swept() -> Workplace {
    let place = Workplace::new();
    place.write("mask.npy", npy("'|b1'", "(3, 100)", &[1, 0, 0, 1, 0].repeat(60)));
    place.write("s.yaml", SMALL_SWEEP.replace("base:\n", "base:\n  teaching: {mask: mask.npy}\n"));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place.run(&["archive", "r", "--out", "study.tar.zst"], 0);
    place
}

/// The files of an archive, in their order.
fn unpacked(place: &Workplace) -> Vec<(String, Vec<u8>)> {
    let packed = place.read("study.tar.zst");
    let decoder = zstd::stream::read::Decoder::new(&packed[..]).expect("zstd");
    let mut archive = tar::Archive::new(decoder);
    let entry = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a path").display().to_string();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("content");
        (name, content)
    };
    archive.entries().expect("entries").map(entry).collect()
}

/// Packs entries of any kind, with any path and target.
fn pack(place: &Workplace, entries: &[(String, EntryType, Vec<u8>, &str)]) {
    let mut archive = Builder::new(Vec::new());
    for (name, kind, content, target) in entries {
        let mut header = Header::new_ustar();
        let bytes = name.as_bytes();
        header.as_old_mut().name[..bytes.len()].copy_from_slice(bytes);
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_cksum();
        archive.append(&header, &content[..]).expect("an entry");
    }
    let tar = archive.into_inner().expect("a tar");
    place.write("bad.tar.zst", zstd::stream::encode_all(&tar[..], 1).expect("zstd"));
}

fn regular(files: &[(String, Vec<u8>)]) -> Vec<(String, EntryType, Vec<u8>, &'static str)> {
    files.iter().map(|(name, content)| (name.clone(), EntryType::Regular, content.clone(), "")).collect()
}

fn refused(place: &Workplace, message: &str) {
    let before = place.files();
    let said = place.run(&["verify", "bad.tar.zst"], 2);
    assert!(
        said.err.contains(message) && said.err.contains("bad.tar.zst: ") && said.out.is_empty(),
        "{message}: {}",
        said.err
    );
    assert_eq!(said.err.trim().lines().count(), 1, "{}", said.err);
    assert_eq!(place.files(), before, "{message}");
}

#[test]
fn a_study_is_verified_where_only_its_archive_is() {
    let place = swept();
    std::fs::remove_dir_all(place.path("r")).expect("a folder");
    std::fs::remove_file(place.path("mask.npy")).expect("a file");
    let said = place.run(&["verify", "study.tar.zst"], 0);
    assert!(said.out.contains("12 of 12 trials run again: all bits the same"), "{}", said.out);
    let said = place.run(&["verify", "study.tar.zst", "--sample", "5", "--threads", "2"], 0);
    assert!(said.out.contains("5 of 12 trials run again: all bits the same"), "{}", said.out);
    let names: Vec<String> = unpacked(&place).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[..4], ["study/contents.json", "study/plan.json", "study/sweep.yaml", "study/provenance.json"]);
    assert!(names[4].starts_with("study/inputs/") && names[5] == "study/journal/shard-0-of-1.journal", "{names:?}");
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let place = swept();
    let output = place.command(&["archive", "r"]).output().expect("it starts");
    assert!(output.status.success() && output.stdout == place.read("study.tar.zst"));
    place.refuses(&["archive", "r", "--out", "study.tar.zst"], "--out study.tar.zst: exists already");
    place.refuses(&["archive", "r", "--out", "r/study.tar.zst"], "lies in the results directory");
}

#[test]
fn archives_that_mean_harm_are_refused() {
    let place = swept();
    let files = unpacked(&place);
    let contents: serde_json::Value = serde_json::from_slice(&files[0].1).expect("contents");
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = contents.clone();
        change(&mut changed);
        let mut files = files.clone();
        files[0].1 = changed.to_string().into_bytes();
        regular(&files)
    };
    for name in ["../home/.ssh/authorized_keys", "/etc/passwd", "study/../../x", "study/report.html", "plan.json"] {
        let mut entries = regular(&files);
        entries.push((name.to_owned(), EntryType::Regular, b"x".to_vec(), ""));
        pack(&place, &entries);
        refused(&place, "no file of a results directory");
        if name != "plan.json" {
            pack(&place, &with(&|contents| contents["files"][0]["name"] = name.into()));
            refused(&place, "no file of a results directory");
        }
    }
    for kind in [EntryType::Symlink, EntryType::Link] {
        let mut entries = regular(&files);
        entries[4] = (entries[4].0.clone(), kind, Vec::new(), "/etc/passwd");
        pack(&place, &entries);
        refused(&place, "a link, expected regular files only");
    }
    for kind in [EntryType::Fifo, EntryType::Directory, EntryType::GNULongName, EntryType::XHeader, EntryType::Char] {
        let mut entries = regular(&files);
        entries.insert(2, ("study/inputs/x".into(), kind, Vec::new(), ""));
        pack(&place, &entries);
        refused(&place, "expected regular files only");
    }
    let mut entries = regular(&files);
    entries.push(entries[1].clone());
    pack(&place, &entries);
    refused(&place, "plan.json is not in its list of contents, or is there twice");
    let mut entries = regular(&files);
    entries.pop();
    pack(&place, &entries);
    refused(&place, "is in its list of contents and not in the archive");
    let mut entries = regular(&files);
    entries[5].2[100] ^= 1;
    pack(&place, &entries);
    refused(&place, "has another digest than the list of contents says");
    let mut entries = regular(&files);
    entries[5].2.push(0);
    pack(&place, &entries);
    refused(&place, "the list of contents says");
    pack(&place, &with(&|contents| contents["files"][2]["bytes"] = (1_u64 << 50).into()));
    refused(&place, "its files would take more than");
    pack(&place, &with(&|contents| contents["format"] = 2.into()));
    refused(&place, "has layout 2, this program reads layout 1");
    pack(&place, &with(&|contents| contents["fingerprint"] = "00".into()));
    refused(&place, "its plan has another fingerprint than its list of contents says");
    pack(&place, &regular(&files)[1..]);
    refused(&place, "does not begin with study/contents.json");
    // A list of contents without end, in few bytes.
    let mut bomb = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("zstd");
    let mut header = Header::new_ustar();
    header.set_path("study/contents.json").expect("a path");
    header.set_entry_type(EntryType::Regular);
    header.set_size(1 << 40);
    header.set_cksum();
    bomb.write_all(header.as_bytes()).expect("bytes");
    bomb.write_all(&vec![b' '; 1 << 20]).expect("bytes");
    place.write("bad.tar.zst", bomb.finish().expect("bytes"));
    refused(&place, "its list of contents is longer than");
    for content in [&b""[..], b"no archive", &place.read("study.tar.zst")[..2000]] {
        place.write("bad.tar.zst", content);
        place.refuses(&["verify", "bad.tar.zst"], "bad.tar.zst: ");
    }
    place.refuses(&["verify", "nowhere.tar.zst"], "nowhere.tar.zst: does not exist, expected an archive");
}

#[test]
fn a_result_that_was_changed_is_found() {
    let place = swept();
    let mut files = unpacked(&place);
    // Another seed, as if it had been so from the beginning: every digest is right, and no trial's bits are.
    let plan = String::from_utf8(files[1].1.clone()).expect("text");
    files[1].1 = plan
        .replace("\"replicates\": 3", "\"replicates\": 2")
        .replace("\"replicates\":3", "\"replicates\":2")
        .into_bytes();
    let mut contents: serde_json::Value = serde_json::from_slice(&files[0].1).expect("contents");
    contents["files"][0]["bytes"] = files[1].1.len().into();
    contents["files"][0]["blake3"] = blake3::hash(&files[1].1).to_hex().to_string().into();
    files[0].1 = contents.to_string().into_bytes();
    pack(&place, &regular(&files));
    refused(&place, "its plan has another fingerprint than its list of contents says");
}

#[test]
fn of_a_program_the_files_are_checked() {
    let place = external::place(3, external::MEASURES);
    place.run(&external::allowed(&external::ALLOWED), 0);
    place.run(&["archive", "r", "--out", "study.tar.zst"], 0);
    let said = place.run(&["verify", "study.tar.zst"], 0);
    assert!(
        said.err.contains("of an external program, which the archive does not hold: none was run again"),
        "{}",
        said.err
    );
    assert!(said.out.contains("files as they were archived"), "{}", said.out);
}
