//! Loss curves of the configurations that the page shows in detail, read from the journal for these alone.

use std::collections::BTreeMap;

use burstnet_core::numbers::Mean;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::journal::JournalError;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::record::Status;
use serde::Serialize;

use super::shown::points;
use crate::page::figure::Figure;

/// The points of a curve that are kept.
pub(super) const MOST_POINTS: usize = 200;
/// The replicates, from the first on, that curves are made of.
pub(super) const MOST_REPLICATES: u64 = 50;
/// The points of all curves that are kept.
const BUDGET: usize = 60_000;
/// The most configurations that are shown in detail.
const MOST_DETAILED: usize = 400;

/// The curves of a configuration: of each weight layer one, the output layer's last.
#[derive(Debug, Serialize)]
pub(super) struct DrawnCurves {
    pub(super) config_id: u64,
    layers: Vec<DrawnCurve>,
}

/// A layer's loss over the replicates that are ok.
#[derive(Debug, Default, Serialize)]
pub(super) struct DrawnCurve {
    pub(super) step: Vec<u64>,
    pub(super) mean: Vec<Figure>,
    low: Vec<Figure>,
    high: Vec<Figure>,
    /// Replicates that are in it.
    n: u64,
}

impl DrawnCurves {
    /// Returns the curves of configuration `config_id`; `None` if none of its trials has any.
    pub(super) fn read(
        ledger: &mut Ledger,
        plan: &Configurations,
        config_id: u64,
    ) -> Result<Option<Self>, JournalError> {
        Self::of(ledger, plan, config_id, &|status| status == Status::Ok)
    }

    /// Returns the curves of a configuration over its trials of this status.
    fn of(
        ledger: &mut Ledger,
        plan: &Configurations,
        config_id: u64,
        wanted: &dyn Fn(Status) -> bool,
    ) -> Result<Option<Self>, JournalError> {
        let first = config_id * plan.replicates;
        let last = first + plan.replicates.min(MOST_REPLICATES);
        let from = ledger.entries.partition_point(|entry| entry.trial_id < first);
        let to = ledger.entries.partition_point(|entry| entry.trial_id < last);
        let mut layers: BTreeMap<u32, Layer> = BTreeMap::new();
        for at in from..to {
            let entry = ledger.entries[at];
            let record = ledger.record(entry)?;
            if !wanted(record.status) {
                continue;
            }
            for point in &record.curves {
                if let Some(loss) = point.loss.filter(|loss| loss.is_finite()) {
                    layers.entry(point.layer).or_default().add(entry.trial_id, point.step, loss);
                }
            }
        }
        let layers: Vec<DrawnCurve> = layers.into_values().map(Layer::finish).collect();
        Ok((!layers.is_empty()).then_some(Self { config_id, layers }))
    }

    /// Returns the curve of the output layer.
    pub(super) fn output(&self) -> Option<&DrawnCurve> {
        self.layers.last()
    }

    fn points(&self) -> usize {
        self.layers.iter().map(|layer| layer.step.len()).sum()
    }
}

#[derive(Default)]
struct Layer {
    /// Mean, smallest and largest value by step.
    steps: BTreeMap<u64, (Mean, f64, f64)>,
    trials: Vec<u64>,
}

impl Layer {
    fn add(&mut self, trial_id: u64, step: u64, loss: f64) {
        if self.trials.last() != Some(&trial_id) {
            self.trials.push(trial_id);
        }
        let held = self.steps.entry(step).or_insert((Mean::default(), loss, loss));
        held.0.add(loss);
        (held.1, held.2) = (held.1.min(loss), held.2.max(loss));
    }

    fn finish(self) -> DrawnCurve {
        let all: Vec<_> = self.steps.into_iter().collect();
        let mut curve = DrawnCurve { n: self.trials.len() as u64, ..DrawnCurve::default() };
        for at in points(all.len(), MOST_POINTS) {
            let (step, (mean, low, high)) = all[at];
            curve.step.push(step);
            curve.mean.push(Figure(mean.value().unwrap_or(f64::NAN)));
            curve.low.push(Figure(low));
            curve.high.push(Figure(high));
        }
        curve
    }
}

/// Returns how many configurations can be shown in detail if all have as many points as the one with these curves.
pub(super) fn most_detailed(example: Option<&DrawnCurves>) -> usize {
    let points = example.map_or(1, DrawnCurves::points).max(1);
    (BUDGET / points).clamp(10, MOST_DETAILED)
}

/// Returns the curves of these configurations in this order, the first ones at least, until there are too many points.
pub(super) fn read_all(
    ledger: &mut Ledger,
    plan: &Configurations,
    config_ids: &[u64],
) -> Result<Vec<DrawnCurves>, JournalError> {
    read_until(BUDGET, config_ids, |config_id| DrawnCurves::read(ledger, plan, config_id))
}

/// Returns the curves of configurations that were stopped early, as far as they came, until there are too many points.
pub(super) fn read_stopped(
    ledger: &mut Ledger,
    plan: &Configurations,
    config_ids: &[u64],
) -> Result<Vec<DrawnCurves>, JournalError> {
    let wanted = |status| matches!(status, Status::Ok | Status::Pruned);
    read_until(BUDGET / 4, config_ids, |config_id| DrawnCurves::of(ledger, plan, config_id, &wanted))
}

/// Reads the curves of one configuration after the other until there are more than `most` points.
fn read_until(
    most: usize,
    config_ids: &[u64],
    mut read: impl FnMut(u64) -> Result<Option<DrawnCurves>, JournalError>,
) -> Result<Vec<DrawnCurves>, JournalError> {
    let mut all = Vec::new();
    let mut held = 0;
    for &config_id in config_ids {
        if held > most {
            break;
        }
        if let Some(curves) = read(config_id)? {
            held += curves.points();
            all.push(curves);
        }
    }
    Ok(all)
}
