//! A network of your own in Rust: an echo-state network that learns to predict the chaotic Mackey–Glass series. Run it by
//! `cargo run --release -p burstnet-report --example reservoir`. The series drives a fixed random recurrent network, the
//! reservoir. A linear readout learns by least mean squares to predict the next value.
#![allow(clippy::print_stdout)]

use burstnet_report::publish;
use burstnet_sweep::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const SWEEP: &str = "
name: reservoir
replicates: 4
base: {units: 60, leak: 0.5, steps: 4000}
search: {space: {gain: [0.3, 0.6, 0.9, 1.2], readout_rate: {log: [0.01, 1], num: 3}}}
";
const WINDOW: u64 = 200; // steps per point of the learning curve
const TEST: u64 = 500; // steps of the test

#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct Parameters {
    /// Units of the reservoir.
    units: usize,
    /// Strength of the recurrent weights.
    gain: f64,
    /// How much of a state is new in each step.
    leak: f64,
    /// Learning rate of the readout.
    readout_rate: f64,
    /// Steps of training.
    steps: u64,
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
    /// Returns a network with weights drawn from the seed. The gain scales the recurrent ones, whose radius it then is.
    fn new(parameters: &Parameters, seed: u64) -> Self {
        let n = parameters.units;
        let draw = |name: &str, many: usize, range: f64| {
            let mut stream = Stream::named(seed, name); // one per purpose: drawing more of it never changes another
            (0..many).map(|_| stream.uniform(-range, range)).collect()
        };
        let recurrent = draw("recurrent weights", n * n, parameters.gain * (3.0 / n as f64).sqrt());
        let input = draw("input weights", n, 1.0);
        Self { recurrent, input, readout: vec![0.0; n], state: vec![0.0; n], leak: parameters.leak }
    }

    /// Does one step with this input, and returns the prediction of the next one.
    fn step(&mut self, x: f64) -> f64 {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let rows = self.recurrent.chunks(self.state.len()).zip(&self.input);
        let drives: Vec<f64> = rows.map(|(row, input)| input * x + sum(row, &self.state)).collect();
        let tanh = |drive| 2.0 * math::sigmoid(2.0 * drive) - 1.0;
        self.state.iter_mut().zip(drives).for_each(|(state, drive)| *state += self.leak * (tanh(drive) - *state));
        sum(&self.readout, &self.state)
    }

    /// Corrects the share `rate` of an error: least mean squares, normalised.
    fn learn(&mut self, rate: f64, error: f64) {
        let length = self.state.iter().map(|state| state * state).sum::<f64>() + 1e-6;
        self.readout.iter_mut().zip(&self.state).for_each(|(weight, state)| *weight += rate * error * state / length);
    }
}

/// Returns the Mackey–Glass series with delay 17, about zero; its start is drawn from the seed.
fn mackey_glass(seed: u64, steps: usize) -> Vec<f64> {
    let mut start = Stream::named(seed, "series");
    let mut x: Vec<f64> = (0..18).map(|_| start.uniform(0.9, 1.3)).collect();
    while x.len() < steps + 318 {
        let (now, delayed) = (x[x.len() - 1], x[x.len() - 18]);
        let square = delayed * delayed;
        x.push(0.9 * now + 0.2 * delayed / (1.0 + square * square * square * square * square));
    }
    x.split_off(318).iter().map(|x| x - 0.9).collect()
}

struct Reservoir;

impl Model for Reservoir {
    type Parameters = Parameters;

    fn measures(&self) -> Vec<MeasureInfo> {
        vec![MeasureInfo::new("prediction_mse", "", "Mean squared error of the test.")]
    }

    fn evaluate(&self, of: &Parameters, seed: u64, deadline: &Deadline<'_>) -> Result<Evaluation, EvaluationError> {
        let series = mackey_glass(seed, (of.steps + TEST + 1) as usize);
        let (mut network, mut sum, mut curves) = (Network::new(of, seed), 0.0, Vec::new());
        for step in 0..of.steps + TEST {
            deadline.check()?;
            let error = series[step as usize + 1] - network.step(series[step as usize]);
            sum += error * error;
            if step < of.steps {
                network.learn(of.readout_rate, error);
                let learning_steps = step % WINDOW + 1;
                if learning_steps == WINDOW || step + 1 == of.steps {
                    curves.push(CurvePoint { layer: 0, step, learning_steps, loss: Some(sum / learning_steps as f64) });
                    sum = 0.0;
                }
            }
        }
        Ok(Evaluation::of([("prediction_mse", sum / TEST as f64)]).with_curves(curves))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let finished = Sweep::from_yaml(SWEEP)?.model(Reservoir)?.run()?;
    let best = publish(&finished.study, finished.objective())?.analysis.ranked.into_iter().next();
    println!("{} new trials; best: {:?}", finished.tally.new, best.map(|best| (best.values, best.summary.mean)));
    Ok(())
}
