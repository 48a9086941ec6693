//! Workers: programs that stay and serve trial after trial.

use std::process::{Command, Stdio};

use crate::external::{ALLOWED, allowed, assert_nobody_is_left, processes_in};
use crate::sweeps::tables;
use crate::workplace::{Said, Workplace, wait_until};

/// A sweep of `n` trials of a worker that is a shell script, with more keys of `model`.
fn sweep(n: u32, more: &str) -> String {
    format!(
        "name: s\nmodel:\n  command: [sh, worker.sh]\n  measures: [value]\n  worker: true\n{more}base: {{x: 0}}\n\
         search: {{space: {{x: {{int: [0, {}]}}}}}}\n",
        n - 1
    )
}

/// A place with a sweep of `n` trials by a worker that serves each in this way, with `x` and `id` in variables.
fn place(n: u32, each: &str) -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", sweep(n, ""));
    worker(&place, each);
    place
}

fn worker(place: &Workplace, each: &str) {
    let read = "id=${given#*'\"id\":'}; id=${id%%,*}; x=${given#*'\"x\":'}; x=${x%%[,\\}]*}";
    let answer = "answer() { echo '{\"measures\": {\"value\": '$1'}}'; echo '{\"id\": '$id'}'; }";
    place.write("worker.sh", format!("{answer}\necho $$ >>started\nwhile read -r given; do {read}; {each}; done\n"));
}

fn started(place: &Workplace) -> usize {
    String::from_utf8(place.read("started")).expect("UTF-8").lines().count()
}

#[test]
fn a_sweep_runs_each_worker_once_and_leaves_what_one_process_per_trial_leaves() {
    let threads = |n: &'static str| allowed(&[&ALLOWED[..], &["--threads", n]].concat());
    let first = place(200, "answer $((x * x))");
    first.run(&threads("1"), 0);
    assert_eq!(started(&first), 1);
    assert_nobody_is_left(&first);
    for (n, more) in [("4", ""), ("2", "  restart_after: 7\n")] {
        let other = place(200, "answer $((x * x))");
        other.write("s.yaml", sweep(200, more));
        other.run(&threads(n), 0);
        assert!(if more.is_empty() { (1..=4).contains(&started(&other)) } else { started(&other) >= 28 });
        assert!(tables(&first, "r") == tables(&other, "r"), "{n} threads {more}");
        assert_nobody_is_left(&other);
        // The number of trials is no part of the plan.
        other.write("s.yaml", sweep(200, "  restart_after: 5\n"));
        assert!(other.run(&threads("1"), 0).err.contains("0 new trials"));
        assert!(!other.path("r.work").exists());
    }
    let again = first.run(&allowed(&["rerun", "r", "--trial", "77"]), 0).out;
    assert!(again.contains("all bits the same"), "{again}");
    first.run(&allowed(&["confirm", "r", "--best", "2", "--replicates", "2"]), 0);
    assert_nobody_is_left(&first);

    // In shards, too. One process per trial is another program, with the same measures.
    for shard in ["0/2", "1/2"] {
        first.run(&allowed(&["sweep", "s.yaml", "--out", "shards", "--shard", shard]), 0);
    }
    first.run(&["merge", "shards"], 0);
    assert!(tables(&first, "shards") == tables(&first, "r"));
    let text = sweep(200, "").replace("worker: true", "worker: false");
    first.write("s.yaml", text.replace("sh, worker.sh", "sh, worker.sh, once"));
    let said = first.run(&threads("2"), 2);
    assert!(
        said.err.contains("model.worker: true in the plan, none in the sweep file") || said.err.contains("worker"),
        "{}",
        said.err
    );
}

#[test]
fn one_run_shows_what_a_worker_gives() {
    let place = place(4, "answer $((x + 1))");
    let said = place.run(&allowed(&["run", "s.yaml", "--set", "x=41"]), 0);
    assert!(said.err.contains("runs sh worker.sh") && said.out.contains("value    42"), "{}{}", said.err, said.out);
    assert_nobody_is_left(&place);
    // As one process per trial, and with another command.
    let said = place.run(&allowed(&["run", "s.yaml", "--set", "x=41", "--set", "model.worker=false"]), 1);
    assert!(said.err.contains("the trial failed: line 2 of its output is not JSON"), "{}", said.err);
    place.refuses(&allowed(&["run", "s.yaml", "--set", "model.command=[sh, other.sh]"]), "no file 'other.sh' is in ");
    place.refuses(&allowed(&["run", "s.yaml", "--set", "model.wroker=false"]), "did you mean 'worker'?");
    worker(&place, "echo '{\"id\": '$id', \"failed\": \"no luck\"}'");
    assert!(place.run(&allowed(&["run", "s.yaml"]), 1).err.contains("the trial failed: no luck"));
}

