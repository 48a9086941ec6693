//! `burstnet slurm`: the scripts that run a sweep as a Slurm job array, and their submission.

use std::path::{Path, PathBuf};

use burstnet_core::engine::Isa;
use burstnet_report::shell;
use burstnet_sweep::files::{disk, write_atomically};
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::results::journal;
use burstnet_sweep::results::study::{IfAnother, Study};

use crate::arguments::SlurmArguments;
use crate::failure::Failure;
use crate::process::host;
use crate::shared::models::{allow, note as note_folder};
use crate::shared::outputs::guard;
use crate::shared::planned::{Planned, how_long};
use crate::slurm::{ARRAY, Directive, LOGS, MERGE, Scripts, SlurmJob, check_text, check_value};
use crate::terminal::say::say;
use crate::text::count;

/// Seconds before the time limit at which a shard is warned.
const WARNING: u32 = 120;
/// The most rounds, of which each is a job array.
const MOST_ROUNDS: u64 = 1000;

/// Checks everything, makes the results directory, writes the scripts, and submits them if asked to.
pub(crate) fn slurm(arguments: &SlurmArguments) -> Result<(), Failure> {
    let planned = Planned::read(&arguments.sweep, &arguments.sets, Isa::detect(), arguments.out.as_deref())?;
    let Planned { source, spec, plan, mut model, .. } = planned;
    let hint = how_long(&arguments.sweep, &arguments.sets);
    arguments.size.check(plan.most_trials(), &arguments.sweep.display().to_string(), &hint)?;
    allow(&mut model, &spec, source.folder(), &arguments.allow)?;
    let trials = plan.most_runs();
    let scripts = resolve(arguments, &plan, trials)?;
    let folder = PathBuf::from(&scripts.scripts);
    let files = [(ARRAY, scripts.array()), (MERGE, scripts.merge())].map(|(name, text)| (folder.join(name), text));
    check_folder(&folder, Path::new(&scripts.results), &files, arguments.force)?;

    let if_another = if arguments.extend { IfAnother::Extend } else { IfAnother::Refuse };
    let out = Path::new(&scripts.results);
    let study = Study::create(&disk::system(), out, plan, &source.text, model.objective(), if_another)?;
    note_folder(&model, &study, source.folder())?;
    check_other_shards(&study, scripts.shards)?;
    write(&folder, &files)?;

    let [(array, _), (merge, _)] = &files;
    let rounds = scripts.rounds;
    let next = if arguments.submit { submit(array, merge, rounds)? } else { by_hand(array, merge, rounds) };
    let by_rounds = rounds.map_or(String::new(), |rounds| format!(" and up to {}", count(rounds, "round", "rounds")));
    say(&format!(
        "{}: {}{by_rounds} in {} of at most {}\n{}\n{}\n{next}",
        scripts.results,
        count(trials, "trial", "trials"),
        count(scripts.shards.into(), "shard", "shards"),
        trials.div_ceil(scripts.shards.into()),
        array.display(),
        merge.display()
    ))
}

/// Submits the array, for each round after that of the one before, and the merge to run after it.
fn submit(array: &Path, merge: &Path, rounds: Option<u64>) -> Result<String, Failure> {
    let mut jobs: Vec<SlurmJob> = Vec::new();
    let submitted = |jobs: &[SlurmJob]| jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>().join(", ");
    let all = (0..rounds.unwrap_or(1)).map(|round| (array, rounds.map(|_| round.to_string()))).chain([(merge, None)]);
    for (script, round) in all {
        let job = SlurmJob::submit(script, round.as_slice(), jobs.last()).map_err(|problem| match jobs.len() {
            0 => Failure::Environment(problem),
            _ => Failure::Environment(format!(
                "{problem}\nThe array of the shards is submitted: job {}",
                submitted(&jobs)
            )),
        })?;
        jobs.push(job);
    }
    let tables = jobs.pop().map(|job| job.id).unwrap_or_default();
    let what = if jobs.len() == 1 { "job" } else { "jobs" };
    Ok(format!("submitted: {what} {}, and after it job {tables}", submitted(&jobs)))
}

