//! What the report of long learning curves costs: 100 000 trials with 200 points each, which are 2·10⁷ rows.
//!
//! `cargo bench -p burstnet-report --bench long_curves [-- TRIALS [POINTS]]` runs a trivial sweep of that size, and prints
//! the seconds that its tables and its page take, the size of journal, curves and page, and the peak memory of the process
//! that writes them, which is one of its own.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

#[path = "measured.rs"]
mod measured;
#[path = "../crates/burstnet-report/tests/reliability/sweeping.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod sweeping;
#[path = "../crates/burstnet-report/tests/reliability/trivial.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod trivial;

use std::path::Path;
use std::process::Command;

use burstnet_report::page::sweep;
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

/// Writes tables and page of a results directory, as `burstnet report` does.
fn tables(place: &Path) {
    let study = open(place);
    let tables = seconds(&mut || {
        burstnet_report::tables::write(&study, &Paraboloid::default()).expect("tables");
    });
    let both = seconds(&mut || {
        burstnet_report::publish(&study, &Paraboloid::default()).expect("tables and a page");
    });
    println!(
        "tables {tables:.2} s, curves {:.0} MB, tables and page {both:.2} s, {:.1} MB, peak {:.0} MB",
        megabytes(&place.join("curves.parquet")),
        megabytes(&place.join(sweep::FILE)),
        peak_megabytes()
    );
}
