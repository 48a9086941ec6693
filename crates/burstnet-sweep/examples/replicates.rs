//! A search with replicates of a test function with noise, and the configuration that it chooses. One line of JSON: the
//! number of trials, whether the truly best of the configurations was chosen, and how much worse the chosen one is.
//!
//! ```sh
//! cargo run --release -p burstnet-sweep --example replicates -- branin 40 "{from: 3, to: 24}" 10 1
//! ```
//!
//! The arguments are a function, a number of random configurations, the replicates as in a sweep file, the standard
//! deviation of the noise, and the seed. Each replicate has noise of its own that all configurations share, and each trial
//! other noise of the same size. With the same seed a trial has the same noise, whatever the replicates are.
#![allow(clippy::print_stdout)]

mod functions;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use burstnet_core::math::{cos, ln};
use burstnet_core::streams::Stream;
use burstnet_sweep::plan::content::ContentKey;
use burstnet_sweep::results::course::Course;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::spec::{Source, SweepSpec};
use burstnet_sweep::streams::SweepPurpose;

use functions::function;

/// The most replicates of a configuration.
const MOST: u64 = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, configurations, replicates, deviation, seed] = arguments.as_slice() else {
        return Err("expected a function, the number of configurations, replicates, the noise and the seed".into());
    };
    let (axes, function) = function(name).ok_or("expected branin, hartmann6 or rosenbrock10")?;
    let (deviation, seed): (f64, u64) = (deviation.parse()?, seed.parse()?);
    let base: Vec<String> = (0..axes).map(|at| format!("x{at}: 0.0")).collect();
    let space: Vec<String> = (0..axes).map(|at| format!("x{at}: {{uniform: [0.0, 1.0]}}")).collect();
    // `stopping` makes the course of a sweep in which nothing adapts: it stops nothing after so many replicates.
    let is_number = replicates.parse::<u64>().is_ok();
    let stopping =
        if is_number { format!(", stopping: {{rule: paired_racing, first: {replicates}}}") } else { String::new() };
    let text = format!(
        "seed: {seed}\nreplicates: {replicates}\nmodel: {{command: [python3], measures: [loss]}}\n\
         base: {{{}}}\nsearch: {{strategy: random, trials: {configurations}{stopping}, space: {{{}}}}}\n",
        base.join(", "),
        space.join(", ")
    );
    let source = Source::parse(Path::new("replicates"), text)?;
    let model = NamedModel::of_file(&source, &[], burstnet_core::engine::Isa::detect())?;
    let plan = SweepSpec::new(&source, vec![], model.objective().schema())?.plan(model.objective())?;
    let mut course = Course::start(&Arc::new(plan));
    let mut values: BTreeMap<u64, f64> = BTreeMap::new();
    let mut losses: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut trials = 0;
    loop {
        for at in course.take_new() {
            let job = course.jobs()[at];
            let held = course.configurations().values(job.config_id);
            let point: Vec<f64> =
                held.iter().map(|held| held.as_ref().and_then(|x| x.as_f64()).unwrap_or(0.0)).collect();
            let value = *values.entry(job.config_id).or_insert_with(|| function(&point));
            let shared = normal(seed, MOST * (1 << 30) + job.replicate);
            let loss = value + deviation * (shared + normal(seed, job.config_id * MOST + job.replicate));
            losses.entry(job.config_id).or_default().push(loss);
            trials += 1;
            let measures = vec![("loss".into(), Some(loss))];
            course.note(at, &TrialRecord { measures, ..TrialRecord::new(ContentKey::NONE) });
        }
        if !course.advance() {
            break;
        }
    }
    // As in the report: the best of those with the most replicates.
    let most = losses.values().map(Vec::len).max().unwrap_or(0);
    let mean = |losses: &Vec<f64>| losses.iter().sum::<f64>() / losses.len() as f64;
    let compared = losses.iter().filter(|(_, losses)| losses.len() == most);
    let chosen = compared.min_by(|a, b| mean(a.1).total_cmp(&mean(b.1))).map(|(config_id, _)| *config_id);
    let best = values.iter().min_by(|a, b| a.1.total_cmp(b.1)).map(|(config_id, _)| *config_id);
    let (Some(chosen), Some(best)) = (chosen, best) else { return Err("no trials".into()) };
    let regret = values[&chosen] - values[&best];
    println!("{}", serde_json::json!({ "trials": trials, "right": chosen == best, "regret": regret }));
    Ok(())
}

/// Returns a number of the standard normal distribution.
fn normal(seed: u64, part: u64) -> f64 {
    let mut stream = Stream::part(seed, SweepPurpose::Bootstrap, part);
    (-2.0 * ln(1.0 - stream.unit())).sqrt() * cos(std::f64::consts::TAU * stream.unit())
}
