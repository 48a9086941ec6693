//! All tables of a sweep while they are filled from its records.

use std::collections::HashMap;
use std::sync::Arc;

use burstnet_core::config::Value;
use burstnet_core::digest::hex;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::results::journal::Damage;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::record::{TrialRecord, TrialTiming};

use super::TableName;
use super::writer::{Cell, TableWriter};
use crate::ReportError;
use crate::analysis::Sample;

/// The trials that were found in the journals.
#[non_exhaustive]
pub struct Collected {
    /// The measures of the plan.
    pub measures: Vec<MeasureInfo>,
    /// The values that statistics read.
    pub sample: Sample,
    /// Damage in the journals.
    pub damage: Vec<Damage>,
    /// The records that they were.
    pub ledger: Ledger,
}

/// The replicates whose drawn values are held at once.
const MOST_HELD: usize = 1 << 16;

/// A writer for each table.
pub(super) struct Tables([TableWriter; 6]);

impl Tables {
    /// Returns tables whose rows go nowhere.
    pub(super) fn unwanted() -> Self {
        Self([(); 6].map(|()| TableWriter::unwanted()))
    }

    /// Returns the writer of a table.
    pub(super) fn of(&mut self, table: TableName) -> &mut TableWriter {
        &mut self.0[table as usize]
    }

    /// Takes the trials of a ledger.
    pub(super) fn fill(&mut self, mut ledger: Ledger, measures: Vec<MeasureInfo>) -> Result<Collected, ReportError> {
        let plan = &*Arc::clone(ledger.configurations());
        let mut sample = Sample::new(plan, ledger.entries.len());
        let mut swept: Option<(u64, Vec<Value>)> = None;
        let mut drawn: HashMap<u64, Vec<Value>> = HashMap::new();
        let copies = plan.copies();
        for at in 0..ledger.entries.len() {
            let entry = ledger.entries[at];
            let record = ledger.record(entry)?;
            let trial = plan.trial(entry.trial_id);
            let (_, values) = match swept.take().filter(|(config_id, _)| *config_id == trial.config_id) {
                Some(same) => swept.insert(same),
                None => swept.insert((trial.config_id, plan.swept_values(trial.config_id))),
            };
            let measures: Vec<Option<f64>> = plan.measures.iter().map(|name| record.measure(name)).collect();
            sample.add(trial, &record, &measures);
            let timing = (!copies.contains(trial.config_id)).then_some(&record.timing);
            let budget = ledger.budget(trial.id);
            if drawn.len() >= MOST_HELD {
                drawn.clear();
            }
            let drawn = drawn.entry(trial.replicate).or_insert_with(|| plan.drawn(trial.replicate));
            let subspace = plan.subspace_of(trial.config_id);
            self.trial(trial, &record, timing, (values, drawn, &measures), (budget, subspace))?;
        }
        let damage = std::mem::take(&mut ledger.damage);
        Ok(Collected { measures, sample, damage, ledger })
    }

    /// Writes the rows of a trial with its swept values, those that its replicate draws, and measures. A copy has no timing of its own.
    fn trial(
        &mut self,
        trial: Trial,
        record: &TrialRecord,
        timing: Option<&TrialTiming>,
        (swept, drawn, measures): (&[Value], &[Value], &[Option<f64>]),
        (budget, subspace): (Option<u64>, Option<&str>),
    ) -> Result<(), ReportError> {
        let digest = record.digest.as_ref().map(hex);
        let ids = [trial.id, trial.config_id, trial.replicate, trial.seed].map(Cell::Int);
        let cells = ids
            .into_iter()
            .chain(swept.iter().map(Cell::Value))
            .chain(budget.map(Cell::Int))
            .chain([Cell::Text(record.status.name()), record.error.as_deref().into()])
            .chain(subspace.map(Cell::Text))
            .chain(drawn.iter().map(Cell::Value))
            .chain(measures.iter().map(|measure| Cell::from(*measure)))
            .chain([digest.as_deref().into()]);
        self.of(TableName::Trials).row(cells)?;
        for point in &record.curves {
            let ids = [trial.id, u64::from(point.layer), point.step, point.learning_steps].map(Cell::Int);
            self.of(TableName::Curves).row(ids.into_iter().chain([point.loss.into()]))?;
        }
        let of_timing = |timing: &TrialTiming| [Cell::Float(timing.seconds), Cell::Int(timing.thread.into())];
        let [seconds, thread] = timing.map_or([Cell::Null; 2], of_timing);
        let host = timing.map_or(Cell::Null, |timing| Cell::Text(&timing.host));
        self.of(TableName::Timings).row([Cell::Int(trial.id), seconds, thread, host])
    }

    /// Completes all tables.
    pub(super) fn finish(self) -> Result<(), ReportError> {
        self.0.into_iter().try_for_each(TableWriter::finish)
    }
}

impl<E> TryFrom<[Result<TableWriter, E>; 6]> for Tables {
    type Error = E;

    fn try_from(made: [Result<TableWriter, E>; 6]) -> Result<Self, E> {
        let [trials, curves, summary, timings, effects, contrasts] = made;
        Ok(Self([trials?, curves?, summary?, timings?, effects?, contrasts?]))
    }
}
