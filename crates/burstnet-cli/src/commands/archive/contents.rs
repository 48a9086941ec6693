//! The list of what an archive holds, which is its first file.

use burstnet_sweep::results::study::{EARLIER_FILE, PLAN_FILE, SWEEP_FILE};
use burstnet_sweep::results::{program_folder, provenance};
use serde::{Deserialize, Serialize};

/// The name of the list.
pub(super) const NAME: &str = "contents.json";
/// The folder in which all files of an archive lie.
pub(super) const FOLDER: &str = "study";
/// The most bytes of the list.
pub(super) const LARGEST: u64 = 16 << 20;
/// The layout of archives.
pub(super) const FORMAT: u32 = 1;

/// The list of the contents of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Contents {
    pub(super) format: u32,
    /// The program that wrote it, and the command that checks it.
    pub(super) version: String,
    pub(super) verify: String,
    /// The name and the fingerprint of the sweep.
    pub(super) name: String,
    pub(super) fingerprint: String,
    pub(super) files: Vec<File>,
}

/// A file of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct File {
    /// Its path in the results directory.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

/// The files that lie in no folder.
pub(super) const ALONE: [&str; 5] = [PLAN_FILE, SWEEP_FILE, provenance::FILE, EARLIER_FILE, program_folder::FILE];

/// Returns whether a path is one of those that an archive may hold: no other goes into a results directory.
pub(super) fn is_allowed(name: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0']) && part.len() <= 255;
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [file] => ALONE.contains(file),
        ["journal", file] => plain(file),
        ["inputs", file] => plain(file),
        ["inputs", folder, file] => plain(folder) && plain(file),
        _other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_a_study_are_allowed() {
        for name in ["plan.json", "journal/shard-0-of-1.journal", "inputs/ab-x.npy", "inputs/ab-weights/W_0.npy"] {
            assert!(is_allowed(name), "{name}");
        }
        for name in [
            "",
            "/plan.json",
            "../plan.json",
            "report.html",
            "journal/../plan.json",
            "inputs/..",
            "inputs/a/../b",
            "inputs/a/b/c",
            "journal//x",
            "inputs/.hidden",
            "journal/a\\b",
            "./plan.json",
            "inputs",
        ] {
            assert!(!is_allowed(name), "{name}");
        }
    }
}
