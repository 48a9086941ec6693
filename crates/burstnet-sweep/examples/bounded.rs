//! A sampler on a test function with a bound. One line of JSON: after each point the best value so far that keeps the bound,
//! null before there is one.
//!
//! ```sh
//! cargo run --release -p burstnet-sweep --example bounded -- gp gardner2 50 4 1 bound
//! ```
//!
//! The arguments are a sampler, a function, the number of points, the size of a round, the seed, and what the sampler is
//! told: `bound`; `penalty`, the value plus a hundred times what is beyond the bound; or `failure`, that points beyond it
//! failed.
#![allow(clippy::print_stdout)]

mod functions;

use std::collections::BTreeMap;
use std::error::Error;

use burstnet_core::math::{cos, sin};
use burstnet_sweep::search::samplers::{Axis, AxisKind, Problem, Told, named};

/// A number of axes, and a function on their unit cube with how far a point is beyond its bound.
type Bounded = (usize, fn(&[f64]) -> (f64, f64));

fn function(name: &str) -> Option<Bounded> {
    match name {
        "gardner1" => Some((2, gardner1)),
        "gardner2" => Some((2, gardner2)),
        "branin_disk" => Some((2, branin_disk)),
        "hartmann6_ball" => Some((6, hartmann6_ball)),
        _ => None,
    }
}

/// The first problem of Gardner et al. (ICML 2014), on [0, 6]².
fn gardner1(unit: &[f64]) -> (f64, f64) {
    let (x, y) = (6.0 * unit[0], 6.0 * unit[1]);
    (cos(2.0 * x) * cos(y) + sin(x), cos(x) * cos(y) - sin(x) * sin(y) + 0.5)
}

/// The second one, whose bound few points keep.
fn gardner2(unit: &[f64]) -> (f64, f64) {
    let (x, y) = (6.0 * unit[0], 6.0 * unit[1]);
    (sin(x) + y, sin(x) * sin(y) + 0.95)
}

/// Branin within a disk around (2.5, 7.5) (Gelbart, Snoek & Adams, UAI 2014).
fn branin_disk(unit: &[f64]) -> (f64, f64) {
    let (x, y) = (15.0 * unit[0] - 7.5, 15.0 * unit[1] - 7.5);
    (value("branin", unit), x * x + y * y - 50.0)
}

/// Hartmann's function within the unit ball (Letham et al., Bayesian Analysis 14:495–519, 2019).
fn hartmann6_ball(unit: &[f64]) -> (f64, f64) {
    (value("hartmann6", unit), unit.iter().map(|x| x * x).sum::<f64>() - 1.0)
}

fn value(name: &str, unit: &[f64]) -> f64 {
    functions::function(name).map_or(f64::NAN, |(_, f)| f(unit))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sampler, function, points, round, seed, way] = arguments.as_slice() else {
        return Err(
            "expected a sampler, a function, the number of points, a round, the seed and what it is told".into()
        );
    };
    let (count, f) = self::function(function).ok_or("no such function")?;
    let axes: Vec<Axis> = (0..count).map(|at| Axis { name: format!("x{at}"), kind: AxisKind::Range }).collect();
    let sampler = named(sampler).ok_or("no such sampler")?;
    let (points, round, seed, settings): (u64, u64, u64, _) =
        (points.parse()?, round.parse()?, seed.parse()?, BTreeMap::new());
    let problem = Problem { axes: &axes, seed, points: Some(points), round, objectives: 1, settings: &settings };
    let mut search = sampler.start(&problem);
    let mut bests: Vec<Option<f64>> = Vec::new();
    while (bests.len() as u64) < points {
        let proposed = search.ask(round.min(points - bests.len() as u64), &|_| Some(vec![true; count]));
        if proposed.is_empty() {
            break;
        }
        let mut told = Vec::new();
        for point in proposed {
            let (value, beyond) = f(&point);
            let best = bests.last().copied().flatten();
            let better = beyond <= 0.0 && best.is_none_or(|best| value < best);
            bests.push(if better { Some(value) } else { best });
            let loss = match way.as_str() {
                "penalty" => Some(value + 100.0 * beyond.max(0.0)),
                "failure" => (beyond <= 0.0).then_some(value),
                _bound => Some(value),
            };
            let point = point.into_iter().map(Some).collect();
            let plain = Told { point, losses: vec![loss], errors: vec![None], replicates: 1, ..Told::default() };
            told.push(match way.as_str() {
                "bound" => Told { violation: beyond.max(0.0), beyond: vec![(Some(beyond), None)], ..plain },
                _other => plain,
            });
        }
        search.tell(&told);
    }
    println!("{}", serde_json::to_string(&bests)?);
    Ok(())
}
