//! Nodes where a smooth input is not smooth everywhere: square waves, glitches, steps, pulses and kinks of any size, at any
//! place and in any inputs.

use std::sync::Arc;

use burstnet_core::config::{RunConfig, Value};
use burstnet_core::inputs::Inputs;
use burstnet_core::math::sin;
use burstnet_core::signals::Sequence;
use burstnet_core::streams::{Purpose, Stream};
use proptest::prelude::*;

use crate::recorder::{record, values};

const INPUTS: usize = 64;
const STEPS: usize = 400;

/// A signal that is added to slow oscillations.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Up and down again, so many steps each.
    Square(usize),
    /// Up for one step.
    Glitch,
    /// Up, and never down.
    Step,
    /// Up for one step at one of so many.
    Pulses(usize),
    /// A slope that begins.
    Kink,
}

/// The inputs that it is added to.
#[derive(Clone, Copy, Debug)]
enum Where {
    One,
    /// One goes up as another goes down.
    Pair,
    /// All, with signs of their own.
    All,
}

#[derive(Clone, Debug)]
struct Jump {
    seed: u64,
    shape: Shape,
    place: Where,
    size: f64,
    dynamics: &'static str,
    taught: f64,
    layers: Vec<i64>,
    /// The learning rate of hidden layers.
    rate: f64,
}

impl Jump {
    fn inputs(&self) -> Inputs {
        let mut stream = Stream::new(self.seed, Purpose::InputSignals);
        let mut signs = vec![0.0; INPUTS];
        let (one, other) = (stream.below(INPUTS as u64) as usize, stream.below(INPUTS as u64) as usize);
        match self.place {
            Where::One => signs[one] = 1.0,
            Where::Pair => (signs[one], signs[other]) = (1.0, -1.0),
            Where::All => signs.fill_with(|| if stream.unit() < 0.5 { 1.0 } else { -1.0 }),
        }
        let at = stream.below(STEPS as u64) as usize;
        let mut height = |t: usize| match self.shape {
            Shape::Square(steps) => ((t + at) / steps % 2) as f64,
            Shape::Glitch => f64::from(u8::from(t == at)),
            Shape::Step => f64::from(u8::from(t >= at)),
            Shape::Pulses(steps) => f64::from(u8::from(stream.below(steps as u64) == 0)),
            Shape::Kink => 0.0025 * t.saturating_sub(at) as f64,
        };
        let heights: Vec<f64> = (0..STEPS).map(&mut height).collect();
        let mut wave = |jump: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let (rate, phase) = (stream.uniform(0.01, 0.05), stream.uniform(0.0, 6.0));
            (0..STEPS).map(|t| 0.4 + 0.2 * sin(rate * t as f64 + phase) + jump(t)).collect()
        };
        let x: Vec<f64> = (0..INPUTS).flat_map(|i| wave(&|t| self.size * signs[i] * heights[t])).collect();
        let targets: Vec<f64> = (0..3).flat_map(|_| wave(&|_| 0.0)).collect();
        let sequence = Sequence::from_channels(INPUTS, &x, 3, &targets, STEPS).unwrap();
        Inputs { sequences: Some(Arc::new(vec![sequence])), ..Inputs::default() }
    }

    /// Rates and burst probabilities at every step, and final weights. With feedback weights that learn, however little,
    /// every step is computed.
    fn numbers(&self, engine: &str, feedback_rate: f64) -> Vec<f64> {
        let config = RunConfig::from_values(&values(&[
            ("network.layers", Value::List(self.layers.iter().map(|n| Value::Int(*n)).collect())),
            ("network.dynamics", self.dynamics.into()),
            ("teaching.target_fraction", self.taught.into()),
            ("signals.kind", "files".into()),
            ("signals.inputs", "in memory".into()),
            ("signals.targets", "in memory".into()),
            // Fast learning soon amplifies rounding beyond any bound.
            ("training.epochs", Value::Int(if self.rate > 1.0 { 1 } else { 3 })),
            ("learning_rate.hidden", self.rate.into()),
            ("training.engine", engine.into()),
            ("learning_rate.feedback", feedback_rate.into()),
        ]))
        .expect("a configuration");
        let (result, steps) = record(&config, &self.inputs(), self.seed);
        let mut numbers: Vec<f64> = result.weights().forward.iter().flat_map(|w| w.iter().copied()).collect();
        for recorded in steps {
            numbers.extend(recorded.step.output);
            numbers.extend(recorded.step.event_rate.concat());
            numbers.extend(recorded.step.burst_probability.concat());
        }
        numbers
    }

    fn check(&self) {
        let largest =
            |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0_f64, |largest, (a, b)| largest.max((a - b).abs()));
        let (by_nodes, every_step, reference) =
            (self.numbers("fast", 0.0), self.numbers("fast", 1e-30), self.numbers("reference", 0.0));
        // Mostly below 10⁻⁶ and hardly ever above 10⁻⁵; fast learning can amplify rounding beyond any bound, where every
        // step is computed too.
        let rounding = largest(&every_step, &reference);
        let off = largest(&by_nodes, &every_step);
        assert!(off < f64::max(3e-5, 10.0 * rounding), "{off:e} from every step, which is {rounding:e} from float64");
    }
}

fn jumps() -> impl Strategy<Value = Jump> {
    let shapes = vec![
        Shape::Square(7),
        Shape::Square(40),
        Shape::Square(130),
        Shape::Glitch,
        Shape::Step,
        Shape::Pulses(12),
        Shape::Pulses(100),
        Shape::Kink,
    ];
    (
        0..1_u64 << 40,
        prop::sample::select(shapes),
        prop::sample::select(vec![Where::One, Where::Pair, Where::All]),
        -7.0..0.0_f64,
        prop::sample::select(vec!["pipelined", "original_2017"]),
        prop::sample::select(vec![0.02, 0.05, 0.2]),
        prop::sample::select(vec![vec![64, 30, 3], vec![64, 20, 20, 3]]),
        prop::sample::select(vec![1.0, 1.0, 5.0, 20.0]),
    )
        .prop_map(|(seed, shape, place, size, dynamics, taught, layers, rate)| Jump {
            seed,
            shape,
            place,
            size: burstnet_core::math::exp(size * std::f64::consts::LN_10),
            dynamics,
            taught,
            layers,
            rate,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_size_at_any_place(jump in jumps()) {
        jump.check();
    }
}

#[test]
fn of_two_inputs_that_jump_in_opposite_directions() {
    for seed in 0..40 {
        let layers = vec![INPUTS as i64, 30, 3];
        let (shape, place) = (Shape::Square(100), Where::Pair);
        Jump { seed, shape, place, size: 0.5, dynamics: "pipelined", taught: 0.05, layers, rate: 1.0 }.check();
    }
}
