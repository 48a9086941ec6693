//! The smoothness of x̃, and the directions of a smooth block from a few of its steps.
//!
//! Both are determined from sums over all inputs, each with a weight of its own. Roughness in any input makes these
//! sums rough. No two weights are alike, so inputs that jump in opposite directions do not cancel each other.

use std::sync::LazyLock;

use super::super::kernels::Isa;
use super::super::nodes::{LEVELS, ROUGHEST};
use super::super::ways::FRAME;
use super::gram_schmidt::{Spanned, span};

/// The number of steps of a block that are sampled.
const SAMPLES: usize = 24;
/// The number of sums over all inputs, each with weights of its own.
const SUMS: usize = 3;
/// The order of the differences that reveal roughness. For oscillations of ω radians a step, the differences are ω⁶.
const ORDER: usize = 6;

/// The sums of one step.
pub(super) type Sums = [f64; SUMS];

/// Returns the sums of steps of `n` numbers.
pub(super) fn weighted_sums(steps: &[f64], n: usize) -> Vec<Sums> {
    let weights: Vec<Vec<f64>> = (0..SUMS).map(|sum| (0..n).map(|i| weight(sum, i)).collect()).collect();
    steps.chunks_exact(n).map(|step| std::array::from_fn(|sum| dot(step, &weights[sum]))).collect()
}

/// Returns for each step of a sequence the lowest level of nodes for a segment that ends there, or [`LEVELS`] if there
/// is none. `norm` is the norm of a large step.
pub(super) fn levels(sums: &[Sums], norm: f64) -> Vec<u8> {
    let mut rough = f64::INFINITY;
    let level = |t: usize| {
        // Steps further back matter less, as in all averages.
        rough = if t < ORDER { 1.0 } else { (0.5 * rough).max(difference(&sums[t - ORDER..=t]) / norm) };
        let smooth = |fastest: &f64| rough <= (0..ORDER).map(|_| fastest).product();
        ROUGHEST.iter().position(smooth).unwrap_or(LEVELS) as u8
    };
    (0..sums.len()).map(level).collect()
}

/// Returns the largest difference of order [`ORDER`], from the sums of one step more than this order.
fn difference(sums: &[Sums]) -> f64 {
    const BINOMIALS: [f64; ORDER + 1] = [1.0, -6.0, 15.0, -20.0, 15.0, -6.0, 1.0];
    let of_sum = |sum: usize| BINOMIALS.iter().zip(sums).map(|(binomial, sums)| binomial * sums[sum]).sum::<f64>();
    (0..SUMS).map(of_sum).fold(0.0, |largest, x| largest.max(x.abs()))
}

/// Does the same as [`span`] for the consecutive steps of a block and their sums, from a few of the steps. `None` if
/// these do not give all others.
pub(super) fn span_smooth(
    isa: Isa,
    (steps, sums): (&[f64], &[Sums]),
    n: usize,
    tolerance: f64,
    limit: usize,
) -> Option<Spanned> {
    let count = steps.len() / n;
    if count != FRAME {
        return None; // the last block, if it is shorter
    }
    /// The samples, and the weights of each at all steps.
    static INTERPOLATION: LazyLock<(Vec<usize>, Vec<[f64; FRAME]>)> = LazyLock::new(|| {
        let samples: Vec<usize> = (0..SAMPLES).map(chebyshev).collect();
        let weights = (0..SAMPLES).map(|m| std::array::from_fn(|t| lagrange(&samples, m, t))).collect();
        (samples, weights)
    });
    let (samples, weights) = &*INTERPOLATION;
    let interpolated = |sampled: &dyn Fn(usize) -> f64| {
        let mut values = [0.0; FRAME];
        for (m, weights) in weights.iter().enumerate() {
            let sampled = sampled(m);
            for (value, weight) in values.iter_mut().zip(weights) {
                *value += weight * sampled;
            }
        }
        values
    };
    for sum in 0..SUMS {
        let given = interpolated(&|m| sums[samples[m]][sum]);
        let off = given.iter().zip(sums).map(|(given, sums)| (given - sums[sum]).abs());
        if off.into_iter().any(|off| off.is_nan() || off > 0.5 * tolerance) {
            return None;
        }
    }
    let mut sampled = Vec::with_capacity(SAMPLES * n);
    samples.iter().for_each(|t| sampled.extend_from_slice(&steps[t * n..(t + 1) * n]));
    let Spanned { directions, coefficients, rank } = span(isa, &mut sampled, n, 0.5 * tolerance, limit)?;
    let of_direction = |coefficients: &[f64]| interpolated(&|m| coefficients[m]);
    let coefficients = coefficients.chunks_exact(SAMPLES).flat_map(of_direction).collect();
    Some(Spanned { directions, coefficients, rank })
}

