//! Trials that fail, panic or hang: rows of the tables, no end of the sweep.

use std::sync::Arc;
use std::time::Duration;

use burstnet_sweep::results::record::{Status, TrialRecord};
use burstnet_sweep::results::study::StudyError;

use crate::failing_disk::{Failing, Refuses};
use crate::sweeping::{SWEEP, Sweeping, open, tables_of, undisturbed};
use crate::trivial::Paraboloid;

const FATES: &str = "\
replicates: 2
name: fates
search:
  space:
    point.fate: [ok, fail, panic, hang, diverge]
";

fn records(results: &std::path::Path) -> Vec<TrialRecord> {
    let mut ledger = open(results).ledger(&|_| true).unwrap();
    ledger.entries.clone().into_iter().map(|entry| ledger.record(entry).unwrap()).collect()
}

#[test]
fn none_takes_the_sweep_down_and_only_failed_ones_run_again_when_asked() {
    let place = tempfile::tempdir().unwrap();
    let limited = |retry_failed, fails| Sweeping {
        max_seconds: Some(0.05),
        retry_failed,
        threads: 2,
        objective: Paraboloid { fails, ..Paraboloid::default() },
        ..Sweeping::default()
    };
    let tally = limited(false, true).run_to_tables(place.path(), FATES).unwrap();
    assert_eq!((tally.new, tally.done), (10, 10));
    let held = records(place.path());
    use Status::{Diverged, Failed, Ok};
    let expected = [Ok, Failed, Failed, Failed, Diverged];
    assert!(held.iter().enumerate().all(|(id, record)| record.status == expected[id / 2]));
    let error = |id: usize| held[id].error.clone().unwrap_or_default();
    assert!(error(2).starts_with("no luck with seed ") && error(4).starts_with("panicked: a defect at seed "));
    assert!(error(6).starts_with("took longer than max_seconds 0.05; ") && error(6).contains("same-bits promise"));
    // The same command leaves failed trials as they are.
    assert_eq!(limited(false, false).run(place.path(), FATES).unwrap().new, 0);
    // They run again when asked, and what they give then counts.
    assert_eq!(limited(true, false).run_to_tables(place.path(), FATES).unwrap().new, 6);
    assert!(records(place.path()).iter().take(8).all(|record| record.status == Ok));
    assert_eq!(limited(true, false).run(place.path(), FATES).unwrap().new, 0);
    // The tables are those of a sweep in which they never failed.
    let never = tempfile::tempdir().unwrap();
    limited(false, false).run_to_tables(never.path(), FATES).unwrap();
    assert!(tables_of(place.path()) == tables_of(never.path()));
}

/// Sweeps of every kind: none learns, one learns, one stops early.
const LACKING: [&str; 3] = [
    SWEEP,
    "name: t\nreplicates: 2\nsearch: {strategy: tpe, trials: 9, round: 3, startup: 3, space: {point.x: {uniform: [-4, 4]}}}\n",
    "name: h\nreplicates: 2\nbase: {point: {curve: 9}}\n\
     search: {strategy: random, trials: 6, stopping: successive_halving, space: {point.x: {uniform: [-4, 4]}}}\n",
];

#[test]
fn what_the_machine_lacks_ends_the_sweep_leaves_no_record_and_is_not_learned_from() {
    for text in LACKING {
        let whole = undisturbed(text);
        for threads in [1, 3] {
            for at in 0.. {
                let place = tempfile::tempdir().unwrap();
                let objective = Paraboloid { lacking: Some(at), ..Paraboloid::default() };
                let outcome = Sweeping { objective, threads, ..Sweeping::default() }.run(place.path(), text);
                let Err(error) = outcome else {
                    assert!(at >= 12, "only {at} evaluations");
                    break;
                };
                assert!(matches!(error, StudyError::Environment(_)), "{error}");
                let told = error.to_string();
                assert!(
                    told.contains("could not run: no room on this machine") && told.contains("continues"),
                    "{told}"
                );
                assert!(records(place.path()).iter().all(|record| record.status != Status::Failed));
                Sweeping { threads, ..Sweeping::default() }.run_to_tables(place.path(), text).unwrap();
                assert!(tables_of(place.path()) == whole, "evaluation {at}, {threads} threads: {text}");
            }
        }
    }
}

#[test]
fn trials_that_run_when_the_machine_lacks_something_are_recorded() {
    let place = tempfile::tempdir().unwrap();
    let objective = Paraboloid { lacking: Some(5), ..Paraboloid::default() };
    let sweeping = Sweeping { objective, ..Sweeping::default() };
    sweeping.run(place.path(), SWEEP).unwrap_err();
    assert_eq!((records(place.path()).len(), sweeping.objective.evaluated.into_inner()), (5, 6));
}

#[test]
fn without_a_limit_there_is_no_deadline() {
    let place = tempfile::tempdir().unwrap();
    let text = FATES.replace("[ok, fail, panic, hang, diverge]", "[ok]");
    assert_eq!(Sweeping::default().run(place.path(), &text).unwrap().new, 2);
    let held: Vec<Status> = records(place.path()).iter().map(|record| record.status).collect();
    assert_eq!(held, [Status::Ok; 2]);
}

#[test]
fn trials_whose_records_cannot_be_kept_are_abandoned() {
    let place = tempfile::tempdir().unwrap();
    let text = FATES.replace("[ok, fail, panic, hang, diverge]", "[ok, hang]");
    // Where the first record is written: behind what makes the directory and opens the journal.
    let counting = Failing::new(u64::MAX, Refuses::Once, 28);
    let one = |disk: &Failing, stop_after| Sweeping {
        disk: Arc::new(disk.clone()),
        threads: 2,
        stop_after,
        sync_interval: Duration::ZERO,
        ..Sweeping::default()
    };
    let short = text.replace(", hang", "");
    one(&counting, Some(0)).run(&place.path().join("counted"), &short).unwrap();
    // A trial that hangs does so until the sweep tells it to end; to wait for it would be to wait for ever.
    let disk = Failing::new(counting.operations() - 6, Refuses::FromThenOn, 28);
    let error = one(&disk, None).run(&place.path().join("r"), &text).unwrap_err().to_string();
    assert!(error.contains("No space left on device"), "{error}");
}
