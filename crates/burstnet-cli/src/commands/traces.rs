//! `burstnet trace`: the steps of many trials, each in a file of its own.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use burstnet_core::config::Configuration;
use burstnet_core::observer::{Observer, StepView};
use burstnet_report::analysis::confirmed::best;
use burstnet_report::tables;
use burstnet_report::tables::trace::{Chosen, Trace};
use burstnet_sweep::files::disk::system;
use burstnet_sweep::files::write_atomically;
use burstnet_sweep::objective::Evaluation;
use burstnet_sweep::objective::burst::{BurstNetwork, evaluation};
use burstnet_sweep::objective::threads::cores;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::results::comparison::Comparison;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::{Status, TrialRecord};
use burstnet_sweep::results::study::Study;
use serde_json::json;

use crate::arguments::TraceArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::bits;
use crate::shared::many::on_all_cores;
use crate::shared::models::built_in;
use crate::shared::outputs::{chosen, guard, layers, precision};
use crate::terminal::say::{complain, say};
use crate::text::{count, numbers_in};

/// The file that says what the traces of a folder are of.
const FILE: &str = "traces.json";

/// A trial whose steps are recorded.
struct Traced {
    trial: Trial,
    record: TrialRecord,
    configuration: Configuration,
    chosen: Chosen,
    path: PathBuf,
}

/// Records the steps of the trials that are chosen.
pub(crate) fn trace(arguments: &TraceArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let model = NamedModel::of_results(&arguments.results, arguments.isa.isa()?)?;
    let network = built_in(&model, &arguments.results, "trace")?;
    let study = Study::open(&arguments.results, network)?;
    bits::require_same(&study, network)?;
    study.verify_inputs()?;
    let ids = trial_ids(arguments, &study, network)?;
    let (all, left_out) = traced(arguments, &study, &ids)?;
    let folder = &arguments.out;
    guard(folder)?;
    std::fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    check_folder(arguments, &study)?;
    let planned = all.len();
    let missing: Vec<Traced> = all.into_iter().filter(|one| !one.path.exists()).collect();
    let there = planned - missing.len();
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let differing = on_all_cores(&missing, threads, &interrupt, |one| run_one(network, &study, one, &interrupt))?;
    let mut differing: Vec<u64> = differing.into_iter().map(|at| missing[at].trial.id).collect();
    differing.sort_unstable();
    let had = if there > 0 { format!(", {there} of them there before") } else { String::new() };
    say(&format!("{} in {}{had}", count(planned as u64, "trace", "traces"), folder.display()))?;
    for (id, why) in left_out {
        complain(&format!("trial {id} has no trace: {why}"));
    }
    match differing.as_slice() {
        [] => Ok(()),
        ids => Err(Failure::Differs(format!(
            "{} from {} in the results, so their traces are not of it: {ids:?}",
            count(ids.len() as u64, "trial differs", "trials differ"),
            if ids.len() == 1 { "its record" } else { "their records" }
        ))),
    }
}

/// Returns the numbers of the trials that are chosen.
fn trial_ids(arguments: &TraceArguments, study: &Study, network: &BurstNetwork) -> Result<Vec<u64>, Failure> {
    let plan = &study.plan;
    let (most, replicates) = (plan.most_configurations(), plan.replicates);
    let configs = match arguments.configs.strip_prefix("best:") {
        Some(n) => {
            let n: usize = n.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                Failure::Input(format!(
                    "--configs {}: expected a number of configurations, such as best:3",
                    arguments.configs
                ))
            })?;
            let collected = tables::collected(study, network)?;
            best(collected.ledger.configurations(), &collected.sample, n)
        }
        None => numbers_in("--configs", &arguments.configs, most).map_err(Failure::Input)?,
    };
    if configs.is_empty() {
        return Err(Failure::Input(format!("--configs {}: no configuration has a value yet", arguments.configs)));
    }
    let chosen = match &arguments.replicates {
        Some(text) => numbers_in("--replicates", text, replicates).map_err(Failure::Input)?,
        None => (0..replicates).collect(),
    };
    Ok(configs.iter().flat_map(|config| chosen.iter().map(move |replicate| config * replicates + replicate)).collect())
}

