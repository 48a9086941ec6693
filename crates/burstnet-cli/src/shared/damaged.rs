//! Damage in journals as JSON has it.

use std::path::Path;

use burstnet_sweep::results::journal::Damage;
use serde::Serialize;

/// The damaged bytes of a journal.
#[derive(Serialize)]
pub(crate) struct DamagedBytes<'a> {
    journal: &'a Path,
    from: u64,
    to: u64,
}

impl<'a> DamagedBytes<'a> {
    /// Returns all of them.
    pub(crate) fn of(damage: &'a [Damage]) -> Vec<Self> {
        let one =
            |damage: &'a Damage| Self { journal: &damage.journal, from: damage.bytes.start, to: damage.bytes.end };
        damage.iter().map(one).collect()
    }
}
