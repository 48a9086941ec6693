//! What is none of a trial's own: a file that cannot be read, a program or a thread that cannot be started, memory that
//! is not available. It ends the sweep with exit code 3, leaves no record, and the same command goes on.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::faults::{after, signal, start, wait_for_records};
use crate::sweeps::tables;
use crate::workplace::{SMALL_SWEEP, Said, Workplace, npy};

const EINTR: i32 = 4;
const EIO: i32 = 5;
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

/// The library that fails calls, made once by the C compiler that burstnet is built with.
fn failing_calls() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("failing_calls.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/end_to_end/failing_calls.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).args([source, "-ldl"]);
        assert!(compiler.status().expect("cc").success());
        (folder, library)
    });
    library
}

/// Which calls fail, from the call number `at` on.
#[derive(Clone, Copy)]
struct Fails {
    call: &'static str,
    at: u32,
    times: u32,
    errno: i32,
}

impl Fails {
    fn command(self, place: &Workplace, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        command.env("LD_PRELOAD", failing_calls()).env("FAIL_CALL", self.call).env("FAIL_PATH", "/inputs/");
        command.env("FAIL_AT", self.at.to_string()).env("FAIL_TIMES", self.times.to_string());
        command.env("FAIL_ERRNO", self.errno.to_string());
        command
    }
}

/// A sweep of 12 trials with a mask.
fn with_mask(place: &Workplace) {
    let mask: Vec<u8> = (0..300).map(|step| u8::from(step % 3 == 0)).collect();
    place.write("mask.npy", npy("'|b1'", "(3, 100)", &mask));
    place.write("s.yaml", SMALL_SWEEP.replace("base:\n", "base:\n  teaching: {mask: mask.npy}\n"));
}

/// How many trials of a results directory have records, and how many of these failed.
fn done_and_failed(place: &Workplace, results: &str) -> (u64, u64) {
    let status = place.run(&["status", results, "--json"], 0).json();
    let shards = status["shards"].as_array().cloned().unwrap_or_default(); // none where nothing has run
    (status["done"].as_u64().expect("a number"), shards.iter().filter_map(|shard| shard["failed"].as_u64()).sum())
}

#[test]
fn an_input_copy_that_cannot_be_read_once_ends_the_sweep_and_nothing_of_it_is_kept() {
    let place = Workplace::new();
    with_mask(&place);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    for call in ["open", "read"] {
        let mut at = 0;
        loop {
            let out = format!("{call}-{at}");
            let arguments = ["sweep", "s.yaml", "--out", out.as_str(), "--threads", "2"];
            let said =
                Fails { call, at, times: 1, errno: EIO }.command(&place, &arguments).output().expect("it starts");
            if said.status.success() {
                break; // there were no more calls
            }
            let said = Said::new(said, &arguments, 3);
            assert!(said.err.contains("Input/output error") && said.err.contains("/inputs/"), "{out}: {}", said.err);
            if place.path(&format!("{out}/plan.json")).exists() {
                assert_eq!(done_and_failed(&place, &out).1, 0, "{out}");
            }
            place.run(&arguments, 0);
            assert!(tables(&place, &out) == tables(&place, "whole"), "{out}");
            at += 1;
        }
        assert!(at >= 4, "only {at} calls of {call}");
        // What a signal interrupts is tried again, wherever it is.
        let out = format!("{call}-interrupted");
        let arguments = ["sweep", "s.yaml", "--out", out.as_str(), "--threads", "2"];
        for first in 0..at {
            drop(std::fs::remove_dir_all(place.path(&out)));
            let fails = Fails { call, at: first, times: 2, errno: EINTR };
            Said::new(fails.command(&place, &arguments).output().expect("it starts"), &arguments, 0);
            assert!(tables(&place, &out) == tables(&place, "whole"), "{call} {first}");
        }
    }
}

