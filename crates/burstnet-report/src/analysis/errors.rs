//! Errors of trials, grouped by their messages.

use burstnet_core::text::cut;
use burstnet_sweep::results::record::Status;
use serde::Serialize;

/// The most kinds of errors that are told apart; the others are counted together.
const MOST_ERRORS: usize = 100;
/// The trials that are named of each kind of error.
const NAMED_TRIALS: usize = 5;
/// The characters that are kept of a message.
const LONGEST_MESSAGE: usize = 10_000;

/// Errors of one kind: messages that differ only in their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorGroup {
    /// The status of these trials.
    pub status: &'static str,
    /// The message of the first of them.
    pub message: String,
    /// Number of these trials.
    pub count: u64,
    /// The first few of them.
    pub trial_ids: Vec<u64>,
    /// The message with its numbers left out.
    #[serde(skip)]
    pattern: String,
}

/// The errors of failed and diverged trials.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errors {
    /// The kinds of errors, in the order in which they were first met.
    pub(crate) groups: Vec<ErrorGroup>,
    /// The number of errors of further kinds.
    pub(crate) others: u64,
}

impl Errors {
    /// Takes the error of a trial.
    pub(super) fn add(&mut self, status: Status, message: &str, trial_id: u64) {
        let pattern = pattern(message);
        let same = |group: &ErrorGroup| group.status == status.name() && group.pattern == pattern;
        match self.groups.iter().position(same) {
            Some(at) => {
                let group = &mut self.groups[at];
                group.count += 1;
                if group.trial_ids.len() < NAMED_TRIALS {
                    group.trial_ids.push(trial_id);
                }
            }
            None if self.groups.len() < MOST_ERRORS => self.groups.push(ErrorGroup {
                status: status.name(),
                message: cut(message, LONGEST_MESSAGE).into_owned(),
                count: 1,
                trial_ids: vec![trial_id],
                pattern,
            }),
            None => self.others += 1,
        }
    }
}

/// Returns a message without its numbers, such as the step at which a trial diverged.
fn pattern(message: &str) -> String {
    let mut pattern = String::with_capacity(message.len().min(LONGEST_MESSAGE));
    for c in message.chars().take(LONGEST_MESSAGE) {
        match c {
            '0'..='9' if pattern.ends_with('…') => {}
            '0'..='9' => pattern.push('…'),
            _ => pattern.push(c),
        }
    }
    pattern
}
