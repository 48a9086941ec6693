//! Searches that go by rounds: the same trials whatever the threads, interruptions, shards and order of completion.

use std::sync::atomic::Ordering;

use burstnet_report::tables;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::study::StudyError;

use crate::sweeping::{Dice, Sweeping, open, plan, tables_of, undisturbed};
use crate::trivial::Paraboloid;

/// A sweep with this search; about half of its configurations diverge if there are `fates`.
fn sweep(search: &str, fates: bool) -> String {
    let fate = if fates { ", point.fate: [ok, diverge]" } else { "" };
    let space = format!("{{point.x: {{uniform: [-4, 4]}}, point.y: {{uniform: [-4, 4]}}{fate}}}");
    format!("name: r\nseed: 7\nreplicates: 3\nbase: {{point: {{curve: 9}}}}\nsearch: {{{search}, space: {space}}}\n")
}

/// One search of every kind that there is.
fn searches() -> Vec<String> {
    let mut all = Vec::new();
    for search in [
        "strategy: tpe, trials: 30, round: 4, startup: 5",
        "strategy: tpe, trials: 20, round: 3, include: [{point.x: 1.0}, {point.y: 2.0}]",
        "strategy: cmaes, trials: 26, round: 6",
        "strategy: tpe, trials: 20, constraints: [point.x + point.y > 0]",
        "strategy: random, trials: 20, stopping: successive_halving",
        "strategy: sobol, trials: 21, stopping: hyperband",
        "strategy: halton, trials: 17, round: 5, stopping: median",
        "strategy: latin_hypercube, trials: 12, stopping: {rule: paired_racing, first: 2}",
    ] {
        all.push(sweep(search, false));
        all.push(sweep(search, true));
    }
    all
}

#[test]
fn any_number_of_threads() {
    for text in searches() {
        let whole = undisturbed(&text);
        for threads in [2, 8] {
            let place = tempfile::tempdir().unwrap();
            Sweeping { threads, ..Sweeping::default() }.run_to_tables(place.path(), &text).unwrap();
            assert!(tables_of(place.path()) == whole, "{threads} threads: {text}");
        }
    }
}

#[test]
fn all_rounds_run_on_the_same_threads() {
    let place = tempfile::tempdir().unwrap();
    let sweeping = Sweeping { threads: 2, ..Sweeping::default() };
    sweeping.run(place.path(), &sweep("strategy: tpe, trials: 30, round: 2, startup: 4", false)).unwrap();
    let threads = sweeping.objective.threads.lock().unwrap();
    assert!((1..=2).contains(&threads.len()), "{threads:?}");
}

#[test]
fn interrupted_at_any_trial() {
    let mut dice = Dice(5);
    for text in searches() {
        let whole = undisturbed(&text);
        let place = tempfile::tempdir().unwrap();
        let mut times = 0;
        loop {
            let stop_after = Some(1 + dice.below(17));
            let sweeping = Sweeping { stop_after, threads: 1 + times % 3, ..Sweeping::default() };
            let tally = sweeping.run(place.path(), &text).unwrap();
            // Tables can be written at any time, and change nothing.
            tables::write(&open(place.path()), &Paraboloid::default()).unwrap();
            times += 1;
            if tally.new == 0 {
                break;
            }
        }
        assert!(times > 2);
        assert!(tables_of(place.path()) == whole, "after {times} interruptions: {text}");
    }
}

#[test]
fn in_shards_round_by_round() {
    for text in searches() {
        let whole = undisturbed(&text);
        let rounds = plan(&text).most_rounds();
        for shards in [1, 3] {
            let place = tempfile::tempdir().unwrap();
            for round in 0..rounds {
                for index in (0..shards).rev() {
                    let shard = Shard::new(index, shards).unwrap();
                    Sweeping { shard, round: Some(round), ..Sweeping::default() }.run(place.path(), &text).unwrap();
                }
            }
            let study = open(place.path());
            assert!(study.ledger(&|_| true).unwrap().course().unwrap().is_finished(), "{rounds} rounds: {text}");
            tables::write(&study, &Paraboloid::default()).unwrap();
            assert!(tables_of(place.path()) == whole, "{shards} shards: {text}");
        }
    }
}

#[test]
fn a_round_needs_the_one_before_it() {
    let text = sweep("strategy: tpe, trials: 12, round: 4", false);
    let place = tempfile::tempdir().unwrap();
    let shard = |index, round| Sweeping { shard: Shard::new(index, 2).unwrap(), round, ..Sweeping::default() };
    shard(0, Some(0)).run(place.path(), &text).unwrap();
    let early = shard(0, Some(1)).run(place.path(), &text).unwrap_err();
    assert!(
        matches!(early, StudyError::RoundIncomplete { round: 1, incomplete: 0, missing: 6, of: 12, .. }),
        "{early}"
    );
    assert!(matches!(shard(0, None).run(place.path(), &text), Err(StudyError::RoundNeeded { .. })));
    shard(1, Some(0)).run(place.path(), &text).unwrap();
    assert_eq!(shard(1, Some(1)).run(place.path(), &text).unwrap().new, 6);
    // What is over has nothing to do.
    assert_eq!(shard(1, Some(0)).run(place.path(), &text).unwrap().new, 0);
    let plain = "search: {space: {point.x: [0.0, 1.0]}}";
    let other = tempfile::tempdir().unwrap();
    assert!(matches!(shard(0, Some(1)).run(other.path(), plain), Err(StudyError::NoRounds { round: 1, .. })));
}

