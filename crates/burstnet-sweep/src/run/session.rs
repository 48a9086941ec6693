//! Running a shard of a study in the process that holds its journal.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::files;
use crate::files::watched::WatchedInputs;
use crate::files::{refuse_links, remove_unfinished};
use crate::limits::{LARGEST_PLAN, MOST_CHECKPOINT_BYTES};
use crate::objective::Objective;
use crate::objective::any_checkpoint::AnyCheckpoint;
use crate::objective::cache::Cache;
use crate::plan::configurations::Configurations;
use crate::plan::plan_file;
use crate::plan::shard::Shard;
use crate::results::journal::{self, Damage, Writer};
use crate::results::ledger::Going;
use crate::results::provenance::{self, Contribution};
use crate::results::record::TrialRecord;
use crate::results::study::{PLAN_FILE, Study, StudyError};
use crate::run::ahead::Ahead;
use crate::run::executor::{PendingTrials, Work, Workers};
use crate::run::feed::Feed;
use crate::run::first_trials::FirstTrials;
pub use crate::run::follower::Follower;
use crate::run::running::Running;
pub use crate::run::task::{Tally, Task, USUAL_WAIT};
use crate::run::task::{end_if_all_failed, work};

/// A study of which this process runs a shard, for as long as this value lives.
pub struct Session<'a> {
    study: &'a Study,
    task: Task,
    journal: Writer,
    left: Left,
    damage: Vec<Damage>,
    inputs: WatchedInputs,
}

/// The remaining work.
enum Left {
    /// All trials of these configurations except those at these positions.
    But(Arc<Configurations>, Vec<u64>),
    /// The trials that the course of the search determines.
    Rounds(Box<Going>),
}

impl<'a> Session<'a> {
    /// Takes the journal of a shard, so that this process alone runs its trials.
    ///
    /// # Errors
    /// If another process holds the journal or runs the sweep in another number of shards, a journal cannot be used,
    /// an input file changed, or the directory has another plan by now.
    pub fn begin(study: &'a Study, objective: &dyn Objective, task: Task) -> Result<Self, StudyError> {
        let inputs = study.watch_inputs()?;
        let journals = study.results.join(journal::FOLDER);
        let inside = journal::name(task.shard);
        refuse_links(&study.results, &inside).map_err(StudyError::io(&journals))?;
        study.disk.make_folder(&journals).map_err(StudyError::io(&journals))?;
        let path = study.journal(task.shard);
        // Whoever extends the sweep holds this lock: either this process finds the new plan, or that one the journal. And
        // whoever begins with another number of shards does: either this process finds their journal held, or they this.
        let lock = study.lock()?;
        for (other, path) in journal::list(&study.results)? {
            if other.count() != task.shard.count() {
                journal::check_idle(&path)?;
            }
        }
        let opened = Writer::open(&study.disk, &path, study.fingerprints(), task.sync_interval)?;
        let plan = files::read_text(&study.results, PLAN_FILE, LARGEST_PLAN)
            .map_err(StudyError::io(&study.results.join(PLAN_FILE)))?;
        let held = plan_file::read_data(&plan, objective.schema())
            .map_err(StudyError::plan(&study.results.join(PLAN_FILE)))?;
        if held.fingerprint() != study.fingerprints()[0] {
            return Err(StudyError::Changed { path: study.results.clone() });
        }
        drop(lock);
        let own = format!("{}.{}", task.shard.name(), provenance::FILE);
        remove_unfinished(study.disk.as_ref(), &journals, Some(&own)).map_err(StudyError::io(&journals))?;
        if study.plan.adapts() {
            return Self::begin_rounds(study, task, opened.writer, inputs);
        }
        if let Some(round) = task.round.filter(|round| *round > 0) {
            return Err(StudyError::NoRounds { path: study.results.clone(), round });
        }
        let configurations = Arc::new(Configurations::new(Arc::clone(&study.plan)));
        let ledger = study.ledger(&|trial_id| task.shard.owns(configurations.position(trial_id)))?;
        let done = ledger.entries.iter().filter(|entry| !(task.retry_failed && entry.failed()));
        let done = done.map(|entry| configurations.position(entry.trial_id)).collect();
        let left = Left::But(configurations, done);
        Ok(Self { study, task, journal: opened.writer, left, damage: ledger.damage, inputs })
    }

