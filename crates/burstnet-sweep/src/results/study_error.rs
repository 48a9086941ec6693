//! The reasons why a results directory cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::EnvironmentError;
use crate::plan::plan_file::PLAN_FILE;
use crate::results::journal::JournalError;

/// An error that keeps a study from being opened or run.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A part of the results directory cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The part.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The folder holds other files.
    #[error("{}: not a results directory of burstnet (it has no {PLAN_FILE}), expected an empty or new folder", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds another sweep.
    #[error("{}: holds the results of another sweep; they differ in\n  {}\n{}", path.display(), differences.join("\n  "), advice(*anew))]
    AnotherSweep {
        /// The folder.
        path: PathBuf,
        /// The differences.
        differences: Vec<String>,
        /// The number of trials that would run anew since the model is another program; `None` if it is not.
        anew: Option<u64>,
    },
    /// The first trials all failed for the same reason.
    #[error("{}: the first {count} trials all failed for the same reason, and the others did not run: {reason}\n`burstnet run` with the sweep file runs one trial and shows what it gives; --set execution.stop_after_failures=0 runs all. A corrected program is another one, for which --extend runs all trials anew.", path.display())]
    AllFailed {
        /// The folder.
        path: PathBuf,
        /// The number of trials.
        count: u64,
        /// The reason of the first one.
        reason: String,
    },
    /// The directory cannot be extended to the new plan.
    #[error("{}: cannot be extended: {reason}", path.display())]
    NotExtendable {
        /// The folder.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// `plan.json` cannot be used.
    #[error("{}: {reason}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// There is no results directory.
    #[error("{}: not a results directory of burstnet (it has no {PLAN_FILE}){advice}", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
        /// The results directories that exist, as the end of a sentence.
        advice: String,
    },
    /// There is a file in place of a results directory.
    #[error("{}: {problem}", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The nature of the file, and the expected one.
        problem: String,
    },
    /// Another process gave the directory another plan.
    #[error("{}: being extended by another process; start again", path.display())]
    Changed {
        /// The folder.
        path: PathBuf,
    },
    /// The search goes in rounds, and a shard needs the number of one.
    #[error("{}: this search goes by rounds, and a shard runs a part of one; expected --round R with --shard I/N", path.display())]
    RoundNeeded {
        /// The folder.
        path: PathBuf,
    },
    /// The search does not go in rounds: it has only one.
    #[error("{}: round {round} of a search that neither learns nor stops early, expected no --round", path.display())]
    NoRounds {
        /// The folder.
        path: PathBuf,
        /// The requested round.
        round: u64,
    },
    /// The search has a lag and no rounds.
    #[error("{}: round {round} of a search with search.lag, which has no rounds; expected no --round", path.display())]
    LagNoRounds {
        /// The folder.
        path: PathBuf,
        /// The requested round.
        round: u64,
    },
    /// A shard waited for others, and nothing came from them.
    #[error(
        "{}: nothing came from other shards for {seconds} s; trial {trial_id} is missing, which shard {shard}/{count} runs. All \
         shards of a search with search.lag run at the same time; nothing is lost, and the same command continues",
        path.display()
    )]
    WaitedInVain {
        /// The folder.
        path: PathBuf,
        /// The time.
        seconds: u64,
        /// The first trial that is missing.
        trial_id: u64,
        /// The number of its shard.
        shard: u64,
        /// The number of shards.
        count: u32,
    },
    /// The round depends on earlier rounds, which are not complete.
    #[error("{}: round {round} cannot start: of round {incomplete}, {missing} of {of} trials are missing; run it first with --round {incomplete}", path.display())]
    RoundIncomplete {
        /// The folder.
        path: PathBuf,
        /// The requested round.
        round: u64,
        /// The first round that is not complete.
        incomplete: u64,
        /// The number of its trials that are missing.
        missing: usize,
        /// The number of its trials.
        of: usize,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The environment does not let a trial be evaluated.
    #[error("{0}; nothing of it was recorded, and the same command continues")]
    Environment(#[from] EnvironmentError),
}

/// Returns what to do about a folder with another sweep.
fn advice(anew: Option<u64>) -> String {
    const OTHERS: &str = "Use another --out, or the sweep file that the directory was made with, or --extend";
    match anew {
        None => format!("{OTHERS} to keep what both have in common."),
        Some(trials) => format!(
            "{OTHERS}. Results belong to a program, so with --extend all {trials} trials run anew with the changed one."
        ),
    }
}

impl StudyError {
    /// Returns a function that makes the error of a plan, or of another file of JSON, at `path`.
    pub(crate) fn plan<E: ToString>(path: &Path) -> impl Fn(E) -> Self + use<E> {
        let path = path.to_owned();
        move |reason| Self::Plan { path: path.clone(), reason: reason.to_string() }
    }

    pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path: path.clone(), source }
    }
}
