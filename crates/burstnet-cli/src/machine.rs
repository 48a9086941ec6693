//! This program and this machine, for the provenance of results.

use burstnet_sweep::provenance::Contribution;

/// This host's name.
pub(crate) fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// The threads to use where nobody says how many.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

/// This run of the command, starting now.
pub(crate) fn contribution() -> Contribution {
    Contribution {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: option_env!("BURSTNET_COMMIT").map(str::to_owned),
        command_line: std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
        host: host(),
        process: std::process::id(),
        processor: processor(),
        toolchain: env!("BURSTNET_TOOLCHAIN").to_owned(),
        start: now(),
        end: None,
    }
}

/// The time, in UTC.
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn processor() -> Option<String> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}
