//! A study: a sweep and its results directory, which can be started, continued or extended.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burstnet_core::engine::Isa;

use crate::files::disk::{Disk, system};
use crate::files::watched::WatchedInputs;
use crate::files::{folder_of, read_text, refuse_links, remove_unfinished, write_atomically};
use crate::limits::{LARGEST_EARLIER, LARGEST_SWEEP_FILE, MOST_SEARCHED};
use crate::objective::Objective;
use crate::plan::ResolvedPlan;
use crate::plan::configurations::Configurations;
pub use crate::plan::plan_file::PLAN_FILE;
use crate::plan::shard::Shard;
use crate::plan::{input_files, plan_file};
pub use crate::results::folder::{FolderLock, SWEEP_FILE};
use crate::results::folder::{is_abandoned, lock_folder};
use crate::results::journal::{self, JournalError};
use crate::results::ledger::{Going, Ledger};
use crate::results::models::NamedModel;
pub use crate::results::stored_plan::EARLIER_FILE;
use crate::results::stored_plan::{earlier, read_plan};
pub use crate::results::study_error::StudyError;
use crate::space::plan_error::PlanError;

/// The action for a directory that holds another plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfAnother {
    /// Refuse the directory.
    Refuse,
    /// Give the directory the new plan, and keep every result that both plans share.
    Extend,
}

/// A plan and the directory that holds its results.
#[derive(Clone, Debug)]
pub struct Study {
    /// The results directory.
    pub results: PathBuf,
    /// The plan.
    pub plan: Arc<ResolvedPlan>,
    /// The disk that holds the directory.
    pub disk: Arc<dyn Disk>,
    /// The fingerprints of the plan and of the earlier plans of the directory.
    fingerprints: Vec<String>,
}

impl Study {
    /// Opens the results directory of `plan`, or makes it: `sweep.yaml`, the inputs, and last `plan.json`.
    ///
    /// # Errors
    /// If the folder cannot be written, holds other files, or holds another sweep that is not to be or cannot be
    /// extended.
    pub fn create(
        disk: &Arc<dyn Disk>,
        results: &Path,
        plan: ResolvedPlan,
        sweep_text: &str,
        objective: &dyn Objective,
        if_another: IfAnother,
    ) -> Result<Self, StudyError> {
        if results.to_str().is_none() {
            let source =
                io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8, which paths in configurations must be");
            return Err(StudyError::Io { path: results.to_owned(), source });
        }
        plan_file::check_readable(&plan, objective).map_err(StudyError::plan(&results.join(PLAN_FILE)))?;
        disk.make_folder(results).map_err(StudyError::io(results))?;
        // Whoever makes the same directory at the same time waits here, and then finds the plan.
        let _lock = lock_folder(results)?;
        if results.join(PLAN_FILE).symlink_metadata().is_ok() {
            let held = Self::open_on(disk, results, &|json| read_of_any(json, objective))?;
            let plan = plan.going_on_from(&held.plan);
            if held.plan.fingerprint() == plan.fingerprint() {
                held.remove_unfinished_inputs()?;
                return Ok(held);
            }
            if if_another == IfAnother::Refuse {
                let differences = held.plan.differences(&plan);
                let anew = (held.plan.model != plan.model).then(|| plan.most_runs());
                return Err(StudyError::AnotherSweep { path: results.to_owned(), differences, anew });
            }
            return held.extend(plan, sweep_text);
        }
        if !is_abandoned(results, sweep_text).map_err(StudyError::io(results))? {
            return Err(StudyError::Foreign { path: results.to_owned() });
        }
        remove_unfinished(disk.as_ref(), results, None).map_err(StudyError::io(results))?;
        for folder in [input_files::FOLDER, journal::FOLDER] {
            let folder = results.join(folder);
            disk.make_folder(&folder).map_err(StudyError::io(&folder))?;
        }
        let fingerprints = vec![plan.fingerprint()];
        let study = Self { results: results.to_owned(), plan: Arc::new(plan), disk: Arc::clone(disk), fingerprints };
        study.write_plan(sweep_text)?;
        let parent = folder_of(results);
        disk.sync_folder(parent).map_err(StudyError::io(parent))?;
        Ok(study)
    }

