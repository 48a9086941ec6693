//! `burstnet slurm`: what it writes, refuses and submits, and its scripts run as Slurm would run them. Slurm itself is
//! played here by small programs; `tests/system/slurm` has a real one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::sweeps::tables;
use crate::workplace::{SMALL_SWEEP, Said, Workplace, wait_until};

/// A program for the folder `bin`, which stands first on the path of the commands below.
fn program(place: &Workplace, name: &str, script: &str) {
    let path = place.write(&format!("bin/{name}"), format!("#!/bin/bash\n{script}"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn path_with_programs(place: &Workplace) -> String {
    format!("{}:{}", place.path("bin").display(), std::env::var("PATH").unwrap())
}

/// A task of the array, as Slurm starts it: from anywhere.
fn task(place: &Workplace, script: &str, task: u32) -> Command {
    let mut command = Command::new("bash");
    command.arg(place.path(script)).current_dir("/").stdin(Stdio::null()).env("PATH", path_with_programs(place));
    command.env("SLURM_ARRAY_JOB_ID", "77").env("SLURM_ARRAY_TASK_ID", task.to_string());
    command.env("SLURM_CPUS_PER_TASK", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// `scontrol`, which notes what it is asked and says that the job was not preempted.
fn scontrol(place: &Workplace, preempted: &str) {
    let answer = format!("JobState=RUNNING PreemptTime={preempted}");
    let asked = place.path("scontrol.asked");
    program(place, "scontrol", &format!("echo \"$*\" >>{}\n[ $1 = requeue ] || echo '{answer}'\n", asked.display()));
}

#[test]
fn the_scripts_run_the_shards_and_merge_them_from_anywhere() {
    let place = Workplace::new();
    let sweep = "a b/it's \"my\" $(touch pwned).yaml";
    place.write(sweep, SMALL_SWEEP);
    place.run(&["sweep", sweep, "--out", "whole", "--set", "training.epochs=2"], 0);
    let said = place.run(&["slurm", sweep, "--tasks", "2", "--set", "training.epochs=2"], 0);
    assert!(said.out.contains("12 trials in 2 shards of at most 6"), "{}", said.out);
    assert!(said.out.contains("sbatch --dependency=afterany:${job%%;*} /"), "{}", said.out);
    let scripts = "results/small.slurm";
    let merge = task(&place, &format!("{scripts}/merge.sh"), 0).output().unwrap();
    assert_eq!(merge.status.code(), Some(4), "{}", text(&merge));
    assert!(text(&merge).contains("job=$(sbatch --parsable /"), "{}", text(&merge));
    for shard in [1, 0] {
        let output = task(&place, &format!("{scripts}/array.sh"), shard).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    }
    let merge = task(&place, &format!("{scripts}/merge.sh"), 0).output().unwrap();
    assert_eq!(merge.status.code(), Some(0), "{}", text(&merge));
    assert!(text(&merge).contains("12 ok"), "{}", text(&merge));
    assert!(tables(&place, "results/small") == tables(&place, "whole"));
    assert!(!place.path("pwned").exists() && !Path::new("/pwned").exists());
    // The same command again changes nothing.
    let files = place.files();
    place.run(&["slurm", sweep, "--tasks", "2", "--set", "training.epochs=2"], 0);
    assert_eq!(place.files(), files);
}

#[test]
fn gaps_are_named_with_the_commands_that_fill_them() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["slurm", "s.yaml", "--tasks", "4", "--out", "r", "--script-dir", "my jobs"], 0);
    for shard in [0, 2] {
        assert_eq!(task(&place, "my jobs/array.sh", shard).output().unwrap().status.code(), Some(0));
    }
    let merge = task(&place, "my jobs/merge.sh", 0).output().unwrap();
    assert_eq!(merge.status.code(), Some(4));
    let said = text(&merge).replace(&place.path("").display().to_string(), "/place/");
    insta::assert_snapshot!(said, @r"
    /place/r: 6 trials missing of 12: 3–5, 9–11
      shard 1/4 owes 3: burstnet sweep /place/s.yaml --out /place/r --threads 1 --shard 1/4
      shard 3/4 owes 3: burstnet sweep /place/s.yaml --out /place/r --threads 1 --shard 3/4

    To run what is missing, and merge after it:
      job=$(sbatch --parsable --array=1,3 /place/my\ jobs/array.sh)
      sbatch --dependency=afterany:${job%%;*} /place/my\ jobs/merge.sh
    The logs in /place/my jobs/logs tell why the shards ended.
    ");
    assert!(!place.path("r/trials.parquet").exists());
}

fn signal(signal: &str, process: u32) {
    assert!(Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap().success());
}

#[test]
fn a_warned_shard_ends_cleanly_and_is_queued_again_and_a_cancelled_one_is_not() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 200, engine: reference"));
    scontrol(&place, "None");
    place.run(&["sweep", "s.yaml", "--out", "whole"], 0);
    for (name, requeued) in [("USR1", true), ("TERM", false)] {
        place.run(&["slurm", "s.yaml", "--tasks", "2", "--out", name], 0);
        let child = task(&place, &format!("{name}.slurm/array.sh"), 1).spawn().unwrap();
        let journal = place.path(&format!("{name}/journal/shard-1-of-2.journal"));
        wait_until("a record", || journal.metadata().map_or(0, |held| held.len()) > 100);
        signal(name, child.id());
        let output = child.wait_with_output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(143), "{said}");
        assert!(said.contains("interrupted: ") && said.contains(" of shard 1/2 done"), "{said}");
        assert_eq!(said.contains("queued again, to go on"), requeued, "{said}");
        let asked = std::fs::read_to_string(place.path("scontrol.asked")).unwrap();
        assert_eq!(asked.contains("requeue 77_1\n"), requeued, "{asked}");
        std::fs::remove_file(place.path("scontrol.asked")).unwrap();
        for shard in [0, 1] {
            let output = task(&place, &format!("{name}.slurm/array.sh"), shard).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", text(&output));
            assert_eq!(text(&output).contains("continuing: "), shard == 1, "{}", text(&output));
        }
        assert!(!place.path("scontrol.asked").exists(), "a shard that is done was queued again");
        place.run(&["merge", name], 0);
        assert!(tables(&place, name) == tables(&place, "whole"));
    }
}

#[test]
fn a_shard_without_progress_is_queued_again_only_if_it_was_preempted() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 4000000, engine: reference"));
    for (name, preempted, requeued) in [("late", "None", false), ("preempted", "2026-01-01T12:00:00", true)] {
        scontrol(&place, preempted);
        place.run(&["slurm", "s.yaml", "--tasks", "2", "--out", name, "--warning", "10"], 0);
        let child = task(&place, &format!("{name}.slurm/array.sh"), 0).spawn().unwrap();
        let journal = place.path(&format!("{name}/journal/shard-0-of-2.journal"));
        wait_until("a journal", || journal.exists());
        signal("USR1", child.id());
        let output = child.wait_with_output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(143), "{said}");
        assert_eq!(said.contains("not one trial ended within the time limit"), !requeued, "{said}");
        assert_eq!(said.contains("queued again, to go on"), requeued, "{said}");
    }
}

