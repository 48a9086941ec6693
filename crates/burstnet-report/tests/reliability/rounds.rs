//! Searches that adapt, by rounds or with a lag: the same trials whatever the threads, interruptions, shards and order of
//! completion.

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
    let earlier = concat!("'", env!("CARGO_MANIFEST_DIR"), "/tests/reliability/earlier.csv'");
    let search = search.replace("EARLIER", earlier);
    format!("name: r\nseed: 7\nreplicates: 3\nbase: {{point: {{curve: 9}}}}\nsearch: {{{search}, space: {space}}}\n")
}

/// One search by rounds of every kind that there is, and one with a lag.
fn searches() -> Vec<String> {
    let mut all = by_rounds();
    for search in [
        "strategy: tpe, trials: 30, startup: 5",
        "strategy: tpe, trials: 26, lag: 1, startup: 5",
        "strategy: tpe, trials: 20, lag: 3, include: [{point.x: 1.0}, {point.y: 2.0}]",
        "strategy: cmaes, trials: 26, lag: 6, include: [{point.x: 1.0}, {point.y: 2.0}]",
        "strategy: tpe, trials: 20, lag: 7, constraints: [point.x + point.y > 0]",
        "strategy: random, trials: 20, lag: 4, stopping: successive_halving",
        "strategy: sobol, trials: 40, lag: 5, stopping: hyperband",
        "strategy: halton, trials: 17, lag: 5, stopping: median",
        "strategy: latin_hypercube, trials: 12, lag: 4, stopping: {rule: paired_racing, first: 2}",
        "strategy: tpe, trials: 26, lag: 4, startup: 5, stopping: successive_halving",
        "strategy: gp, trials: 20, lag: 3, startup: 5, stopping: hyperband",
        "strategy: tpe, trials: 16, lag: 5, startup: 4, include: [{point.x: 1.0}, {point.y: 2.0}], stopping: median",
        "strategy: tpe, trials: 12, lag: 3, startup: 4, stopping: {rule: paired_racing, first: 2}",
        "strategy: tpe, trials: 20, lag: 3, startup: 5, subject_to: [height > 4]",
        "strategy: gp, trials: 16, lag: 3, startup: 5, subject_to: [height > 4, height < 9]",
        "strategy: cmaes, trials: 20, lag: 3, subject_to: height >= 1e9",
        "strategy: gp, trials: 16, lag: 3, startup: 5, subject_to: [height > 4], stopping: hyperband",
        "strategy: random, trials: 20, lag: 4, subject_to: [height > 4], stopping: successive_halving",
        "strategy: tpe, trials: 16, lag: 3, startup: 15, learn_from: EARLIER, constraints: [point.x + point.y > -6]",
        "strategy: gp, trials: 12, lag: 3, startup: 3, learn_from: EARLIER, subject_to: [height > 4]",
        "strategy: auto, trials: 14, lag: 2, learn_from: [EARLIER], include: [{point.x: 1.0}]",
    ] {
        all.push(sweep(search, false));
        all.push(sweep(search, true));
    }
    for search in [
        "strategy: gp, trials: 14, lag: 3, startup: 5",
        "strategy: gp, trials: 14, lag: 3, startup: 5, learn_from: EARLIER",
        "strategy: gp, trials: 16, lag: 3, startup: 5, stopping: hyperband",
    ] {
        let objectives = "objective: [{measure: test_mae}, {measure: height, direction: maximize}]\n";
        all.extend([false, true].map(|fates| sweep(search, fates) + objectives));
    }
    all
}

fn by_rounds() -> Vec<String> {
    let mut all = Vec::new();
    for search in [
        "strategy: tpe, trials: 30, round: 4, startup: 5",
        "strategy: tpe, trials: 20, round: 3, include: [{point.x: 1.0}, {point.y: 2.0}]",
        "strategy: cmaes, trials: 26, round: 6",
        "strategy: tpe, trials: 20, round: 8, constraints: [point.x + point.y > 0]",
        "strategy: random, trials: 20, stopping: successive_halving",
        "strategy: sobol, trials: 21, stopping: hyperband",
        "strategy: halton, trials: 17, round: 5, stopping: median",
        "strategy: latin_hypercube, trials: 12, stopping: {rule: paired_racing, first: 2}",
        "strategy: sobol, trials: 20, subject_to: [height > 4], stopping: one_look",
        "strategy: tpe, trials: 16, round: 4, startup: 4, learn_from: EARLIER",
    ] {
        all.push(sweep(search, false));
        all.push(sweep(search, true));
    }
    for search in [
        "strategy: sobol, trials: 20",
        "strategy: random, trials: 6, include: [{point.x: 1.0}]",
        "strategy: random, trials: 15, subject_to: [height > 4]",
    ] {
        all.extend([false, true].map(|fates| adaptive(&sweep(search, fates), 9)));
    }
    all
}

/// The same sweep with adaptive replicates.
fn adaptive(text: &str, to: u64) -> String {
    text.replace("replicates: 3", &format!("replicates: {{from: 2, to: {to}, until: best}}"))
}

