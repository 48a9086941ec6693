//! The quantities of two runs that can be compared.

use std::ops::Range;

use burstnet_core::config::RunConfig;
use burstnet_core::observer::StepView;

use crate::tables::trace::QUANTITIES;

/// The sizes of a run, from which the order of the numbers in its stream follows: for each step whether it was taught, then
/// targets and outputs, then the quantities of each hidden layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Units of each layer, the inputs first.
    pub layers: Vec<usize>,
}

impl Shape {
    /// Returns the shape of the runs of a configuration.
    pub fn of(config: &RunConfig) -> Self {
        Self { layers: config.network.layers.clone() }
    }

    fn outputs(&self) -> usize {
        self.layers.last().copied().unwrap_or(0)
    }

    fn hidden(&self) -> &[usize] {
        &self.layers[1..self.layers.len() - 1]
    }

    /// Appends the numbers of a step.
    pub(super) fn push(&self, view: &StepView<'_>, values: &mut Vec<f64>) {
        values.push(f64::from(u8::from(view.taught)));
        values.extend_from_slice(view.target);
        values.extend_from_slice(view.output);
        for m in 0..self.hidden().len() {
            let state = view.states.hidden(m);
            QUANTITIES.iter().for_each(|one| values.extend_from_slice((one.of)(&state)));
        }
    }

    /// Returns where the numbers of a quantity of hidden layer `m` stand.
    fn hidden_at(&self, m: usize, quantity: usize) -> Range<usize> {
        let below: usize = self.hidden()[..m].iter().sum();
        let units = self.hidden()[m];
        let start = 1 + 2 * self.outputs() + QUANTITIES.len() * below + quantity * units;
        start..start + units
    }
}

/// The source of a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The places of its numbers in the two runs' steps.
    PerStep([Range<usize>; 2]),
    /// A matrix (0 for W, 1 for b, 2 for Y) of a layer.
    Weights(u8, usize),
}

/// A quantity that both runs have.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Its name.
    pub name: String,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// Its source.
    pub kind: Kind,
}

/// The quantities of two runs.
pub struct Quantities {
    /// Those that can be compared.
    pub both: Vec<Quantity>,
    /// Those that cannot, and why.
    pub not_compared: Vec<String>,
}

/// The quantities of a hidden layer in the order in which a step computes them, by their place among [`QUANTITIES`].
const IN_ORDER: [usize; 5] = [4, 0, 3, 1, 2];

impl Quantities {
    /// Returns what runs of these shapes have in common.
    pub fn of([a, b]: [&Shape; 2]) -> Self {
        let per_step = |name: &str, unit, at| Quantity { name: name.to_owned(), unit, kind: Kind::PerStep(at) };
        let mut both = vec![per_step("taught", "", [0..1, 0..1])];
        let mut not_compared = Vec::new();
        let outputs = [a.outputs(), b.outputs()];
        let same_outputs = outputs[0] == outputs[1];
        let at = |first: usize| outputs.map(|n| 1 + first * n..1 + (first + 1) * n);
        if same_outputs {
            both.push(per_step("target", "events/step", at(0)));
        } else {
            not_compared.push(format!("target and output: {} and {} units", outputs[0], outputs[1]));
        }
        let layers = [a.hidden(), b.hidden()];
        let shared = layers[0].len().min(layers[1].len());
        for m in 0..shared {
            let units = [layers[0][m], layers[1][m]];
            if units[0] != units[1] {
                not_compared.push(format!("hidden layer {m}: {} and {} units", units[0], units[1]));
                continue;
            }
            for quantity in IN_ORDER {
                let one = &QUANTITIES[quantity];
                let at = [a.hidden_at(m, quantity), b.hidden_at(m, quantity)];
                both.push(per_step(&format!("hidden{m}_{}", one.name), one.unit, at));
            }
        }
        if same_outputs {
            both.push(per_step("output", "events/step", at(1)));
        }
        for m in shared..layers[0].len().max(layers[1].len()) {
            let side = if layers[0].len() > m { "A" } else { "B" };
            not_compared.push(format!("hidden layer {m}: only {side} has it"));
        }
        weights([a, b], &mut both, &mut not_compared);
        Self { both, not_compared }
    }
}

/// Adds the matrices: layers have the same number from the input on.
fn weights([a, b]: [&Shape; 2], both: &mut Vec<Quantity>, not_compared: &mut Vec<String>) {
    let mut add = |name: String, matrix, layer, shapes: [Vec<usize>; 2]| {
        if shapes[0] == shapes[1] {
            both.push(Quantity { name, unit: "", kind: Kind::Weights(matrix, layer) });
        } else {
            let words = shapes.map(|shape| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × "));
            not_compared.push(format!("{name}: {} and {} weights", words[0], words[1]));
        }
    };
    let shared = a.layers.len().min(b.layers.len()) - 1;
    for layer in 0..shared {
        add(format!("W_{layer}"), 0, layer, [a, b].map(|one| vec![one.layers[layer + 1], one.layers[layer]]));
        add(format!("b_{layer}"), 1, layer, [a, b].map(|one| vec![one.layers[layer + 1]]));
        if [a, b].iter().all(|one| layer < one.hidden().len()) {
            add(format!("Y_{layer}"), 2, layer, [a, b].map(|one| vec![one.layers[layer + 1], one.outputs()]));
        }
    }
}
