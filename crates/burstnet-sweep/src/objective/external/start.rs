//! Starting a program on a machine that temporarily has no room for another one.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::groups;
use super::process::{Conversation, Start};
use crate::objective::{Deadline, EnvironmentError};

/// The time for which a start is retried while no other program of this process is running, whose end could make room.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first and the longest pause between two tries.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl Start<'_> {
    /// Starts the program. If the machine lacks processes, memory or open files, waits and tries again: as long as
    /// other programs of this process run, so that fewer run at once, and for some seconds more. The time of the
    /// program counts from its start, so its deadline is returned with it.
    ///
    /// # Errors
    /// If it cannot be started, or it was called off.
    pub(super) fn when_there_is_room<'d>(
        self,
        deadline: &Deadline<'d>,
    ) -> Result<(Conversation, Deadline<'d>), EnvironmentError> {
        begun(self.program, || Conversation::start(self), deadline)
    }
}

/// Calls `start`, which starts a program, as [`Start::when_there_is_room`] does.
///
/// # Errors
/// If it cannot be started, or it was called off.
pub(super) fn begun<'d, T>(
    program: &Path,
    start: impl FnMut() -> io::Result<T>,
    deadline: &Deadline<'d>,
) -> Result<(T, Deadline<'d>), EnvironmentError> {
    match try_again(start, &groups::running, PATIENCE, &|| deadline.is_called_off()) {
        Ok((started, false)) => Ok((started, *deadline)),
        Ok((started, true)) => Ok((started, deadline.from_now())),
        Err(error) => Err(EnvironmentError(format!("{}: cannot be started: {error}", program.display()))),
    }
}

/// Calls `start` until it succeeds or fails for another reason than a lack of room. Returns its result, and whether it
/// had to wait.
fn try_again<T>(
    mut start: impl FnMut() -> io::Result<T>,
    others: &dyn Fn() -> usize,
    patience: Duration,
    called_off: &dyn Fn() -> bool,
) -> io::Result<(T, bool)> {
    let (mut alone_since, mut pause, mut waited) = (None, SHORTEST_PAUSE, false);
    loop {
        let error = match start() {
            Ok(started) => return Ok((started, waited)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        let alone = match others() {
            0 => alone_since.get_or_insert_with(Instant::now).elapsed(),
            _some => {
                alone_since = None;
                Duration::ZERO
            }
        };
        if !is_lack_of_room(&error) || alone >= patience || called_off() {
            return Err(error);
        }
        std::thread::sleep(pause);
        (pause, waited) = ((2 * pause).min(LONGEST_PAUSE), true);
    }
}

/// Returns whether a later start of the program could succeed: the machine lacks processes, memory or open files, or
/// the file of the program is being written.
pub(super) fn is_lack_of_room(error: &io::Error) -> bool {
    let lacking = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::TXTBSY];
    error.raw_os_error().is_some_and(|number| lacking.iter().any(|errno| errno.raw_os_error() == number))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    fn failing(errno: Errno, times: u32) -> impl FnMut() -> io::Result<u32> {
        let mut tries = 0;
        move || {
            tries += 1;
            if tries > times { Ok(tries) } else { Err(io::Error::from_raw_os_error(errno.raw_os_error())) }
        }
    }

    #[test]
    fn what_lacks_room_is_tried_again_and_an_interruption_at_once() {
        for errno in [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::TXTBSY] {
            let (tries, waited) = try_again(failing(errno, 2), &|| 0, SHORT, &|| false).unwrap();
            assert_eq!((tries, waited), (3, true), "{errno}");
        }
        let interrupted = try_again(failing(Errno::INTR, 100), &|| 0, Duration::ZERO, &|| false);
        assert_eq!(interrupted.unwrap(), (101, false));
    }

    #[test]
    fn what_stays_so_ends_and_anything_else_at_once() {
        let start = Instant::now();
        let error = try_again(failing(Errno::AGAIN, u32::MAX), &|| 0, SHORT, &|| false).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::AGAIN.raw_os_error()));
        assert!(start.elapsed() >= SHORT);
        for errno in [Errno::NOENT, Errno::ACCESS, Errno::NOEXEC] {
            assert!(try_again(failing(errno, 1), &|| 0, SHORT, &|| false).is_err(), "{errno}");
        }
        assert!(try_again(failing(Errno::AGAIN, 1), &|| 1, SHORT, &|| true).is_err(), "called off");
    }

    #[test]
    fn others_that_run_are_waited_for() {
        let others = Cell::new(10);
        let count = || {
            others.set(others.get() - u32::from(others.get() > 0));
            others.get() as usize
        };
        let mut alone = false;
        let start = || {
            alone = others.get() == 0;
            if alone { Ok(()) } else { Err(io::Error::from_raw_os_error(Errno::AGAIN.raw_os_error())) }
        };
        assert!(try_again(start, &count, SHORT, &|| false).is_ok());
        assert!(alone);
    }
}
