//! The behaviour of workers, and its results.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::*;
use crate::objective::{Attempt, Objective as _, Part};
use crate::spec::Source;

/// The beginning of a worker in the shell: `id` is that of its request, and `answer` ends with it.
const HEAD: &str = "\
value() { echo '{\"measures\": {\"value\": '$1'}}'; }
answer() { value $1; echo '{\"id\": '$id'}'; }
next() { read -r given || exit 0; id=${given#*'\"id\":'}; id=${id%%,*}; }
";

/// A folder with a worker that is a shell script.
struct Place(tempfile::TempDir);

impl Place {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.sh"), format!("{HEAD}{script}\n")).unwrap();
        Self(folder)
    }

    /// A worker that serves each trial in this way.
    fn serving(each: &str) -> Self {
        Self::new(&format!("while next; do {each}; done"))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn model(&self, more: &str) -> CommandModel {
        let text = format!(
            "model: {{command: [sh, model.sh], measures: [value], worker: true{more}}}\nbase: {{x: 0.5, n: 1}}\n\
             search: {{space: {{x: [0.25, 1]}}}}\n"
        );
        let source = Source::parse(&self.path("s.yaml"), text).unwrap();
        let section = source.model().unwrap().unwrap();
        let mut model = crate::results::models::command_of_file(&source, &section).unwrap();
        model.restart_workers_after(section.restart_after);
        model.allow(self.0.path()).unwrap();
        model
    }
}

/// Evaluates a trial. Whatever hangs fails after a minute.
fn trial(model: &CommandModel, trial_id: u64) -> Result<Evaluation, String> {
    within(model, trial_id, 60.0)
}

fn within(model: &CommandModel, trial_id: u64, max_seconds: f64) -> Result<Evaluation, String> {
    let abandoned = AtomicBool::new(false);
    let deadline = Deadline::new(Instant::now(), Some(max_seconds), &abandoned);
    let attempt = Attempt { trial_id, replicate: 3, seed: 7, part: None };
    let outcome = model.evaluate_attempt(&model.schema().defaults(), attempt, &deadline);
    outcome.map(|(evaluation, _)| evaluation).map_err(|error| error.message(Some(max_seconds)).unwrap())
}

fn value(outcome: Result<Evaluation, String>) -> f64 {
    outcome.unwrap().measures[0].1.unwrap()
}

fn is_running(pid: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

fn wait_for_the_end_of(pid: &str) {
    let start = Instant::now();
    while is_running(pid) {
        assert!(start.elapsed() < Duration::from_secs(60), "{pid} still runs");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn one_process_serves_trial_after_trial() {
    let place = Place::serving("echo \"$given\" >>given; answer $$");
    let model = place.model("");
    let pids: Vec<f64> = (0..5).map(|id| value(trial(&model, id))).collect();
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    let given = place.read("given");
    let first = given.lines().next().unwrap();
    let (before, folder) = first.split_once("\"dir\":\"").unwrap();
    assert_eq!(before, "{\"id\":0,\"configuration\":{\"n\":1,\"x\":0.5},\"seed\":7,\"budget\":null,\"replicate\":3,");
    assert!(folder.ends_with("/trial-0\",\"state\":null}"), "{first}");
    assert!(!Path::new(folder.trim_end_matches("\",\"state\":null}")).exists(), "nobody wants it");
    // It ends with its input, and nothing is left.
    model.rest();
    assert!(!is_running(&pids[0].to_string()));
    assert!(value(trial(&model, 5)) != pids[0], "and starts again when it is needed");
}

#[test]
fn seats_tell_workers_apart_and_libraries_get_one_thread() {
    let place = Place::new("echo $SLOT $1 >>slots; while next; do sleep 0.05; answer $OMP_NUM_THREADS; done");
    let text = "model: {command: [sh, model.sh, 'gpu{slot}'], environment: {SLOT: '{slot}'}, measures: [value], worker: true}\n\
                search: {space: {x: [0.25, 1]}}\n";
    let source = Source::parse(&place.path("s.yaml"), text.into()).unwrap();
    let mut model = crate::results::models::command_of_file(&source, &source.model().unwrap().unwrap()).unwrap();
    model.allow(place.0.path()).unwrap();
    // A worker ends with the thread that started it, so none ends before all are done.
    let all_done = std::sync::Barrier::new(3);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let (model, all_done) = (&model, &all_done);
            scope.spawn(move || {
                (0..4).for_each(|n| assert_eq!(value(trial(model, 4 * thread + n)), 1.0));
                all_done.wait();
            });
        }
    });
    let slots = place.read("slots");
    let mut slots: Vec<&str> = slots.lines().collect();
    slots.sort_unstable();
    assert_eq!(slots, ["0 gpu0", "1 gpu1", "2 gpu2"]);
    let own = place.model(", environment: {OMP_NUM_THREADS: 4}");
    assert_eq!(value(trial(&own, 0)), 4.0);
}

#[test]
fn a_worker_ends_with_the_thread_that_started_it() {
    let (_place, model) = Place::serving("answer $$").model_kept("");
    let pid = std::thread::scope(|scope| scope.spawn(|| value(trial(&model, 0))).join().unwrap());
    wait_for_the_end_of(&pid.to_string());
    assert_ne!(value(trial(&model, 1)), pid, "and is replaced");
}

#[test]
fn a_trial_whose_worker_is_killed_runs_once_more() {
    let place = Place::serving("if [ -e killed ]; then answer $id; else touch killed; kill -9 $$; fi");
    let model = place.model("");
    assert_eq!(value(trial(&model, 3)), 3.0);
    std::fs::remove_file(place.path("killed")).unwrap();
    assert_eq!(value(trial(&model, 4)), 4.0, "also one that served others");

    let place = Place::serving("echo $id >>tries; echo dying of $id >&2; kill -11 $$");
    let told = trial(&place.model(""), 8).unwrap_err();
    let expected = "the worker ended with signal: 11 (SIGSEGV), expected the line {\"id\": 8} before; its standard error ends: \
                    dying of 8";
    assert!(told.starts_with("the worker ended with signal: 11 (SIGSEGV)") && told.ends_with("dying of 8"), "{told}");
    assert_eq!(told.replace(" (core dumped)", ""), expected);
    assert_eq!(place.read("tries"), "8\n8\n");
}

#[test]
fn a_trial_fails_by_a_fresh_worker_so_those_before_it_do_not_matter() {
    // Each serves two trials well, and then does what is wrong: the third trial is well served by a fresh one.
    for wrong in ["exit 3", "echo oops", "echo '{\"id\": 99}'", "exec >&-", "exec <&-; exit 0", "value x"] {
        let each = format!("n=$((n+1)); if [ $n -gt 2 ]; then {wrong}; sleep 100; else answer $n; fi");
        let model = Place::serving(&each).model_kept("");
        let values: Vec<f64> = (0..7).map(|id| value(trial(&model.1, id))).collect();
        assert_eq!(values, [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0], "{wrong}");
    }
}

impl Place {
    fn model_kept(self, more: &str) -> (Self, CommandModel) {
        let model = self.model(more);
        (self, model)
    }
}

#[test]
fn what_is_wrong_is_told_and_nothing_hangs() {
    for (each, message) in [
        ("exit 3", "the worker ended with exit status: 3, expected the line {\"id\": 5} before"),
        ("value 1; exit 0", "the worker ended with exit status: 0, expected the line {\"id\": 5} before"),
        ("echo oops", "line 1 of its output is not JSON (expected value at line 1 column 1): 'oops'"),
        (
            "echo '[]'",
            "is not an object of a known form, expected {\"measures\": {…}}, {\"curve\": {…}} or {\"diverged\": \"why\"}, and {\"id\": 5} at the end: '[]'",
        ),
        (
            "value 1; echo '{\"id\": 4}'",
            "line 2 of its output has the id of no request that is open, expected {\"id\": 5}, or {\"id\": 5, \"failed\": \"why\"}: '{\"id\": 4}'",
        ),
        ("echo '{\"id\": \"5\"}'", "has the id of no request"),
        ("echo '{\"id\": 5.0}'", "has the id of no request"),
        ("echo '{\"id\": -1}'", "has the id of no request"),
        ("echo '{\"id\": 5, \"id\": 5}'", "names 'id' twice"),
        ("echo '{\"id\": 5, \"measures\": {\"value\": 1}}'", "has more than the id of its request"),
        ("echo '{\"id\": 5, \"failed\": 1}'", "has more than the id of its request"),
        ("echo '{\"id\": 5}'", "it printed no measures, expected value"),
        ("echo '{\"measures\": {}}'", "lacks the measure value"),
        ("exec >&-", "it closed its standard input or output before it had answered"),
        ("exec >&- 2>&-; sleep 1000", "it closed its standard input or output before it had answered"),
        ("yes ''", "it printed more than 67108864 bytes"),
        ("yes x | tr -d '\\n'", "is longer than 1048576 bytes"),
        ("yes no end >&2 & value 1; exit 4", "the worker ended with exit status: 4"),
        ("echo '{\"id\": 5, \"failed\": \"no\\u001bluck\"}'", "no\\u{1b}luck"),
    ] {
        let (_place, model) = Place::serving(each).model_kept("");
        let told = trial(&model, 5).expect_err(each);
        assert!(told.contains(message), "{each}\n{told}");
        assert!(!told.contains(|c: char| c.is_control()), "{told:?}");
    }
}

#[test]
fn a_worker_that_answers_nothing_is_ended_in_time_and_replaced() {
    let place = Place::serving("echo $$ >>pids; [ $id = 1 ] || { answer $id; continue; }; echo lost >&2; sleep 1000");
    let model = place.model("");
    assert_eq!(value(trial(&model, 0)), 0.0);
    let told = within(&model, 1, 0.2).unwrap_err();
    assert!(told.contains("max_seconds 0.2") && told.ends_with("its standard error ends: lost"), "{told}");
    assert_eq!(value(trial(&model, 2)), 2.0);
    let pids = place.read("pids");
    let pids: Vec<&str> = pids.lines().collect();
    assert!(pids.len() == 3 && pids[0] == pids[1] && pids[1] != pids[2], "{pids:?}");
    wait_for_the_end_of(pids[0]);
}

#[test]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn a_worker_that_waits_for_more_before_it_answers_is_told() {
    let expected = "it waits for more input before it has answered, expected an answer to each line that it reads";
    for script in ["while next; do echo $id >>seen; done", "exec cat 3>&1 >/dev/null", "next; value 1; next"] {
        let place = Place::new(script);
        assert_eq!(trial(&place.model(""), 4).unwrap_err(), expected, "{script}");
    }
    // One that has served others is replaced.
    let (_place, model) = Place::serving("n=$((n+1)); [ $n -gt 2 ] || answer $n").model_kept("");
    assert_eq!([0, 1, 2, 3].map(|id| value(trial(&model, id))), [1.0, 2.0, 1.0, 2.0]);
    // A worker that waits for something else gets its time.
    let (_place, model) = Place::serving("sleep 2; answer $id").model_kept("");
    assert_eq!(value(trial(&model, 3)), 3.0);
    let (_place, model) = Place::serving("{ (sleep 2; answer $id) & }").model_kept("");
    assert_eq!(value(trial(&model, 3)), 3.0);
}

/// The minute of a worker with threads is measured in the tests of `stuck`; here, that the system tells of such a worker.
#[test]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn threads_of_a_worker_that_waits_are_seen_at_work() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use crate::objective::external::stuck::{Waiting, waiting};
    let seen = |script: &str, wanted: fn(Duration) -> bool| {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new("python3");
        let mut child =
            command.args(["-c", script]).process_group(0).stdin(Stdio::piped()).spawn().expect("Python starts");
        let input = child.stdin.take().unwrap();
        let found = (0..1000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            matches!(waiting(child.id(), &input), Waiting::WithOthers { used } if wanted(used))
        });
        drop(input);
        child.wait().unwrap();
        found
    };
    let threaded = |work: &str| {
        format!(
            "import sys, threading, time\nthreading.Thread(target=lambda: {work}, daemon=True).start()\nsys.stdin.read()"
        )
    };
    assert!(seen(&threaded("time.sleep(1000)"), |_| true));
    assert!(seen(&threaded("[sum(range(1000)) for _ in iter(int, 1)]"), |used| used > Duration::from_millis(500)));
}

