//! The tables of a sweep, derived from its plan and journals by streaming: memory holds an index of 16 bytes per trial.

use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::{self, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::disk::Disk;
use burstnet_sweep::files::remove_unfinished;
use burstnet_sweep::journal::Damage;
use burstnet_sweep::ledger::Ledger;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::{Plan, Trial};
use burstnet_sweep::record::{Status, TrialRecord};
use burstnet_sweep::study::Study;

use crate::ReportError;
use crate::columns;
use crate::parquet_file::{Cell, Table};
use crate::ranking::{Ranked, Ranking};
use crate::sample::Sample;
use crate::statistics::summary::Summary;

/// The configurations that [`write`] ranks.
const RANKED: usize = 10;

/// What was found while the tables were written.
pub struct Overview {
    /// Trials in the tables.
    pub trials: u64,
    /// Trials of the plan.
    pub planned: u64,
    /// Trials that diverged.
    pub diverged: u64,
    /// Trials that failed.
    pub failed: u64,
    /// The best configurations by the objective's measure.
    pub ranking: Ranking,
    /// The measures of the plan.
    pub measures: Vec<MeasureInfo>,
    /// What statistics read.
    pub sample: Sample,
    /// Damage in the journal.
    pub damage: Vec<Damage>,
    /// The records that the tables were made of.
    pub ledger: Ledger,
}

/// The tables that are a pure function of the plan, and the one that is not.
pub const FILES: [&str; 4] = ["trials.parquet", "curves.parquet", "summary.parquet", "timings.parquet"];

/// Writes `trials`, `curves`, `summary` and `timings` of the trials that a study's journals hold. Others who write
/// tables into the same directory wait.
///
/// # Errors
/// If a journal cannot be read or a table cannot be written.
pub fn write(study: &Study, objective: &dyn Objective) -> Result<Overview, ReportError> {
    let results = &study.results;
    let _lock = study.lock()?;
    remove_unfinished(study.disk.as_ref(), results, None)
        .map_err(|source| ReportError::Io { path: results.clone(), source })?;
    write_into(study, objective, study.ledger(&|_| true)?, results)
}

/// As [`write()`], of the trials of a ledger and into another folder.
///
/// # Errors
/// As [`write()`].
pub fn write_into(
    study: &Study,
    objective: &dyn Objective,
    mut ledger: Ledger,
    folder: &Path,
) -> Result<Overview, ReportError> {
    let plan = &study.plan;
    let measures = measures_of(plan, objective);
    let mut tables =
        Tables::create(&study.disk, folder, plan, objective.schema(), &measures, ledger.entries.len() as u64)?;
    let mut overview = Overview {
        trials: ledger.entries.len() as u64,
        planned: plan.trials(),
        diverged: 0,
        failed: 0,
        ranking: Ranking::new(plan.objective.direction, RANKED),
        sample: Sample::new(plan, ledger.entries.len()),
        measures,
        damage: std::mem::take(&mut ledger.damage),
        ledger,
    };
    let mut group: Option<Group> = None;
    for at in 0..overview.ledger.entries.len() {
        let entry = overview.ledger.entries[at];
        let record = overview.ledger.record(entry)?;
        overview.diverged += u64::from(record.status == Status::Diverged);
        overview.failed += u64::from(record.status == Status::Failed);
        let trial = plan.trial(entry.trial_id);
        if group.as_ref().is_none_or(|group| group.config_id != trial.config_id) {
            if let Some(complete) = group.take() {
                overview.ranking.add(tables.configuration(&complete, plan)?);
            }
            group = Some(Group::new(trial.config_id, plan));
        }
        if let Some(group) = &mut group {
            group.add(&record, &plan.measures);
            overview.sample.add(trial, &record, &group.last);
            tables.trial(trial, &record, group)?;
        }
    }
    if let Some(complete) = group {
        overview.ranking.add(tables.configuration(&complete, plan)?);
    }
    tables.finish()?;
    Ok(overview)
}

/// The record of one trial, if it has been run.
///
/// # Errors
/// If a journal cannot be read.
pub fn find(study: &Study, trial_id: u64) -> Result<Option<TrialRecord>, ReportError> {
    let mut ledger = study.ledger(&|id| id == trial_id)?;
    match ledger.entries.first() {
        Some(&entry) => Ok(Some(ledger.record(entry)?)),
        None => Ok(None),
    }
}

/// What is known of the plan's measures; of those of another version of the bits perhaps only the name.
fn measures_of(plan: &Plan, objective: &dyn Objective) -> Vec<MeasureInfo> {
    let known = objective.measures(&|key| plan.values_of(key));
    let unknown = |name: &String| MeasureInfo { name: name.clone(), unit: "", doc: "", needs: None };
    let info = |name: &String| known.iter().find(|info| info.name == *name).cloned();
    plan.measures.iter().map(|name| info(name).unwrap_or_else(|| unknown(name))).collect()
}

/// The trials of one configuration.
struct Group {
    config_id: u64,
    swept: Vec<Value>,
    ok: u64,
    diverged: u64,
    failed: u64,
    values: Vec<Vec<f64>>,
    /// The measures of the trial that was added last, in the order of the plan.
    last: Vec<Option<f64>>,
}

impl Group {
    fn new(config_id: u64, plan: &Plan) -> Self {
        Self {
            config_id,
            swept: plan.swept_values(config_id),
            ok: 0,
            diverged: 0,
            failed: 0,
            values: vec![Vec::new(); plan.measures.len()],
            last: Vec::new(),
        }
    }

    fn add(&mut self, record: &TrialRecord, measures: &[String]) {
        self.last.clear();
        self.last.extend(measures.iter().map(|name| record.measure(name)));
        match record.status {
            Status::Ok => {
                self.ok += 1;
                for (values, measure) in self.values.iter_mut().zip(&self.last) {
                    values.extend(measure);
                }
            }
            Status::Diverged => self.diverged += 1,
            Status::Failed => self.failed += 1,
            Status::Pruned => {}
        }
    }
}

struct Tables {
    trials: Table,
    curves: Table,
    summary: Table,
    timings: Table,
}

impl Tables {
    fn create(
        disk: &Arc<dyn Disk>,
        folder: &Path,
        plan: &Plan,
        schema: &config::Schema,
        measures: &[MeasureInfo],
        trials: u64,
    ) -> Result<Self, ReportError> {
        let metadata = [
            ("burstnet.plan", plan.to_json().unwrap_or_default()),
            ("burstnet.fingerprint", plan.fingerprint()),
            ("burstnet.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("burstnet.trials", format!("{trials} of {}", plan.trials())),
        ];
        let [trials, curves, summary, timings] = FILES;
        let table =
            |name: &str, columns: &[columns::Column]| Table::create(disk, &folder.join(name), columns, &metadata);
        Ok(Self {
            trials: table(trials, &columns::trials(plan, schema, measures))?,
            curves: table(curves, &columns::curves())?,
            summary: table(summary, &columns::summary(plan, schema, measures))?,
            timings: table(timings, &columns::timings())?,
        })
    }

    /// Writes the rows of a trial, which was added to its group just now.
    fn trial(&mut self, trial: Trial, record: &TrialRecord, group: &Group) -> Result<(), ReportError> {
        let digest = record.digest.as_ref().map(hex);
        let ids = [trial.id, trial.config_id, trial.replicate, trial.seed].map(Cell::Int);
        let cells = ids
            .into_iter()
            .chain(group.swept.iter().map(Cell::Value))
            .chain([Cell::Text(record.status.name()), text(record.error.as_deref())])
            .chain(group.last.iter().map(|measure| Cell::from(*measure)))
            .chain([text(digest.as_deref())]);
        self.trials.row(cells)?;
        for point in &record.curves {
            let ids = [trial.id, u64::from(point.layer), point.step, point.learning_steps].map(Cell::Int);
            self.curves.row(ids.into_iter().chain([point.loss.into()]))?;
        }
        let timing = &record.timing;
        let (thread, host) = (Cell::Int(timing.thread.into()), Cell::Text(&timing.host));
        self.timings.row([Cell::Int(trial.id), Cell::Float(timing.seconds), thread, host])
    }

    /// Writes the row of a complete configuration, and tells how it did.
    fn configuration(&mut self, group: &Group, plan: &Plan) -> Result<Ranked, ReportError> {
        let summaries: Vec<Summary> = group.values.iter().map(|values| Summary::of(values)).collect();
        let cells = [Cell::Int(group.config_id)]
            .into_iter()
            .chain(group.swept.iter().map(Cell::Value))
            .chain([group.ok, group.diverged, group.failed].map(Cell::Int))
            .chain(summaries.iter().flat_map(|summary| summary.in_order()).map(Cell::from));
        self.summary.row(cells)?;
        let goal = plan.measures.iter().position(|name| *name == plan.objective.measure);
        Ok(Ranked {
            config_id: group.config_id,
            ok: group.ok,
            not_ok: group.diverged + group.failed,
            summary: goal.map(|at| summaries[at]).unwrap_or_default(),
        })
    }

    fn finish(self) -> Result<(), ReportError> {
        self.trials.finish()?;
        self.curves.finish()?;
        self.summary.finish()?;
        self.timings.finish()
    }
}

/// A digest in hex.
fn hex(digest: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn text(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Null, Cell::Text)
}
