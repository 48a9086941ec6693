//! Failures of the command, and their exit codes.

use std::path::Path;
use std::{fmt, io};

use burstnet_report::ReportError;
use burstnet_sweep::results::journal::JournalError;
use burstnet_sweep::results::study::StudyError;
use burstnet_sweep::spec::place::SpecError;

use crate::text::excerpt;

/// A reason to end with an exit code other than 0.
#[derive(Debug)]
pub enum Failure {
    /// Some trials failed (1).
    Trials(String),
    /// Wrong input (2).
    Input(String),
    /// Disk, lock or permission (3).
    Environment(String),
    /// A rerun differs, or results are incomplete (4).
    Differs(String),
    /// A signal (128 + its number).
    Interrupted(i32, String),
}

impl Failure {
    /// Returns the exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Trials(_) => 1,
            Self::Input(_) => 2,
            Self::Environment(_) => 3,
            Self::Differs(_) => 4,
            Self::Interrupted(signal, _) => 128 + *signal as u8,
        }
    }

    /// Returns a function that makes a failure of an error about the file or folder `path`.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Environment(format!("{}: {error}", path.display()))
    }

    /// Returns the message without the word `error`.
    pub fn message(&self) -> &str {
        let (Self::Input(text)
        | Self::Environment(text)
        | Self::Trials(text)
        | Self::Differs(text)
        | Self::Interrupted(_, text)) = self;
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(text) | Self::Environment(text) => write!(f, "error: {text}"),
            Self::Trials(text) | Self::Differs(text) | Self::Interrupted(_, text) => f.write_str(text),
        }
    }
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        let excerpt = excerpt(&error.place).map_or(String::new(), |excerpt| format!("\n{excerpt}"));
        Self::Input(format!("{error}{excerpt}"))
    }
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        let text = error.to_string();
        match error {
            StudyError::Io { .. } | StudyError::Environment(_) | StudyError::Changed { .. } => Self::Environment(text),
            StudyError::WaitedInVain { .. } => Self::Environment(text),
            StudyError::Foreign { .. }
            | StudyError::AnotherSweep { .. }
            | StudyError::NotExtendable { .. }
            | StudyError::Plan { .. }
            | StudyError::RoundNeeded { .. }
            | StudyError::NoRounds { .. }
            | StudyError::LagNoRounds { .. }
            | StudyError::Missing { .. }
            | StudyError::NoFolder { .. } => Self::Input(text),
            StudyError::RoundIncomplete { .. } => Self::Differs(text),
            StudyError::AllFailed { .. } => Self::Trials(text),
            StudyError::Journal(error) => error.into(),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let text = error.to_string();
        match error {
            JournalError::Io { .. }
            | JournalError::Locked { .. }
            | JournalError::Moved { .. }
            | JournalError::Vanished { .. } => Self::Environment(text),
            JournalError::Header { .. } => Self::Input(text),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Journal(error) => error.into(),
            ReportError::Study(error) => error.into(),
            ReportError::Analysis(_) | ReportError::Names { .. } => Self::Input(error.to_string()),
            other => Self::Environment(other.to_string()), // files and outputs that cannot be read or written
        }
    }
}
