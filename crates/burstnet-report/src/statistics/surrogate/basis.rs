//! Orthonormal functions of one key, for regression.

use burstnet_sweep::search::samplers::AxisKind;

/// The highest degree of a polynomial.
const HIGHEST: usize = 10;
/// The most levels over which polynomials are made exactly; beyond, those of a range are as good.
const MOST_TABLED: u64 = 4096;
/// The most contrasts of a key without an order.
const MOST_CONTRASTS: usize = 63;

/// The place of a value in its key's domain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Position {
    /// Level `.0` of the domain.
    Level(u64),
    /// This part of the range, in [0, 1], on the key's scale.
    Part(f64),
    /// Nowhere: the key does not exist there, or has a value that its domain has not.
    Absent,
}

/// Functions of a key with mean 0, mean square 1 and mean product 0 over its values.
#[derive(Clone, Debug)]
pub(crate) enum Basis {
    /// Legendre polynomials of a part of a range, by degree from 1.
    Legendre {
        /// Number of functions.
        functions: usize,
        /// The levels for which the range stands; `None` for a true range.
        levels: Option<u64>,
    },
    /// Values by function and level, and the functions' degrees.
    Tabled {
        /// Values, one row per function.
        values: Vec<Vec<f64>>,
        /// True if function i is a polynomial of degree i + 1; else all count as of degree 1.
        ordered: bool,
    },
}

impl Basis {
    /// Returns the functions of a key.
    ///
    /// For a range these are √(2j + 1) P_j(2u − 1) with the Legendre polynomials P_j. For levels in an order they are the
    /// polynomials of the level's number that are orthonormal over all levels (Gram's), by the three-term recurrence.
    /// For levels without an order they are Helmert's contrasts. Each goes up to degree 10.
    pub(crate) fn new(axis: AxisKind) -> Self {
        match axis {
            AxisKind::Range => Self::Legendre { functions: HIGHEST, levels: None },
            AxisKind::Ordered(levels) if levels > MOST_TABLED => {
                Self::Legendre { functions: HIGHEST, levels: Some(levels) }
            }
            AxisKind::Ordered(levels) => Self::Tabled { values: gram(levels as usize), ordered: true },
            AxisKind::Unordered(levels) => Self::Tabled { values: helmert(levels as usize), ordered: false },
        }
    }

    /// Returns the number of functions.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Legendre { functions, .. } => *functions,
            Self::Tabled { values, .. } => values.len(),
        }
    }

    /// Returns the degree of function `at`.
    pub(crate) fn degree(&self, at: usize) -> usize {
        match self {
            Self::Tabled { ordered: false, .. } => 1,
            Self::Tabled { ordered: true, .. } | Self::Legendre { .. } => at + 1,
        }
    }

    /// Returns the value of every function at a position.
    pub(crate) fn at(&self, position: Position) -> Vec<f64> {
        if position == Position::Absent {
            return vec![0.0; self.len()]; // as the mean over the key's values
        }
        match self {
            Self::Tabled { values, .. } => {
                let Position::Level(level) = position else { return vec![0.0; values.len()] };
                values.iter().map(|row| row.get(level as usize).copied().unwrap_or_default()).collect()
            }
            Self::Legendre { functions, levels } => {
                let part = match position {
                    Position::Part(part) => part,
                    Position::Level(level) => (level as f64 + 0.5) / levels.unwrap_or(1) as f64,
                    Position::Absent => 0.5,
                };
                legendre(*functions, 2.0 * part - 1.0)
            }
        }
    }
}

/// Returns Legendre polynomials, each times √(2j + 1), by (j + 1) P_{j+1}(x) = (2j + 1) x P_j(x) − j P_{j−1}(x).
fn legendre(functions: usize, x: f64) -> Vec<f64> {
    let (mut before, mut last) = (1.0, x);
    let mut values = Vec::with_capacity(functions);
    for j in 1..=functions {
        let degree = j as f64;
        values.push((2.0 * degree + 1.0).sqrt() * last);
        (before, last) = (last, ((2.0 * degree + 1.0) * x * last - degree * before) / (degree + 1.0));
    }
    values
}

fn gram(levels: usize) -> Vec<Vec<f64>> {
    let x: Vec<f64> = (0..levels).map(|level| (2 * level) as f64 / (levels.max(2) - 1) as f64 - 1.0).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / levels as f64;
    let mut rows = vec![vec![1.0; levels]];
    for _ in 1..levels.min(HIGHEST + 1) {
        let last = &rows[rows.len() - 1];
        let mut next: Vec<f64> = last.iter().zip(&x).map(|(p, x)| p * x).collect();
        for _twice in 0..2 {
            for row in &rows {
                let part = dot(&next, row);
                next.iter_mut().zip(row).for_each(|(p, q)| *p -= part * q);
            }
        }
        let length = dot(&next, &next).sqrt();
        next.iter_mut().for_each(|p| *p /= length);
        rows.push(next);
    }
    rows.remove(0); // the constant
    rows
}

fn helmert(levels: usize) -> Vec<Vec<f64>> {
    let contrast = |j: usize| {
        let scale = (levels as f64 / (j * (j + 1)) as f64).sqrt();
        let value = |level: usize| match level.cmp(&j) {
            std::cmp::Ordering::Less => scale,
            std::cmp::Ordering::Equal => -scale * j as f64,
            std::cmp::Ordering::Greater => 0.0,
        };
        (0..levels).map(value).collect()
    };
    (1..levels).take(MOST_CONTRASTS).map(contrast).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_orthonormal() {
        for axis in [
            AxisKind::Range,
            AxisKind::Ordered(1),
            AxisKind::Ordered(4),
            AxisKind::Ordered(100),
            AxisKind::Unordered(5),
        ] {
            let basis = Basis::new(axis);
            let points: Vec<Position> = match axis {
                AxisKind::Range => (0..20_000).map(|i| Position::Part((f64::from(i) + 0.5) / 20_000.0)).collect(),
                AxisKind::Ordered(n) | AxisKind::Unordered(n) => (0..n).map(Position::Level).collect(),
            };
            let values: Vec<Vec<f64>> = points.iter().map(|&point| basis.at(point)).collect();
            let n = values.len() as f64;
            for i in 0..basis.len() {
                assert!((values.iter().map(|row| row[i]).sum::<f64>() / n).abs() < 1e-5, "{axis:?} {i}");
                for j in 0..=i {
                    let product = values.iter().map(|row| row[i] * row[j]).sum::<f64>() / n;
                    let expected = if i == j { 1.0 } else { 0.0 };
                    assert!((product - expected).abs() < 1e-5, "{axis:?} {i} {j}: {product}");
                }
            }
        }
        let counts = [AxisKind::Ordered(1), AxisKind::Ordered(4), AxisKind::Ordered(100), AxisKind::Unordered(5)];
        assert_eq!(counts.map(|axis| Basis::new(axis).len()), [0, 3, 10, 4]);
    }
}
