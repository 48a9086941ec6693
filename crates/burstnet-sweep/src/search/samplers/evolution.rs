//! The state of CMA-ES and its update by a generation (Hansen, arXiv:1604.00772, 2016; with the numbers of its
//! equations).

use burstnet_core::math::{exp, ln};
use burstnet_core::streams::Stream;

use super::eigen::{Eigen, decompose};
use super::normal;

/// The constants that depend only on the number of axes and the size of a generation.
pub(super) struct Constants {
    weights: Vec<f64>,
    parents: usize,
    mu_eff: f64,
    c_1: f64,
    c_mu: f64,
    c_sigma: f64,
    d_sigma: f64,
    c_c: f64,
    /// The expected length of a standard normal vector.
    chi: f64,
}

impl Constants {
    /// Returns the constants for generations of `size` points on `axes` axes (equations 49 to 58).
    pub(super) fn new(axes: usize, size: usize) -> Self {
        let n = axes as f64;
        let raw: Vec<f64> = (1..=size).map(|rank| ln((size as f64 + 1.0) / 2.0) - ln(rank as f64)).collect();
        let parents = size / 2;
        let effective = |part: &[f64]| {
            let sum: f64 = part.iter().sum();
            sum * sum / part.iter().map(|weight| weight * weight).sum::<f64>()
        };
        let (mu_eff, mu_eff_minus) = (effective(&raw[..parents]), effective(&raw[parents..]));
        let c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff);
        let c_mu = (2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((n + 2.0) * (n + 2.0) + mu_eff)).min(1.0 - c_1 - 1e-8);
        let least =
            (1.0 + c_1 / c_mu).min(1.0 + 2.0 * mu_eff_minus / (mu_eff + 2.0)).min((1.0 - c_1 - c_mu) / (n * c_mu));
        let positive: f64 = raw.iter().filter(|weight| **weight > 0.0).sum();
        let negative: f64 = raw.iter().filter(|weight| **weight < 0.0).map(|weight| -weight).sum();
        let scaled = |weight: &f64| if *weight >= 0.0 { weight / positive } else { weight * least / negative };
        let c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
        let wide = (((mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0);
        Self {
            weights: raw.iter().map(scaled).collect(),
            parents,
            mu_eff,
            c_1,
            c_mu,
            c_sigma,
            d_sigma: 1.0 + 2.0 * wide + c_sigma,
            c_c: (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n),
            chi: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }
}

/// A normal distribution that moves and changes its shape.
pub(super) struct State {
    pub(super) mean: Vec<f64>,
    pub(super) sigma: f64,
    covariance: Vec<Vec<f64>>,
    path_sigma: Vec<f64>,
    path_c: Vec<f64>,
    /// The factor (1 − c_σ)^(2g) after g generations.
    decay: f64,
    axes: Vec<Vec<f64>>,
    scales: Vec<f64>,
}

impl State {
    /// Returns a sphere of radius `sigma` around `mean`.
    pub(super) fn new(mean: Vec<f64>, sigma: f64) -> Self {
        let n = mean.len();
        let unit: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        Self {
            mean,
            sigma,
            covariance: unit.clone(),
            path_sigma: vec![0.0; n],
            path_c: vec![0.0; n],
            decay: 1.0,
            axes: unit,
            scales: vec![1.0; n],
        }
    }

    /// Draws a point from the distribution.
    pub(super) fn draw(&self, stream: &mut Stream) -> Vec<f64> {
        let stretched: Vec<f64> = self.scales.iter().map(|scale| scale * normal::draw(stream)).collect();
        let along = |(mean, row): (&f64, &Vec<f64>)| mean + self.sigma * dot(row, &stretched);
        self.mean.iter().zip(&self.axes).map(along).collect()
    }

    /// Learns from a generation, given with the best point first. Along axis i the standard deviation stays above
    /// `floors[i]`.
    pub(super) fn learn(&mut self, constants: &Constants, ranked: &[Vec<f64>], floors: &[f64]) {
        let n = self.mean.len();
        let steps: Vec<Vec<f64>> = ranked
            .iter()
            .map(|point| point.iter().zip(&self.mean).map(|(x, mean)| (x - mean) / self.sigma).collect())
            .collect();
        let parents = steps.iter().zip(&constants.weights).take(constants.parents);
        let mut step = vec![0.0; n];
        for (one, weight) in parents {
            step.iter_mut().zip(one).for_each(|(sum, y)| *sum += weight * y);
        }
        self.mean.iter_mut().zip(&step).for_each(|(mean, y)| *mean += self.sigma * y);
        let lengths: Vec<f64> = steps.iter().map(|y| squared(&self.whitened(y))).collect();
        let white = self.whitened(&step);
        let keep = constants.c_sigma * (2.0 - constants.c_sigma) * constants.mu_eff;
        move_path(&mut self.path_sigma, constants.c_sigma, keep.sqrt(), &white);
        let length = squared(&self.path_sigma).sqrt();
        self.decay *= (1.0 - constants.c_sigma) * (1.0 - constants.c_sigma);
        let settled = (1.0 - self.decay * (1.0 - constants.c_sigma) * (1.0 - constants.c_sigma)).sqrt();
        let short = length / settled < (1.4 + 2.0 / (n as f64 + 1.0)) * constants.chi;
        let keep = if short { (constants.c_c * (2.0 - constants.c_c) * constants.mu_eff).sqrt() } else { 0.0 };
        move_path(&mut self.path_c, constants.c_c, keep, &step);
        self.reshape(constants, &steps, &lengths, short);
        // Where a floor has widened an axis, the path can be longer than any that the distribution was made for.
        self.sigma *= exp(constants.c_sigma / constants.d_sigma * (length / constants.chi - 1.0)).min(10.0);
        for (at, floor) in floors.iter().enumerate() {
            let least = (floor / self.sigma) * (floor / self.sigma);
            self.covariance[at][at] = self.covariance[at][at].max(least);
        }
        self.turn();
    }

    /// Updates the covariance by rank one and rank μ, with negative weights (equations 46 and 47).
    fn reshape(&mut self, constants: &Constants, steps: &[Vec<f64>], lengths: &[f64], short: bool) {
        let n = self.mean.len();
        let missed = if short { 0.0 } else { constants.c_c * (2.0 - constants.c_c) };
        let sum: f64 = constants.weights.iter().sum();
        let kept = 1.0 + constants.c_1 * missed - constants.c_1 - constants.c_mu * sum;
        let weigh = |(weight, length): (&f64, &f64)| {
            if *weight >= 0.0 { *weight } else { weight * n as f64 / (length + 1e-8) }
        };
        let weights: Vec<f64> = constants.weights.iter().zip(lengths).map(weigh).collect();
        for i in 0..n {
            for j in 0..=i {
                let rank_mu: f64 = weights.iter().zip(steps).map(|(weight, y)| weight * y[i] * y[j]).sum();
                let rank_one = self.path_c[i] * self.path_c[j];
                let element = kept * self.covariance[i][j] + constants.c_1 * rank_one + constants.c_mu * rank_mu;
                self.covariance[i][j] = element;
                self.covariance[j][i] = element;
            }
        }
    }

    /// Finds the principal axes of the covariance.
    fn turn(&mut self) {
        let Eigen { values, vectors } = decompose(&self.covariance);
        let most = values.iter().copied().fold(0.0, f64::max);
        // Rounding and negative weights can take a value below 0.
        self.scales = values.iter().map(|value| value.max(most * 1e-18).sqrt()).collect();
        self.axes = vectors;
    }

    /// Returns C^(−1/2) times `step`.
    fn whitened(&self, step: &[f64]) -> Vec<f64> {
        let n = step.len();
        let along = |k: usize| (0..n).map(|i| self.axes[i][k] * step[i]).sum::<f64>() / self.scales[k];
        let turned: Vec<f64> = (0..n).map(along).collect();
        self.axes.iter().map(|row| dot(row, &turned)).collect()
    }

    /// Returns the largest standard deviation, and the condition number of the covariance.
    pub(super) fn extent(&self) -> (f64, f64) {
        let most = self.scales.iter().copied().fold(0.0, f64::max);
        let least = self.scales.iter().copied().fold(f64::INFINITY, f64::min);
        (self.sigma * most, (most / least) * (most / least))
    }
}

fn move_path(path: &mut [f64], rate: f64, gain: f64, step: &[f64]) {
    path.iter_mut().zip(step).for_each(|(path, y)| *path = (1.0 - rate) * *path + gain * y);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn squared(a: &[f64]) -> f64 {
    dot(a, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::SweepPurpose;

    fn least(axes: usize, size: usize, generations: usize, loss: fn(&[f64]) -> f64) -> f64 {
        let constants = Constants::new(axes, size);
        let mut state = State::new(vec![0.5; axes], 0.2);
        let mut stream = Stream::new(9, SweepPurpose::Search);
        for _ in 0..generations {
            let mut points: Vec<Vec<f64>> = (0..size).map(|_| state.draw(&mut stream)).collect();
            points.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
            state.learn(&constants, &points, &vec![0.0; axes]);
        }
        loss(&state.mean)
    }

    #[test]
    fn weights_are_those_of_the_tutorial() {
        let constants = Constants::new(10, 10);
        assert_eq!(constants.parents, 5);
        let positive: f64 = constants.weights[..5].iter().sum();
        assert!((positive - 1.0).abs() < 1e-15 && constants.weights[5..].iter().all(|weight| *weight < 0.0));
        assert!((constants.mu_eff - 3.167).abs() < 1e-3, "{}", constants.mu_eff);
    }

    #[test]
    fn narrow_valleys_and_turned_ellipsoids_are_followed_to_the_end() {
        let valley = |x: &[f64]| {
            let term = |pair: &[f64]| {
                let (bend, slope) = (pair[1] - pair[0] * pair[0], 1.0 - pair[0]);
                100.0 * bend * bend + slope * slope
            };
            x.windows(2).map(term).sum()
        };
        assert!(least(6, 9, 700, valley) < 1e-12);
        let ellipsoid = |x: &[f64]| {
            let (sum, difference) = (x[0] + x[1], x[0] - x[1]);
            sum * sum + 1e6 * difference * difference
        };
        assert!(least(2, 6, 150, ellipsoid) < 1e-12);
    }

    #[test]
    fn deviations_stay_above_their_floors() {
        let constants = Constants::new(2, 6);
        let mut state = State::new(vec![0.5; 2], 0.2);
        let mut stream = Stream::new(9, SweepPurpose::Search);
        for _ in 0..200 {
            let mut points: Vec<Vec<f64>> = (0..6).map(|_| state.draw(&mut stream)).collect();
            points.sort_by(|a, b| (a[0] * a[0] + a[1] * a[1]).total_cmp(&(b[0] * b[0] + b[1] * b[1])));
            state.learn(&constants, &points, &[0.0, 0.1]);
            assert!(state.sigma * state.covariance[1][1].sqrt() > 0.1 - 1e-12);
        }
        assert!(state.mean[0].abs() < 0.01);
    }
}
