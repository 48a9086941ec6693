//! Single kernels at the sizes of a network, for the benchmarks.

use super::super::panel::Panel;
use super::{Bursts, Isa, bursts, deflate, lane_sums, outer, product, rates, updates};

/// A kernel and its operands.
pub struct Measured {
    isa: Isa,
    kernel: Kernel,
}

enum Kernel {
    Product { left: Panel, inner: usize, right: Panel, out: Panel },
    Rates { rates: Panel, bias: Panel },
    LaneSums { weights: Panel, right: Panel, out: Vec<f32> },
    Outer { factor: Panel, coefficients: Vec<f32>, out: Panel },
    Bursts { weights: Panel, averages: Vec<f32>, rates: Panel, bursts: Bursts },
    Updates { factors: Panel, steps: Vec<usize>, gram: Panel, out: Panel },
    Deflate { q: Vec<f64>, row: Vec<f64> },
}

fn panel(units: usize, rows: usize) -> Panel {
    Panel::from_fn(units, rows, |unit, row| ((unit * 7 + row * 3) % 11) as f32 * 0.01 - 0.05)
}

impl Measured {
    /// Returns the product W ṽ of `units` units and `inner` presynaptic ones at `steps` steps.
    pub fn product(isa: Isa, units: usize, inner: usize, steps: usize) -> Self {
        let (left, right, out) = (panel(units, inner), panel(inner, steps), panel(units, steps));
        Self { isa, kernel: Kernel::Product { left, inner, right, out } }
    }

    /// Returns the event rates of `units` units at `steps` steps, from their voltages.
    pub fn rates(isa: Isa, units: usize, steps: usize) -> Self {
        Self { isa, kernel: Kernel::Rates { rates: panel(units, steps + 1), bias: panel(units, 1) } }
    }

    /// Returns the products of the output layer: `outputs` units that read `units` at `steps` steps.
    pub fn output(isa: Isa, units: usize, outputs: usize, steps: usize) -> Self {
        let (weights, right, out) = (panel(units, outputs), panel(units, steps), vec![0.0; outputs * steps]);
        Self { isa, kernel: Kernel::LaneSums { weights, right, out } }
    }

    /// Returns one update of the weights of `units` units that read `inner`.
    pub fn outer(isa: Isa, units: usize, inner: usize) -> Self {
        let (factor, coefficients, out) = (panel(units, 1), vec![1e-9; inner], panel(units, inner));
        Self { isa, kernel: Kernel::Outer { factor, coefficients, out } }
    }

    /// Returns the burst probabilities of `units` units at `steps` steps, from `outputs` outputs.
    pub fn bursts(isa: Isa, units: usize, outputs: usize, steps: usize) -> Self {
        let (weights, averages, rates) = (panel(units, outputs), vec![0.4; outputs * steps], panel(units, steps));
        let bursts = Bursts { probability: panel(units, steps), rate: panel(units, steps) };
        Self { isa, kernel: Kernel::Bursts { weights, averages, rates, bursts } }
    }

    /// Returns the products of `units` units at 64 steps that take `count` updates, in the space of the steps.
    pub fn updates(isa: Isa, units: usize, count: usize) -> Self {
        let (factors, gram, out) = (panel(units, count), panel(64, count), panel(units, 64));
        Self { isa, kernel: Kernel::Updates { factors, steps: (0..count).collect(), gram, out } }
    }

    /// Returns one step of Gram–Schmidt on a vector of `n` numbers, a multiple of 16.
    pub fn deflate(isa: Isa, n: usize) -> Self {
        Self { isa, kernel: Kernel::Deflate { q: vec![1e-3; n], row: vec![0.5; n] } }
    }

    /// Runs the kernel once.
    pub fn run(&mut self) {
        let isa = self.isa;
        match &mut self.kernel {
            Kernel::Product { left, inner, right, out } => {
                product(isa, left, *inner, right, 0..right.rows(), out, 0, false);
            }
            Kernel::Rates { rates: panel, bias } => {
                let rows = 1..panel.rows();
                rates(isa, panel, rows, bias, None, None);
            }
            Kernel::LaneSums { weights, right, out } => lane_sums(isa, weights, right, 0..right.rows(), out),
            Kernel::Outer { factor, coefficients, out } => outer(isa, factor, 0, coefficients, 1.0, out, 0),
            Kernel::Bursts { weights, averages, rates, bursts: held } => {
                bursts(isa, weights, averages, rates, 0..rates.rows(), held, None);
            }
            Kernel::Updates { factors, steps, gram, out } => {
                updates(isa, factors, 0..steps.len(), steps, gram, 0..64, out);
            }
            Kernel::Deflate { q, row } => {
                deflate(isa, q, row);
            }
        }
    }
}