    /// Opens a results directory.
    ///
    /// # Errors
    /// If it is not a results directory.
    pub fn open(results: &Path, objective: &dyn Objective) -> Result<Self, StudyError> {
        Self::open_on(&system(), results, &|json| plan_file::read(json, objective))
    }

    /// Does the same as [`Study::open`], for callers that only look at the plan. The study may belong to another model.
    ///
    /// # Errors
    /// As [`Study::open`].
    pub fn open_any(results: &Path, objective: &dyn Objective) -> Result<Self, StudyError> {
        Self::open_on(&system(), results, &|json| read_of_any(json, objective))
    }

    fn open_on(
        disk: &Arc<dyn Disk>,
        results: &Path,
        read: &dyn Fn(&str) -> Result<ResolvedPlan, String>,
    ) -> Result<Self, StudyError> {
        let plan = read(&read_plan(results)?).map_err(StudyError::plan(&results.join(PLAN_FILE)))?;
        let mut fingerprints = vec![plan.fingerprint()];
        fingerprints.extend(earlier(results)?);
        Ok(Self { results: results.to_owned(), plan: Arc::new(plan), disk: Arc::clone(disk), fingerprints })
    }

    /// Gives the directory a new plan. Its records remain, as they are identified by the content that they belong to.
    fn extend(self, plan: ResolvedPlan, sweep_text: &str) -> Result<Self, StudyError> {
        let refused = |reason: String| Err(StudyError::NotExtendable { path: self.results.clone(), reason });
        if self.plan.model.is_some() != plan.model.is_some() {
            return refused("made with another model, so no trial stays the same".into());
        }
        if self.plan.bits != plan.bits {
            return refused(format!(
                "made with version {} of the bits, this program has {}",
                self.plan.bits, plan.bits
            ));
        }
        if self.plan.seed != plan.seed {
            return refused(format!("seed is {}, now {}, so no trial stays the same", self.plan.seed, plan.seed));
        }
        if plan.most_trials() > MOST_SEARCHED {
            return refused(format!(
                "the new plan has {} trials, too many to look for earlier results; expected at most {MOST_SEARCHED}",
                plan.most_trials()
            ));
        }
        for (_, path) in journal::list(&self.results)? {
            journal::check_idle(&path)?;
        }
        // Each once, however often the directory goes back and forth.
        let mut earlier = self.fingerprints.clone();
        let new = plan.fingerprint();
        let mut seen = HashSet::from([new.clone()]);
        earlier.retain(|one| seen.insert(one.clone()));
        let json =
            serde_json::to_string_pretty(&earlier).map_err(StudyError::plan(&self.results.join(EARLIER_FILE)))?;
        if json.len() as u64 >= LARGEST_EARLIER {
            return refused(format!("extended {} times, more than can be noted", earlier.len()));
        }
        self.write_file(EARLIER_FILE, &(json + "\n"))?;
        let mut fingerprints = vec![new];
        fingerprints.extend(earlier);
        let study = Self { plan: Arc::new(plan), fingerprints, ..self };
        study.write_plan(sweep_text)?;
        Ok(study)
    }

    /// Writes inputs, sweep file and plan. The plan comes last, as its presence makes the directory valid.
    fn write_plan(&self, sweep_text: &str) -> Result<(), StudyError> {
        let inputs = self.inputs();
        refuse_links(&self.results, Path::new(input_files::FOLDER)).map_err(StudyError::io(&inputs))?;
        self.remove_unfinished_inputs()?;
        for input in &self.plan.inputs {
            input.copy_into(&self.disk, &self.results).map_err(StudyError::io(&inputs))?;
        }
        let json = self.plan.to_json().map_err(StudyError::plan(&self.results.join(PLAN_FILE)))?;
        self.write_file(SWEEP_FILE, sweep_text)?;
        self.write_file(PLAN_FILE, &json)
    }

