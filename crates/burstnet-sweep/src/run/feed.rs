//! The trials of a search without rounds on their way to the threads: more come up while others run.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::run::executor::Work;

/// The trials that may start. Threads wait for more until the feed is closed.
#[derive(Default)]
pub(super) struct Feed {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The trials by rank, the highest rank first, and then by number.
    due: BTreeMap<(Reverse<usize>, usize), Work>,
    closed: bool,
}

impl Feed {
    /// Adds a trial. Those of a higher rank start first, and of one rank those with lower numbers.
    pub(super) fn push(&self, rank: usize, work: Work) {
        self.lock().due.insert((Reverse(rank), work.number), work);
        self.changed.notify_one();
    }

    /// Lets no further trial start.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Iterator for &Feed {
    type Item = Work;

    /// Returns the next trial, and waits for it if none may start yet; `None` once the feed is closed.
    fn next(&mut self) -> Option<Work> {
        let waits = |state: &mut State| !state.closed && state.due.is_empty();
        let mut state = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
        if state.closed { None } else { state.due.pop_first().map(|(_, work)| work) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(number: usize) -> Work {
        Work { trial_id: number as u64, budget: None, number, values: None, proposals: Vec::new() }
    }

    #[test]
    fn threads_wait_for_what_comes_and_the_highest_rank_goes_first() {
        let feed = Feed::default();
        [(0, 1), (0, 0), (2, 3), (1, 2)].into_iter().for_each(|(rank, number)| feed.push(rank, work(number)));
        let next = || (&feed).next().map(|work| work.number);
        assert_eq!([next(), next(), next(), next()], [Some(3), Some(2), Some(0), Some(1)]);
        std::thread::scope(|scope| {
            let waiting: Vec<_> = (0..3).map(|_| scope.spawn(next)).collect();
            feed.push(0, work(7));
            while !feed.lock().due.is_empty() {
                std::thread::yield_now();
            }
            feed.close();
            let got: Vec<_> = waiting.into_iter().filter_map(|one| one.join().unwrap()).collect();
            assert_eq!(got, [7]);
        });
        feed.push(0, work(8));
        assert_eq!(next(), None);
    }
}
