//! Every key of a run file, with its kind, default and meaning, and the structs that hold their values: the one place
//! where they stand.

use std::path::PathBuf;

use super::held::Held;
use super::{
    ConfigError, Configuration, CurveWindow, CurveWord, Dynamics, Engine, FeedbackRule, HiddenRule, Key, Kind, Schema,
    SignalKind, Value,
};

/// The largest weight, bias or feedback weight that a run may start with or reach; beyond it a run has diverged.
pub const LARGEST_WEIGHT: f64 = 1e6;
/// The most units in a layer.
const MOST_UNITS: i64 = 1_000_000;
/// The most layers: each hidden one is a column of the tables.
const MOST_LAYERS: usize = 1000;
/// Rates are bounded by nothing but what a float holds: how a run explodes is a result too.
const ANY_RATE: f64 = f64::MAX;
/// A part of a whole.
const FRACTION: Kind = number(0.0, 1.0);

const fn integer(min: i64, max: i64) -> Kind {
    Kind::Integer { min, max }
}

const fn number(min: f64, max: f64) -> Kind {
    Kind::Number { min, max }
}

const fn range(min: f64, max: f64) -> Kind {
    Kind::Range { min, max }
}

/// Declares the keys by section, each as `key: type = default, kind`: a struct per section, [`RunConfig`] and [`schema`].
macro_rules! keys {
    ($($section:ident: $name:ident {
        $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr, $kind:expr;)+
    })+) => {
        $(
            #[doc = concat!("Section `", stringify!($section), "`.")]
            #[derive(Clone, Debug, PartialEq)]
            pub struct $name {
                $($(#[doc = $doc])+ pub $key: $type),+
            }
        )+

        /// A run's configuration; every field is in its documented range, and they fit together.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each is the section of the same name")]
        pub struct RunConfig {
            $(pub $section: $name),+
        }

        impl RunConfig {
            /// Reads values that fit their keys.
            pub(super) fn read(values: &Configuration) -> Result<Self, ConfigError> {
                Ok(Self {
                    $($section: $name {
                        $($key: Held::read(values, concat!(stringify!($section), ".", stringify!($key)))?),+
                    }),+
                })
            }
        }

        /// The keys of a run of the burst network.
        pub fn schema() -> Schema {
            Schema::new(vec![$($(Key {
                path: concat!(stringify!($section), ".", stringify!($key)).into(),
                kind: $kind,
                default: Value::from($default),
                doc: concat!($($doc),+).trim().into(),
            }),+),+])
        }
    };
}

keys! {
    network: Network {
        /// Units per layer: inputs, hidden layers (none, one or more), outputs.
        layers: Vec<usize> = vec![500, 200, 3], Kind::Sizes { at_least: 2, at_most: MOST_LAYERS, max: MOST_UNITS };
        /// When each stage of a step runs and what it reads.
        dynamics: Dynamics = Dynamics::Pipelined, Kind::Word(Dynamics::WORDS);
        /// Initial feedforward weights are uniform between minus and plus this.
        weight_range: f64 = 0.1, number(0.0, LARGEST_WEIGHT);
        /// Initial bias of every hidden and output unit.
        bias: f64 = 0.1, number(-LARGEST_WEIGHT, LARGEST_WEIGHT);
        /// Folder with W_m.npy, b_m.npy and Y_m.npy to start from in place of drawn weights.
        initial_weights: Option<PathBuf> = Value::Null, Kind::Folder;
    }
    feedback: Feedback {
        /// Probability that a feedback connection exists.
        density: f64 = 1.0, FRACTION;
        /// Initial feedback weights are uniform between minus and plus this.
        weight_range: f64 = 1.0, number(0.0, LARGEST_WEIGHT);
    }
    teaching: Teaching {
        /// Fraction of the steps that are taught.
        target_fraction: f64 = 0.05, FRACTION;
        /// .npy of bool (epochs, steps of an epoch): the taught steps, in place of drawn ones.
        mask: Option<PathBuf> = Value::Null, Kind::File;
    }
    learning_rate: LearningRate {
        /// Learning rate of the hidden layers' feedforward weights: one for all, or a list with one per layer.
        hidden: Vec<f64> = 1.0, Kind::RateOrRates { max: ANY_RATE };
        /// Learning rate of the output layer's feedforward weights.
        output: f64 = 0.05, number(0.0, ANY_RATE);
        /// Learning rate of the feedback weights: one for all hidden layers, or a list with one per layer.
        feedback: Vec<f64> = 0.0, Kind::RateOrRates { max: ANY_RATE };
    }
    plasticity: Plasticity {
        /// Which change of the burst signal teaches the hidden layers.
        hidden_rule: HiddenRule = HiddenRule::BurstProbability, Kind::Word(HiddenRule::WORDS);
        /// How the feedback weights learn, where their rate is above 0.
        feedback_rule: FeedbackRule = FeedbackRule::Gradient, Kind::Word(FeedbackRule::WORDS);
        /// Share of a weight that is lost each time its layer learns.
        weight_decay: f64 = 0.0, FRACTION;
    }
    signals: Signals {
        /// The kind of signals that the network is shown.
        kind: SignalKind = SignalKind::Sinusoids, Kind::Word(SignalKind::WORDS);
        /// Steps of a sequence (sinusoids, xor_classes).
        length: usize = 2000, integer(1, 100_000_000);
        /// files: .npy of shape (inputs, steps) or (sequences, inputs, steps), float32 or float64.
        inputs: Option<PathBuf> = Value::Null, Kind::File;
        /// files: .npy of shape (outputs, steps) or (sequences, outputs, steps), float32 or float64.
        targets: Option<PathBuf> = Value::Null, Kind::File;
        /// sinusoids: range of a, radians per step.
        sine_frequency: (f64, f64) = vec![0.01, 0.04], range(0.0, 1e6);
        /// sinusoids: range of d, radians per step.
        cosine_frequency: (f64, f64) = vec![0.01, 0.05], range(0.0, 1e6);
        /// sinusoids: range of the phases b and e, radians.
        phase: (f64, f64) = vec![0.0, 20.0], range(-1e6, 1e6);
        /// sinusoids: range of the amplitudes c and f.
        amplitude: (f64, f64) = vec![0.1, 0.3], range(0.0, 0.4);
        /// xor_classes: number of classes.
        classes: usize = 10, integer(1, 10_000);
        /// xor_classes: training examples of each class.
        examples_per_class: usize = 10, integer(1, 100_000);
        /// xor_classes: a target is high where exactly one of its two inputs exceeds this.
        threshold: f64 = 0.5, number(-1e6, 1e6);
        /// xor_classes: sum of squared residuals of the spline that smooths the targets; 0 interpolates.
        smoothing: f64 = 10.0, number(0.0, 1e9);
        /// xor_classes: amplitude of a class's inputs.
        canonical_amplitude: (f64, f64) = vec![0.2, 0.4], range(0.0, 1e6);
        /// xor_classes: frequency of a class's inputs, radians per step.
        canonical_frequency: (f64, f64) = vec![0.005, 0.03], range(0.0, 1e6);
        /// xor_classes: phase of a class's inputs, radians.
        canonical_phase: (f64, f64) = vec![0.0, 1.0], range(-1e6, 1e6);
        /// xor_classes: amplitude of the oscillation that multiplies each channel of an example.
        gain_amplitude: (f64, f64) = vec![0.05, 0.1], range(0.0, 1e6);
        /// xor_classes: amplitude of the oscillation that is added to each channel of an example.
        offset_amplitude: (f64, f64) = vec![0.01, 0.05], range(0.0, 1e6);
        /// xor_classes: frequency of both oscillations, radians per step.
        perturbation_frequency: (f64, f64) = vec![0.005, 0.05], range(0.0, 1e6);
        /// xor_classes: phase of both oscillations, radians.
        perturbation_phase: (f64, f64) = vec![0.0, 1.0], range(-1e6, 1e6);
    }
    training: Training {
        /// How often all training sequences are shown.
        epochs: u64 = 100, integer(1, 1_000_000_000);
        /// fast: float32, many steps at a time; reference: the plain program in float64.
        engine: Engine = Engine::Fast, Kind::Word(Engine::WORDS);
    }
    evaluation: Evaluation {
        /// True for a further pass that measures how the network goes on when bursts drive it.
        generation: bool = false, Kind::Flag;
        /// Steps per point of the loss curves.
        curve_window: CurveWindow = CurveWord::Epoch, Kind::CountOrWord { max: 1_000_000_000, words: CurveWord::WORDS };
        /// epochs_to_threshold counts the epochs until the training loss first falls under this.
        loss_threshold: Option<f64> = Value::Null, Kind::OptionalNumber { min: 0.0, max: f64::MAX };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_fits_its_kind() {
        for key in schema().keys() {
            assert_eq!(key.kind.accept(&key.default).as_ref(), Some(&key.default), "{}", key.path);
        }
    }
}
