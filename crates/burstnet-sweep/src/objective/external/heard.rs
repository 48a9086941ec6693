//! The standard output of a program, kept for those who compare it.

use std::sync::{Mutex, PoisonError};

use crate::limits::MOST_OUTPUT_KEPT;

/// The beginning of an output. By default nothing is kept.
#[derive(Default)]
pub(super) struct Heard {
    kept: Option<Box<Mutex<Vec<u8>>>>,
}

impl Heard {
    /// Starts to keep what is printed.
    pub(super) fn keep(&mut self) {
        self.kept.get_or_insert_default();
    }

    /// Takes the next part.
    pub(super) fn take(&self, bytes: &[u8]) {
        let Some(kept) = &self.kept else { return };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_OUTPUT_KEPT.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Returns what was kept, and forgets it.
    pub(super) fn all(&self) -> Vec<u8> {
        let kept =
            self.kept.as_ref().map(|kept| std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner)));
        kept.unwrap_or_default()
    }
}
