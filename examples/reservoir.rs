//! A network of your own in Rust: an echo-state network that learns to predict the chaotic Mackey–Glass series.
//!
//! ```sh
//! cargo run --release -p burstnet-report --example reservoir -- results/reservoir
//! ```
//!
//! A fixed random recurrent network, the reservoir, is driven by the series. A linear readout learns by least mean squares
//! to say the next value, so nothing but sums and products is needed. `branin.rs` explains the pieces of the library.

#![allow(clippy::print_stdout, reason = "an example tells what it did")]

use std::error::Error;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use burstnet_core::config::{ConfigError, Configuration, Key, Kind, Schema, Value};
use burstnet_core::curves::CurvePoint;
use burstnet_core::digest::of_results;
use burstnet_core::math::sigmoid;
use burstnet_core::measures::MeasureInfo;
use burstnet_core::streams::{Purpose, Stream};
use burstnet_report::analysis::Design;
use burstnet_report::{page, tables};
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

const SWEEP: &str = "
name: reservoir
seed: 1
replicates: 4
base:
  reservoir: {units: 60, leak: 0.5}
  training: {steps: 4000}
objective: {measure: test_mse, direction: minimize}
search:
  space:
    reservoir.gain: [0.3, 0.6, 0.9, 1.2]
    readout.rate: {log: [0.01, 1], num: 3}
";
/// Steps per point of the learning curve, steps of the test, and steps before the reservoir has forgotten its start.
const WINDOW: u64 = 200;
const TEST: u64 = 500;
const SETTLING: u64 = 100;

struct Reservoir {
    schema: Schema,
}

impl Default for Reservoir {
    fn default() -> Self {
        let key = |path: &'static str, kind, default, doc: &'static str| Key {
            path: path.into(),
            kind,
            default,
            doc: doc.into(),
        };
        let number = |max| Kind::Number { min: 0.0, max };
        Self {
            schema: Schema::new(vec![
                key("reservoir.units", Kind::Integer { min: 1, max: 1000 }, Value::Int(60), "Units."),
                key("reservoir.gain", number(10.0), 0.9.into(), "Strength of the recurrent weights."),
                key("reservoir.leak", number(1.0), 0.5.into(), "How much of a state is new in each step."),
                key("readout.rate", number(10.0), 0.1.into(), "Learning rate of the readout."),
                key("training.steps", Kind::Integer { min: 1, max: 1_000_000 }, Value::Int(4000), "Steps of training."),
            ]),
        }
    }
}

/// The state of one trial.
struct Network {
    recurrent: Vec<f64>,
    input: Vec<f64>,
    readout: Vec<f64>,
    state: Vec<f64>,
    leak: f64,
}

impl Network {
    /// A network whose weights are drawn from the seed: the same seed gives the same network, only scaled by the gain.
    fn new(configuration: &Configuration, seed: u64) -> Self {
        let number = |key| configuration.get(key).as_f64().unwrap_or_default();
        let n = number("reservoir.units") as usize;
        // A stream per purpose: drawing more of one never changes another.
        let mut random = Stream::new(seed, Purpose::FeedbackWeights);
        let scale = number("reservoir.gain") * (3.0 / n as f64).sqrt(); // uniform weights of radius about the gain
        let recurrent = (0..n * n).map(|_| scale * random.uniform(-1.0, 1.0)).collect();
        let mut random = Stream::new(seed, Purpose::ForwardWeights);
        let input = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        Self { recurrent, input, readout: vec![0.0; n], state: vec![0.0; n], leak: number("reservoir.leak") }
    }

    /// One step with this input; the prediction of the next one.
    fn step(&mut self, x: f64) -> f64 {
        let n = self.state.len();
        let driven = |i: usize| -> f64 {
            let row = &self.recurrent[i * n..(i + 1) * n];
            self.input[i] * x + row.iter().zip(&self.state).map(|(weight, state)| weight * state).sum::<f64>()
        };
        let drives: Vec<f64> = (0..n).map(driven).collect();
        for (state, drive) in self.state.iter_mut().zip(drives) {
            let tanh = 2.0 * sigmoid(2.0 * drive) - 1.0;
            *state += self.leak * (tanh - *state);
        }
        self.readout.iter().zip(&self.state).map(|(weight, state)| weight * state).sum()
    }

