//! `rerun --set`: a recorded trial with other values.

use crate::workplace::Workplace;

const SWEEP: &str = "name: s\nseed: 3\nreplicates: 2\nbase:\n  network: {layers: [12, 8, 3]}\n  signals: {length: 60}\n  \
                     training: {epochs: 3}\n  teaching: {mask: mask.npy}\nsearch:\n  space: {learning_rate.hidden: [0.5, 1.0]}\n";

/// A folder with the results of a sweep in `r`, without what it was made from.
fn swept() -> Workplace {
    let place = Workplace::new();
    place.write("mask.npy", crate::workplace::npy("'|b1'", "(3, 60)", &[1, 0, 0, 1, 0, 0].repeat(30)));
    place.write("s.yaml", SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    std::fs::remove_file(place.path("mask.npy")).unwrap();
    std::fs::remove_file(place.path("s.yaml")).unwrap();
    place
}

#[test]
fn another_value_gives_the_trial_that_has_it() {
    let place = swept();
    // Trials 1 and 3 are replicate 1 of both values.
    let other = place.run(&["rerun", "r", "--trial", "3", "--json"], 0).json();
    let said = place.run(&["rerun", "r", "--trial", "1", "--set", "learning_rate.hidden=1.0", "--json"], 0).json();
    assert_eq!(said["set"]["learning_rate.hidden"], 1.0);
    assert_eq!(said["changed"]["digest"], other["digest"]);
    assert_eq!(said["changed"]["measures"]["test_mae"], other["test_mae"]);
    assert_ne!(said["recorded"]["digest"], other["digest"]);
    let text =
        place.run(&["rerun", "r", "--config", "0", "--replicate", "1", "--set", "learning_rate.hidden=1.0"], 0).out;
    assert!(text.contains("with learning_rate.hidden = 1.0 in place of 0.5"), "{text}");
    assert!(text.contains("recorded") && text.contains("difference"), "{text}");
    assert!(text.contains(other["digest"].as_str().unwrap()), "{text}");
}

#[test]
fn the_other_engine_and_the_recorded_value() {
    let place = swept();
    let said = place.run(&["rerun", "r", "--trial", "0", "--engine", "reference", "--json"], 0).json();
    assert_eq!(said["set"]["training.engine"], "reference");
    assert_ne!(said["changed"]["digest"], said["recorded"]["digest"]);
    // The value that it has: the trial itself.
    let same = place.run(&["rerun", "r", "--trial", "0", "--set", "learning_rate.hidden=0.5", "--json"], 0).json();
    assert_eq!(same["same"], true);
}

#[test]
fn what_cannot_be_set_is_refused() {
    let place = swept();
    for (set, why) in [
        ("learning_rate.hiden=1", "learning_rate.hidden"),
        ("seed=5", "a rerun keeps the seed of its trial"),
        ("learning_rate.hidden=many", "--set learning_rate.hidden=many:"),
        ("replicates=4", "replicates"),
        ("teaching.mask=nowhere.npy", "nowhere.npy"),
    ] {
        let said = place.refuses(&["rerun", "r", "--trial", "0", "--set", set], why);
        assert!(said.out.is_empty());
    }
    // A change that makes the run diverge is no failure of the command.
    let said = place.run(&["rerun", "r", "--trial", "0", "--set", "learning_rate.output=1e300"], 0);
    assert!(said.out.contains("changed: diverged"), "{}", said.out);
}