    /// Begins a session of a search that adapts.
    fn begin_rounds(study: &'a Study, task: Task, journal: Writer, inputs: WatchedInputs) -> Result<Self, StudyError> {
        if study.plan.lag().is_some() {
            if let Some(round) = task.round.filter(|round| *round > 0) {
                return Err(StudyError::LagNoRounds { path: study.results.clone(), round });
            }
        } else if task.shard.count() > 1 && task.round.is_none() {
            return Err(StudyError::RoundNeeded { path: study.results.clone() });
        }
        let mut going = study.going(task.retry_failed)?;
        let course = &going.course;
        let early = |round: &u64| *round > course.round() && !course.is_finished();
        if let Some(round) = task.round.filter(early) {
            return Err(StudyError::RoundIncomplete {
                path: study.results.clone(),
                round,
                incomplete: course.round(),
                missing: course.missing(),
                of: course.jobs().len(),
            });
        }
        let damage = std::mem::take(&mut going.damage);
        Ok(Self { study, task, journal, left: Left::Rounds(Box::new(going)), damage, inputs })
    }

    /// Runs the trials that are not done yet.
    ///
    /// # Errors
    /// If the journal cannot be written, or the environment does not let a trial be evaluated. Trials that ended before
    /// are recorded even then.
    pub fn run(
        &mut self,
        objective: &dyn Objective,
        workers: &Workers,
        stop: &AtomicBool,
        follower: &mut dyn Follower,
    ) -> Result<Tally, StudyError> {
        let checkpoints = Cache::new(MOST_CHECKPOINT_BYTES, AnyCheckpoint::bytes);
        let inputs = std::mem::take(&mut self.inputs);
        let running = Running { objective, workers, pool: OnceCell::new(), checkpoints, inputs, stop };
        let tally = match &mut self.left {
            Left::But(configurations, done) => {
                let (configurations, done) = (Arc::clone(configurations), std::mem::take(done));
                self.run_all(&configurations, done, &running, follower)
            }
            Left::Rounds(_) if self.study.plan.lag().is_some() => self.run_ahead(&running, follower),
            Left::Rounds(_) => self.run_rounds(&running, follower),
        };
        objective.rest();
        match tally {
            Ok(_)
            | Err(StudyError::Environment(_) | StudyError::AllFailed { .. } | StudyError::WaitedInVain { .. }) => {
                self.journal.sync()?;
            }
            Err(_) => {}
        }
        tally
    }

    fn run_all(
        &mut self,
        configurations: &Configurations,
        done: Vec<u64>,
        running: &Running<'_>,
        follower: &mut dyn Follower,
    ) -> Result<Tally, StudyError> {
        let pending = PendingTrials::new(configurations, self.task.shard, self.task.order, done);
        let total = self.task.shard.size(configurations.runs());
        let before = total - pending.left();
        follower.started(before, total, &self.damage);
        let mut tally = Tally { total, done: before, new: 0 };
        if pending.left() == 0 {
            return Ok(tally);
        }
        let mut first = FirstTrials::new(if before == 0 { self.task.stop_after_failures } else { 0 });
        let (study, task) = (self.study, self.task);
        let mut noted = |record: &TrialRecord, place: usize| {
            tally.new += 1;
            tally.done += 1;
            end_if_all_failed(first.note(place as u64, record), study, &task)
        };
        running.execute(study, configurations, &mut self.journal, pending, follower, &mut noted)?;
        Ok(tally)
    }

