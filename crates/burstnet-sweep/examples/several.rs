//! A sampler on a function of several objectives, for comparisons with other programs. One line of JSON: the values of each
//! point.
//!
//! ```sh
//! cargo run --release -p burstnet-sweep --example several -- gp zdt1 200 1
//! ```
//!
//! The arguments are a sampler, a function, the number of points and the seed. Each point depends on all before.
#![allow(clippy::print_stdout)]

mod functions;

use std::collections::BTreeMap;
use std::error::Error;

use burstnet_core::math::{cos, exp, sin};
use burstnet_sweep::search::samplers::{Axis, AxisKind, Problem, Told, named};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sampler, function, points, seed] = arguments.as_slice() else {
        return Err("expected a sampler, a function, the number of points and the seed".into());
    };
    let (count, objectives, f) = several(function).ok_or("expected zdt1, fonseca, branin-currin or dtlz2")?;
    let axes: Vec<Axis> = (0..count).map(|at| Axis { name: format!("x{at}"), kind: AxisKind::Range }).collect();
    let sampler = named(sampler).ok_or("no such sampler")?;
    let (points, seed, settings): (u64, u64, _) = (points.parse()?, seed.parse()?, BTreeMap::new());
    let problem = Problem { axes: &axes, seed, points: Some(points), round: 1, objectives, settings: &settings };
    let mut search = sampler.start(&problem);
    let mut all: Vec<Vec<f64>> = Vec::new();
    while (all.len() as u64) < points {
        let Some(point) = search.ask(1, &|_| Some(vec![true; count])).pop() else { break };
        let values = f(&point);
        let (losses, errors) = (values.iter().copied().map(Some).collect(), vec![None; objectives]);
        let point = point.into_iter().map(Some).collect();
        search.tell(&[Told { point, losses, errors, replicates: 1, ..Told::default() }]);
        all.push(values);
    }
    println!("{}", serde_json::to_string(&all)?);
    Ok(())
}

/// A number of axes, a number of objectives, and a function on the unit cube.
type Several = (usize, usize, fn(&[f64]) -> Vec<f64>);

fn several(name: &str) -> Option<Several> {
    match name {
        "zdt1" => Some((5, 2, zdt1)),
        "fonseca" => Some((4, 2, fonseca)),
        "branin-currin" => Some((2, 2, branin_currin)),
        "dtlz2" => Some((6, 3, dtlz2)),
        _ => None,
    }
}

/// Zitzler, Deb & Thiele's first function, whose front lies on the edge of the cube.
fn zdt1(x: &[f64]) -> Vec<f64> {
    let g = 1.0 + 9.0 * x[1..].iter().sum::<f64>() / (x.len() - 1) as f64;
    vec![x[0], g * (1.0 - (x[0] / g).sqrt())]
}

/// Fonseca & Fleming's function on [−2, 2]ᵈ, whose front is not convex.
fn fonseca(unit: &[f64]) -> Vec<f64> {
    let middle = 1.0 / (unit.len() as f64).sqrt();
    let one =
        |middle: f64| 1.0 - exp(-unit.iter().map(|u| (4.0 * u - 2.0 - middle) * (4.0 * u - 2.0 - middle)).sum::<f64>());
    vec![one(middle), one(-middle)]
}

/// Branin's function and Currin's.
fn branin_currin(unit: &[f64]) -> Vec<f64> {
    let branin = functions::function("branin").map_or(f64::NAN, |(_, branin)| branin(unit));
    let [a, b] = [unit[0], unit[1]];
    let factor = if b > 0.0 { 1.0 - exp(-1.0 / (2.0 * b)) } else { 1.0 };
    let above = 2300.0 * a * a * a + 1900.0 * a * a + 2092.0 * a + 60.0;
    let below = 100.0 * a * a * a + 500.0 * a * a + 4.0 * a + 20.0;
    vec![branin, factor * above / below]
}

/// Deb, Thiele, Laumanns & Zitzler's second function with three objectives, whose front is part of a sphere.
fn dtlz2(x: &[f64]) -> Vec<f64> {
    let far = 1.0 + x[2..].iter().map(|x| (x - 0.5) * (x - 0.5)).sum::<f64>();
    let [a, b] = [x[0], x[1]].map(|x| x * std::f64::consts::FRAC_PI_2);
    vec![far * cos(a) * cos(b), far * cos(a) * sin(b), far * sin(a)]
}
