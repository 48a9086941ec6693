//! A sparse regression on polynomials of one key or two (polynomial chaos expansion: Sudret, Reliab. Eng. Syst. Saf. 93,
//! 2008).
//!
//! Terms are products of orthonormal functions of one key or two. They enter one by one, each the one that correlates
//! most with what is left (orthogonal matching pursuit: Pati, Rezaiifar & Krishnaprasad, Asilomar 1993). As the functions
//! are orthonormal over the space, the variance that belongs to a key or a pair is the sum of its terms' squared
//! coefficients.

use super::basis::Basis;
use super::parts::Parts;
use super::table::{Look, Table};

/// The most candidates for terms: first those of one key, then those of two by their degree.
const MOST_CANDIDATES: usize = 600;
/// The most candidates of one key.
const MOST_OF_ONE_KEY: usize = 300;
/// The highest degree of terms of low degree.
const LOW: usize = 3;
/// The most terms.
pub(super) const MOST_TERMS: usize = 100;

/// A product of a function of one key and perhaps one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    /// Key and function.
    a: (usize, usize),
    b: Option<(usize, usize)>,
}

/// The terms that may enter, with their values in every row.
#[derive(Clone, Debug)]
pub(super) struct Library {
    terms: Vec<Term>,
    columns: Vec<Vec<f64>>,
}

impl Library {
    /// Returns the terms of a table.
    pub(super) fn new(table: &Table) -> Self {
        Self::of(table, candidates(&table.bases).into_iter().map(|(_, term)| term).take(MOST_CANDIDATES).collect())
    }

    /// Returns the terms of low degree. Where configurations lie close together, as a search that learns leaves them, those
    /// of high degree look like these, and are far off elsewhere.
    pub(super) fn low(table: &Table) -> Self {
        let low = candidates(&table.bases).into_iter().filter(|(degree, _)| *degree <= LOW);
        Self::of(table, low.map(|(_, term)| term).take(MOST_CANDIDATES).collect())
    }

    fn of(table: &Table, terms: Vec<Term>) -> Self {
        let of = |(key, function): (usize, usize)| &table.functions[key][function];
        let column = |term: &Term| match term.b {
            None => of(term.a).clone(),
            Some(b) => of(term.a).iter().zip(of(b)).map(|(x, y)| x * y).collect(),
        };
        let columns = terms.iter().map(column).collect();
        Self { terms, columns }
    }
}

/// A regression: a constant, and terms with their coefficients.
#[derive(Clone, Debug)]
pub(super) struct Polynomials {
    mean: f64,
    terms: Vec<(Term, f64)>,
}

impl Polynomials {
    /// Returns the mean of some regressions.
    pub(super) fn mean(all: &[&Self]) -> Self {
        let n = all.len().max(1) as f64;
        let mut mean = Self { mean: all.iter().map(|one| one.mean).sum::<f64>() / n, terms: Vec::new() };
        for (term, c) in all.iter().flat_map(|one| &one.terms) {
            match mean.terms.iter_mut().find(|(own, _)| own == term) {
                Some((_, own)) => *own += c / n,
                None => mean.terms.push((*term, c / n)),
            }
        }
        mean
    }

    /// Returns the prediction for a row.
    pub(super) fn predict(&self, table: &Table, look: Look) -> f64 {
        let of = |(key, function): (usize, usize)| table.functions[key][function][look.of(key)];
        self.mean + self.terms.iter().map(|(term, c)| c * of(term.a) * term.b.map_or(1.0, of)).sum::<f64>()
    }

    /// Returns the parts of its variance over the space.
    pub(super) fn parts(&self, keys: usize) -> Parts {
        let mut parts = Parts::zero(keys);
        for (term, c) in &self.terms {
            match term {
                Term { a: (key, _), b: None } => parts.keys[*key] += c * c,
                Term { a: (a, _), b: Some((b, _)) } => parts.pairs[Parts::pair(keys, *a, *b)] += c * c,
            }
            parts.total += c * c;
        }
        parts
    }
}

/// Returns terms with their degrees.
fn candidates(bases: &[Basis]) -> Vec<(usize, Term)> {
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
    alone.into_iter().chain(both).collect()
}

/// Terms in the order in which they enter, with the QR decomposition of their columns.
pub(super) struct Path {
    mean: f64,
    chosen: Vec<usize>,
    /// Column i of R: entry 0 for the constant, then one per term up to i.
    r: Vec<Vec<f64>>,
    /// The values' parts along each column of Q, without the constant's.
    along: Vec<f64>,
}

impl Path {
    /// Lets up to `most` terms enter, at most one for two rows.
    pub(super) fn fit(library: &Library, values: &[f64], rows: &[usize], most: usize) -> Self {
        let columns = &library.columns;
        let n = rows.len();
        let pick = |column: &[f64]| -> Vec<f64> { rows.iter().map(|&row| column[row]).collect() };
        let mut left = pick(values);
        let mean = left.iter().sum::<f64>() / n as f64;
        left.iter_mut().for_each(|y| *y -= mean);
        let enough = 1e-20 * dot(&left, &left);
        let picked: Vec<Vec<f64>> = columns.iter().map(|column| pick(column)).collect();
        // Without the mean, which of a column may be large where the rows lie in a part of the space only.
        let length = |column: &Vec<f64>| {
            let mean = column.iter().sum::<f64>() / n as f64;
            let squares = column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            if squares > 1e-16 * dot(column, column) { squares.sqrt() } else { 0.0 }
        };
        let lengths: Vec<f64> = picked.iter().map(length).collect();
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

    /// Returns the predictions of rows with the first 0, 1, 2 and so on terms, up to [`MOST_TERMS`].
    pub(super) fn all_predictions(&self, library: &Library, rows: &[usize]) -> impl Iterator<Item = Vec<f64>> {
        // Each term's column as the fit sees it: less its mean, and what the terms before it say, of length 1.
        let mut predictions = vec![self.mean; rows.len()];
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(self.chosen.len());
        let mut all = vec![predictions.clone()];
        for ((&at, r), along) in self.chosen.iter().zip(&self.r).zip(&self.along) {
            let mut column: Vec<f64> = rows.iter().map(|&row| library.columns[at][row] - r[0]).collect();
            for (before, part) in columns.iter().zip(&r[1..]) {
                column.iter_mut().zip(before).for_each(|(x, q)| *x -= part * q);
            }
            let length = r[r.len() - 1];
            column.iter_mut().for_each(|x| *x /= length);
            predictions.iter_mut().zip(&column).for_each(|(y, q)| *y += along * q);
            columns.push(column);
            all.push(predictions.clone());
        }
        let last = predictions;
        let more = MOST_TERMS + 1 - all.len();
        all.into_iter().chain(std::iter::repeat_n(last, more))
    }

    /// Returns the regression on the first `count` terms, or all if there are fewer.
    pub(super) fn first(&self, library: &Library, count: usize) -> Polynomials {
        let coefficients = self.coefficients(count.min(self.chosen.len()));
        let mut mean = self.mean;
        let mut terms = Vec::with_capacity(coefficients.len());
        for ((&at, r), c) in self.chosen.iter().zip(&self.r).zip(coefficients) {
            mean -= c * r[0];
            terms.push((library.terms[at], c));
        }
        Polynomials { mean, terms }
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