#[test]
fn a_longer_search_begins_with_the_shorter_one() {
    for (shorter, longer) in [
        ("strategy: tpe, trials: 12, round: 4", "strategy: tpe, trials: 20, round: 4"),
        ("strategy: cmaes, trials: 12, round: 6", "strategy: cmaes, trials: 24, round: 6"),
        ("strategy: sobol, trials: 12", "strategy: sobol, trials: 12, stopping: successive_halving"),
        ("strategy: sobol, trials: 12, stopping: successive_halving", "strategy: sobol, trials: 12"),
    ] {
        let (shorter, longer) = (sweep(shorter, false), sweep(longer, false));
        let place = tempfile::tempdir().unwrap();
        let before = Sweeping::default().run(place.path(), &shorter).unwrap().new;
        let extending = Sweeping { extend: true, ..Sweeping::default() };
        extending.run_to_tables(place.path(), &longer).unwrap();
        let fresh = tempfile::tempdir().unwrap();
        let alone = Sweeping::default().run(fresh.path(), &longer).unwrap().new;
        let new = extending.objective.evaluated.load(Ordering::Relaxed);
        assert!(new < alone, "{before} before, {new} of {alone} new: {longer}");
        assert!(tables_of(place.path()) == undisturbed(&longer), "{longer}");
    }
}

/// Trials that failed and run again change what later rounds propose; the tables are those of a search in which they had
/// not failed.
#[test]
fn trials_that_fail_and_run_again() {
    let search = "strategy: tpe, trials: 16, round: 4";
    let text = sweep(search, true).replace("diverge", "fail");
    let never_failed =
        Sweeping { objective: Paraboloid { fails: false, ..Paraboloid::default() }, ..Sweeping::default() };
    let fresh = tempfile::tempdir().unwrap();
    never_failed.run_to_tables(fresh.path(), &text).unwrap();
    let place = tempfile::tempdir().unwrap();
    Sweeping::default().run_to_tables(place.path(), &text).unwrap();
    let failed = tables_of(place.path());
    let retrying = Sweeping {
        objective: Paraboloid { fails: false, ..Paraboloid::default() },
        retry_failed: true,
        ..Sweeping::default()
    };
    assert!(retrying.run_to_tables(place.path(), &text).unwrap().new > 0);
    assert!(tables_of(place.path()) != failed);
    assert!(tables_of(place.path()) == tables_of(fresh.path()));
}

#[test]
fn a_search_that_finds_nothing_new_is_complete() {
    let text =
        "name: r\nseed: 7\nreplicates: 2\nsearch: {strategy: tpe, trials: 20, space: {point.x: [0.0, 1.0, 2.0]}}\n";
    let place = tempfile::tempdir().unwrap();
    Sweeping::default().run_to_tables(place.path(), text).unwrap();
    let study = open(place.path());
    let ledger = study.ledger(&|_| true).unwrap();
    let configurations = ledger.configurations();
    assert_eq!((ledger.entries.len(), configurations.trials(), configurations.configurations()), (6, 6, 3));
}

/// Configurations that are equal run once, whichever shard is first.
#[test]
fn equal_configurations_in_two_shards_are_no_doubles() {
    let text = "name: r\nseed: 7\nbase: {point: {curve: 9}}\nsearch: {strategy: random, trials: 12, \
                stopping: successive_halving, space: {point.x: [0.0, 1.0]}}\n";
    let place = tempfile::tempdir().unwrap();
    let shard = |index| Sweeping { shard: Shard::new(index, 2).unwrap(), round: Some(0), ..Sweeping::default() };
    std::thread::scope(|scope| {
        for index in 0..2 {
            let results = place.path();
            scope.spawn(move || shard(index).run(results, text).unwrap());
        }
    });
    assert_eq!(open(place.path()).ledger(&|_| true).unwrap().doubled, 0);
    Sweeping::default().run_to_tables(place.path(), text).unwrap();
    assert!(tables_of(place.path()) == undisturbed(text));
}

#[test]
fn trials_go_on_where_they_were() {
    let text = sweep("strategy: sobol, trials: 27, stopping: {rule: successive_halving, factor: 3, rungs: 3}", false);
    let place = tempfile::tempdir().unwrap();
    let sweeping = Sweeping { threads: 3, ..Sweeping::default() };
    let tally = sweeping.run(place.path(), &text).unwrap();
    let (evaluated, continued) = (&sweeping.objective.evaluated, &sweeping.objective.continued);
    assert_eq!((tally.new, evaluated.load(Ordering::Relaxed)), (3 * (27 + 9 + 3), 3 * (27 + 9 + 3)));
    assert_eq!(continued.load(Ordering::Relaxed), 3 * (9 + 3));
}
