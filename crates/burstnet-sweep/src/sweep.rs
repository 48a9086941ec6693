//! The main entry point: a sweep from its text to its results, in one chain of calls.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burstnet_core::engine::Isa;

use crate::files::disk;
use crate::objective::Objective;
use crate::objective::threads::cores;
use crate::objective::typed::{KeyError, Model, Typed};
use crate::plan::shard::Shard;
use crate::results::models;
use crate::results::provenance::{self, Contribution};
use crate::results::study::{IfAnother, Study, StudyError};
use crate::run::executor::Workers;
use crate::run::session::{Follower, Session, Tally, Task, USUAL_WAIT};
use crate::spec::place::SpecError;
use crate::spec::sets::{Set, parse_set};
use crate::spec::table::TableReader;
use crate::spec::{Source, SweepSpec};

/// A sweep that is about to run.
///
/// Unless you give it a model of your own, it runs the burst network:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let out = folder.path().join("density");
/// use burstnet_sweep::sweep::Sweep;
///
/// let sweep = Sweep::from_yaml(
///     "
/// name: density
/// replicates: 2
/// base: {network: {layers: [20, 10, 3]}, signals: {length: 200}, training: {epochs: 2}}
/// search: {space: {feedback.density: [0.5, 1.0]}}
/// ",
/// )?;
/// let finished = sweep.out(&out).threads(2).run()?;
/// assert_eq!(finished.tally.done, 4);
/// # Ok(())
/// # }
/// ```
///
/// The same program, started again with the same directory, runs only the trials that are missing.
pub struct Sweep<'m, 'f> {
    source: Source,
    sets: Vec<Set>,
    /// The model, or `None` for the one that the sweep file names.
    objective: Option<Chosen<'m>>,
    out: Option<PathBuf>,
    threads: Option<usize>,
    if_another: IfAnother,
    retry_failed: bool,
    stop: Option<&'f AtomicBool>,
    follower: Option<&'f mut dyn Follower>,
}

/// The model of a sweep.
enum Chosen<'a> {
    /// A model that the caller keeps.
    Borrowed(&'a dyn Objective),
    /// A model that the sweep keeps.
    Owned(Box<dyn Objective + 'a>),
}

/// A sweep that has run. Its results directory is open.
pub struct Finished<'a> {
    /// The plan and its results directory.
    pub study: Study,
    /// The number of trials, and the number of those that are new.
    pub tally: Tally,
    objective: Chosen<'a>,
}

/// The reason why a sweep could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The sweep file is wrong. The message shows the place.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The parameters of the model cannot be keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The results directory or the machine does not let the sweep run.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// The sweep file names a program, which only the command runs.
    #[error(
        "the sweep file names a program in model.command, which the command `burstnet sweep` runs; expected a model of your own, or none"
    )]
    Program,
}

/// A follower that ignores everything.
struct Unwatched;

impl Follower for Unwatched {}

impl<'m, 'f> Sweep<'m, 'f> {
    /// Reads the text of a sweep file. Paths in it start at the current folder.
    ///
    /// # Errors
    /// If the text is not YAML. The message names the line.
    pub fn from_yaml(text: &str) -> Result<Self, SweepError> {
        Ok(Self::new(Source::parse(Path::new("sweep.yaml"), text.to_owned())?))
    }

