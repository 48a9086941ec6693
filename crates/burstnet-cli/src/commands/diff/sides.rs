//! The two trials that are compared: of results directories, or of run files.

use std::path::Path;

use burstnet_core::config::{Configuration, Schema, Value};
use burstnet_core::engine::Isa;
use burstnet_report::shell;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::spec::RunSpec;
use burstnet_sweep::spec::sets::Set;
use burstnet_sweep::spec::settings::place_error;

use crate::arguments::{DiffArguments, TrialArguments};
use crate::failure::Failure;
use crate::process::memory;
use crate::shared::changed::changed;
use crate::shared::models::{allow_again, keep_output};
use crate::shared::planned::source;
use crate::shared::recorded::{Recorded, chosen};
use crate::shared::run_file::{read_sets, resolved};
use crate::text::clean;

/// One of the two trials.
pub(super) struct Side {
    /// Its name, in words.
    pub(super) name: String,
    /// The options of `burstnet rerun`, or of `burstnet run`, that run it.
    pub(super) command: String,
    pub(super) model: NamedModel,
    /// Its record; `None` for a run file, and with other values than were recorded.
    pub(super) recorded: Option<Recorded>,
    pub(super) configuration: Configuration,
    pub(super) seed: u64,
    /// The numbers that a program may name its files by.
    pub(super) trial_id: u64,
    pub(super) replicate: u64,
}

/// Reads both trials.
pub(super) fn read(arguments: &DiffArguments) -> Result<[Side; 2], Failure> {
    let sets = read_sets(&arguments.sets, arguments.engine.as_deref())?;
    let first = Side::read(&arguments.first, arguments, Vec::new())?;
    let second = match (&arguments.second, sets.is_empty()) {
        (Some(second), true) => Side::read(second, arguments, Vec::new())?,
        (None, false) => {
            let mut words: Vec<String> =
                arguments.sets.iter().map(|set| format!("--set {}", shell::quote(set))).collect();
            words.extend(arguments.engine.iter().map(|engine| format!("--engine {engine}")));
            let mut second = Side::read(&arguments.first, arguments, sets)?;
            second.name = format!("A with {}", clean(&words.join(" ")));
            second.command = format!("{} {}", second.command, words.join(" "));
            second
        }
        (Some(_), false) => {
            return Err(Failure::Input(
                "--set: changes a copy of A, expected either a second trial or --set, not both".into(),
            ));
        }
        (None, true) => {
            return Err(Failure::Input(format!(
                "{}: expected a second trial to compare it with, or --set KEY=VALUE",
                arguments.first
            )));
        }
    };
    Ok([first, second])
}

impl Side {
    fn read(text: &str, arguments: &DiffArguments, sets: Vec<Set>) -> Result<Self, Failure> {
        let isa = arguments.isa.isa()?;
        let path = Path::new(text);
        if path.is_file() {
            return Self::of_file(path, isa, sets);
        }
        let Some((folder, which)) = text.rsplit_once(':').filter(|(folder, _)| Path::new(folder).exists()) else {
            return Err(Failure::Input(if path.is_dir() {
                format!("{text}: expected which trial, such as {text}:0 or {text}:config=0,replicate=0")
            } else {
                format!("{text}: does not exist, expected RESULTS:TRIAL, RESULTS:config=C,replicate=R, or a run file")
            }));
        };
        let which = which_trial(text, which)?;
        let model = NamedModel::of_results(Path::new(folder), isa)?;
        let recorded = Recorded::find(Path::new(folder), model, |plan| {
            chosen(&which, plan, None).map_err(|failure| match failure {
                Failure::Input(message) => Failure::Input(format!("{text}: {message}")),
                other => other,
            })
        })?;
        let trial = recorded.trial;
        let configuration = changed(&recorded.model, &recorded.configuration, trial.seed, sets)?;
        let name = format!(
            "{}: trial {} (config {}, replicate {}, seed {})",
            clean(folder),
            trial.id,
            trial.config_id,
            trial.replicate,
            trial.seed
        );
        let command = format!("rerun {} --trial {}", shell::path(folder), trial.id);
        let mut model = NamedModel::of_results(Path::new(folder), isa)?;
        if arguments.allow.allow_command {
            allow_again(&mut model, Path::new(folder), &arguments.allow)?;
            keep_output(&mut model);
        }
        let is_recorded = configuration == recorded.configuration;
        let recorded_as_is = is_recorded.then_some(recorded);
        Ok(Self {
            name,
            command,
            model,
            recorded: recorded_as_is,
            configuration,
            seed: trial.seed,
            trial_id: trial.id,
            replicate: trial.replicate,
        })
    }

