//! A sweep file and what it says.

use std::path::Path;

use burstnet_core::engine::Isa;
use burstnet_report::{import, shell};
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::place::SpecError;
use burstnet_sweep::spec::sets::parse_set;
use burstnet_sweep::spec::{Source, SweepSpec};

use crate::failure::Failure;
use crate::process::{host, memory};

/// A sweep file and what it says.
pub(crate) struct Planned {
    pub(crate) source: Source,
    pub(crate) spec: SweepSpec,
    pub(crate) plan: ResolvedPlan,
    pub(crate) model: NamedModel,
}

impl Planned {
    /// Reads a sweep file and resolves it.
    pub(crate) fn read(path: &Path, sets: &[String], isa: Isa) -> Result<Self, Failure> {
        let source = source(path)?.with_tables(import::read).with_results(import::read_all);
        let sets = sets.iter().map(|set| parse_set(set)).collect::<Result<Vec<_>, _>>()?;
        let model = NamedModel::of_file(&source, &sets, isa)?;
        let spec = SweepSpec::new(&source, sets, model.objective().schema())?;
        let outline = spec.outline(model.objective())?;
        if matches!(model, NamedModel::Burst(_)) {
            memory::check_sweep(&outline)?;
        }
        let plan = spec.complete(outline, model.objective())?;
        Ok(Self { source, spec, plan, model })
    }
}

/// Reads a run file or sweep file, which a host may give instead of the one at this path.
pub(crate) fn source(path: &Path) -> Result<Source, SpecError> {
    match host::file() {
        Some(text) => Source::parse(path, text),
        None => Source::read(path),
    }
}

/// Returns how to find out how long a sweep would take, as the end of a message.
pub(crate) fn how_long(sweep: &Path, sets: &[String]) -> String {
    let sets = sets.iter().flat_map(|set| ["--set".to_owned(), set.clone()]);
    let options = sets.map(|word| format!(" {}", shell::quote(&word))).collect::<String>();
    format!("; `burstnet plan {}{options}` says how long they would take", shell::path(&sweep.to_string_lossy()))
}