/// Returns the commands that [`submit`] stands for.
fn by_hand(array: &Path, merge: &Path, rounds: Option<u64>) -> String {
    let [array, merge] = [array, merge].map(|path| shell::quote(&path.to_string_lossy()));
    if let Some(rounds) = rounds {
        return format!(
            "\nTo submit them (or --submit), each round after the one before:\n  job=$(sbatch --parsable {array} 0)\n  \
             for round in $(seq 1 {}); do\n    \
             job=$(sbatch --parsable --dependency=afterany:${{job%%;*}} {array} $round)\n  done\n  \
             sbatch --dependency=afterany:${{job%%;*}} {merge}",
            rounds - 1
        );
    }
    format!(
        "\nTo submit them (or --submit):\n  job=$(sbatch --parsable {array})\n  \
         sbatch --dependency=afterany:${{job%%;*}} {merge}"
    )
}

/// Returns the contents of the scripts, with every text checked.
fn resolve(arguments: &SlurmArguments, plan: &ResolvedPlan, trials: u64) -> Result<Scripts, Failure> {
    if u64::from(arguments.tasks) > trials {
        return Err(input(
            "--tasks",
            &arguments.tasks.to_string(),
            &format!("the sweep has {}, expected at most as many tasks", count(trials, "trial", "trials")),
        ));
    }
    let rounds = plan.in_rounds().then(|| plan.most_rounds());
    if let Some(rounds) = rounds.filter(|rounds| *rounds > MOST_ROUNDS) {
        return Err(Failure::Input(format!(
            "{}: {rounds} rounds, each a job array, expected at most {MOST_ROUNDS}; a larger search.round makes fewer",
            plan.name
        )));
    }
    check_value(&plan.name).map_err(|problem| input("name", &plan.name, &problem))?;
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&plan.name));
    let results = absolute("--out", &out)?;
    let scripts = match &arguments.script_dir {
        Some(folder) => absolute("--script-dir", folder)?,
        None if out.file_name().is_none() => {
            return Err(input("--out", &out.to_string_lossy(), "expected a folder's name at the end, or --script-dir"));
        }
        None => format!("{results}.slurm"),
    };
    if let Err(problem) = check_value(&scripts).and_then(|()| no_pattern(&scripts)) {
        return Err(input("--script-dir", &scripts, &format!("{problem}, expected another folder")));
    }
    let mut options = Vec::new();
    for set in &arguments.sets {
        check_text(set).map_err(|problem| input("--set", set, &problem))?;
        options.extend(["--set".to_owned(), set.clone()]);
    }
    options.extend(arguments.isa.iter().flat_map(|isa| ["--isa".to_owned(), isa.clone()]));
    options.extend(arguments.allow.allow_command.then(|| "--allow-command".to_owned()));
    options.extend(arguments.size.yes.then(|| "--yes".to_owned()));
    Ok(Scripts {
        name: plan.name.clone(),
        burstnet: own_path()?,
        folder: absolute("the current folder", Path::new("."))?,
        sweep: absolute("SWEEP", &arguments.sweep)?,
        results,
        scripts,
        options,
        retry_failed: arguments.retry_failed,
        shards: arguments.tasks,
        rounds,
        cpus: arguments.cpus,
        warning: warning(arguments)?,
        time: arguments.time.clone(),
        sbatch: directives(arguments)?,
    })
}

/// Returns the options of sbatch for both jobs.
fn directives(arguments: &SlurmArguments) -> Result<Vec<Directive>, Failure> {
    let mut directives = Vec::new();
    if let Some(partition) = &arguments.partition {
        let allowed = |c: char| c.is_alphanumeric() || "_-.,+@".contains(c);
        if partition.is_empty() || partition.starts_with('-') || !partition.chars().all(allowed) {
            return Err(input("--partition", partition, "expected the name of a partition, or several with commas"));
        }
        check_value(partition).map_err(|problem| input("--partition", partition, &problem))?;
        directives.push(Directive::new("partition", partition));
    }
    for option in &arguments.sbatch {
        directives.push(Directive::parse(option).map_err(|problem| input("--sbatch", option, &problem))?);
    }
    Ok(directives)
}

