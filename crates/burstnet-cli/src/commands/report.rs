//! `burstnet report`: what is derived from the journals of a results directory, and the best configurations.

use std::path::{Path, PathBuf};

use burstnet_core::engine::Isa;
use burstnet_report::ReportError;
use burstnet_report::analysis::{Analysis, Confirmed, Options};
use burstnet_report::page;
use burstnet_report::tables::export::{self, Exported};
use burstnet_report::tables::stage::Stage;
use burstnet_report::tables::{self, Overview};
use burstnet_sweep::columns::column_of;
use burstnet_sweep::journal::Damage;
use burstnet_sweep::models::Model;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::study::Study;
use serde::Serialize;

use super::page::write_page;
use super::sweep::failures;
use super::trial_page::trial_page;
use super::watch::watch;
use crate::arguments::ReportArguments;
use crate::failure::Failure;
use crate::terminal;
use crate::text::{complain, say_json};

/// Writes tables of what is done so far, or prints one.
pub(crate) fn report(arguments: &ReportArguments) -> Result<(), Failure> {
    if let Some(id) = arguments.page.trial {
        return trial_page(arguments, id);
    }
    let options = Options {
        measure: arguments.measure.clone(),
        baseline: arguments.baseline,
        results: Some(arguments.results.clone()),
        ..Options::default()
    };
    if let Some(interval) = arguments.watch {
        return watch(&arguments.results, &options, interval);
    }
    let model = Model::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    if let Some(table) = arguments.csv.as_deref().and_then(Exported::named) {
        check_use(table, &options)?;
        return print_csv(&study, objective, table, &options);
    }
    let mut derived = derive(&study, objective, &options)?;
    let overview = &derived.overview;
    report_damage(&overview.damage, overview.planned - overview.trials, SEE_MISSING);
    if arguments.json {
        say_json(&json(&study, &derived)?)?;
    } else {
        derived.print(&study)?;
    }
    derived.verdict(&study)
}

/// What was derived from the journals.
pub(crate) struct Derived {
    pub(crate) overview: Overview,
    /// Of the measure that was asked for.
    pub(crate) analysis: Analysis,
    /// Why there are no tables, of a directory from before names were checked.
    refused: Option<ReportError>,
}

impl Derived {
    /// Prints the report.
    pub(crate) fn print(&mut self, study: &Study) -> Result<(), Failure> {
        let tables = self.refused.is_none();
        terminal::print(study, &study.results, &self.analysis, &mut self.overview.ledger, tables)
    }

    /// A failure if there are no tables, or some trials failed.
    pub(crate) fn verdict(self, study: &Study) -> Result<(), Failure> {
        match self.refused {
            Some(refused) => Err(refused.into()),
            None => failures(self.overview.failed, &study.results),
        }
    }
}

/// Writes everything that is derived from the journals. Who runs the sweep waits for its new names at most.
pub(crate) fn derive(study: &Study, objective: &dyn Objective, options: &Options) -> Result<Derived, Failure> {
    let stage = Stage::begin(study)?;
    let ledger = study.ledger(&|_| true)?;
    let refused = tables::check_names(study, objective, &tables::PARQUET).err();
    let mut overview = match refused {
        None => tables::write_into(study, objective, ledger, stage.folder(), options.baseline)?,
        Some(_) => tables::read(study, objective, ledger, options.baseline)?,
    };
    overview.analysis.warnings.extend(refused.as_ref().map(ToString::to_string));
    let mut analysis = overview.analysis.clone();
    if options.measure.as_ref().is_some_and(|measure| *measure != analysis.measure) {
        analysis =
            Analysis::of(&study.plan, &overview.measures, &overview.sample, options).map_err(ReportError::from)?;
        Confirmed::add_to(&mut analysis, &overview.sample, study, objective);
    }
    write_page(study, stage.folder(), &mut overview, &analysis)?;
    // Tables that somebody else wrote meanwhile were made later, and are left.
    stage.publish(study)?;
    Ok(Derived { overview, analysis, refused })
}

/// Refuses options that the table does not depend on.
fn check_use(table: Exported, options: &Options) -> Result<(), Failure> {
    let refuse = |option: &str, uses: fn(Exported) -> bool| {
        let tables: Vec<_> = Exported::ALL.into_iter().filter(|other| uses(*other)).map(Exported::name).collect();
        let (table, expected) = (table.name(), tables.join(" or "));
        Err(Failure::Input(format!("{option}: changes nothing in --csv={table}, expected --csv={expected}")))
    };
    match options {
        Options { baseline: Some(_), .. } if !table.compares() => refuse("--baseline", Exported::compares),
        Options { measure: Some(_), .. } if !table.is_of_one_measure() => {
            refuse("--measure", Exported::is_of_one_measure)
        }
        _used => Ok(()),
    }
}

/// Prints a table. Whoever reads no further than to some line has what they want.
fn print_csv(study: &Study, objective: &dyn Objective, table: Exported, options: &Options) -> Result<(), Failure> {
    match export::export(study, objective, table, options, std::io::stdout()) {
        Ok(collected) => {
            report_damage(&collected.damage, study.plan.trials() - collected.sample.total().all(), SEE_MISSING);
            failures(collected.sample.total().failed, &study.results)
        }
        Err(ReportError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What to do about damage where tables are shown.
pub(crate) const SEE_MISSING: &str = "see the missing trials";

/// Tells which bytes of journals are damaged, and what that means if trials are missing.
pub(crate) fn report_damage(damage: &[Damage], missing: u64, if_missing: &str) {
    let so = if missing == 0 { "no trial is missing" } else { if_missing };
    for damage in damage {
        let (path, bytes) = (damage.journal.display(), &damage.bytes);
        complain(&format!("{path}: damaged from byte {} to {}; {so}", bytes.start, bytes.end));
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    name: &'a str,
    version: &'static str,
    fingerprint: String,
    results: &'a Path,
    tables: Vec<PathBuf>,
    page: PathBuf,
    /// The columns of `keys` in tables.
    columns: Vec<String>,
    #[serde(flatten)]
    analysis: &'a Analysis,
    damage: Vec<DamagedBytes<'a>>,
}

#[derive(Serialize)]
struct DamagedBytes<'a> {
    journal: &'a Path,
    from: u64,
    to: u64,
}

fn json(study: &Study, Derived { overview, analysis, refused }: &Derived) -> Result<String, Failure> {
    let plan = &study.plan;
    let files = if refused.is_none() { &tables::FILES[..] } else { &[] };
    let report = Report {
        name: &plan.name,
        version: env!("CARGO_PKG_VERSION"),
        fingerprint: plan.fingerprint(),
        results: &study.results,
        page: study.results.join(page::sweep::FILE),
        tables: files.iter().map(|name| study.results.join(name)).collect(),
        columns: plan.space.iter().map(|dimension| column_of(&dimension.key)).collect(),
        analysis,
        damage: (overview.damage.iter())
            .map(|damage| DamagedBytes { journal: &damage.journal, from: damage.bytes.start, to: damage.bytes.end })
            .collect(),
    };
    serde_json::to_string(&report).map_err(|error| Failure::Environment(format!("--json: {error}")))
}
