//! Running trials on many threads. Which thread runs what, and when, changes no result.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::objective::Objective;
use crate::plan::{Plan, Trial};
use crate::record::{Status, Timing, TrialRecord};

/// How often [`execute`] calls `idle` when no trial ends.
const IDLE: Duration = Duration::from_millis(100);
/// Finished records that may wait to be written, per thread.
const WAITING: usize = 64;

/// Hands out the trials of a plan that are not done yet, in the order of their positions.
pub struct Pending<'a> {
    plan: &'a Plan,
    /// The next position.
    next: u64,
    /// Positions of trials that are done, sorted.
    done: Vec<u64>,
    skipped: usize,
}

impl<'a> Pending<'a> {
    /// The trials of `plan` that are not in `done`.
    pub fn new(plan: &'a Plan, mut done: Vec<u64>) -> Self {
        done.retain(|&id| id < plan.trials());
        done.iter_mut().for_each(|id| *id = plan.position(*id));
        done.sort_unstable();
        done.dedup();
        Self { plan, next: 0, done, skipped: 0 }
    }

    /// How many are left.
    pub fn left(&self) -> u64 {
        self.plan.trials() - self.next - (self.done.len() - self.skipped) as u64
    }
}

impl Iterator for Pending<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        while self.done.get(self.skipped) == Some(&self.next) {
            self.skipped += 1;
            self.next += 1;
        }
        (self.next < self.plan.trials()).then(|| {
            self.next += 1;
            self.plan.trial_at(self.next - 1)
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
}

/// What [`execute`] reports.
pub enum Progress {
    /// A trial ended.
    Finished(TrialRecord),
    /// Nothing ended for a while.
    Idle,
}

/// Runs the pending trials of a plan and hands what happens to `sink`, on the calling thread. Ends early, after the
/// trials that are running, when `stop` is set or `sink` fails.
///
/// `configuration` gives what a trial's configuration is evaluated as.
///
/// # Errors
/// What `sink` fails with, or if threads cannot be started.
pub fn execute<E: From<std::io::Error> + Send>(
    plan: &Plan,
    pending: Pending<'_>,
    objective: &dyn Objective,
    configuration: &(dyn Fn(u64) -> burstnet_core::config::Configuration + Sync),
    workers: &Workers,
    stop: &AtomicBool,
    mut sink: impl FnMut(Progress) -> Result<(), E>,
) -> Result<(), E> {
    quiet_panics();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers.threads)
        .thread_name(|i| format!("trials-{i}"))
        .build()
        .map_err(|error| std::io::Error::other(format!("cannot start {} threads: {error}", workers.threads)))?;
    let (sender, receiver) = sync_channel(WAITING * workers.threads);
    let pending = Mutex::new(pending);
    let failed = AtomicBool::new(false);
    let claim = || {
        let stopped = stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
        if stopped { None } else { pending.lock().unwrap_or_else(PoisonError::into_inner).next() }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let sender = sender; // dropped when all workers are done, which ends the loop below
            pool.broadcast(|worker| {
                while let Some(id) = claim() {
                    let trial = plan.trial(id);
                    let timing =
                        |seconds| Timing { seconds, thread: worker.index() as u32, host: workers.host.clone() };
                    let record = evaluate(plan, trial, objective, configuration, timing);
                    if sender.send(record).is_err() {
                        break;
                    }
                }
            });
        });
        let mut result = Ok(());
        loop {
            let progress = match receiver.recv_timeout(IDLE) {
                Ok(record) => Progress::Finished(record),
                Err(RecvTimeoutError::Timeout) => Progress::Idle,
                Err(RecvTimeoutError::Disconnected) => return result,
            };
            if result.is_ok() {
                result = sink(progress);
                failed.store(result.is_err(), Ordering::Relaxed);
            }
        }
    })
}

fn evaluate(
    plan: &Plan,
    trial: Trial,
    objective: &dyn Objective,
    configuration: &(dyn Fn(u64) -> burstnet_core::config::Configuration + Sync),
    timing: impl Fn(f64) -> Timing,
) -> TrialRecord {
    let start = Instant::now();
    IN_TRIAL.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| objective.evaluate(&configuration(trial.config_id), trial.seed)));
    IN_TRIAL.set(false);
    let outcome = outcome.unwrap_or_else(|panic| Err(panic_message(panic.as_ref())));
    let timing = timing(start.elapsed().as_secs_f64());
    let measure = |held: &[(String, Option<f64>)], name: &String| {
        held.iter().find(|(own, _)| own == name).and_then(|(_, value)| *value)
    };
    match outcome {
        Ok(evaluation) => TrialRecord {
            trial_id: trial.id,
            status: if evaluation.diverged.is_some() { Status::Diverged } else { Status::Ok },
            error: evaluation.diverged,
            measures: plan.measures.iter().map(|name| measure(&evaluation.measures, name)).collect(),
            curves: evaluation.curves,
            digest: evaluation.digest,
            timing,
        },
        Err(message) => TrialRecord {
            trial_id: trial.id,
            status: Status::Failed,
            error: Some(message),
            measures: vec![None; plan.measures.len()],
            curves: Vec::new(),
            digest: None,
            timing,
        },
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "without a message".into()))
}

thread_local! {
    static IN_TRIAL: Cell<bool> = const { Cell::new(false) };
}

/// A panic in a trial becomes a row of the tables; it must not fill the terminal as well.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !IN_TRIAL.get() {
                usual(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::burst::BurstNetwork;
    use crate::spec::{Source, SweepSpec};

    #[test]
    fn replicates_run_one_after_the_other_and_what_is_done_is_skipped() {
        let text = "replicates: 2\nsearch: {space: {feedback.density: [0.1, 0.2, 0.3]}}\n";
        let source = Source::parse("s.yaml".as_ref(), text.into()).unwrap();
        let network = BurstNetwork::default();
        let spec = SweepSpec::new(&source, Vec::new(), network.schema()).unwrap();
        let plan = Plan::new(&spec, &network).unwrap();
        assert_eq!(Pending::new(&plan, Vec::new()).collect::<Vec<_>>(), [0, 2, 4, 1, 3, 5]);
        assert!((0..6).all(|position| plan.position(plan.trial_at(position)) == position));
        let mut pending = Pending::new(&plan, vec![4, 0, 1, 4, 99]);
        assert_eq!(pending.left(), 3);
        assert_eq!(pending.next(), Some(2));
        assert_eq!(pending.left(), 2);
        assert_eq!(pending.collect::<Vec<_>>(), [3, 5]);
    }
}
