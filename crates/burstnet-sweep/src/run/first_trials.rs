//! The first trials of a session: if all of them fail for the same reason, the rest would most likely fail too.

use std::collections::BTreeMap;

use crate::results::record::{Status, TrialRecord};

/// The outcomes of the first trials, by their places in the order in which they begin.
pub(super) struct FirstTrials {
    /// The number of trials that decide; 0 once it is clear that the session goes on.
    limit: u64,
    /// The reasons of those that failed, by place.
    failed: BTreeMap<u64, String>,
}

impl FirstTrials {
    /// Returns a watch over the first `limit` trials of a session, or over none if it is 0.
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, failed: BTreeMap::new() }
    }

    /// Notes the end of the trial at a place, from 0. Returns the reason of the first trial once all of them have failed,
    /// each with the same reason but for numbers in it. What comes behind them does not count, so the decision does not
    /// depend on the number of threads.
    pub(super) fn note(&mut self, place: u64, record: &TrialRecord) -> Option<String> {
        if place >= self.limit {
            return None;
        }
        let reason = record.error.clone().unwrap_or_default();
        let same = |other: &String| without_numbers(other) == without_numbers(&reason);
        if record.status != Status::Failed || !self.failed.values().next().is_none_or(same) {
            self.limit = 0;
            return None;
        }
        self.failed.insert(place, reason);
        let all = self.failed.len() as u64 == self.limit;
        self.failed.values().next().filter(|_| all).cloned()
    }
}

/// Returns a text without the numbers in it, which differ between trials.
fn without_numbers(text: &str) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut in_number = false;
    for c in text.chars() {
        let continues = in_number && matches!(c, '.' | 'e' | 'E' | '-' | '+' | '_');
        in_number = c.is_ascii_digit() || continues;
        if !in_number && !matches!(c, '-' | '+' | '.') {
            rest.push(c);
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::content::ContentKey;
    use crate::results::record::TrialTiming;

    fn record(status: Status, error: &str) -> TrialRecord {
        TrialRecord {
            key: ContentKey::NONE,
            plan: 0,
            config_id: 0,
            replicate: 0,
            status,
            ended_ms: 0,
            took_ms: 0,
            error: Some(error.to_owned()).filter(|error| !error.is_empty()),
            measures: Vec::new(),
            curves: Vec::new(),
            digest: None,
            timing: TrialTiming { seconds: 0.0, thread: 0, host: String::new() },
            proposals: Vec::new(),
        }
    }

    /// Returns the reason with which a session of these outcomes ends, by place and in the order in which they come.
    fn end(limit: u64, outcomes: &[(u64, Status, &str)]) -> Option<String> {
        let mut first = FirstTrials::new(limit);
        outcomes.iter().find_map(|(place, status, error)| first.note(*place, &record(*status, error)))
    }

    #[test]
    fn the_first_ones_decide_in_any_order() {
        use Status::{Diverged, Failed, Ok};
        let all = [(2, Failed, "no x = 0.5"), (0, Failed, "no x = 1e-07"), (5, Ok, ""), (1, Failed, "no x = -3")];
        assert_eq!(end(3, &all).as_deref(), Some("no x = 1e-07"));
        assert_eq!(end(0, &all), None);
        assert_eq!(end(4, &all), None);
        for other in [(1, Ok, ""), (1, Diverged, "no x = 1"), (1, Failed, "no y = 1")] {
            assert_eq!(end(3, &[all[0], other, all[1], all[3]]), None, "{other:?}");
        }
    }

    #[test]
    fn numbers_are_no_reasons() {
        for (a, b, same) in [
            ("lr=0.1: bad", "lr=1e-05: bad", true),
            ("line 3", "line 4", true),
            ("-1 < 0", "1 < 0", true),
            ("no file a", "no file b", false),
            ("exit status: 1", "signal: 9 (SIGKILL)", false),
        ] {
            assert_eq!(without_numbers(a) == without_numbers(b), same, "{a} {b}");
        }
    }
}
