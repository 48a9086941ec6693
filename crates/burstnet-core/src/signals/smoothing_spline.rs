//! A cubic smoothing spline over evenly spaced samples (Reinsch, "Smoothing by spline functions", Numerische
//! Mathematik 10, 1967).
//!
//! It has the least ∫ f″² of all functions whose squared residuals at the samples sum to at most `s`. FITPACK's
//! `splrep` poses the same condition and meets it with fewer knots; ours has a knot at every sample.
//! It is our own because its results enter tables that must have the same bits on every processor.

/// A natural cubic spline with a knot every `spacing` steps.
#[derive(Clone, Debug)]
pub struct SmoothingSpline {
    spacing: f64,
    values: Vec<f64>,
    curvatures: Vec<f64>, // f″ at the knots; 0 at both ends
}

impl SmoothingSpline {
    /// Fits `samples`, `spacing` apart, with a sum of squared residuals of `s` (a straight line if that has less).
    pub fn fit(samples: &[f64], spacing: f64, s: f64) -> Self {
        let n = samples.len();
        if n < 3 {
            return Self { spacing, values: samples.to_vec(), curvatures: vec![0.0; n] };
        }
        let residuals = |fit: &Self| -> f64 { samples.iter().zip(&fit.values).map(|(y, f)| (y - f) * (y - f)).sum() };
        // The residuals grow with the weight λ of the curvature, so bisection over its exponent, then over λ, ends at
        // the wanted sum. Both have a fixed number of rounds, so that the bits depend on nothing else.
        let (mut low, mut high) = (0.0, 1e-12);
        while high < 1e15 && residuals(&Self::with_weight(samples, spacing, high)) < s {
            low = high;
            high *= 4.0;
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if residuals(&Self::with_weight(samples, spacing, middle)) < s {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self::with_weight(samples, spacing, low)
    }

    /// Minimises Σ (y − f)² + λ ∫ f″²: (R + λ QᵀQ) γ = Qᵀ y, f = y − λ Q γ, where γ is f″ at the inner knots.
    fn with_weight(samples: &[f64], h: f64, lambda: f64) -> Self {
        let inner = samples.len() - 2;
        let second_difference = |v: &[f64], i: usize| (v[i] - 2.0 * v[i + 1] + v[i + 2]) / h;
        let (diagonal, first, second) =
            (2.0 * h / 3.0 + lambda * 6.0 / (h * h), h / 6.0 - lambda * 4.0 / (h * h), lambda / (h * h));
        // L D Lᵀ of the pentadiagonal matrix; l1 and l2 are L's two subdiagonals.
        let (mut d, mut l1, mut l2) = (vec![0.0; inner], vec![0.0; inner], vec![0.0; inner]);
        let mut gamma: Vec<f64> = (0..inner).map(|i| second_difference(samples, i)).collect();
        for i in 0..inner {
            d[i] = diagonal;
            if i >= 2 {
                l2[i] = second / d[i - 2];
                d[i] -= l2[i] * l2[i] * d[i - 2];
                gamma[i] -= l2[i] * gamma[i - 2];
            }
            if i >= 1 {
                let below = if i >= 2 { l2[i] * d[i - 2] * l1[i - 1] } else { 0.0 };
                l1[i] = (first - below) / d[i - 1];
                d[i] -= l1[i] * l1[i] * d[i - 1];
                gamma[i] -= l1[i] * gamma[i - 1];
            }
        }
        for i in 0..inner {
            gamma[i] /= d[i];
        }
        for i in (0..inner).rev() {
            if i + 1 < inner {
                gamma[i] -= l1[i + 1] * gamma[i + 1];
            }
            if i + 2 < inner {
                gamma[i] -= l2[i + 2] * gamma[i + 2];
            }
        }
        let mut curvatures = vec![0.0; samples.len()];
        curvatures[1..=inner].copy_from_slice(&gamma);
        let mut values = samples.to_vec();
        for (i, g) in gamma.iter().enumerate() {
            values[i] -= lambda * g / h;
            values[i + 1] += 2.0 * lambda * g / h;
            values[i + 2] -= lambda * g / h;
        }
        Self { spacing: h, values, curvatures }
    }

    /// The spline at `x`, measured from the first knot; beyond the last one it goes on straight.
    pub fn at(&self, x: f64) -> f64 {
        let (h, f, g) = (self.spacing, &self.values, &self.curvatures);
        let last = f.len() - 1;
        if last == 0 {
            return f[0];
        }
        let i = ((x / h) as usize).min(last - 1);
        let b = x / h - i as f64;
        if b > 1.0 {
            let slope = (f[last] - f[last - 1]) / h + h * g[last - 1] / 6.0;
            return f[last] + slope * (x - last as f64 * h);
        }
        let a = 1.0 - b;
        a * f[i] + b * f[i + 1] + ((a * a * a - a) * g[i] + (b * b * b - b) * g[i + 1]) * h * h / 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        let samples: Vec<f64> = (0..20).map(|i| 0.3 + 0.1 * f64::from(i)).collect();
        let spline = SmoothingSpline::fit(&samples, 5.0, 1.0);
        for x in 0..100 {
            assert!((spline.at(f64::from(x)) - (0.3 + 0.02 * f64::from(x))).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn residuals_sum_to_s() {
        let samples: Vec<f64> = (0..400).map(|i| if (i / 17) % 2 == 0 { 0.2 } else { 0.8 }).collect();
        for s in [0.1, 1.0, 10.0] {
            let spline = SmoothingSpline::fit(&samples, 5.0, s);
            let sum: f64 = samples.iter().zip(&spline.values).map(|(y, f)| (y - f) * (y - f)).sum();
            assert!((sum - s).abs() < 1e-6 * s, "{s} {sum}");
        }
    }

    #[test]
    fn s_of_zero_interpolates() {
        let samples = [0.2, 0.8, 0.8, 0.2, 0.8];
        let spline = SmoothingSpline::fit(&samples, 5.0, 0.0);
        for (i, y) in samples.iter().enumerate() {
            assert!((spline.at(5.0 * i as f64) - y).abs() < 1e-9);
        }
    }

    #[test]
    fn minimises_what_it_says() {
        // At the minimum of Σ (y − f)² + λ ∫ f″² no other spline through moved values has less.
        let samples = [0.2, 0.8, 0.8, 0.2, 0.8, 0.2, 0.2];
        let (h, lambda) = (5.0, 30.0);
        let fit = SmoothingSpline::with_weight(&samples, h, lambda);
        let cost = |values: &[f64]| {
            let spline = SmoothingSpline::with_weight(values, h, 0.0);
            let residuals: f64 = samples.iter().zip(values).map(|(y, f)| (y - f) * (y - f)).sum();
            let g = &spline.curvatures;
            let bending: f64 = g.windows(2).map(|w| h / 3.0 * (w[0] * w[0] + w[0] * w[1] + w[1] * w[1])).sum();
            residuals + lambda * bending
        };
        let best = cost(&fit.values);
        for i in 0..samples.len() {
            for step in [-1e-3, 1e-3] {
                let mut moved = fit.values.clone();
                moved[i] += step;
                assert!(cost(&moved) > best, "{i} {step}");
            }
        }
    }
}