    /// Runs round after round, or this shard's part of one round.
    fn run_rounds(&mut self, running: &Running<'_>, follower: &mut dyn Follower) -> Result<Tally, StudyError> {
        let Self { study, task, journal, left, damage, .. } = self;
        let Left::Rounds(going) = left else { return Ok(Tally { total: 0, done: 0, new: 0 }) };
        let Going { records, course, .. } = &mut **going;
        let replicates = study.plan.replicates;
        let mut tally = Tally { total: 0, done: 0, new: 0 };
        follower.started(0, 0, damage);
        let mut first = None;
        loop {
            records.follow(course, task.retry_failed, &mut |_, _, _, _| {})?;
            running.checkpoints.forget(|trial_id| course.stopped(trial_id / replicates).is_some());
            if course.is_finished() || task.round.is_some_and(|round| round != course.round()) {
                return Ok(tally);
            }
            let own = (0..course.jobs().len()).filter(|at| task.shard.owns(*at as u64));
            let work: Vec<Work> =
                own.clone().filter(|at| !course.is_known(*at)).map(|at| work(course, replicates, at)).collect();
            let (all, new) = (own.count() as u64, work.len() as u64);
            if work.is_empty() {
                return Ok(tally); // the other shards' parts are missing
            }
            follower.round(course.round(), all - new, all);
            (tally.total, tally.done) = (tally.total + all, tally.done + all - new);
            let before = tally.new;
            let limit = if all == new { task.stop_after_failures } else { 0 };
            let first = first.get_or_insert_with(|| FirstTrials::new(limit));
            let own: Vec<usize> = work.iter().map(|work| work.number).collect();
            let configurations = Arc::clone(course.configurations()); // let go before the course goes on
            let mut noted = |record: &TrialRecord, at: usize| {
                course.note(at, record);
                tally.new += 1;
                tally.done += 1;
                let place = before + own.partition_point(|other| *other < at) as u64;
                end_if_all_failed(first.note(place, record), study, task)
            };
            running.execute(study, &configurations, journal, work.into_iter(), follower, &mut noted)?;
            if tally.new - before < new {
                return Ok(tally);
            }
        }
    }

    /// Runs the shard's trials of a search without rounds, each as soon as it is due.
    fn run_ahead(&mut self, running: &Running<'_>, follower: &mut dyn Follower) -> Result<Tally, StudyError> {
        let Self { study, task, journal, left, damage, .. } = self;
        let Left::Rounds(going) = left else { return Ok(Tally { total: 0, done: 0, new: 0 }) };
        let Going { records, course, due, .. } = &mut **going;
        let feed = Feed::default();
        let mut ahead = Ahead::new(study, task, records, course, std::mem::take(due), &feed);
        let (done, total) = ahead.trials();
        follower.started(done, total, damage);
        if study.plan.stopping.is_some() {
            follower.rungs(ahead.tally.done, ahead.tally.total);
        }
        if !ahead.is_done() {
            // The threads get the values with each trial, since configurations are added while they run.
            let configurations = Configurations::new(Arc::clone(&study.plan));
            running.execute(study, &configurations, journal, &feed, follower, &mut ahead)?;
        }
        let (tally, done) = (ahead.tally, ahead.is_done());
        Ok(Tally { total: if done { tally.done } else { tally.total }, ..tally })
    }

    /// Records that this process contributes, in place of what it recorded before. The file is in the directory, where
    /// other processes may write too, or beside the shard's journal.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn note(&self, contribution: &Contribution) -> Result<(), StudyError> {
        let path = provenance_of(self.study, self.task.shard);
        let contribution = &contribution.clone().in_order(self.task.order);
        let _lock = self.study.lock()?;
        provenance::record(&self.study.disk, &path, contribution).map_err(StudyError::io(&path))
    }
}

/// Returns the path of the file that records the runs of a shard.
pub fn provenance_of(study: &Study, shard: Shard) -> PathBuf {
    if shard == Shard::WHOLE {
        study.results.join(provenance::FILE)
    } else {
        study.results.join(journal::FOLDER).join(format!("{}.{}", shard.name(), provenance::FILE))
    }
}