    fn remove_unfinished_inputs(&self) -> Result<(), StudyError> {
        let inputs = self.inputs();
        input_files::remove_unfinished(self.disk.as_ref(), &self.results, &self.plan.inputs)
            .map_err(StudyError::io(&inputs))
    }

    /// Returns the folder of the copies of the input files.
    fn inputs(&self) -> PathBuf {
        self.results.join(input_files::FOLDER)
    }

    fn write_file(&self, name: &str, text: &str) -> Result<(), StudyError> {
        let path = self.results.join(name);
        write_atomically(&self.disk, &path, |file| io::Write::write_all(file, text.as_bytes()))
            .map_err(StudyError::io(&path))
    }

    /// Returns the plan that runs the configurations `config_ids` again on `replicates` fresh seeds, with the copies of
    /// the input files in this directory. `configurations` are those of this study.
    ///
    /// # Errors
    /// If these configurations cannot be confirmed.
    pub fn confirming(
        &self,
        configurations: &Configurations,
        config_ids: Vec<u64>,
        replicates: u64,
    ) -> Result<ResolvedPlan, PlanError> {
        let mut plan = configurations.confirming(config_ids, replicates);
        for input in &mut plan.inputs {
            input.source = self.inputs().join(&input.stored);
        }
        ResolvedPlan::new(plan)
    }

    /// Reads the original sweep file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn sweep_text(&self) -> Result<String, StudyError> {
        read_text(&self.results, SWEEP_FILE, LARGEST_SWEEP_FILE as u64)
            .map_err(StudyError::io(&self.results.join(SWEEP_FILE)))
    }

    /// Waits until no other process changes the files that all shards share, and locks them until the lock is dropped.
    ///
    /// # Errors
    /// If the directory cannot be locked.
    pub fn lock(&self) -> Result<FolderLock, StudyError> {
        lock_folder(&self.results)
    }

    /// Checks that the copies of the input files match the plan.
    ///
    /// # Errors
    /// If one is missing or differs.
    pub fn verify_inputs(&self) -> Result<(), StudyError> {
        let inputs = self.inputs();
        let verify = |input: &input_files::InputFile| input.verify(&self.results);
        self.plan.inputs.iter().try_for_each(verify).map_err(StudyError::io(&inputs))
    }

    /// Does the same as [`Study::verify_inputs`], and returns the files so that they can be checked again at every
    /// trial.
    pub(crate) fn watch_inputs(&self) -> Result<WatchedInputs, StudyError> {
        let folder = self.inputs();
        let mut inputs = WatchedInputs::default();
        for input in &self.plan.inputs {
            let files = input.watch(&self.results).map_err(StudyError::io(&folder))?;
            inputs.add(&folder.join(&input.stored), files);
        }
        Ok(inputs)
    }

    /// Returns the trials that have records, among those that `keep` accepts.
    ///
    /// # Errors
    /// If a journal cannot be read or belongs to another sweep.
    pub fn ledger(&self, keep: &dyn Fn(u64) -> bool) -> Result<Ledger, JournalError> {
        Ledger::read(&self.results, &self.plan, &self.fingerprints, keep)
    }

    /// Returns the records of a search in rounds, and its progress.
    pub(crate) fn going(&self, retry_failed: bool) -> Result<Going, JournalError> {
        Going::read(&self.plan, &self.fingerprints, journal::list(&self.results)?, retry_failed)
    }

    /// Returns the fingerprints of the plan and of the earlier plans of the directory, the present plan's first.
    pub fn fingerprints(&self) -> &[String] {
        &self.fingerprints
    }

    /// Returns the path of the journal of `shard`.
    pub fn journal(&self, shard: Shard) -> PathBuf {
        self.results.join(journal::name(shard))
    }
}

/// Reads a plan that may be of another model than `objective`.
fn read_of_any(json: &str, objective: &dyn Objective) -> Result<ResolvedPlan, String> {
    match (NamedModel::of_plan(json, Isa::detect())?, objective.program()) {
        (NamedModel::Burst(_), None) => plan_file::read(json, objective),
        (own, _) => plan_file::read(json, own.objective()),
    }
}
