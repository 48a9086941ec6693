//! Learning curves of a few configurations in a few points, for plots of a line's height.

use std::collections::BTreeMap;
use std::sync::Arc;

use burstnet_core::curves::CurvePoint;
use burstnet_core::numbers::Mean;
use burstnet_sweep::results::ledger::{Ledger, RecordedTrial};
use burstnet_sweep::results::record::Status;

use crate::ReportError;

/// The curve of a configuration: of each part of its training the mean loss, `None` where nothing was learned.
pub type Curve = Vec<Option<f64>>;

/// Returns the output layer's loss in `parts` equal parts of the training, the mean over the trials that are ok of each
/// of these configurations, by their numbers. Windows count by their learning steps.
///
/// # Errors
/// Returns an error if a journal cannot be read.
pub fn of_output_layer(
    ledger: &mut Ledger,
    config_ids: &[u64],
    parts: usize,
) -> Result<BTreeMap<u64, Curve>, ReportError> {
    let mut means: BTreeMap<u64, Vec<Mean>> = BTreeMap::new();
    let plan = Arc::clone(ledger.configurations());
    let wanted = |entry: &&RecordedTrial| config_ids.contains(&plan.trial(entry.trial_id).config_id);
    for entry in ledger.entries.iter().filter(wanted).copied().collect::<Vec<_>>() {
        let record = ledger.record(entry)?;
        if record.status == Status::Ok {
            let own = means.entry(plan.trial(entry.trial_id).config_id).or_insert_with(|| vec![Mean::default(); parts]);
            add(&record.curves, own);
        }
    }
    Ok(means.into_iter().map(|(config_id, own)| (config_id, own.into_iter().map(Mean::value).collect())).collect())
}

/// Adds the output layer's windows to the parts of the training that they reach into.
fn add(points: &[CurvePoint], means: &mut [Mean]) {
    let Some(last) = points.iter().map(|point| point.layer).max() else { return };
    let end = points.iter().map(|point| point.step).max().unwrap_or(0).saturating_add(1);
    let part = |step: u64| (u128::from(step) * means.len() as u128 / u128::from(end)) as usize;
    let mut start = 0;
    let mut windows = Vec::new();
    for point in points.iter().filter(|point| point.layer == last) {
        windows.push((part(start.min(point.step)), part(point.step), point));
        start = point.step.saturating_add(1);
    }
    for (from, to, point) in windows {
        let steps = point.learning_steps as f64;
        if let (Some(loss), Some(means)) = (point.loss.filter(|loss| loss.is_finite()), means.get_mut(from..=to)) {
            means.iter_mut().for_each(|mean| mean.add_weighted(loss, steps));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_fall_into_the_parts_that_they_reach_into() {
        let point = |layer, step, learning_steps, loss| CurvePoint { layer, step, learning_steps, loss };
        let points = [
            point(0, 9, 5, Some(100.0)), // of a hidden layer
            point(1, 3, 1, Some(4.0)),
            point(1, 5, 3, Some(8.0)), // of steps 4 and 5
            point(1, 7, 0, None),
            point(1, 9, 2, Some(1.0)),
        ];
        let mut means = vec![Mean::default(); 2];
        let values = |means: &[Mean]| means.iter().map(|mean| mean.value()).collect::<Vec<_>>();
        add(&points, &mut means);
        assert_eq!(values(&means), [Some(7.0), Some(5.2)]);
        add(&[], &mut means);
        assert_eq!(values(&means), [Some(7.0), Some(5.2)]);
        let mut means = vec![Mean::default(); 4];
        add(&[point(0, 9, 2, Some(1.0))], &mut means);
        assert_eq!(values(&means), [Some(1.0); 4]);
        let mut means = vec![Mean::default(); 1];
        add(&[point(0, 4, 5, Some(1.7e308)), point(0, 9, 5, Some(1.7e308))], &mut means);
        assert_eq!(values(&means), [Some(1.7e308)]);
    }
}
