//! This program and this machine, for the provenance of results.

use std::time::{SystemTime, UNIX_EPOCH};

use burstnet_sweep::results::provenance::{Contribution, host};
use chrono::{DateTime, Utc};

/// Returns this run of the command, starting now.
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

/// Returns the time, in UTC.
pub(crate) fn now() -> String {
    utc(SystemTime::now()).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Returns a time in UTC. A clock may be wrong by any number of years: before 1970 as well as after what has a date.
pub(crate) fn utc(time: SystemTime) -> DateTime<Utc> {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(error) => {
            let until = error.duration();
            let whole = until.as_secs() + u64::from(until.subsec_nanos() > 0);
            i64::try_from(whole).map_or(i64::MIN, |seconds| -seconds)
        }
    };
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn processor() -> Option<String> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_of_any_year() {
        let day = Duration::from_secs(86_400);
        let shown = |time: Option<SystemTime>| time.map(|time| utc(time).to_rfc3339());
        for (time, expected) in [
            (UNIX_EPOCH.checked_add(day), Some("1970-01-02T00:00:00+00:00")),
            (UNIX_EPOCH.checked_sub(day), Some("1969-12-31T00:00:00+00:00")),
            (UNIX_EPOCH.checked_sub(Duration::from_millis(1)), Some("1969-12-31T23:59:59+00:00")),
            (UNIX_EPOCH.checked_sub(36_525 * day), Some("1869-12-31T00:00:00+00:00")),
            (UNIX_EPOCH.checked_add(Duration::from_secs(i64::MAX as u64)), Some("1970-01-01T00:00:00+00:00")),
        ] {
            assert_eq!(shown(time).as_deref(), expected);
        }
    }
}
