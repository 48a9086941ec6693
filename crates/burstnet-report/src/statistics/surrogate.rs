//! Shares of variance of designs that are no complete grid: a sparse polynomial chaos expansion.
//!
//! The configurations' means are regressed on products of orthonormal functions of one key or two (Sudret, Reliab. Eng.
//! Syst. Saf. 93, 2008). Terms enter one by one, each the one that correlates most with what is left (orthogonal matching
//! pursuit: Pati, Rezaiifar & Krishnaprasad, Asilomar 1993). Five-fold cross-validation says how many, and how much
//! of the variance they explain of configurations that were not used. As the functions are orthonormal, the variance
//! that belongs to a key or a pair is the sum of its terms' squared coefficients.

use burstnet_core::numbers::{Scale, are_equal, largest};
use burstnet_core::streams::Stream;
use burstnet_sweep::search::samplers::AxisKind;

use super::basis::{Basis, Position};
use super::variance::{Evidence, Method, PairShare, Share, ValueScale, Variance};

/// The most configurations that are used, chosen at random.
pub(crate) const MOST_CONFIGURATIONS: usize = 2048;
/// The fewest.
pub(crate) const FEWEST_CONFIGURATIONS: usize = 10;
/// The most candidates for terms: first those of one key, then those of two by their degree.
const MOST_CANDIDATES: usize = 600;
/// The most candidates of one key.
const MOST_OF_ONE_KEY: usize = 300;
/// The most terms.
const MOST_TERMS: usize = 100;
const FOLDS: usize = 5;

/// A product of a function of one key and perhaps one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    /// Key and function.
    a: (usize, usize),
    b: Option<(usize, usize)>,
}

/// Returns the shares of the variance of `values`, one per configuration; `positions` tells where each of these lies,
/// shape (configurations, keys). `random` deals the folds. `None` for fewer than ten configurations, or if all are
/// equal.
pub(crate) fn regression(
    axes: &[AxisKind],
    positions: &[Vec<Position>],
    values: &[f64],
    random: &mut Stream,
) -> Option<Variance> {
    let n = values.len();
    if n < FEWEST_CONFIGURATIONS || are_equal(values, largest(values.iter().copied())) {
        return None;
    }
    let values = &Scale::of(values.iter().copied()).all_down(values)[..];
    let bases: Vec<Basis> = axes.iter().map(|&axis| Basis::new(axis)).collect();
    let terms = candidates(&bases);
    let columns = columns(&bases, positions, &terms);
    let mut order: Vec<usize> = (0..n).collect();
    random.shuffle(&mut order);
    let (count, explained) = cross_validated(&columns, values, &order);
    let rows: Vec<usize> = (0..n).collect();
    let fit = Path::fit(&columns, values, &rows, count);
    let coefficients = fit.coefficients(fit.chosen.len());
    let all: f64 = coefficients.iter().map(|c| c * c).sum();
    let mut keys = vec![Share::default(); axes.len()];
    let mut pairs: Vec<PairShare> = (0..axes.len())
        .flat_map(|a| (a + 1..axes.len()).map(move |b| PairShare { a, b, share: Share::default() }))
        .collect();
    let mut place = vec![0; axes.len() * axes.len()];
    pairs.iter().enumerate().for_each(|(at, pair)| place[pair.a * axes.len() + pair.b] = at);
    for (&chosen, c) in fit.chosen.iter().zip(&coefficients) {
        let share = if all > 0.0 { c * c / all } else { 0.0 };
        match terms[chosen] {
            Term { a: (key, _), b: None } => keys[key].share += share,
            Term { a: (a, _), b: Some((b, _)) } => pairs[place[a * axes.len() + b]].share.share += share,
        }
    }
    let told = explained >= 0.1 && all > 0.0;
    let most = (0..keys.len()).max_by(|&a, &b| keys[a].share.total_cmp(&keys[b].share).then(b.cmp(&a)));
    let evidence = Evidence { first: most.filter(|_| told).into_iter().collect(), ..Evidence::default() };
    Some(Variance {
        method: Method::Polynomials,
        scale: ValueScale::Raw,
        configurations: n,
        keys,
        pairs,
        rest: 0.0,
        explained: Some(explained),
        evidence,
    })
}

