//! The covariance of two points: a Matérn kernel of order 5/2 with a length scale per axis (Rasmussen & Williams, Gaussian
//! Processes for Machine Learning, 2006, section 4.2).
//!
//! Every axis is mapped into a Euclidean space, so that the kernel is positive definite on points of any kind:
//!
//! - numbers lie where their coordinates are;
//! - two different values without an order are at distance 1;
//! - a key that does not exist lies beside the middle of the range, at a distance of ½ from it. Two points without the key
//!   do not differ along its axis.

use burstnet_core::math::exp;

use crate::search::samplers::AxisKind;

/// A point, without the coordinates that do not exist there.
pub(super) type Held = Vec<Option<f64>>;

/// The square of the distance of a key that does not exist from the middle of its range.
const ABSENT: f64 = 0.25;
/// The constant √5.
const SQRT_5: f64 = 2.236_067_977_499_79;

/// Returns the square of the distance of two coordinates along an axis.
pub(super) fn gap(kind: AxisKind, a: Option<f64>, b: Option<f64>) -> f64 {
    match (a, b, kind) {
        (None, None, _) => 0.0,
        (Some(a), Some(b), AxisKind::Unordered(_)) => f64::from(u8::from(kind.index(a) != kind.index(b))),
        (Some(a), Some(b), _) => (a - b) * (a - b),
        (Some(_), None, AxisKind::Unordered(_)) | (None, Some(_), AxisKind::Unordered(_)) => 1.0,
        (Some(a), None, _) | (None, Some(a), _) => (a - 0.5) * (a - 0.5) + ABSENT,
    }
}

/// A covariance function.
#[derive(Clone, Debug)]
pub(super) struct Covariance {
    pub(super) axes: Vec<AxisKind>,
    /// The inverse squares of the length scales, by axis.
    pub(super) weights: Vec<f64>,
    /// The variance.
    pub(super) amplitude: f64,
}

impl Covariance {
    /// Returns the covariance of two points, and its derivative by the square of their scaled distance.
    pub(super) fn at(&self, a: &Held, b: &Held) -> (f64, f64) {
        let along = |at: usize| self.weights[at] * gap(self.axes[at], a[at], b[at]);
        self.of_square((0..self.axes.len()).map(along).sum())
    }

    /// Does the same for the square of their scaled distance.
    pub(super) fn of_square(&self, square: f64) -> (f64, f64) {
        let r = SQRT_5 * square.sqrt();
        let falling = self.amplitude * exp(-r);
        ((1.0 + r + 5.0 / 3.0 * square) * falling, -5.0 / 6.0 * (1.0 + r) * falling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_that_of_the_book() {
        let covariance = Covariance { axes: vec![AxisKind::Range], weights: vec![4.0], amplitude: 3.0 };
        let (value, slope) = covariance.at(&vec![Some(0.2)], &vec![Some(0.7)]);
        let r = SQRT_5; // a distance of one length scale
        assert!((value - 3.0 * (1.0 + r + 5.0 / 3.0) * exp(-r)).abs() < 1e-14);
        let step = (covariance.of_square(1.0 + 1e-6).0 - covariance.of_square(1.0 - 1e-6).0) / 2e-6;
        assert!((slope - step).abs() < 1e-9);
        assert_eq!(covariance.at(&vec![None], &vec![None]).0, 3.0);
    }

    #[test]
    fn gaps_are_squares_of_distances() {
        let word = AxisKind::Unordered(3);
        assert_eq!(gap(word, Some(0.1), Some(0.2)), 0.0);
        assert_eq!(gap(word, Some(0.1), Some(0.9)), 1.0);
        assert_eq!(gap(word, None, Some(0.9)), 1.0);
        assert_eq!(gap(AxisKind::Range, Some(0.5), None), 0.25);
        assert_eq!(gap(AxisKind::Ordered(4), Some(0.125), Some(0.625)), 0.25);
    }
}
