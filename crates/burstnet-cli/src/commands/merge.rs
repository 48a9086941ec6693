//! `burstnet merge`: the tables of a sharded sweep, once every trial is there exactly once.

use std::path::Path;

use burstnet_core::engine::Isa;
use burstnet_report::{page, publish, publish_into, shell, tables};
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::course::Course;
use burstnet_sweep::results::journal;
use burstnet_sweep::results::ledger::{Double, Ledger};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::provenance::{self, Contribution};
use burstnet_sweep::results::study::Study;
use burstnet_sweep::run::session::provenance_of;

use crate::arguments::MergeArguments;
use crate::failure::Failure;
use crate::shared::models::end_states;
use crate::shared::outcome::{failures, gather_provenance};
use crate::shared::outputs::guard;
use crate::shared::shards::shards_of;
use crate::terminal;
use crate::terminal::damage::report_damage;
use crate::text::count;

/// The most missing trials that are named.
const MOST_NAMED: usize = 10;

/// Checks that every trial is there once, and writes the tables.
pub(crate) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    tables::check_names(&study, objective, &tables::PARQUET)?;
    let folder = arguments.out.as_deref().unwrap_or(&study.results);
    if let Some(out) = &arguments.out {
        check_out(out, arguments.force)?;
    }
    let ledger = study.ledger(&|_| true)?;
    report_damage(
        &ledger.damage,
        ledger.configurations().trials() - ledger.entries.len() as u64,
        "trials lost there are missing",
    );
    let problems = problems(&study, &ledger, arguments.force);
    if !problems.is_empty() {
        return Err(Failure::Differs(format!("{}: {}", study.results.display(), problems.join("\n"))));
    }
    gather_provenance(&study)?;
    let mut published = if folder == study.results {
        drop(ledger);
        publish(&study, objective)?
    } else {
        std::fs::create_dir_all(folder).map_err(Failure::at(folder))?;
        publish_into(&study, objective, ledger, folder)?
    };
    end_states(&model, &study.results);
    terminal::print(&study, folder, &published.analysis, &mut published.overview.ledger, true)?;
    failures(published.overview.failed, folder)
}

/// Refuses to write into a results directory, and over tables and a page without `--force`.
fn check_out(out: &Path, force: bool) -> Result<(), Failure> {
    guard(out)?;
    let mut files = tables::FILES.iter().chain([&page::sweep::FILE]).map(|name| out.join(name));
    match files.find(|path| path.symlink_metadata().is_ok()) {
        Some(path) if !force => {
            Err(Failure::Input(format!("--out: {} exists already, expected a new folder, or --force", path.display())))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the reasons why the trials are not all there exactly once.
fn problems(study: &Study, ledger: &Ledger, force: bool) -> Vec<String> {
    let plan = ledger.configurations();
    let mut problems = Vec::new();
    let missing = plan.trials() - ledger.entries.len() as u64;
    if missing > 0 {
        problems.push(format!(
            "{} missing of {}: {}",
            count(missing, "trial", "trials"),
            plan.trials(),
            first_missing(ledger)
        ));
        problems.extend(owners(study, ledger));
    }
    let counts = |double: &&Double| !force || !double.same;
    let doubles: Vec<&Double> = ledger.doubles.iter().filter(counts).collect();
    if !doubles.is_empty() {
        problems.push(format!("{} in more than one shard:", count(ledger.doubled, "trial ran", "trials ran")));
        problems.extend(doubles.iter().map(|double| {
            let journals: Vec<_> = double.journals.iter().map(|path| path.display().to_string()).collect();
            let verdict = if double.same { "the same bits, which --force accepts" } else { "THEIR RESULTS DIFFER" };
            format!("  trial {}: {} ({verdict})", double.trial_id, journals.join(", "))
        }));
    }
    problems
}

/// Returns the numbers of the first missing trials, those in a row as a range.
fn first_missing(ledger: &Ledger) -> String {
    if let Some(course) = ledger.course().filter(|_| ledger.configurations().adaptive.is_some()) {
        return due(ledger.configurations().replicates, course);
    }
    let mut gaps: Vec<String> = Vec::new();
    let mut next = 0;
    let there = ledger.entries.iter().map(|entry| entry.trial_id).chain([ledger.configurations().trials()]);
    for trial_id in there {
        if trial_id > next {
            if gaps.len() == MOST_NAMED {
                gaps.push("…".into());
                break;
            }
            gaps.push(if trial_id == next + 1 { next.to_string() } else { format!("{next}–{}", trial_id - 1) });
        }
        next = trial_id + 1;
    }
    gaps.join(", ")
}

/// Returns the numbers of the first trials that are due. With adaptive replicates which others are missing follows from
/// these.
fn due(replicates: u64, course: &Course) -> String {
    let jobs = course.jobs().iter().enumerate().filter(|(at, _)| !course.is_known(*at)).map(|(_, job)| job);
    let mut ids: Vec<u64> = jobs.map(|job| job.config_id * replicates + job.replicate).collect();
    ids.sort_unstable();
    let named: Vec<String> = ids.iter().take(MOST_NAMED).map(u64::to_string).collect();
    format!("{}{}", named.join(", "), if ids.len() > MOST_NAMED { ", …" } else { "" })
}

/// Returns a line per shard that has missing trials, with the command that runs them.
fn owners(study: &Study, ledger: &Ledger) -> Vec<String> {
    let (plan, sweep) = (ledger.configurations(), sweep_command(study));
    if let Some(course) = ledger.course() {
        if course.lag().is_some() {
            return vec![format!("  {} of them can start now: {sweep}", course.missing())];
        }
        let (round, missing, all) = (course.round(), course.missing(), course.jobs().len());
        return vec![format!("  round {round} owes {missing} of {all}: {sweep} --round {round}, or without --round")];
    }
    let shards = shards_of(ledger);
    let mut done = vec![0; shards as usize];
    let copies = plan.copies();
    for entry in ledger.entries.iter().filter(|entry| !copies.contains(entry.trial_id / plan.replicates)) {
        done[(plan.position(entry.trial_id) % u64::from(shards)) as usize] += 1;
    }
    let owes = (0..shards).filter_map(|index| {
        let shard = Shard::new(index, shards)?;
        let missing = shard.size(plan.runs()) - done[index as usize];
        let option = if shards > 1 { format!(" --shard {shard}") } else { String::new() };
        (missing > 0).then(|| format!("  shard {shard} owes {missing}: {sweep}{option}"))
    });
    owes.collect()
}

/// Returns the command that ran the sweep last, without its shard and its round.
fn sweep_command(study: &Study) -> String {
    let journals = journal::list(&study.results).unwrap_or_default();
    let shards = journals.iter().map(|(shard, _)| provenance_of(study, *shard));
    let mut runs: Vec<_> = shards.flat_map(|path| provenance::read(&path).unwrap_or_default()).collect();
    runs.sort_by(|a, b| a.start.cmp(&b.start));
    let is_sweep = |run: &&Contribution| run.command_line.get(1).is_some_and(|command| command == "sweep");
    let Some(last) = runs.iter().rev().find(is_sweep) else { return "burstnet sweep SWEEP".into() };
    let mut words = vec!["burstnet".to_owned()];
    let mut given = last.command_line.iter().skip(1);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--shard" | "--round" => _ = given.next(),
            "--extend" | "--retry-failed" => {} // what they did is done
            _ if word.starts_with("--shard=") || word.starts_with("--round=") => {}
            _ => words.push(word.clone()),
        }
    }
    shell::line(&words)
}
