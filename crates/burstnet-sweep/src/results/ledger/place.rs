//! Places of records, and the search for records of earlier plans.

use super::RecordedTrial;
use super::files::JournalFiles;
use crate::limits::MOST_SEARCHED;
use crate::plan::configurations::Configurations;
use crate::plan::content::ContentKeys;
use crate::results::journal::JournalError;
use crate::results::record::Status;

/// The place of a record in one number: journal (14 bits), the frame's first byte (48 bits), and flags for a trial that
/// diverged or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordPlace(u64);

/// The number of journals that a [`RecordPlace`] can distinguish.
pub(super) const MOST_JOURNALS: usize = 1 << 14;

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

/// Finds the trials that have a record of an earlier plan among `strays`, and adds them to `entries`.
pub(super) fn find_strays(
    configurations: &Configurations,
    mut strays: Vec<(u64, RecordPlace)>,
    keep: &dyn Fn(u64) -> bool,
    files: &mut JournalFiles,
    entries: &mut Vec<RecordedTrial>,
) -> Result<(), JournalError> {
    if strays.is_empty() || configurations.trials() > MOST_SEARCHED {
        return Ok(());
    }
    strays.sort_unstable();
    let plan = configurations.plan();
    let keys = ContentKeys::new(plan);
    let few = plan.replicates <= 1 << 16;
    let seeds: Vec<u64> = (0..plan.replicates).filter(|_| few).map(|one| plan.seed_of(one)).collect();
    let copies = configurations.copies();
    for config_id in (0..configurations.configurations()).filter(|config_id| !copies.contains(*config_id)) {
        let configuration = keys.configuration(&configurations.values(config_id));
        for replicate in 0..plan.replicates {
            let trial_id = config_id * plan.replicates + replicate;
            let seed = match seeds.get(replicate as usize) {
                Some(seed) => *seed,
                None => plan.seed_of(replicate),
            };
            let key = configuration.with_seed(seed);
            let first = strays.partition_point(|(prefix, _)| *prefix < key.prefix());
            for &(_, place) in strays[first..].iter().take_while(|(prefix, _)| *prefix == key.prefix()) {
                if keep(trial_id) && files.record(place)?.key == key {
                    entries.push(RecordedTrial { trial_id, place });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
