//! Faults and signals that only a process of its own meets: limits, a directory that vanishes, hangups, a holder of the
//! lock that is killed, trials that take too long.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::sweeps::tables;
use crate::workplace::{SMALL_SWEEP, Said, Workplace, wait_until};

/// A sweep of many trials that take a while.
fn slow(place: &Workplace) {
    place.write(
        "s.yaml",
        SMALL_SWEEP.replace("epochs: 3", "epochs: 100, engine: reference").replace("replicates: 3", "replicates: 100"),
    );
}

/// Waits until a journal has some records.
pub(crate) fn wait_for_records(journal: &Path) {
    wait_until("records", || journal.metadata().map_or(0, |held| held.len()) >= 1000);
}

pub(crate) fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
}

pub(crate) fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().expect("kill").success());
}

/// The command, started by a shell that does something first.
pub(crate) fn after(place: &Workplace, first: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{first}; exec \"$0\" \"$@\"")]).arg(place.command(&[]).get_program()).args(arguments);
    command.current_dir(place.path("")).stdin(Stdio::null());
    command
}

#[test]
fn a_file_that_may_not_grow_stops_the_sweep_and_it_goes_on_later() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let mut stopped_in_the_journal = 0;
    for blocks in 5..12 {
        let out = format!("r{blocks}");
        let arguments = ["sweep", "s.yaml", "--out", out.as_str()];
        let limited = after(&place, &format!("ulimit -f {blocks}"), &arguments).output().expect("sh");
        let said = Said::new(limited, &arguments, 3);
        assert!(said.err.contains("File too large") && said.err.contains(&out), "{blocks}: {}", said.err);
        stopped_in_the_journal += u32::from(said.err.contains("shard-0-of-1.journal"));
        place.run(&["status", &out], 0);
        place.run(&arguments, 0);
        assert!(tables(&place, &out) == tables(&place, "whole"), "{blocks}");
    }
    assert!(stopped_in_the_journal > 0, "the limit never hit a journal");
}

#[test]
fn what_writes_tables_and_scripts_says_that_a_file_may_not_grow() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let before = tables(&place, "r");
    for arguments in [
        &["merge", "r"][..],
        &["report", "r"],
        &["report", "r", "--trial", "0"],
        &["merge", "r", "--out", "elsewhere"],
        &["confirm", "r", "--best", "1", "--replicates", "2"],
        &["slurm", "s.yaml", "--out", "cluster", "--tasks", "2"],
    ] {
        let limited = after(&place, "ulimit -f 1", arguments).output().expect("sh");
        let said = Said::new(limited, arguments, 3);
        assert!(said.err.contains("File too large"), "{arguments:?}: {}", said.err);
    }
    assert!(tables(&place, "r") == before);
    place.run(&["report", "r"], 0);
    let left: Vec<String> = place.files().into_iter().filter(|file| file.contains(".writing")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_directory_that_vanishes_stops_the_sweep() {
    let place = Workplace::new();
    slow(&place);
    let arguments = ["sweep", "s.yaml", "--out", "r", "--set", "execution.sync_seconds=0.05"];
    let child = start(&mut place.command(&arguments));
    wait_for_records(&place.path("r/journal/shard-0-of-1.journal"));
    std::fs::rename(place.path("r"), place.path("moved")).expect("moved");
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 3);
    let moved = place.path("moved").canonicalize().expect("a folder");
    let told = format!("moved while it was written, to {}; all that was recorded is there", moved.display());
    assert!(said.err.contains(&told), "{}", said.err);
    assert!(!place.path("r").exists(), "it was made again");
    place.run(&["status", "moved"], 0);
    // What is gone is gone.
    let child = start(&mut place.command(&arguments));
    wait_for_records(&place.path("r/journal/shard-0-of-1.journal"));
    std::fs::remove_dir_all(place.path("r")).expect("removed");
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 3);
    assert!(said.err.contains("removed or replaced while it was written"), "{}", said.err);
}

