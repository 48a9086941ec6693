//! Elementary functions with the same bits on every platform (the `libm` crate, never the platform's library).

/// e to the power of `x`.
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Natural logarithm of `x`.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// e to the power of `x`, less 1, without loss where that is small.
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm of 1 + `x`, without loss where that is small.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Sine of `x` radians.
#[inline]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of `x` radians.
#[inline]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Angle in radians whose cosine is `x`.
#[inline]
pub fn acos(x: f64) -> f64 {
    libm::acos(x)
}

/// The error function: the probability that a normal variable lies within `x` √2 standard deviations.
#[inline]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// 1 − erf(`x`), without loss where that is small.
#[inline]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The logistic function σ(x) = 1 / (1 + e⁻ˣ), which turns voltages into rates and probabilities.
#[inline]
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigmoid_keeps_its_bits() {
        assert_eq!(sigmoid(0.0), 0.5);
        assert_eq!(sigmoid(1.0).to_bits(), 4_604_760_009_829_884_605);
        assert_eq!(sigmoid(-800.0), 0.0);
        assert_eq!(sigmoid(800.0), 1.0);
    }
    #[test]
    fn error_functions_keep_their_bits_and_their_tail() {
        assert_eq!(erf(0.5).to_bits(), 4_602_863_465_656_806_866);
        assert_eq!(erf(0.5) + erfc(0.5), 1.0);
        assert!((erfc(10.0) / 2.088_487_583_762_545e-45 - 1.0).abs() < 1e-14);
    }
}
