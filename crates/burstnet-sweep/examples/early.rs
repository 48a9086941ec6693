//! A search that stops trials early, on a test function that is learned over epochs. One line of JSON: a pair for each part
//! of a trial, of the epochs of all trials so far, in whole trials, and the value of the configuration that looks best
//! among those that ran to the end by then; null while there is none.
//!
//! ```sh
//! cargo run --release -p burstnet-sweep --example early -- tpe branin 200 16 hyperband 1
//! ```
//!
//! The arguments are a strategy, a function, how many whole trials have as many epochs as the search takes, the lag, the
//! rule and the seed. A trial has 27 epochs. Its loss falls from that of an untrained model, 1 for all, to the value of the function, scaled so that random
//! points have a median of 1. The rate at which it does so depends on the configuration, so some start slowly. What is
//! measured has noise, the same size at every epoch.
#![allow(clippy::print_stdout)]

mod functions;

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use burstnet_core::math::{cos, exp, ln};
use burstnet_core::streams::Stream;
use burstnet_sweep::plan::content::ContentKey;
use burstnet_sweep::results::course::{Course, Job};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::spec::{Source, SweepSpec};
use burstnet_sweep::streams::SweepPurpose;

use functions::{Function, function};

/// The epochs of a trial.
const EPOCHS: f64 = 27.0;
/// The standard deviation of what is measured.
const NOISE: f64 = 0.02;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [strategy, name, most, lag, rule, seed] = arguments.as_slice() else {
        return Err("expected a strategy, a function, a number of whole trials, the lag, the rule and the seed".into());
    };
    let most: u64 = most.parse()?;
    let task = Task::new(function(name).ok_or("expected branin, hartmann6 or rosenbrock10")?);
    let axes: Vec<String> = (0..task.axes).map(|at| format!("x{at}: {{uniform: [0.0, 1.0]}}")).collect();
    let base: Vec<String> = (0..task.axes).map(|at| format!("x{at}: 0.0")).collect();
    let text = format!(
        "seed: {seed}\nmodel: {{command: [python3], measures: [loss], budget: epochs}}\n\
         base: {{epochs: {EPOCHS}, {}}}\n\
         search: {{strategy: {strategy}, trials: {}, lag: {lag}, stopping: {rule}, space: {{{}}}}}\n",
        base.join(", "),
        10 * most,
        axes.join(", ")
    );
    let source = Source::parse(Path::new("search"), text)?;
    let model = NamedModel::of_file(&source, &[], burstnet_core::engine::Isa::detect())?;
    let plan = SweepSpec::new(&source, vec![], model.objective().schema())?.plan(model.objective())?;
    let seed: u64 = seed.parse()?;
    let mut course = Course::start(&Arc::new(plan));
    let most = most as f64;
    let mut reached: HashMap<u64, f64> = HashMap::new();
    let (mut spent, mut best) = (0.0, (f64::INFINITY, None));
    let mut steps: Vec<(f64, Option<f64>)> = Vec::new();
    loop {
        for at in course.take_new() {
            let job = course.jobs()[at];
            let epochs = course.budget(job).unwrap_or(0) as f64;
            let values = course.configurations().values(job.config_id);
            let point: Vec<f64> = values
                .iter()
                .map(|value| value.as_ref().and_then(|value| value.as_f64()).unwrap_or_default())
                .collect();
            let loss = task.loss(&point, epochs) + NOISE * normal(seed, job);
            spent += (epochs - reached.insert(job.config_id, epochs).unwrap_or(0.0)) / EPOCHS;
            if epochs == EPOCHS && loss < best.0 {
                best = (loss, Some(task.value(&point)));
            }
            steps.push((spent, best.1));
            let record =
                TrialRecord { measures: vec![("loss".into(), Some(loss))], ..TrialRecord::new(ContentKey::NONE) };
            course.note(at, &record);
        }
        if spent >= most || !course.advance() {
            break;
        }
    }
    println!("{}", serde_json::to_string(&steps)?);
    Ok(())
}

/// A function to be learned.
struct Task {
    axes: usize,
    function: fn(&[f64]) -> f64,
    least: f64,
    median: f64,
}

impl Task {
    fn new((axes, function): Function) -> Self {
        let mut stream = Stream::new(1, SweepPurpose::Bootstrap);
        let mut values: Vec<f64> =
            (0..1001).map(|_| function(&(0..axes).map(|_| stream.unit()).collect::<Vec<_>>())).collect();
        values.sort_by(f64::total_cmp);
        let least = match axes {
            2 => 0.397_887,
            6 => -3.322_37,
            _ => 0.0,
        };
        Self { axes, function, least, median: values[500] }
    }

    /// Returns the value at a point, from 0 at the best one.
    fn value(&self, point: &[f64]) -> f64 {
        ((self.function)(point) - self.least) / (self.median - self.least)
    }

    /// Returns the loss after so many epochs: a part of the way from 1 to the value.
    fn loss(&self, point: &[f64], epochs: f64) -> f64 {
        let value = self.value(point);
        // From a third of the epochs to all of them for 95 % of the way, by the first coordinates.
        let rate = 3.0 / EPOCHS * (1.0 + 2.0 * (0.5 + 0.5 * cos(9.0 * point[0] + 5.0 * point[1])));
        let left = exp(-rate * epochs);
        1.0 * left + value.min(10.0) * (1.0 - left)
    }
}

/// Returns a number of the standard normal distribution for a job.
fn normal(seed: u64, job: Job) -> f64 {
    let mut stream = Stream::part(seed, SweepPurpose::Bootstrap, job.config_id * 64 + job.rung as u64);
    (-2.0 * ln(1.0 - stream.unit())).sqrt() * cos(std::f64::consts::TAU * stream.unit())
}
