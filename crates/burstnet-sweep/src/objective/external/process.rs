//! One process: what it is given, what it says, and its end. Whatever it does, this ends soon after its deadline and
//! holds no more than what it may say.

use std::io::{self, ErrorKind, Read, Write as _};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;

use super::groups::Group;
use super::protocol::escaped;
use crate::objective::Deadline;

/// How long it waits at first, and at most, until it looks again whether the process has ended or the time is up.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// What is read at once, in bytes.
const CHUNK: usize = 1 << 16;
/// How much of the standard error's end is kept, in bytes.
const TAIL: usize = 2000;
/// How much of what is left in a pipe is read: more than a pipe holds.
const MOST_LEFT: usize = 2 << 20;

/// How a process ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// By itself.
    Exited(ExitStatus),
    /// The deadline passed.
    TimedOut,
    /// It said something that it should not have.
    Refused(String),
}

/// A process that has been started, and its pipes. Dropped, it is ended with all that it started.
pub(super) struct Conversation {
    group: Group,
    stdin: Option<std::process::ChildStdin>,
    stdout: Option<std::process::ChildStdout>,
    stderr: Option<std::process::ChildStderr>,
}

impl Conversation {
    /// Starts `program`, known to itself by the first of `arguments`, in `folder`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(program: &Path, arguments: &[String], folder: &Path) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new(program);
        command.arg0(&arguments[0]).args(&arguments[1..]).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::start(&mut command)?;
        let (stdin, stdout, stderr) = (group.child.stdin.take(), group.child.stdout.take(), group.child.stderr.take());
        for end in [stdin.as_ref().map(AsFd::as_fd), stdout.as_ref().map(AsFd::as_fd), stderr.as_ref().map(AsFd::as_fd)]
        {
            end.map_or(Ok(()), |end| ioctl_fionbio(end, true))?;
        }
        Ok(Self { group, stdin, stdout, stderr })
    }

    /// Gives the process `input`, and hands what it prints to `take`. Returns how it ended, and the end of its standard
    /// error.
    ///
    /// # Errors
    /// If the system does not let it be watched.
    pub(super) fn hold(
        mut self,
        input: &[u8],
        deadline: &Deadline<'_>,
        take: &mut dyn FnMut(&[u8]) -> Result<(), String>,
    ) -> io::Result<(Ending, String)> {
        let mut tail = Tail::default();
        let ending = self.carry_on(input, deadline, take, &mut tail)?;
        Ok((ending, tail.text()))
    }

    fn carry_on(
        &mut self,
        mut input: &[u8],
        deadline: &Deadline<'_>,
        take: &mut dyn FnMut(&[u8]) -> Result<(), String>,
        tail: &mut Tail,
    ) -> io::Result<Ending> {
        let mut pause = SHORTEST_PAUSE;
        let mut buffer = vec![0; CHUNK];
        loop {
            let ready = self.wait(pause)?;
            pause = if ready { SHORTEST_PAUSE } else { (2 * pause).min(LONGEST_PAUSE) };
            self.give(&mut input);
            read(&mut self.stderr, &mut buffer, CHUNK, &mut |bytes| tail.take(bytes))??;
            let said = read(&mut self.stdout, &mut buffer, CHUNK, take)?;
            let ended = said.is_ok() && self.group.has_ended();
            if ended {
                return self.last_words(&mut buffer, take, tail);
            }
            if said.is_err() || deadline.has_passed() {
                self.group.end()?;
                read(&mut self.stderr, &mut buffer, MOST_LEFT, &mut |bytes| tail.take(bytes))??;
                return Ok(said.err().map_or(Ending::TimedOut, Ending::Refused));
            }
        }
    }

    /// The process has ended: whoever else holds the pipes is not waited for.
    fn last_words(
        &mut self,
        buffer: &mut [u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), String>,
        tail: &mut Tail,
    ) -> io::Result<Ending> {
        let status = self.group.end()?;
        read(&mut self.stderr, buffer, MOST_LEFT, &mut |bytes| tail.take(bytes))??;
        Ok(match read(&mut self.stdout, buffer, MOST_LEFT, take)? {
            Ok(()) => Ending::Exited(status),
            Err(problem) => Ending::Refused(problem),
        })
    }

    /// Waits until a pipe is ready, or for a pause; tells which of the two.
    fn wait(&self, pause: Duration) -> io::Result<bool> {
        let ends = [
            (self.stdin.as_ref().map(AsFd::as_fd), PollFlags::OUT),
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

    /// Writes what the pipe takes; who does not read is not waited for, and who has closed it gets no more.
    fn give(&mut self, input: &mut &[u8]) {
        let Some(stdin) = &mut self.stdin else { return };
        match stdin.write(input) {
            Ok(written) => *input = &input[written..],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => *input = &[],
        }
        if input.is_empty() {
            self.stdin = None;
        }
    }
}

/// Reads what a pipe holds now, about `most` bytes of it; a pipe that was closed becomes none. The outer error is of the
/// system, the inner one what `take` says.
fn read<E>(
    pipe: &mut Option<impl Read>,
    buffer: &mut [u8],
    most: usize,
    take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> io::Result<Result<(), E>> {
    let mut left = most;
    while let Some(open) = pipe {
        match open.read(buffer) {
            Ok(0) => *pipe = None,
            Ok(n) => {
                if let Err(problem) = take(&buffer[..n]) {
                    return Ok(Err(problem));
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
    Ok(Ok(()))
}

/// The end of what a process says to its standard error.
#[derive(Default)]
struct Tail(Vec<u8>, bool);

impl Tail {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Self(kept, cut) = self;
        let new = &bytes[bytes.len().saturating_sub(TAIL)..];
        let over = (kept.len() + new.len()).saturating_sub(TAIL);
        *cut |= over > 0 || new.len() < bytes.len();
        kept.drain(..over);
        kept.extend_from_slice(new);
        Ok(())
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
