//! The tables of a sweep, derived from its plan and journals by streaming: memory holds an index of 16 bytes per trial,
//! and the [`Sample`] from which the statistics come.

pub mod csv;
pub mod export;
pub mod parquet;
mod schema;
pub mod stage;
mod statistics_rows;
mod summary_rows;
pub mod trace;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burstnet_core::digest::hex;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::columns::{self, Column, Layout};
use burstnet_sweep::disk::Disk;
use burstnet_sweep::files::remove_unfinished;
use burstnet_sweep::journal::Damage;
use burstnet_sweep::ledger::Ledger;
use burstnet_sweep::names::clash;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::{Plan, Trial};
use burstnet_sweep::record::{Timing, TrialRecord};
use burstnet_sweep::spec::own_table::KEYS_METADATA;
use burstnet_sweep::study::Study;
use serde_json::json;

use crate::ReportError;
use crate::analysis::sample::Sample;
use crate::analysis::{Analysis, Confirmed, Front, Options};
use crate::shell;
use csv::CsvOutput;
use parquet::{Cell, Table};
use summary_rows::{Group, Rows, Summarised};

/// The largest plan, in bytes, that each table holds in its metadata, which is not compressed; of a larger one it holds the
/// fingerprint alone.
const LARGEST_PLAN: usize = 64 << 10;

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
    /// The measures of the plan.
    pub measures: Vec<MeasureInfo>,
    /// What statistics read.
    pub sample: Sample,
    /// The analysis of the objective's measure.
    pub analysis: Analysis,
    /// Damage in the journal.
    pub damage: Vec<Damage>,
    /// The records that the tables were made of.
    pub ledger: Ledger,
}

/// The names of the tables that are Parquet files.
pub const PARQUET: [&str; 6] = ["trials", "curves", "summary", "timings", "effects", "contrasts"];

/// The tables that are a pure function of the plan, the one that is not, and those of statistics.
pub const FILES: [&str; 6] = [
    "trials.parquet",
    "curves.parquet",
    "summary.parquet",
    "timings.parquet",
    statistics_rows::EFFECTS,
    statistics_rows::CONTRASTS,
];

/// Writes all tables of the trials that a study's journals hold. Others who write tables into the same directory wait.
///
/// # Errors
/// If a journal cannot be read, a table cannot be written, or two columns of one have the same name.
pub fn write(study: &Study, objective: &dyn Objective) -> Result<Overview, ReportError> {
    write_compared(study, objective, None)
}

/// As [`write()`], with configuration `baseline` as the one that the others are compared with, rather than the best.
///
/// # Errors
/// As [`write()`], or if there is no such configuration.
pub fn write_compared(
    study: &Study,
    objective: &dyn Objective,
    baseline: Option<u64>,
) -> Result<Overview, ReportError> {
    let results = &study.results;
    let _lock = study.lock()?;
    remove_unfinished(study.disk.as_ref(), results, None)
        .and_then(|()| stage::remove_abandoned(results))
        .map_err(|source| ReportError::Io { path: results.clone(), source })?;
    write_into(study, objective, study.ledger(&|_| true)?, results, baseline)
}

/// As [`write_compared`], of the trials of a ledger and into another folder.
///
/// # Errors
/// As [`write_compared`].
pub fn write_into(
    study: &Study,
    objective: &dyn Objective,
    ledger: Ledger,
    folder: &Path,
    baseline: Option<u64>,
) -> Result<Overview, ReportError> {
    let plan = &study.plan;
    let options = options(study, baseline);
    options.check(plan)?; // before anything is written
    check_names(study, objective, &PARQUET)?;
    let measures = measures_of(plan, objective);
    let trials = ledger.entries.len() as u64;
    let layout = Layout::of(plan, objective.schema(), &measures);
    let tables = Tables::create(&study.disk, folder, plan, &layout, trials)?;
    fill(tables, study, objective, ledger, &options)
}

/// As [`write_into`], without writing any table.
///
/// # Errors
/// If a journal cannot be read, or there is no configuration `baseline`.
pub fn read(
    study: &Study,
    objective: &dyn Objective,
    ledger: Ledger,
    baseline: Option<u64>,
) -> Result<Overview, ReportError> {
    let options = options(study, baseline);
    options.check(&study.plan)?;
    fill(Tables::unwanted(), study, objective, ledger, &options)
}

