//! Tables and page of a sweep, written together.

use std::path::Path;

use burstnet_sweep::objective::Objective;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::provenance;
use burstnet_sweep::results::study::Study;

use crate::ReportError;
use crate::analysis::{Analysis, Confirmed, Options};
use crate::page::sweep;
use crate::tables::stage::Stage;
use crate::tables::{self, Overview};

/// Tables and page that were written, and what they show.
#[non_exhaustive]
pub struct Published {
    /// The trials, and the analysis of the objective's measure.
    pub overview: Overview,
    /// The analysis that the page shows: that of the measure that was asked for.
    pub analysis: Analysis,
    /// The reason why there are no tables, of a directory from before names of columns were checked.
    pub refused: Option<ReportError>,
}

/// Writes all tables and the page of what a study's journals hold into its results directory.
///
/// # Errors
/// Returns an error if a journal cannot be read, a file cannot be written, or two columns of a table have the same
/// name.
pub fn publish(study: &Study, objective: &dyn Objective) -> Result<Published, ReportError> {
    let overview = tables::write(study, objective)?;
    let _lock = study.lock()?;
    with_page(study, objective, overview, &study.results)
}

/// Writes what [`publish`] does, of the records of a ledger and into another folder.
///
/// # Errors
/// The same as [`publish`].
pub fn publish_into(
    study: &Study,
    objective: &dyn Objective,
    ledger: Ledger,
    folder: &Path,
) -> Result<Published, ReportError> {
    let overview = tables::write_into(study, objective, ledger, folder, None)?;
    with_page(study, objective, overview, folder)
}

/// Writes what [`publish`] does while the sweep may be running: the files are made aside, so that its process waits
/// only while they get their names. Files that another process has written meanwhile are newer, and stay.
///
/// With two columns of the same name in a table, only the page is written; [`Published::refused`] is the reason.
///
/// # Errors
/// Returns an error if a journal cannot be read, a file cannot be written, or the options name a measure or a
/// configuration that does not exist.
pub fn publish_aside(study: &Study, objective: &dyn Objective, options: &Options) -> Result<Published, ReportError> {
    let stage = Stage::begin(study)?;
    let ledger = study.ledger(&|_| true)?;
    let refused = tables::check_names(study, objective, &tables::PARQUET).err();
    let mut overview = match refused {
        None => tables::write_into(study, objective, ledger, stage.folder(), options.baseline)?,
        Some(_) => tables::read(study, objective, ledger, options.baseline)?,
    };
    overview.analysis.warnings.extend(refused.as_ref().map(ToString::to_string));
    let analysis = match &options.measure {
        Some(measure) if *measure != overview.analysis.measure => {
            let defaults = tables::defaults_of(&study.plan, objective);
            let shuffled = provenance::is_shuffled(&study.results);
            let options = Options { defaults, shuffled, ..options.clone() };
            let mut analysis =
                Analysis::of(overview.ledger.configurations(), &overview.measures, &overview.sample, &options)?;
            let searched = (&**overview.ledger.configurations(), &overview.sample);
            Confirmed::add_to(&mut analysis, searched, study, objective);
            analysis
        }
        Some(_) | None => overview.analysis.clone(),
    };
    sweep::write_file((study, objective), &mut overview, &analysis, stage.folder())?;
    stage.publish(study)?;
    Ok(Published { overview, analysis, refused })
}

fn with_page(
    study: &Study,
    objective: &dyn Objective,
    mut overview: Overview,
    folder: &Path,
) -> Result<Published, ReportError> {
    let analysis = overview.analysis.clone();
    sweep::write_file((study, objective), &mut overview, &analysis, folder)?;
    Ok(Published { overview, analysis, refused: None })
}
