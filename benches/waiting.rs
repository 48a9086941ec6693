//! How busy threads are in searches with a lag: trials that sleep, the longest ten times as long as the shortest.
//!
//! `cargo bench -p burstnet-report --bench waiting [-- SECONDS]` runs 1024 configurations with one replicate on 2, 8 and
//! 64 threads, and prints which part of the threads' time trials took. Trials take so many milliseconds per thread on
//! average (default: 8), so that each of the sweeps takes 8 seconds or a little more. They sleep: the machine need not
//! have as many processors as there are threads, but it should be idle.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

#[path = "measured.rs"]
#[allow(dead_code, reason = "shared with other benchmarks")]
mod measured;

use std::f64::consts::LN_10;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use burstnet_core::config::{Configuration, Key, Kind, Schema, Value};
use burstnet_core::math::exp;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::any_checkpoint::AnyCheckpoint;
use burstnet_sweep::objective::{Deadline, Evaluated, EvaluatedOn, Evaluation, Objective};
use burstnet_sweep::sweep::Sweep;
use measured::seconds;

/// The searches: a name, and the keys of `search` for a number of threads.
type Search = (&'static str, fn(u64) -> String);

const SEARCHES: [Search; 8] = [
    ("`random`", |_| "strategy: random".into()),
    ("`tpe`, rounds of twice the threads", |threads| format!("strategy: tpe, round: {}", 2 * threads)),
    ("`tpe`, a lag of twice the threads", |threads| format!("strategy: tpe, lag: {}", 2 * threads)),
    ("`tpe`, a lag of three times the threads", |threads| format!("strategy: tpe, lag: {}", 3 * threads)),
    ("`successive_halving`, a lag of twice the threads", |threads| early("successive_halving", 2 * threads)),
    ("`successive_halving`, a lag of three times the threads", |threads| early("successive_halving", 3 * threads)),
    ("`hyperband`, a lag of twice the threads", |threads| early("hyperband", 2 * threads)),
    ("`hyperband`, a lag of three times the threads", |threads| early("hyperband", 3 * threads)),
];

fn early(rule: &str, lag: u64) -> String {
    format!("strategy: random, lag: {lag}, stopping: {rule}")
}

fn main() {
    let per_thread = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(8.0);
    println!("| Search | 2 threads | 8 threads | 64 threads |\n| --- | --- | --- | --- |");
    for (name, search) in SEARCHES {
        let shares = [2, 8, 64].map(|threads| format!("{:.0} %", 100.0 * busy(&search(threads), threads, per_thread)));
        println!("| {name} | {} |", shares.join(" | "));
    }
}

/// Returns which part of the threads' time the trials of a search took.
fn busy(search: &str, threads: u64, per_thread: f64) -> f64 {
    let sleeper = Sleeper::new(Duration::from_secs_f64(per_thread * threads as f64 / 1e3));
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let text = format!(
        "replicates: 1\nsearch: {{{search}, trials: 1024, space: {{x: {{uniform: [0, 1]}}, y: {{uniform: [0, 1]}}}}}}\n"
    );
    let sweep = Sweep::from_yaml(&text).expect("a sweep").objective(&sleeper).out(place.path().join("r"));
    let mut sweep = Some(sweep.threads(threads as usize));
    let took = seconds(&mut || {
        sweep.take().expect("one run").run().expect("results");
    });
    sleeper.slept.load(Ordering::Relaxed) as f64 / 1e9 / (took * threads as f64)
}

/// A paraboloid over 27 epochs, for each of which it sleeps as long as for the others.
struct Sleeper {
    schema: Schema,
    mean: Duration,
    /// The nanoseconds that its trials were meant to take.
    slept: AtomicU64,
}

impl Sleeper {
    fn new(mean: Duration) -> Self {
        let key = |path: &'static str, kind, default, doc: &'static str| Key {
            path: path.into(),
            kind,
            default,
            doc: doc.into(),
        };
        let coordinate = Kind::Number { min: 0.0, max: 1.0 };
        let schema = Schema::new(vec![
            key("x", coordinate.clone(), Value::Float(0.0), "First coordinate."),
            key("y", coordinate, Value::Float(0.0), "Second coordinate."),
            key("epochs", Kind::Integer { min: 1, max: 1000 }, Value::Int(27), "Epochs."),
        ]);
        Self { schema, mean, slept: AtomicU64::new(0) }
    }

    /// Returns the time of a whole trial: its logarithm is uniform over a factor of ten.
    fn time(&self, x: f64, y: f64) -> f64 {
        let mut mixed = x.to_bits() ^ y.to_bits().rotate_left(32);
        for _ in 0..3 {
            mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        let unit = (mixed >> 11) as f64 / (1u64 << 53) as f64;
        let mean = 9.0 / LN_10; // of 10ᵘ for u between 0 and 1
        self.mean.as_secs_f64() * exp(LN_10 * unit) / mean
    }
}

impl Objective for Sleeper {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        1
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        vec![MeasureInfo::new("loss", "1", "Height.")]
    }

    fn budget_key(&self) -> Option<&str> {
        Some("epochs")
    }

    fn evaluate_on(
        &self,
        configuration: &Configuration,
        _seed: u64,
        _deadline: &Deadline<'_>,
        from: Option<AnyCheckpoint>,
        keep: bool,
    ) -> EvaluatedOn {
        let start = Instant::now();
        let number = |key| configuration.get(key).as_f64().unwrap_or_default();
        let (x, y, epochs) = (number("x"), number("y"), number("epochs"));
        let before = from.and_then(|from| from.into_state::<f64>()).unwrap_or(0.0);
        let time = Duration::from_secs_f64(self.time(x, y) * (epochs - before) / 27.0);
        std::thread::sleep(time.saturating_sub(start.elapsed()));
        self.slept.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
        let loss = (x - 0.3) * (x - 0.3) + (y - 0.6) * (y - 0.6) + 1.0 / epochs;
        let measures = vec![("loss".to_owned(), Some(loss))];
        let evaluation = Evaluation { measures, diverged: None, curves: Vec::new(), digest: None };
        Ok((evaluation, keep.then(|| AnyCheckpoint::new(epochs, 8))))
    }

    fn evaluate(&self, configuration: &Configuration, seed: u64, deadline: &Deadline<'_>) -> Evaluated {
        Ok(self.evaluate_on(configuration, seed, deadline, None, false)?.0)
    }
}
