//! Sweep files, in a folder with input files that they can name.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use burstnet_fuzz::{PLACE, checks};
use libfuzzer_sys::fuzz_target;

/// Where the sweep file would lie.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    checks::sweep_file::furnish(&PLACE, Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden")));
    PLACE.join("s.yaml")
});

fuzz_target!(|bytes: &[u8]| checks::sweep_file::check(&FILE, bytes));
