//! The comparison of a trial's rerun with its record, bit for bit.

use crate::objective::Evaluation;
use crate::results::record::{Status, TrialRecord};

/// A measure: its name, its value in the record, and its value in the rerun.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The name of the measure.
    pub name: String,
    /// The value in the record.
    pub held: Option<f64>,
    /// The value in the rerun.
    pub again: Option<f64>,
}

impl Compared {
    /// Returns whether both have the same bits.
    pub fn same(&self) -> bool {
        self.held.map(f64::to_bits) == self.again.map(f64::to_bits)
    }
}

/// The ending of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The status.
    pub status: Status,
    /// The reason, if the status is not ok.
    pub error: Option<String>,
    /// The digest of everything that the trial left; `None` if it failed.
    pub digest: Option<[u8; 32]>,
}

/// A record and a rerun, side by side.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The ending according to the record.
    pub held: Ending,
    /// The ending of the rerun.
    pub again: Ending,
    /// All measures of the sweep.
    pub measures: Vec<Compared>,
    /// True if the points of the loss curves are the same.
    pub same_curves: bool,
}

impl Comparison {
    /// Compares a record with the result of a rerun, or with the message of its failure; `measures` are those of the
    /// sweep. A trial that the search stopped early is rerun up to the point at which it was stopped.
    pub fn new(measures: &[String], record: &TrialRecord, again: &Result<Evaluation, String>) -> Self {
        let (status, error, digest) = match again {
            Ok(evaluation) => match &evaluation.diverged {
                Some(error) => (Status::Diverged, Some(error.clone()), evaluation.digest),
                // It ends where the search stopped it.
                None if record.status == Status::Pruned => (Status::Pruned, record.error.clone(), evaluation.digest),
                None => (Status::Ok, None, evaluation.digest),
            },
            Err(error) => (Status::Failed, Some(error.clone()), None),
        };
        let measure = |name: &str| {
            let held = again.as_ref().ok()?.measures.iter().find(|(own, _)| own == name)?;
            held.1
        };
        Self {
            held: Ending { status: record.status, error: record.error.clone(), digest: record.digest },
            again: Ending { status, error, digest },
            measures: (measures.iter())
                .map(|name| Compared { name: name.clone(), held: record.measure(name), again: measure(name) })
                .collect(),
            same_curves: again.as_ref().map_or(true, |evaluation| evaluation.curves == record.curves),
        }
    }

    /// Returns whether everything has the same bits.
    pub fn same(&self) -> bool {
        self.differences().is_empty()
    }

    /// Describes the differences in words.
    pub fn differences(&self) -> Vec<String> {
        let Self { held, again, measures, same_curves } = self;
        let mut all = Vec::new();
        if held.status != again.status {
            all.push("the status".to_owned());
        } else if held.status != Status::Failed && held.error != again.error {
            all.push("where it diverged".to_owned()); // how a failure is worded is no result
        }
        all.extend(measures.iter().filter(|one| !one.same()).map(|one| one.name.clone()));
        if !same_curves {
            all.push("the loss curves".to_owned());
        }
        if held.digest != again.digest {
            all.push("the digest".to_owned());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::content::ContentKey;

    fn key() -> ContentKey {
        postcard::from_bytes(&[0; 16]).unwrap()
    }

    fn record(status: Status, error: Option<&str>, mae: Option<f64>) -> TrialRecord {
        TrialRecord {
            status,
            error: error.map(str::to_owned),
            measures: vec![("test_mae".into(), mae)],
            digest: (status != Status::Failed).then_some([1; 32]),
            ..TrialRecord::new(key())
        }
    }

    fn evaluation(mae: Option<f64>, diverged: Option<&str>, digest: u8) -> Result<Evaluation, String> {
        Ok(Evaluation {
            diverged: diverged.map(str::to_owned),
            measures: vec![("test_mae".into(), mae)],
            curves: Vec::new(),
            digest: Some([digest; 32]),
        })
    }

    fn differences(record: &TrialRecord, again: &Result<Evaluation, String>) -> Vec<String> {
        Comparison::new(&["test_mae".into()], record, again).differences()
    }

    #[test]
    fn every_bit_counts_and_is_named() {
        let held = record(Status::Ok, None, Some(0.25));
        let none: [&str; 0] = [];
        assert_eq!(differences(&held, &evaluation(Some(0.25), None, 1)), none);
        let next = f64::from_bits(0.25_f64.to_bits() + 1);
        assert_eq!(differences(&held, &evaluation(Some(next), None, 2)), ["test_mae", "the digest"]);
        assert_eq!(differences(&held, &evaluation(Some(0.25), None, 2)), ["the digest"]);
        assert_eq!(differences(&held, &evaluation(Some(-0.0), None, 1)), ["test_mae"]);
        assert_eq!(differences(&held, &Err("no".into())), ["the status", "test_mae", "the digest"]);
    }

    #[test]
    fn a_trial_that_was_stopped_is_stopped_again() {
        let held = record(Status::Pruned, Some("stopped at 1 of 3"), Some(0.25));
        let again = Comparison::new(&["test_mae".into()], &held, &evaluation(Some(0.25), None, 1));
        assert!(again.same());
        assert_eq!((again.again.status, again.again.error.as_deref()), (Status::Pruned, Some("stopped at 1 of 3")));
        assert_eq!(differences(&held, &evaluation(None, Some("step 4"), 1)), ["the status", "test_mae"]);
    }

    #[test]
    fn where_it_diverged_is_a_result_and_how_it_failed_is_none() {
        let diverged = record(Status::Diverged, Some("step 3"), None);
        assert_eq!(differences(&diverged, &evaluation(None, Some("step 4"), 1)), ["where it diverged"]);
        let failed = record(Status::Failed, Some("took long"), None);
        assert!(differences(&failed, &Err("no file".into())).is_empty());
    }
}
