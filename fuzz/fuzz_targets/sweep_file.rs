//! Sweep files, in a folder with input files that they can name.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use burstnet_fuzz::{PLACE, checks};
use libfuzzer_sys::fuzz_target;

/// Where the sweep file would lie.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PLACE.join("w");
    std::fs::create_dir_all(&folder).expect("a folder");
    let ready = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/pipelined_small");
    for (from, to) in [("x.npy", "x.npy"), ("t.npy", "t.npy"), ("mask.npy", "mask.npy")] {
        std::fs::copy(PathBuf::from(ready).join(from), PLACE.join(to)).expect("an input file");
    }
    for name in ["W_0", "W_1", "b_0", "b_1", "Y_0"] {
        let from = PathBuf::from(ready).join(format!("initial_weights/{name}.npy"));
        std::fs::copy(from, folder.join(format!("{name}.npy"))).expect("a weights file");
    }
    PLACE.join("s.yaml")
});

fuzz_target!(|bytes: &[u8]| checks::sweep_file::check(&FILE, bytes));
