//! Distribution functions, as `statrs` computes them.

use statrs::distribution::{ChiSquared, ContinuousCDF as _, Normal, StudentsT};
use statrs::function::beta::checked_beta_reg;

/// Degrees of freedom beyond which [`t_quantile`] is computed from the normal quantile: there the inverse of the
/// incomplete beta function loses digits, and the expansion has them.
const MANY: f64 = 1000.0;

/// Returns the quantile of Student's t distribution with `freedom` degrees of freedom; `None` unless `freedom` > 0.
/// Beyond a thousand of them by its expansion in 1/freedom (Abramowitz & Stegun 26.7.5).
pub(crate) fn t_quantile(freedom: f64, probability: f64) -> Option<f64> {
    if freedom <= MANY {
        return StudentsT::new(0.0, 1.0, freedom).ok().map(|t| t.inverse_cdf(probability));
    }
    let z = normal_quantile(probability);
    let square = z * z;
    let terms = [
        (square + 1.0) / 4.0,
        ((5.0 * square + 16.0) * square + 3.0) / 96.0,
        (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0) / 92160.0,
    ];
    Some(z * (1.0 + terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom)))
}

/// Returns the probability that a variable with Student's t distribution with `freedom` degrees of freedom is above `t`;
/// `None` unless `freedom` > 0.
pub(crate) fn t_above(freedom: f64, t: f64) -> Option<f64> {
    StudentsT::new(0.0, 1.0, freedom).ok().map(|distribution| distribution.sf(t))
}

/// Returns the probability that a standard normal variable is above `z`.
pub(crate) fn normal_above(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// Returns the probability that a standard normal variable is at most `z`.
pub(crate) fn normal_below(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// Returns the quantile of the standard normal distribution; infinite at 0 and 1.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}

/// Returns the probability that a χ² variable with `freedom` degrees of freedom is above `x`; `None` unless
/// `freedom` > 0.
pub(crate) fn chi_squared_above(freedom: f64, x: f64) -> Option<f64> {
    ChiSquared::new(freedom).ok().map(|chi| chi.sf(x))
}

/// Returns the probability that a variable with the F distribution is above `f`; `None` unless both degrees of freedom are
/// above 0. From the incomplete beta function, as `statrs`' own loses the digits of small probabilities.
pub(crate) fn f_above(freedom: f64, freedom_2: f64, f: f64) -> Option<f64> {
    checked_beta_reg(freedom_2 / 2.0, freedom / 2.0, freedom_2 / (freedom_2 + freedom * f)).ok()
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
            (4.0, 2.7764451051977934),
            (7.0, 2.364624251592784),
            (29.0, 2.045229642132703),
            (999.0, 1.9623414611334493),
        ] {
            let got = t_quantile(freedom, 0.975).unwrap();
            assert!((got / quantile - 1.0).abs() < 1e-10, "{freedom}: {got}");
        }
        assert!((normal_above(1.96) / 0.024997895148220435 - 1.0).abs() < 1e-10);
        assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-10);
        assert!((chi_squared_above(3.0, 7.5).unwrap() / 0.0575584519726364 - 1.0).abs() < 1e-9);
        assert_eq!(t_quantile(0.0, 0.975), None);
    }
}
