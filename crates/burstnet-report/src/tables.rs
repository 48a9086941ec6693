//! The tables of a sweep, derived from its plan and journal by streaming: memory holds 16 bytes per trial.

use std::path::Path;

use burstnet_core::config::{self, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::journal::{Damage, Reader};
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::record::{Status, TrialRecord};
use burstnet_sweep::study::Study;

use crate::ReportError;
use crate::columns;
use crate::parquet_file::{Cell, Table};
use crate::ranking::{Ranked, Ranking};
use crate::summary::Summary;

/// The configurations that [`write`] ranks.
const RANKED: usize = 10;

/// What was found while the tables were written.
#[derive(Clone, Debug)]
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
    /// Damage in the journal.
    pub damage: Vec<Damage>,
}

/// Writes `trials`, `curves`, `summary` and `timings` of the trials that a study's journal holds.
///
/// # Errors
/// If the journal cannot be read or a table cannot be written.
pub fn write(study: &Study, objective: &dyn Objective) -> Result<Overview, ReportError> {
    let plan = &study.plan;
    let measures = objective.measures(&|key| plan.values_of(key));
    let mut records = Records::open(study)?;
    let mut tables = Tables::create(&study.results, plan, objective.schema(), &measures, records.len())?;
    let mut overview = Overview {
        trials: records.len(),
        planned: plan.trials(),
        diverged: 0,
        failed: 0,
        ranking: Ranking::new(plan.objective.direction, RANKED),
        damage: records.damage.clone(),
    };
    let mut group: Option<Group> = None;
    while let Some(record) = records.next_record()? {
        overview.diverged += u64::from(record.status == Status::Diverged);
        overview.failed += u64::from(record.status == Status::Failed);
        let config_id = plan.trial(record.trial_id).config_id;
        if group.as_ref().is_none_or(|group| group.config_id != config_id) {
            if let Some(complete) = group.take() {
                overview.ranking.add(tables.configuration(&complete, plan)?);
            }
            group = Some(Group::new(config_id, plan));
        }
        if let Some(group) = &mut group {
            tables.trial(&record, group, plan)?;
            group.add(&record);
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
/// If the journal cannot be read.
pub fn find(study: &Study, trial_id: u64) -> Result<Option<TrialRecord>, ReportError> {
    let mut records = Records::open(study)?;
    match records.index.binary_search_by_key(&trial_id, |(trial, _)| *trial) {
        Ok(at) => {
            records.next = at;
            records.next_record()
        }
        Err(_) => Ok(None),
    }
}

/// The records of a journal, by trial.
struct Records {
    reader: Option<Reader>,
    /// Trial and where its frame starts, sorted.
    index: Vec<(u64, u64)>,
    next: usize,
    damage: Vec<Damage>,
}

impl Records {
    fn open(study: &Study) -> Result<Self, ReportError> {
        let path = study.journal();
        if !path.exists() {
            return Ok(Self { reader: None, index: Vec::new(), next: 0, damage: Vec::new() });
        }
        let mut reader = Reader::open(&path, &study.plan.fingerprint())?;
        let mut index = Vec::new();
        while let Some(frame) = reader.next_frame()? {
            if frame.record.trial_id < study.plan.trials() {
                index.push((frame.record.trial_id, frame.start));
            }
        }
        index.sort_unstable();
        // Of several records of a trial the last one counts.
        index.reverse();
        index.dedup_by_key(|(trial, _)| *trial);
        index.reverse();
        let damage = reader.damage().to_vec();
        Ok(Self { reader: Some(reader), index, next: 0, damage })
    }

    fn len(&self) -> u64 {
        self.index.len() as u64
    }

    fn next_record(&mut self) -> Result<Option<TrialRecord>, ReportError> {
        match (&mut self.reader, self.index.get(self.next)) {
            (Some(reader), Some((_, start))) => {
                self.next += 1;
                Ok(Some(reader.record_at(*start)?))
            }
            (Some(_) | None, _) => Ok(None),
        }
    }
}

/// The trials of one configuration.
struct Group {
    config_id: u64,
    swept: Vec<Value>,
    ok: u64,
    diverged: u64,
    failed: u64,
    values: Vec<Vec<f64>>,
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
        }
    }

    fn add(&mut self, record: &TrialRecord) {
        match record.status {
            Status::Ok => {
                self.ok += 1;
                for (values, measure) in self.values.iter_mut().zip(&record.measures) {
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
        results: &Path,
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
        let table = |name: &str, columns: &[columns::Column]| Table::create(&results.join(name), columns, &metadata);
        Ok(Self {
            trials: table("trials.parquet", &columns::trials(plan, schema, measures))?,
            curves: table("curves.parquet", &columns::curves())?,
            summary: table("summary.parquet", &columns::summary(plan, schema, measures))?,
            timings: table("timings.parquet", &columns::timings())?,
        })
    }

    fn trial(&mut self, record: &TrialRecord, group: &Group, plan: &Plan) -> Result<(), ReportError> {
        let trial = plan.trial(record.trial_id);
        let digest = record.digest.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let ids = [trial.id, trial.config_id, trial.replicate, trial.seed].map(Cell::Int);
        let cells = ids
            .into_iter()
            .chain(group.swept.iter().map(Cell::Value))
            .chain([Cell::Text(record.status.name()), text(record.error.as_deref())])
            .chain(record.measures.iter().map(|measure| Cell::from(*measure)))
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

fn text(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Null, Cell::Text)
}
