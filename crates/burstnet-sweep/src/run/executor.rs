//! Running trials on many threads. The results do not depend on the assignment of trials to threads, or on its timing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use burstnet_core::config::{Configuration, Value};
use rayon::ThreadPool;

use crate::files::watched::WatchedInputs;
use crate::limits::MOST_WAITING;
use crate::objective::any_checkpoint::AnyCheckpoint;
use crate::objective::cache::Cache;
use crate::objective::{Attempt, Deadline, EnvironmentError, Evaluation, EvaluationError, Objective, Part, panics};
use crate::plan::configurations::Configurations;
use crate::plan::content::ContentKeys;
use crate::plan::shard::Shard;
use crate::plan::shuffle::Shuffle;
use crate::results::record::{Proposal, Status, TrialRecord, TrialTiming};
use crate::spec::execution::Order;

/// The interval at which [`execute`] calls `idle` while no trial ends.
const IDLE: Duration = Duration::from_millis(100);
/// The finished records per thread that may wait to be written.
const WAITING: usize = 64;

/// A trial to run, and the part of its budget.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// The trial.
    pub trial_id: u64,
    /// The part of its budget that the trial gets, where budgets are divided.
    pub budget: Option<u64>,
    /// The number that is returned with its record.
    pub number: usize,
    /// The values of the swept keys; `None` if they are those of the trial's configuration in [`Setup::configurations`].
    pub values: Option<Vec<Option<Value>>>,
    /// The proposals that its record holds.
    pub proposals: Vec<Proposal>,
}

/// The unfinished trials of a shard, in running order.
pub(crate) struct PendingTrials<'a> {
    configurations: &'a Configurations,
    /// The number of trials to run.
    runs: u64,
    shard: Shard,
    /// The permutations of the shard's trials of a replicate, if they are shuffled.
    shuffle: Option<Shuffle>,
    /// The place of the next trial among those of the shard.
    next: u64,
    /// The sorted positions of the shard's trials that are done.
    done: Vec<u64>,
    handed_out: u64,
}

impl<'a> PendingTrials<'a> {
    /// Returns the trials of `shard` except those at the positions `done`.
    pub(crate) fn new(configurations: &'a Configurations, shard: Shard, order: Order, mut done: Vec<u64>) -> Self {
        let runs = configurations.runs();
        done.retain(|&position| position < runs && shard.owns(position));
        done.sort_unstable();
        done.dedup();
        let shuffle = || Shuffle::new(configurations.seed, u64::from(shard.index()));
        let shuffle = (order == Order::Shuffled).then(shuffle);
        Self { configurations, runs, shard, shuffle, next: 0, done, handed_out: 0 }
    }

    /// Returns the number of trials that are left.
    pub(crate) fn left(&self) -> u64 {
        self.shard.size(self.runs) - self.handed_out - self.done.len() as u64
    }

    /// Returns the position of the trial at a place among those of the shard. Shuffled, it is another one of the same
    /// replicate. Who owns a position does not depend on the order.
    fn position_of(&self, place: u64) -> u64 {
        let (index, count) = (u64::from(self.shard.index()), u64::from(self.shard.count()));
        let Some(shuffle) = &self.shuffle else { return index + place * count };
        let distinct = self.configurations.distinct();
        let replicate = (index + place * count) / distinct;
        let start = (replicate * distinct).saturating_sub(index).div_ceil(count);
        let end = ((replicate + 1) * distinct).saturating_sub(index).div_ceil(count);
        index + (start + shuffle.at(place - start, end - start)) * count
    }
}

impl Iterator for PendingTrials<'_> {
    type Item = Work;

    fn next(&mut self) -> Option<Work> {
        while self.next < self.shard.size(self.runs) {
            let position = self.position_of(self.next);
            self.next += 1;
            if self.done.binary_search(&position).is_err() {
                self.handed_out += 1;
                let number = (self.handed_out - 1) as usize;
                return Some(Work {
                    trial_id: self.configurations.trial_at(position),
                    budget: None,
                    number,
                    values: None,
                    proposals: Vec::new(),
                });
            }
        }
        None
    }
}

/// The settings of the threads that run the trials.
#[derive(Clone, Debug)]
pub struct Workers {
    /// The number of threads.
    pub threads: usize,
    /// The name of this host.
    pub host: String,
    /// The longest time that a trial may take; no limit if `None`.
    pub max_seconds: Option<f64>,
}

/// An event that [`execute`] reports.
pub(crate) enum Event {
    /// A trial ended; the number is that of its work.
    Finished(Box<TrialRecord>, usize),
    /// An environment error ends the sweep once the running trials have ended.
    Ending(EnvironmentError),
    /// No trial ended for a while.
    Idle,
}

