//! The signals of the 2017 program's README: every channel is the sum of a sine and a cosine.
//!
//! 0.2 + ½ (sin(a t + b) + 1) c + ½ (cos(d t + e) + 1) f, with all six parameters uniform in their ranges.

use super::Sequence;
use crate::config::{RunConfig, SignalRanges};
use crate::math::{cos, sin};
use crate::matrix::Matrix;
use crate::streams::{Purpose, Stream};

/// The one sequence of `seed`. Inputs and targets have a stream each, so one's number does not shift the other.
pub(super) fn draw(config: &RunConfig, seed: u64) -> Sequence {
    let steps = config.signals.length;
    let channels = |purpose, n| {
        let mut stream = Stream::new(seed, purpose);
        let waves: Vec<Wave> = (0..n).map(|_| Wave::draw(&config.signals.ranges, &mut stream)).collect();
        Matrix::from_fn(steps, n, |t, channel| waves[channel].at(t as f64))
    };
    Sequence {
        inputs: channels(Purpose::InputSignals, config.inputs()),
        targets: channels(Purpose::TargetSignals, config.outputs()),
    }
}

struct Wave {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    e: f64,
    f: f64,
}

impl Wave {
    fn draw(ranges: &SignalRanges, stream: &mut Stream) -> Self {
        let mut uniform = |(low, high)| stream.uniform(low, high);
        Self {
            a: uniform(ranges.sine_frequency),
            b: uniform(ranges.phase),
            c: uniform(ranges.amplitude),
            d: uniform(ranges.cosine_frequency),
            e: uniform(ranges.phase),
            f: uniform(ranges.amplitude),
        }
    }

    fn at(&self, t: f64) -> f64 {
        let Self { a, b, c, d, e, f } = self;
        0.2 + 0.5 * (sin(a * t + b) + 1.0) * c + 0.5 * (cos(d * t + e) + 1.0) * f
    }
}
