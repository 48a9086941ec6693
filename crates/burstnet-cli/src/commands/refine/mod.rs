//! `burstnet refine`: a sweep file that looks closer at what a sweep found.

mod file;
mod narrowed;

use burstnet_core::engine::Isa;
use burstnet_report::analysis::confirmed::best;
use burstnet_report::tables;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::program_folder;
use burstnet_sweep::results::study::Study;

use crate::arguments::RefineArguments;
use crate::failure::Failure;
use crate::terminal::say::say;
use file::File;

/// Prints a sweep file whose ranges are narrower, around the best configurations.
pub(crate) fn refine(arguments: &RefineArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    let collected = tables::collected(&study, objective)?;
    let plan = collected.ledger.configurations();
    let wanted = arguments.around.strip_prefix("best:").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0);
    let wanted = wanted.ok_or_else(|| {
        Failure::Input(format!(
            "--around {}: expected best:K, the best K configurations, such as best:3",
            arguments.around
        ))
    })?;
    let around = best(plan, &collected.sample, wanted);
    if around.is_empty() {
        let (results, measure) = (study.results.display(), &plan.objective.measure);
        let keeps = match plan.subject_to.is_empty() {
            true => String::new(),
            false => {
                let bounds: Vec<String> = plan.subject_to.iter().map(ToString::to_string).collect();
                format!(" in a configuration that keeps {}", bounds.join(" and "))
            }
        };
        return Err(Failure::Input(format!(
            "{results}: no trial is ok and has {measure}{keeps}, so there is nothing to look at closer"
        )));
    }
    let results = std::path::absolute(&study.results).map_err(Failure::at(&study.results))?;
    // Every key of a program counts, since its defaults are those of the sweep file.
    let defaults = matches!(model, NamedModel::Burst(_)).then(|| objective.schema().defaults());
    // A directory without a note is one that was moved; then nobody knows the folder.
    let folder = plan.model.as_ref().and_then(|_| program_folder::noted(&study.results).ok());
    let file = File { plan, around: &around, factor: arguments.factor, results: &results, folder: folder.as_deref() };
    say(file.text(defaults.as_ref()).trim_end())
}
