//! Filling the tables from the records in a study's journals, read by streaming. Memory holds an index of 16 bytes per
//! trial, and the [`Sample`] from which the statistics come.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burstnet_core::config::Configuration;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::files::disk::Disk;
use burstnet_sweep::files::remove_unfinished;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::plan::columns::{Column, Layout};
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::names::clash;
use burstnet_sweep::results::journal::Damage;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::provenance;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::spec::own_table::KEYS_METADATA;
use serde_json::json;

pub use super::all::Collected;
use super::all::Tables;
use super::sink::Sink;
use super::writer::TableWriter;
use super::{FILES, PARQUET, TableName, stage, statistics_rows, summary_rows};
use crate::ReportError;
use crate::analysis::{Analysis, Confirmed, Options, Sample};
use crate::shell;

/// The largest plan, in bytes, that each table holds in its metadata, which is not compressed; of a larger one it holds the
/// fingerprint alone.
const LARGEST_PLAN: usize = 64 << 10;

/// The trials that were found while the tables were written, and their analysis.
#[non_exhaustive]
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
    /// The values that statistics read.
    pub sample: Sample,
    /// The analysis of the objective's measure.
    pub analysis: Analysis,
    /// Damage in the journal.
    pub damage: Vec<Damage>,
    /// The records that the tables were made of.
    pub ledger: Ledger,
}

/// Writes all tables of the trials that a study's journals hold. Others who write tables into the same directory wait.
///
/// # Errors
/// Returns an error if a journal cannot be read, a table cannot be written, or two columns of one have the same name.
pub fn write(study: &Study, objective: &dyn Objective) -> Result<Overview, ReportError> {
    let results = &study.results;
    let _lock = study.lock()?;
    remove_unfinished(study.disk.as_ref(), results, None)
        .and_then(|()| stage::remove_abandoned(results))
        .map_err(|source| ReportError::Io { path: results.clone(), source })?;
    write_into(study, objective, study.ledger(&|_| true)?, results, None)
}

/// Writes all tables of the trials of a ledger into a folder, compared with configuration `baseline`, or with the best one.
///
/// # Errors
/// The same as [`write()`], or if there is no such configuration.
pub(crate) fn write_into(
    study: &Study,
    objective: &dyn Objective,
    ledger: Ledger,
    folder: &Path,
    baseline: Option<u64>,
) -> Result<Overview, ReportError> {
    let plan = &*Arc::clone(ledger.configurations());
    let options = options(study, objective, baseline);
    options.check(plan, plan.configurations())?; // before anything is written
    check_names(study, objective, &PARQUET)?;
    let measures = measures_of(plan, objective);
    let trials = ledger.entries.len() as u64;
    let layout = Layout::of(plan, objective.schema(), &measures);
    let tables = create(&study.disk, folder, plan, &layout, trials)?;
    fill(tables, study, objective, ledger, &options)
}

/// Does the same as [`write_into`], without writing any table.
///
/// # Errors
/// Returns an error if a journal cannot be read, or there is no configuration `baseline`.
pub(crate) fn read(
    study: &Study,
    objective: &dyn Objective,
    ledger: Ledger,
    baseline: Option<u64>,
) -> Result<Overview, ReportError> {
    let options = options(study, objective, baseline);
    options.check(&study.plan, ledger.configurations().configurations())?;
    fill(Tables::unwanted(), study, objective, ledger, &options)
}

/// Returns the options with which the tables of a study are analysed.
fn options(study: &Study, objective: &dyn Objective, baseline: Option<u64>) -> Options {
    let defaults = defaults_of(&study.plan, objective);
    let shuffled = provenance::is_shuffled(&study.results);
    Options { baseline, results: Some(study.results.clone()), defaults, shuffled, ..Options::default() }
}

/// Checks that every column of these tables has a name of its own. Since this is checked when a sweep is planned, only
/// directories from before have others.
///
/// # Errors
/// Returns the tables in which two columns have the same name.
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
    let plan = &*Arc::clone(ledger.configurations());
    let measures = measures_of(plan, objective);
    let collected = tables.fill(ledger, measures.clone())?;
    let mut analysis = statistics_rows::fill(&mut tables, plan, &measures, &collected.sample, options)?;
    summary_rows::fill(tables.of(TableName::Summary), plan, &collected, &analysis.compared)?;
    tables.finish()?;
    let Collected { sample, damage, ledger, .. } = collected;
    analysis.warnings.extend(contradictions(study, &ledger));
    Confirmed::add_to(&mut analysis, (plan, &sample), study, objective);
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

