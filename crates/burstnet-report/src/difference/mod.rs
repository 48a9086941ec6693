//! The difference of two runs: the first step at which any quantity differs, and how the differences grow.
//!
//! Both runs go at once, each on a thread of its own. [`Sending`] watches a run and sends what it saw in blocks, a few of
//! which may wait; [`compare`] takes both streams in step, so memory is bounded whatever the length of the runs. Where
//! only one of the runs has a step, such as an epoch that the other does not have, it is left out.

mod growth;
mod quantities;
mod stream;

use serde::Serialize;

pub use growth::{Bin, Growth};
pub use quantities::{Kind, Quantities, Quantity, Shape};
pub use stream::{Received, Sending, channel};

use growth::Grown;
use stream::{Head, Item, Place};

/// A value that differs, for the first time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Parting {
    /// The steps of the two runs, counted from 0 over the whole run; for weights the number of steps before them.
    pub steps: [u64; 2],
    /// The part of the run.
    pub phase: &'static str,
    /// The epoch, from 0; `None` outside training. For weights, the number of epochs that are over.
    pub epoch: Option<u64>,
    /// The index within the sequence; `None` for weights, which are looked at between epochs.
    pub t: Option<u64>,
    /// The unit, of those that differ then the one that differs most; of a matrix the first row in which any weight
    /// differs.
    pub unit: usize,
    /// The column of a matrix.
    pub column: Option<usize>,
    /// The values of the two runs; `None` if not finite.
    pub values: [Option<f64>; 2],
    /// The difference of the second from the first.
    pub difference: Option<f64>,
    #[serde(skip)]
    place: Place,
}

/// A quantity of both runs.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// Its name, as in traces and saved weights.
    pub name: String,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// Where it differs first; `None` if it never does.
    pub parts: Option<Parting>,
    /// The differences over time.
    pub growth: Growth,
}

/// The difference of two runs.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The quantities that both have, in the order in which a step computes them, then weights.
    pub quantities: Vec<Compared>,
    /// The quantities that cannot be compared, and why.
    pub not_compared: Vec<String>,
    /// The number of steps that were compared.
    pub steps: u64,
    /// The number of steps that only one of the runs has.
    pub steps_of_one: [u64; 2],
}

impl Difference {
    /// Returns the quantities that differ at the first moment at which any does, in the order of a step; empty if none
    /// ever differs.
    pub fn first(&self) -> Vec<(&Compared, &Parting)> {
        let parted = || self.quantities.iter().filter_map(|one| Some((one, one.parts.as_ref()?)));
        let Some(first) = parted().map(|(_, parting)| parting.place).min() else { return Vec::new() };
        parted().filter(|(_, parting)| parting.place == first).collect()
    }

    /// Returns the first step at which a quantity differs, and that quantity: weights are looked at between epochs.
    pub fn first_step(&self) -> Option<(&Compared, &Parting)> {
        let parted = self.quantities.iter().filter_map(|one| Some((one, one.parts.as_ref()?)));
        parted.filter(|(_, parting)| parting.t.is_some()).min_by_key(|(_, parting)| parting.place)
    }
}

/// Compares two runs of these shapes in step, until both are over.
pub fn compare(shapes: [&Shape; 2], mut runs: [Received; 2]) -> Difference {
    let Quantities { both, not_compared } = Quantities::of(shapes);
    let mut compared: Vec<Grown> = both.iter().map(|_| Grown::default()).collect();
    let (mut steps, mut of_one) = (0, [0_u64; 2]);
    loop {
        let [a, b] = &mut runs;
        match (a.peek(), b.peek()) {
            (Some(first), Some(second)) => match first.place.cmp(&second.place) {
                std::cmp::Ordering::Less => of_one[0] += a.skip(),
                std::cmp::Ordering::Greater => of_one[1] += b.skip(),
                std::cmp::Ordering::Equal => {
                    steps += a.with(b, |first, second| pair(&both, &mut compared, first, second));
                }
            },
            (Some(_), None) => of_one[0] += a.skip(),
            (None, Some(_)) => of_one[1] += b.skip(),
            (None, None) => break,
        }
    }
    let quantities = both.into_iter().zip(compared);
    let quantities = quantities.map(|(one, grown)| {
        let (parts, growth) = grown.finish();
        Compared { name: one.name, unit: one.unit, parts, growth }
    });
    Difference { quantities: quantities.collect(), not_compared, steps, steps_of_one: of_one }
}

/// Compares a step of both runs, or a row of the same matrix.
fn pair(both: &[Quantity], compared: &mut [Grown], a: &Item<'_>, b: &Item<'_>) {
    match (a, b) {
        (Item::Step(a, first), Item::Step(b, second)) => {
            for (one, grown) in both.iter().zip(compared) {
                let Kind::PerStep([at_a, at_b]) = &one.kind else { continue };
                let values = [&first[at_a.clone()], &second[at_b.clone()]];
                grown.add(a.place, values, |unit, values| parting([a, b], (unit, None), values));
            }
        }
        (Item::Row(a, first), Item::Row(b, second)) => {
            let held = both.iter().zip(compared).find(|(one, _)| one.kind == Kind::Weights(a.place.matrix, a.layer));
            if let Some((_, grown)) = held
                && first.len() == second.len()
            {
                grown.add(a.place, [first, second], |column, values| {
                    let at = if a.place.matrix == stream::BIAS { (column, None) } else { (a.row, Some(column)) };
                    let mut found = parting([a, b], at, values);
                    found.t = None;
                    found
                });
            }
        }
        _another_moment => {}
    }
}

fn parting([a, b]: [&Head; 2], (unit, column): (usize, Option<usize>), values: [f64; 2]) -> Parting {
    let finite = |x: f64| x.is_finite().then_some(x);
    Parting {
        steps: [a.step, b.step],
        phase: a.place.phase().name(),
        epoch: a.epoch,
        t: Some(a.t),
        unit,
        column,
        values: values.map(finite),
        difference: finite(values[1] - values[0]),
        place: a.place.moment(),
    }
}

#[cfg(test)]
mod tests;
