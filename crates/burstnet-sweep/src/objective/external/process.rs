//! One process: its input, its output, and its end. The process is always ended soon after its deadline, and no more
//! memory is held than its permitted output takes.
//!
//! A program runs for one trial, reads to the end of its input, and ends. A worker stays: its input stays open, and the
//! answer to one request ends with a line that says so.

use std::io::{self, ErrorKind, Read, Write as _};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;

use super::groups::{ProcessGroup, end_with_this_thread};
use super::protocol::escaped;
use super::stuck::{Silence, Waiting, waiting};
use crate::limits::MOST_LEFT_IN_PIPE;
use crate::objective::Deadline;

/// The first and the longest pause between two checks for the end of the process or of its time.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// The time for which the answer of a worker is looked for again and again, with the core left to others meanwhile. To sleep
/// and to be woken up takes about as long.
const EAGER: Duration = Duration::from_micros(60);
/// The number of bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// The number of bytes that are kept from the end of the standard error.
const TAIL: usize = 2000;

/// A program to start, with its arguments and environment.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    /// The executable file.
    pub(super) program: &'a Path,
    /// The name by which it is called, and its arguments.
    pub(super) arguments: &'a [String],
    /// The environment variables that it gets besides those of this process.
    pub(super) environment: &'a [(String, String)],
    /// The working folder.
    pub(super) folder: &'a Path,
    /// The use of its standard input.
    pub(super) input: Input,
}

/// The use of a process's standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Nothing.
    None,
    /// One input, and then the end of the file.
    Once,
    /// One request after another.
    Stays,
}

/// The ending of a process.
#[derive(Debug)]
pub(super) enum Ending {
    /// The process exited.
    Exited(ExitStatus),
    /// The deadline passed.
    TimedOut,
    /// The process printed something invalid, or can answer no more.
    Refused(String),
    /// The answer to a request is complete. The process lives on.
    Answered,
}

/// A function that takes the next part of an output. Returns whether the answer to a request is complete with it, or a
/// message about what is wrong.
pub(super) type Take<'a> = dyn FnMut(&[u8]) -> Result<bool, String> + 'a;

/// A process that has been started, and its pipes. Dropping it ends the process and all processes that it started.
pub(super) struct Conversation {
    group: ProcessGroup,
    stdin: Option<std::process::ChildStdin>,
    stdout: Option<std::process::ChildStdout>,
    stderr: Option<std::process::ChildStderr>,
    /// True if the process gets one request after another.
    stays: bool,
    buffer: Vec<u8>,
}

