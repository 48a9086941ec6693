//! Many trials at once, with a progress bar, until all have ended or a signal comes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::terminal::bar::{Bar, Counted};

/// Runs `same` for each of these, and returns the places of those for which it is false. The first failure ends all.
pub(crate) fn on_all_cores<T: Sync>(
    all: &[T],
    threads: usize,
    interrupt: &Interrupt,
    same: impl Fn(&T) -> Result<bool, Failure> + Sync,
) -> Result<Vec<usize>, Failure> {
    let (next, failed, problem) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(None));
    let (done, ended) = channel();
    let mut differing = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, all.len().max(1)) {
            let done = done.clone();
            let (next, failed, problem, same) = (&next, &failed, &problem, &same);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(at) else { break };
                    if failed.load(Ordering::Relaxed) || interrupt.flag().load(Ordering::Relaxed) {
                        break;
                    }
                    match same(one) {
                        Ok(same) => drop(done.send((at, same))),
                        Err(failure) => {
                            failed.store(true, Ordering::Relaxed);
                            problem.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
                        }
                    }
                }
            });
        }
        drop(done);
        let bar = Bar::new(Counted::Trials, 0, all.len() as u64).ticking();
        for (n, (at, same)) in (1..).zip(ended) {
            bar.set(n);
            if !same {
                differing.push(at);
            }
        }
        bar.clear();
    });
    if let Some(signal) = interrupt.signal() {
        return Err(Failure::Interrupted(signal, "interrupted; the same command goes on or begins again".into()));
    }
    match problem.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failure) => Err(failure),
        None => Ok(differing),
    }
}
