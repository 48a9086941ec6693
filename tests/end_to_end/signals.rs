//! Signals and limits of the system: the sweep ends with a message and a journal that still opens.

use std::process::{Command, Stdio};

use crate::sweeps::tables;
use crate::workplace::{SMALL_SWEEP, Said, Workplace, wait_for_records};

/// The command, started by a shell that first does something to itself.
fn after(place: &Workplace, first: &str, arguments: &[&str]) -> Command {
    let own = place.command(arguments);
    let mut command = Command::new("bash");
    command.args(["-c", &format!("{first}; exec \"$0\" \"$@\"")]).arg(own.get_program()).args(arguments);
    command.current_dir(place.path("")).stdin(Stdio::null());
    command
}

#[test]
fn a_hangup_ends_a_sweep_unless_it_was_started_to_ignore_it() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 1000, engine: reference"));
    let arguments = ["sweep", "s.yaml", "--out", "hung", "--threads", "1"];
    let ignoring = ["sweep", "s.yaml", "--out", "ignored", "--threads", "1"];
    for (first, arguments, journal, code) in [
        ("true", arguments, "hung/journal/shard-0-of-1.journal", 143),
        ("trap '' HUP", ignoring, "ignored/journal/shard-0-of-1.journal", 0),
    ] {
        let mut command = after(&place, first, &arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_records(&place.path(journal));
        assert!(Command::new("kill").args(["-s", "HUP", &child.id().to_string()]).status().unwrap().success());
        Said::new(child.wait_with_output().unwrap(), &arguments, code);
    }
    place.run(&arguments, 0);
    assert!(tables(&place, "hung") == tables(&place, "ignored"));
}

#[test]
fn a_file_that_may_not_grow_stops_the_sweep_with_a_message() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("replicates: 3", "replicates: 20"));
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let arguments = ["sweep", "s.yaml", "--out", "r"];
    let journal = place.read("whole/journal/shard-0-of-1.journal").len() / 1024;
    for kilobytes in [1, 4, journal / 2] {
        let limited = after(&place, &format!("ulimit -f {kilobytes}"), &arguments).output().unwrap();
        let said = Said::new(limited, &arguments, 3);
        assert!(said.err.contains("File too large") && said.err.contains("error: r"), "{}", said.err);
    }
    assert!(place.run(&["status", "r"], 0).out.contains(" of 80 trials done"));
    let said = place.run(&arguments, 0);
    assert!(said.err.contains("continuing: "), "nothing was kept: {}", said.err);
    assert!(tables(&place, "r") == tables(&place, "whole"));
}

#[test]
fn a_directory_that_vanishes_stops_the_sweep() {
    let place = Workplace::new();
    place.write(
        "s.yaml",
        SMALL_SWEEP.replace("epochs: 3", "epochs: 300, engine: reference") + "execution: {sync_seconds: 0}\n",
    );
    let arguments = ["sweep", "s.yaml", "--out", "r", "--threads", "1"];
    let child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_records(&place.path("r/journal/shard-0-of-1.journal"));
    std::fs::rename(place.path("r"), place.path("away")).unwrap();
    let said = Said::new(child.wait_with_output().unwrap(), &arguments, 3);
    assert!(said.err.contains("moved while it was written, to ") && said.err.contains("away"), "{}", said.err);
    assert!(!place.path("r").exists(), "it made the directory again");
    assert!(place.run(&["report", "away"], 0).out.contains(" missing"));
}

#[test]
fn a_trial_that_takes_too_long_is_marked_and_retried_when_asked() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("[0.5, 1.0]", "[0.5]"));
    let slow = [
        "sweep",
        "s.yaml",
        "--out",
        "r",
        "--set",
        "training.engine=reference",
        "--set",
        "training.epochs=2000",
        "--set",
        "execution.max_seconds=0.001",
    ];
    let said = place.run(&slow, 1);
    assert!(said.out.contains("6 failed") && said.err.contains("6 trials failed"), "{}{}", said.out, said.err);
    let patient =
        ["sweep", "s.yaml", "--out", "r", "--set", "training.engine=reference", "--set", "training.epochs=2000"];
    let said = place.run(&patient, 1);
    assert!(said.err.contains("0 new trials"), "{}", said.err);
    place.run(&[&patient[..], &["--retry-failed"]].concat(), 0);
    place.run(
        &["sweep", "s.yaml", "--out", "whole", "--set", "training.engine=reference", "--set", "training.epochs=2000"],
        0,
    );
    assert!(tables(&place, "r") == tables(&place, "whole"));
}