impl Conversation {
    /// Starts a program.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(start: Start<'_>) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let Start { program, arguments, environment, folder, input } = start;
        let (name, arguments) = arguments.split_first().ok_or(ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.arg0(name).args(arguments).current_dir(folder);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command
            .stdin(if input == Input::None { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if input == Input::Stays {
            end_with_this_thread(&mut command);
        }
        let mut group = ProcessGroup::start(&mut command)?;
        let (stdin, stdout, stderr) = (group.child.stdin.take(), group.child.stdout.take(), group.child.stderr.take());
        for end in [stdin.as_ref().map(AsFd::as_fd), stdout.as_ref().map(AsFd::as_fd), stderr.as_ref().map(AsFd::as_fd)]
        {
            end.map_or(Ok(()), |end| ioctl_fionbio(end, true))?;
        }
        Ok(Self { group, stdin, stdout, stderr, stays: input == Input::Stays, buffer: vec![0; CHUNK] })
    }

    /// Gives the process `input`, and passes its output to `take`. Returns its ending, and the end of its standard
    /// error. Unless a request was answered, the process has ended.
    ///
    /// # Errors
    /// If the system does not let it be watched.
    pub(super) fn hold(
        &mut self,
        input: &[u8],
        deadline: &Deadline<'_>,
        take: &mut Take<'_>,
    ) -> io::Result<(Ending, String)> {
        let mut tail = Tail::default();
        let ending = self.carry_on(input, deadline, take, &mut tail)?;
        Ok((ending, tail.text()))
    }

    fn carry_on(
        &mut self,
        mut input: &[u8],
        deadline: &Deadline<'_>,
        take: &mut Take<'_>,
        tail: &mut Tail,
    ) -> io::Result<Ending> {
        let (mut pause, mut silence) = (SHORTEST_PAUSE, Silence::default());
        self.give(&mut input);
        self.wait_eagerly(input)?;
        loop {
            let ready = self.wait(pause, !input.is_empty())?;
            pause = if ready { SHORTEST_PAUSE } else { (2 * pause).min(LONGEST_PAUSE) };
            self.give(&mut input);
            read(&mut self.stderr, &mut self.buffer, CHUNK, &mut |bytes| tail.take(bytes))??;
            let said = read(&mut self.stdout, &mut self.buffer, CHUNK, take)?;
            if said == Ok(true) {
                // The standard error that was written before the last line is there by now.
                read(&mut self.stderr, &mut self.buffer, MOST_LEFT_IN_PIPE, &mut |bytes| tail.take(bytes))??;
                return Ok(Ending::Answered);
            }
            if said.is_ok() && self.group.has_ended() {
                return self.last_words(take, tail);
            }
            let ending = match said {
                Err(problem) => Some(Ending::Refused(problem)),
                Ok(_) if deadline.has_passed() => Some(Ending::TimedOut),
                Ok(_) => self.silent_for(&mut silence, !ready && pause == LONGEST_PAUSE).map(Ending::Refused),
            };
            if let Some(ending) = ending {
                self.group.end()?;
                read(&mut self.stderr, &mut self.buffer, MOST_LEFT_IN_PIPE, &mut |bytes| tail.take(bytes))??;
                return Ok(ending);
            }
        }
    }

    /// Reads the rest of the output once the process has ended. Other processes that hold the pipes are not waited for.
    fn last_words(&mut self, take: &mut Take<'_>, tail: &mut Tail) -> io::Result<Ending> {
        let status = self.group.end()?;
        read(&mut self.stderr, &mut self.buffer, MOST_LEFT_IN_PIPE, &mut |bytes| tail.take(bytes))??;
        Ok(match read(&mut self.stdout, &mut self.buffer, MOST_LEFT_IN_PIPE, take)? {
            Ok(true) => Ending::Answered,
            Ok(false) => Ending::Exited(status),
            Err(problem) => Ending::Refused(problem),
        })
    }

    /// Returns whether a worker closed its standard input or output, so that it can no longer answer.
    fn has_closed_a_pipe(&self) -> bool {
        self.stays && (self.stdin.is_none() || self.stdout.is_none())
    }

    /// Returns the problem of a worker that could answer no more for a while. The system is asked about a `quiet` one only,
    /// since that takes longer than a short trial may wait.
    fn silent_for(&self, silence: &mut Silence, quiet: bool) -> Option<String> {
        let now = Instant::now();
        let problem = if self.has_closed_a_pipe() {
            silence.of_closed(now)
        } else if quiet {
            let stdin = self.stdin.as_ref().filter(|_| self.stays);
            silence.of_waiting(now, || stdin.map_or(Waiting::No, |stdin| waiting(self.group.child.id(), stdin)))
        } else {
            *silence = Silence::default();
            None
        };
        problem.map(str::to_owned)
    }

    /// Returns whether a worker can get another request. What it printed since its last answer belongs to no trial.
    ///
    /// # Errors
    /// If the system does not let it be watched.
    pub(super) fn is_ready(&mut self) -> io::Result<bool> {
        self.ignore_output()?;
        Ok(!self.has_closed_a_pipe() && !self.group.has_ended())
    }

    /// Reads what is in the pipes, about as much as a pipe holds, and forgets it.
    ///
    /// # Errors
    /// If a pipe cannot be read.
    pub(super) fn ignore_output(&mut self) -> io::Result<()> {
        let ignore = &mut |_: &[u8]| -> io::Result<bool> { Ok(false) };
        read(&mut self.stderr, &mut self.buffer, MOST_LEFT_IN_PIPE, ignore)??;
        read(&mut self.stdout, &mut self.buffer, MOST_LEFT_IN_PIPE, ignore)??;
        Ok(())
    }

    /// Closes the standard input of a worker, which asks it to end.
    pub(super) fn close_input(&mut self) {
        self.stdin = None;
    }

    /// Returns the group of the process.
    pub(super) fn group(&self) -> &ProcessGroup {
        &self.group
    }

    /// Waits for a short while until a worker that got its request says something, without going to sleep.
    fn wait_eagerly(&self, left: &[u8]) -> io::Result<()> {
        let start = Instant::now();
        while self.stays && left.is_empty() && start.elapsed() < EAGER && !self.wait(Duration::ZERO, false)? {
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Waits until a pipe is ready, or for a pause. Returns which of the two happened. The standard input counts if there
    /// is something to give.
    fn wait(&self, pause: Duration, gives: bool) -> io::Result<bool> {
        let ends = [
            (self.stdin.as_ref().filter(|_| gives).map(AsFd::as_fd), PollFlags::OUT),
            (self.stdout.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (self.stderr.as_ref().map(AsFd::as_fd), PollFlags::IN),
        ];
        let open = ends.into_iter().filter_map(|(end, flags)| Some(PollFd::from_borrowed_fd(end?, flags)));
        let mut ends: Vec<PollFd<'_>> = open.collect();
        let time = Timespec { tv_sec: 0, tv_nsec: pause.subsec_nanos().into() };
        match poll(&mut ends, Some(&time)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes as much as the pipe takes. A process that does not read is not waited for, and one that has closed the
    /// pipe gets no more.
    fn give(&mut self, input: &mut &[u8]) {
        let Some(stdin) = self.stdin.as_mut().filter(|_| !(self.stays && input.is_empty())) else { return };
        let mut is_closed = false;
        match stdin.write(input) {
            Ok(written) => *input = &input[written..],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => (*input, is_closed) = (&[], true),
        }
        if is_closed || input.is_empty() && !self.stays {
            self.stdin = None;
        }
    }
}

/// Reads the present content of a pipe, about `most` bytes of it, or until `take` returns true, which is then returned. A
/// pipe that was closed becomes `None`. The outer error comes from the system, the inner one from `take`.
fn read<E>(
    pipe: &mut Option<impl Read>,
    buffer: &mut [u8],
    most: usize,
    take: &mut (impl FnMut(&[u8]) -> Result<bool, E> + ?Sized),
) -> io::Result<Result<bool, E>> {
    let mut left = most;
    while let Some(open) = pipe {
        match open.read(buffer) {
            Ok(0) => *pipe = None,
            Ok(n) => {
                let taken = take(&buffer[..n]);
                if !matches!(taken, Ok(false)) {
                    return Ok(taken);
                }
                left = left.saturating_sub(n);
                if left == 0 {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(false))
}

/// The end of the standard error of a process.
#[derive(Default)]
struct Tail(Vec<u8>, bool);

impl Tail {
    fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let Self(kept, cut) = self;
        let new = &bytes[bytes.len().saturating_sub(TAIL)..];
        let over = (kept.len() + new.len()).saturating_sub(TAIL);
        *cut |= over > 0 || new.len() < bytes.len();
        kept.drain(..over);
        kept.extend_from_slice(new);
        Ok(false)
    }

    fn text(self) -> String {
        let Self(kept, cut) = self;
        // The start may be the rest of a character.
        let start = if cut { kept.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() } else { 0 };
        let text = String::from_utf8_lossy(&kept[start..]);
        let shown = text.trim().chars().flat_map(escaped);
        if cut { ['…'].into_iter().chain(shown).collect() } else { shown.collect() }
    }
}
