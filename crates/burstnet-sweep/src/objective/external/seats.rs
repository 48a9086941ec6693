//! Seats for the trials that run at the same time: each has a number, and for a program that stays, the worker that serves
//! there.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::worker::{self, Worker};

/// The seats of a program. There are as many as trials ran at the same time.
#[derive(Default)]
pub(super) struct Seats(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    idle: Vec<Seat>,
    made: u64,
}

/// A seat, with a number that no other one has.
#[derive(Default)]
pub(super) struct Seat {
    slot: u64,
    /// The worker that waits for its next trial.
    pub(super) worker: Option<Worker>,
}

/// A seat that a trial has taken. Dropping it gives it back.
pub(super) struct Taken<'a> {
    seats: &'a Seats,
    seat: Seat,
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the seat with the lowest number, before all others one at which a worker waits.
    pub(super) fn take(&self) -> Taken<'_> {
        let mut inner = self.lock();
        let order = |seat: &Seat| (seat.worker.is_none(), seat.slot);
        let best = (0..inner.idle.len()).min_by_key(|at| order(&inner.idle[*at]));
        let seat = best.map(|at| inner.idle.swap_remove(at)).unwrap_or_else(|| {
            inner.made += 1;
            Seat { slot: inner.made - 1, worker: None }
        });
        Taken { seats: self, seat }
    }

    /// Ends all workers that wait for a trial.
    pub(super) fn end(&self) {
        let workers: Vec<Worker> = self.lock().idle.iter_mut().filter_map(|seat| seat.worker.take()).collect();
        worker::end(workers);
    }
}

impl Drop for Seats {
    fn drop(&mut self) {
        self.end();
    }
}

impl Taken<'_> {
    /// Returns the number of the seat.
    pub(super) fn slot(&self) -> u64 {
        self.seat.slot
    }

    /// Moves to a free seat at which a worker waits, if there is one. Returns whether there was.
    pub(super) fn moves(&mut self) -> bool {
        let mut inner = self.seats.lock();
        match inner.idle.iter_mut().find(|seat| seat.worker.is_some()) {
            Some(other) => std::mem::swap(&mut self.seat, other),
            None => return false,
        }
        true
    }

    /// Takes the worker away from a free seat, if one waits there.
    pub(super) fn other_worker(&self) -> Option<Worker> {
        self.seats.lock().idle.iter_mut().find_map(|seat| seat.worker.take())
    }
}

impl Deref for Taken<'_> {
    type Target = Seat;

    fn deref(&self) -> &Seat {
        &self.seat
    }
}

impl DerefMut for Taken<'_> {
    fn deref_mut(&mut self) -> &mut Seat {
        &mut self.seat
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.seats.lock().idle.push(std::mem::take(&mut self.seat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_have_the_lowest_free_numbers() {
        let seats = Seats::default();
        let (first, second) = (seats.take(), seats.take());
        let third = seats.take();
        assert_eq!([first.slot(), second.slot(), third.slot()], [0, 1, 2]);
        drop(third);
        drop(first);
        let again = seats.take();
        assert_eq!(again.slot(), 0);
        assert_eq!(seats.take().slot(), 2);
        drop(second);
        assert_eq!(seats.take().slot(), 1);
        assert!(!seats.take().moves(), "nobody waits anywhere");
    }
}
