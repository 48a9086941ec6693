//! Configurations that are equal run once; their rows are copied, whatever happens meanwhile.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use burstnet_report::tables;
use burstnet_sweep::files::disk::system;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal::{self, Writer};
use burstnet_sweep::results::record::TrialRecord;

use crate::sweeping::{Dice, Sweeping, open, plan, tables_of, undisturbed};
use crate::trivial::Paraboloid;

/// 40 trials of 20 configurations, of which 4 are distinct.
const DRAWN: &str = "\
name: drawn
seed: 7
replicates: 2
base: {point.curve: 3}
search:
  strategy: random
  trials: 20
  space: {point.fate: [ok, diverge], point.x: [0.0, 1.0]}
";

/// Searches by rounds in which configurations are equal.
fn searches() -> Vec<String> {
    let few = "{point.x: [0.0, 1.0, 2.0], point.fate: [ok, diverge]}";
    let tied = "{point.x: [0.0, 1.0], point.y: {ratio_of: point.x, linear: [1, 2], num: 3}}";
    let halving = "strategy: random, trials: 20, stopping: successive_halving";
    let sweep = |search: &str, space: &str| {
        format!(
            "name: r\nseed: 7\nreplicates: 3\nbase: {{point: {{curve: 9}}}}\nsearch: {{{search}, space: {space}}}\n"
        )
    };
    vec![
        sweep(halving, few),
        sweep("strategy: random, trials: 30, stopping: hyperband", few),
        sweep("strategy: halton, trials: 17, round: 2, stopping: median", few),
        sweep("strategy: sobol, trials: 12, stopping: {rule: paired_racing, first: 2}", few),
        sweep("strategy: cmaes, trials: 24, round: 4", "{point.x: {linear: [0, 2], num: 3}, point.y: [1.0, 2.0]}"),
        sweep("strategy: tpe, trials: 6, round: 2", tied),
        sweep("strategy: random, trials: 12, include: [{point.x: 1.0}], stopping: successive_halving", tied),
        sweep("strategy: random, trials: 20, lag: 3, stopping: successive_halving", few),
        sweep("strategy: random, trials: 30, lag: 3, stopping: hyperband", few),
        sweep("strategy: halton, trials: 17, lag: 2, stopping: median", few),
        sweep("strategy: sobol, trials: 12, lag: 5, stopping: {rule: paired_racing, first: 2}", few),
        sweep("strategy: cmaes, trials: 24, lag: 4", "{point.x: {linear: [0, 2], num: 3}, point.y: [1.0, 2.0]}"),
        sweep("strategy: tpe, trials: 6, lag: 2", tied),
        sweep("strategy: random, trials: 20", few).replace("replicates: 3", "replicates: {from: 2, to: 7}"),
    ]
}

fn write_tables(results: &Path) -> Vec<Option<Vec<u8>>> {
    tables::write(&open(results), &Paraboloid::default()).unwrap();
    tables_of(results)
}

fn shard(index: u32, count: u32) -> Sweeping<'static> {
    Sweeping { shard: Shard::new(index, count).unwrap(), ..Sweeping::default() }
}

#[test]
fn each_runs_once_and_all_have_rows() {
    let place = tempfile::tempdir().unwrap();
    let sweeping = Sweeping::default();
    let tally = sweeping.run_to_tables(place.path(), DRAWN).unwrap();
    assert_eq!((tally.total, tally.done, tally.new), (8, 8, 8));
    assert_eq!(sweeping.objective.evaluated.load(Ordering::Relaxed), 8);
    let study = open(place.path());
    let mut ledger = study.ledger(&|_| true).unwrap();
    assert_eq!(ledger.entries.len(), 40);
    for entry in ledger.entries.clone() {
        let record = ledger.record(entry).unwrap();
        let trial = study.plan.trial(entry.trial_id);
        let seed = study.plan.trial(ledger.configurations().first(entry.trial_id)).seed;
        assert_eq!((record.digest, trial.seed), (Some([seed as u8; 32]), seed));
    }
    // One trial alone is found as well.
    for trial_id in 0..40 {
        let alone = study.ledger(&|id| id == trial_id).unwrap().entries;
        assert_eq!(alone.iter().map(|entry| entry.trial_id).collect::<Vec<_>>(), [trial_id]);
    }
    for threads in [2, 8] {
        let place = tempfile::tempdir().unwrap();
        Sweeping { threads, ..Sweeping::default() }.run_to_tables(place.path(), DRAWN).unwrap();
        assert!(tables_of(place.path()) == undisturbed(DRAWN), "{threads} threads");
    }
}

