//! Running trials on many threads. Which thread runs what, and when, changes no result.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use burstnet_core::config::Configuration;

use crate::files::watched::WatchedInputs;
use crate::objective::checkpoints::Checkpoints;
use crate::objective::panics;
use crate::objective::threads;
use crate::objective::{Deadline, EnvironmentError, Evaluation, EvaluationError, Objective};
use crate::plan::Trial;
use crate::plan::configurations::Configurations;
use crate::plan::content::{ContentKey, ContentKeys};
use crate::plan::shard::Shard;
use crate::results::record::{Status, Timing, TrialRecord};

/// How often [`execute`] calls `idle` when no trial ends.
const IDLE: Duration = Duration::from_millis(100);
/// Finished records that may wait to be written, per thread and in all.
const WAITING: usize = 64;
const MOST_WAITING: usize = 1 << 13;

/// A trial to run, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The trial.
    pub trial_id: u64,
    /// The part of its budget that it gets, where budgets are divided.
    pub budget: Option<u64>,
    /// What is handed back with its record.
    pub number: usize,
}

/// Hands out the trials of a shard that are not done yet, in running order.
pub struct Pending<'a> {
    configurations: &'a Configurations,
    /// How many trials run.
    runs: u64,
    shard: Shard,
    /// The next position.
    next: u64,
    /// Positions of the shard's trials that are done, sorted.
    done: Vec<u64>,
    skipped: usize,
    handed_out: u64,
}

impl<'a> Pending<'a> {
    /// The trials of `shard` but those at the positions `done`.
    pub fn new(configurations: &'a Configurations, shard: Shard, mut done: Vec<u64>) -> Self {
        let runs = configurations.runs();
        done.retain(|&position| position < runs && shard.owns(position));
        done.sort_unstable();
        done.dedup();
        Self { configurations, runs, shard, next: u64::from(shard.index()), done, skipped: 0, handed_out: 0 }
    }

    /// Returns how many are left.
    pub fn left(&self) -> u64 {
        self.shard.size(self.runs) - self.handed_out - self.done.len() as u64
    }
}

impl Iterator for Pending<'_> {
    type Item = Work;

    fn next(&mut self) -> Option<Work> {
        let step = u64::from(self.shard.count());
        while self.done.get(self.skipped) == Some(&self.next) {
            self.skipped += 1;
            self.next += step;
        }
        (self.next < self.runs).then(|| {
            let position = self.next;
            self.next += step;
            self.handed_out += 1;
            Work { trial_id: self.configurations.trial_at(position), budget: None, number: 0 }
        })
    }
}

/// Who runs the trials.
#[derive(Clone, Debug)]
pub struct Workers {
    /// How many threads.
    pub threads: usize,
    /// This host's name.
    pub host: String,
    /// How long a trial may take; any time if none.
    pub max_seconds: Option<f64>,
}

/// What [`execute`] reports.
pub enum Progress {
    /// A trial ended; the number is that of its work.
    Finished(Box<TrialRecord>, usize),
    /// Only so many threads could be started, for this reason.
    Fewer(usize, String),
    /// The environment ends the sweep, after the trials that are running.
    Ending(EnvironmentError),
    /// Nothing ended for a while.
    Idle,
}

/// What trials are run with.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The configurations that they are of.
    pub configurations: &'a Configurations,
    /// The model.
    pub objective: &'a dyn Objective,
    /// What a configuration, by its number, is evaluated as.
    pub configuration: &'a (dyn Fn(u64) -> Configuration + Sync),
    /// Who runs them.
    pub workers: &'a Workers,
    /// Those of trials that may go on, by the trials' numbers.
    pub checkpoints: &'a Checkpoints<u64>,
    /// The files that configurations name.
    pub(crate) inputs: &'a WatchedInputs,
}

/// Runs trials and hands what happens to `sink`, on the calling thread. Ends early when `stop` is set or the environment
/// does not let a trial be evaluated, after the trials that are running, or when `sink` fails, as soon as these notice that
/// they are abandoned.
///
/// # Errors
/// If `sink` fails, or the environment does not let a trial be evaluated.
pub fn execute<E: From<EnvironmentError> + Send>(
    setup: Setup<'_>,
    pending: impl Iterator<Item = Work> + Send,
    stop: &AtomicBool,
    mut sink: impl FnMut(Progress) -> Result<(), E>,
) -> Result<(), E> {
    let wanted = setup.workers.threads;
    let (pool, lacking) = threads::pool(wanted)?;
    let (sender, receiver) = sync_channel((WAITING * wanted).min(MOST_WAITING));
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
            let outcome = evaluator.evaluate(work, thread as u32);
            ending.fetch_or(outcome.is_err(), Ordering::Relaxed);
            if sender.send((outcome, work.number)).is_err() {
                break;
            }
        }
    };
    pool.in_place_scope(|scope| {
        // The sender is dropped when all workers are done, which ends the loop below.
        let work_on = &work_on;
        scope.spawn_broadcast(move |_, worker| work_on(worker.index(), &sender));
        let mut result = Ok(());
        let mut hand = |progress: Progress, result: &mut Result<(), E>| {
            if result.is_ok() {
                *result = sink(progress);
                failed.store(result.is_err(), Ordering::Relaxed);
            }
        };
        if let Some(why) = lacking {
            hand(Progress::Fewer(pool.current_num_threads(), why), &mut result);
        }
        let mut lacking: Option<EnvironmentError> = None;
        loop {
            let progress = match receiver.recv_timeout(IDLE) {
                Ok((Ok(record), number)) => Progress::Finished(record, number),
                // Where somebody asked to end, what could not begin any more is only missing.
                Ok((Err(error), _)) if lacking.is_none() && !stop.load(Ordering::Relaxed) => {
                    lacking = Some(error.clone());
                    Progress::Ending(error)
                }
                Ok((Err(_further), _)) => continue,
                Err(RecvTimeoutError::Timeout) => Progress::Idle,
                Err(RecvTimeoutError::Disconnected) => {
                    return result.and_then(|()| lacking.map_or(Ok(()), |error| Err(error.into())));
                }
            };
            hand(progress, &mut result);
        }
    })
}

