//! The shards of a sweep.

use std::path::Path;

use burstnet_sweep::results::ledger::Ledger;

/// Returns the number of shards in which a sweep runs, by the journal that was written last.
pub(crate) fn shards_of(ledger: &Ledger) -> u32 {
    let written = |path: &Path| path.metadata().and_then(|held| held.modified()).ok();
    let last = ledger.journals().iter().max_by_key(|(_, path)| written(path));
    last.map_or(1, |(shard, _)| shard.count())
}
