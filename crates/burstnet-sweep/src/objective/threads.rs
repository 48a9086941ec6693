//! Threads for trials and for statistics, as many as there is room for.

use std::sync::OnceLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rustix::process::{Resource, getrlimit};

use crate::objective::EnvironmentError;

/// The address space that is reserved for each thread, in bytes: for its stack, the share of the allocator, and its
/// trial. A thread with less could end the process.
const ROOM: u64 = 128 << 20;

/// Returns the number of cores that this process may use; 1 if the system does not say.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Starts `wanted` threads, or as many as the system allows. Returns the reason if there are fewer.
///
/// # Errors
/// If the system allows none.
pub(crate) fn pool(wanted: usize) -> Result<(ThreadPool, Option<String>), EnvironmentError> {
    let mut threads = with_room(wanted);
    let mut lacking = (threads < wanted).then(|| "the address space is limited (ulimit -v)".to_owned());
    loop {
        let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("trials-{i}"));
        match builder.build() {
            Ok(pool) => return Ok((pool, lacking)),
            Err(error) if threads > 1 => lacking = Some(error.to_string()),
            Err(error) => return Err(EnvironmentError(format!("cannot start a thread: {error}"))),
        }
        threads /= 2;
    }
}

/// Applies `act` to each of `items`, and returns the results in the same order. As many threads share the work as the
/// machine has and allows; if it allows none, this thread does all of it.
pub fn map<T: Sync, R: Send>(items: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let all = || items.par_iter().map(&act).collect();
    if rayon::current_thread_index().is_some() {
        return all(); // by the threads that are there already
    }
    match shared().filter(|_| items.len() > 1) {
        Some(pool) => pool.install(all),
        None => items.iter().map(act).collect(),
    }
}

/// Returns the threads of [`map`], which the first call starts and all calls share; `None` if there would be only one, or
/// the address space is limited: threads keep some of it as long as they are there.
fn shared() -> Option<&'static ThreadPool> {
    static SHARED: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let is_wanted = || cores() > 1 && getrlimit(Resource::As).current.is_none();
    let start = || is_wanted().then(|| pool(cores()).ok()).flatten().map(|(pool, _)| pool);
    SHARED.get_or_init(start).as_ref()
}

/// Returns `wanted`, or the number of threads that there is room for if the address space of this process is limited.
fn with_room(wanted: usize) -> usize {
    match (getrlimit(Resource::As).current, used()) {
        (Some(limit), Some(used)) => fitting(wanted, limit.saturating_sub(used)),
        (None, _) | (_, None) => wanted,
    }
}

/// Returns the number of threads that fit, but at least one, which can then find out the actual limit.
fn fitting(wanted: usize, left: u64) -> usize {
    wanted.min((left / ROOM).max(1) as usize)
}

/// Returns the address space that this process uses, in bytes.
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
    fn what_is_mapped_stays_in_its_order() {
        let numbers: Vec<u64> = (0..1000).collect();
        let squares: Vec<u64> = numbers.iter().map(|n| n * n).collect();
        assert_eq!(map(&numbers, |n| n * n), squares);
        let nested = map(&[1, 2, 3], |n| map(&numbers[..*n], |n| n + 1));
        assert_eq!(nested, [vec![1], vec![1, 2], vec![1, 2, 3]]);
        assert!(map(&[0; 0], |n: &i32| *n).is_empty());
    }

    #[test]
    fn threads_get_their_room() {
        assert_eq!(
            [(8, u64::MAX), (8, 0), (8, 3 * ROOM), (1, ROOM - 1)].map(|(n, left)| fitting(n, left)),
            [8, 1, 3, 1]
        );
        assert!(used().is_some_and(|bytes| bytes > 1 << 20));
    }
}
