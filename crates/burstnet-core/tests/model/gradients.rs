//! Learning rules that follow a gradient, against finite differences of what they descend.

use std::sync::Arc;

use burstnet_core::config::{RunConfig, Value};
use burstnet_core::engine::reference::{Network, Request};
use burstnet_core::inputs::Inputs;
use burstnet_core::math::sigmoid;
use burstnet_core::observer::HiddenStates;
use burstnet_core::streams::{Purpose, Stream};
use burstnet_core::weights::{Drawn, Weights};
use ndarray::{Array1, Array2};

use crate::recorder::values;

const RATE: f64 = 0.25;

fn network(feedback_rate: f64, output_rate: f64) -> (RunConfig, Weights) {
    let config = RunConfig::from_values(&values(&[
        ("network.layers", Value::from(vec![6_i64, 5, 3])),
        ("learning_rate.hidden", 0.0.into()),
        ("learning_rate.output", output_rate.into()),
        ("learning_rate.feedback", feedback_rate.into()),
        ("network.weight_range", 1.0.into()),
    ]))
    .expect("a configuration");
    let weights = Weights::of(&Drawn { config: &config, seed: 11 });
    (config, weights)
}

/// ½ ‖λ − ψ‖² as a function of Y at a frozen state.
fn mismatch(y: &Array2<f64>, average: &[f64], event_rate: &[f64]) -> f64 {
    (0..y.nrows())
        .map(|j| {
            let g: f64 = y.row(j).iter().zip(average).map(|(y, v)| y * v).sum();
            let difference = event_rate[j] - sigmoid(g) * event_rate[j];
            0.5 * difference * difference
        })
        .sum()
}

#[test]
fn gradient_feedback_learning_descends_the_mismatch_of_events_and_bursts() {
    let (config, weights) = network(RATE, 0.0);
    let mut network = Network::new(&config, &weights);
    let mut stream = Stream::new(5, Purpose::InputSignals);
    let mut outputs: Vec<Vec<f64>> = Vec::new();
    for s in 0..12_u64 {
        let before = network.weights().feedback[0].clone();
        let x: Vec<f64> = (0..6).map(|_| stream.unit()).collect();
        let request = Request { learn: true, ..Request::default() };
        network.step(&x, &[0.5; 3], s, request).expect("no divergence");
        outputs.push(network.output().to_vec());
        // Feedback runs from step M + 1 = 3 on and reads the output of the step before; its average starts there.
        if s < 3 {
            assert_eq!(network.weights().feedback[0], before);
            continue;
        }
        let mut average = outputs[2].clone();
        for output in &outputs[3..s as usize] {
            average.iter_mut().zip(output).for_each(|(average, v)| *average = 0.5 * (*average + v));
        }
        let event_rate = network.hidden(0).event_rate.to_vec();
        let after = network.weights().feedback[0].clone();
        for j in 0..5 {
            for k in 0..3 {
                let h = 1e-5;
                let mut moved = before.clone();
                moved.row_mut(j)[k] += h;
                let above = mismatch(&moved, &average, &event_rate);
                moved.row_mut(j)[k] -= 2.0 * h;
                let gradient = (above - mismatch(&moved, &average, &event_rate)) / (2.0 * h);
                let change = after[[j, k]] - before[[j, k]];
                assert!((change + RATE * gradient).abs() < 1e-10, "step {s}, Y[{j}, {k}]: {change} for {gradient}");
            }
        }
    }
}

/// −∂/∂W of ½ ‖λ(s) − λ(s − 1)‖² with λ(s), the nudged rate, held fixed.
fn descent(nudged: &[f64], before: &[f64], w: &Array2<f64>, average: &[f64], bias: &Array1<f64>) -> Array2<f64> {
    let loss = |w: &Array2<f64>| -> f64 {
        (0..w.nrows())
            .map(|k| {
                let y: f64 = w.row(k).iter().zip(average).map(|(w, v)| w * v).sum::<f64>() + bias[k];
                0.5 * (nudged[k] - sigmoid(y)) * (nudged[k] - sigmoid(y))
            })
            .sum()
    };
    assert!((0..w.nrows()).all(|k| before[k].is_finite()));
    Array2::from_shape_fn(w.dim(), |(k, i)| {
        let h = 1e-6;
        let mut moved = w.clone();
        moved[[k, i]] += h;
        let above = loss(&moved);
        moved[[k, i]] -= 2.0 * h;
        (loss(&moved) - above) / (2.0 * h)
    })
}

#[test]
fn output_learning_with_constant_input_descends_the_nudge() {
    let (config, weights) = network(0.0, RATE);
    let x = [0.9, 0.1, 0.4, 0.7, 0.3, 0.6];
    let target = [0.95, 0.05, 0.8];
    for settle in [4_u64, 200] {
        let mut network = Network::new(&config, &weights);
        // Hidden rates that the output layer reads, from which its average follows.
        let mut average: Option<Vec<f64>> = None;
        let mut before = Vec::new();
        for s in 0..settle {
            let read = network.hidden(0).event_rate.to_vec();
            network.step(&x, &target, s, Request { learn: true, ..Request::default() }).expect("no divergence");
            if s >= 2 {
                average = Some(match average {
                    None => read,
                    Some(average) => average.iter().zip(&read).map(|(a, v)| 0.5 * (a + v)).collect(),
                });
            }
            before = network.output().to_vec();
        }
        let average = average.expect("the output layer ran");
        let old = network.weights();
        network
            .step(&x, &target, settle, Request { learn: true, taught: true, generate: false })
            .expect("no divergence");
        let nudged = network.output().to_vec();
        let new = network.weights();
        let expected = descent(&nudged, &before, &old.forward[1], &average, &old.bias[1]);
        for k in 0..3 {
            for i in 0..5 {
                let change = new.forward[1][[k, i]] - old.forward[1][[k, i]];
                assert!(change * expected[[k, i]] > 0.0, "sign of W[{k}, {i}] after {settle} steps");
                if settle > 100 {
                    let difference = (change - RATE * expected[[k, i]]).abs();
                    assert!(difference < 1e-9, "W[{k}, {i}]: {change} for {}", expected[[k, i]]);
                }
            }
        }
    }
}

#[test]
fn learning_from_a_file_of_weights_starts_there() {
    let (config, weights) = network(0.0, RATE);
    let inputs = Inputs { weights: Some(Arc::new(weights.clone())), ..Inputs::default() };
    assert_eq!(Network::new(&config, &weights).weights(), *inputs.weights.expect("weights"));
}
