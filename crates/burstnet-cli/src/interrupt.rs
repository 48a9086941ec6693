//! SIGINT and SIGTERM: the first asks to end after what is running, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Failure;

/// Whether somebody asked the command to end.
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Starts to listen.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let (stop, signal) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        for number in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag unset, the second one set. Ending at once loses nothing
            // that was written, since nothing is held back in this process.
            flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&stop))
                .and_then(|_| flag::register_usize(number, Arc::clone(&signal), number as usize))
                .and_then(|_| flag::register(number, Arc::clone(&stop)))
                .map_err(|error| Failure::Environment(format!("cannot listen to signals: {error}")))?;
        }
        Ok(Self { stop, signal })
    }

    /// Set once somebody asked.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// The signal that asked, if any did.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.stop.load(Ordering::Relaxed).then(|| self.signal.load(Ordering::Relaxed) as i32)
    }
}