    /// Least mean squares, normalised: every step corrects the share `rate` of its error.
    fn learn(&mut self, rate: f64, error: f64) {
        let length: f64 = self.state.iter().map(|state| state * state).sum::<f64>() + 1e-6;
        self.readout.iter_mut().zip(&self.state).for_each(|(weight, state)| *weight += rate * error * state / length);
    }
}

/// The Mackey–Glass series with delay 17, about zero; its start is drawn from the seed.
fn mackey_glass(seed: u64, steps: usize) -> Vec<f64> {
    let mut random = Stream::new(seed, Purpose::InputSignals);
    let mut x: Vec<f64> = (0..18).map(|_| random.uniform(0.9, 1.3)).collect();
    while x.len() < steps + 318 {
        let (now, delayed) = (x[x.len() - 1], x[x.len() - 18]);
        let square = delayed * delayed;
        let tenth_power = square * square * square * square * square;
        x.push(0.9 * now + 0.2 * delayed / (1.0 + tenth_power));
    }
    x.split_off(318).iter().map(|x| x - 0.9).collect()
}

impl Objective for Reservoir {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        1
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        vec![MeasureInfo { name: "test_mse".into(), unit: "", doc: "Mean squared error of the test.", needs: None }]
    }

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
        deadline: &Deadline<'_>,
    ) -> Result<Evaluation, EvaluationError> {
        let number = |key| configuration.get(key).as_f64().unwrap_or_default();
        let training = number("training.steps") as u64;
        let series = mackey_glass(seed, (SETTLING + training + TEST + 1) as usize);
        let mut network = Network::new(configuration, seed);
        let (mut sum, mut curves) = (0.0, Vec::new());
        for step in 0..SETTLING + training + TEST {
            if step % WINDOW == 0 && deadline.has_passed() {
                return Err(EvaluationError::TimedOut);
            }
            let error = series[step as usize + 1] - network.step(series[step as usize]);
            let Some(trained) = step.checked_sub(SETTLING) else { continue };
            sum += error * error;
            if trained < training {
                network.learn(number("readout.rate"), error);
            }
            let ends = (trained + 1) % WINDOW == 0 || trained + 1 == training;
            if trained < training && ends {
                let learning_steps = trained % WINDOW + 1;
                let loss = Some(sum / learning_steps as f64);
                curves.push(CurvePoint { layer: 0, step: trained, learning_steps, loss });
                sum = 0.0;
            }
        }
        let mse = sum / TEST as f64;
        // A trial whose numbers explode is a result too: it says so, and has no measures.
        let diverged = (!mse.is_finite()).then(|| "the error is no longer finite".to_owned());
        let measures = vec![("test_mse".to_owned(), Some(mse).filter(|mse| mse.is_finite()))];
        let digest = Some(of_results(&curves, &measures));
        Ok(Evaluation { diverged, measures, curves, digest })
    }
}

struct Silent;

impl Follower for Silent {
    fn started(&mut self, _done: u64, _total: u64, _damage: &[Damage]) {}
    fn finished(&mut self, _record: &TrialRecord) {}
    fn idle(&mut self) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).unwrap_or_else(|| "results/reservoir".into());
    let (model, start) = (Reservoir::default(), Instant::now());
    let source = Source::parse(Path::new("reservoir.yaml"), SWEEP.into())?;
    let plan = Plan::new(&SweepSpec::new(&source, Vec::new(), model.schema())?, &model)?;
    let study = Study::create(&disk::system(), Path::new(&out), plan, SWEEP, &model, IfAnother::Refuse)?;
    let task = Task { shard: Shard::WHOLE, round: None, sync_interval: Duration::from_secs(1), retry_failed: false };
    let threads = std::thread::available_parallelism()?.get();
    let workers = Workers { threads, host: "here".into(), max_seconds: Some(60.0) };
    let tally = Session::begin(&study, &model, task)?.run(&model, &workers, &AtomicBool::new(false), &mut Silent)?;
    let mut overview = tables::write(&study, &model)?;
    let analysis = overview.analysis.clone();
    let design = Design::new(&study.plan, &overview.sample);
    page::sweep::write_file(&study, &mut overview, &analysis, &design, &study.results)?;
    println!("{} new trials in {:.1?}; see {out}/{}", tally.new, start.elapsed(), page::sweep::FILE);
    for best in analysis.ranked.iter().take(3) {
        let values: Vec<String> = best.values.iter().map(Value::to_string).collect();
        println!("configuration {}: {}; test_mse {:?}", best.config_id, values.join(", "), best.summary.mean);
    }
    Ok(())
}