/// How the tables of a study are analysed.
fn options(study: &Study, baseline: Option<u64>) -> Options {
    Options { baseline, results: Some(study.results.clone()), ..Options::default() }
}

/// Checks that every column of these tables has a name of its own. Since this is checked when a sweep is planned, only
/// directories from before have others.
///
/// # Errors
/// With the tables in which two columns have the same name.
pub fn check_names(study: &Study, objective: &dyn Objective, tables: &[&str]) -> Result<(), ReportError> {
    let layout = Layout::of(&study.plan, objective.schema(), &measures_of(&study.plan, objective));
    let wanted = layout.tables().into_iter().filter(|(name, _)| tables.contains(name));
    let (tables, clashes): (Vec<_>, Vec<_>) =
        wanted.filter_map(|(name, columns)| Some((name, clash(&columns)?))).unzip();
    match clashes.into_iter().next() {
        None => Ok(()),
        Some(clash) => Err(ReportError::Names { results: study.results.clone(), tables, clash: Box::new(clash) }),
    }
}

fn fill(
    mut tables: Tables,
    study: &Study,
    objective: &dyn Objective,
    ledger: Ledger,
    options: &Options,
) -> Result<Overview, ReportError> {
    let plan = &study.plan;
    let measures = measures_of(plan, objective);
    let Collected { sample, damage, ledger, .. } = tables.fill(study, ledger, measures.clone())?;
    let mut analysis =
        statistics_rows::fill(&mut tables.effects, &mut tables.contrasts, plan, &measures, &sample, options)?;
    tables.finish()?;
    analysis.warnings.extend(contradictions(study, &ledger));
    Confirmed::add_to(&mut analysis, &sample, study, objective);
    let counts = sample.total();
    Ok(Overview {
        trials: counts.all(),
        planned: plan.trials(),
        diverged: counts.diverged,
        failed: counts.failed,
        measures,
        sample,
        analysis,
        damage,
        ledger,
    })
}

/// What to know of trials that ran in several shards with different results, which same bits rule out.
fn contradictions<'a>(study: &Study, ledger: &'a Ledger) -> impl Iterator<Item = String> + use<'a> {
    let results = shell::path(&study.results.to_string_lossy());
    let allowed = if study.plan.model.is_some() { " --allow-command" } else { "" };
    ledger.doubles.iter().filter(|double| !double.same).map(move |double| {
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let journals: Vec<String> = double.journals.iter().filter_map(name).collect();
        format!(
            "The results of trial {} differ between {}; the last of these is shown. `burstnet rerun {results} --trial {}{allowed}` \
             tells whether it is right.",
            double.trial_id,
            journals.join(" and "),
            double.trial_id
        )
    })
}

/// One of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `trials`.
    Trials,
    /// `curves`.
    Curves,
    /// `summary`.
    Summary,
    /// `timings`.
    Timings,
    /// `effects`.
    Effects,
    /// `contrasts`.
    Contrasts,
}

impl Wanted {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trials => "trials",
            Self::Curves => "curves",
            Self::Summary => "summary",
            Self::Timings => "timings",
            Self::Effects => "effects",
            Self::Contrasts => "contrasts",
        }
    }
}

/// What was found in the journals.
pub struct Collected {
    /// The measures of the plan.
    pub measures: Vec<MeasureInfo>,
    /// What statistics read.
    pub sample: Sample,
    /// Damage in the journals.
    pub damage: Vec<Damage>,
    /// The records that they were.
    pub ledger: Ledger,
}