#[test]
fn a_rerun_and_a_search_say_so_too() {
    let place = Workplace::new();
    with_mask(&place);
    let search =
        "search:\n  strategy: tpe\n  trials: 6\n  round: 2\n  space:\n    feedback.density: {uniform: [0.1, 1]}\n";
    let text = String::from_utf8(place.read("s.yaml")).expect("a text");
    place.write("s.yaml", text.split("search:").next().expect("a start").to_owned() + search);
    let arguments = ["sweep", "s.yaml", "--out", "r", "--threads", "1"];
    place.run(&[&arguments[..3], &["whole"]].concat(), 0);
    // The last calls are those of the trials.
    let calls = (0..).find(|at| {
        drop(std::fs::remove_dir_all(place.path("r")));
        let fails = Fails { call: "open", at: *at, times: 1, errno: EMFILE };
        fails.command(&place, &arguments).output().expect("it starts").status.success()
    });
    let last = calls.expect("an end") - 1;
    std::fs::remove_dir_all(place.path("r")).expect("removed");
    let fails = Fails { call: "open", at: last, times: 1, errno: EMFILE };
    let said = Said::new(fails.command(&place, &arguments).output().expect("it starts"), &arguments, 3);
    assert!(
        said.err.contains("trial 0 could not run: teaching.mask: ") && said.err.contains("the same command continues"),
        "{}",
        said.err
    );
    assert_eq!(done_and_failed(&place, "r"), (0, 0));
    place.run(&arguments, 0);
    assert!(tables(&place, "r") == tables(&place, "whole"));
    let arguments = ["rerun", "r", "--trial", "0"];
    let fails = |at| Fails { call: "open", at, times: 1, errno: EIO }.command(&place, &arguments).output();
    // Some calls only look how long the run will be.
    let codes: Vec<Option<i32>> = (0..8).map(|at| fails(at).expect("it starts").status.code()).collect();
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 3))), "{codes:?}");
    assert!(codes.iter().filter(|code| **code == Some(3)).count() >= 2 && codes[7] == Some(0), "{codes:?}");
}

#[test]
fn an_input_copy_that_changes_or_goes_ends_the_sweep() {
    for gone in [false, true] {
        let place = Workplace::new();
        let mask = |taught: u8| npy("'|b1'", "(200, 100)", &vec![taught; 20_000]);
        place.write("mask.npy", mask(1));
        let text = SMALL_SWEEP.replace("base:\n", "base:\n  teaching: {mask: mask.npy}\n");
        place.write("s.yaml", text.replace("epochs: 3", "epochs: 200, engine: reference").replace("s: 3", "s: 100"));
        let arguments = ["sweep", "s.yaml", "--out", "r"];
        let child = start(&mut place.command(&arguments));
        wait_for_records(&place.path("r/journal/shard-0-of-1.journal"));
        let copy = place.files().into_iter().find(|file| file.starts_with("r/inputs/")).expect("a copy");
        if gone {
            std::fs::remove_file(place.path(&copy)).expect("removed");
        } else {
            place.write(&copy, mask(0));
        }
        let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 3);
        let why = if gone { "No such file" } else { "not the file that the sweep was planned with" };
        assert!(said.err.contains(&copy) && said.err.contains(why), "{}", said.err);
        let (done, failed) = done_and_failed(&place, "r");
        assert!(done > 0 && failed == 0, "{done} {failed}");
    }
}

/// A sweep of 12 trials of a program.
fn of_program(place: &Workplace, script: &str) {
    place.write("model.sh", script);
    let text = "name: p\nseed: 7\nreplicates: 3\nmodel: {command: [sh, model.sh], measures: [value]}\nbase: {x: 0}\n\
                search: {space: {x: [1, 2, 3, 4]}}\n";
    place.write("s.yaml", text);
}

const GOOD: &str = "read line; echo '{\"measures\": {\"value\": 1}}'\n";
const SWEEP: [&str; 5] = ["sweep", "s.yaml", "--out", "r", "--allow-command"];

