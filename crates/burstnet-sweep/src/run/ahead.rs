//! Running a search without rounds: each trial starts as soon as the results are known on which it depends.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::results::course::Course;
use crate::results::ledger::Records;
use crate::results::record::TrialRecord;
use crate::results::study::{Study, StudyError};
use crate::run::feed::Feed;
use crate::run::first_trials::FirstTrials;
use crate::run::running::Progress;
use crate::run::task::{Tally, Task, end_if_all_failed, work};

/// The time between two looks at the journals of other shards.
const LOOK: Duration = Duration::from_millis(200);

/// A session of a search without rounds. It hands out the trials of its shard, and takes those of other shards from their
/// journals.
pub(super) struct Ahead<'a> {
    study: &'a Study,
    task: &'a Task,
    records: &'a mut Records,
    course: &'a mut Course,
    feed: &'a Feed,
    pub(super) tally: Tally,
    first: FirstTrials,
    /// The number of trials of this shard that run or may start.
    own: u64,
    /// The jobs of other shards that are due, by the start of their keys.
    others: HashMap<u64, usize>,
    looked: Instant,
    /// The time of the last result, of any shard.
    progress: Instant,
}

impl<'a> Ahead<'a> {
    /// Starts with the jobs `due`, which have no record.
    pub(super) fn new(
        study: &'a Study,
        task: &'a Task,
        records: &'a mut Records,
        course: &'a mut Course,
        due: Vec<usize>,
        feed: &'a Feed,
    ) -> Self {
        let known = (0..course.jobs().len()).filter(|at| course.is_known(*at));
        let done = known.filter(|at| task.shard.owns(course.share(*at))).count() as u64;
        let total = task.shard.size(course.configurations().runs()).max(done);
        let first = FirstTrials::new(if done == 0 { task.stop_after_failures } else { 0 });
        let tally = Tally { total, done, new: 0 };
        let (now, others) = (Instant::now(), HashMap::new());
        let mut ahead =
            Self { study, task, records, course, feed, tally, first, own: 0, others, looked: now, progress: now };
        ahead.give(due);
        ahead
    }

    /// Hands out jobs that are due: those of this shard to the threads, the others to those who wait for them.
    fn give(&mut self, due: Vec<usize>) {
        for at in due {
            if self.task.shard.owns(self.course.share(at)) {
                self.own += 1;
                self.feed.push(self.course.jobs()[at].rung, work(self.course, self.study.plan.replicates, at));
            } else {
                self.others.insert(self.records.key(self.course, at).prefix(), at);
            }
        }
        // With rules that stop trials early it turns out on the way how many there are.
        self.tally.total = self.tally.total.max(self.tally.done + self.own);
        if self.is_done() {
            self.feed.close();
        }
    }

    /// Returns how many of the shard's trials go no further, and how many trials it has.
    pub(super) fn trials(&self) -> (u64, u64) {
        let (course, shard) = (&self.course, self.task.shard);
        let over = course.over().into_iter().filter(|trial_id| shard.owns(course.share_of(*trial_id)));
        (over.count() as u64, shard.size(course.configurations().runs()))
    }

    /// Returns whether this shard has run all its trials.
    pub(super) fn is_done(&self) -> bool {
        self.own == 0 && (self.others.is_empty() || !self.course.may_add())
    }

    /// Goes on with what is known.
    fn go_on(&mut self) -> Result<(), StudyError> {
        self.progress = Instant::now();
        let due = self.records.follow(self.course, self.task.retry_failed, &mut |_, _, _, _| {})?;
        self.give(due);
        Ok(())
    }

    /// Looks for results of other shards, if the last look was a while ago.
    fn look(&mut self) -> Result<(), StudyError> {
        if self.others.is_empty() || self.looked.elapsed() < LOOK {
            return Ok(());
        }
        let new = self.records.look(&self.study.results, self.study.fingerprints(), self.task.shard)?;
        let mut found = false;
        for prefix in new {
            if let Some(&at) = self.others.get(&prefix)
                && self.records.note(self.course, at)?
            {
                self.others.remove(&prefix);
                found = true;
            }
        }
        self.looked = Instant::now();
        if found { self.go_on() } else { Ok(()) }
    }
}

impl Progress for Ahead<'_> {
    fn finished(&mut self, record: &TrialRecord, at: usize) -> Result<(), StudyError> {
        self.tally.new += 1;
        self.tally.done += 1;
        self.own -= 1;
        self.course.note(at, record);
        self.go_on()?;
        self.look()?;
        end_if_all_failed(self.first.note(at as u64, record), self.study, self.task)
    }

    fn total(&self) -> Option<u64> {
        Some(self.tally.total)
    }

    fn idle(&mut self) -> Result<(), StudyError> {
        self.look()?;
        let waited = self.progress.elapsed();
        if self.own > 0 || self.is_done() || waited < self.task.wait {
            return Ok(());
        }
        let first = self.others.values().min().and_then(|at| Some((*at, self.course.jobs().get(*at)?)));
        let (at, job) = first.map_or((0, None), |(at, job)| (at, Some(*job)));
        Err(StudyError::WaitedInVain {
            path: self.study.results.clone(),
            seconds: waited.as_secs(),
            trial_id: job.map_or(0, |job| job.config_id * self.study.plan.replicates + job.replicate),
            shard: self.course.share(at) % u64::from(self.task.shard.count()),
            count: self.task.shard.count(),
        })
    }

    fn ending(&mut self) {
        self.feed.close();
    }
}