fn candidates(bases: &[Basis]) -> Vec<Term> {
    let alone = bases.iter().enumerate().flat_map(|(key, basis)| {
        (0..basis.len()).map(move |function| (basis.degree(function), Term { a: (key, function), b: None }))
    });
    let mut alone: Vec<(usize, Term)> = alone.collect();
    alone.sort_by_key(|(degree, _)| *degree); // stable
    alone.truncate(MOST_OF_ONE_KEY);
    let mut both = Vec::new();
    for &(degree, Term { a, .. }) in &alone {
        let others = alone.iter().filter(|(_, other)| other.a.0 > a.0);
        both.extend(others.map(|(more, other)| (degree + more, Term { a, b: Some(other.a) })));
    }
    both.sort_by_key(|(degree, _)| *degree);
    alone.into_iter().chain(both).map(|(_, term)| term).take(MOST_CANDIDATES).collect()
}

/// Returns the values of each term in every configuration.
fn columns(bases: &[Basis], positions: &[Vec<Position>], terms: &[Term]) -> Vec<Vec<f64>> {
    let mut columns = vec![Vec::with_capacity(positions.len()); terms.len()];
    for row in positions {
        let values: Vec<Vec<f64>> = bases.iter().zip(row).map(|(basis, &position)| basis.at(position)).collect();
        for (column, term) in columns.iter_mut().zip(terms) {
            let other = term.b.map_or(1.0, |(key, function)| values[key][function]);
            column.push(values[term.a.0][term.a.1] * other);
        }
    }
    columns
}

/// Returns how many terms predict left-out configurations best, and the share of their variance that these explain.
fn cross_validated(columns: &[Vec<f64>], values: &[f64], order: &[usize]) -> (usize, f64) {
    let mut errors = vec![0.0; MOST_TERMS + 1];
    let mut total = 0.0;
    for fold in 0..FOLDS {
        let part = |wanted: bool| -> Vec<usize> {
            (order.iter().enumerate()).filter(|(at, _)| (at % FOLDS == fold) == wanted).map(|(_, &row)| row).collect()
        };
        let (test, training) = (part(true), part(false));
        let fit = Path::fit(columns, values, &training, MOST_TERMS);
        for (count, error) in errors.iter_mut().enumerate() {
            let coefficients = fit.coefficients(count.min(fit.chosen.len()));
            *error += test
                .iter()
                .map(|&row| values[row] - fit.predict(columns, &coefficients, row))
                .map(|d| d * d)
                .sum::<f64>();
        }
        // Against the mean of the training rows, so that knowing nothing explains nothing.
        total += test.iter().map(|&row| values[row] - fit.mean).map(|d| d * d).sum::<f64>();
    }
    let best = (0..errors.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0);
    let explained = if total > 0.0 { (1.0 - errors[best] / total).clamp(0.0, 1.0) } else { 0.0 };
    (best, explained)
}

/// Terms in the order in which they enter, with the QR decomposition of their columns.
struct Path {
    mean: f64,
    chosen: Vec<usize>,
    /// Column i of R: entry 0 for the constant, then one per term up to i.
    r: Vec<Vec<f64>>,
    /// The values' parts along each column of Q, without the constant's.
    along: Vec<f64>,
}