/// Returns warnings about trials that ran in several shards with different results, which same bits rule out.
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

/// Reads the trials that a study's journals hold. Nothing is written, and nobody waits.
///
/// # Errors
/// Returns an error if a journal cannot be read.
pub fn collected(study: &Study, objective: &dyn Objective) -> Result<Collected, ReportError> {
    collect(study, objective, None, None)
}

/// Makes the sink of a table with these columns.
type MakeSink<'a> = Box<dyn FnOnce(&[Column]) -> Result<Box<dyn Sink>, ReportError> + 'a>;

/// Reads the trials that a study's journals hold. If a table is wanted, its rows go to a sink, contrasts compared with
/// `baseline`. Nothing else is written, and nobody waits.
///
/// # Errors
/// Returns an error if a journal cannot be read, the sink does not take what it is given, or there is no such
/// configuration.
pub(crate) fn collect(
    study: &Study,
    objective: &dyn Objective,
    wanted: Option<(TableName, MakeSink<'_>)>,
    baseline: Option<u64>,
) -> Result<Collected, ReportError> {
    let ledger = study.ledger(&|_| true)?;
    let plan = &*Arc::clone(ledger.configurations());
    let measures = measures_of(plan, objective);
    let mut tables = Tables::unwanted();
    let mut analysed = None;
    if let Some((table, sink)) = wanted {
        check_names(study, objective, &[table.name()])?;
        analysed = matches!(table, TableName::Effects | TableName::Contrasts | TableName::Summary).then_some(table);
        let columns = table.columns(&Layout::of(plan, objective.schema(), &measures));
        *tables.of(table) = TableWriter::new(sink(&columns)?, &columns);
    }
    let collected = tables.fill(ledger, measures)?;
    if let Some(table) = analysed {
        let Collected { measures, sample, .. } = &collected;
        let options = Options { baseline, ..Options::default() };
        if table == TableName::Summary {
            let analysis = Analysis::of(plan, measures, sample, &options)?;
            summary_rows::fill(tables.of(table), plan, &collected, &analysis.compared)?;
        } else {
            statistics_rows::fill(&mut tables, plan, measures, sample, &options)?;
        }
    }
    tables.finish()?;
    Ok(collected)
}

/// The records of a study about one trial.
#[non_exhaustive]
pub struct TrialRecords {
    /// Its record.
    pub record: TrialRecord,
    /// The part of its budget that it has got; `None` where budgets are not divided.
    pub budget: Option<u64>,
    /// The configurations of the study.
    pub configurations: Arc<Configurations>,
}

/// Finds the record of one trial; `None` if it has not been run, or may still go on.
///
/// # Errors
/// Returns an error if a journal cannot be read.
pub fn find(study: &Study, trial_id: u64) -> Result<Option<TrialRecords>, ReportError> {
    let mut ledger = study.ledger(&|id| id == trial_id)?;
    match ledger.entries.first() {
        Some(&entry) => {
            let (record, budget) = (ledger.record(entry)?, ledger.budget(trial_id));
            Ok(Some(TrialRecords { record, budget, configurations: Arc::clone(ledger.configurations()) }))
        }
        None => Ok(None),
    }
}

/// Returns units and meanings of the plan's measures; of those of another version of the bits perhaps only the names.
fn measures_of(plan: &Plan, objective: &dyn Objective) -> Vec<MeasureInfo> {
    let known = objective.measures(&|key| plan.values_of(key));
    let unknown = |name: &String| MeasureInfo::new(name.clone(), "", "");
    let info = |name: &String| known.iter().find(|info| info.name == *name).cloned();
    plan.measures.iter().map(|name| info(name).unwrap_or_else(|| unknown(name))).collect()
}

/// Returns the default of every key; `None` for an external program, whose keys have none.
pub(crate) fn defaults_of(plan: &Plan, objective: &dyn Objective) -> Option<Configuration> {
    plan.model.is_none().then(|| objective.schema().defaults())
}

/// Starts the files of all tables in a folder.
fn create(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    plan: &Configurations,
    layout: &Layout,
    trials: u64,
) -> Result<Tables, ReportError> {
    let metadata = metadata(plan, trials);
    let create = |table: TableName| {
        TableWriter::create(disk, &folder.join(FILES[table as usize]), &table.columns(layout), &metadata)
    };
    TableName::ALL.map(create).try_into()
}

/// Returns the metadata of every table that covers so many trials of a plan.
pub(super) fn metadata(plan: &Configurations, trials: u64) -> Vec<(&'static str, String)> {
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
    metadata
}