/// Returns how many seconds before the time limit a shard is warned; fewer for short limits.
fn warning(arguments: &SlurmArguments) -> Result<u32, Failure> {
    let limit = arguments.time.as_ref().map(|time| time.seconds());
    match (arguments.warning, limit) {
        (Some(warning), Some(limit)) if u64::from(warning) >= limit => Err(input(
            "--warning",
            &warning.to_string(),
            &format!("the time limit is {limit} seconds, expected less than that"),
        )),
        (Some(warning), _) => Ok(warning),
        (None, Some(limit)) => Ok(WARNING.min(u32::try_from(limit / 4).unwrap_or(WARNING))),
        (None, None) => Ok(WARNING),
    }
}

/// Returns the path as it is from anywhere, one line of UTF-8.
fn absolute(what: &str, path: &Path) -> Result<String, Failure> {
    let shown = path.to_string_lossy();
    if path.as_os_str().is_empty() {
        return Err(input(what, "", "expected a path"));
    }
    let absolute = std::path::absolute(path).map_err(|error| Failure::Environment(format!("{shown}: {error}")))?;
    let text = absolute.to_str().ok_or_else(|| input(what, &shown, "not UTF-8, which paths in scripts must be"))?;
    check_text(text).map_err(|problem| input(what, &shown, &format!("{problem}, expected a path without")))?;
    Ok(text.trim_end_matches('/').to_owned())
}

/// Returns this program, which the jobs call.
fn own_path() -> Result<String, Failure> {
    let path = host::program()
        .map_err(|error| Failure::Environment(format!("cannot find the path of this program: {error}")))?;
    if !path.exists() {
        let path = path.display();
        return Err(Failure::Environment(format!("{path}: replaced while it runs; start the new one")));
    }
    absolute("the path of this program", &path)
}

/// Refuses patterns, which Slurm replaces in the names of logs.
fn no_pattern(folder: &str) -> Result<(), String> {
    if folder.contains('%') { Err("Slurm replaces % in the names of logs".into()) } else { Ok(()) }
}

/// Refuses folders inside the results directory, and to overwrite other scripts without `--force`.
fn check_folder(folder: &Path, results: &Path, files: &[(PathBuf, String)], force: bool) -> Result<(), Failure> {
    guard(&folder.join(ARRAY))?;
    if folder.starts_with(results) {
        return Err(input(
            "--script-dir",
            &folder.to_string_lossy(),
            "lies in the results directory, expected a path outside",
        ));
    }
    for (path, text) in files {
        let taken = match std::fs::symlink_metadata(path) {
            Ok(held) if !held.is_file() => {
                return Err(input("--script-dir", &path.to_string_lossy(), "exists and is not a file"));
            }
            Ok(held) => {
                held.len() != text.len() as u64 || std::fs::read(path).map_or(true, |held| held != text.as_bytes())
            }
            Err(_) => false,
        };
        if taken && !force {
            return Err(input(
                "--script-dir",
                &path.to_string_lossy(),
                "exists already and differs, expected another folder, or --force",
            ));
        }
    }
    Ok(())
}

/// Refuses to add another number of shards to one that is running.
fn check_other_shards(study: &Study, shards: u32) -> Result<(), Failure> {
    for (shard, path) in journal::list(&study.results)? {
        if shard.count() != shards {
            journal::check_idle(&path)?;
        }
    }
    Ok(())
}

fn write(folder: &Path, files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let logs = folder.join(LOGS);
    std::fs::create_dir_all(&logs).map_err(Failure::at(&logs))?;
    for (path, text) in files {
        write_atomically(&disk::system(), path, |file| std::io::Write::write_all(file, text.as_bytes()))
            .map_err(Failure::at(path))?;
    }
    Ok(())
}

fn input(what: &str, value: &str, problem: &str) -> Failure {
    let shown = if value.is_empty() { "''".to_owned() } else { value.escape_debug().to_string() };
    Failure::Input(format!("{what} {shown}: {problem}"))
}