/// Reads the trials that a study's journals hold; one table goes to an output as CSV, if that is wanted, compared with
/// `baseline`. Nothing else is written, and nobody waits.
///
/// # Errors
/// If a journal cannot be read, the output does not take what it is given, or there is no such configuration.
pub fn collect(
    study: &Study,
    objective: &dyn Objective,
    csv: Option<(Wanted, Box<dyn Write>)>,
    baseline: Option<u64>,
) -> Result<Collected, ReportError> {
    let plan = &study.plan;
    let ledger = study.ledger(&|_| true)?;
    let measures = measures_of(plan, objective);
    let mut tables = Tables::unwanted();
    let mut statistics = false;
    if let Some((wanted, output)) = csv {
        check_names(study, objective, &[wanted.name()])?;
        let layout = Layout::of(plan, objective.schema(), &measures);
        statistics = matches!(wanted, Wanted::Effects | Wanted::Contrasts);
        let (table, columns) = match wanted {
            Wanted::Trials => (&mut tables.trials, columns::trials(&layout)),
            Wanted::Curves => (&mut tables.curves, columns::curves()),
            Wanted::Summary => (&mut tables.summary, columns::summary(&layout)),
            Wanted::Timings => (&mut tables.timings, columns::timings()),
            Wanted::Effects => (&mut tables.effects, columns::effects()),
            Wanted::Contrasts => (&mut tables.contrasts, columns::contrasts(&layout)),
        };
        *table = Table::new(Box::new(CsvOutput::new(output, &columns)?), &columns);
    }
    let collected = tables.fill(study, ledger, measures)?;
    if statistics {
        let Collected { measures, sample, .. } = &collected;
        let options = Options { baseline, ..Options::default() };
        statistics_rows::fill(&mut tables.effects, &mut tables.contrasts, plan, measures, sample, &options)?;
    }
    tables.finish()?;
    Ok(collected)
}

/// The record of one trial and the part of its budget that it has got, where budgets are divided; none if it has not
/// been run, or may still go on.
///
/// # Errors
/// If a journal cannot be read.
pub fn find(study: &Study, trial_id: u64) -> Result<Option<(TrialRecord, Option<u64>)>, ReportError> {
    let mut ledger = study.ledger(&|id| id == trial_id)?;
    match ledger.entries.first() {
        Some(&entry) => Ok(Some((ledger.record(entry)?, ledger.budget(trial_id)))),
        None => Ok(None),
    }
}

/// What is known of the plan's measures; of those of another version of the bits perhaps only the name.
fn measures_of(plan: &Plan, objective: &dyn Objective) -> Vec<MeasureInfo> {
    let known = objective.measures(&|key| plan.values_of(key));
    let unknown = |name: &String| MeasureInfo { name: name.clone(), unit: "", doc: "" };
    let info = |name: &String| known.iter().find(|info| info.name == *name).cloned();
    plan.measures.iter().map(|name| info(name).unwrap_or_else(|| unknown(name))).collect()
}

struct Tables {
    trials: Table,
    curves: Table,
    summary: Table,
    timings: Table,
    effects: Table,
    contrasts: Table,
}

impl Tables {
    fn unwanted() -> Self {
        let [trials, curves, summary, timings, effects, contrasts] = [(); 6].map(|()| Table::unwanted());
        Self { trials, curves, summary, timings, effects, contrasts }
    }

    fn create(
        disk: &Arc<dyn Disk>,
        folder: &Path,
        plan: &Plan,
        layout: &Layout,
        trials: u64,
    ) -> Result<Self, ReportError> {
        let mut metadata = vec![
            ("burstnet.fingerprint", plan.fingerprint()),
            ("burstnet.version", env!("CARGO_PKG_VERSION").to_owned()),
            (KEYS_METADATA, json!(plan.space.iter().map(|dimension| &dimension.key).collect::<Vec<_>>()).to_string()),
            ("burstnet.trials", format!("{trials} of {}", plan.trials())),
        ];
        let json = plan.to_json().unwrap_or_default();
        if json.len() <= LARGEST_PLAN {
            metadata.insert(0, ("burstnet.plan", json));
        }
        if let Some(program) = &plan.model {
            metadata.push(("burstnet.model", serde_json::to_string(&program.command).unwrap_or_default()));
            metadata.push(("burstnet.same_bits", "not promised: external program".to_owned()));
        }
        let [trials, curves, summary, timings, effects, contrasts] = FILES;
        let table = |name: &str, columns: &[Column]| Table::create(disk, &folder.join(name), columns, &metadata);
        Ok(Self {
            trials: table(trials, &columns::trials(layout))?,
            curves: table(curves, &columns::curves())?,
            summary: table(summary, &columns::summary(layout))?,
            timings: table(timings, &columns::timings())?,
            effects: table(effects, &columns::effects())?,
            contrasts: table(contrasts, &columns::contrasts(layout))?,
        })
    }

