//! The signals of the 2017 program's README: every channel is the sum of a sine and a cosine.
//!
//! 0.2 + ½ (sin(a t + b) + 1) c + ½ (cos(d t + e) + 1) f, with all six parameters uniform in their ranges.

use ndarray::Array2;

use super::Sequence;
use super::oscillators::{Cosine, Oscillators};
use crate::arrays::row_mut;
use crate::config::{RunConfig, Signals};
use crate::streams::{Purpose, Stream};

/// The one sequence of `seed`. Inputs and targets have a stream each, so one's number does not shift the other.
pub(super) fn draw(config: &RunConfig, seed: u64) -> Sequence {
    let steps = config.signals.length;
    let channels = |purpose, n| {
        let mut stream = Stream::new(seed, purpose);
        let waves: Vec<Wave> = (0..n).map(|_| Wave::draw(&config.signals, &mut stream)).collect();
        render(&waves, steps)
    };
    Sequence {
        inputs: channels(Purpose::InputSignals, config.inputs()),
        targets: channels(Purpose::TargetSignals, config.outputs()),
    }
}

/// One channel: level + a cosine + another, of which the first is the sine of the formula.
struct Wave {
    level: f64,
    sine: Cosine,
    cosine: Cosine,
}

impl Wave {
    fn draw(signals: &Signals, stream: &mut Stream) -> Self {
        let mut uniform = |(low, high)| stream.uniform(low, high);
        let a = uniform(signals.sine_frequency);
        let b = uniform(signals.phase);
        let c = uniform(signals.amplitude);
        let d = uniform(signals.cosine_frequency);
        let e = uniform(signals.phase);
        let f = uniform(signals.amplitude);
        Self {
            level: 0.2 + 0.5 * c + 0.5 * f,
            sine: Cosine { amplitude: 0.5 * c, frequency: a, phase: b - std::f64::consts::FRAC_PI_2 },
            cosine: Cosine { amplitude: 0.5 * f, frequency: d, phase: e },
        }
    }
}

/// Waves over time, steps × waves.
fn render(waves: &[Wave], steps: usize) -> Array2<f64> {
    let mut sines = Oscillators::new(&waves.iter().map(|wave| wave.sine).collect::<Vec<_>>());
    let mut cosines = Oscillators::new(&waves.iter().map(|wave| wave.cosine).collect::<Vec<_>>());
    let mut signals = Array2::zeros((steps, waves.len()));
    for t in 0..steps {
        let values = waves.iter().zip(sines.values()).zip(cosines.values());
        for (x, ((wave, sine), cosine)) in row_mut(&mut signals, t).iter_mut().zip(values) {
            *x = wave.level + sine + cosine;
        }
        sines.advance();
        cosines.advance();
    }
    signals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{cos, sin};

    #[test]
    fn waves_are_those_of_the_formula() {
        let (a, b, c, d, e, f) = (0.037, 11.0, 0.25, 0.012, 3.0, 0.15);
        let waves = [Wave {
            level: 0.2 + 0.5 * c + 0.5 * f,
            sine: Cosine { amplitude: 0.5 * c, frequency: a, phase: b - std::f64::consts::FRAC_PI_2 },
            cosine: Cosine { amplitude: 0.5 * f, frequency: d, phase: e },
        }];
        let signals = render(&waves, 5000);
        for step in 0..5000 {
            let t = step as f64;
            let expected = 0.2 + 0.5 * (sin(a * t + b) + 1.0) * c + 0.5 * (cos(d * t + e) + 1.0) * f;
            assert!((signals[[step, 0]] - expected).abs() < 1e-11, "{step}");
        }
    }
}
