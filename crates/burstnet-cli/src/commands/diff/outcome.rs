//! The outcome of a trial.

use burstnet_core::curves::CurvePoint;
use burstnet_sweep::objective::Evaluation;
use burstnet_sweep::results::record::Status;
use serde::Serialize;

use super::sides::Side;
use crate::failure::Failure;

/// The outcome of a trial.
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) error: Option<String>,
    pub(super) digest: Option<[u8; 32]>,
    pub(super) measures: Vec<(String, Option<f64>)>,
    pub(super) curves: Vec<CurvePoint>,
    /// In what it differs from its record.
    pub(super) differs_in: Vec<String>,
}

impl Outcome {
    /// Returns what running a trial gave, or the message with which it failed.
    pub(super) fn of(side: &Side, again: Result<Evaluation, String>) -> Self {
        let differs_in = side.recorded.as_ref().map(|recorded| recorded.against(&again).differences());
        let differs_in = differs_in.unwrap_or_default();
        match again {
            Ok(Evaluation { diverged, measures, curves, digest }) => {
                let status = if diverged.is_some() { Status::Diverged } else { Status::Ok };
                Self { status, error: diverged, digest, measures, curves, differs_in }
            }
            Err(message) => Self {
                status: Status::Failed,
                error: Some(message),
                digest: None,
                measures: Vec::new(),
                curves: Vec::new(),
                differs_in,
            },
        }
    }

    /// Returns what results directories hold of two trials.
    pub(super) fn recorded(sides: [&Side; 2]) -> Result<[Self; 2], Failure> {
        let one = |side: &Side| {
            let recorded = side.recorded.as_ref().ok_or_else(|| {
                Failure::Input(
                    "--set: the program has to run for that, expected --allow-command if you trust it, or a second trial"
                        .into(),
                )
            })?;
            let record = recorded.record();
            Ok::<_, Failure>(Self {
                status: record.status,
                error: record.error.clone(),
                digest: record.digest,
                measures: record.measures.clone(),
                curves: record.curves.clone(),
                differs_in: Vec::new(),
            })
        };
        Ok([one(sides[0])?, one(sides[1])?])
    }
}

/// A measure of both trials.
pub(super) type Measure = (String, [Option<f64>; 2]);

/// Returns all measures that either has.
pub(super) fn measures([a, b]: &[Outcome; 2]) -> Vec<Measure> {
    let mut all: Vec<Measure> = a.measures.iter().map(|(name, value)| (name.clone(), [*value, None])).collect();
    for (name, value) in &b.measures {
        match all.iter_mut().find(|(held, _)| held == name) {
            Some((_, values)) => values[1] = *value,
            None => all.push((name.clone(), [None, *value])),
        }
    }
    all
}

/// The loss curve of a layer in both trials.
#[derive(Serialize)]
pub(super) struct Curve {
    pub(super) layer: u32,
    /// The numbers of points.
    pub(super) points: [usize; 2],
    /// The last step of the first window that both have and whose losses differ.
    pub(super) parts: Option<u64>,
    /// The last losses.
    pub(super) last: [Option<f64>; 2],
}

/// Returns the curves that both have.
pub(super) fn curves([a, b]: &[Outcome; 2]) -> Vec<Curve> {
    let layers = a.curves.iter().chain(&b.curves).map(|point| point.layer + 1).max().unwrap_or(0);
    let curve = |layer: u32| {
        let [first, second] =
            [a, b].map(|one| one.curves.iter().filter(|point| point.layer == layer).collect::<Vec<_>>());
        let other = |step: u64| second.binary_search_by_key(&step, |point| point.step).ok().map(|at| second[at]);
        let differs = |one: &&&CurvePoint| other(one.step).is_some_and(|other| other.loss != one.loss);
        let parts = first.iter().find(differs).map(|point| point.step);
        let last = |points: &[&CurvePoint]| points.iter().rev().find_map(|point| point.loss);
        Curve { layer, points: [first.len(), second.len()], parts, last: [last(&first), last(&second)] }
    };
    (0..layers).map(curve).filter(|one| one.points.iter().any(|n| *n > 0)).collect()
}