#[test]
fn what_makes_no_sense_for_workers_is_refused_with_its_place() {
    let place = place(4, "answer 1");
    for (from, to, told) in [
        (
            "worker.sh]",
            "worker.sh, \"--x={x}\"]",
            "s.yaml:3:33: '{x}' differs from trial to trial, and a worker is started once for many, expected {slot}, or the \
             values of the trial in the request",
        ),
        ("worker.sh]", "worker.sh, \"{slot}\", \"{dir}\"]", "s.yaml:3:39: '{dir}' differs from trial to trial"),
        ("worker.sh]", "worker.sh, \"{nothing}\"]", "s.yaml:3:29: '{nothing}' differs from trial to trial"),
        ("worker.sh]", "worker.sh]\n  environment: {A: 1, B: \"{seed}\"}", "s.yaml:4:27: '{seed}' differs"),
        (
            "worker: true",
            "worker: true\n  stdin: none",
            "s.yaml:6:10: 'none' leaves a worker without requests, which it reads on standard input, expected json",
        ),
        ("worker: true", "restart_after: 3", "s.yaml:5:18: restart_after is for workers"),
        ("worker: true", "worker: true\n  restart_after: 0", "s.yaml:6:18: "),
        ("worker: true", "worker: 3", "s.yaml:5:11: "),
        ("worker: true", "wroker: true", "did you mean 'worker'?"),
    ] {
        place.write("s.yaml", sweep(4, "").replace(from, to));
        for command in
            [&["plan", "s.yaml"][..], &["sweep", "s.yaml", "--allow-command"], &["run", "s.yaml", "--allow-command"]]
        {
            place.refuses(command, told);
        }
    }
    assert!(!place.path("started").exists());
}

#[test]
fn of_many_trials_some_fail_each_for_its_reason_whoever_serves_them() {
    let each = "case $x in 17) echo dying >&2; kill -9 $$;; 50) echo 'no JSON';; 60) echo '{\"id\": 1}';; \
                70) exec >&-; sleep 1000;; 80) sleep 1000;; 90) exit 4;; *) answer $x;; esac";
    let mut all = Vec::new();
    for threads in ["1", "3"] {
        let place = place(100, each);
        let limit = ["--set", "execution.max_seconds=3", "--threads", threads];
        let said = place.run(&allowed(&[&ALLOWED[..], &limit].concat()), 1);
        assert!(said.out.contains("94 ok, 6 failed"), "{}", said.out);
        let trials = place.run(&["report", "r", "--csv=trials"], 1).out;
        for (id, reason) in [
            (
                "17",
                "the worker ended with signal: 9 (SIGKILL), expected the line {\"\"id\"\": 17} before; its standard error ends: dying",
            ),
            ("50", "line 1 of its output is not JSON"),
            ("60", "has the id of no request that is open, expected {\"\"id\"\": 60}"),
            ("70", "it closed its standard input or output before it had answered"),
            ("80", "took longer than max_seconds 3"),
            ("90", "the worker ended with exit status: 4"),
        ] {
            let line = trials.lines().find(|line| line.starts_with(&format!("{id},"))).expect("a row");
            assert!(line.contains(",failed,") && line.contains(reason), "{line}");
        }
        all.push(tables(&place, "r"));
        assert_nobody_is_left(&place);
    }
    assert!(all[0] == all[1]);
}

#[test]
fn workers_end_with_burstnet_however_it_ends() {
    for signals in [&["KILL"][..], &["INT"], &["TERM", "TERM"]] {
        let place = place(10_000, "sleep 0.01; answer $x");
        let arguments = allowed(&[&ALLOWED[..], &["--threads", "2"]].concat());
        let mut command = place.command(&arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a start");
        let journal = place.path("r/journal/shard-0-of-1.journal");
        wait_until("some records", || journal.metadata().map_or(0, |held| held.len()) >= 500);
        assert!(processes_in(&place).len() >= 3, "burstnet and two workers");
        for signal in signals {
            Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill");
            std::thread::sleep(std::time::Duration::from_millis(1200));
        }
        let output = child.wait_with_output().expect("an end");
        if signals[0] != "KILL" {
            Said::new(output, &arguments, if signals[0] == "INT" { 130 } else { 143 });
        }
        assert_nobody_is_left(&place);
        // The same command goes on.
        worker(&place, "answer $x");
        place.refuses(&allowed(&[&ALLOWED[..], &["--threads", "2"]].concat()), "model.files.worker.sh");
    }
}

#[test]
fn workers_in_the_midst_of_long_trials_end_with_burstnet_too() {
    let place = place(4, "while :; do :; done");
    let arguments = allowed(&[&ALLOWED[..], &["--threads", "2"]].concat());
    let mut child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a start");
    wait_until("both workers", || place.path("started").exists() && started(&place) == 2);
    child.kill().expect("a kill");
    child.wait().expect("an end");
    assert_nobody_is_left(&place);
}

#[test]
fn a_killed_sweep_of_workers_goes_on_to_the_same_tables() {
    let each = "sleep 0.002; answer $((x * 3))";
    let whole = place(600, each);
    let arguments = allowed(&[&ALLOWED[..], &["--threads", "2"]].concat());
    whole.run(&arguments, 0);
    let place = place(600, each);
    let journal = place.path("r/journal/shard-0-of-1.journal");
    for kills in 1..=3 {
        let mut command = place.command(&arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a start");
        wait_until("some records", || journal.metadata().map_or(0, |held| held.len()) >= 4000 * kills);
        child.kill().expect("a kill");
        child.wait().expect("an end");
    }
    place.run(&arguments, 0);
    assert!(tables(&place, "r") == tables(&whole, "r"));
    assert_nobody_is_left(&place);
}

#[test]
fn where_there_is_no_room_for_more_workers_there_are_fewer() {
    let place = place(60, "sleep 0.02; answer $x");
    // Open files for the sweep itself and the pipes of a few workers.
    let arguments = allowed(&[&ALLOWED[..], &["--threads", "16"]].concat());
    let burstnet = assert_cmd::cargo::cargo_bin!("burstnet").display().to_string();
    let line = format!("ulimit -n 32; exec {burstnet} {}", arguments.join(" "));
    let output = Command::new("sh").args(["-c", &line]).current_dir(place.path("")).output().expect("sh");
    Said::new(output, &arguments, 0);
    assert!((1..16).contains(&started(&place)), "{}", started(&place));
    assert_nobody_is_left(&place);
}