#[test]
fn no_shard_misses_one_and_none_runs_twice() {
    let whole = undisturbed(DRAWN);
    for count in [1, 2, 3, 7, 12] {
        let place = tempfile::tempdir().unwrap();
        let sizes: Vec<u64> =
            (0..count).map(|index| shard(index, count).run(place.path(), DRAWN).unwrap().new).collect();
        assert!(sizes.iter().sum::<u64>() == 8 && sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        let ledger = open(place.path()).ledger(&|_| true).unwrap();
        assert_eq!((ledger.entries.len(), ledger.doubled), (40, 0));
        assert!(write_tables(place.path()) == whole, "{count} shards");
    }
}

#[test]
fn interrupted_extended_and_retried() {
    let whole = undisturbed(DRAWN);
    let place = tempfile::tempdir().unwrap();
    while (Sweeping { stop_after: Some(1), ..Sweeping::default() }).run(place.path(), DRAWN).unwrap().new > 0 {
        write_tables(place.path());
    }
    assert!(write_tables(place.path()) == whole);
    // More draws are the same four configurations; other keys in another order as well.
    let extending = Sweeping { extend: true, ..Sweeping::default() };
    for text in [DRAWN.replace("trials: 20", "trials: 33"), DRAWN.replace("[0.0, 1.0]", "[1.0, 0.0]")] {
        assert_eq!(extending.run(place.path(), &text).unwrap().new, 0, "{text}");
        assert!(write_tables(place.path()) == undisturbed(&text), "{text}");
    }
    let failing = DRAWN.replace("diverge]", "fail]");
    let place = tempfile::tempdir().unwrap();
    assert_eq!(Sweeping::default().run(place.path(), &failing).unwrap().new, 8);
    let well = Sweeping { objective: Paraboloid { fails: false, ..Paraboloid::default() }, ..Sweeping::default() };
    assert_eq!(well.run(place.path(), &failing).unwrap().new, 0);
    assert_eq!(Sweeping { retry_failed: true, ..well }.run(place.path(), &failing).unwrap().new, 4);
    assert!(open(place.path()).ledger(&|_| true).unwrap().entries.iter().all(|entry| !entry.failed()));
}

#[test]
fn searches_by_rounds_run_each_once() {
    let mut dice = Dice(11);
    for text in searches() {
        let place = tempfile::tempdir().unwrap();
        let sweeping = Sweeping { threads: 2, ..Sweeping::default() };
        sweeping.run_to_tables(place.path(), &text).unwrap();
        let whole = tables_of(place.path());
        let study = open(place.path());
        let ledger = study.ledger(&|_| true).unwrap();
        let plan = ledger.configurations();
        assert_eq!((ledger.entries.len() as u64, ledger.doubled), (plan.trials(), 0), "{text}");
        assert!(plan.distinct() < plan.configurations(), "nothing is equal: {text}");
        let keys: Vec<_> = records(place.path()).into_iter().map(|record| record.key).collect();
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(keys.len(), distinct.len(), "something ran twice: {text}");
        // Interrupted at any trial, and in shards round by round.
        let place = tempfile::tempdir().unwrap();
        let stopping = |dice: &mut Dice| Sweeping { stop_after: Some(1 + dice.below(9)), ..Sweeping::default() };
        while stopping(&mut dice).run(place.path(), &text).unwrap().new > 0 {
            write_tables(place.path());
        }
        assert!(write_tables(place.path()) == whole, "interrupted: {text}");
        let place = tempfile::tempdir().unwrap();
        if plan.lag().is_some() {
            let run = |index| shard(index, 3).run(place.path(), &text).unwrap();
            std::thread::scope(|scope| [2, 0, 1].into_iter().for_each(|index| _ = scope.spawn(move || run(index))));
        }
        for round in (0..plan.most_rounds()).filter(|_| plan.lag().is_none()) {
            for index in [2, 0, 1] {
                Sweeping { round: Some(round), ..shard(index, 3) }.run(place.path(), &text).unwrap();
            }
        }
        assert!(write_tables(place.path()) == whole, "in shards: {text}");
        assert_eq!(records(place.path()).len(), keys.len(), "in shards: {text}");
    }
}

/// All records of a directory.
fn records(results: &Path) -> Vec<TrialRecord> {
    let fingerprints = open(results).fingerprints().to_vec();
    let mut records = Vec::new();
    for (_, path) in journal::list(results).unwrap() {
        let file = std::fs::File::open(&path).unwrap();
        let mut reader = journal::Reader::open(&path, &fingerprints).unwrap();
        while let Some(frame) = reader.next_frame().unwrap() {
            records.push(journal::record_at(&file, frame.start).unwrap());
        }
    }
    records
}

/// Adds records to the journal of a shard.
fn append(results: &Path, shard: Shard, records: &[TrialRecord]) {
    let study = open(results);
    let path = study.journal(shard);
    let mut writer = Writer::open(&system(), &path, study.fingerprints(), Duration::ZERO).unwrap().writer;
    records.iter().for_each(|record| writer.append(record).unwrap());
    writer.sync().unwrap();
}

#[test]
fn journals_in_which_each_ran_by_itself_still_read() {
    let whole = undisturbed(DRAWN);
    let place = tempfile::tempdir().unwrap();
    shard(0, 2).run(place.path(), DRAWN).unwrap();
    shard(1, 2).run(place.path(), DRAWN).unwrap();
    let configurations = Configurations::from(plan(DRAWN));
    let copies = configurations.copies();
    let own = records(place.path());
    // As earlier versions left them: all copies in the other shard, and a part without the first ones.
    let of_copies = |record: &TrialRecord| {
        let (config_id, record) = (record.config_id, record.clone());
        copies
            .iter()
            .filter(move |(_, first)| *first == config_id)
            .map(move |(copy, _)| TrialRecord { config_id: copy, ..record.clone() })
    };
    let added: Vec<TrialRecord> = own.iter().flat_map(of_copies).collect();
    assert_eq!(added.len(), 32);
    append(place.path(), Shard::new(1, 2).unwrap(), &added);
    let ledger = open(place.path()).ledger(&|_| true).unwrap();
    assert_eq!((ledger.entries.len(), ledger.doubled), (40, 0));
    assert!(write_tables(place.path()) == whole);
    assert_eq!(Sweeping::default().run(place.path(), DRAWN).unwrap().new, 0);
    // What is double is the same number in two shards.
    append(place.path(), Shard::new(0, 2).unwrap(), &added[..1]);
    assert_eq!(open(place.path()).ledger(&|_| true).unwrap().doubled, 1);
    // Without the first ones those of the copies are enough.
    let place = tempfile::tempdir().unwrap();
    Sweeping { stop_after: Some(1), ..Sweeping::default() }.run(place.path(), DRAWN).unwrap();
    append(place.path(), Shard::WHOLE, &added);
    assert_eq!(Sweeping::default().run(place.path(), DRAWN).unwrap().new, 0);
    assert!(write_tables(place.path()) == whole);
}