#[test]
fn a_program_that_cannot_be_started_is_waited_for_and_then_ends_the_sweep() {
    let place = Workplace::new();
    of_program(&place, GOOD);
    place.run(&["sweep", "s.yaml", "--out", "whole", "--allow-command"], 0);
    for errno in [EAGAIN, ENOMEM, ENFILE, EMFILE] {
        drop(std::fs::remove_dir_all(place.path("r")));
        let fails = Fails { call: "spawn", at: 2, times: 5, errno };
        Said::new(fails.command(&place, &SWEEP).output().expect("it starts"), &SWEEP, 0);
        assert!(tables(&place, "r") == tables(&place, "whole"), "{errno}");
    }
    std::fs::remove_dir_all(place.path("r")).expect("removed");
    let arguments = [&SWEEP[..], &["--threads", "3"]].concat();
    let fails = Fails { call: "spawn", at: 4, times: u32::MAX, errno: EAGAIN };
    let said = Said::new(fails.command(&place, &arguments).output().expect("it starts"), &arguments, 3);
    assert!(said.err.contains("cannot be started: Resource temporarily unavailable"), "{}", said.err);
    assert_eq!(done_and_failed(&place, "r"), (4, 0));
    assert!(place.run(&SWEEP, 0).err.contains("continuing: 4 trials of 12"));
    assert!(tables(&place, "r") == tables(&place, "whole"));
}

#[test]
fn few_open_files_are_fewer_programs_at_once() {
    let place = Workplace::new();
    of_program(&place, &format!("sleep 0.1; {GOOD}"));
    place.run(&["sweep", "s.yaml", "--out", "whole", "--allow-command"], 0);
    let arguments = [&SWEEP[..], &["--threads", "12"]].concat();
    let limited = after(&place, "ulimit -n 32", &arguments).output().expect("sh");
    Said::new(limited, &arguments, 0);
    assert!(tables(&place, "r") == tables(&place, "whole"));
}

#[test]
fn a_program_that_is_killed_has_failed_and_one_that_changed_ends_the_sweep() {
    let place = Workplace::new();
    of_program(&place, "kill -9 $$\n");
    place.run(&SWEEP, 1);
    assert_eq!(done_and_failed(&place, "r"), (12, 12));
    of_program(&place, &format!("sleep 0.2; {GOOD}"));
    let arguments = ["sweep", "s.yaml", "--out", "changed", "--allow-command", "--threads", "1"];
    let child = start(&mut place.command(&arguments));
    wait_for_records(&place.path("changed/journal/shard-0-of-1.journal"));
    of_program(&place, GOOD);
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 3);
    assert!(said.err.contains("model.sh: not the file that the sweep was planned with"), "{}", said.err);
    let (done, failed) = done_and_failed(&place, "changed");
    assert!((1..12).contains(&done) && failed == 0, "{done} {failed}");
}

#[test]
fn threads_that_cannot_be_started_are_fewer_or_a_message() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let mut fewer = 0;
    for (at, times) in (0..10).flat_map(|at| [(at, 1), (at, u32::MAX)]) {
        let out = format!("r{at}-{times}");
        let arguments = ["sweep", "s.yaml", "--out", out.as_str(), "--threads", "6"];
        let fails = Fails { call: "thread", at, times, errno: EAGAIN };
        let said = fails.command(&place, &arguments).output().expect("it starts");
        let code = said.status.code().unwrap_or(-1);
        let said = Said::new(said, &arguments, if code == 0 { 0 } else { 3 });
        assert!(!said.err.contains("panicked") && !said.err.contains("backtrace"), "{}", said.err);
        match code {
            0 => {
                fewer += u32::from(said.err.contains(" started: Resource temporarily unavailable"));
                assert!(tables(&place, &out) == tables(&place, "whole"), "{at}");
            }
            _ => assert!(said.err.contains("Resource temporarily unavailable"), "{}", said.err),
        }
    }
    assert!(fewer > 0, "there were never fewer threads");
}

#[test]
fn little_address_space_is_fewer_threads_or_a_message() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let mut fewer = 0;
    for megabytes in (100..400).step_by(50).chain([600, 1000, 2000]) {
        let out = format!("r{megabytes}");
        let arguments = ["sweep", "s.yaml", "--out", out.as_str(), "--threads", "500"];
        let mut command = after(&place, &format!("ulimit -v {}", megabytes * 1000), &arguments);
        let said = command.env("RUST_BACKTRACE", "1").output().expect("sh");
        let code = said.status.code().unwrap_or(-1);
        let said = Said::new(said, &arguments, if code == 0 { 0 } else { 3 });
        assert!(!said.err.contains("panicked") && !said.err.contains("backtrace"), "{megabytes}: {}", said.err);
        if code == 0 {
            fewer += u32::from(said.err.contains("started: the address space is limited"));
            assert!(tables(&place, &out) == tables(&place, "whole"), "{megabytes}");
        } else {
            assert!(said.err.contains("memory") || said.err.contains("start"), "{megabytes}: {}", said.err);
        }
    }
    assert!(fewer > 2, "there were seldom fewer threads: {fewer}");
}

