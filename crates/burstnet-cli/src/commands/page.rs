//! The page `report.html`, written with the tables.

use std::path::Path;

use burstnet_report::analysis::{Analysis, Design, Options};
use burstnet_report::page::sweep;
use burstnet_report::tables::Overview;
use burstnet_sweep::study::Study;

use crate::failure::Failure;

/// Writes the page of a study whose tables were just written into `folder`.
pub(crate) fn write_page(
    study: &Study,
    folder: &Path,
    overview: &mut Overview,
    options: &Options,
) -> Result<(), Failure> {
    let design = Design::new(&study.plan, &overview.sample);
    let analysis = Analysis::with(&design, &study.plan, &overview.measures, &overview.sample, options)
        .map_err(|error| Failure::Input(error.to_string()))?;
    sweep::write_file(study, overview, &analysis, &design, folder)?;
    Ok(())
}