#[test]
fn any_number_of_threads() {
    for text in searches() {
        let whole = undisturbed(&text);
        for threads in [2, 7] {
            let place = tempfile::tempdir().unwrap();
            Sweeping { threads, ..Sweeping::default() }.run_to_tables(place.path(), &text).unwrap();
            assert!(tables_of(place.path()) == whole, "{threads} threads: {text}");
        }
    }
}

/// Records hold what was proposed: whoever reads a finished search, or has nothing left to run, asks no sampler.
#[test]
fn readers_of_finished_searches_propose_nothing() {
    for text in searches() {
        let place = tempfile::tempdir().unwrap();
        Sweeping { threads: 2, ..Sweeping::default() }.run_to_tables(place.path(), &text).unwrap();
        let ledger = open(place.path()).ledger(&|_| true).unwrap();
        let course = ledger.course().unwrap();
        assert!(course.is_finished());
        assert_eq!(course.asked(), 0, "{text}");
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
    for text in by_rounds() {
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

/// All shards at once: each waits for results of the others.
#[test]
fn in_shards_without_rounds() {
    for text in searches().into_iter().filter(|text| !by_rounds().contains(text)) {
        let whole = undisturbed(&text);
        let place = tempfile::tempdir().unwrap();
        let shard = |index| Sweeping { shard: Shard::new(index, 3).unwrap(), threads: 2, ..Sweeping::default() };
        std::thread::scope(|scope| {
            let (text, results, shard) = (&text, place.path(), &shard);
            let run = |index| move || shard(index).run(results, text).unwrap();
            let running: Vec<_> = (0..3).map(|index| scope.spawn(run(index))).collect();
            assert!(running.into_iter().all(|one| one.join().unwrap().new > 0), "{text}");
        });
        let study = open(place.path());
        let ledger = study.ledger(&|_| true).unwrap();
        assert!(ledger.course().unwrap().is_finished() && ledger.doubled == 0, "{text}");
        tables::write(&study, &Paraboloid::default()).unwrap();
        assert!(tables_of(place.path()) == whole, "{text}");
    }
}

#[test]
fn a_shard_that_waits_in_vain_says_for_what() {
    let text = sweep("strategy: tpe, trials: 12, lag: 4", false);
    let place = tempfile::tempdir().unwrap();
    let alone = Sweeping {
        shard: Shard::new(0, 2).unwrap(),
        wait: std::time::Duration::from_millis(300),
        ..Sweeping::default()
    };
    let error = alone.run(place.path(), &text).unwrap_err();
    assert!(matches!(error, StudyError::WaitedInVain { trial_id: 1, shard: 1, count: 2, .. }), "{error}");
    assert!(matches!(alone.run(place.path(), &text), Err(StudyError::WaitedInVain { .. })));
    let study = open(place.path());
    assert_eq!(
        study.ledger(&|_| true).unwrap().entries.len(),
        6,
        "three replicates of four configurations, shared by two"
    );
    Sweeping::default().run_to_tables(place.path(), &text).unwrap();
    assert!(tables_of(place.path()) == undisturbed(&text));
}

/// The usual pace was once a round.
#[test]
fn a_directory_begun_in_rounds_goes_on_in_rounds() {
    let (rounds, unsaid) = ("strategy: tpe, trials: 12, round: 8", "strategy: tpe, trials: 12");
    let place = tempfile::tempdir().unwrap();
    let some = Sweeping { stop_after: Some(7), ..Sweeping::default() };
    some.run(place.path(), &sweep(rounds, false)).unwrap();
    Sweeping::default().run_to_tables(place.path(), &sweep(unsaid, false)).unwrap();
    assert!(tables_of(place.path()) == undisturbed(&sweep(rounds, false)));
    let said = Sweeping::default().run(place.path(), &sweep("strategy: tpe, trials: 12, lag: 16", false));
    assert!(matches!(said, Err(StudyError::AnotherSweep { .. })));
    let extending = Sweeping { extend: true, ..Sweeping::default() };
    extending.run_to_tables(place.path(), &sweep("strategy: tpe, trials: 20", false)).unwrap();
    assert!(tables_of(place.path()) == undisturbed(&sweep("strategy: tpe, trials: 20, round: 8", false)));
    assert!(matches!(
        Sweeping { round: Some(1), ..Sweeping::default() }
            .run(tempfile::tempdir().unwrap().path(), &sweep(unsaid, false)),
        Err(StudyError::LagNoRounds { round: 1, .. })
    ));
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
        ("strategy: tpe, trials: 12, lag: 4", "strategy: tpe, trials: 20, lag: 4"),
        ("strategy: tpe, trials: 12, round: 4", "strategy: tpe, trials: 20, lag: 6"),
        ("strategy: cmaes, trials: 12, lag: 6", "strategy: cmaes, trials: 24, lag: 6"),
        (
            "strategy: gp, trials: 12, lag: 3, startup: 4, subject_to: [height > 4]",
            "strategy: gp, trials: 18, lag: 3, startup: 4, subject_to: [height > 4]",
        ),
        (
            "strategy: gp, trials: 9, lag: 3, startup: 4, learn_from: EARLIER",
            "strategy: gp, trials: 14, lag: 3, startup: 4, learn_from: EARLIER",
        ),
        (
            "strategy: tpe, trials: 10, lag: 3, learn_from: EARLIER",
            "strategy: tpe, trials: 20, lag: 3, learn_from: EARLIER",
        ),
        ("strategy: sobol, trials: 12", "strategy: sobol, trials: 12, stopping: successive_halving"),
        ("strategy: sobol, trials: 12, stopping: successive_halving", "strategy: sobol, trials: 12"),
        (
            "strategy: sobol, trials: 12, lag: 3, stopping: successive_halving",
            "strategy: sobol, trials: 30, lag: 3, stopping: successive_halving",
        ),
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

/// All trials that another number of replicates asks for too are used.
#[test]
fn adaptive_replicates_are_extended() {
    let text = |replicates: &str, trials: u64| {
        sweep(&format!("strategy: sobol, trials: {trials}"), true).replace("replicates: 3", replicates)
    };
    let (few, many) = ("replicates: {from: 2, to: 7}", "replicates: {from: 3, to: 16}");
    for (before, after) in [
        (text(few, 20), text(many, 20)),
        (text(few, 20), text(few, 30)),
        (text(many, 20), text("replicates: 4", 20)),
        (text("replicates: 2", 20), text(few, 20)),
    ] {
        let place = tempfile::tempdir().unwrap();
        Sweeping::default().run(place.path(), &before).unwrap();
        let extending = Sweeping { extend: true, threads: 2, ..Sweeping::default() };
        extending.run_to_tables(place.path(), &after).unwrap();
        let fresh = tempfile::tempdir().unwrap();
        let alone = Sweeping::default().run(fresh.path(), &after).unwrap().new;
        let new = extending.objective.evaluated.load(Ordering::Relaxed);
        assert!(new < alone, "{new} of {alone} new: {after}");
        assert!(tables_of(place.path()) == undisturbed(&after), "{after}");
    }
}

/// As many trials run as the plan says, and no configuration is stopped.
#[test]
fn adaptive_replicates_run_as_many_trials_as_planned() {
    for (trials, fates) in [(2, false), (20, false), (40, true)] {
        let text = adaptive(&sweep(&format!("strategy: sobol, trials: {trials}"), fates), 9);
        let place = tempfile::tempdir().unwrap();
        let planned = plan(&text);
        let tally = Sweeping { threads: 2, ..Sweeping::default() }.run(place.path(), &text).unwrap();
        assert_eq!((tally.new, tally.total), (planned.most_runs(), planned.most_runs()), "{text}");
        assert!(2 * tally.new <= trials * 9 && tally.new >= trials * 2, "{text}");
        let ledger = open(place.path()).ledger(&|_| true).unwrap();
        assert_eq!(ledger.entries.len() as u64, ledger.configurations().trials());
        assert_eq!(ledger.course().unwrap().all_stopped().count(), 0);
    }
}

/// Trials that failed and run again change what later rounds propose; the tables are those of a search in which they had
/// not failed.
#[test]
fn trials_that_fail_and_run_again() {
    for search in [
        "strategy: tpe, trials: 16, round: 4",
        "strategy: tpe, trials: 16, lag: 3",
        "strategy: gp, trials: 16, lag: 3, startup: 4, subject_to: [height > 4]",
        "strategy: gp, trials: 14, lag: 3, startup: 4, learn_from: EARLIER, include: [{point.fate: diverge}]",
        "strategy: tpe, trials: 16, lag: 3, startup: 4, learn_from: EARLIER, include: [{point.fate: diverge}]",
    ] {
        retried(&sweep(search, true).replace("diverge", "fail"));
    }
    retried(&adaptive(&sweep("strategy: sobol, trials: 16", true).replace("diverge", "fail"), 9));
}

fn retried(text: &str) {
    let never_failed =
        Sweeping { objective: Paraboloid { fails: false, ..Paraboloid::default() }, ..Sweeping::default() };
    let fresh = tempfile::tempdir().unwrap();
    never_failed.run_to_tables(fresh.path(), text).unwrap();
    let place = tempfile::tempdir().unwrap();
    Sweeping::default().run_to_tables(place.path(), text).unwrap();
    let failed = tables_of(place.path());
    let retrying = Sweeping {
        objective: Paraboloid { fails: false, ..Paraboloid::default() },
        retry_failed: true,
        ..Sweeping::default()
    };
    assert!(retrying.run_to_tables(place.path(), text).unwrap().new > 0);
    assert!(tables_of(place.path()) != failed);
    assert!(tables_of(place.path()) == tables_of(fresh.path()));
}

#[test]
fn a_search_that_finds_nothing_new_is_complete() {
    let text =
        "name: r\nseed: 7\nreplicates: 2\nsearch: {strategy: tpe, trials: 20, space: {point.x: [0.0, 1.0, 2.0]}}\n";
    finds_three(text);
    finds_three(&text.replace("trials: 20", "trials: 20, round: 4"));
}

fn finds_three(text: &str) {
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
