//! Running a shard of a study: whoever holds its journal.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burstnet_core::config::Configuration;

use crate::executor::{self, Pending, Progress, Workers};
use crate::files::{refuse_links, remove_unfinished};
use crate::journal::{self, Damage, Writer};
use crate::objective::Objective;
use crate::plan_file;
use crate::provenance;
use crate::record::TrialRecord;
use crate::shard::Shard;
use crate::study::{PLAN_FILE, Study, StudyError};
use crate::{files, input_files};

/// What a session runs and how.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The part of the sweep.
    pub shard: Shard,
    /// How long records may wait to be synced.
    pub sync_interval: Duration,
    /// Whether trials that failed run again.
    pub retry_failed: bool,
}

/// Somebody who follows a session.
pub trait Follower {
    /// It starts with `done` of `total` trials done before; damage was found in the journals.
    fn started(&mut self, done: u64, total: u64, damage: &[Damage]);
    /// A trial ended.
    fn finished(&mut self, record: &TrialRecord);
    /// Nothing ended for a while.
    fn idle(&mut self);
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Trials of the shard.
    pub total: u64,
    /// Trials whose records are durable.
    pub done: u64,
    /// Those of them that this session finished.
    pub new: u64,
}

/// A study of which this process runs a shard, as long as this lives.
pub struct Session<'a> {
    study: &'a Study,
    task: Task,
    journal: Writer,
    /// Positions of trials that need not run.
    done: Vec<u64>,
    damage: Vec<Damage>,
}

impl<'a> Session<'a> {
    /// Takes the journal of a shard, so that this process alone runs its trials.
    ///
    /// # Errors
    /// If another process holds the journal or runs the sweep in another number of shards, a journal cannot be used,
    /// an input file changed, or the directory has another plan by now.
    pub fn begin(study: &'a Study, objective: &dyn Objective, task: Task) -> Result<Self, StudyError> {
        study.verify_inputs()?;
        let journals = study.results.join(journal::FOLDER);
        let inside = journal::name(task.shard);
        refuse_links(&study.results, &inside).map_err(StudyError::io(&journals))?;
        study.disk.make_folder(&journals).map_err(StudyError::io(&journals))?;
        for (other, path) in journal::list(&study.results)? {
            if other.count() != task.shard.count() {
                journal::check_idle(&path)?;
            }
        }
        let path = study.journal(task.shard);
        // Whoever extends the sweep holds this lock: either this process finds the new plan, or that one the journal.
        let lock = study.lock()?;
        let opened = Writer::open(&study.disk, &path, study.fingerprints(), task.sync_interval)?;
        let plan = files::read_text(&study.results, PLAN_FILE, plan_file::LARGEST)
            .map_err(StudyError::io(&study.results.join(PLAN_FILE)))?;
        if plan_file::read(&plan, objective).ok().is_none_or(|plan| plan.fingerprint() != study.fingerprints()[0]) {
            return Err(StudyError::Changed { path: study.results.clone() });
        }
        drop(lock);
        let own = format!("{}.{}", task.shard.name(), provenance::FILE);
        remove_unfinished(study.disk.as_ref(), &journals, Some(&own)).map_err(StudyError::io(&journals))?;
        let plan = &study.plan;
        let ledger = study.ledger(&|trial_id| task.shard.owns(plan.position(trial_id)))?;
        let done = ledger.entries.iter().filter(|entry| !(task.retry_failed && entry.failed()));
        let done = done.map(|entry| plan.position(entry.trial_id)).collect();
        Ok(Self { study, task, journal: opened.writer, done, damage: ledger.damage })
    }

    /// Runs the trials that are not done yet.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn run(
        &mut self,
        objective: &dyn Objective,
        workers: &Workers,
        stop: &AtomicBool,
        follower: &mut dyn Follower,
    ) -> Result<Tally, StudyError> {
        let Study { results, plan, .. } = self.study;
        let journal = &mut self.journal;
        let pending = Pending::new(plan, self.task.shard, std::mem::take(&mut self.done));
        let total = self.task.shard.size(plan.trials());
        let before = total - pending.left();
        follower.started(before, total, &self.damage);
        let mut tally = Tally { total, done: before, new: 0 };
        let folder = results.join(input_files::FOLDER).to_string_lossy().into_owned();
        let configuration = |config_id| -> Configuration { plan.stored_configuration(config_id, results) };
        let outcome = executor::execute(plan, pending, objective, &configuration, workers, stop, |progress| {
            match progress {
                Progress::Finished(mut record) => {
                    if let Some(error) = &mut record.error {
                        *error = error.replace(&folder, input_files::FOLDER); // the tables must not depend on where they are
                    }
                    journal.append(&record)?;
                    tally.new += 1;
                    tally.done += 1;
                    follower.finished(&record);
                }
                Progress::Idle => {
                    journal.sync_if_due()?;
                    follower.idle();
                }
            }
            Ok::<(), StudyError>(())
        });
        outcome?;
        journal.sync()?;
        Ok(tally)
    }

    /// Where this session notes who runs it: in the directory, or beside the shard's journal.
    pub fn provenance(&self) -> PathBuf {
        provenance_of(self.study, self.task.shard)
    }
}

/// Where a shard's runs are noted.
pub fn provenance_of(study: &Study, shard: Shard) -> PathBuf {
    if shard == Shard::WHOLE {
        study.results.join(provenance::FILE)
    } else {
        study.results.join(journal::FOLDER).join(format!("{}.{}", shard.name(), provenance::FILE))
    }
}
