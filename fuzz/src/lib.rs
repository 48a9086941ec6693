//! What the fuzz targets share. `fuzz/README.md` says how to run them.

#[path = "../checks/mod.rs"]
pub mod checks;

use std::path::PathBuf;
use std::sync::LazyLock;

/// A folder of this process, in memory where the system has such a place. A fuzzer never ends by itself, so nobody
/// removes it; it holds one small file.
pub static PLACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let root = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let place = root.join(format!("burstnet-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&place).expect("a folder");
    place
});
