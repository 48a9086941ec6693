//! Every key of a run file, with its kind, default and meaning: the one place where they stand.

use super::{CurveWord, Dynamics, Engine, FeedbackRule, HiddenRule, Key, Kind, Schema, SignalKind, Value};

/// The largest weight, bias or feedback weight that a run may start with or reach; beyond it a run has diverged.
pub const LARGEST_WEIGHT: f64 = 1e6;
/// The most units in a layer.
const MOST_UNITS: i64 = 1_000_000;
/// The most layers: each hidden one is a column of the tables.
const MOST_LAYERS: usize = 1000;
/// Rates are bounded by nothing but what a float holds: how a run explodes is a result too.
const ANY_RATE: f64 = f64::MAX;

/// The keys of a run of the burst network.
pub fn schema() -> Schema {
    let fraction = || Kind::Number { min: 0.0, max: 1.0 };
    let range = |min, max| Kind::Range { min, max };
    let pair = |low: f64, high: f64| Value::from(vec![low, high]);
    let key = |path: &'static str, kind, default: Value, doc: &'static str| Key {
        path: path.into(),
        kind,
        default,
        doc: doc.into(),
    };
    Schema::new(vec![
        key(
            "network.layers",
            Kind::Sizes { at_least: 2, at_most: MOST_LAYERS, max: MOST_UNITS },
            Value::from(vec![500_i64, 200, 3]),
            "Units per layer: inputs, hidden layers (none, one or more), outputs.",
        ),
        key(
            "network.dynamics",
            Kind::Word(Dynamics::WORDS),
            Dynamics::Pipelined.word().into(),
            "When each stage of a step runs and what it reads.",
        ),
        key(
            "network.weight_range",
            Kind::Number { min: 0.0, max: LARGEST_WEIGHT },
            0.1.into(),
            "Initial feedforward weights are uniform between minus and plus this.",
        ),
        key(
            "network.bias",
            Kind::Number { min: -LARGEST_WEIGHT, max: LARGEST_WEIGHT },
            0.1.into(),
            "Initial bias of every hidden and output unit.",
        ),
        key(
            "network.initial_weights",
            Kind::Folder,
            Value::Null,
            "Folder with W_m.npy, b_m.npy and Y_m.npy to start from in place of drawn weights.",
        ),
        key("feedback.density", fraction(), 1.0.into(), "Probability that a feedback connection exists."),
        key(
            "feedback.weight_range",
            Kind::Number { min: 0.0, max: LARGEST_WEIGHT },
            1.0.into(),
            "Initial feedback weights are uniform between minus and plus this.",
        ),
        key("teaching.target_fraction", fraction(), 0.05.into(), "Fraction of the steps that are taught."),
        key(
            "teaching.mask",
            Kind::File,
            Value::Null,
            ".npy of bool (epochs, steps of an epoch): the taught steps, in place of drawn ones.",
        ),
        key(
            "learning_rate.hidden",
            Kind::RateOrRates { max: ANY_RATE },
            1.0.into(),
            "Learning rate of the hidden layers' feedforward weights: one for all, or a list with one per layer.",
        ),
        key(
            "learning_rate.output",
            Kind::Number { min: 0.0, max: ANY_RATE },
            0.05.into(),
            "Learning rate of the output layer's feedforward weights.",
        ),
        key(
            "learning_rate.feedback",
            Kind::RateOrRates { max: ANY_RATE },
            0.0.into(),
            "Learning rate of the feedback weights: one for all hidden layers, or a list with one per layer.",
        ),
        key(
            "plasticity.hidden_rule",
            Kind::Word(HiddenRule::WORDS),
            HiddenRule::BurstProbability.word().into(),
            "Which change of the burst signal teaches the hidden layers.",
        ),
        key(
            "plasticity.feedback_rule",
            Kind::Word(FeedbackRule::WORDS),
            FeedbackRule::Gradient.word().into(),
            "How the feedback weights learn, where their rate is above 0.",
        ),
        key(
            "plasticity.weight_decay",
            fraction(),
            0.0.into(),
            "Share of a weight that is lost each time its layer learns.",
        ),
        key(
            "signals.kind",
            Kind::Word(SignalKind::WORDS),
            SignalKind::Sinusoids.word().into(),
            "What the network is shown.",
        ),
        key(
            "signals.length",
            Kind::Integer { min: 1, max: 100_000_000 },
            Value::Int(2000),
            "Steps of a sequence (sinusoids, xor_classes).",
        ),
        key(
            "signals.inputs",
            Kind::File,
            Value::Null,
            "files: .npy of shape (inputs, steps) or (sequences, inputs, steps), float32 or float64.",
        ),
        key(
            "signals.targets",
            Kind::File,
            Value::Null,
            "files: .npy of shape (outputs, steps) or (sequences, outputs, steps), float32 or float64.",
        ),
        key("signals.sine_frequency", range(0.0, 1e6), pair(0.01, 0.04), "sinusoids: range of a, radians per step."),
        key("signals.cosine_frequency", range(0.0, 1e6), pair(0.01, 0.05), "sinusoids: range of d, radians per step."),
        key("signals.phase", range(-1e6, 1e6), pair(0.0, 20.0), "sinusoids: range of the phases b and e, radians."),
        key("signals.amplitude", range(0.0, 0.4), pair(0.1, 0.3), "sinusoids: range of the amplitudes c and f."),
        key(
            "signals.classes",
            Kind::Integer { min: 1, max: 10_000 },
            Value::Int(10),
            "xor_classes: number of classes.",
        ),
        key(
            "signals.examples_per_class",
            Kind::Integer { min: 1, max: 100_000 },
            Value::Int(10),
            "xor_classes: training examples of each class.",
        ),
        key(
            "signals.threshold",
            Kind::Number { min: -1e6, max: 1e6 },
            0.5.into(),
            "xor_classes: a target is high where exactly one of its two inputs exceeds this.",
        ),
        key(
            "signals.smoothing",
            Kind::Number { min: 0.0, max: 1e9 },
            10.0.into(),
            "xor_classes: sum of squared residuals of the spline that smooths the targets; 0 interpolates.",
        ),
        key(
            "signals.canonical_amplitude",
            range(0.0, 1e6),
            pair(0.2, 0.4),
            "xor_classes: amplitude of a class's inputs.",
        ),
        key(
            "signals.canonical_frequency",
            range(0.0, 1e6),
            pair(0.005, 0.03),
            "xor_classes: frequency of a class's inputs, radians per step.",
        ),
        key(
            "signals.canonical_phase",
            range(-1e6, 1e6),
            pair(0.0, 1.0),
            "xor_classes: phase of a class's inputs, radians.",
        ),
        key(
            "signals.gain_amplitude",
            range(0.0, 1e6),
            pair(0.05, 0.1),
            "xor_classes: amplitude of the oscillation that multiplies each channel of an example.",
        ),
        key(
            "signals.offset_amplitude",
            range(0.0, 1e6),
            pair(0.01, 0.05),
            "xor_classes: amplitude of the oscillation that is added to each channel of an example.",
        ),
        key(
            "signals.perturbation_frequency",
            range(0.0, 1e6),
            pair(0.005, 0.05),
            "xor_classes: frequency of both oscillations, radians per step.",
        ),
        key(
            "signals.perturbation_phase",
            range(-1e6, 1e6),
            pair(0.0, 1.0),
            "xor_classes: phase of both oscillations, radians.",
        ),
        key(
            "training.epochs",
            Kind::Integer { min: 1, max: 1_000_000_000 },
            Value::Int(100),
            "How often all training sequences are shown.",
        ),
        key(
            "training.engine",
            Kind::Word(Engine::WORDS),
            Engine::Fast.word().into(),
            "fast: float32, many steps at a time; reference: the plain program in float64.",
        ),
        key(
            "evaluation.generation",
            Kind::Flag,
            false.into(),
            "Whether a further pass measures how the network goes on when bursts drive it.",
        ),
        key(
            "evaluation.curve_window",
            Kind::CountOrWord { max: 1_000_000_000, words: CurveWord::WORDS },
            CurveWord::Epoch.word().into(),
            "Steps per point of the loss curves.",
        ),
        key(
            "evaluation.loss_threshold",
            Kind::OptionalNumber { min: 0.0, max: f64::MAX },
            Value::Null,
            "epochs_to_threshold counts the epochs until the training loss first falls under this.",
        ),
    ])
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
