//! The power goes at any moment: what was said to be durable is there, and the sweep ends with the same tables.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use burstnet_report::tables;

use crate::simulated_disk::Simulated;
use crate::sweeping::{Dice, SWEEP, Sweeping, open, tables_of, undisturbed};

/// Power cuts per moment.
const CUTS: u64 = 3;

#[test]
fn what_was_said_to_be_durable_is_there_and_the_sweep_goes_on() {
    let whole = undisturbed(SWEEP);
    let place = tempfile::tempdir().unwrap();
    let (disk, results) = (Simulated::new(), place.path().join("r"));
    let durable = |record: &burstnet_sweep::results::record::TrialRecord| {
        disk.said(format!("{}", record.config_id * 2 + record.replicate));
    };
    // Twice, so that the journal is also opened again, repaired and written behind what was there.
    for stop_after in [Some(5), None] {
        let sweeping = Sweeping {
            disk: Arc::new(disk.clone()),
            sync_interval: Duration::ZERO,
            durable: &durable,
            stop_after,
            ..Sweeping::default()
        };
        sweeping.run_to_tables(&results, SWEEP).unwrap();
        disk.said("tables");
    }
    assert!(tables_of(&results) == whole);
    let mut dice = Dice(2017);
    let mut found = 0;
    for after in 0..=disk.operations() {
        for cut in 0..CUTS {
            let left = tempfile::tempdir().unwrap();
            let said = disk.after_power_cut(place.path(), after, &mut dice, left.path());
            let context = format!("cut {cut} after {after} operations");
            found += check(&left.path().join("r"), &said, &whole, &context);
        }
    }
    assert!(found > 100, "hardly anything was said to be durable");
}

/// Checks what a power cut left, goes on, and returns how many trials had been said to be durable.
fn check(results: &Path, said: &[String], whole: &[Option<Vec<u8>>], context: &str) -> usize {
    let trials: Vec<u64> = said.iter().filter_map(|what| what.parse().ok()).collect();
    if !trials.is_empty() {
        let ledger = open(results).ledger(&|_| true).unwrap();
        let held: Vec<u64> = ledger.entries.iter().map(|entry| entry.trial_id).collect();
        for trial in &trials {
            assert!(held.contains(trial), "{context}: trial {trial} is lost; there are {held:?}");
        }
    }
    if said.last().is_some_and(|what| what == "tables") && said.iter().filter(|what| *what == "tables").count() == 2 {
        assert!(tables_of(results) == whole, "{context}: a table is lost");
    }
    for (name, table) in tables::FILES.iter().zip(tables_of(results)) {
        // Whole or not there: the foot of a Parquet file comes last.
        assert!(table.is_none_or(|bytes| bytes.ends_with(b"PAR1")), "{context}: {name} is torn");
    }
    let sweeping = Sweeping::default();
    let tally = sweeping.run_to_tables(results, SWEEP).unwrap_or_else(|error| panic!("{context}: {error}"));
    assert!(tally.new <= 12 - trials.len() as u64, "{context}: a durable trial ran again");
    assert!(tables_of(results) == whole, "{context}: other tables");
    trials.len()
}

#[test]
fn an_extension_is_there_or_not() {
    let longer = SWEEP.replace("replicates: 2", "replicates: 3").replace("2.0]", "2.0, 5.0]");
    let whole = undisturbed(&longer);
    let place = tempfile::tempdir().unwrap();
    let (disk, results) = (Simulated::new(), place.path().join("r"));
    let on_disk = |extend| Sweeping { disk: Arc::new(disk.clone()), extend, ..Sweeping::default() };
    on_disk(false).run_to_tables(&results, SWEEP).unwrap();
    let before = disk.operations();
    on_disk(true).run_to_tables(&results, &longer).unwrap();
    assert!(tables_of(&results) == whole);
    let mut dice = Dice(7);
    for after in before..=disk.operations() {
        for _ in 0..CUTS {
            let left = tempfile::tempdir().unwrap();
            disk.after_power_cut(place.path(), after, &mut dice, left.path());
            let results = left.path().join("r");
            let found = open(&results);
            assert!([12, 24].contains(&found.plan.most_trials()));
            let held = found.ledger(&|_| true).unwrap().entries.len();
            assert!(held >= 12, "after {after}: {held} of 12 trials are left");
            let sweeping = Sweeping { extend: true, ..Sweeping::default() };
            let tally = sweeping.run_to_tables(&results, &longer).unwrap();
            assert!(tally.new <= 12, "after {after}: {} trials ran again", tally.new);
            assert!(tables_of(&results) == whole, "after {after}");
        }
    }
}

#[test]
fn the_simulated_disk_forgets_what_was_not_synced() {
    use burstnet_sweep::files::disk::Disk as _;
    let place = tempfile::tempdir().unwrap();
    let disk = Simulated::new();
    let path = place.path().join("file");
    let mut file = disk.create(&path).unwrap();
    file.write_all(b"unsynced").unwrap();
    let outcomes = |disk: &Simulated| {
        let mut outcomes = std::collections::BTreeSet::new();
        let mut dice = Dice(1);
        for _ in 0..100 {
            let left = tempfile::tempdir().unwrap();
            disk.after_power_cut(place.path(), disk.operations(), &mut dice, left.path());
            outcomes.insert(std::fs::read(left.path().join("file")).ok());
        }
        outcomes
    };
    let all = outcomes(&disk);
    assert!(all.contains(&None) && all.contains(&Some(Vec::new())) && all.contains(&Some(b"unsynced".to_vec())));
    assert!(all.len() > 3, "never torn: {all:?}");
    file.sync().unwrap();
    assert_eq!(outcomes(&disk).len(), 2, "synced, but its name is not");
    disk.sync_folder(place.path()).unwrap();
    assert_eq!(outcomes(&disk).into_iter().collect::<Vec<_>>(), [Some(b"unsynced".to_vec())]);
}