#[test]
fn wrong_input_is_not_queued_again() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    scontrol(&place, "None");
    place.run(&["slurm", "s.yaml", "--tasks", "2", "--out", "r"], 0);
    place.write("s.yaml", SMALL_SWEEP.replace("seed: 7", "seed: 8"));
    let output = task(&place, "r.slurm/array.sh", 0).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("holds the results of another sweep"), "{}", text(&output));
    assert!(!place.path("scontrol.asked").exists());
}

#[test]
fn both_jobs_are_submitted_the_merge_after_the_array() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let submit = |out: &str, code| {
        let arguments = ["slurm", "s.yaml", "--tasks", "3", "--out", out, "--script-dir", "jobs dir", "--submit"];
        let arguments = [&arguments[..], &["--force"]].concat();
        let mut command = place.command(&arguments);
        Said::new(command.env("PATH", path_with_programs(&place)).output().unwrap(), &arguments, code)
    };
    let sbatch = |answer: &str| {
        let asked = place.path("sbatch.asked");
        program(&place, "sbatch", &format!("printf '%s|' \"$@\" >>{0}; echo >>{0}\n{answer}\n", asked.display()));
    };
    let asked = || {
        let text = std::fs::read_to_string(place.path("sbatch.asked")).unwrap();
        std::fs::remove_file(place.path("sbatch.asked")).unwrap();
        text.replace(&place.path("").display().to_string(), "")
    };
    sbatch("[[ $* == *afterany* ]] && echo 43 || echo 42");
    assert!(submit("r", 0).out.contains("submitted: job 42, and after it job 43"));
    assert_eq!(asked(), "--parsable|jobs dir/array.sh|\n--parsable|--dependency=afterany:42|jobs dir/merge.sh|\n");
    sbatch("echo '42;big'");
    submit("r", 0);
    assert!(asked().ends_with("--parsable|--dependency=afterany:42|--clusters=big|jobs dir/merge.sh|\n"));
    sbatch("echo 'sbatch: error: invalid partition specified: fast' >&2; exit 1");
    let said = submit("r", 3);
    let refusal =
        "error: sbatch failed (exit status: 1): sbatch: error: invalid partition specified: fast\nThe scripts are";
    assert!(said.err.contains(refusal), "{}", said.err);
    assert_eq!(asked(), "--parsable|jobs dir/array.sh|\n", "the merge was submitted without the array");
    sbatch("[[ $* == *afterany* ]] && exit 1 || echo 42");
    let said = submit("r", 3);
    assert!(said.err.contains("by hand: sbatch --dependency=afterany:42 '/"), "{}", said.err);
    assert!(said.err.contains("The array of the shards is submitted: job 42"), "{}", said.err);
    sbatch("echo soon");
    assert!(submit("r", 3).err.contains("sbatch answered \"soon\", expected the number of a job"));
    std::fs::remove_file(place.path("bin/sbatch")).unwrap();
    let arguments = ["slurm", "s.yaml", "--tasks", "3", "--out", "r", "--script-dir", "jobs dir", "--submit"];
    let without = place.command(&arguments).env("PATH", place.path("bin")).output().unwrap();
    assert!(Said::new(without, &arguments, 3).err.contains("cannot start sbatch"));
}

