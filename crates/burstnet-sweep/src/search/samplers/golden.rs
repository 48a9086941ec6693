//! Comparison of the sequences with scipy's: `tests/golden/samplers.json`, which `tests/python/sampler_cases.py`
//! writes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Axis, AxisKind, Point, Problem, halton, named, sobol};

/// The number of seeds over which our means are taken.
const SEEDS: u64 = 200;

#[derive(Deserialize)]
struct Golden {
    sobol: Vec<Row>,
    halton: Vec<Row>,
    sample: Sample,
    discrepancy: Vec<Expected>,
}

#[derive(Deserialize)]
struct Row {
    axes: usize,
    index: u64,
    point: Point,
}

#[derive(Deserialize)]
struct Sample {
    points: Vec<Point>,
    discrepancy: f64,
}

#[derive(Deserialize)]
struct Expected {
    sampler: String,
    points: u64,
    axes: usize,
    seeds: u32,
    mean: f64,
    sd: f64,
}

fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/samplers.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the square of the centred L2 discrepancy (Hickernell, Math. Comput. 67:299–322, 1998, equation 5.1c).
fn discrepancy(points: &[Point]) -> f64 {
    let n = points.len() as f64;
    let from_centre = |x: &f64| (x - 0.5).abs();
    let one = |x: &f64| 1.0 + 0.5 * from_centre(x) - 0.5 * from_centre(x) * from_centre(x);
    let two = |(x, y): (&f64, &f64)| 1.0 + 0.5 * from_centre(x) + 0.5 * from_centre(y) - 0.5 * (x - y).abs();
    let ones: f64 = points.iter().map(|point| point.iter().map(one).product::<f64>()).sum();
    let pair = |a: &Point, b: &Point| a.iter().zip(b).map(two).product::<f64>();
    let twos: f64 = points.iter().map(|a| points.iter().map(|b| pair(a, b)).sum::<f64>()).sum();
    let whole: f64 = points[0].iter().map(|_| 13.0 / 12.0).product();
    whole - 2.0 / n * ones + twos / (n * n)
}

#[test]
fn unscrambled_points_are_those_of_scipy() {
    let golden = golden();
    for row in golden.sobol {
        let point: Point = (0..row.axes).map(|axis| sobol::plain(axis, row.index).unwrap()).collect();
        assert_eq!(point, row.point, "Sobol' point {}", row.index);
    }
    for row in golden.halton {
        for (axis, expected) in row.point.iter().enumerate() {
            assert!((halton::plain(axis, row.index) - expected).abs() < 1e-14, "Halton point {}, {axis}", row.index);
        }
    }
}

#[test]
fn the_discrepancy_is_that_of_scipy() {
    let Sample { points, discrepancy: expected } = golden().sample;
    assert!((discrepancy(&points) - expected).abs() < 1e-15);
}

#[test]
fn scrambled_points_lie_as_evenly_as_those_of_scipy() {
    for expected in golden().discrepancy {
        let axes: Vec<Axis> =
            (0..expected.axes).map(|at| Axis { name: format!("a{at}"), kind: AxisKind::Range }).collect();
        let sampler = named(&expected.sampler).unwrap();
        let found = |seed: u64| {
            let (points, settings) = (expected.points, BTreeMap::new());
            let problem =
                Problem { axes: &axes, seed, points: Some(points), round: 8, objectives: 1, settings: &settings };
            let sequence = sampler.sequence(&problem).unwrap();
            let all: Vec<Point> = (0..points).map(|index| sequence.point(index).unwrap()).collect();
            discrepancy(&all)
        };
        let found: Vec<f64> = (0..SEEDS).map(found).collect();
        let n = SEEDS as f64;
        let mean = found.iter().sum::<f64>() / n;
        let variance = found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        let error = (variance / n + expected.sd * expected.sd / f64::from(expected.seeds)).sqrt();
        let (name, points, axes) = (expected.sampler, expected.points, expected.axes);
        assert!((mean - expected.mean).abs() < 4.0 * error, "{name}, {points} points, {axes} axes: {mean}");
    }
}
