//! The work of a session, and its result.

use std::time::Duration;

use crate::plan::shard::Shard;
use crate::results::course::Course;
use crate::results::study::{Study, StudyError};
use crate::run::executor::Work;
use crate::spec::execution::Order;

/// The work of a session and its settings.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The part of the sweep.
    pub shard: Shard,
    /// The only round to run, for a search in rounds; everything that is left if `None`.
    pub round: Option<u64>,
    /// The longest time to wait for results of other shards without any, for a search without rounds.
    pub wait: Duration,
    /// The longest time that records may wait to be synced.
    pub sync_interval: Duration,
    /// True if failed trials run again.
    pub retry_failed: bool,
    /// The number of trials after which the session ends if all have failed for the same reason; 0 for none.
    pub stop_after_failures: u64,
    /// The order in which the trials run, for a search that does not adapt.
    pub order: Order,
}

/// The time that a shard waits for others if nothing else is said.
pub const USUAL_WAIT: Duration = Duration::from_secs(300);

/// The result of a session, in trials. A trial that a rule assesses at several rungs counts once for each rung to which
/// it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The number of the shard, as far as it is known. Rules that stop trials early decide on the way how many run.
    pub total: u64,
    /// The number of those whose records are durable.
    pub done: u64,
    /// The number of these that this session added.
    pub new: u64,
}

/// Returns the error that ends a session whose first trials all failed for this reason.
pub(super) fn end_if_all_failed(reason: Option<String>, study: &Study, task: &Task) -> Result<(), StudyError> {
    let path = study.results.clone();
    reason.map_or(Ok(()), |reason| Err(StudyError::AllFailed { path, count: task.stop_after_failures, reason }))
}

/// Returns job `at` as work.
pub(super) fn work(course: &Course, replicates: u64, at: usize) -> Work {
    let job = course.jobs()[at];
    let trial_id = job.config_id * replicates + job.replicate;
    let values = course.configurations().values(job.config_id);
    let proposals = course.proposals(job.config_id);
    Work { trial_id, budget: course.budget(job), number: at, values: Some(values), proposals }
}