#[test]
fn a_directory_that_was_begun_is_gone_on_with_after_the_sweep_file_has_changed() {
    let place = Workplace::new();
    let arguments = ["sweep", "s.yaml", "--out", "r"];
    let begun = |changed: &str| {
        place.write("s.yaml", SMALL_SWEEP);
        drop(std::fs::remove_dir_all(place.path("r")));
        place.run(&arguments, 0);
        // As a kill leaves it between the copy of the sweep file and the plan.
        for file in place.files().iter().filter(|file| file.starts_with("r/") && *file != "r/sweep.yaml") {
            std::fs::remove_file(place.path(file)).expect("removed");
        }
        place.write("s.yaml", changed);
    };
    for changed in [format!("# a comment\n{SMALL_SWEEP}"), SMALL_SWEEP.replace("seed: 7", "seed: 8")] {
        begun(&changed);
        assert!(place.run(&arguments, 0).err.contains("12 new trials"), "{changed}");
        assert_eq!(place.read("r/sweep.yaml"), changed.as_bytes());
    }
    // What somebody else put there is not written over.
    for other in ["r/notes", "r/journal/shard-0-of-1.journal", "r/inputs/x.npy"] {
        begun("# mine\n");
        place.write("s.yaml", SMALL_SWEEP);
        place.write(other, "mine");
        place.refuses(&arguments, "not a results directory of burstnet");
        assert_eq!(place.read(other), b"mine");
    }
    place.write("home/sweep.yaml", "mine");
    place.refuses(&["sweep", "s.yaml", "--out", "home"], "not a results directory of burstnet");
    assert_eq!(place.read("home/sweep.yaml"), b"mine");
}

#[test]
fn who_ran_a_shard_is_no_reason_not_to_merge() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    for shard in ["0/2", "1/2"] {
        place.run(&["sweep", "s.yaml", "--out", "r", "--shard", shard], 0);
    }
    let broken = "r/journal/shard-0-of-2.provenance.json";
    for content in ["{", "", "[1]", "\u{0}\u{0}"] {
        place.write(broken, content);
        let said = place.run(&["merge", "r"], 0);
        assert!(said.err.contains("warning: ") && said.err.contains(broken), "{}", said.err);
        assert!(tables(&place, "r") == tables(&place, "whole"));
        let runs: serde_json::Value = serde_json::from_slice(&place.read("r/provenance.json")).expect("JSON");
        assert_eq!(runs.as_array().map(Vec::len), Some(1), "the other shard's");
        assert_eq!(place.read(broken), content.as_bytes());
    }
    place.write("r/provenance.json", "[");
    assert!(place.run(&["merge", "r"], 0).err.contains("warning: "));
    assert_eq!(place.read("r/provenance.json"), b"[");
}

#[test]
fn a_hangup_counts_as_sigterm_unless_it_is_ignored() {
    let place = Workplace::new();
    slow(&place);
    let arguments = ["sweep", "s.yaml", "--out", "r"];
    // These tests may run under nohup themselves.
    let mut listening = Command::new("env");
    listening.arg("--default-signal=HUP").arg(place.command(&[]).get_program()).args(arguments);
    let child = start(listening.current_dir(place.path("")).stdin(Stdio::null()));
    wait_for_records(&place.path("r/journal/shard-0-of-1.journal"));
    signal(&child, "HUP");
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 143);
    assert!(said.err.contains("interrupted"), "{}", said.err);

    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 300, engine: reference"));
    let arguments = ["sweep", "s.yaml", "--out", "nohup"];
    let child = start(&mut after(&place, "trap '' HUP", &arguments));
    wait_for_records(&place.path("nohup/journal/shard-0-of-1.journal"));
    signal(&child, "HUP");
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 0);
    assert!(said.err.contains("12 new trials"), "{}", said.err);
}

#[test]
fn a_killed_holder_leaves_no_lock() {
    let place = Workplace::new();
    slow(&place);
    let arguments = ["sweep", "s.yaml", "--out", "r"];
    let mut first = start(&mut place.command(&arguments));
    wait_for_records(&place.path("r/journal/shard-0-of-1.journal"));
    let said = place.run(&arguments, 3);
    assert!(said.err.contains("another process is writing it"), "{}", said.err);
    first.kill().expect("SIGKILL");
    first.wait().expect("an end");
    let journal = place.path("r/journal/shard-0-of-1.journal");
    let length = journal.metadata().expect("a journal").len();
    let second = start(&mut place.command(&arguments));
    wait_until("more records", || journal.metadata().map_or(0, |held| held.len()) >= length + 1000);
    signal(&second, "TERM");
    let said = second.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("continuing: ") && !said.contains("another process"), "{said}");
}

#[test]
fn a_trial_that_takes_too_long_is_a_row_and_runs_again_when_asked() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 60, engine: reference"));
    let arguments = ["sweep", "s.yaml", "--out", "r", "--retry-failed"];
    let said = place.run(&[&arguments[..4], &["--set", "execution.max_seconds=0.000001"]].concat(), 1);
    assert!(said.out.contains("12 failed"), "{}", said.out);
    assert!(place.run(&arguments[..4], 1).err.contains("0 new trials"), "failed trials ran again unasked");
    assert!(place.run(&arguments, 0).err.contains("12 new trials"));
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    assert!(tables(&place, "r") == tables(&place, "whole"));
}
