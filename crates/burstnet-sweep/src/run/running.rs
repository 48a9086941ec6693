//! The trials of a session on their way: from threads to the journal.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicBool, Ordering};

use burstnet_core::config::Configuration;
use rayon::ThreadPool;

use crate::files::watched::WatchedInputs;
use crate::objective::any_checkpoint::AnyCheckpoint;
use crate::objective::cache::Cache;
use crate::objective::{EnvironmentError, Objective, threads};
use crate::plan::configurations::Configurations;
use crate::plan::input_files;
use crate::results::journal::Writer;
use crate::results::record::TrialRecord;
use crate::results::study::{Study, StudyError};
use crate::run::executor::{self, Event, Setup, Work, Workers};
use crate::run::follower::Follower;

/// The data that all trials of a session share.
pub(super) struct Running<'a> {
    pub(super) objective: &'a dyn Objective,
    pub(super) workers: &'a Workers,
    /// The threads, started for the first trials and kept for all rounds.
    pub(super) pool: OnceCell<ThreadPool>,
    pub(super) checkpoints: Cache<u64, AnyCheckpoint>,
    pub(super) inputs: WatchedInputs,
    pub(super) stop: &'a AtomicBool,
}

/// The work of a session as its trials end.
pub(super) trait Progress {
    /// Takes in the record of the trial with this number, which is in the journal. An error ends the session.
    fn finished(&mut self, record: &TrialRecord, number: usize) -> Result<(), StudyError>;

    /// Returns how many trials there are, if that changes on the way.
    fn total(&self) -> Option<u64> {
        None
    }

    /// Is called from time to time while no trial ends. An error ends the session.
    fn idle(&mut self) -> Result<(), StudyError> {
        Ok(())
    }

    /// Is called once no further trial is to start.
    fn ending(&mut self) {}
}

impl<F: FnMut(&TrialRecord, usize) -> Result<(), StudyError>> Progress for F {
    fn finished(&mut self, record: &TrialRecord, number: usize) -> Result<(), StudyError> {
        self(record, number)
    }
}

impl Running<'_> {
    /// Returns the threads, started by the first call.
    fn pool(&self, follower: &mut dyn Follower) -> Result<&ThreadPool, EnvironmentError> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let (pool, lacking) = threads::pool(self.workers.threads)?;
        if let Some(why) = lacking {
            follower.fewer_threads(pool.current_num_threads(), &why);
        }
        Ok(self.pool.get_or_init(|| pool))
    }

    /// Runs trials, appends their records to the journal, and then passes the records to `session`.
    pub(super) fn execute(
        &self,
        study: &Study,
        configurations: &Configurations,
        journal: &mut Writer,
        work: impl Iterator<Item = Work> + Send,
        follower: &mut dyn Follower,
        session: &mut impl Progress,
    ) -> Result<(), StudyError> {
        let results = &study.results;
        let folder = results.join(input_files::FOLDER).to_string_lossy().into_owned();
        let configuration =
            |values, replicate| -> Configuration { configurations.stored_with_values(values, replicate, results) };
        let pool = self.pool(follower)?;
        let Self { objective, workers, checkpoints, inputs, stop, .. } = self;
        let (objective, configuration) = (*objective, &configuration);
        let setup = Setup { configurations, objective, configuration, workers, checkpoints, inputs };
        let mut handle = |progress: Event, session: &mut dyn Progress| -> Result<(), StudyError> {
            match progress {
                Event::Finished(mut record, number) => {
                    if let Some(error) = &mut record.error {
                        *error = error.replace(&folder, input_files::FOLDER); // the tables must not depend on where they are
                    }
                    journal.append(&record)?;
                    let outcome = session.finished(&record, number);
                    session.total().into_iter().for_each(|total| follower.total(total));
                    follower.finished(&record);
                    outcome?;
                }
                Event::Ending(error) => {
                    session.ending();
                    follower.ending(&error);
                }
                Event::Idle => {
                    journal.sync_if_due()?;
                    follower.idle();
                    session.idle()?;
                }
            }
            Ok(())
        };
        executor::execute(setup, pool, work, stop, |progress| {
            let handled = handle(progress, session);
            if handled.is_err() || stop.load(Ordering::Relaxed) {
                session.ending();
            }
            handled
        })
    }
}
