//! What tables of long learning curves cost: 100 000 trials with 200 points each, which are 2·10⁷ rows.
//!
//! `cargo bench -p burstnet-report --bench long_curves [-- TRIALS [POINTS]]` runs a trivial sweep of that size, and prints
//! the seconds that its tables take, the size of journal and curves, and the peak memory of the process that writes the
//! tables, which is one of its own.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

#[path = "measured.rs"]
mod measured;
#[path = "../tests/reliability/sweeping.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod sweeping;
#[path = "../tests/reliability/trivial.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod trivial;

use std::path::Path;
use std::process::Command;

use measured::{megabytes, peak_megabytes, seconds};
use sweeping::{Sweeping, open};
use trivial::Paraboloid;

const REPLICATES: u64 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().filter(|argument| !argument.starts_with("--bench")).collect();
    if let [_, flag, place] = &arguments[..]
        && flag == "tables-of"
    {
        return tables(Path::new(place));
    }
    let number = |at: usize, default| arguments.get(at).and_then(|one| one.parse::<u64>().ok()).unwrap_or(default);
    let (trials, points) = (number(1, 100_000), number(2, 200));
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let text = format!(
        "name: curves\nseed: 1\nreplicates: {REPLICATES}\nbase: {{point.curve: {points}}}\nsearch:\n  strategy: random\n  \
         trials: {}\n  space: {{point.x: {{uniform: [0, 1]}}, point.y: {{uniform: [0, 1]}}}}\n",
        trials / REPLICATES
    );
    let run = seconds(&mut || assert_eq!(Sweeping::default().run(place.path(), &text).expect("a sweep").new, trials));
    println!(
        "{trials} trials of {points} points: sweep {run:.2} s, journal {:.0} MB",
        megabytes(&place.path().join("journal/shard-0-of-1.journal"))
    );
    let own = std::env::current_exe().expect("this program");
    let tables = Command::new(own).args(["tables-of".as_ref(), place.path().as_os_str()]).status().expect("a process");
    assert!(tables.success(), "the tables failed");
}

/// Writes the tables of a results directory.
fn tables(place: &Path) {
    let took = seconds(&mut || {
        burstnet_report::tables::write(&open(place), &Paraboloid::default()).expect("tables");
    });
    println!(
        "tables {took:.2} s, curves {:.0} MB, peak {:.0} MB",
        megabytes(&place.join("curves.parquet")),
        peak_megabytes()
    );
}
