//! The random streams of sweeps. The streams of a run of the network are in `burstnet_core::streams`.

use burstnet_core::streams::Stream;

/// The purpose of a stream. The numbers are part of the version of the bits, and differ from those of `burstnet_core`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum SweepPurpose {
    /// The seeds of the replicates of a sweep.
    Replicates = 32,
    /// The configurations of a search. The part is the number of the configuration.
    Search = 33,
    /// The resampling of the bootstrap.
    Bootstrap = 34,
    /// The seeds of the replicates that confirm the best configurations of a sweep.
    Confirmation = 35,
    /// Simulated data without differences, by which comparisons are judged.
    Comparisons = 36,
    /// The order in which trials run if it is shuffled. The part is the index of the shard. No result depends on it.
    Order = 37,
    /// The values that are drawn for a replicate. The key is the hash of a key's name; the seed is the replicate's.
    PerReplicate = 38,
}

impl From<SweepPurpose> for u32 {
    fn from(purpose: SweepPurpose) -> Self {
        purpose as Self
    }
}

/// Returns the seed of replicate `replicate` of a sweep with seed `sweep_seed`.
///
/// The seed depends on these two numbers only, so all configurations share it (common random numbers). It is below 2⁵³,
/// so that R, JSON and spreadsheets keep its digits.
pub fn replicate_seed(sweep_seed: u64, replicate: u64) -> u64 {
    Stream::part(sweep_seed, SweepPurpose::Replicates, replicate).integer() >> 11
}

/// Returns the seed of replicate `replicate` of the confirmation of a sweep with seed `sweep_seed`.
///
/// It comes from a stream of its own, so it is not one of the seeds of the sweep, however many replicates that has or
/// gets. It is below 2⁵³ as well.
pub fn confirmation_seed(sweep_seed: u64, replicate: u64) -> u64 {
    Stream::part(sweep_seed, SweepPurpose::Confirmation, replicate).integer() >> 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_stable_and_stay_below_two_to_the_53() {
        assert_eq!(replicate_seed(2017, 0), 1_100_890_160_791_108);
        assert_eq!(replicate_seed(2017, 7), 5_037_474_207_977_782);
        assert_eq!(confirmation_seed(2017, 0), 286_146_184_626_243);
        assert!((0..1000).all(|r| replicate_seed(u64::MAX, r) < 1 << 53 && confirmation_seed(u64::MAX, r) < 1 << 53));
    }
}
