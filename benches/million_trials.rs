//! What a trial costs besides its evaluation: a trivial objective, a thousand to a million trials, one thread.
//!
//! `cargo bench -p burstnet-report --bench million_trials [-- TRIALS…]` prints, for each number of trials, microseconds
//! per trial of the sweep (journal synced at the default interval), seconds for the tables, for going on with a sweep
//! that is complete, and for extending it by one configuration, and the peak memory of the process so far.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

#[path = "measured.rs"]
mod measured;
#[path = "../crates/burstnet-report/tests/reliability/sweeping.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod sweeping;
#[path = "../crates/burstnet-report/tests/reliability/trivial.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod trivial;

use measured::{megabytes, peak_megabytes, seconds};
use sweeping::{Sweeping, open};
use trivial::Paraboloid;

fn main() {
    let asked: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![1_000, 10_000, 100_000, 1_000_000] } else { asked };
    println!("   trials  replicates  µs/trial  tables [s]  again [s]  extended [s]  journal [MB]  peak [MB]");
    for trials in sizes {
        for replicates in [1, 10] {
            measure(trials, replicates);
        }
    }
}

fn measure(trials: u64, replicates: u64) {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let text = |configurations: u64| {
        format!(
            "name: million\nseed: 1\nreplicates: {replicates}\nbase: {{point.curve: 0}}\nsearch:\n  strategy: random\n  \
             trials: {configurations}\n  space: {{point.x: {{uniform: [0, 1]}}, point.y: {{uniform: [0, 1]}}}}\n"
        )
    };
    let own = text(trials / replicates);
    let run = seconds(&mut || assert_eq!(Sweeping::default().run(place.path(), &own).expect("a sweep").new, trials));
    let tables = seconds(&mut || {
        burstnet_report::tables::write(&open(place.path()), &Paraboloid::default()).expect("tables");
    });
    let again = seconds(&mut || assert_eq!(Sweeping::default().run(place.path(), &own).expect("a sweep").new, 0));
    let extending = Sweeping { extend: true, ..Sweeping::default() };
    let longer = text(trials / replicates + 1);
    let extended = seconds(&mut || assert_eq!(extending.run(place.path(), &longer).expect("a sweep").new, replicates));
    let journal = megabytes(&place.path().join("journal/shard-0-of-1.journal"));
    println!(
        "{trials:9}  {replicates:10}  {:8.2}  {tables:10.2}  {again:9.2}  {extended:12.2}  {:12.0}  {:9.0}",
        run / trials as f64 * 1e6,
        journal,
        peak_megabytes()
    );
}
