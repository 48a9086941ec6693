//! A study: a sweep and its results directory, started or gone on with.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use burstnet_core::config::Schema;

use crate::executor::{self, Pending, Progress, Workers};
use crate::files::{sync_folder, write_atomically};
use crate::input_files;
use crate::journal::{self, Damage, JournalError};
use crate::objective::Objective;
use crate::plan::Plan;
use crate::record::TrialRecord;

/// The file that makes a folder a results directory.
pub const PLAN_FILE: &str = "plan.json";
/// The sweep file as it was given.
pub const SWEEP_FILE: &str = "sweep.yaml";

/// Why a study cannot be opened or run.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// Something in the results directory cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{}: no results directory of burstnet (it has no {PLAN_FILE}), expected an empty or new folder", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds another sweep.
    #[error("{}: holds the results of another sweep; they differ in\n  {}\nUse another --out, or the sweep file that the directory was made with.", path.display(), differences.join("\n  "))]
    AnotherSweep {
        /// The folder.
        path: PathBuf,
        /// What differs.
        differences: Vec<String>,
    },
    /// `plan.json` cannot be used.
    #[error("{}: {reason}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no results directory.
    #[error("{}: no results directory of burstnet (it has no {PLAN_FILE})", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Threads cannot be started.
    #[error(transparent)]
    Threads(#[from] io::Error),
}

/// A plan and the directory that holds its results.
#[derive(Clone, Debug)]
pub struct Study {
    /// The results directory.
    pub results: PathBuf,
    /// The plan.
    pub plan: Plan,
}

/// Somebody who follows a study.
pub trait Follower {
    /// It starts with `done` of `total` trials done before; damage was found in the journal.
    fn started(&mut self, done: u64, total: u64, damage: &[Damage]);
    /// A trial ended.
    fn finished(&mut self, record: &TrialRecord);
    /// Nothing ended for a while.
    fn idle(&mut self);
}

/// How a study ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Trials of the plan.
    pub total: u64,
    /// Trials whose records are there.
    pub done: u64,
    /// Those of them that this run finished.
    pub new: u64,
}

impl Study {
    /// Opens the results directory of `plan`, or makes it: `sweep.yaml`, the inputs, and last `plan.json`.
    ///
    /// # Errors
    /// If the folder holds something else or another sweep, or cannot be written.
    pub fn create(results: &Path, plan: Plan, sweep_text: &str, schema: &Schema) -> Result<Self, StudyError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StudyError::Io { path, source }
        };
        if results.to_str().is_none() {
            let source =
                io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8, which paths in configurations must be");
            return Err(StudyError::Io { path: results.to_owned(), source });
        }
        std::fs::create_dir_all(results).map_err(at(results))?;
        // Whoever makes the same directory at the same time waits here, and then finds the plan.
        let folder = File::open(results).map_err(at(results))?;
        folder.lock().map_err(at(results))?;
        if results.join(PLAN_FILE).exists() {
            let study = Self::open(results, schema)?;
            if study.plan.fingerprint() != plan.fingerprint() {
                let differences = study.plan.differences(&plan);
                return Err(StudyError::AnotherSweep { path: results.to_owned(), differences });
            }
            return Ok(study);
        }
        if !is_abandoned(results, &plan, sweep_text).map_err(at(results))? {
            return Err(StudyError::Foreign { path: results.to_owned() });
        }
        let json = plan
            .to_json()
            .map_err(|error| StudyError::Plan { path: results.join(PLAN_FILE), reason: error.to_string() })?;
        for folder in [input_files::FOLDER, journal::FOLDER] {
            let folder = results.join(folder);
            std::fs::create_dir_all(&folder).map_err(at(&folder))?;
        }
        let inputs = results.join(input_files::FOLDER);
        for input in &plan.inputs {
            input.copy_into(&inputs).map_err(at(&inputs))?;
        }
        for (name, text) in [(SWEEP_FILE, sweep_text), (PLAN_FILE, json.as_str())] {
            let path = results.join(name);
            write_atomically(&path, |file| io::Write::write_all(file, text.as_bytes())).map_err(at(&path))?;
        }
        let parent = results.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_folder(parent).map_err(at(parent))?;
        Ok(Self { results: results.to_owned(), plan })
    }

    /// Opens a results directory.
    ///
    /// # Errors
    /// If it is none.
    pub fn open(results: &Path, schema: &Schema) -> Result<Self, StudyError> {
        let path = results.join(PLAN_FILE);
        let json = match std::fs::read_to_string(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StudyError::Missing { path: results.to_owned() });
            }
            Err(source) => return Err(StudyError::Io { path, source }),
        };
        let plan = Plan::from_json(&json, schema).map_err(|reason| StudyError::Plan { path, reason })?;
        Ok(Self { results: results.to_owned(), plan })
    }

    /// Checks that the copies of the input files are what the plan was made with.
    ///
    /// # Errors
    /// If one is missing or differs.
    pub fn verify_inputs(&self) -> Result<(), StudyError> {
        let inputs = self.results.join(input_files::FOLDER);
        let verify = |input: &input_files::InputFile| input.verify(&inputs);
        self.plan.inputs.iter().try_for_each(verify).map_err(|source| StudyError::Io { path: inputs.clone(), source })
    }

    /// The journal of this study.
    pub fn journal(&self) -> PathBuf {
        journal::path(&self.results)
    }

    /// Takes the journal, so that this process alone runs trials.
    ///
    /// # Errors
    /// If another process holds the journal, it cannot be opened, or an input file changed.
    pub fn begin(&self) -> Result<Session<'_>, StudyError> {
        self.verify_inputs()?;
        let opened = journal::Writer::open(&self.journal(), &self.plan.fingerprint())?;
        Ok(Session { study: self, opened })
    }
}

/// A study whose journal is held.
pub struct Session<'a> {
    study: &'a Study,
    opened: journal::Opened,
}

impl Session<'_> {
    /// Runs the trials that are not done yet.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn run(
        self,
        objective: &dyn Objective,
        workers: &Workers,
        stop: &AtomicBool,
        follower: &mut dyn Follower,
    ) -> Result<Tally, StudyError> {
        let Study { results, plan } = self.study;
        let journal::Opened { writer: mut journal, done, damage } = self.opened;
        let total = plan.trials();
        let pending = Pending::new(plan, done);
        let before = total - pending.left();
        follower.started(before, total, &damage);
        let mut tally = Tally { total, done: before, new: 0 };
        let folder = results.join(input_files::FOLDER).to_string_lossy().into_owned();
        let configuration = |config_id| plan.stored_configuration(config_id, results);
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
        journal.sync()?;
        outcome.map(|()| tally)
    }
}

/// Whether a folder holds nothing, or only what a crash before `plan.json` was written leaves.
fn is_abandoned(results: &Path, plan: &Plan, sweep_text: &str) -> io::Result<bool> {
    for entry in std::fs::read_dir(results)? {
        let entry = entry?;
        let ours = match entry.file_name().to_string_lossy().as_ref() {
            name if name.starts_with(".writing-") => true,
            SWEEP_FILE => std::fs::read(entry.path())? == sweep_text.as_bytes(),
            input_files::FOLDER => holds_only(&entry.path(), |name| {
                name.starts_with(".writing-") || plan.inputs.iter().any(|input| input.stored == name)
            })?,
            journal::FOLDER => holds_only(&entry.path(), |_| false)?,
            _ => false,
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds_only(folder: &Path, ours: impl Fn(&str) -> bool) -> io::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        if !ours(&entry?.file_name().to_string_lossy()) {
            return Ok(false);
        }
    }
    Ok(true)
}
