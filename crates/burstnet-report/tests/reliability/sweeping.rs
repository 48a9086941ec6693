//! Running sweeps of the trivial objective in this process.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burstnet_report::{ReportError, import, tables};
use burstnet_sweep::files::disk::{Disk, system};
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal::Damage;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::{IfAnother, Study, StudyError};
use burstnet_sweep::run::executor::Workers;
use burstnet_sweep::run::session::{Follower, Session, Tally, Task};
use burstnet_sweep::spec::execution::Order;
use burstnet_sweep::spec::{Source, SweepSpec};

use crate::trivial::Paraboloid;

/// 12 trials, of which some diverge.
pub(crate) const SWEEP: &str = "\
name: small
seed: 7
replicates: 2
search:
  space:
    point.fate: [ok, diverge]
    point.x: [0.0, 1.0, 2.0]
";

/// The way a sweep is run.
pub(crate) struct Sweeping<'a> {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) objective: Paraboloid,
    pub(crate) shard: Shard,
    pub(crate) round: Option<u64>,
    pub(crate) wait: Duration,
    pub(crate) order: Order,
    pub(crate) extend: bool,
    pub(crate) retry_failed: bool,
    pub(crate) threads: usize,
    pub(crate) max_seconds: Option<f64>,
    pub(crate) sync_interval: Duration,
    /// After how many trials somebody asks to end.
    pub(crate) stop_after: Option<u64>,
    /// Called for every record that is durable, where each is synced at once.
    pub(crate) durable: &'a dyn Fn(&TrialRecord),
}

impl Default for Sweeping<'_> {
    fn default() -> Self {
        Self {
            disk: system(),
            objective: Paraboloid::default(),
            shard: Shard::WHOLE,
            round: None,
            wait: Duration::from_secs(60),
            order: Order::Plan,
            extend: false,
            retry_failed: false,
            threads: 1,
            max_seconds: None,
            sync_interval: Duration::from_secs(1),
            stop_after: None,
            durable: &|_| {},
        }
    }
}

struct Watching<'a> {
    stop: &'a AtomicBool,
    stop_after: Option<u64>,
    finished: u64,
    /// The report of the session.
    done: u64,
    total: u64,
    durable: &'a dyn Fn(&TrialRecord),
}

impl Follower for Watching<'_> {
    fn started(&mut self, done: u64, total: u64, _damage: &[Damage]) {
        (self.done, self.total) = (done, total);
    }

    fn round(&mut self, _number: u64, done: u64, total: u64) {
        (self.done, self.total) = (done, total);
    }

    fn total(&mut self, total: u64) {
        self.total = total;
    }

    fn finished(&mut self, record: &TrialRecord) {
        (self.durable)(record);
        self.finished += 1;
        self.done += 1;
        assert!(self.done <= self.total, "{} of {} trials", self.done, self.total);
        if self.stop_after.is_some_and(|most| self.finished >= most) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn idle(&mut self) {}
}

pub(crate) fn plan(text: &str) -> ResolvedPlan {
    let objective = Paraboloid::default();
    let source = Source::parse("s.yaml".as_ref(), text.into()).unwrap().with_results(import::read_all);
    SweepSpec::new(&source, Vec::new(), objective.schema()).unwrap().plan(&objective).unwrap()
}

pub(crate) fn open(results: &Path) -> Study {
    Study::open(results, &Paraboloid::default()).unwrap()
}

impl Sweeping<'_> {
    /// Runs what is missing of a sweep, without its tables.
    pub(crate) fn run(&self, results: &Path, text: &str) -> Result<Tally, StudyError> {
        let if_another = if self.extend { IfAnother::Extend } else { IfAnother::Refuse };
        let study = Study::create(&self.disk, results, plan(text), text, &self.objective, if_another)?;
        let task = Task {
            shard: self.shard,
            round: self.round,
            wait: self.wait,
            sync_interval: self.sync_interval,
            retry_failed: self.retry_failed,
            stop_after_failures: 0,
            order: self.order,
        };
        let mut session = Session::begin(&study, &self.objective, task)?;
        let workers = Workers { threads: self.threads, host: "here".into(), max_seconds: self.max_seconds };
        let stop = AtomicBool::new(false);
        let mut follower = Watching {
            stop: &stop,
            stop_after: self.stop_after,
            finished: 0,
            done: 0,
            total: 0,
            durable: self.durable,
        };
        session.run(&self.objective, &workers, &stop, &mut follower)
    }

    /// Runs what is missing of a sweep, and writes its tables.
    pub(crate) fn run_to_tables(&self, results: &Path, text: &str) -> Result<Tally, ReportError> {
        let tally = self.run(results, text)?;
        let study = Study::create(&self.disk, results, plan(text), text, &self.objective, IfAnother::Refuse)?;
        tables::write(&study, &self.objective)?;
        Ok(tally)
    }
}

/// The tables that are a pure function of the plan, byte for byte; none where there is no such file.
pub(crate) fn tables_of(results: &Path) -> Vec<Option<Vec<u8>>> {
    tables::FILES[..3].iter().map(|name| std::fs::read(results.join(name)).ok()).collect()
}

/// The tables of a sweep to which nothing happened.
pub(crate) fn undisturbed(text: &str) -> Vec<Option<Vec<u8>>> {
    let folder = tempfile::tempdir().unwrap();
    Sweeping::default().run_to_tables(folder.path(), text).unwrap();
    let tables = tables_of(folder.path());
    assert!(tables.iter().all(Option::is_some));
    tables
}

/// Numbers that look random, for choosing what happens.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        // SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}
