//! Places of records.

use crate::results::record::Status;

/// The place of a record in one number: journal (14 bits), the frame's first byte (48 bits), and flags for a trial that
/// diverged or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordPlace(u64);

impl RecordPlace {
    /// The place of a trial that was stopped before it ran.
    pub(super) const NOWHERE: Self = Self(u64::MAX - 3);

    pub(super) fn new(journal: usize, start: u64, status: Status) -> Self {
        let (failed, diverged) = (status == Status::Failed, status == Status::Diverged);
        Self((journal as u64) << 50 | start << 2 | u64::from(diverged) << 1 | u64::from(failed))
    }

    pub(super) fn journal(self) -> usize {
        (self.0 >> 50) as usize
    }

    pub(super) fn start(self) -> u64 {
        (self.0 >> 2) & ((1 << 48) - 1)
    }

    pub(super) fn failed(self) -> bool {
        self.0 & 1 == 1
    }

    pub(super) fn diverged(self) -> bool {
        self.0 & 2 == 2
    }
}

#[cfg(test)]
mod tests {
    use super::super::RecordedTrial;
    use super::*;
    use crate::limits::MOST_JOURNALS;

    #[test]
    fn a_trial_takes_16_bytes() {
        assert_eq!((size_of::<RecordedTrial>(), size_of::<(u64, RecordPlace)>()), (16, 16));
    }

    #[test]
    fn a_place_keeps_its_parts() {
        let last = (MOST_JOURNALS - 1, (1 << 48) - 1, Status::Failed);
        for (journal, start, status) in [(0, 52, Status::Ok), last, (7, 0, Status::Diverged)] {
            let place = RecordPlace::new(journal, start, status);
            assert_eq!((place.journal(), place.start()), (journal, start));
            let told = (place.failed(), place.diverged());
            assert_eq!(told, (status == Status::Failed, status == Status::Diverged));
        }
        assert!(!RecordPlace::NOWHERE.failed() && !RecordPlace::NOWHERE.diverged());
    }
}