/// What turns trials into records.
struct Evaluator<'a> {
    setup: Setup<'a>,
    tag: u64,
    /// The whole budget of a trial, where budgets are divided.
    whole: Option<u64>,
    keys: ContentKeys<'a>,
    /// Set when no record can be kept any more.
    abandoned: &'a AtomicBool,
    /// Set when no trial is to begin any more.
    stop: &'a AtomicBool,
}

impl Evaluator<'_> {
    /// The record of a trial, unless the environment is to blame for how it ended.
    fn evaluate(&self, work: Work, thread: u32) -> Result<Box<TrialRecord>, EnvironmentError> {
        let Setup { configurations, objective, configuration, workers, checkpoints, inputs } = self.setup;
        let plan = configurations.plan();
        let trial = plan.trial(work.trial_id);
        let start = Instant::now();
        let deadline = Deadline::new(start, workers.max_seconds, self.abandoned).unless(self.stop);
        let outcome = panics::catch(|| {
            let mut configuration = configuration(trial.config_id);
            if work.budget.is_none() {
                return objective.evaluate(&configuration, trial.seed, &deadline);
            }
            plan.give_budget(&mut configuration, work.budget);
            let (from, keep) = (checkpoints.take(&trial.id), work.budget < self.whole);
            let (evaluation, checkpoint) = objective.evaluate_on(&configuration, trial.seed, &deadline, from, keep)?;
            if let Some(checkpoint) = checkpoint {
                checkpoints.put(trial.id, checkpoint);
            }
            Ok(evaluation)
        });
        let outcome = outcome.unwrap_or_else(|panic| Err(EvaluationError::Failed(format!("panicked: {panic}"))));
        let named = |error: EnvironmentError| EnvironmentError(format!("trial {} could not run: {error}", trial.id));
        if !inputs.is_empty() {
            inputs.check(&configuration(trial.config_id), objective.schema()).map_err(named)?;
        }
        let timing = Timing { seconds: start.elapsed().as_secs_f64(), thread, host: workers.host.clone() };
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
            key: self.key(trial, work.budget),
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
        }))
    }

    fn key(&self, trial: Trial, budget: Option<u64>) -> ContentKey {
        let values = self.setup.configurations.values(trial.config_id);
        match budget {
            Some(_) => self.keys.with_budget(&values, budget).with_seed(trial.seed),
            None => self.keys.configuration(&values).with_seed(trial.seed),
        }
    }
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::burst::BurstNetwork;
    use crate::spec::{Source, SweepSpec};

    #[test]
    fn replicates_run_one_after_the_other_and_what_is_done_is_skipped() {
        let text = "replicates: 2\nsearch: {space: {feedback.density: [0.1, 0.2, 0.3]}}\n";
        let source = Source::parse("s.yaml".as_ref(), text.into()).unwrap();
        let network = BurstNetwork::default();
        let spec = SweepSpec::new(&source, Vec::new(), network.schema()).unwrap();
        let plan = Configurations::from(spec.plan(&network).unwrap());
        let all = |shard, done| Pending::new(&plan, shard, done).map(|work| work.trial_id).collect::<Vec<_>>();
        assert_eq!(all(Shard::WHOLE, Vec::new()), [0, 2, 4, 1, 3, 5]);
        assert!((0..6).all(|position| plan.position(plan.trial_at(position)) == position));
        let shard = |index| Shard::new(index, 4).unwrap();
        assert_eq!([0, 1, 2, 3].map(|index| all(shard(index), vec![1])), [vec![0, 3], vec![5], vec![4], vec![1]]);
        let mut pending = Pending::new(&plan, Shard::WHOLE, vec![2, 0, 3, 2, 99]);
        assert_eq!(pending.left(), 3);
        assert_eq!(pending.next().map(|work| work.trial_id), Some(2));
        assert_eq!(pending.left(), 2);
        assert_eq!(pending.map(|work| work.trial_id).collect::<Vec<_>>(), [3, 5]);
    }
}
