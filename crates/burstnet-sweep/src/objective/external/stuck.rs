//! Workers that wait for another request before they have answered: they would wait for ever.

use std::os::fd::AsFd;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux {
    use std::fs;
    use std::os::fd::BorrowedFd;
    use std::os::unix::fs::MetadataExt as _;

    use rustix::fs::fstat;

    /// The number of the system call `read`.
    const READ: &str = if cfg!(target_arch = "x86_64") { "0" } else { "63" };

    pub(super) fn waits_for_input(pid: u32, input: BorrowedFd<'_>) -> Option<bool> {
        let of = |name: &str| format!("/proc/{pid}/{name}");
        let is_alone = fs::read_dir(of("task")).ok()?.count() == 1
            && fs::read_to_string(of(&format!("task/{pid}/children"))).ok()?.trim().is_empty();
        let call = fs::read_to_string(of("syscall")).ok()?;
        let is_reading = call.strip_prefix(READ).is_some_and(|rest| rest.starts_with(" 0x0 "));
        let (its, ours) = (fs::metadata(of("fd/0")).ok()?, fstat(input).ok()?);
        Some(is_alone && is_reading && (its.ino(), its.dev()) == (ours.st_ino, ours.st_dev))
    }
}

/// Returns whether a process of one thread and without processes of its own is reading its standard input, of which `input`
/// is the other end. It says `false` where that cannot be known.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn waits_for_input(pid: u32, input: &impl AsFd) -> bool {
    linux::waits_for_input(pid, input.as_fd()).unwrap_or(false)
}

/// Returns `false`: this system does not say.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn waits_for_input(_pid: u32, _input: &impl AsFd) -> bool {
    false
}
