//! How many threads there is room for.

use rustix::process::{Resource, getrlimit};

/// The address space that is left to each thread, in bytes: for its stack, what the allocator sets aside for it, and its
/// trial. A thread that finds less could end the process.
const ROOM: u64 = 128 << 20;

/// Returns `wanted`, or how many threads there is room for where this process may not have all of the address space.
pub fn with_room(wanted: usize) -> usize {
    match (getrlimit(Resource::As).current, used()) {
        (Some(limit), Some(used)) => fitting(wanted, limit.saturating_sub(used)),
        (None, _) | (_, None) => wanted,
    }
}

/// At least one, with which to find out what there is.
fn fitting(wanted: usize, left: u64) -> usize {
    wanted.min((left / ROOM).max(1) as usize)
}

/// The address space that this process has, in bytes.
fn used() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    let kilobytes: u64 = size.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_get_their_room() {
        assert_eq!(
            [(8, u64::MAX), (8, 0), (8, 3 * ROOM), (1, ROOM - 1)].map(|(n, left)| fitting(n, left)),
            [8, 1, 3, 1]
        );
        assert!(used().is_some_and(|bytes| bytes > 1 << 20));
    }
}