impl Path {
    /// Lets up to `most` terms enter, at most one for two rows.
    fn fit(columns: &[Vec<f64>], values: &[f64], rows: &[usize], most: usize) -> Self {
        let n = rows.len();
        let pick = |column: &[f64]| -> Vec<f64> { rows.iter().map(|&row| column[row]).collect() };
        let mut left = pick(values);
        let mean = left.iter().sum::<f64>() / n as f64;
        left.iter_mut().for_each(|y| *y -= mean);
        let enough = 1e-20 * dot(&left, &left);
        let picked: Vec<Vec<f64>> = columns.iter().map(|column| pick(column)).collect();
        let lengths: Vec<f64> = picked.iter().map(|column| dot(column, column).sqrt()).collect();
        let mut path = Self { mean, chosen: Vec::new(), r: Vec::new(), along: Vec::new() };
        let mut q: Vec<Vec<f64>> = vec![vec![1.0 / (n as f64).sqrt(); n]];
        let mut open: Vec<bool> = lengths.iter().map(|&length| length > 0.0).collect();
        while path.chosen.len() < most.min(n / 2) && dot(&left, &left) > enough {
            let correlation = |at: usize| (dot(&picked[at], &left) / lengths[at]).abs();
            let candidates = (0..columns.len()).filter(|&at| open[at]).map(|at| (correlation(at), at));
            let Some((_, at)) = candidates.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) else { break };
            open[at] = false;
            let mut next = picked[at].clone();
            let mut r = vec![0.0; q.len() + 1];
            for _twice in 0..2 {
                for (column, r) in q.iter().zip(&mut r) {
                    let part = dot(column, &next);
                    *r += part;
                    next.iter_mut().zip(column).for_each(|(x, q)| *x -= part * q);
                }
            }
            let length = dot(&next, &next).sqrt();
            if length <= 1e-8 * lengths[at] {
                continue; // the others say the same
            }
            next.iter_mut().for_each(|x| *x /= length);
            let along = dot(&next, &left);
            left.iter_mut().zip(&next).for_each(|(y, q)| *y -= along * q);
            r[q.len()] = length;
            q.push(next);
            path.chosen.push(at);
            path.r.push(r);
            path.along.push(along);
        }
        path.r.iter_mut().for_each(|r| r[0] /= (n as f64).sqrt()); // now the column's mean
        path
    }

    /// Returns the coefficients of the first `count` terms.
    fn coefficients(&self, count: usize) -> Vec<f64> {
        let mut c = self.along[..count].to_vec();
        for i in (0..count).rev() {
            let later: f64 = (i + 1..count).map(|j| self.r[j][i + 1] * c[j]).sum();
            c[i] = (c[i] - later) / self.r[i][i + 1];
        }
        c
    }

    fn predict(&self, columns: &[Vec<f64>], coefficients: &[f64], row: usize) -> f64 {
        let terms = self.chosen.iter().zip(&self.r).zip(coefficients);
        self.mean + terms.map(|((&at, r), c)| c * (columns[at][row] - r[0])).sum::<f64>()
    }
}

/// Returns the scalar product, in four sums that the processor can form at once.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_four, b_four) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_four.remainder().iter().zip(b_four.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 4];
    for (a, b) in a_four.zip(b_four) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    sums[0] + sums[1] + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use burstnet_sweep::streams::SweepPurpose;
    use std::f64::consts::PI;

    fn sine(x: f64) -> f64 {
        burstnet_core::math::sin(x)
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
        let found =
            regression(&[AxisKind::Range; 3], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap))
                .unwrap();
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
        let found =
            regression(&[AxisKind::Range; 4], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap))
                .unwrap();
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
        let found =
            regression(&[AxisKind::Range; 4], &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap))
                .unwrap();
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
        let found = regression(&axes, &positions, &values, &mut Stream::new(1, SweepPurpose::Bootstrap)).unwrap();
        for (got, expected) in found.keys.iter().map(|one| one.share).zip([2.0 / 3.0, 1.0 / 3.0, 0.0]) {
            assert!((got - expected).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn too_little_to_tell() {
        let random = || Stream::new(1, SweepPurpose::Bootstrap);
        assert_eq!(regression(&[AxisKind::Range], &design(1, 9), &[1.0; 9], &mut random()), None);
        assert_eq!(regression(&[AxisKind::Range], &design(1, 20), &[0.1; 20], &mut random()), None);
        assert_eq!(regression(&[], &[], &[], &mut random()), None);
        let rounded: Vec<f64> =
            (0..20).map(|at| 0.1 + 0.2 + if at % 3 > 0 { 0.3 } else { 0.29999999999999993 }).collect();
        assert_eq!(regression(&[AxisKind::Range], &design(1, 20), &rounded, &mut random()), None);
        let positions = design(1, 20);
        let at = |power: f64| -> Vec<f64> { positions.iter().map(|row| part(row[0]) * power).collect() };
        for power in [1.0, 1e-300, 1e308] {
            let found = regression(&[AxisKind::Range], &positions, &at(power), &mut random()).unwrap();
            assert!(found.keys[0].share > 0.99, "{power:e}: {found:?}");
        }
    }
}
