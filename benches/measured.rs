//! What benchmarks measure of their own process and files.

use std::path::Path;
use std::time::Instant;

/// How long `act` takes.
pub(crate) fn seconds(act: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    act();
    start.elapsed().as_secs_f64()
}

/// The size of a file, 0 if there is none.
pub(crate) fn megabytes(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(0, |held| held.len()) as f64 / 1e6
}

/// The most memory that this process has held.
pub(crate) fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).expect("a number") / 1000.0
}
