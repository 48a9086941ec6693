//! Distribution functions, as `statrs` computes them.

use statrs::distribution::{ChiSquared, ContinuousCDF as _, Normal, StudentsT};

/// The quantile of Student's t distribution with `freedom` degrees of freedom; none unless `freedom` > 0.
pub fn t_quantile(freedom: f64, probability: f64) -> Option<f64> {
    StudentsT::new(0.0, 1.0, freedom).ok().map(|t| t.inverse_cdf(probability))
}

/// The probability that a standard normal variable is above `z`.
pub fn normal_above(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// The probability that a standard normal variable is at most `z`.
pub fn normal_below(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The quantile of the standard normal distribution; infinite at 0 and 1.
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}

/// The probability that a χ² variable with `freedom` degrees of freedom is above `x`; none unless `freedom` > 0.
pub fn chi_squared_above(freedom: f64, x: f64) -> Option<f64> {
    ChiSquared::new(freedom).ok().map(|chi| chi.sf(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.t.ppf(0.975, n), norm.sf, norm.ppf and chi2.sf
        for (freedom, quantile) in [
            (1.0, 12.706204736174694),
            (2.0, 4.302652729749462),
            (4.0, 2.7764451051977925),
            (7.0, 2.364624251592784),
            (29.0, 2.045229642132703),
            (999.0, 1.9623414611334626),
        ] {
            let got = t_quantile(freedom, 0.975).unwrap();
            assert!((got / quantile - 1.0).abs() < 1e-10, "{freedom}: {got}");
        }
        assert!((normal_above(1.96) / 0.024997895148220435 - 1.0).abs() < 1e-10);
        assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-10);
        assert!((chi_squared_above(3.0, 7.5).unwrap() / 0.0575584535700013 - 1.0).abs() < 1e-9);
        assert_eq!(t_quantile(0.0, 0.975), None);
    }
}
