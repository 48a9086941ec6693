//! Checks that this machine has the memory that a run takes at the least: where it has not, the system would kill the
//! process without a word.

use std::path::{Component, Path, PathBuf};

use burstnet_core::config::{SignalKind, Value};
use burstnet_core::npy::{NpyError, Unread};
use burstnet_sweep::plan::Plan;

use crate::failure::Failure;
use crate::text::bytes;

/// Checks that every run of a sweep fits, and each of its input files.
pub(crate) fn check_sweep(outline: &Plan) -> Result<(), Failure> {
    let held = held();
    for input in &outline.inputs {
        for file in &input.files {
            refuse_above(held, file.bytes as f64, || format!("{} {}", input.key, file.path(&input.source).display()))?;
        }
    }
    check(&|key| {
        let own = outline.inputs.iter().filter(|input| input.key == key);
        let paths: Vec<Value> = own.map(|input| Value::Text(input.source.to_string_lossy().into_owned())).collect();
        if paths.is_empty() { outline.values_of(key) } else { paths }
    })
}

/// Checks that a run fits, for values that the keys of its layers, signals and files can take. Paths start at the
/// current folder.
pub(crate) fn check(values_of: &dyn Fn(&str) -> Vec<Value>) -> Result<(), Failure> {
    let most = |key| values_of(key).iter().filter_map(Value::as_f64).fold(0.0, f64::max);
    let generated = values_of("signals.kind").iter().all(|kind| kind.as_text() != Some(SignalKind::Files.word()));
    let length = if generated { most("signals.length") } else { 0.0 };
    // Signals from a file are held twice in float64: as they are read, and step by step.
    let signals = |path: &Path| 16.0 * elements(Unread::<f64>::open(path));
    let mask = |path: &Path| elements(Unread::<bool>::open(path));
    let held = held();
    let mut files = 0.0;
    for (key, needed) in
        [("signals.inputs", &signals as &dyn Fn(&Path) -> f64), ("signals.targets", &signals), ("teaching.mask", &mask)]
    {
        let mut largest = 0.0_f64;
        for path in values_of(key).iter().filter_map(Value::as_text) {
            let needed = needed(Path::new(path));
            refuse_above(held, needed, || format!("{key} {path}"))?;
            largest = largest.max(needed);
        }
        files += largest;
    }
    // Weights are held in float32, and those from a folder in float64 too.
    let from_folder = values_of("network.initial_weights").iter().any(|folder| folder.as_text().is_some());
    let weight = if from_folder { 12.0 } else { 4.0 };
    for layers in values_of("network.layers") {
        let units: Vec<f64> = layers.as_list().unwrap_or_default().iter().filter_map(Value::as_f64).collect();
        let weights: f64 = units.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let channels = units.first().unwrap_or(&0.0) + units.last().unwrap_or(&0.0);
        // A sequence of signals that are generated is in float64.
        let needed = weight * weights + 8.0 * length * channels + files;
        let with = if files > 0.0 { " with its input files" } else { "" };
        refuse_above(held, needed, || format!("network.layers {layers}{with}"))?;
    }
    Ok(())
}

/// Returns the number of elements of a file; 0 for one that cannot be used, which other checks report.
fn elements<T>(file: Result<Unread<T>, NpyError>) -> f64 {
    file.map_or(0.0, |unread| unread.shape.iter().map(|&n| n as f64).product())
}