/// The setup with which trials run.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'a> {
    /// The configurations of the trials.
    pub configurations: &'a Configurations,
    /// The model.
    pub objective: &'a dyn Objective,
    /// The function that gives the configuration to evaluate for values of the swept keys, in a replicate.
    pub configuration: &'a (dyn Fn(Vec<Option<Value>>, u64) -> Configuration + Sync),
    /// The settings of the threads.
    pub workers: &'a Workers,
    /// The checkpoints of trials that may go on, by trial number.
    pub checkpoints: &'a Cache<u64, AnyCheckpoint>,
    /// The files that configurations refer to.
    pub(crate) inputs: &'a WatchedInputs,
}

/// Runs trials on the threads of `pool`, and passes events to `sink` on the calling thread. Ends early in two cases. If `stop` is set or the
/// environment prevents an evaluation, it ends after the running trials. If `sink` fails, it ends as soon as the
/// running trials notice that they are abandoned.
///
/// # Errors
/// If `sink` fails, or the environment does not let a trial be evaluated.
pub(crate) fn execute<E: From<EnvironmentError> + Send>(
    setup: Setup<'_>,
    pool: &ThreadPool,
    pending: impl Iterator<Item = Work> + Send,
    stop: &AtomicBool,
    mut sink: impl FnMut(Event) -> Result<(), E>,
) -> Result<(), E> {
    let (sender, receiver) = sync_channel((WAITING * pool.current_num_threads()).min(MOST_WAITING));
    let pending = Mutex::new(pending);
    let (failed, ending) = (AtomicBool::new(false), AtomicBool::new(false));
    let plan = setup.configurations.plan();
    let keys = ContentKeys::new(plan);
    let evaluator = Evaluator { setup, tag: plan.tag(), whole: plan.budget(), keys, abandoned: &failed, stop };
    let claim = || {
        let stopped = [stop, &failed, &ending].iter().any(|flag| flag.load(Ordering::Relaxed));
        if stopped { None } else { pending.lock().unwrap_or_else(PoisonError::into_inner).next() }
    };
    let work_on = |thread: usize, sender: &SyncSender<_>| {
        while let Some(work) = claim() {
            let number = work.number;
            let outcome = evaluator.evaluate(work, thread as u32);
            ending.fetch_or(outcome.is_err(), Ordering::Relaxed);
            if sender.send((outcome, number)).is_err() {
                break;
            }
        }
    };
    pool.in_place_scope(|scope| {
        // The sender is dropped when all workers are done, which ends the loop below.
        let work_on = &work_on;
        scope.spawn_broadcast(move |_, worker| work_on(worker.index(), &sender));
        let mut result = Ok(());
        let mut hand = |progress: Event, result: &mut Result<(), E>| {
            if result.is_ok() {
                *result = sink(progress);
                failed.store(result.is_err(), Ordering::Relaxed);
            }
        };
        let mut lacking: Option<EnvironmentError> = None;
        loop {
            let progress = match receiver.recv_timeout(IDLE) {
                Ok((Ok(record), number)) => Event::Finished(record, number),
                // Where somebody asked to end, what could not begin any more is only missing.
                Ok((Err(error), _)) if lacking.is_none() && !stop.load(Ordering::Relaxed) => {
                    lacking = Some(error.clone());
                    Event::Ending(error)
                }
                Ok((Err(_further), _)) => continue,
                Err(RecvTimeoutError::Timeout) => Event::Idle,
                Err(RecvTimeoutError::Disconnected) => {
                    return result.and_then(|()| lacking.map_or(Ok(()), |error| Err(error.into())));
                }
            };
            hand(progress, &mut result);
        }
    })
}

/// An evaluator that turns trials into records.
struct Evaluator<'a> {
    setup: Setup<'a>,
    tag: u64,
    /// The whole budget of a trial, where budgets are divided.
    whole: Option<u64>,
    keys: ContentKeys<'a>,
    /// Set when records can no longer be kept.
    abandoned: &'a AtomicBool,
    /// Set when no further trial may begin.
    stop: &'a AtomicBool,
}

