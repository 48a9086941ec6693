//! Learning curves of a few configurations in a few points, for plots of a line's height.

use std::collections::BTreeMap;

use burstnet_core::curves::CurvePoint;
use burstnet_sweep::ledger::{Entry, Ledger};
use burstnet_sweep::plan::Plan;
use burstnet_sweep::record::Status;

use crate::ReportError;

/// The curve of a configuration: of each part of its training the mean loss, none where nothing was learned.
pub type Curve = Vec<Option<f64>>;

/// The output layer's loss in `parts` equal parts of the training, the mean over the trials that are ok of each of these
/// configurations, by their numbers. Windows count by their learning steps.
///
/// # Errors
/// If a journal cannot be read.
pub fn of_output_layer(
    plan: &Plan,
    ledger: &mut Ledger,
    config_ids: &[u64],
    parts: usize,
) -> Result<BTreeMap<u64, Curve>, ReportError> {
    let mut curves: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    let wanted = |entry: &&Entry| config_ids.contains(&plan.trial(entry.trial_id).config_id);
    for entry in ledger.entries.iter().filter(wanted).copied().collect::<Vec<_>>() {
        let record = ledger.record(entry)?;
        if record.status == Status::Ok {
            let sums = curves.entry(plan.trial(entry.trial_id).config_id).or_insert_with(|| vec![(0.0, 0.0); parts]);
            add(&record.curves, sums);
        }
    }
    let mean = |(sum, steps): (f64, f64)| (steps > 0.0).then(|| sum / steps);
    Ok(curves.into_iter().map(|(config_id, sums)| (config_id, sums.into_iter().map(mean).collect())).collect())
}

/// Adds the output layer's windows to the parts of the training that they reach into.
fn add(points: &[CurvePoint], sums: &mut [(f64, f64)]) {
    let Some(last) = points.iter().map(|point| point.layer).max() else { return };
    let end = points.iter().map(|point| point.step).max().unwrap_or(0).saturating_add(1);
    let part = |step: u64| (u128::from(step) * sums.len() as u128 / u128::from(end)) as usize;
    let mut start = 0;
    let mut windows = Vec::new();
    for point in points.iter().filter(|point| point.layer == last) {
        windows.push((part(start.min(point.step)), part(point.step), point));
        start = point.step.saturating_add(1);
    }
    for (from, to, point) in windows {
        let steps = point.learning_steps as f64;
        if let (Some(loss), Some(sums)) = (point.loss.filter(|loss| loss.is_finite()), sums.get_mut(from..=to)) {
            sums.iter_mut().for_each(|sum| *sum = (sum.0 + loss * steps, sum.1 + steps));
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
        let mut sums = vec![(0.0, 0.0); 2];
        add(&points, &mut sums);
        assert_eq!(sums, [(28.0, 4.0), (26.0, 5.0)]);
        add(&[], &mut sums);
        assert_eq!(sums, [(28.0, 4.0), (26.0, 5.0)]);
        let mut sums = vec![(0.0, 0.0); 4];
        add(&[point(0, 9, 2, Some(1.0))], &mut sums);
        assert_eq!(sums, [(2.0, 2.0); 4]);
    }
}