/// Returns the `m`th sample of a block. Samples are dense at both ends, where polynomials oscillate.
fn chebyshev(m: usize) -> usize {
    let angle = std::f64::consts::PI * m as f64 / (SAMPLES - 1) as f64;
    (0.5 * (1.0 - crate::math::cos(angle)) * (FRAME - 1) as f64).round() as usize
}

/// Returns the weight of the `m`th sample at step `t`.
fn lagrange(samples: &[usize], m: usize, t: usize) -> f64 {
    let factor = |other: &usize| (t as f64 - *other as f64) / (samples[m] as f64 - *other as f64);
    samples.iter().filter(|other| **other != samples[m]).map(factor).product()
}

/// Returns a number from ½ to 1½, or the negative of one.
fn weight(sum: usize, i: usize) -> f64 {
    // The finaliser of SplitMix64 (Steele, Lea & Flood 2014).
    let mut z = ((sum as u64) << 32 | i as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let size = 0.5 + (z >> 11) as f64 / (1_u64 << 53) as f64;
    if z & 1 == 0 { size } else { -size }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::sin;

    /// Returns 128 steps of 32 channels of few oscillations, the fastest at `fastest` radians a step.
    fn block(fastest: f64) -> Vec<f64> {
        let channel = |t: usize, i: usize| -> f64 {
            (1..4).map(|j| sin(fastest / f64::from(j) * t as f64 + (i * j as usize) as f64)).sum()
        };
        (0..128).flat_map(|t| (0..32).map(move |i| channel(t, i))).collect()
    }

    fn smooth(steps: &[f64]) -> Option<Spanned> {
        span_smooth(Isa::detect(), (steps, &weighted_sums(steps, 32)), 32, 1e-7, 32)
    }

    #[test]
    fn levels_follow_what_is_rough() {
        let levels = |steps: &[f64]| levels(&weighted_sums(steps, 32), 10.0);
        let of_waves = |fastest: f64| levels(&block(fastest))[40..].to_vec();
        assert!(of_waves(0.03).iter().all(|level| *level == 0));
        // Where a wave crosses 0 it looks smoother than it is.
        assert_eq!(of_waves(0.16).iter().max(), Some(&2));
        assert_eq!(of_waves(0.45).iter().max(), Some(&4));
        assert!(of_waves(3.1).iter().all(|level| usize::from(*level) == LEVELS));
        // One input that jumps for one step, however little.
        let mut steps = block(0.03);
        steps[80 * 32 + 5] += 1e-3;
        let levels = levels(&steps);
        assert!(levels[40..80].iter().all(|level| *level == 0));
        assert!(levels[80..84].iter().all(|level| *level >= 2));
        assert!(levels[110..].iter().all(|level| *level == 0));
    }

    #[test]
    fn a_few_steps_give_all_of_a_smooth_block() {
        let steps = block(0.05);
        let spanned = smooth(&steps).unwrap();
        assert_eq!(spanned.rank, 6);
        for t in 0..128 {
            for i in 0..32 {
                let sum: f64 = (0..6).map(|r| spanned.directions[r * 32 + i] * spanned.coefficients[r * 128 + t]).sum();
                assert!((sum - steps[t * 32 + i]).abs() < 2e-7, "{t} {i}");
            }
        }
    }

    #[test]
    fn what_is_rough_anywhere_is_left_to_others() {
        assert!(smooth(&block(3.0)).is_none());
        for t in [0, 1, 47, 63, 127] {
            let mut steps = block(0.05);
            steps[t * 32 + 5] += 1e-6;
            assert!(smooth(&steps).is_none(), "{t}");
        }
    }
}
