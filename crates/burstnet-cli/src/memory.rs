//! Whether this machine has the memory that a run takes at the least: where it has not, the system would kill the
//! process without a word.

use burstnet_core::config::Value;

use crate::failure::Failure;
use crate::text::bytes;

/// Checks that a run fits, for values that `network.layers`, `signals.kind` and `signals.length` can take.
pub(crate) fn check(values_of: &dyn Fn(&str) -> Vec<Value>) -> Result<(), Failure> {
    let most = |key| values_of(key).iter().filter_map(Value::as_f64).fold(0.0, f64::max);
    let generated = values_of("signals.kind").iter().all(|kind| kind.as_text() != Some("files"));
    let length = if generated { most("signals.length") } else { 0.0 };
    let Some(held) = held() else { return Ok(()) };
    for layers in values_of("network.layers") {
        let units: Vec<f64> = layers.as_list().unwrap_or_default().iter().filter_map(Value::as_f64).collect();
        let weights: f64 = units.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let channels = units.first().unwrap_or(&0.0) + units.last().unwrap_or(&0.0);
        // Weights in float32, and a sequence of signals in float64.
        let needed = 4.0 * weights + 8.0 * length * channels;
        if needed > held {
            return Err(Failure::Environment(format!(
                "network.layers {layers} takes at least {} of memory, and there are {}",
                bytes(needed),
                bytes(held)
            )));
        }
    }
    Ok(())
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