#[test]
fn a_program_that_is_no_worker_is_told() {
    let told = trial(&Place::new("read -r x; value 1").model(""), 0).unwrap_err();
    assert!(told.starts_with("the worker ended with exit status: 0, expected the line {\"id\": 0} before"), "{told}");
}

#[test]
fn failures_that_a_worker_reports_leave_it_alive() {
    let each = "[ $id = 1 ] || { answer $$; continue; }; echo '{\"id\": 1, \"failed\": \"no luck\"}'";
    let (_place, model) = Place::serving(each).model_kept("");
    let first = value(trial(&model, 0));
    assert_eq!(trial(&model, 1).unwrap_err(), "no luck");
    assert_eq!(value(trial(&model, 2)), first);
    let long = "s=$(yes ab | head -c 6000 | tr -d '\\n'); echo '{\"id\": '$id', \"failed\": \"'$s'end\"}'";
    let (_place, model) = Place::serving(long).model_kept("");
    let told = trial(&model, 0).unwrap_err();
    assert!(told.starts_with('…') && told.ends_with("bend") && told.chars().count() == 2001, "{told}");
}

#[test]
fn what_is_printed_between_trials_belongs_to_none() {
    let late = "echo late $id >&2; (sleep 0.05; echo '{\"id\": 77}'; echo more) & answer $$";
    let (_place, model) = Place::serving(late).model_kept("");
    let first = value(trial(&model, 0));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(value(trial(&model, 1)), first);
    // The rest of the same write.
    let (_place, model) = Place::serving("printf '%s\\n{\"id\": %s}\\nbehind' \"$(value $$)\" $id").model_kept("");
    let first = value(trial(&model, 0));
    assert_eq!(value(trial(&model, 1)), first);
    // Standard error is that of one trial.
    let each = "echo of $id >&2; [ $id = 2 ] || { answer $$; continue; }; echo '{\"id\": 2}'";
    let (_place, model) = Place::serving(each).model_kept("");
    assert_eq!(value(trial(&model, 0)), value(trial(&model, 1)));
    let told = trial(&model, 2).unwrap_err();
    assert!(told.ends_with("its standard error ends: of 2"), "{told}");
}