    /// Takes the trials of a ledger.
    fn fill(
        &mut self,
        study: &Study,
        mut ledger: Ledger,
        measures: Vec<MeasureInfo>,
    ) -> Result<Collected, ReportError> {
        let plan = &study.plan;
        let mut sample = Sample::new(plan, ledger.entries.len());
        let mut group: Option<Group> = None;
        let mut rows = Rows::of(plan);
        let copies = plan.copies();
        for at in 0..ledger.entries.len() {
            let entry = ledger.entries[at];
            let record = ledger.record(entry)?;
            let trial = plan.trial(entry.trial_id);
            if group.as_ref().is_none_or(|group| group.config_id != trial.config_id) {
                if let Some(complete) = group.take() {
                    self.configuration(complete.summarised(), plan, &mut rows)?;
                }
                group = Some(Group::new(trial.config_id, plan));
            }
            if let Some(group) = &mut group {
                group.add(&record, &plan.measures);
                sample.add(trial, &record, &group.last);
                let timing = (!copies.contains(trial.config_id)).then_some(&record.timing);
                self.trial(trial, &record, timing, group, ledger.budget(trial.id))?;
            }
        }
        if let Some(complete) = group {
            self.configuration(complete.summarised(), plan, &mut rows)?;
        }
        self.held(rows, plan, &sample)?;
        let damage = std::mem::take(&mut ledger.damage);
        Ok(Collected { measures, sample, damage, ledger })
    }

    /// Writes the rows of a trial, which was added to its group just now. That of a copy has no timing of its own.
    fn trial(
        &mut self,
        trial: Trial,
        record: &TrialRecord,
        timing: Option<&Timing>,
        group: &Group,
        budget: Option<u64>,
    ) -> Result<(), ReportError> {
        let digest = record.digest.as_ref().map(hex);
        let ids = [trial.id, trial.config_id, trial.replicate, trial.seed].map(Cell::Int);
        let cells = ids
            .into_iter()
            .chain(group.swept.iter().map(Cell::Value))
            .chain(budget.map(Cell::Int))
            .chain([Cell::Text(record.status.name()), record.error.as_deref().into()])
            .chain(group.last.iter().map(|measure| Cell::from(*measure)))
            .chain([digest.as_deref().into()]);
        self.trials.row(cells)?;
        for point in &record.curves {
            let ids = [trial.id, u64::from(point.layer), point.step, point.learning_steps].map(Cell::Int);
            self.curves.row(ids.into_iter().chain([point.loss.into()]))?;
        }
        let of_timing = |timing: &Timing| [Cell::Float(timing.seconds), Cell::Int(timing.thread.into())];
        let [seconds, thread] = timing.map_or([Cell::Null; 2], of_timing);
        let host = timing.map_or(Cell::Null, |timing| Cell::Text(&timing.host));
        self.timings.row([Cell::Int(trial.id), seconds, thread, host])
    }

    /// Takes a complete configuration: its row is written, or held.
    fn configuration(&mut self, summarised: Summarised, plan: &Plan, rows: &mut Rows) -> Result<(), ReportError> {
        match rows {
            Rows::Written => summarised.write(&mut self.summary, plan, None),
            Rows::Held(held) => {
                held.push(summarised);
                Ok(())
            }
        }
    }

    /// Writes the rows that were held until all configurations are known.
    fn held(&mut self, rows: Rows, plan: &Plan, sample: &Sample) -> Result<(), ReportError> {
        let Rows::Held(held) = rows else { return Ok(()) };
        let front = Front::of(plan, sample).map(|front| front.standings).unwrap_or_default();
        for summarised in &held {
            let standing = sample.place(summarised.config_id).and_then(|place| front.get(place));
            summarised.write(&mut self.summary, plan, Some(standing.is_some_and(|one| one.on_front)))?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), ReportError> {
        self.trials.finish()?;
        self.curves.finish()?;
        self.summary.finish()?;
        self.timings.finish()?;
        self.effects.finish()?;
        self.contrasts.finish()
    }
}
