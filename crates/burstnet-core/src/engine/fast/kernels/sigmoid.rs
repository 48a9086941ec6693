//! The logistic function, sixteen at a time, without branches and without the platform's maths library.

use super::super::vector::Vector;
use super::lanes::Lanes;

/// A number whose addition and subtraction rounds to an integer.
const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³
/// The constant ln 2 in two parts; the first has few enough bits that its products with small integers are exact.
const LN2_HIGH: f32 = 0.693_145_75;
const LN2_LOW: f32 = 1.428_606_8e-6;
/// The limit of x beyond which e to the power of −x is 0 in f32.
const SMALLEST: f32 = 104.0;
/// The coefficients of r⁶ to r² in e^r on |r| ≤ ½ ln 2: minimax for the relative error, 4 · 10⁻⁹, with those of r and 1
/// fixed at 1.
const EXP: [f32; 5] = [0.001_381_461, 0.008_368_711, 0.041_668_39, 0.166_665_21, 0.499_999_94];

/// Returns e to the power of −x for each x ≥ 0, within 2 units in the last place; not a number if x is not. Several
/// vectors share the loading of constants.
#[inline(always)]
pub(super) fn exps_of_minus<L: Lanes, const N: usize>(l: L, x: [L::V; N]) -> [L::V; N] {
    // Plain loops: the compiler may make calls of closures.
    let (mut r, mut n, mut shifted, mut p) = (x, x, x, [l.splat(EXP[0]); N]);
    for i in 0..N {
        let x = l.min(l.splat(SMALLEST), x[i]);
        shifted[i] = l.fma(x, l.splat(-std::f32::consts::LOG2_E), l.splat(ROUND));
        n[i] = l.sub(shifted[i], l.splat(ROUND));
        // −r = x + n ln 2
        r[i] = l.fma(n[i], l.splat(LN2_HIGH), x);
        r[i] = l.fma(n[i], l.splat(LN2_LOW), r[i]);
    }
    // With −r in place of r, every other sum has the other sign.
    for coefficient in [-EXP[1], EXP[2], -EXP[3], EXP[4], -1.0, 1.0] {
        for i in 0..N {
            p[i] = l.fma(p[i], r[i], l.splat(coefficient));
        }
    }
    for i in 0..N {
        p[i] = l.scale(p[i], n[i], shifted[i]);
    }
    p
}

/// Returns σ(x) = 1 / (1 + e⁻ˣ) of each x, within 4 units in the last place, even if it is subnormal.
#[inline(always)]
pub(super) fn sigmoids<L: Lanes, const N: usize>(l: L, x: [L::V; N]) -> [L::V; N] {
    let mut sizes = x;
    for i in 0..N {
        sizes[i] = l.abs(x[i]);
    }
    let mut t = exps_of_minus(l, sizes);
    let one = l.splat(1.0);
    for i in 0..N {
        t[i] = l.div(l.where_negative(x[i], t[i], one), l.add(one, t[i]));
    }
    t
}

/// Returns σ(x).
#[inline(always)]
pub(super) fn sigmoid<L: Lanes>(l: L, x: L::V) -> L::V {
    sigmoids(l, [x])[0]
}

/// Computes e to the power of minus each number, none of which is negative, in place.
#[cfg(test)]
#[inline(always)]
pub(super) fn exps_body<L: Lanes>(l: L, values: &mut [Vector]) {
    for slot in values {
        l.store(exps_of_minus(l, [l.load(slot)])[0], slot);
    }
}

/// Computes σ of each number, in place.
#[inline(always)]
pub(super) fn body<L: Lanes>(l: L, values: &mut [Vector]) {
    for slot in values {
        l.store(sigmoid(l, l.load(slot)), slot);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::vector::LANES;
    use super::super::{ISA_NAMES, Isa, exps_of_minus, sigmoids};
    use super::*;

    /// Returns the distance of a value from the true one, in units in the last place of the true one rounded to f32.
    fn ulps(value: f32, truth: f64) -> f64 {
        let exponent = (truth as f32).to_bits() >> 23;
        let unit = f64::from_bits((u64::from(exponent.max(1)) + 1023 - 127 - 23) << 52);
        (f64::from(value) - truth).abs() / unit
    }

    /// Returns the largest error of both functions over these bit patterns, and checks that all instructions give the
    /// same bits.
    fn worst(patterns: impl Iterator<Item = u32>) -> (f64, f64) {
        let isas: Vec<Isa> = ISA_NAMES.into_iter().filter_map(|name| Isa::named(name).ok()).collect();
        let (mut worst_exp, mut worst_sigmoid) = (0.0_f64, 0.0_f64);
        let mut patterns = patterns.peekable();
        while patterns.peek().is_some() {
            let x = Vector(std::array::from_fn(|_| f32::from_bits(patterns.next().unwrap_or(0))));
            let positive = Vector(x.0.map(f32::abs));
            let apply = |isa: &Isa| {
                let (mut exps, mut sigmoid) = ([positive], [x]);
                exps_of_minus(*isa, &mut exps);
                sigmoids(*isa, &mut sigmoid);
                (exps[0], sigmoid[0])
            };
            let (exps, sigmoid) = apply(&isas[0]);
            for isa in &isas[1..] {
                let (other_exps, other_sigmoid) = apply(isa);
                for (a, b) in [(exps, other_exps), (sigmoid, other_sigmoid)] {
                    for lane in 0..LANES {
                        let same =
                            a.0[lane].to_bits() == b.0[lane].to_bits() || (a.0[lane].is_nan() && b.0[lane].is_nan());
                        assert!(same, "{isa}, x = {:e}: {:e} and {:e}", x.0[lane], a.0[lane], b.0[lane]);
                    }
                }
            }
            for (lane, x) in x.0.iter().enumerate() {
                if x.is_nan() {
                    assert!(exps.0[lane].is_nan() && sigmoid.0[lane].is_nan(), "{x}");
                    continue;
                }
                let wide = f64::from(*x);
                worst_exp = worst_exp.max(ulps(exps.0[lane], libm::exp(-wide.abs())));
                worst_sigmoid = worst_sigmoid.max(ulps(sigmoid.0[lane], 1.0 / (1.0 + libm::exp(-wide))));
            }
        }
        (worst_exp, worst_sigmoid)
    }

    #[test]
    fn is_close_on_one_number_of_many() {
        // Every 1009th, and all around where e⁻ˣ becomes subnormal and 0.
        let ends = [87.0_f32, 104.0, -87.0, -104.0].map(f32::to_bits);
        let around = ends.into_iter().flat_map(|end| end - 50_000..end + 50_000);
        let (exp, sigmoid) = worst((0..=u32::MAX / 1009).map(|n| n * 1009).chain(around));
        assert!(exp <= 2.0 && sigmoid <= 4.0, "exp {exp}, sigmoid {sigmoid} units in the last place");
        assert!(exp > 0.3 && sigmoid > 0.3, "nothing is that exact: exp {exp}, sigmoid {sigmoid}");
    }

    #[test]
    #[ignore = "takes minutes; tests/soak/run runs it"]
    fn is_close_on_every_number() {
        let (exp, sigmoid) = worst(0..=u32::MAX);
        println!("exp {exp}, sigmoid {sigmoid} units in the last place");
        assert!(exp <= 2.0 && sigmoid <= 4.0, "exp {exp}, sigmoid {sigmoid} units in the last place");
    }
}