#[test]
fn a_worker_without_end_after_its_answer_does_not_fill_the_memory() {
    let (_place, model) = Place::serving("answer $id; yes flood").model_kept("");
    for id in 0..3 {
        assert_eq!(value(trial(&model, id)), id as f64);
    }
}

#[test]
fn a_worker_that_ended_between_trials_is_replaced() {
    for end in ["exit 0", "exit 1", "kill -9 $$"] {
        let (place, model) = Place::serving(&format!("echo $$ >>pids; answer $id; {end}")).model_kept("");
        for id in 0..3 {
            assert_eq!(value(trial(&model, id)), id as f64, "{end}");
            wait_for_the_end_of(place.read("pids").lines().last().unwrap());
        }
        assert_eq!(place.read("pids").lines().count(), 3, "{end}");
    }
}

#[test]
fn workers_are_started_anew_when_that_is_wanted() {
    let (_place, model) = Place::serving("n=$((n+1)); answer $n").model_kept(", restart_after: 3");
    let values: Vec<f64> = (0..8).map(|id| value(trial(&model, id))).collect();
    assert_eq!(values, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
}

#[test]
fn what_a_worker_started_ends_with_it() {
    let (place, model) = Place::serving("sleep 100000 & echo $! >>children; answer $$").model_kept("");
    value(trial(&model, 0));
    value(trial(&model, 1));
    let children = place.read("children");
    assert!(children.lines().count() == 2 && children.lines().all(is_running), "they live as long as it does");
    model.rest();
    children.lines().for_each(wait_for_the_end_of);
    // One that does not heed the end of its input, nor SIGTERM.
    let place = Place::new("trap '' TERM; next; answer $$; sleep 100000");
    let model = place.model("");
    let pid = value(trial(&model, 0)).to_string();
    assert!(is_running(&pid));
    let workers = model.seats.take().worker.take().into_iter().collect();
    worker::end_within(workers, Duration::from_millis(50), Duration::from_millis(50));
    assert!(!is_running(&pid));
    drop(model);
}

#[test]
fn measures_are_found_in_what_a_worker_prints_or_writes() {
    let last = "echo '{\"value\": 1}'; echo '{\"id\": 3, \"value\": '$id'}'; echo noise; echo '{\"id\": '$id'}'";
    let (_place, model) = Place::serving(last).model_kept(", read: {from: stdout, json: last}");
    assert_eq!([0, 1, 2].map(|id| value(trial(&model, id))), [0.0, 1.0, 2.0]);
    let tagged = "echo loading; [ $id = 1 ] || echo \"value = $id\"; echo '{\"id\": '$id'}'";
    let (_place, model) = Place::serving(tagged).model_kept(", read: {from: stdout, pattern: 'value = (?P<value>.*)'}");
    assert_eq!(value(trial(&model, 0)), 0.0);
    let told = trial(&model, 1).unwrap_err();
    assert!(told.contains("the measure value was not found, but nothing"), "{told}");
    assert_eq!(value(trial(&model, 2)), 2.0);
    let file = "dir=${given#*'\"dir\":\"'}; dir=${dir%%'\"'*}; ls $dir >>seen; echo value,$n >$dir/m.csv; \
                printf 'value\\n%s\\n' $id >$dir/m.csv; echo '{\"id\": '$id'}'";
    let (place, model) = Place::serving(file).model_kept(", read: {from: m.csv}");
    assert_eq!([0, 1, 1].map(|id| value(trial(&model, id))), [0.0, 1.0, 1.0]);
    assert_eq!(place.read("seen"), "", "empty before each");
    let (_place, model) = Place::serving("echo '{\"id\": 4, \"failed\": \"no\"}'").model_kept(", read: {from: m.csv}");
    assert_eq!(trial(&model, 4).unwrap_err(), "no");
    let told = trial(&model, 5).unwrap_err();
    assert!(
        told.starts_with("the line '{\"id\": 4, \"failed\": \"no\"}' has the id of no request that is open"),
        "{told}"
    );
}

#[test]
fn a_trial_in_parts_finds_its_state_and_a_killed_part_begins_again() {
    let each = "state=${given#*'\"state\":\"'}; state=${state%%'\"'*}; echo x >>$state/log; \
                if [ $id = 2 ] && [ ! -e killed ]; then touch killed; echo half >>$state/log; kill -9 $$; fi; \
                answer $(wc -l <$state/log)";
    let place = Place::serving(each);
    let model = place.model(", budget: n");
    let part = |id: u64, budget: i64, keep: bool| {
        let abandoned = AtomicBool::new(false);
        let mut configuration = model.schema().defaults();
        configuration.set("n", burstnet_core::config::Value::Int(budget));
        let part = Some(Part { from: None, keep });
        let attempt = Attempt { trial_id: id, replicate: 0, seed: 7, part };
        let outcome = model.evaluate_attempt(&configuration, attempt, &Deadline::new(Instant::now(), None, &abandoned));
        outcome.unwrap().0.measures[0].1.unwrap()
    };
    assert_eq!([part(1, 1, true), part(2, 1, true)], [1.0, 1.0]);
    assert_eq!([part(2, 2, true), part(1, 2, true), part(1, 4, false)], [2.0, 2.0, 3.0]);
}
