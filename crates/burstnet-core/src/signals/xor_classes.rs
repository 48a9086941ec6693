//! Classes of sequences whose targets are an exclusive or of two inputs.
//!
//! Canonical input i of a class is A cos(B t + C) + 0.5; a canonical target is 0.8 where exactly one of two of the
//! class's inputs exceeds the threshold, else 0.2, and then smoothed by a [`SmoothingSpline`] over every fifth step.
//! An example multiplies each channel, input and target, by A cos(B t + C) + 1 and adds D cos(E t + F), with
//! parameters drawn anew per channel and example.

use ndarray::Array2;

use super::oscillators::{Cosine, Oscillators};
use super::smoothing_spline::SmoothingSpline;
use super::{Sequence, Set};
use crate::arrays::row_mut;
use crate::config::{RunConfig, Signals};
use crate::streams::{Purpose, Stream};

/// Steps between the samples that the spline smooths.
const SAMPLE_SPACING: usize = 5;
/// Examples have a stream each: class × this + example; the test example is the last.
const EXAMPLE_STREAMS: u64 = 1 << 20;

#[derive(Clone, Debug)]
pub(super) struct XorClasses {
    seed: u64,
    signals: Signals,
    classes: Vec<Class>,
}

#[derive(Clone, Debug)]
struct Class {
    inputs: Vec<Cosine>,
    targets: Array2<f64>, // (steps, units)
}

impl XorClasses {
    pub(super) fn draw(config: &RunConfig, seed: u64) -> Self {
        let signals = &config.signals;
        let steps = signals.length;
        let classes = (0..signals.classes as u64).map(|class| {
            let mut stream = Stream::part(seed, Purpose::InputSignals, class);
            let inputs: Vec<Cosine> = (0..config.inputs())
                .map(|_| {
                    draw_cosine(
                        &mut stream,
                        signals.canonical_amplitude,
                        signals.canonical_frequency,
                        signals.canonical_phase,
                    )
                })
                .collect();
            let mut stream = Stream::part(seed, Purpose::TargetSignals, class);
            let units: Vec<SmoothingSpline> = (0..config.outputs())
                .map(|_| {
                    let [a, b] = two_of(inputs.len() as u64, &mut stream);
                    let high = |t: f64, i: usize| inputs[i].at(t) + 0.5 > signals.threshold;
                    let samples: Vec<f64> = (0..steps)
                        .step_by(SAMPLE_SPACING)
                        .map(|t| if high(t as f64, a) != high(t as f64, b) { 0.8 } else { 0.2 })
                        .collect();
                    SmoothingSpline::fit(&samples, SAMPLE_SPACING as f64, signals.smoothing)
                })
                .collect();
            let targets = Array2::from_shape_fn((steps, units.len()), |(t, unit)| units[unit].at(t as f64));
            Class { inputs, targets }
        });
        Self { seed, classes: classes.collect(), signals: signals.clone() }
    }

    pub(super) fn steps(&self) -> usize {
        self.signals.length
    }

    pub(super) fn count(&self, set: Set) -> usize {
        match set {
            Set::Training => self.classes.len() * self.signals.examples_per_class,
            Set::Test => self.classes.len(),
        }
    }

