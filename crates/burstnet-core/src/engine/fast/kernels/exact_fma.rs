//! A fused multiply-add for processors without one.

/// Returns a · b + c, rounded once.
///
/// The product of two f32 is exact in f64. Rounding its sum with c to f64 and then to f32 would round twice, and be
/// wrong if the first rounding lands half-way between two f32. So the sum is rounded to odd. Its error (two-sum, Knuth
/// 1969) tells whether it is exact; if it is not, the last bit is set to 1, towards the side of the error. Rounding to
/// odd with two bits to spare makes the rounding to f32 correct (Boldo & Melquiond 2008).
#[inline(always)]
pub(super) fn exact_fma(a: f32, b: f32, c: f32) -> f32 {
    let product = f64::from(a) * f64::from(b);
    let c = f64::from(c);
    let sum = product + c;
    let back = sum - product;
    let error = (product - (sum - back)) + (c - back);
    let bits = sum.to_bits();
    let inexact = u64::from((error < 0.0) | (error > 0.0)); // false where anything is not finite
    let even = !bits & 1;
    let away = (error.to_bits() ^ bits) >> 63; // 1 where the error points towards zero
    let step = 1_u64.wrapping_sub(away << 1);
    f64::from_bits(bits.wrapping_add(step & (inexact & even).wrapping_neg())) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computes the same with integers: both terms as multiples of 2^−300, added, and rounded to nearest even.
    fn by_integers(a: f32, b: f32, c: f32) -> f32 {
        let parts = |x: f32| {
            let bits = x.to_bits();
            let (exponent, fraction) = ((bits >> 23) & 255, bits & 0x7f_ffff);
            let mantissa = if exponent == 0 { fraction } else { fraction | 0x80_0000 };
            let value = i128::from(mantissa) * if bits >> 31 == 1 { -1 } else { 1 };
            (value, exponent.max(1) as i32 - 150)
        };
        let ((ma, ea), (mb, eb), (mc, ec)) = (parts(a), parts(b), parts(c));
        let (product, at) = (ma * mb, ea + eb);
        // Bring both to the smaller exponent; if they lie too far apart, the smaller only breaks ties.
        let (mut sum, mut exponent, mut sticky) = if product == 0 || mc == 0 {
            if product == 0 { (mc, ec, 0) } else { (product, at, 0) }
        } else {
            let (high, eh, low, el) = if at > ec { (product, at, mc, ec) } else { (mc, ec, product, at) };
            let apart = eh - el;
            if apart < 70 { ((high << apart) + low, el, 0) } else { (high << 70, eh - 70, low.signum()) }
        };
        if sum == 0 {
            return if a * b == 0.0 { a * b + c } else { 0.0 };
        }
        sum = sum * 4 + sticky;
        exponent -= 2;
        sticky = 0;
        let negative = sum < 0;
        let mut magnitude = sum.unsigned_abs();
        let width = 128 - magnitude.leading_zeros() as i32;
        let drop = (width - 24).max(-149 - exponent);
        let rounded = if drop > 0 {
            let drop = drop as u32;
            if drop > 127 {
                0
            } else {
                let rest = magnitude & ((1 << drop) - 1);
                magnitude >>= drop;
                let half = 1_u128 << (drop - 1);
                u128::from(rest > half || (rest == half && magnitude & 1 == 1)) + magnitude
            }
        } else {
            magnitude
        };
        let exponent = exponent + drop.max(0) + sticky as i32;
        // Exact in f64, and in f32 unless it overflows.
        let power = if exponent < -1000 { 0.0 } else { f64::from_bits(((exponent + 1023) as u64) << 52) };
        let value = (rounded as f64 * power) as f32;
        if negative { -value } else { value }
    }

    #[test]
    fn half_way_cases_are_rounded_once() {
        // c + a tiny product on either side of the middle between two f32: f64 alone loses the tiny part.
        let ulp = 2.0_f32.powi_exact(-23);
        for sign in [1.0, -1.0] {
            let half = 0.5 * ulp;
            let tiny = 2.0_f32.powi_exact(-60);
            for (a, b, c) in [
                (1.0 + ulp, half, 1.0),
                (half * (1.0 + ulp), 1.0, 1.0),
                (sign * tiny, tiny, 1.0 + ulp),
                ((1.0 + ulp) * half, sign * (1.0 - half), 1.0 + ulp),
            ] {
                assert_eq!(exact_fma(a, b, c).to_bits(), by_integers(a, b, c).to_bits(), "{a:e} {b:e} {c:e}");
            }
        }
        // (1 + 2^-12)² = 1 + 2^-11 + 2^-24: half-way between two f32; with 2^-80 more it is above the middle, which
        // f64 cannot see.
        let a = 1.0 + 2.0_f32.powi_exact(-12);
        let c = 2.0_f32.powi_exact(-80);
        assert_eq!(exact_fma(a, a, c), 1.0 + 2.0_f32.powi_exact(-11) + ulp);
        assert_eq!(exact_fma(a, a, -c), 1.0 + 2.0_f32.powi_exact(-11));
        assert_eq!((f64::from(a) * f64::from(a) + f64::from(c)) as f32, 1.0 + 2.0_f32.powi_exact(-11), "rounds twice");
    }

    trait PowerOfTwo {
        fn powi_exact(self, exponent: i32) -> f32;
    }

    impl PowerOfTwo for f32 {
        fn powi_exact(self, exponent: i32) -> f32 {
            assert_eq!(self, 2.0);
            f32::from_bits(((exponent + 127) as u32) << 23)
        }
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        assert_eq!(exact_fma(f32::MAX, f32::MAX, 0.0), f32::INFINITY);
        assert_eq!(exact_fma(f32::MAX, -2.0, f32::MAX), -f32::MAX);
        assert_eq!(exact_fma(f32::INFINITY, 1.0, 1.0), f32::INFINITY);
        assert!(exact_fma(f32::INFINITY, 1.0, f32::NEG_INFINITY).is_nan());
        assert!(exact_fma(f32::NAN, 1.0, 1.0).is_nan());
        assert_eq!(exact_fma(0.0, -1.0, -0.0).to_bits(), (-0.0_f32).to_bits());
    }

    #[test]
    fn agrees_with_whole_numbers_on_random_bits() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut near = |spread: u32| {
            let bits = next();
            let exponent = 127 - spread + (bits >> 40) as u32 % (2 * spread + 1);
            // Many zeros at the end of the fraction make half-way cases likely.
            let fraction = (bits as u32 & 0x7f_ffff) & (!0 << ((bits >> 32) % 24));
            f32::from_bits(((bits >> 63) as u32) << 31 | exponent << 23 | fraction)
        };
        for round in 0..400_000 {
            let spread = [2, 12, 30, 126][round % 4];
            let (a, b, c) = (near(spread), near(spread), near(spread));
            let (got, expected) = (exact_fma(a, b, c), by_integers(a, b, c));
            assert_eq!(got.to_bits(), expected.to_bits(), "{a:e} * {b:e} + {c:e}: {got:e}, expected {expected:e}");
        }
    }
}
