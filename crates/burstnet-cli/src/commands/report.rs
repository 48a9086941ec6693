//! `burstnet report`: what is derived from the journals of a results directory, and the best configurations.

use std::path::{Path, PathBuf};

use burstnet_core::engine::Isa;
use burstnet_report::ReportError;
use burstnet_report::analysis::{Analysis, Options};
use burstnet_report::page;
use burstnet_report::tables::export::{self, Exported};
use burstnet_report::{Published, publish_aside, tables};
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::columns::column_of;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study;
use serde::Serialize;

use crate::arguments::ReportArguments;
use crate::failure::Failure;
use crate::shared::damaged::DamagedBytes;
use crate::shared::outcome::{failures, print, verdict};
use crate::terminal::damage::{SEE_MISSING, report_damage};
use crate::terminal::say::say_json;

/// Writes tables of what is done so far, or prints one.
pub(crate) fn report(arguments: &ReportArguments) -> Result<(), Failure> {
    let options = arguments.options();
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    if let Some(table) = arguments.csv.as_deref().and_then(Exported::named) {
        check_use(table, &options)?;
        return print_csv(&study, objective, table, &options);
    }
    let mut published = publish_aside(&study, objective, &options)?;
    let overview = &published.overview;
    report_damage(&overview.damage, overview.planned - overview.trials, SEE_MISSING);
    if arguments.json {
        say_json(&json(&study, &published)?)?;
    } else {
        print(&study, &mut published)?;
    }
    verdict(&study, published)
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
            report_damage(
                &collected.damage,
                collected.ledger.configurations().trials() - collected.sample.total().all(),
                SEE_MISSING,
            );
            failures(collected.sample.total().failed, &study.results)
        }
        Err(ReportError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The object that `--json` prints.
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

fn json(study: &Study, Published { overview, analysis, refused, .. }: &Published) -> Result<String, Failure> {
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
        damage: DamagedBytes::of(&overview.damage),
    };
    serde_json::to_string(&report).map_err(|error| Failure::Environment(format!("--json: {error}")))
}
