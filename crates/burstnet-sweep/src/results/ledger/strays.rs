//! The search for records of earlier plans.

use super::RecordedTrial;
use super::files::JournalFiles;
use super::place::RecordPlace;
use crate::limits::MOST_SEARCHED;
use crate::plan::configurations::Configurations;
use crate::plan::content::ContentKeys;
use crate::results::journal::JournalError;

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
        let values = configurations.values(config_id);
        let configuration = keys.configuration(&values);
        for replicate in 0..plan.replicates {
            let trial_id = config_id * plan.replicates + replicate;
            let seed = match seeds.get(replicate as usize) {
                Some(seed) => *seed,
                None => plan.seed_of(replicate),
            };
            let key = match plan.per_replicate.as_slice() {
                [] => configuration.with_seed(seed),
                [_, ..] => keys.trial(&values, replicate, None),
            };
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
