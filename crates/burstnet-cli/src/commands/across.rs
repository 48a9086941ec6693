//! `burstnet report A B …`: several results directories on one page, every other one against the first.

use std::path::{Path, PathBuf};

use burstnet_core::engine::Isa;
use burstnet_report::analysis::across::{ComparedSweep, SweepsComparison};
use burstnet_report::page::across as page;
use burstnet_report::shell;
use burstnet_report::tables::{self, Collected};
use burstnet_sweep::files::disk::system;
use burstnet_sweep::files::write_atomically;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study;
use serde::Serialize;

use crate::arguments::ReportArguments;
use crate::failure::Failure;
use crate::shared::damaged::DamagedBytes;
use crate::shared::outcome::failures;
use crate::shared::outputs::guard;
use crate::terminal;
use crate::terminal::damage::{SEE_MISSING, report_damage};
use crate::terminal::say::say_json;

/// Compares the results directories, prints the comparison and writes its page.
pub(crate) fn across(arguments: &ReportArguments) -> Result<(), Failure> {
    check_options(arguments)?;
    let directories: Vec<&Path> = arguments.directories().collect();
    check_distinct(&directories)?;
    let path = arguments.comparison_page.clone().unwrap_or_else(|| PathBuf::from(page::FILE));
    check_page(&path)?;
    let held = directories.iter().map(|results| read(results)).collect::<Result<Vec<_>, Failure>>()?;
    let sweeps: Vec<ComparedSweep<'_>> = held
        .iter()
        .zip(&directories)
        .map(|((_, collected), results)| ComparedSweep {
            results,
            plan: collected.ledger.configurations(),
            infos: &collected.measures,
            sample: &collected.sample,
        })
        .collect();
    let compared = SweepsComparison::of(&sweeps, arguments.measure.as_deref());
    let compared = compared.map_err(|error| Failure::Input(error.to_string()))?;
    for ((_, collected), sweep) in held.iter().zip(&compared.sweeps) {
        report_damage(&collected.damage, sweep.missing, SEE_MISSING);
    }
    let command = command(arguments, &directories, &path);
    write_atomically(&system(), &path, |file| page::write(&compared, &command, file)).map_err(Failure::at(&path))?;
    if arguments.json {
        let report = Compared {
            version: env!("CARGO_PKG_VERSION"),
            page: &path,
            comparison: &compared,
            damage: held.iter().flat_map(|(_, collected)| DamagedBytes::of(&collected.damage)).collect(),
        };
        let json = serde_json::to_string(&report);
        say_json(&json.map_err(|error| Failure::Environment(format!("--json: {error}")))?)?;
    } else {
        terminal::print_across(&compared, &path)?;
    }
    held.iter().try_for_each(|(study, collected)| failures(collected.sample.total().failed, &study.results))
}

/// The object that `--json` prints.
#[derive(Serialize)]
struct Compared<'a> {
    version: &'static str,
    page: &'a Path,
    #[serde(flatten)]
    comparison: &'a SweepsComparison,
    damage: Vec<DamagedBytes<'a>>,
}

fn read(results: &Path) -> Result<(Study, Collected), Failure> {
    let model = NamedModel::of_results(results, Isa::detect())?;
    let study = Study::open(results, model.objective())?;
    let collected = tables::collected(&study, model.objective())?;
    Ok((study, collected))
}

/// Refuses options that are of a single results directory.
fn check_options(arguments: &ReportArguments) -> Result<(), Failure> {
    let given = [
        ("--csv", arguments.csv.is_some()),
        ("--baseline", arguments.baseline.is_some()),
        ("--compare", !arguments.compare.is_empty()),
        ("--watch", arguments.watch.is_some()),
        ("--trial", arguments.page.which.is_given()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::Input(format!(
            "{option}: is of one results directory, and {} are given, expected one",
            1 + arguments.others.len()
        ))),
    }
}

/// Refuses a directory that is given twice.
fn check_distinct(directories: &[&Path]) -> Result<(), Failure> {
    let real: Vec<PathBuf> =
        directories.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf())).collect();
    for (at, path) in real.iter().enumerate() {
        if let Some(before) = real[..at].iter().position(|other| other == path) {
            return Err(Failure::Input(format!(
                "{}: is the same directory as {}, expected different ones",
                directories[at].display(),
                directories[before].display()
            )));
        }
    }
    Ok(())
}

/// Checks that the page may be written: outside of results directories, into a folder that exists, and over nothing but a
/// page.
fn check_page(path: &Path) -> Result<(), Failure> {
    guard(path)?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let refused = |problem: &str| Err(Failure::Input(format!("--page {}: {problem}", path.display())));
    if path.file_name().is_none() {
        return refused("is no file, expected the name of a page");
    }
    if !folder.is_dir() {
        return refused("its folder does not exist, expected one that does");
    }
    let Ok(held) = path.symlink_metadata() else { return Ok(()) };
    if !held.is_file() {
        return refused("exists and is not a regular file, expected a new name");
    }
    let is_page = page::is_page(path);
    match is_page.map_err(Failure::at(path))? {
        true => Ok(()),
        false => refused("exists and is no page of burstnet, expected a new name, or --page FILE"),
    }
}

/// Returns the command that writes the page again.
fn command(arguments: &ReportArguments, directories: &[&Path], path: &Path) -> String {
    let mut words = vec!["burstnet report".to_owned()];
    words.extend(directories.iter().map(|results| shell::path(&results.to_string_lossy())));
    words.extend(arguments.measure.iter().map(|measure| format!("--measure {}", shell::quote(measure))));
    words.extend(arguments.comparison_page.iter().map(|_| format!("--page {}", shell::path(&path.to_string_lossy()))));
    words.join(" ")
}
