//! Test functions of the unit cube.

use burstnet_core::math::{cos, exp};

/// A number of axes, and a function on their unit cube.
pub(crate) type Function = (usize, fn(&[f64]) -> f64);

/// Returns the function of this name.
pub(crate) fn function(name: &str) -> Option<Function> {
    match name {
        "branin" => Some((2, branin)),
        "hartmann6" => Some((6, hartmann6)),
        "rosenbrock10" => Some((10, rosenbrock)),
        _ => None,
    }
}

/// Branin on [−5, 10] × [0, 15]; its least value is 0.397887.
fn branin(unit: &[f64]) -> f64 {
    let (x, y) = (15.0 * unit[0] - 5.0, 15.0 * unit[1]);
    let pi = std::f64::consts::PI;
    let valley = y - 5.1 / (4.0 * pi * pi) * x * x + 5.0 / pi * x - 6.0;
    valley * valley + 10.0 * (1.0 - 1.0 / (8.0 * pi)) * cos(x) + 10.0
}

/// Rosenbrock on [−5, 10]ᵈ; its least value is 0.
fn rosenbrock(unit: &[f64]) -> f64 {
    let x: Vec<f64> = unit.iter().map(|u| 15.0 * u - 5.0).collect();
    let term = |pair: &[f64]| {
        let (bend, slope) = (pair[1] - pair[0] * pair[0], 1.0 - pair[0]);
        100.0 * bend * bend + slope * slope
    };
    x.windows(2).map(term).sum()
}

/// Hartmann's function of six variables; its least value is −3.32237.
fn hartmann6(unit: &[f64]) -> f64 {
    const ALPHA: [f64; 4] = [1.0, 1.2, 3.0, 3.2];
    const A: [[f64; 6]; 4] = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    const P: [[f64; 6]; 4] = [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];
    let far = |at: usize| -> f64 { (0..6).map(|j| A[at][j] * (unit[j] - P[at][j]) * (unit[j] - P[at][j])).sum() };
    -(0..4).map(|at| ALPHA[at] * exp(-far(at))).sum::<f64>()
}