    fn of_file(path: &Path, isa: Isa, sets: Vec<Set>) -> Result<Self, Failure> {
        let source = source(path)?;
        if source.model()?.is_some() {
            return Err(Failure::Input(format!(
                "{}: names an external program, of which only recorded trials are compared; expected RESULTS:TRIAL",
                path.display()
            )));
        }
        let network = burstnet_sweep::objective::burst::BurstNetwork::with(isa);
        let spec = RunSpec::new(&source, sets, network.schema())?;
        let configuration = resolved(&spec, network.schema());
        let placed = |error| place_error(&error, &spec.settings, &source.place());
        network.check(&configuration).map_err(placed)?;
        memory::check(&|key| vec![configuration.get(key).clone()])?;
        network.check_files(&configuration).map_err(placed)?;
        let name = format!("{} (seed {})", clean(&path.to_string_lossy()), spec.seed);
        let command = format!("run {}", shell::path(&path.to_string_lossy()));
        let (model, recorded) = (NamedModel::Burst(network), None);
        Ok(Self { name, command, model, recorded, configuration, seed: spec.seed, trial_id: 0, replicate: 0 })
    }

    /// Refuses a results directory that became another one while its trial ran.
    pub(super) fn check_unchanged(&self) -> Result<(), Failure> {
        let Some(recorded) = &self.recorded else { return Ok(()) };
        let (held, path) = (&recorded.study, &recorded.study.results);
        let now = Study::open(path, self.model.objective())
            .map_err(|error| Failure::Environment(format!("{} changed meanwhile: {error}", path.display())))?;
        if now.plan.fingerprint() == held.plan.fingerprint() {
            return Ok(());
        }
        Err(Failure::Environment(format!(
            "{}: became another sweep meanwhile, expected the same command again",
            path.display()
        )))
    }
}

/// Reads `424`, `config=53,replicate=0` or `config=53,seed=7`.
fn which_trial(text: &str, which: &str) -> Result<TrialArguments, Failure> {
    let expected = || {
        Failure::Input(format!(
            "{text}: '{}' names no trial, expected a number, or config=C,replicate=R, or config=C,seed=S",
            clean(which)
        ))
    };
    let number = |digits: &str| digits.trim().parse::<u64>().map_err(|_| expected());
    let mut named = TrialArguments { trial: None, config: None, replicate: None, seed: None };
    if !which.contains('=') {
        named.trial = Some(number(which)?);
        return Ok(named);
    }
    for part in which.split(',') {
        let (name, digits) = part.split_once('=').ok_or_else(expected)?;
        let slot = match name.trim() {
            "trial" => &mut named.trial,
            "config" => &mut named.config,
            "replicate" => &mut named.replicate,
            "seed" => &mut named.seed,
            _other => return Err(expected()),
        };
        if slot.replace(number(digits)?).is_some() {
            return Err(expected());
        }
    }
    let TrialArguments { trial, config, replicate, seed } = &named;
    let by_config = config.is_some() && (replicate.is_some() != seed.is_some());
    let by_number = trial.is_some() && config.is_none() && replicate.is_none() && seed.is_none();
    if by_number || (by_config && trial.is_none()) { Ok(named) } else { Err(expected()) }
}

/// Returns the keys in which two trials differ, with both values; null where one does not have the key.
pub(super) fn differing_keys([a, b]: [&Side; 2]) -> Vec<(String, Value, Value)> {
    let mut keys: Vec<&str> = a.configuration.iter().chain(b.configuration.iter()).map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.dedup();
    let schema = a.model.objective().schema();
    let pair = |key: &str| (a.configuration.get(key).clone(), b.configuration.get(key).clone());
    let of_both = keys.into_iter().map(|key| (key.to_owned(), pair(key)));
    of_both.filter(|(key, (a, b))| a != b && !same_file(schema, key, a, b)).map(|(key, (a, b))| (key, a, b)).collect()
}

/// Returns whether two paths are copies of the same content: the name of a copy begins with its hash.
fn same_file(schema: &Schema, key: &str, a: &Value, b: &Value) -> bool {
    let is_path = schema.key(key).is_some_and(|key| key.kind.is_path());
    let name = |value: &Value| value.as_text().and_then(|path| Path::new(path).file_name().map(ToOwned::to_owned));
    let stored = |value: &Value| {
        let folder = value.as_text().and_then(|path| Path::new(path).parent()?.file_name().map(ToOwned::to_owned));
        folder.is_some_and(|folder| folder == burstnet_sweep::plan::input_files::FOLDER)
    };
    is_path && stored(a) && stored(b) && name(a) == name(b)
}
