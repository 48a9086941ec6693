//! Extending a sweep: only what is missing runs, and the tables are those of the larger sweep from scratch.

use std::sync::atomic::Ordering;

use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::study::StudyError;

use crate::sweeping::{SWEEP, Sweeping, tables_of, undisturbed};

fn extending() -> Sweeping<'static> {
    Sweeping { extend: true, ..Sweeping::default() }
}

#[test]
fn replicates_values_strategy_order_and_measures() {
    let base = "seed: 7\nreplicates: 4\nname: e\n";
    let grid = |space: &str| format!("{base}search:\n  space:\n{space}");
    let small = grid("    point.x: [0.0, 1.0]\n    point.y: [0.0, 3.0]\n");
    let random = |trials: u32| {
        format!("{base}search:\n  strategy: random\n  trials: {trials}\n  space: {{point.x: {{uniform: [0, 1]}}}}\n")
    };
    let cases = [
        (small.clone(), small.replace("replicates: 4", "replicates: 8"), 16),
        (small.clone(), small.replace("[0.0, 1.0]", "[0.0, 0.5, 1.0]"), 8),
        (small.clone(), grid("    point.y: [3.0, 0.0]\n    point.x: [1.0, 0.0]\n"), 0),
        (small.clone(), grid("    point.x: [1.0]\n    point.y: [0.0, 9.0]\n"), 4),
        (small.clone(), grid("    point.curve: [1, 2]\n    point.x: [0.0, 1.0]\n"), 8),
        (small.clone(), small.replace("  space:", "  strategy: random\n  trials: 3\n  space:"), 0),
        (random(3), random(5), 8),
        (small.clone(), small.clone(), 0),
    ];
    for (before, after, new) in cases {
        for shards in [1, 3] {
            let place = tempfile::tempdir().unwrap();
            for index in 0..shards {
                let sweeping = Sweeping { shard: Shard::new(index, shards).unwrap(), ..Sweeping::default() };
                sweeping.run(place.path(), &before).unwrap();
            }
            let sweeping = extending();
            let tally = sweeping.run_to_tables(place.path(), &after).unwrap();
            assert_eq!(tally.new, new, "{before}{after}");
            assert_eq!(sweeping.objective.evaluated.load(Ordering::Relaxed), new);
            assert!(tables_of(place.path()) == undisturbed(&after), "{before}{after}");
        }
    }
}

#[test]
fn there_and_back_again() {
    let longer = SWEEP.replace("[0.0, 1.0, 2.0]", "[5.0, 2.0, 1.0]");
    let place = tempfile::tempdir().unwrap();
    let new = [SWEEP, &longer, SWEEP, &longer].map(|text| {
        let tally = extending().run_to_tables(place.path(), text).unwrap();
        assert!(tables_of(place.path()) == undisturbed(text));
        tally.new
    });
    assert_eq!(new, [12, 4, 0, 0]);
}

#[test]
fn what_shares_nothing_or_was_not_asked_for_is_refused() {
    let place = tempfile::tempdir().unwrap();
    Sweeping::default().run(place.path(), SWEEP).unwrap();
    let before = std::fs::read(place.path().join("plan.json")).unwrap();
    let more = SWEEP.replace("replicates: 2", "replicates: 3");
    let refused = Sweeping::default().run(place.path(), &more).unwrap_err();
    assert!(matches!(refused, StudyError::AnotherSweep { .. }) && refused.to_string().contains("replicates: 2, now 3"));
    let refused = extending().run(place.path(), &SWEEP.replace("seed: 7", "seed: 8")).unwrap_err();
    assert!(refused.to_string().contains("seed is 7, now 8"), "{refused}");
    let huge = SWEEP.replace("point.x: [0.0, 1.0, 2.0]", "point.x: {linear: [0, 1], num: 1000000000}");
    let refused = extending().run(place.path(), &huge).unwrap_err();
    assert!(refused.to_string().contains("expected at most 10000000"), "{refused}");
    assert_eq!(std::fs::read(place.path().join("plan.json")).unwrap(), before);
}
