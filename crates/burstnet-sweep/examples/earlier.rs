//! A sampler that learns from an earlier search on a shifted test function. One line of JSON: the best value after each
//! point.
//!
//! ```sh
//! cargo run --release -p burstnet-sweep --example earlier -- gp branin 50 4 1 0.05 40
//! ```
//!
//! The arguments are a sampler, a function, the number of points, the size of a round, the seed, by how much the earlier
//! function was shifted along each axis, as a part of its range, and how many points the earlier search had; 0 for none.
#![allow(clippy::print_stdout)]

mod functions;

use std::collections::BTreeMap;
use std::error::Error;

use burstnet_sweep::search::samplers::{Axis, AxisKind, Problem, Proposer, Told, named};

use functions::function;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sampler, function, points, round, seed, shift, earlier] = arguments.as_slice() else {
        return Err(
            "expected a sampler, a function, points, a round, the seed, the shift and the earlier points".into()
        );
    };
    let (count, f) = self::function(function).ok_or("expected branin, hartmann6 or rosenbrock10")?;
    let axes: Vec<Axis> = (0..count).map(|at| Axis { name: format!("x{at}"), kind: AxisKind::Range }).collect();
    let sampler = named(sampler).ok_or("no such sampler")?;
    let (points, round, seed, shift, earlier): (u64, u64, u64, f64, u64) =
        (points.parse()?, round.parse()?, seed.parse()?, shift.parse()?, earlier.parse()?);
    let settings = BTreeMap::new();
    let problem =
        |seed, points| Problem { axes: &axes, seed, points: Some(points), round, objectives: 1, settings: &settings };
    // Shifted outwards or inwards, in turn.
    let shifted = |point: &[f64]| {
        let moved = point.iter().enumerate().map(|(at, x)| x + if at % 2 == 0 { shift } else { -shift });
        f(&moved.collect::<Vec<_>>())
    };
    let before = run(sampler.start(&problem(seed + 1000, earlier)), (earlier, round), count, &shifted);
    let mut search = sampler.start(&problem(seed, points));
    search.learn(&before);
    let after = run(search, (points, round), count, &|point| f(point));
    let mut best = f64::INFINITY;
    let bests: Vec<f64> = after
        .iter()
        .filter_map(|told| told.losses[0])
        .map(|loss| {
            best = best.min(loss);
            best
        })
        .collect();
    println!("{}", serde_json::to_string(&bests)?);
    Ok(())
}

/// Returns the results of a search.
fn run(
    mut search: Box<dyn Proposer>,
    (points, round): (u64, u64),
    count: usize,
    f: &dyn Fn(&[f64]) -> f64,
) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    while (all.len() as u64) < points {
        let proposed = search.ask(round.min(points - all.len() as u64), &|_| Some(vec![true; count]));
        if proposed.is_empty() {
            break;
        }
        let told = |point: Vec<f64>| {
            let losses = vec![Some(f(&point))];
            let point = point.into_iter().map(Some).collect();
            Told { point, losses, errors: vec![None], replicates: 1, ..Told::default() }
        };
        let told: Vec<Told> = proposed.into_iter().map(told).collect();
        search.tell(&told);
        all.extend(told);
    }
    all
}
