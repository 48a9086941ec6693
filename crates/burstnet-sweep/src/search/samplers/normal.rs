//! The normal distribution: random numbers, probabilities and densities.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use burstnet_core::math::{cos, erf, erfc, ln};
use burstnet_core::streams::Stream;

/// The constant ln √(2π).
const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;

/// Draws a standard normal number (Box & Muller, Ann. Math. Stat. 29, 1958; the cosine of the pair).
pub(super) fn draw(stream: &mut Stream) -> f64 {
    let radius = (-2.0 * ln(1.0 - stream.unit())).sqrt();
    radius * cos(TAU * stream.unit())
}

/// Returns the probability of a standard normal number between `low` and `high`.
pub(super) fn mass(low: f64, high: f64) -> f64 {
    let (low, high) = (low * FRAC_1_SQRT_2, high * FRAC_1_SQRT_2);
    // The difference of two numbers near 1 would be lost in a tail.
    let twice = if low > 0.0 {
        erfc(low) - erfc(high)
    } else if high < 0.0 {
        erfc(-high) - erfc(-low)
    } else {
        erf(high) - erf(low)
    };
    0.5 * twice
}

/// Returns the logarithm of the standard normal density.
pub(super) fn log_density(x: f64) -> f64 {
    -0.5 * x * x - LN_SQRT_TAU
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::SweepPurpose;

    #[test]
    fn draws_are_standard_normal() {
        let mut stream = Stream::new(3, SweepPurpose::Search);
        let drawn: Vec<f64> = (0..20_000).map(|_| draw(&mut stream)).collect();
        let moment = |of: &dyn Fn(f64) -> f64| drawn.iter().map(|x| of(*x)).sum::<f64>() / 20_000.0;
        assert!(moment(&|x| x).abs() < 0.02);
        assert!((moment(&|x| x * x) - 1.0).abs() < 0.03);
        assert!((moment(&|x| x * x * x * x) - 3.0).abs() < 0.3);
    }

    #[test]
    fn masses_keep_their_digits_in_the_tails() {
        assert!((mass(-1.0, 1.0) - 0.682_689_492_137_085_9).abs() < 1e-15);
        assert!((mass(10.0, 11.0) / 7.617_948_032_932_9e-24 - 1.0).abs() < 1e-3);
        assert_eq!(mass(-11.0, -10.0), mass(10.0, 11.0));
    }
}
