//! A model of your own in Rust: the Branin function, swept with the library's own pieces.
//!
//! ```sh
//! cargo run --release -p burstnet-report --example branin -- results/branin-in-rust
//! ```
//!
//! A model is anything that implements [`Objective`]: it names its keys and its measures, and turns a configuration and a
//! seed into measures. Everything else, from the sweep file to the page, is the library's. `reservoir.rs` does the same
//! with a network that learns.

#![allow(clippy::print_stdout, reason = "an example tells what it did")]

use std::error::Error;
use std::f64::consts::PI;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burstnet_core::config::{ConfigError, Configuration, Key, Kind, Schema, Value};
use burstnet_core::digest::of_results;
use burstnet_core::math::cos;
use burstnet_core::measures::MeasureInfo;
use burstnet_core::streams::{Purpose, Stream};
use burstnet_report::analysis::Design;
use burstnet_report::page;
use burstnet_report::tables;
use burstnet_sweep::disk;
use burstnet_sweep::executor::Workers;
use burstnet_sweep::journal::Damage;
use burstnet_sweep::objective::{Deadline, Evaluation, EvaluationError, Objective};
use burstnet_sweep::plan::Plan;
use burstnet_sweep::record::TrialRecord;
use burstnet_sweep::session::{Follower, Session, Task};
use burstnet_sweep::shard::Shard;
use burstnet_sweep::spec::{Source, SweepSpec};
use burstnet_sweep::study::{IfAnother, Study};

/// What is swept. The keys under `base` and `search.space` are those of the model below.
const SWEEP: &str = "
name: branin-in-rust
seed: 1
replicates: 4
base: {noise: {size: 0.5}}
objective: {measure: value, direction: minimize}
search:
  strategy: random
  trials: 200
  space:
    point.x: {uniform: [-5, 10]}
    point.y: {uniform: [0, 15]}
";

/// The model. What all trials share, such as data, belongs here; trials run on many threads, so it is only read.
struct Branin {
    schema: Schema,
}

impl Branin {
    fn new() -> Self {
        let number = |path: &'static str, min, max, doc: &'static str| Key {
            path: path.into(),
            kind: Kind::Number { min, max },
            default: Value::Float(0.0),
            doc: doc.into(),
        };
        Self {
            schema: Schema::new(vec![
                number("point.x", -5.0, 10.0, "First coordinate."),
                number("point.y", 0.0, 15.0, "Second coordinate."),
                number("noise.size", 0.0, 100.0, "Largest noise on the value."),
            ]),
        }
    }
}

impl Objective for Branin {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    // Raise this when your model gives other results than before: results of two versions are never mixed.
    fn bits_version(&self) -> u32 {
        1
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        vec![MeasureInfo { name: "value".into(), unit: "", doc: "Value of the function, with noise.", needs: None }]
    }

    // Keys whose values must fit together, which `check` then tells: none here.
    fn coupled_keys(&self) -> &[&[&str]] {
        &[]
    }

    fn check(&self, _configuration: &Configuration) -> Result<(), ConfigError> {
        Ok(())
    }

    fn evaluate(
        &self,
        configuration: &Configuration,
        seed: u64,
        _deadline: &Deadline<'_>, // a model that runs for long looks at it now and then; see reservoir.rs
    ) -> Result<Evaluation, EvaluationError> {
        let number = |key| configuration.get(key).as_f64().unwrap_or_default(); // all keys are there, of their kinds
        // Everything random comes from the seed. So a trial can be run again, and all configurations see the same noise.
        let mut random = Stream::new(seed, Purpose::InputSignals);
        let size = number("noise.size");
        let value = branin(number("point.x"), number("point.y")) + random.uniform(-size, size);
        let measures = vec![("value".to_owned(), Some(value))];
        let curves = Vec::new();
        let digest = Some(of_results(&curves, &measures)); // by which a rerun is compared
        Ok(Evaluation { diverged: None, measures, curves, digest })
    }
}

/// A standard test function with three minima of 0.397887, for instance at (π, 2.275).
fn branin(x: f64, y: f64) -> f64 {
    let (b, c, t) = (5.1 / (4.0 * PI * PI), 5.0 / PI, 1.0 / (8.0 * PI));
    let square = y - b * x * x + c * x - 6.0;
    // Such functions are those of `burstnet_core::math`, which has the same bits on every machine.
    square * square + 10.0 * (1.0 - t) * cos(x) + 10.0
}

/// Tells how far the sweep is.
struct Counter {
    done: u64,
}

impl Follower for Counter {
    fn started(&mut self, done: u64, total: u64, _damage: &[Damage]) {
        println!("{done} of {total} trials were done before");
    }

    fn finished(&mut self, _record: &TrialRecord) {
        self.done += 1;
    }

    fn idle(&mut self) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).unwrap_or_else(|| "results/branin-in-rust".into());
    let model = Branin::new();
    // The sweep file, checked key by key, and the plan of all trials.
    let source = Source::parse(Path::new("branin.yaml"), SWEEP.into())?;
    let plan = Plan::new(&SweepSpec::new(&source, Vec::new(), model.schema())?, &model)?;
    // The results directory, made or gone on with: started again, this runs only what is missing.
    let study = Study::create(&disk::system(), Path::new(&out), plan, SWEEP, &model, IfAnother::Refuse)?;
    let task = Task { shard: Shard::WHOLE, round: None, sync_interval: Duration::from_secs(1), retry_failed: false };
    let threads = std::thread::available_parallelism()?.get();
    let workers = Workers { threads, host: "here".into(), max_seconds: None };
    let mut counter = Counter { done: 0 };
    let mut session = Session::begin(&study, &model, task)?;
    session.run(&model, &workers, &AtomicBool::new(false), &mut counter)?;
    // The tables, and the page that shows them.
    let mut overview = tables::write(&study, &model)?;
    let analysis = overview.analysis.clone();
    let design = Design::new(&study.plan, &overview.sample);
    page::sweep::write_file(&study, &mut overview, &analysis, &design, &study.results)?;
    let best = analysis.ranked.first().and_then(|best| Some((best.config_id, best.summary.mean?)));
    println!("{} new trials; best: {best:?}; see {out}/{}", counter.done, page::sweep::FILE);
    Ok(())
}