/// Refuses `what` if it needs more memory than is `held`.
fn refuse_above(held: Option<f64>, needed: f64, what: impl Fn() -> String) -> Result<(), Failure> {
    match held {
        Some(held) if needed > held => Err(Failure::Environment(format!(
            "{} takes at least {} of memory, and there are {}",
            what(),
            bytes(needed),
            bytes(held)
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Returns how many bytes this process may hold: the machine's memory, or less where it is limited.
fn held() -> Option<f64> {
    held_below(Path::new("/"))
}

/// Does the same as [`held`], with the files of the system below `root`.
fn held_below(root: &Path) -> Option<f64> {
    let machine = figure(&root.join("proc/meminfo"), "MemTotal:").map(|kilobytes| 1024.0 * kilobytes);
    let process = figure(&root.join("proc/self/limits"), "Max address space");
    machine.into_iter().chain(process).chain(group_limits(root)).min_by(f64::total_cmp)
}

/// Returns the first number behind `start` in the line of a file that starts so.
fn figure(file: &Path, start: &str) -> Option<f64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(start))?;
    line.split_whitespace().find_map(|word| word.parse().ok())
}

/// Returns the limits of the control groups that this process is in: its own, which is that of a job, and those around
/// it.
fn group_limits(root: &Path) -> Vec<f64> {
    let groups = std::fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mut limits = Vec::new();
    // hierarchy:controllers:path; version 2 has hierarchy 0 and names no controllers.
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(hierarchy), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (mounts, file): (&[&str], &str) = if hierarchy == "0" && controllers.is_empty() {
            (&["sys/fs/cgroup", "sys/fs/cgroup/unified"], "memory.max")
        } else if controllers.split(',').any(|controller| controller == "memory") {
            (&["sys/fs/cgroup/memory"], "memory.limit_in_bytes")
        } else {
            continue;
        };
        let inside = Path::new(path).components().filter(|part| matches!(part, Component::Normal(_)));
        let inside: PathBuf = inside.collect();
        for mount in mounts {
            // A group of a container may not be seen from within; then the ones around it are those that count.
            limits.extend(inside.ancestors().filter_map(|group| figure(&root.join(mount).join(group).join(file), "")));
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the limit on a machine with these files.
    fn with(files: &[(&str, &str)]) -> Option<f64> {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        held_below(root.path())
    }

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 1 kB\n");

    #[test]
    fn the_least_limit_counts_of_all_groups_around_a_job() {
        let unlimited = ("proc/self/limits", "Limit Soft Hard\nMax address space         unlimited unlimited bytes\n");
        assert_eq!(with(&[MACHINE, unlimited]), Some(1_024_000.0));
        assert_eq!(with(&[MACHINE, ("proc/self/limits", "Max address space 5000 6000 bytes\n")]), Some(5000.0));
        let second = ("proc/self/cgroup", "0::/slurm/job_7/step_0\n");
        let of = |group: &'static str, limit: &'static str| (group, limit);
        let own = of("sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n");
        let job = of("sys/fs/cgroup/slurm/job_7/memory.max", "70000\n");
        let around = of("sys/fs/cgroup/slurm/memory.max", "80000\n");
        assert_eq!(with(&[MACHINE, second, own, job, around]), Some(70_000.0));
        assert_eq!(with(&[MACHINE, second, of(own.0, "60000\n"), job, around]), Some(60_000.0));
        assert_eq!(with(&[MACHINE, second, own, of(around.0, "50000\n")]), Some(50_000.0));
        assert_eq!(with(&[MACHINE, second, of("sys/fs/cgroup/memory.max", "40000\n")]), Some(40_000.0));
        assert_eq!(with(&[MACHINE, second, of("sys/fs/cgroup/other/memory.max", "1\n")]), Some(1_024_000.0));
        let hybrid = of("sys/fs/cgroup/unified/slurm/job_7/memory.max", "30000\n");
        assert_eq!(with(&[MACHINE, second, hybrid]), Some(30_000.0));
    }

    #[test]
    fn groups_of_version_1() {
        let groups =
            ("proc/self/cgroup", "12:cpu,cpuacct:/x\n5:hugetlb,memory:/slurm/uid_0/job_7\n1:name=systemd:/y\n");
        let job = ("sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.limit_in_bytes", "90000\n");
        let unlimited = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(with(&[MACHINE, groups, job, unlimited]), Some(90_000.0));
        assert_eq!(with(&[MACHINE, groups, unlimited]), Some(1_024_000.0));
        let elsewhere = ("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1\n");
        assert_eq!(with(&[MACHINE, groups, elsewhere]), Some(1_024_000.0));
    }

    #[test]
    fn paths_that_lead_out_of_the_hierarchy_stay_in_it() {
        let groups = ("proc/self/cgroup", "0::/../../job\n");
        assert_eq!(with(&[MACHINE, groups, ("sys/fs/cgroup/job/memory.max", "20000\n")]), Some(20_000.0));
        assert_eq!(with(&[("proc/self/cgroup", "garbage\n\n0:\n")]), None);
    }
}