#[test]
fn memory_that_cannot_be_had_is_a_message() {
    let place = Workplace::new();
    // The signals alone take more than there is, once they are made.
    let text = SMALL_SWEEP.replace("[12, 8, 3]", "[400, 8, 3]").replace("length: 100", "length: 100000");
    place.write("s.yaml", text);
    let arguments = ["sweep", "s.yaml", "--out", "r", "--threads", "1"];
    let mut command = after(&place, "ulimit -v 450000", &arguments);
    let said = Said::new(command.env("RUST_BACKTRACE", "1").output().expect("sh"), &arguments, 3);
    assert!(said.err.contains("memory"), "{}", said.err);
    assert!(!said.err.contains("backtrace") && !said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn whoever_waits_for_a_directory_says_so_and_a_signal_ends_it() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    std::fs::create_dir(place.path("r")).expect("a folder");
    let hold = "import fcntl, os, time; fcntl.flock(os.open('r', os.O_RDONLY), fcntl.LOCK_EX)\n\
                print('held', flush=True); time.sleep(60)";
    let mut holder = start(Command::new("python3").args(["-c", hold]).current_dir(place.path("")));
    let mut held = [0; 5];
    holder.stdout.as_mut().expect("a pipe").read_exact(&mut held).expect("it holds the lock");
    let arguments = ["sweep", "s.yaml", "--out", "r"];
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let child = start(&mut place.command(&arguments));
        std::thread::sleep(Duration::from_millis(1500));
        signal(&child, name);
        let said = Said::new(child.wait_with_output().expect("an end"), &arguments, code);
        let who = format!("waiting for process {} (python3) to finish with r", holder.id());
        assert!(said.err.starts_with(&who), "{}", said.err);
        assert!(said.err.contains("interrupted: waiting for process"), "{}", said.err);
    }
    let child = start(&mut place.command(&arguments));
    std::thread::sleep(Duration::from_millis(1500));
    holder.kill().expect("SIGKILL");
    holder.wait().expect("an end");
    let said = Said::new(child.wait_with_output().expect("an end"), &arguments, 0);
    assert!(said.err.contains("waiting for process"), "{}", said.err);
}

#[test]
fn a_long_file_of_a_command_is_read_with_a_word_and_a_signal_ends_it() {
    let place = Workplace::new();
    of_program(&place, GOOD);
    let text = String::from_utf8(place.read("s.yaml")).expect("a text");
    place.write("s.yaml", text.replace("[sh, model.sh]", "[sh, model.sh, big.bin]"));
    // A hole, which takes no room.
    std::fs::File::create(place.path("big.bin")).and_then(|file| file.set_len(1 << 36)).expect("a file");
    let child = start(&mut place.command(&SWEEP));
    std::thread::sleep(Duration::from_millis(2500));
    signal(&child, "INT");
    let said = Said::new(child.wait_with_output().expect("an end"), &SWEEP, 130);
    assert!(said.err.starts_with("reading ./big.bin: ") && said.err.contains(" of 69 GB"), "{}", said.err);
    assert!(said.err.contains("interrupted: reading ./big.bin") && !place.path("r").exists(), "{}", said.err);
}

#[test]
fn a_clock_before_1970_changes_no_result() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    let early = Fails { call: "clock", at: 0, times: 0, errno: 0 };
    for arguments in
        [&["sweep", "s.yaml", "--out", "r"][..], &["status", "r"], &["report", "r"], &["rerun", "r", "--trial", "3"]]
    {
        let said = early.command(&place, arguments).output().expect("it starts");
        Said::new(said, arguments, 0);
    }
    assert!(tables(&place, "r") == tables(&place, "whole"));
    let runs = String::from_utf8(place.read("r/provenance.json")).expect("a text");
    assert!(runs.contains("1938-04-24T22:13:2"), "{runs}");
}
