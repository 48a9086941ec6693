//! SIGINT, SIGTERM and SIGHUP: the first asks to end after what is running, a later one ends at once.
//!
//! SIGHUP counts as SIGTERM, unless this process was started so that it ignores it, as by `nohup`.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use burstnet_sweep::objective::external;
use signal_hook::consts::{SIGABRT, SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::host;
use crate::failure::Failure;

/// Signals that come together are one request: `timeout`, for one, signals the process and then its group.
const TOGETHER: Duration = Duration::from_secs(1);

/// The first signal of this process that asked it to end; 0 if none did.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// A listener for signals that ask the command to end.
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    /// True if a host listens in place of this process.
    hosted: bool,
}

impl Interrupt {
    /// Starts to listen, on a thread of its own. A host has listened already.
    pub(crate) fn listen() -> Result<Self, Failure> {
        if let Some(stop) = host::stop() {
            return Ok(Self { stop, hosted: true });
        }
        let cannot = |error| Failure::Environment(format!("cannot listen for signals: {error}"));
        let hangup = (!is_ignored(SIGHUP)).then_some(SIGHUP);
        let mut signals = Signals::new([SIGINT, SIGTERM].into_iter().chain(hangup)).map_err(cannot)?;
        let interrupt = Self { stop: Arc::new(AtomicBool::new(false)), hosted: false };
        let stop = Arc::clone(&interrupt.stop);
        let listener = move || {
            let mut first: Option<Instant> = None;
            for signal in signals.forever() {
                let signal = if signal == SIGHUP { SIGTERM } else { signal };
                match first {
                    None => {
                        first = Some(Instant::now());
                        FIRST.store(signal, Ordering::Relaxed);
                        stop.store(true, Ordering::Relaxed);
                    }
                    Some(first) if first.elapsed() < TOGETHER => {}
                    // Nothing that was recorded is lost: it was written, and nothing is held back in this process.
                    Some(_) => {
                        external::end_all();
                        if std::io::stderr().is_terminal() {
                            eprint!("\r\x1b[2K"); // no half of a bar stays
                        }
                        std::process::exit(128 + signal)
                    }
                }
            }
        };
        std::thread::Builder::new().name("signals".into()).spawn(listener).map_err(cannot)?;
        Ok(interrupt)
    }

    /// Returns a flag that is set once a signal has asked.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Returns the signal that asked, if any.
    pub(crate) fn signal(&self) -> Option<i32> {
        let signal = if self.hosted { Some(SIGINT) } else { first() };
        signal.filter(|_| self.stop.load(Ordering::Relaxed))
    }
}

/// Returns the first signal that asked this process to end, if any.
pub(crate) fn first() -> Option<i32> {
    Some(FIRST.load(Ordering::Relaxed)).filter(|signal| *signal > 0)
}

/// Makes a file that grows beyond a limit an error of the write, rather than the end of the process by SIGXFSZ.
pub(crate) fn outlive_long_files() {
    // Where the signal is unknown there is no such limit either.
    drop(signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))));
}

/// Makes a thread that finds no memory for its own start end the process with the exit code of the environment: such a
/// thread reports it and aborts.
pub(crate) fn end_without_memory() {
    // Where there is no such signal, the process ends by it as ever.
    drop(signal_hook::flag::register_conditional_shutdown(SIGABRT, 3, Arc::new(AtomicBool::new(true))));
}

/// Returns whether this process was started so that it ignores a signal.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