/// The trials that can be traced, and the numbers of the others with the reason.
type Found = (Vec<Traced>, Vec<(u64, String)>);

fn traced(arguments: &TraceArguments, study: &Study, ids: &[u64]) -> Result<Found, Failure> {
    let wanted = arguments.steps.wanted(&arguments.trace_units);
    let places: BTreeMap<u64, usize> = ids.iter().copied().zip(0..).collect();
    let mut ledger = study.ledger(&|id| places.contains_key(&id))?;
    let mut found: Vec<Traced> = Vec::new();
    let mut left_out = BTreeMap::from_iter(ids.iter().map(|id| (*id, "it has not been run yet".to_owned())));
    for entry in ledger.entries.clone() {
        let record = ledger.record(entry)?;
        let trial = study.plan.trial(entry.trial_id);
        if record.status == Status::Failed || record.digest.is_none() {
            left_out.insert(trial.id, record.error.unwrap_or_default());
            continue;
        }
        left_out.remove(&trial.id);
        let mut configuration = ledger.configurations().stored_configuration(trial, &study.results);
        study.plan.give_budget(&mut configuration, ledger.budget(trial.id));
        let chosen = chosen(&wanted, &configuration).map_err(|failure| match failure {
            Failure::Input(message) => Failure::Input(format!("trial {}: {message}", trial.id)),
            other => other,
        })?;
        let path = arguments.out.join(format!("trial-{}.parquet", trial.id));
        found.push(Traced { trial, record, configuration, chosen, path });
    }
    found.sort_by_key(|one| places.get(&one.trial.id).copied());
    Ok((found, left_out.into_iter().collect()))
}

/// Notes in the folder what its traces are of; refuses one whose traces are of something else.
fn check_folder(arguments: &TraceArguments, study: &Study) -> Result<(), Failure> {
    let path = arguments.out.join(FILE);
    let wanted = arguments.steps.wanted(&arguments.trace_units);
    let note = json!({ "plan": study.plan.fingerprint(), "choice": format!("{wanted:?}") });
    let text = format!("{note:#}\n");
    match std::fs::read_to_string(&path) {
        Ok(held) if held == text => Ok(()),
        Ok(_) => Err(Failure::Input(format!(
            "--out {}: has traces of other steps or of another sweep, as its {FILE} says; expected another folder",
            arguments.out.display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let taken = std::fs::read_dir(&arguments.out).is_ok_and(|mut held| held.next().is_some());
            if taken {
                let folder = arguments.out.display();
                return Err(Failure::Input(format!("--out {folder}: has other files, expected a new or empty folder")));
            }
            write_atomically(&system(), &path, |file| std::io::Write::write_all(file, text.as_bytes()))
                .map_err(Failure::at(&path))
        }
        Err(error) => Err(Failure::at(&path)(error)),
    }
}

/// Records one trial. Returns whether it has the bits of its record.
fn run_one(network: &BurstNetwork, study: &Study, one: &Traced, interrupt: &Interrupt) -> Result<bool, Failure> {
    let layers = layers(&one.configuration);
    let outputs = layers.last().copied().unwrap_or(0);
    let trace = Trace::create(&one.path, outputs, one.chosen.clone(), precision(&one.configuration))?;
    let mut watching = Watching { trace, stop: interrupt.flag() };
    let ran = network.run(&one.configuration, one.trial.seed, &mut watching);
    let again: Result<Evaluation, String> = match ran {
        Ok(result) => {
            watching.trace.finish()?;
            Ok(evaluation(result))
        }
        Err(error) => {
            if let Some(error) = watching.trace.into_error() {
                return Err(error.into());
            }
            if let Some(signal) = interrupt.signal() {
                return Err(Failure::Interrupted(signal, String::new()));
            }
            let message = error.message(None).map_err(|error| Failure::Environment(error.to_string()))?;
            return Err(Failure::Environment(format!("trial {}: {message}", one.trial.id)));
        }
    };
    Ok(Comparison::new(&study.plan.measures, &one.record, &again).same())
}

/// Records a run until a signal ends it.
struct Watching<'a> {
    trace: Trace,
    stop: &'a AtomicBool,
}

impl Observer for Watching<'_> {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        self.trace.step(view)
    }

    fn advanced(&mut self, _steps: u64) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
