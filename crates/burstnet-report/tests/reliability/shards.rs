//! Shards: any number, in any order, one after the other or at once, give the bytes of the whole.

use std::path::Path;
use std::sync::Barrier;
use std::time::Duration;

use burstnet_report::tables;
use burstnet_sweep::files::disk::system;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::study::{IfAnother, Study};
use burstnet_sweep::run::session::{Session, Tally, Task};
use burstnet_sweep::spec::execution::Order;

use crate::sweeping::{SWEEP, Sweeping, open, plan, tables_of, undisturbed};
use crate::trivial::Paraboloid;

fn shard(index: u32, count: u32) -> Sweeping<'static> {
    Sweeping { shard: Shard::new(index, count).unwrap(), ..Sweeping::default() }
}

fn write_tables(results: &Path) -> Vec<Option<Vec<u8>>> {
    tables::write(&open(results), &Paraboloid::default()).unwrap();
    tables_of(results)
}

#[test]
fn one_two_three_and_seven_in_any_order() {
    let whole = undisturbed(SWEEP);
    for count in [1, 2, 3, 7] {
        for backwards in [false, true] {
            let place = tempfile::tempdir().unwrap();
            let mut order: Vec<u32> = (0..count).collect();
            if backwards {
                order.reverse();
            }
            let mut sizes = Vec::new();
            for index in order {
                let Tally { total, done, new } = shard(index, count).run(place.path(), SWEEP).unwrap();
                assert_eq!((total, done), (new, new));
                sizes.push(new);
            }
            assert_eq!(sizes.iter().sum::<u64>(), 12);
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
            assert_eq!(open(place.path()).ledger(&|_| true).unwrap().doubled, 0);
            assert!(write_tables(place.path()) == whole, "{count} shards");
        }
    }
}

#[test]
fn all_at_once_while_the_directory_is_made() {
    let whole = undisturbed(SWEEP);
    for _ in 0..5 {
        let place = tempfile::tempdir().unwrap();
        let results = place.path().join("r");
        std::thread::scope(|scope| {
            for index in 0..4 {
                let results = &results;
                scope.spawn(move || shard(index, 4).run(results, SWEEP).unwrap());
            }
        });
        assert!(write_tables(&results) == whole);
    }
}

#[test]
fn another_number_of_shards_goes_on_where_the_first_stopped() {
    let whole = undisturbed(SWEEP);
    let place = tempfile::tempdir().unwrap();
    shard(1, 3).run(place.path(), SWEEP).unwrap();
    let new: u64 = (0..2).map(|index| shard(index, 2).run(place.path(), SWEEP).unwrap().new).sum();
    assert_eq!(new, 8);
    assert_eq!(shard(0, 1).run(place.path(), SWEEP).unwrap().new, 0);
    assert!(write_tables(place.path()) == whole);
}

#[test]
fn a_trial_of_two_shards_is_noted() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    shard(0, 2).run(&here, SWEEP).unwrap();
    shard(0, 3).run(&there, SWEEP).unwrap();
    let name = "journal/shard-0-of-3.journal";
    std::fs::copy(there.join(name), here.join(name)).unwrap();
    let ledger = open(&here).ledger(&|_| true).unwrap();
    assert_eq!((ledger.entries.len(), ledger.doubled), (8, 2));
    assert!(ledger.doubles.iter().all(|double| double.same && double.journals.len() == 2));
}

#[test]
fn results_of_one_trial_that_differ_are_told_also_after_extending() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    shard(1, 2).run(&here, SWEEP).unwrap();
    let other = Paraboloid { off: 1e-9, ..Paraboloid::default() };
    Sweeping { objective: other, ..shard(2, 3) }.run(&there, SWEEP).unwrap();
    let name = "journal/shard-2-of-3.journal";
    std::fs::copy(there.join(name), here.join(name)).unwrap();
    let differing = || -> Vec<u64> {
        let ledger = open(&here).ledger(&|_| true).unwrap();
        ledger.doubles.iter().filter(|double| !double.same).map(|double| double.trial_id).collect()
    };
    assert_eq!(differing().len(), 2);
    // Extended, all trials have other numbers.
    Sweeping { extend: true, ..Sweeping::default() }
        .run(&here, &SWEEP.replace("[0.0, 1.0", "[-1.0, 0.0, 1.0"))
        .unwrap();
    assert_eq!(differing().len(), 2);
    let overview = tables::write(&open(&here), &Paraboloid::default()).unwrap();
    let told = format!("The results of trial {} differ between shard-1-of-2.journal and", differing()[0]);
    assert!(
        overview.analysis.warnings.iter().any(|warning| warning.starts_with(&told)),
        "{:?}",
        overview.analysis.warnings
    );
}

#[test]
fn the_journal_of_another_sweep_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    shard(0, 2).run(&here, SWEEP).unwrap();
    shard(1, 2).run(&there, &SWEEP.replace("seed: 7", "seed: 8")).unwrap();
    let name = "journal/shard-1-of-2.journal";
    std::fs::copy(there.join(name), here.join(name)).unwrap();
    let error = open(&here).ledger(&|_| true).err().unwrap().to_string();
    assert!(error.contains("the journal of another sweep") && error.contains(name), "{error}");
}

#[test]
fn of_two_numbers_of_shards_that_begin_at_once_one_is_refused() {
    let both = Barrier::new(2);
    let place = tempfile::tempdir().unwrap();
    for round in 0..60 {
        let results = place.path().join(round.to_string());
        let begins = |shard: Shard| {
            let objective = Paraboloid::default();
            let study = Study::create(&system(), &results, plan(SWEEP), SWEEP, &objective, IfAnother::Refuse).unwrap();
            let task = Task {
                shard,
                round: None,
                wait: Duration::from_secs(5),
                sync_interval: Duration::ZERO,
                retry_failed: false,
                stop_after_failures: 0,
                order: Order::Plan,
            };
            both.wait();
            let session = Session::begin(&study, &objective, task);
            both.wait(); // nobody ends before both have begun
            session.map(drop).map_err(|error| error.to_string())
        };
        // Of 0/2 and 0/3, or of a whole sweep and 1/2.
        let (one, other) = if round % 2 == 0 { ((0, 2), (0, 3)) } else { ((0, 1), (1, 2)) };
        let shard = |(index, count)| Shard::new(index, count).unwrap();
        let outcomes = std::thread::scope(|scope| {
            let first = scope.spawn(|| begins(shard(one)));
            let second = begins(shard(other));
            [first.join().unwrap(), second]
        });
        let refused: Vec<&String> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(refused.len(), 1, "{one:?} and {other:?}: {outcomes:?}");
        assert!(refused[0].contains("another process is writing it"), "{}", refused[0]);
    }
}
