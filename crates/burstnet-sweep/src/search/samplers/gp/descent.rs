//! Descent within bounds by L-BFGS (Liu & Nocedal, Math. Program. 45:503–528, 1989): steps are projected onto the bounds,
//! and coordinates that a bound holds take no part in them (Bertsekas, SIAM J. Control Optim. 20, 1982).

use std::collections::VecDeque;

use super::cholesky::dot;

/// The number of steps that are remembered.
const MEMORY: usize = 8;
/// The part of the expected fall that a step has to bring (Armijo).
const ENOUGH: f64 = 1e-4;
/// The most halvings of a step.
const HALVINGS: usize = 20;
/// The relative fall of the value, and the size of the gradient, below which the descent ends.
const SMALLEST_FALL: f64 = 1e-9;
const SMALLEST_SLOPE: f64 = 1e-8;

/// A function with its gradient; `None` where it has no finite value.
pub(super) type Function<'a> = dyn FnMut(&[f64]) -> Option<(f64, Vec<f64>)> + 'a;

/// A descent, and the extent of a first step.
pub(super) struct Descent<'a> {
    /// The least and the largest value of each coordinate.
    pub(super) bounds: &'a [(f64, f64)],
    /// The most steps.
    pub(super) steps: usize,
    /// The length of the first step.
    pub(super) first: f64,
}

impl Descent<'_> {
    /// Returns the lowest point found from `start` on, and its value; `None` if `start` has none.
    pub(super) fn run(&self, start: &[f64], function: &mut Function<'_>) -> Option<(Vec<f64>, f64)> {
        let mut x = start.to_vec();
        let (mut value, mut gradient) = function(&x)?;
        let mut memory: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
        for _ in 0..self.steps {
            let is_free = self.free(&x, &gradient);
            let slope = masked(&gradient, &is_free);
            if slope.iter().all(|g| g.abs() < SMALLEST_SLOPE) {
                break;
            }
            let mut direction = newton(&slope, &memory, &is_free);
            if dot(&direction, &slope) >= 0.0 {
                memory.clear();
                direction = slope.iter().map(|g| -g).collect();
            }
            if memory.is_empty() {
                let length = self.first / dot(&slope, &slope).sqrt();
                direction = slope.iter().map(|g| -g * length).collect();
            }
            let Some((new, new_value, new_gradient)) = self.step(&x, value, &slope, &direction, function) else {
                if memory.is_empty() {
                    break;
                }
                memory.clear(); // once more, straight down
                continue;
            };
            let moved: Vec<f64> = new.iter().zip(&x).map(|(a, b)| a - b).collect();
            let turned: Vec<f64> = new_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
            if dot(&moved, &turned) > 1e-12 * dot(&turned, &turned) {
                memory.push_back((moved, turned));
                if memory.len() > MEMORY {
                    memory.pop_front();
                }
            }
            let fall = value - new_value;
            (x, value, gradient) = (new, new_value, new_gradient);
            if fall <= SMALLEST_FALL * value.abs().max(1.0) {
                break;
            }
        }
        Some((x, value))
    }

    /// Returns which coordinates no bound holds back.
    fn free(&self, x: &[f64], gradient: &[f64]) -> Vec<bool> {
        let is_free =
            |((x, g), (low, high)): ((&f64, &f64), &(f64, f64))| !(x <= low && *g > 0.0 || x >= high && *g < 0.0);
        x.iter().zip(gradient).zip(self.bounds).map(is_free).collect()
    }

    /// Returns the first point along the direction, of ever shorter steps, that lies low enough.
    fn step(
        &self,
        x: &[f64],
        value: f64,
        slope: &[f64],
        direction: &[f64],
        function: &mut Function<'_>,
    ) -> Option<(Vec<f64>, f64, Vec<f64>)> {
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let to = |((x, d), (low, high)): ((&f64, &f64), &(f64, f64))| (x + length * d).clamp(*low, *high);
            let new: Vec<f64> = x.iter().zip(direction).zip(self.bounds).map(to).collect();
            let expected: f64 = new.iter().zip(x).zip(slope).map(|((a, b), g)| (a - b) * g).sum();
            if new == x {
                return None;
            }
            if let Some((found, gradient)) = function(&new)
                && found <= value + ENOUGH * expected.min(0.0)
                && found < value
            {
                return Some((new, found, gradient));
            }
            length *= 0.5;
        }
        None
    }
}

fn masked(values: &[f64], is_free: &[bool]) -> Vec<f64> {
    values.iter().zip(is_free).map(|(x, free)| if *free { *x } else { 0.0 }).collect()
}

/// Returns the direction of the two-loop recursion, along the free coordinates.
fn newton(slope: &[f64], memory: &VecDeque<(Vec<f64>, Vec<f64>)>, is_free: &[bool]) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|g| -g).collect();
    let mut factors = Vec::with_capacity(memory.len());
    for (moved, turned) in memory.iter().rev() {
        let factor = dot(moved, &direction) / dot(moved, turned);
        direction.iter_mut().zip(turned).for_each(|(d, y)| *d -= factor * y);
        factors.push(factor);
    }
    if let Some((moved, turned)) = memory.back() {
        let scale = dot(moved, turned) / dot(turned, turned);
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for ((moved, turned), factor) in memory.iter().zip(factors.into_iter().rev()) {
        let other = dot(turned, &direction) / dot(moved, turned);
        direction.iter_mut().zip(moved).for_each(|(d, s)| *d += (factor - other) * s);
    }
    masked(&direction, is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rosenbrock(x: &[f64]) -> Option<(f64, Vec<f64>)> {
        let (bend, slope) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        Some((100.0 * bend * bend + slope * slope, vec![-400.0 * bend * x[0] - 2.0 * slope, 200.0 * bend]))
    }

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let descent = Descent { bounds: &[(-5.0, 5.0); 2], steps: 200, first: 0.1 };
        let (x, value) = descent.run(&[-1.2, 1.0], &mut |x| rosenbrock(x)).unwrap();
        assert!(value < 1e-9 && (x[0] - 1.0).abs() < 1e-4, "{x:?}, {value}");
    }

    #[test]
    fn bounds_and_gaps_hold_the_descent_back() {
        let descent = Descent { bounds: &[(-5.0, 0.5), (-5.0, 5.0)], steps: 200, first: 0.1 };
        let (x, _) = descent.run(&[-1.2, 1.0], &mut |x| rosenbrock(x)).unwrap();
        assert_eq!(x[0], 0.5);
        assert!((x[1] - 0.25).abs() < 1e-4, "{x:?}");
        let gap = |x: &[f64]| if x[0] > 0.0 { None } else { rosenbrock(x) };
        let (x, _) = descent.run(&[-1.2, 1.0], &mut |x| gap(x)).unwrap();
        assert!(x[0] <= 0.0 && x[0] > -0.2, "{x:?}");
        assert!(descent.run(&[1.0, 1.0], &mut |_| None).is_none());
    }
}
