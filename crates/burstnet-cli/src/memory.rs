//! Whether this machine has the memory that a run takes at the least: where it has not, the system would kill the
//! process without a word.

use std::path::Path;

use burstnet_core::config::Value;
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
    let generated = values_of("signals.kind").iter().all(|kind| kind.as_text() != Some("files"));
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

/// How many elements a file has; none if it is not one that can be used, which other checks say.
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

/// How many bytes this process may hold: the machine's memory, or less where it is limited.
fn held() -> Option<f64> {
    let number = |text: &str| text.split_whitespace().find_map(|word| word.parse::<f64>().ok());
    let line = |file: &str, start: &str| {
        let text = std::fs::read_to_string(file).ok()?;
        text.lines().find_map(|line| number(line.strip_prefix(start)?))
    };
    let machine = line("/proc/meminfo", "MemTotal:").map(|kilobytes| 1024.0 * kilobytes);
    let process = line("/proc/self/limits", "Max address space");
    let group = line("/sys/fs/cgroup/memory.max", "");
    [machine, process, group].into_iter().flatten().min_by(f64::total_cmp)
}
