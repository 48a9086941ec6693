//! Those who watch a session: a terminal, or a program of a user's own.

use crate::objective::EnvironmentError;
use crate::results::journal::Damage;
use crate::results::record::TrialRecord;

/// An observer of a session.
pub trait Follower {
    /// Reports the start: `done` of `total` trials were done before, and the journals contain this damage.
    fn started(&mut self, _done: u64, _total: u64, _damage: &[Damage]) {}
    /// Reports the beginning of a round: `done` of its `total` trials were done before.
    fn round(&mut self, _number: u64, _done: u64, _total: u64) {}
    /// Reports that from here on runs of a trial to one of its rungs are counted: `done` of `total` were done before.
    fn rungs(&mut self, _done: u64, _total: u64) {}
    /// Reports how many trials, or runs to a rung, there are now, of a search that decides on the way how many run.
    fn total(&mut self, _total: u64) {}
    /// Reports the end of a trial.
    fn finished(&mut self, _record: &TrialRecord) {}
    /// Reports that only `threads` threads could be started, for this reason.
    fn fewer_threads(&mut self, _threads: usize, _why: &str) {}
    /// Reports that the session is going to fail for this reason, once the running trials have ended.
    fn ending(&mut self, _why: &EnvironmentError) {}
    /// Reports that no trial ended for a while.
    fn idle(&mut self) {}
}