    pub(super) fn class(&self, set: Set, index: usize) -> usize {
        match set {
            Set::Training => index / self.signals.examples_per_class,
            Set::Test => index,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let class = |class: &Class| class.inputs.len() * size_of::<Cosine>() + 8 * class.targets.len();
        self.classes.iter().map(class).sum()
    }

    pub(super) fn blank(&self) -> Sequence {
        Sequence::zeros(self.signals.length, self.classes[0].inputs.len(), self.classes[0].targets.ncols())
    }

    /// Renders example `index` of a set.
    pub(super) fn render(&self, set: Set, index: usize, sequence: &mut Sequence) {
        let class = self.class(set, index);
        let example = match set {
            Set::Training => (index % self.signals.examples_per_class) as u64,
            Set::Test => EXAMPLE_STREAMS - 1,
        };
        let mut stream = Stream::part(self.seed, Purpose::Examples, class as u64 * EXAMPLE_STREAMS + example);
        let class = &self.classes[class];
        let mut canonical = Oscillators::new(&class.inputs);
        let (mut gain, mut offset) = self.perturbations(class.inputs.len(), &mut stream);
        for t in 0..self.signals.length {
            let oscillations = canonical.values().iter().zip(gain.values()).zip(offset.values());
            for (x, ((canonical, gain), offset)) in row_mut(&mut sequence.inputs, t).iter_mut().zip(oscillations) {
                *x = (canonical + 0.5) * (gain + 1.0) + offset;
            }
            canonical.advance();
            gain.advance();
            offset.advance();
        }
        let (mut gain, mut offset) = self.perturbations(class.targets.ncols(), &mut stream);
        for t in 0..self.signals.length {
            for (k, target) in row_mut(&mut sequence.targets, t).iter_mut().enumerate() {
                *target = class.targets[[t, k]] * (gain.values()[k] + 1.0) + offset.values()[k];
            }
            gain.advance();
            offset.advance();
        }
    }

    fn perturbations(&self, channels: usize, stream: &mut Stream) -> (Oscillators, Oscillators) {
        let signals = &self.signals;
        let mut draw =
            |amplitude| draw_cosine(stream, amplitude, signals.perturbation_frequency, signals.perturbation_phase);
        let both: Vec<(Cosine, Cosine)> =
            (0..channels).map(|_| (draw(signals.gain_amplitude), draw(signals.offset_amplitude))).collect();
        let (gain, offset): (Vec<Cosine>, Vec<Cosine>) = both.into_iter().unzip();
        (Oscillators::new(&gain), Oscillators::new(&offset))
    }
}

/// Two different numbers below `n`.
fn two_of(n: u64, stream: &mut Stream) -> [usize; 2] {
    let a = stream.below(n);
    let b = stream.below(n - 1);
    [a as usize, (b + u64::from(b >= a)) as usize]
}

fn draw_cosine(stream: &mut Stream, amplitude: (f64, f64), frequency: (f64, f64), phase: (f64, f64)) -> Cosine {
    let mut uniform = |(low, high)| stream.uniform(low, high);
    Cosine { amplitude: uniform(amplitude), frequency: uniform(frequency), phase: uniform(phase) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Value, keys};

    fn classes(examples_per_class: i64) -> XorClasses {
        let mut values = keys::schema().defaults();
        values.set("network.layers", Value::from(vec![20_i64, 5, 3]));
        values.set("signals.kind", "xor_classes".into());
        values.set("signals.classes", Value::Int(4));
        values.set("signals.examples_per_class", Value::Int(examples_per_class));
        XorClasses::draw(&RunConfig::from_values(&values).unwrap(), 5)
    }

    fn rendered(classes: &XorClasses, set: Set, index: usize) -> Sequence {
        let mut sequence = classes.blank();
        classes.render(set, index, &mut sequence);
        sequence
    }

    #[test]
    fn examples_stay_near_their_class_and_differ_from_each_other() {
        let classes = classes(3);
        assert_eq!((classes.count(Set::Training), classes.count(Set::Test)), (12, 4));
        let (first, second) = (rendered(&classes, Set::Training, 6), rendered(&classes, Set::Training, 7));
        let test = rendered(&classes, Set::Test, 2);
        assert_eq!([classes.class(Set::Training, 6), classes.class(Set::Test, 2)], [2, 2]);
        assert!(first != second && first != test);
        for t in 0..2000 {
            for (i, x) in first.input(t).iter().enumerate() {
                let canonical = classes.classes[2].inputs[i].at(t as f64) + 0.5;
                assert!((x - canonical).abs() <= 0.1 * canonical + 0.05 + 1e-9, "t {t} input {i}");
            }
            for (k, target) in first.target(t).iter().enumerate() {
                let canonical = classes.classes[2].targets[[t, k]];
                assert!((0.0..1.0).contains(&canonical), "smoothed between 0.2 and 0.8, give or take");
                assert!((target - canonical).abs() <= 0.1 * canonical + 0.05 + 1e-9, "t {t} target {k}");
            }
        }
    }

    #[test]
    fn targets_are_high_where_one_input_is() {
        // Smoothing moves a target by little on average: its squared residuals at 400 samples sum to 10 at most.
        let classes = classes(1);
        for class in &classes.classes {
            let mean_square: f64 = class.targets.iter().map(|x| (x - 0.5) * (x - 0.5)).sum::<f64>() / 6000.0;
            assert!((0.02..0.1).contains(&mean_square), "{mean_square}");
        }
    }

    #[test]
    fn more_examples_leave_the_others_as_they_are() {
        let (few, many) = (classes(2), classes(5));
        assert_eq!(rendered(&few, Set::Training, 5), rendered(&many, Set::Training, 11)); // class 2, example 1
        assert_eq!(rendered(&few, Set::Test, 3), rendered(&many, Set::Test, 3));
    }

    #[test]
    fn two_of_gives_every_pair() {
        let mut stream = Stream::new(3, Purpose::TargetSignals);
        let mut seen = [[0; 3]; 3];
        for _ in 0..900 {
            let [a, b] = two_of(3, &mut stream);
            seen[a][b] += 1;
        }
        for (a, row) in seen.iter().enumerate() {
            for (b, &n) in row.iter().enumerate() {
                assert_eq!(a == b, n == 0, "{seen:?}");
            }
        }
    }
}