#[test]
fn wrong_arguments_are_messages_and_nothing_is_written() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let mut said = String::new();
    for arguments in [
        &["--tasks", "0"][..],
        &["--tasks", "-1"],
        &["--tasks", "13"],
        &["--tasks", "10001"],
        &["--tasks", "many"],
        &[],
        &["--tasks", "2", "--cpus", "0"],
        &["--tasks", "2", "--time", "soon"],
        &["--tasks", "2", "--time", "0"],
        &["--tasks", "2", "--time", "-1"],
        &["--tasks", "2", "--time", "1:00\n#SBATCH --array=0-999"],
        &["--tasks", "2", "--time", "5", "--warning", "300"],
        &["--tasks", "2", "--warning", "5"],
        &["--tasks", "2", "--partition", ""],
        &["--tasks", "2", "--partition", "long short"],
        &["--tasks", "2", "--partition", "hetjob"],
        &["--tasks", "2", "--partition", "long\n#SBATCH --array=0-999"],
        &["--tasks", "2", "--sbatch", "account=physics"],
        &["--tasks", "2", "--sbatch", "-A physics"],
        &["--tasks", "2", "--sbatch=--array=0-9"],
        &["--tasks", "2", "--sbatch=--comment=a\nb"],
        &["--tasks", "2", "--sbatch=--comment=a\\b"],
        &["--tasks", "2", "--out", "a\nb"],
        &["--tasks", "2", "--out", "a\u{1b}[31mb"],
        &["--tasks", "2", "--out", ""],
        &["--tasks", "2", "--out", ".."],
        &["--tasks", "2", "--out", "100%"],
        &["--tasks", "2", "--out", "hetjob"],
        &["--tasks", "2", "--script-dir", "a\nb"],
        &["--tasks", "2", "--out", "r", "--script-dir", "r/scripts"],
        &["--tasks", "2", "--set", "training.epochs=0"],
        &["--tasks", "2", "--set", "training.epochs=\n3"],
        &["--tasks", "2", "--isa", "avx1024"],
    ] {
        let message = place.run(&[&["slurm", "s.yaml"], arguments].concat(), 2).err;
        assert_eq!(place.files(), ["s.yaml"], "{arguments:?}");
        assert!(!place.path("r").exists() && !place.path("results").exists(), "{arguments:?}");
        let first =
            message.split("\n\nUsage").next().unwrap().replace(&place.path("").display().to_string(), "/place/");
        said += &format!("{arguments:?}\n  {}\n", first.trim_end());
    }
    insta::assert_snapshot!(said);
    place.write("a\nb.yaml", SMALL_SWEEP);
    let said = place.run(&["slurm", "a\nb.yaml", "--tasks", "2"], 2);
    assert!(said.err.contains("name is") || said.err.contains("line break"), "{}", said.err);
    place.write("a\nb.yaml", format!("name: ok\n{}", SMALL_SWEEP.replace("name: small\n", "")));
    place.refuses(&["slurm", "a\nb.yaml", "--tasks", "2"], "SWEEP a\\nb.yaml: a script cannot contain a line break");
}

