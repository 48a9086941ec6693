//! SIGINT and SIGTERM: the first asks to end after what is running, a later one ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;

/// Signals that come together are one request: `timeout`, for one, signals the process and then its group.
const TOGETHER: Duration = Duration::from_secs(1);

/// Whether somebody asked the command to end.
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    signal: Arc<AtomicI32>,
}

impl Interrupt {
    /// Starts to listen, on a thread of its own.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let cannot = |error| Failure::Environment(format!("cannot listen to signals: {error}"));
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(cannot)?;
        let interrupt = Self { stop: Arc::new(AtomicBool::new(false)), signal: Arc::new(AtomicI32::new(0)) };
        let (stop, first_signal) = (Arc::clone(&interrupt.stop), Arc::clone(&interrupt.signal));
        let listener = move || {
            let mut first: Option<Instant> = None;
            for signal in signals.forever() {
                match first {
                    None => {
                        first = Some(Instant::now());
                        first_signal.store(signal, Ordering::Relaxed);
                        stop.store(true, Ordering::Relaxed);
                    }
                    Some(first) if first.elapsed() < TOGETHER => {}
                    // Nothing that was recorded is lost: it was written, and nothing is held back in this process.
                    Some(_) => std::process::exit(128 + signal),
                }
            }
        };
        std::thread::Builder::new().name("signals".into()).spawn(listener).map_err(cannot)?;
        Ok(interrupt)
    }

    /// Set once somebody asked.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// The signal that asked, if any did.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.stop.load(Ordering::Relaxed).then(|| self.signal.load(Ordering::Relaxed))
    }
}
