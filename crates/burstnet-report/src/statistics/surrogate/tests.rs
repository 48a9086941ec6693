//! Functions whose shares are known.

use super::*;
use basis::Position;
use burstnet_sweep::search::samplers::AxisKind;
use burstnet_sweep::streams::SweepPurpose;
use std::f64::consts::PI;

fn sine(x: f64) -> f64 {
    burstnet_core::math::sin(x)
}

fn find(axes: &[AxisKind], positions: &[Vec<Position>], values: &[f64], random: &mut Stream) -> Option<Variance> {
    regression(&Table::new(axes, positions), values, random)
}

fn design(keys: usize, n: usize) -> Vec<Vec<Position>> {
    let mut random = Stream::new(7, SweepPurpose::Search);
    (0..n).map(|_| (0..keys).map(|_| Position::Part(random.unit())).collect()).collect()
}

fn part(position: Position) -> f64 {
    let Position::Part(part) = position else { panic!("{position:?}") };
    part
}

/// f = sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on [−π, π]³, whose shares are known (Ishigami & Homma 1990).
#[test]
fn shares_of_the_ishigami_function() {
    let positions = design(3, 500);
    let f = |row: &Vec<Position>| {
        let [x, y, z] = [0, 1, 2].map(|key| PI * (2.0 * part(row[key]) - 1.0));
        sine(x) + 7.0 * sine(y) * sine(y) + 0.1 * z * z * z * z * sine(x)
    };
    let values: Vec<f64> = positions.iter().map(f).collect();
    let found = find(&[AxisKind::Range; 3], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    for (got, expected) in found.keys.iter().map(|one| one.share).zip([0.3139, 0.4424, 0.0]) {
        assert!((got - expected).abs() < 0.02, "{found:?}");
    }
    assert!((found.pairs[1].share.share - 0.2437).abs() < 0.02, "{found:?}");
    assert!(found.explained.unwrap() > 0.98, "{found:?}");
}

/// Sobol's g-function Π(|4xᵢ − 2| + aᵢ)/(1 + aᵢ) with a = 0, 1, 4.5, 9: V_i = 1/(3 (1 + aᵢ)²), V = Π(1 + V_i) − 1.
#[test]
fn shares_of_the_g_function() {
    let a = [0.0, 1.0, 4.5, 9.0];
    let positions = design(4, 1000);
    let f = |row: &Vec<Position>| -> f64 {
        row.iter().zip(a).map(|(x, a)| ((4.0 * part(*x) - 2.0).abs() + a) / (1.0 + a)).product()
    };
    let values: Vec<f64> = positions.iter().map(f).collect();
    let found = find(&[AxisKind::Range; 4], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    let own = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
    let all: f64 = own.iter().map(|v| 1.0 + v).product::<f64>() - 1.0;
    for (got, v) in found.keys.iter().map(|one| one.share).zip(own) {
        assert!((got - v / all).abs() < 0.03, "{found:?}");
    }
    for pair in &found.pairs {
        assert!((pair.share.share - own[pair.a] * own[pair.b] / all).abs() < 0.03, "{found:?}");
    }
}

#[test]
fn nothing_but_noise_explains_nothing() {
    let positions = design(4, 200);
    let mut random = Stream::new(3, SweepPurpose::Search);
    let values: Vec<f64> = (0..200).map(|_| random.unit()).collect();
    let found = find(&[AxisKind::Range; 4], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    assert!(found.explained.unwrap() < 0.05 && found.evidence.first.is_empty(), "{found:?}");
}

#[test]
fn categories_and_levels() {
    let mut random = Stream::new(9, SweepPurpose::Search);
    let positions: Vec<Vec<Position>> =
        (0..300).map(|_| [3, 2, 5].map(|levels| Position::Level(random.below(levels))).to_vec()).collect();
    let level = |position: &Position| if let Position::Level(at) = position { *at } else { 9 };
    // The first key adds 0, 3 or 0; the second ±1; the third nothing: variances 2 and 1.
    let f = |row: &Vec<Position>| [0.0, 3.0, 0.0][level(&row[0]) as usize] + 2.0 * level(&row[1]) as f64;
    let values: Vec<f64> = positions.iter().map(f).collect();
    let axes = [AxisKind::Unordered(3), AxisKind::Unordered(2), AxisKind::Ordered(5)];
    let found = find(&axes, &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    for (got, expected) in found.keys.iter().map(|one| one.share).zip([2.0 / 3.0, 1.0 / 3.0, 0.0]) {
        assert!((got - expected).abs() < 1e-9, "{found:?}");
    }
}

#[test]
fn too_little_to_tell() {
    let random = || Stream::new(1, SweepPurpose::Bootstrap);
    let rising: Vec<f64> = (0..9).map(f64::from).collect();
    let few = find(&[AxisKind::Range], &design(1, 9), &rising, &mut random()).unwrap();
    assert!(few.evidence.first.is_empty() && few.evidence.p.is_none(), "{few:?}");
    assert_eq!(find(&[AxisKind::Range], &design(1, 9), &[1.0; 9], &mut random()), None);
    assert_eq!(find(&[AxisKind::Range], &design(1, 20), &[0.1; 20], &mut random()), None);
    assert_eq!(find(&[], &[], &[], &mut random()), None);
    let rounded: Vec<f64> = (0..20).map(|at| 0.1 + 0.2 + if at % 3 > 0 { 0.3 } else { 0.29999999999999993 }).collect();
    assert_eq!(find(&[AxisKind::Range], &design(1, 20), &rounded, &mut random()), None);
    let positions = design(1, 20);
    let at = |power: f64| -> Vec<f64> { positions.iter().map(|row| part(row[0]) * power).collect() };
    for power in [1.0, 1e-300, 1e308] {
        let found = find(&[AxisKind::Range], &positions, &at(power), &mut random()).unwrap();
        assert!(found.keys[0].share > 0.99, "{power:e}: {found:?}");
    }
}

#[test]
fn values_of_any_size_give_finite_shares() {
    let positions = design(3, 60);
    let values: Vec<f64> = positions.iter().map(|row| burstnet_core::math::exp(456.0 * part(row[1]))).collect();
    assert!(values.iter().any(|x| *x > 1e190));
    let found = find(&[AxisKind::Range; 3], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    assert_eq!(found.scale, crate::statistics::ValueScale::Log);
    assert_eq!(found.evidence.first, [1], "{found:?}");
    assert!(found.keys[1].share > 0.95 && found.explained.unwrap() > 0.95, "{found:?}");
    let all = found.keys.iter().chain(found.pairs.iter().map(|pair| &pair.share));
    assert!(all.flat_map(|one| [one.share, one.interval.unwrap().low, one.interval.unwrap().high]).all(f64::is_finite));
}

/// In a third of the space the second key does not exist, so it can do nothing there.
#[test]
fn a_key_that_exists_in_places_only() {
    let mut random = Stream::new(5, SweepPurpose::Search);
    let mut positions = Vec::new();
    let mut values = Vec::new();
    for _ in 0..150 {
        let (word, x) = (random.below(3), random.unit());
        let exists = word == 1;
        positions.push(vec![Position::Level(word), if exists { Position::Part(x) } else { Position::Absent }]);
        values.push(if exists { 3.0 + x } else { word as f64 });
    }
    let axes = [AxisKind::Unordered(3), AxisKind::Range];
    let found = find(&axes, &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    assert_eq!(found.evidence.first, [0], "{found:?}");
    assert!(found.keys[0].share > 0.85, "{found:?}");
}

/// The forest alone finds the shares of a function that is constant on boxes.
#[test]
fn a_forest_finds_what_has_steps() {
    let positions = design(6, 400);
    let step = |x: Position| if part(x) < 0.37 { 0.0 } else { 1.0 };
    let values: Vec<f64> = positions.iter().map(|row| 3.0 * step(row[2]) * step(row[4]) + 0.5 * step(row[0])).collect();
    let found = find(&[AxisKind::Range; 6], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
    assert_eq!(found.method, Method::Forest, "{found:?}");
    // Of 9 u v and 0.25 u, for steps of probability q = 0.63.
    let (q, v) = (0.63_f64, 0.63 * 0.37);
    let (alone, pair, small) = (9.0 * q * q * v, 9.0 * v * v, 0.25 * v);
    let all = 2.0 * alone + pair + small;
    for (key, expected) in [(0, small), (1, 0.0), (2, alone), (4, alone)] {
        assert!((found.keys[key].share - expected / all).abs() < 0.05, "{key}: {found:?}");
    }
    let both = found.pairs.iter().find(|one| (one.a, one.b) == (2, 4)).unwrap();
    assert!((both.share.share - pair / all).abs() < 0.05, "{found:?}");
}