impl Evaluator<'_> {
    /// Returns the record of a trial, unless the environment caused its failure.
    fn evaluate(&self, work: Work, thread: u32) -> Result<Box<TrialRecord>, EnvironmentError> {
        let Setup { configurations, objective, configuration, workers, checkpoints, inputs } = self.setup;
        let plan = configurations.plan();
        let trial = plan.trial(work.trial_id);
        let start = Instant::now();
        let deadline = Deadline::new(start, workers.max_seconds, self.abandoned).unless(self.stop);
        let values = work.values.unwrap_or_else(|| configurations.values(trial.config_id));
        let outcome = panics::catch(|| {
            let mut configuration = configuration(values.clone(), trial.replicate);
            let part = work.budget.map(|budget| {
                plan.give_budget(&mut configuration, Some(budget));
                Part { from: checkpoints.take(&trial.id), keep: work.budget < self.whole }
            });
            let attempt = Attempt { trial_id: trial.id, replicate: trial.replicate, seed: trial.seed, part };
            let (evaluation, checkpoint) = objective.evaluate_attempt(&configuration, attempt, &deadline)?;
            if let Some(checkpoint) = checkpoint {
                checkpoints.put(trial.id, checkpoint);
            }
            Ok(evaluation)
        });
        let outcome = outcome.unwrap_or_else(|panic| Err(EvaluationError::Failed(format!("panicked: {panic}"))));
        let named = |error: EnvironmentError| EnvironmentError(format!("trial {} could not run: {error}", trial.id));
        if !inputs.is_empty() {
            inputs.check(&configuration(values.clone(), trial.replicate), objective.schema()).map_err(named)?;
        }
        let timing = TrialTiming { seconds: start.elapsed().as_secs_f64(), thread, host: workers.host.clone() };
        let (status, error, evaluation) = match outcome {
            Ok(mut evaluation) => match evaluation.diverged.take() {
                Some(error) => (Status::Diverged, Some(error), evaluation),
                None => (Status::Ok, None, evaluation),
            },
            Err(error) => {
                let measures = plan.measures.iter().map(|name| (name.clone(), None)).collect();
                let message = error.message(workers.max_seconds).map_err(named)?;
                (Status::Failed, Some(message), Evaluation { measures, ..Evaluation::default() })
            }
        };
        Ok(Box::new(TrialRecord {
            key: self.keys.trial(&values, trial.replicate, work.budget),
            plan: self.tag,
            config_id: trial.config_id,
            replicate: trial.replicate,
            status,
            ended_ms: now_ms(),
            took_ms: start.elapsed().as_millis() as u64,
            error,
            measures: evaluation.measures,
            curves: evaluation.curves,
            digest: evaluation.digest,
            timing,
            proposals: work.proposals,
        }))
    }
}

/// Returns the milliseconds since 1970.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::planned;

    #[test]
    fn replicates_run_one_after_the_other_and_what_is_done_is_skipped() {
        let text = "replicates: 2\nsearch: {space: {feedback.density: [0.1, 0.2, 0.3]}}\n";
        let plan = Configurations::from(planned(text));
        let pending = |shard, done| PendingTrials::new(&plan, shard, Order::Plan, done);
        let all = |shard, done| pending(shard, done).map(|work| work.trial_id).collect::<Vec<_>>();
        assert_eq!(all(Shard::WHOLE, Vec::new()), [0, 2, 4, 1, 3, 5]);
        assert!((0..6).all(|position| plan.position(plan.trial_at(position)) == position));
        let shard = |index| Shard::new(index, 4).unwrap();
        assert_eq!([0, 1, 2, 3].map(|index| all(shard(index), vec![1])), [vec![0, 3], vec![5], vec![4], vec![1]]);
        let mut pending = pending(Shard::WHOLE, vec![2, 0, 3, 2, 99]);
        assert_eq!(pending.left(), 3);
        assert_eq!(pending.next().map(|work| work.trial_id), Some(2));
        assert_eq!(pending.left(), 2);
        assert_eq!(pending.map(|work| work.trial_id).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn shuffled_trials_are_those_of_the_plan_replicate_by_replicate() {
        let text = "replicates: 3\nsearch: {space: {feedback.density: {linear: [0, 1], num: 101}}}\n";
        let plan = Configurations::from(planned(text));
        for count in [1, 2, 7, 100, 303, 400] {
            let mut seen = Vec::new();
            for index in 0..count {
                let shard = Shard::new(index, count).unwrap();
                let all = |order, done| PendingTrials::new(&plan, shard, order, done).map(|work| work.trial_id);
                let (listed, shuffled): (Vec<_>, Vec<_>) =
                    (all(Order::Plan, Vec::new()).collect(), all(Order::Shuffled, Vec::new()).collect());
                assert!(listed != shuffled || count > 10, "{count}");
                assert!(shuffled.is_sorted_by_key(|id| id % 3), "{count}");
                let done: Vec<u64> = shuffled.iter().step_by(2).map(|id| plan.position(*id)).collect();
                let left: Vec<u64> = shuffled.iter().skip(1).step_by(2).copied().collect();
                assert_eq!(all(Order::Shuffled, done).collect::<Vec<_>>(), left);
                let sorted = |mut ids: Vec<u64>| {
                    ids.sort_unstable();
                    ids
                };
                assert_eq!(sorted(listed), sorted(shuffled.clone()));
                seen.extend(shuffled);
            }
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..303));
        }
    }
}
