//! Many oscillations at once, step by step.

use crate::math::{cos, sin};

/// amplitude × cos(frequency × t + phase), frequency and phase in radians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cosine {
    pub(super) amplitude: f64,
    pub(super) frequency: f64,
    pub(super) phase: f64,
}

impl Cosine {
    pub(super) fn at(&self, t: f64) -> f64 {
        self.amplitude * cos(self.frequency * t + self.phase)
    }
}

/// Cosines at the same step, which turn by one step at a time: a rotation costs four products, a cosine far more.
pub(super) struct Oscillators {
    x: Vec<f64>,
    y: Vec<f64>,
    cos: Vec<f64>,
    sin: Vec<f64>,
}

impl Oscillators {
    pub(super) fn new(cosines: &[Cosine]) -> Self {
        Self {
            x: cosines.iter().map(|c| c.amplitude * cos(c.phase)).collect(),
            y: cosines.iter().map(|c| c.amplitude * sin(c.phase)).collect(),
            cos: cosines.iter().map(|c| cos(c.frequency)).collect(),
            sin: cosines.iter().map(|c| sin(c.frequency)).collect(),
        }
    }

    /// The value of each at this step.
    pub(super) fn values(&self) -> &[f64] {
        &self.x
    }

    /// On to the next step.
    pub(super) fn advance(&mut self) {
        for (((x, y), cos), sin) in self.x.iter_mut().zip(&mut self.y).zip(&self.cos).zip(&self.sin) {
            (*x, *y) = (*x * cos - *y * sin, *x * sin + *y * cos);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oscillators_follow_the_cosine() {
        let cosines = [Cosine { amplitude: 0.3, frequency: 0.03, phase: 0.7 }];
        let mut oscillators = Oscillators::new(&cosines);
        for t in 0..100_000 {
            assert!((oscillators.values()[0] - cosines[0].at(f64::from(t))).abs() < 1e-10, "{t}");
            oscillators.advance();
        }
    }
}
