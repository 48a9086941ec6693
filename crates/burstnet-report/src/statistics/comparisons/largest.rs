//! The largest of several differences of independent standard normal variables: the distributions by which many
//! comparisons are judged together.

use burstnet_core::math::{exp, exp_m1, ln, ln_1p};

use crate::statistics::distributions::{normal_above, normal_below};

/// The nodes of the trapezoidal rule lie this far apart, in units of the width of the integrand. The rule is exact to
/// rounding for functions that are smooth and vanish at both ends.
const STEP: f64 = 0.4;
/// Nodes lie between plus and minus this: beyond it, the normal density is below 10⁻²⁹.
const END: f64 = 11.5;

/// The distribution of the largest difference.
#[derive(Clone, Debug)]
pub(crate) struct Largest {
    /// Between any two of `count` variables, rather than between one of them and each other one.
    any: bool,
    count: f64,
    /// Nodes and their weights.
    nodes: Vec<(f64, f64)>,
    /// Up to here, the probability that the largest difference is above is 1, to rounding.
    certain: f64,
}

impl Largest {
    /// Returns the distribution of the range of `count` variables, max Zᵢ − min Zᵢ (Tukey, The Problem of Multiple
    /// Comparisons, 1953).
    pub(crate) fn of_all(count: usize) -> Self {
        let k = count as f64;
        // k φ(u) (1 − Φ(u))ᵏ⁻¹ is the density of the smallest.
        let weight = |u: f64| k * density(u) * exp((k - 1.0) * ln_1p(-normal_below(u)));
        Self { any: true, count: k, nodes: nodes(k, weight), certain: 0.0 }.with_certain()
    }

    /// Returns the distribution of max |Zᵢ − Z₀| over the `count` − 1 other variables (Dunnett, JASA 50, 1955).
    pub(crate) fn from_one(count: usize) -> Self {
        Self { any: false, count: count as f64, nodes: nodes(count as f64, density), certain: 0.0 }.with_certain()
    }

    fn with_certain(mut self) -> Self {
        self.certain = self.quantile(1.0 - 1e-14);
        self
    }

    /// Returns the probability that the largest difference is above √2 `z`, which is `z` of its standard deviations.
    pub(crate) fn above(&self, z: f64) -> f64 {
        if z.is_nan() || z <= self.certain {
            return 1.0;
        }
        let x = std::f64::consts::SQRT_2 * z;
        let others = self.count - 1.0;
        let beyond = |u: f64| match self.any {
            // 1 − ((Φ(u + x) − Φ(u)) / (1 − Φ(u)))ᵏ⁻¹
            true => normal_above(u + x) / normal_above(u),
            false => normal_above(u + x) + normal_below(u - x),
        };
        let part = |&(u, weight): &(f64, f64)| -weight * exp_m1(others * ln_1p(-beyond(u).min(1.0)));
        self.nodes.iter().map(part).sum::<f64>().min(1.0)
    }

    /// Returns `z` with [`Self::above`] of it equal to `probability`.
    pub(crate) fn quantile(&self, probability: f64) -> f64 {
        let (mut low, mut high) = (0.0, 40.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.above(middle) > probability { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

fn density(u: f64) -> f64 {
    exp(-0.5 * u * u) / (2.0 * std::f64::consts::PI).sqrt()
}

/// Returns nodes and weights whose weights are not negligible. What is integrated over k variables varies over about
/// 1/√(2 ln k).
fn nodes(k: f64, weight: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let step = STEP / (1.0 + (2.0 * ln(k)).sqrt());
    let last = (END / step) as i32;
    let all = (-last..=last).map(|at| f64::from(at) * step).map(|u| (u, step * weight(u)));
    all.filter(|(_, weight)| *weight > 1e-30).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_it_is_the_normal_distribution() {
        for z in [0.5, 1.96, 4.0, 7.0] {
            for found in [Largest::of_all(2).above(z), Largest::from_one(2).above(z)] {
                assert!((found / (2.0 * normal_above(z)) - 1.0).abs() < 1e-9, "{z}: {found:e}");
            }
        }
        assert!((Largest::of_all(2).quantile(0.05) - 1.959963984540054).abs() < 1e-9);
    }

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.studentized_range.sf(z * 2 ** 0.5, k, inf)
        for (k, z, p) in [
            (3, 0.5, 0.8713081045015412),
            (3, 3.0, 0.007608050218787521),
            (20, 2.0, 0.9032062043961363),
            (20, 4.0, 0.009683203499927129),
            (80, 3.0, 0.8416330638429086),
            (80, 5.0, 0.0015551900923286288),
            (10_000, 5.0, 0.9518022617473976),
        ] {
            let found = Largest::of_all(k).above(z);
            assert!((found - p).abs() < 1e-9, "{k} {z}: {found}");
        }
    }

    #[test]
    fn grows_with_the_number_of_variables() {
        let found: Vec<f64> = [2, 3, 80, 10_000, 1_000_000].map(|k| Largest::of_all(k).above(4.0)).into();
        assert!(found.is_sorted() && found[4] > 0.99, "{found:?}");
        assert_eq!((Largest::of_all(5).above(0.0), Largest::from_one(5).above(-1.0)), (1.0, 1.0));
    }
}
