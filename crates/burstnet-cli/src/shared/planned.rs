//! A sweep file and what it says.

use std::path::{Path, PathBuf};

use burstnet_core::engine::Isa;
use burstnet_report::{import, shell};
use burstnet_sweep::plan::earlier::Earlier;
use burstnet_sweep::plan::{Plan, ResolvedPlan};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::learn_from::Since;
use burstnet_sweep::spec::place::SpecError;
use burstnet_sweep::spec::sets::parse_set;
use burstnet_sweep::spec::{Source, SweepSpec};

use crate::failure::Failure;
use crate::process::{host, memory};
use crate::text::{clean, count};

/// A sweep file and what it says.
pub(crate) struct Planned {
    pub(crate) source: Source,
    pub(crate) spec: SweepSpec,
    pub(crate) plan: ResolvedPlan,
    pub(crate) model: NamedModel,
    /// The directory to which its results go.
    pub(crate) out: PathBuf,
}

impl Planned {
    /// Reads a sweep file and resolves it. Its results go to `out`, or to the usual directory.
    pub(crate) fn read(path: &Path, sets: &[String], isa: Isa, out: Option<&Path>) -> Result<Self, Failure> {
        let source = source(path)?.with_tables(import::read).with_results(import::read_all);
        let sets = sets.iter().map(|set| parse_set(set)).collect::<Result<Vec<_>, _>>()?;
        let model = NamedModel::of_file(&source, &sets, isa)?;
        let mut spec = SweepSpec::new(&source, sets, model.objective().schema())?;
        let out = out.map_or_else(|| Path::new("results").join(&spec.name), Path::to_owned);
        spec.go_on_in(&out)?;
        let outline = spec.outline(model.objective())?;
        if matches!(model, NamedModel::Burst(_)) {
            memory::check_sweep(&outline)?;
        }
        let plan = spec.complete(outline, model.objective())?;
        Ok(Self { source, spec, plan, model, out })
    }
}

/// Returns for each source of earlier results that is no more as it was when the search began what became of it.
pub(crate) fn earlier_since(spec: &SweepSpec, plan: &Plan) -> Vec<String> {
    let told = |(earlier, since): (&Earlier, Since)| {
        let what = match since {
            Since::Changed => "has changed",
            Since::Gone => "cannot be read any more",
        };
        let results = count(earlier.results.len() as u64, "earlier result", "earlier results");
        let given = clean(&earlier.given);
        format!("{given} {what} since the search began; it goes on with the {results} that it began with")
    };
    spec.earlier_since(plan).into_iter().map(told).collect()
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
