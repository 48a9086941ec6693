//! Workers that can answer no more. Those that wait for another request before they have answered would wait for ever.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// The time in which a worker that can answer no more must end, which it may be about to do.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time in which a worker that waits for input while its threads and processes do nothing must answer, and the part of
/// it that counts as nothing. They may wait for another machine.
const LONG_PATIENCE: Duration = Duration::from_secs(60);
const NOTHING: u32 = 100;
/// The pause between two looks at such threads and processes.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// The answer to whether a worker waits for another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// It does not, or the system does not say.
    No,
    /// It does, and has neither threads nor processes that could answer meanwhile.
    Alone,
    /// It does, but threads or processes of its own could answer. All of them together have `used` so much processor time.
    WithOthers { used: Duration },
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux {
    use std::fs;
    use std::os::fd::BorrowedFd;
    use std::os::unix::fs::MetadataExt as _;
    use std::time::Duration;

    use rustix::fs::fstat;

    use super::Waiting;

    /// The number of the system call `read`.
    const READ: &str = if cfg!(target_arch = "x86_64") { "0" } else { "63" };
    /// The unit in which the system tells processor times.
    const TICK: Duration = Duration::from_millis(10);

    pub(super) fn waiting(pid: u32, input: BorrowedFd<'_>) -> Option<Waiting> {
        let of = |name: &str| format!("/proc/{pid}/{name}");
        let call = fs::read_to_string(of("syscall")).ok()?;
        let is_reading = call.strip_prefix(READ).is_some_and(|rest| rest.starts_with(" 0x0 "));
        let (its, ours) = (fs::metadata(of("fd/0")).ok()?, fstat(input).ok()?);
        if !is_reading || (its.ino(), its.dev()) != (ours.st_ino, ours.st_dev) {
            return None;
        }
        let is_alone = fs::read_dir(of("task")).ok()?.count() == 1
            && fs::read_to_string(of(&format!("task/{pid}/children"))).ok()?.trim().is_empty();
        Some(if is_alone { Waiting::Alone } else { Waiting::WithOthers { used: used_by_group(pid)? } })
    }

    /// Returns the processor time that the processes of a group have used.
    fn used_by_group(group: u32) -> Option<Duration> {
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let ticks = processes.filter_map(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            // The name, in brackets, may hold anything. After it: state, parent, group, …
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
            let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
            // Of the process itself, and of its children that have ended.
            (number(2)? == u64::from(group)).then(|| (11..15).filter_map(number).sum::<u64>())
        });
        Some(TICK.saturating_mul(ticks.sum::<u64>().try_into().ok()?))
    }
}

/// Returns whether the first thread of a process is reading its standard input, of which `input` is the other end. The
/// process leads its group.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn waiting(pid: u32, input: &impl AsFd) -> Waiting {
    linux::waiting(pid, input.as_fd()).unwrap_or(Waiting::No)
}

/// Returns `No`: this system does not say.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn waiting(_pid: u32, _input: &impl AsFd) -> Waiting {
    Waiting::No
}

/// The time since when a worker can answer no more, as far as that is known.
#[derive(Default)]
pub(super) struct Silence {
    since: Option<Instant>,
    idle: Option<Idle>,
}

/// Threads and processes that do nothing.
#[derive(Clone, Copy)]
struct Idle {
    since: Instant,
    /// The processor time that they had used by then.
    used: Duration,
    /// The time at which they were last looked at.
    seen: Instant,
}

impl Silence {
    /// Returns the problem of a worker that closed a pipe, once it has been closed for a while.
    pub(super) fn of_closed(&mut self, now: Instant) -> Option<&'static str> {
        let since = *self.since.get_or_insert(now);
        (now - since > PATIENCE).then_some("it closed its standard input or output before it had answered")
    }

    /// Returns the problem of a worker that waits for another request, once it has waited for a while. To ask the system
    /// takes longer than a short trial may wait, so it is for workers that have been quiet.
    pub(super) fn of_waiting(&mut self, now: Instant, waiting: impl FnOnce() -> Waiting) -> Option<&'static str> {
        if self.idle.is_some_and(|idle| now - idle.seen < BETWEEN_LOOKS) {
            return None;
        }
        let is_over = match waiting() {
            Waiting::No => {
                *self = Self::default();
                false
            }
            Waiting::Alone => now - *self.since.get_or_insert(now) > PATIENCE,
            Waiting::WithOthers { used } => self.others_do_nothing(used, now),
        };
        is_over
            .then_some("it waits for more input before it has answered, expected an answer to each line that it reads")
    }

    /// Returns whether threads and processes have done nothing for long.
    fn others_do_nothing(&mut self, used: Duration, now: Instant) -> bool {
        let start = Idle { since: now, used, seen: now };
        let idle = self.idle.filter(|idle| used.saturating_sub(idle.used) <= LONG_PATIENCE / NOTHING);
        let idle = Idle { seen: now, ..idle.unwrap_or(start) };
        self.idle = Some(idle);
        now - idle.since > LONG_PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(milliseconds: u64) -> Waiting {
        Waiting::WithOthers { used: Duration::from_millis(milliseconds) }
    }

    #[test]
    fn a_worker_whose_threads_do_nothing_has_a_minute() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut silence = Silence::default();
        assert_eq!(silence.of_waiting(at(0), || used(500)), None);
        assert_eq!(silence.of_waiting(at(60), || used(1000)), None, "a heartbeat");
        assert!(silence.of_waiting(at(61), || used(1010)).is_some());
        // Threads that work may take as long as they like.
        let mut silence = Silence::default();
        assert!((0..500).all(|second| silence.of_waiting(at(second), || used(1000 * second)).is_none()));
        assert!((500..570).any(|second| silence.of_waiting(at(second), || used(500_000)).is_some()));
        // So may a worker that does something other than to read in between.
        let mut silence = Silence::default();
        assert_eq!(silence.of_waiting(at(0), || used(0)), None);
        assert_eq!(silence.of_waiting(at(59), || Waiting::No), None);
        assert_eq!(silence.of_waiting(at(61), || used(0)), None);
    }

    #[test]
    fn a_worker_without_threads_has_a_second() {
        let (start, mut silence) = (Instant::now(), Silence::default());
        assert_eq!(silence.of_waiting(start, || Waiting::Alone), None);
        assert_eq!(silence.of_waiting(start + PATIENCE, || Waiting::Alone), None);
        assert!(silence.of_waiting(start + 2 * PATIENCE, || Waiting::Alone).is_some());
    }
}
