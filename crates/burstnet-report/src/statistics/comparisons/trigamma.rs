//! The trigamma function and its inverse.

/// Returns ψ′(x) for x > 0 (Abramowitz & Stegun 6.4.6 and 6.4.12).
pub(super) fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 20.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let terms = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0];
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    sum + 1.0 / x + 0.5 * square + series / x
}

/// Returns x > 0 with ψ′(x) = `y`, by bisection on a logarithmic scale.
pub(super) fn inverse(y: f64) -> f64 {
    let (mut low, mut high) = (-30.0_f64, 30.0_f64);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if trigamma(middle.exp()) > y { low = middle } else { high = middle }
    }
    (0.5 * (low + high)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        let pi_squared = std::f64::consts::PI * std::f64::consts::PI;
        assert!((trigamma(1.0) - pi_squared / 6.0).abs() < 1e-13);
        assert!((trigamma(0.5) - pi_squared / 2.0).abs() < 1e-13);
        for x in [0.01, 0.5, 3.5, 100.0, 1e6] {
            assert!((inverse(trigamma(x)) / x - 1.0).abs() < 1e-9, "{x}");
        }
    }
}
