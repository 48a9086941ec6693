//! Keys of which each replicate draws a value: the same bytes on any threads, in any parts, and after any extension.

use std::path::Path;
use std::sync::atomic::Ordering;

use burstnet_report::tables;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::spec::execution::Order;

use crate::sweeping::{Sweeping, open, tables_of, undisturbed};
use crate::trivial::Paraboloid;

fn sweep(search: &str) -> String {
    format!(
        "name: d\nseed: 7\nreplicates: 4\nbase: {{point: {{curve: 9}}}}\nsearch:\n  {search}\n  \
         per_replicate: {{point.y: {{uniform: [-4, 4]}}, point.fate: [ok, ok2]}}\n"
    )
    .replace("ok2", "diverge")
}

const GRID: &str = "space: {point.x: {linear: [0, 4], num: 5}}";

fn searches() -> [String; 6] {
    let drawn = "space: {point.x: {uniform: [-4, 4]}}";
    [
        sweep(GRID),
        sweep(&format!("strategy: tpe\n  trials: 20\n  round: 4\n  startup: 5\n  {drawn}")),
        sweep(&format!("strategy: tpe\n  trials: 20\n  lag: 3\n  startup: 5\n  {drawn}")),
        sweep(&format!("strategy: random\n  trials: 20\n  stopping: successive_halving\n  {drawn}")),
        sweep(&format!("strategy: sobol\n  trials: 20\n  lag: 5\n  stopping: hyperband\n  {drawn}")),
        sweep(&format!("strategy: halton\n  trials: 12\n  stopping: {{rule: paired_racing, first: 2}}\n  {drawn}")),
    ]
}

fn write_tables(results: &Path) -> Vec<Option<Vec<u8>>> {
    tables::write(&open(results), &Paraboloid::default()).unwrap();
    tables_of(results)
}

#[test]
fn any_threads_and_interruptions() {
    for text in searches() {
        let whole = undisturbed(&text);
        for threads in [2, 7] {
            let place = tempfile::tempdir().unwrap();
            Sweeping { threads, ..Sweeping::default() }.run_to_tables(place.path(), &text).unwrap();
            assert!(tables_of(place.path()) == whole, "{threads} threads: {text}");
        }
        let place = tempfile::tempdir().unwrap();
        for most in [1, 3, 10, 17] {
            Sweeping { stop_after: Some(most), threads: 2, ..Sweeping::default() }.run(place.path(), &text).unwrap();
        }
        Sweeping::default().run_to_tables(place.path(), &text).unwrap();
        assert!(tables_of(place.path()) == whole, "interrupted: {text}");
    }
}

#[test]
fn shards_in_any_order() {
    let text = sweep(GRID);
    let whole = undisturbed(&text);
    for count in [2, 3, 7] {
        let place = tempfile::tempdir().unwrap();
        for index in (0..count).rev() {
            let shard = Shard::new(index, count).unwrap();
            Sweeping { shard, order: Order::Shuffled, ..Sweeping::default() }.run(place.path(), &text).unwrap();
        }
        assert!(write_tables(place.path()) == whole, "{count} shards");
    }
}

#[test]
fn extended_by_replicates_values_and_drawn_keys() {
    let text = sweep(GRID);
    let without = text.lines().filter(|line| !line.contains("per_replicate")).collect::<Vec<_>>().join("\n") + "\n";
    // What changes, and how many trials of the larger sweep are not there yet, if that is known.
    for (after, new) in [
        (text.replace("replicates: 4", "replicates: 9"), Some(5 * 5)),
        (text.replace("replicates: 4", "replicates: 2"), Some(0)),
        (text.replace("num: 5", "num: 9"), Some(4 * 4)),
        (text.replace("point.fate: [ok, diverge]", "point.curve: [9]"), None),
        (text.replace("[-4, 4]", "[-4, 5]"), Some(5 * 4)),
        (without.clone(), Some(5 * 4)),
        (text.clone(), Some(0)),
    ] {
        let place = tempfile::tempdir().unwrap();
        Sweeping::default().run(place.path(), &text).unwrap();
        let sweeping = Sweeping { extend: true, ..Sweeping::default() };
        let tally = sweeping.run_to_tables(place.path(), &after).unwrap();
        assert!(new.is_none_or(|new| tally.new == new), "{} of {after}", tally.new);
        assert_eq!(sweeping.objective.evaluated.load(Ordering::Relaxed), tally.new);
        assert!(tables_of(place.path()) == undisturbed(&after), "{after}");
    }
}
