//! The page `report.html`, written with the tables.

use std::path::Path;

use burstnet_report::ReportError;
use burstnet_report::analysis::{Analysis, Confirmed, Design, Options};
use burstnet_report::page::sweep;
use burstnet_report::tables::Overview;
use burstnet_sweep::burst::BurstNetwork;
use burstnet_sweep::study::Study;

use crate::failure::Failure;

/// Writes the page of a study whose tables were just written into `folder`. Others who write into the results directory
/// wait.
pub(crate) fn write_page(
    study: &Study,
    network: &BurstNetwork,
    folder: &Path,
    overview: &mut Overview,
    options: &Options,
) -> Result<(), Failure> {
    let plan = &study.plan;
    let design = Design::new(plan, &overview.sample);
    let mut analysis = overview.analysis.clone();
    if options.measure.as_ref().is_some_and(|measure| *measure != analysis.measure) {
        analysis = Analysis::with(&design, plan, &overview.measures, &overview.sample, options)
            .map_err(ReportError::Analysis)?;
        Confirmed::add_to(&mut analysis, study, network);
    }
    let _lock = study.lock()?;
    sweep::write_file(study, overview, &analysis, &design, folder)?;
    Ok(())
}