    /// Reads a sweep file. Paths in it start at its folder.
    ///
    /// # Errors
    /// If it cannot be read, or is not YAML.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SweepError> {
        Ok(Self::new(Source::read(path.as_ref())?))
    }

    fn new(source: Source) -> Self {
        Self {
            source,
            sets: Vec::new(),
            objective: None,
            out: None,
            threads: None,
            if_another: IfAnother::Refuse,
            retry_failed: false,
            stop: None,
            follower: None,
        }
    }

    /// Sets a key over the value in the sweep file, as `--set` does: `set("base.training.epochs=10")`.
    ///
    /// # Errors
    /// If it has no `=`, or the value is not YAML.
    pub fn set(mut self, assignment: &str) -> Result<Self, SweepError> {
        self.sets.push(parse_set(assignment)?);
        Ok(self)
    }

    /// Takes a model of your own in place of the burst network.
    ///
    /// # Errors
    /// If its parameters cannot be keys of a sweep file.
    pub fn model<M: Model + 'm>(self, model: M) -> Result<Self, SweepError> {
        Ok(Self { objective: Some(Chosen::Owned(Box::new(Typed::new(model)?))), ..self })
    }

    /// Takes an [`Objective`] in place of the burst network, for models whose keys are not the fields of a struct.
    pub fn objective(self, objective: &'m dyn Objective) -> Self {
        Self { objective: Some(Chosen::Borrowed(objective)), ..self }
    }

    /// Sets the results directory. The default is `results/NAME`, with the name of the sweep.
    pub fn out(self, folder: impl Into<PathBuf>) -> Self {
        Self { out: Some(folder.into()), ..self }
    }

    /// Sets the number of threads. The default is one for each core. The number changes no result.
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// Extends a directory that holds another sweep, and keeps the trials that both have. Otherwise such a directory is
    /// refused.
    pub fn extend(self) -> Self {
        Self { if_another: IfAnother::Extend, ..self }
    }

    /// Runs failed trials again.
    pub fn retry_failed(self) -> Self {
        Self { retry_failed: true, ..self }
    }

    /// Ends the sweep early once `stop` is set, say by a signal. Trials that have ended are kept.
    pub fn stop_on(self, stop: &'f AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// Notifies `follower` of every trial that ends.
    pub fn follow(self, follower: &'f mut dyn Follower) -> Self {
        Self { follower: Some(follower), ..self }
    }

    /// Sets the function that decodes the tables of configurations that a sweep file may name (`search.table`).
    pub fn with_tables(self, reader: TableReader) -> Self {
        Self { source: self.source.with_tables(reader), ..self }
    }

    /// Sets the function that decodes tables of earlier results, with all their columns: `burstnet_report::import::read_all`.
    pub fn with_results(self, reader: TableReader) -> Self {
        Self { source: self.source.with_results(reader), ..self }
    }

    /// Runs the trials that are missing, and returns the open results directory.
    ///
    /// # Errors
    /// If the sweep file is wrong, the directory holds something else, the machine does not let it run, or the first
    /// trials all failed for the same reason (`execution.stop_after_failures`). Other failed trials are results: they have
    /// rows of their own, and are not errors.
    pub fn run(self) -> Result<Finished<'m>, SweepError> {
        let Self { source, sets, out, if_another, retry_failed, .. } = self;
        let objective = match self.objective {
            Some(chosen) => chosen,
            None => match models::NamedModel::of_file(&source, &sets, Isa::detect())? {
                models::NamedModel::Burst(network) => Chosen::Owned(Box::new(network)),
                models::NamedModel::Command(_) => return Err(SweepError::Program),
            },
        };
        let model = objective.get();
        let mut spec = SweepSpec::new(&source, sets, model.schema())?;
        rank_by_first_measure(&mut spec, &source, model);
        let out = out.unwrap_or_else(|| Path::new("results").join(&spec.name));
        spec.go_on_in(&out)?;
        let plan = spec.plan(model)?;
        let threads = self.threads.unwrap_or_else(cores);
        let study = Study::create(&disk::system(), &out, plan, &source.text, model, if_another)?;
        let sync_interval = Duration::from_secs_f64(spec.execution.sync_seconds);
        let stop_after_failures = spec.execution.stop_after_failures;
        let task = Task {
            shard: Shard::WHOLE,
            round: None,
            wait: USUAL_WAIT,
            sync_interval,
            retry_failed,
            stop_after_failures,
            order: spec.execution.order,
        };
        let workers = Workers { threads, host: provenance::host(), max_seconds: spec.execution.max_seconds };
        let (never, mut unwatched) = (AtomicBool::new(false), Unwatched);
        let stop = self.stop.unwrap_or(&never);
        let follower = self.follower.unwrap_or(&mut unwatched);
        let mut session = Session::begin(&study, model, task)?;
        let contribution = Contribution::starting_now();
        session.note(&contribution)?;
        let tally = session.run(model, &workers, stop, follower)?;
        session.note(&contribution.ending_now())?;
        drop(session);
        Ok(Finished { study, tally, objective })
    }
}

/// Ranks configurations by the first measure of a model that lacks the default one, unless the file names another.
fn rank_by_first_measure(spec: &mut SweepSpec, source: &Source, model: &dyn Objective) {
    let measures = model.measures(&|_| Vec::new());
    let Some(first) = measures.first() else { return };
    for goal in spec.goals.iter_mut().filter(|goal| goal.place == source.place()) {
        if measures.iter().all(|info| info.name != goal.held.measure) {
            goal.held.measure.clone_from(&first.name);
        }
    }
}

impl Chosen<'_> {
    fn get(&self) -> &dyn Objective {
        match self {
            Self::Borrowed(objective) => *objective,
            Self::Owned(objective) => objective.as_ref(),
        }
    }
}

impl Finished<'_> {
    /// Returns the model, which functions that read the results need.
    pub fn objective(&self) -> &dyn Objective {
        self.objective.get()
    }
}
