//! The trigamma function and its inverse.

/// Returns ψ′(x) for x > 0 (Abramowitz & Stegun 6.4.6 and 6.4.12).
pub(super) fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let terms = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0];
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    sum + 1.0 / x + 0.5 * square + series / x
}

/// Returns x > 0 with ψ′(x) = `y`, by Newton's method for 1/ψ′, which is convex and nearly linear (Smyth, Stat. Appl.
/// Genet. Mol. Biol. 3, 2004, appendix).
pub(super) fn inverse(y: f64) -> f64 {
    let mut x = 0.5 + 1.0 / y;
    for _ in 0..50 {
        let value = trigamma(x);
        let step = value * (1.0 - value / y) / tetragamma(x);
        x += step;
        if step.abs() < 1e-12 * x {
            break;
        }
    }
    x
}

/// Returns ψ″(x) for x > 0 (Abramowitz & Stegun 6.4.6 and 6.4.13).
fn tetragamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 2.0 / (x * x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let terms = [0.5, -1.0 / 6.0, 1.0 / 6.0, -0.3, 5.0 / 6.0];
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    sum - square - square / x - series * square
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        let pi_squared = std::f64::consts::PI * std::f64::consts::PI;
        assert!((trigamma(1.0) - pi_squared / 6.0).abs() < 1e-13);
        assert!((trigamma(0.5) - pi_squared / 2.0).abs() < 1e-13);
        for x in [0.01, 0.5, 3.5, 100.0, 1e5] {
            assert!((inverse(trigamma(x)) / x - 1.0).abs() < 1e-9, "{x}");
        }
    }
}
