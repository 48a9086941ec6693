//! The page `report.html`, written with the tables.

use std::path::Path;

use burstnet_report::analysis::{Analysis, Design};
use burstnet_report::page::sweep;
use burstnet_report::tables::Overview;
use burstnet_sweep::study::Study;

use crate::failure::Failure;

/// Writes the page of a study whose tables were just written into `folder`. In the results directory others wait.
pub(crate) fn write_page(
    study: &Study,
    folder: &Path,
    overview: &mut Overview,
    analysis: &Analysis,
) -> Result<(), Failure> {
    let _lock = if folder == study.results { Some(study.lock()?) } else { None };
    let design = Design::new(&study.plan, &overview.sample);
    sweep::write_file(study, overview, analysis, &design, folder)?;
    Ok(())
}
