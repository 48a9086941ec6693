//! Trials in shuffled order: other trials come first, and the same bytes come out.

use std::cell::RefCell;
use std::path::Path;

use burstnet_report::tables;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::spec::execution::Order;

use crate::sweeping::{Sweeping, open, tables_of, undisturbed};
use crate::trivial::Paraboloid;

/// 300 trials of 150 configurations.
const GRID: &str = "\
name: grid
seed: 7
replicates: 2
search:
  space:
    point.fate: [ok, diverge]
    point.x: {linear: [0, 4], num: 5}
    point.y: {linear: [0, 14], num: 15}
";

fn shuffled() -> Sweeping<'static> {
    Sweeping { order: Order::Shuffled, ..Sweeping::default() }
}

fn write_tables(results: &Path) -> Vec<Option<Vec<u8>>> {
    tables::write(&open(results), &Paraboloid::default()).unwrap();
    tables_of(results)
}

/// Returns the numbers of the configurations of the first trials that one thread runs.
fn first(order: Order, most: u64) -> Vec<u64> {
    let place = tempfile::tempdir().unwrap();
    let ran = RefCell::new(Vec::new());
    let durable = |record: &burstnet_sweep::results::record::TrialRecord| ran.borrow_mut().push(record.config_id);
    Sweeping { order, stop_after: Some(most), durable: &durable, ..Sweeping::default() }
        .run(place.path(), GRID)
        .unwrap();
    ran.into_inner()
}

#[test]
fn the_first_trials_are_spread_over_the_space() {
    let levels = |ids: &[u64], step: u64, n: u64| {
        let mut seen: Vec<u64> = ids.iter().map(|id| id / step % n).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    let (listed, shuffled) = (first(Order::Plan, 60), first(Order::Shuffled, 60));
    assert!(listed[..60].iter().copied().eq(0..60));
    assert_eq!([(75, 2), (15, 5), (1, 15)].map(|(step, n)| levels(&listed[..60], step, n)), [1, 4, 15]);
    assert_eq!([(75, 2), (15, 5), (1, 15)].map(|(step, n)| levels(&shuffled[..60], step, n)), [2, 5, 15]);
    assert_eq!(shuffled[..60], first(Order::Shuffled, 60)[..60]);
}

#[test]
fn the_same_bytes_on_any_number_of_threads_in_any_parts() {
    let whole = undisturbed(GRID);
    for threads in [1, 2, 7] {
        let place = tempfile::tempdir().unwrap();
        Sweeping { threads, ..shuffled() }.run_to_tables(place.path(), GRID).unwrap();
        assert!(tables_of(place.path()) == whole, "{threads} threads");
    }
    let place = tempfile::tempdir().unwrap();
    let mut done = 0;
    for (order, most) in [(Order::Shuffled, 50), (Order::Plan, 100), (Order::Shuffled, 1), (Order::Shuffled, 1000)] {
        let sweeping = Sweeping { order, stop_after: Some(most), threads: 2, ..Sweeping::default() };
        let tally = sweeping.run(place.path(), GRID).unwrap();
        assert_eq!(tally.done - tally.new, done);
        done = tally.done;
    }
    assert_eq!(done, 300);
    assert!(write_tables(place.path()) == whole);
}

#[test]
fn shards_have_the_same_trials_in_any_order() {
    let whole = undisturbed(GRID);
    for count in [2, 3, 7] {
        let place = tempfile::tempdir().unwrap();
        for index in 0..count {
            // Every other shard is shuffled.
            let order = if index % 2 == 0 { Order::Shuffled } else { Order::Plan };
            let shard = Shard::new(index, count).unwrap();
            let tally = Sweeping { order, shard, ..Sweeping::default() }.run(place.path(), GRID).unwrap();
            assert_eq!((tally.total, tally.new), (shard.size(300), shard.size(300)));
        }
        assert_eq!(open(place.path()).ledger(&|_| true).unwrap().doubled, 0);
        assert!(write_tables(place.path()) == whole, "{count} shards");
    }
}

#[test]
fn a_sweep_is_extended_in_any_order() {
    let larger =
        GRID.replace("num: 15", "num: 29").replace("[0, 14]", "[0, 28]").replace("replicates: 2", "replicates: 3");
    let place = tempfile::tempdir().unwrap();
    let before = Sweeping { stop_after: Some(111), ..shuffled() }.run(place.path(), GRID).unwrap();
    let tally = Sweeping { extend: true, ..shuffled() }.run_to_tables(place.path(), &larger).unwrap();
    assert_eq!(tally.new, 2 * 5 * 29 * 3 - before.new);
    assert!(tables_of(place.path()) == undisturbed(&larger));
}
