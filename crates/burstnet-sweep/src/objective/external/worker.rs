//! A worker: a process that stays, and serves trial after trial.

use std::io;
use std::time::{Duration, Instant};

use super::process::{Conversation, Ending, Take};
use crate::objective::Deadline;

/// The time in which a worker must end once its standard input is closed, and then once it is asked by SIGTERM.
const TO_END: Duration = Duration::from_secs(5);
const TO_TERMINATE: Duration = Duration::from_secs(2);
/// The first and the longest pause between two checks for its end.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// The variables that say how many threads numerical libraries start. Workers already share the cores.
pub(super) const THREADS: [&str; 7] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
];

/// A process that serves trial after trial. Dropping it ends the process and all processes that it started.
pub(super) struct Worker {
    conversation: Conversation,
    /// The number of requests that it got.
    served: u64,
}

impl Worker {
    /// Returns a worker that has just been started.
    pub(super) fn new(conversation: Conversation) -> Self {
        Self { conversation, served: 0 }
    }

    /// Returns the number of requests that it got.
    pub(super) fn served(&self) -> u64 {
        self.served
    }

    /// Returns whether it can get another request.
    ///
    /// # Errors
    /// If the system does not let it be watched.
    pub(super) fn is_ready(&mut self) -> io::Result<bool> {
        self.conversation.is_ready()
    }

    /// Gives it a request, and passes its output to `take`. Returns how that ended, and the end of what it wrote on standard
    /// error meanwhile. Unless the request was answered, the worker has ended.
    ///
    /// # Errors
    /// If the system does not let it be watched.
    pub(super) fn ask(
        &mut self,
        request: &[u8],
        deadline: &Deadline<'_>,
        take: &mut Take<'_>,
    ) -> io::Result<(Ending, String)> {
        self.served += 1;
        self.conversation.hold(request, deadline, take)
    }
}

/// Ends workers: closes their standard input, waits, asks by SIGTERM those that are left, waits once more, and kills the rest.
/// Ends all processes that they started, too.
pub(super) fn end(workers: Vec<Worker>) {
    end_within(workers, TO_END, TO_TERMINATE);
}

pub(super) fn end_within(mut workers: Vec<Worker>, to_end: Duration, to_terminate: Duration) {
    for worker in &mut workers {
        worker.conversation.close_input();
    }
    wait(&mut workers, to_end);
    for worker in &workers {
        worker.conversation.group().terminate();
    }
    wait(&mut workers, to_terminate);
}

/// Waits for workers to end, and drops those that have.
fn wait(workers: &mut Vec<Worker>, time: Duration) {
    let (start, mut pause) = (Instant::now(), SHORTEST_PAUSE);
    loop {
        // One that has much to say must not wait for a reader.
        workers.retain_mut(|worker| {
            worker.conversation.ignore_output().is_ok() && !worker.conversation.group().has_ended()
        });
        if workers.is_empty() || start.elapsed() >= time {
            return;
        }
        std::thread::sleep(pause);
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}
