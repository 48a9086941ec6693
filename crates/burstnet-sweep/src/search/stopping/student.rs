//! Student's t distribution with the same bits everywhere, unlike in libraries that use the platform's mathematics.

use burstnet_core::math::{exp, ln};

/// The most terms of the continued fraction.
const TERMS: usize = 10_000;

/// Returns the probability of more than `t` (at least 0) with `freedom` degrees of freedom: I_x(ν/2, 1/2) / 2 at x = ν
/// / (ν + t²).
pub(super) fn upper_tail(t: f64, freedom: f64) -> f64 {
    0.5 * regularized_beta(freedom / (freedom + t * t), 0.5 * freedom, 0.5)
}

/// Returns I_x(a, b), by the continued fraction of Lentz (Press et al., Numerical Recipes, 6.4).
fn regularized_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * ln(x) + b * ln(1.0 - x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away = |y: f64| if y.abs() < 1e-300 { 1e-300 } else { y };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for term in 1..=TERMS {
        let m = term as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        value *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_tables() {
        // scipy.stats.t.sf(t, ν)
        for (t, freedom, expected) in [
            (0.0, 3.0, 0.5),
            (1.0, 1.0, 0.25),
            (2.0, 4.0, 0.058_058_261_758_407_78),
            (2.776_445_105_197_793_4, 4.0, 0.025),
            (4.0, 9.0, 0.001_555_214_155_192_927_2),
            (12.0, 30.0, 2.790_092_707_599_63e-13),
        ] {
            let found = upper_tail(t, freedom);
            assert!((found - expected).abs() < 1e-9 * expected.max(1e-9), "{t} {freedom}: {found}");
        }
    }
}