#[test]
fn what_is_there_stays_unless_asked_otherwise() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let arguments = ["slurm", "s.yaml", "--tasks", "2", "--out", "r"];
    // A directory of another sweep, before any job finds out.
    place.run(&["sweep", "s.yaml", "--out", "r", "--set", "seed=8"], 0);
    place.refuses(&arguments, "holds the results of another sweep");
    assert!(!place.path("r.slurm").exists());
    place.run(&["sweep", "s.yaml", "--out", "more"], 0);
    let more = ["slurm", "s.yaml", "--tasks", "2", "--out", "more", "--set", "replicates=5", "--extend"];
    place.run(&more, 0);
    assert!(place.run(&["status", "more"], 0).out.contains("12 of 20 trials done"));
    assert!(!String::from_utf8(place.read("more.slurm/array.sh")).unwrap().contains("--extend"));
    // Somebody's own script.
    place.write("r2.slurm/array.sh", "#!/bin/bash\necho mine\n");
    let own = ["slurm", "s.yaml", "--tasks", "2", "--out", "r2"];
    place.refuses(&own, "r2.slurm/array.sh: exists already and differs");
    assert!(!place.path("r2").exists());
    assert_eq!(place.read("r2.slurm/array.sh"), b"#!/bin/bash\necho mine\n");
    place.run(&[&own[..], &["--force"]].concat(), 0);
    assert!(place.path("r2.slurm/logs").is_dir() && place.path("r2/plan.json").exists());
    std::fs::remove_file(place.path("r2.slurm/merge.sh")).unwrap();
    std::os::unix::fs::symlink(place.path("s.yaml"), place.path("r2.slurm/merge.sh")).unwrap();
    place.refuses(&[&own[..], &["--force"]].concat(), "exists and is not a file");
}

#[test]
fn failed_trials_are_retried_once() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 2000, engine: reference"));
    let limited = ["slurm", "s.yaml", "--tasks", "2", "--out", "r", "--set", "execution.max_seconds=0.001"];
    place.run(&limited, 0);
    let first = task(&place, "r.slurm/array.sh", 0).output().unwrap();
    assert!(first.status.code() == Some(1) && text(&first).contains("6 trials failed"), "{}", text(&first));
    place.run(&[&limited[..], &["--retry-failed", "--force"]].concat(), 0);
    let again = task(&place, "r.slurm/array.sh", 0).output().unwrap();
    assert!(again.status.code() == Some(1) && text(&again).contains("6 new trials"), "{}", text(&again));
    let requeued = task(&place, "r.slurm/array.sh", 0).env("SLURM_RESTART_COUNT", "1").output().unwrap();
    assert!(requeued.status.code() == Some(1) && text(&requeued).contains("0 new trials"), "{}", text(&requeued));
}

/// `docs/clusters.md` shows what the program writes for the sweep file of the README.
#[test]
fn the_documentation_shows_what_is_written() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/clusters.md")).unwrap();
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let sweep = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let place = Workplace::new();
    place.write("density.yaml", sweep.replace("epochs: 30", "epochs: 1").replace("[500, 200, 3]", "[5, 4, 3]"));
    let command = page.lines().find_map(|line| line.strip_prefix("burstnet slurm density.yaml --tasks 40 ")).unwrap();
    let options: Vec<&str> = command.split(' ').filter(|option| *option != "--submit").collect();
    place.run(&[&["slurm", "density.yaml", "--tasks", "40"], &options[..]].concat(), 0);
    let homely = |text: &str| {
        let program = assert_cmd::cargo::cargo_bin!("burstnet").display().to_string();
        let folder = place.path("").display().to_string();
        let text = text.replace(&program, "/home/ann/.cargo/bin/burstnet");
        text.replace(&folder, "/home/ann/").replace(folder.trim_end_matches('/'), "/home/ann")
    };
    let script = homely(&String::from_utf8(place.read("results/density.slurm/array.sh")).unwrap());
    let head = script.split_once("\nset -u\n").unwrap().0;
    assert!(page.contains(&format!("```text\n{head}```\n")), "docs/clusters.md does not show\n{head}");
    for shard in (0..40).filter(|shard| ![17, 18].contains(shard)) {
        place.run(&["sweep", "density.yaml", "--shard", &format!("{shard}/40")], 0);
    }
    let refusal = homely(&text(&task(&place, "results/density.slurm/merge.sh", 0).output().unwrap()));
    assert!(page.contains(&format!("```text\n{refusal}```\n")), "docs/clusters.md does not show\n{refusal}");
}
