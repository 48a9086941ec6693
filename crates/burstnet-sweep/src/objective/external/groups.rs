//! Processes that run in process groups of their own. No group outlives its trial or this process, and Ctrl-C in the
//! terminal ends none of them.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, PoisonError, RwLock};

#[cfg(target_os = "linux")]
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, set_parent_process_death_signal, waitid,
};

/// The groups that are running now.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());
/// True if this process is ending, so that no group may start. A start holds the read lock.
static ENDING: RwLock<bool> = RwLock::new(false);

/// Ends all groups, and prevents further ones from starting: for callers that end this process.
pub fn end_all() {
    *ENDING.write().unwrap_or_else(PoisonError::into_inner) = true;
    for group in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        kill(*group);
    }
}

/// Does the same as [`end_all`], for a process that can neither wait nor allocate memory. Skips data that another
/// thread is changing.
pub fn end_all_at_hand() {
    for group in RUNNING.try_lock().iter().flat_map(|running| running.iter()) {
        kill(*group);
    }
}

/// Returns the number of groups that are running now.
pub(super) fn running() -> usize {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).len()
}

fn kill(group: Pid) {
    // There may be nobody left.
    let _: rustix::io::Result<()> = kill_process_group(group, Signal::KILL);
}

/// Lets the system kill the process that a command starts when the thread that starts it ends, which it does with this
/// process however that ends. The threads of a sweep outlive its workers. Processes that the process starts are not killed.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a process can ask for this only between fork and exec")]
pub(super) fn end_with_this_thread(command: &mut Command) {
    let ask = || {
        // Without it, the end of the standard input ends the process, as it does elsewhere.
        let _: rustix::io::Result<()> = set_parent_process_death_signal(Some(Signal::KILL));
        Ok(())
    };
    // SAFETY: `ask` makes one system call and nothing else, so it takes no lock that another thread may have held.
    unsafe { command.pre_exec(ask) };
}

/// Does nothing: where the system does not offer it, a process ends with its standard input.
#[cfg(not(target_os = "linux"))]
pub(super) fn end_with_this_thread(_command: &mut Command) {}

/// A process and all processes that it starts, unless they leave its group. They are ended when this is dropped.
pub(super) struct ProcessGroup {
    pub(super) child: Child,
    pid: Pid,
    reaped: bool,
}

impl ProcessGroup {
    /// Starts a command in a group of its own.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let ending = ENDING.read().unwrap_or_else(PoisonError::into_inner);
        if *ending {
            return Err(io::Error::other("burstnet is ending"));
        }
        let child = command.process_group(0).spawn()?;
        let pid = Pid::from_child(&child);
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(pid);
        drop(ending);
        Ok(Self { child, pid, reaped: false })
    }

    /// Returns whether the process itself has ended. It keeps its number, which is the group's number, until
    /// [`ProcessGroup::end`].
    pub(super) fn has_ended(&self) -> bool {
        if self.reaped {
            return true;
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None) | Err(rustix::io::Errno::INTR))
    }

    /// Asks all processes of the group to end.
    pub(super) fn terminate(&self) {
        if self.reaped {
            return; // its number may be another's
        }
        let _: rustix::io::Result<()> = kill_process_group(self.pid, Signal::TERM);
    }

    /// Ends all remaining processes of the group. This may be how the process itself ends.
    pub(super) fn kill(&self) {
        kill(self.pid);
    }

    /// Ends the group and returns the exit status of the process.
    ///
    /// # Errors
    /// If the system does not report it.
    pub(super) fn end(&mut self) -> io::Result<ExitStatus> {
        if self.reaped {
            return self.child.wait(); // the status is known
        }
        self.kill();
        self.reaped = true;
        // Once it was waited for, its number may be another's.
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|pid| *pid != self.pid);
        self.child.wait()
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if !self.reaped {
            drop(self.end());
        }
    }
}
