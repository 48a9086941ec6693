//! The trials of a session on their way: from threads to the journal.

use std::cell::OnceCell;
use std::sync::atomic::AtomicBool;

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

    /// Runs trials, appends their records to the journal, and then passes the records to `noted`, whose error ends the session.
    pub(super) fn execute(
        &self,
        study: &Study,
        configurations: &Configurations,
        journal: &mut Writer,
        work: impl Iterator<Item = Work> + Send,
        follower: &mut dyn Follower,
        mut noted: impl FnMut(&TrialRecord, usize) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        let results = &study.results;
        let folder = results.join(input_files::FOLDER).to_string_lossy().into_owned();
        let configuration = |config_id| -> Configuration { configurations.stored_configuration(config_id, results) };
        let Self { objective, workers, checkpoints, inputs, stop, .. } = self;
        let (objective, configuration) = (*objective, &configuration);
        let setup = Setup { configurations, objective, configuration, workers, checkpoints, inputs };
        executor::execute(setup, self.pool(follower)?, work, stop, |progress| {
            match progress {
                Event::Finished(mut record, number) => {
                    if let Some(error) = &mut record.error {
                        *error = error.replace(&folder, input_files::FOLDER); // the tables must not depend on where they are
                    }
                    journal.append(&record)?;
                    let outcome = noted(&record, number);
                    follower.finished(&record);
                    outcome?;
                }
                Event::Ending(error) => follower.ending(&error),
                Event::Idle => {
                    journal.sync_if_due()?;
                    follower.idle();
                }
            }
            Ok(())
        })
    }
}
