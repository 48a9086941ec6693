//! The Cholesky factor of a symmetric positive definite matrix. All sums have a fixed order, so the bits are the same on
//! every processor.

/// The number of partial sums of a scalar product, and of columns that are solved together.
pub(super) const LANES: usize = 8;
/// The part of the mean diagonal that is added first to a matrix that is not positive definite, and the factor by which
/// it grows until the matrix is.
const FIRST_JITTER: f64 = 1e-12;
const JITTER_GROWTH: f64 = 10.0;

/// A lower triangular matrix L, row by row, such that L Lᵀ is the matrix that was factored.
#[derive(Clone, Debug, Default)]
pub(super) struct Cholesky {
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// Factors the matrix whose lower triangle has these rows. If rounding leaves it indefinite, the smallest of a series
    /// of growing numbers that mends it is added to the diagonal. `None` if a number is not finite.
    pub(super) fn new(matrix: &[Vec<f64>]) -> Option<Self> {
        let diagonal = matrix.iter().filter_map(|row| row.last()).sum::<f64>() / matrix.len().max(1) as f64;
        if !matrix.iter().flatten().all(|x| x.is_finite()) {
            return None;
        }
        let mut jitter = 0.0;
        loop {
            if let Some(found) = Self::factored(matrix, jitter) {
                return Some(found);
            }
            jitter = if jitter > 0.0 { jitter * JITTER_GROWTH } else { FIRST_JITTER * diagonal };
            if !(jitter > 0.0 && jitter < 1e3 * diagonal) {
                return None;
            }
        }
    }

    fn factored(matrix: &[Vec<f64>], jitter: f64) -> Option<Self> {
        let mut factor = Self { rows: Vec::with_capacity(matrix.len()) };
        matrix.iter().all(|row| factor.add(row, jitter)).then_some(factor)
    }

    /// Adds a row of the lower triangle of the matrix. Returns false, and adds nothing, if the matrix is not positive
    /// definite with it.
    fn add(&mut self, row: &[f64], jitter: f64) -> bool {
        let n = self.rows.len();
        let mut new = Vec::with_capacity(n + 1);
        for (column, above) in self.rows.iter().enumerate() {
            let rest = row[column] - dot(&new, &above[..column]);
            new.push(rest / above[column]);
        }
        let rest = row[n] + jitter - dot(&new, &new);
        // A rest that rounding alone may have left is no number to divide by.
        let is_definite = rest > f64::EPSILON * row[n];
        if is_definite {
            new.push(rest.sqrt());
            self.rows.push(new);
        }
        is_definite
    }

    /// Adds a row as [`Cholesky::new`] does, with a diagonal that is as much larger as it has to be.
    pub(super) fn extend(&mut self, row: &[f64]) {
        let diagonal = row[self.rows.len()];
        let mut jitter = 0.0;
        while !self.add(row, jitter) && jitter < 1e3 * diagonal {
            jitter = if jitter > 0.0 { jitter * JITTER_GROWTH } else { FIRST_JITTER * diagonal };
        }
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns half of the logarithm of the determinant of the matrix.
    pub(super) fn half_log_determinant(&self) -> f64 {
        self.rows.iter().filter_map(|row| row.last()).map(|x| burstnet_core::math::ln(*x)).sum()
    }

    /// Solves L x = b in place.
    pub(super) fn forward(&self, b: &mut [f64]) {
        for (at, row) in self.rows.iter().enumerate() {
            b[at] = (b[at] - dot(&b[..at], &row[..at])) / row[at];
        }
    }

    /// Solves Lᵀ x = b in place.
    pub(super) fn backward(&self, b: &mut [f64]) {
        for (at, row) in self.rows.iter().enumerate().rev() {
            let x = b[at] / row[at];
            b[at] = x;
            b[..at].iter_mut().zip(row).for_each(|(rest, l)| *rest -= x * l);
        }
    }

    /// Solves L x = b in place for several columns.
    pub(super) fn forward_lanes(&self, b: &mut [[f64; LANES]]) {
        for (at, row) in self.rows.iter().enumerate() {
            let (before, rest) = b.split_at_mut(at);
            let mut sums = rest[0];
            for (x, l) in before.iter().zip(row) {
                sums.iter_mut().zip(x).for_each(|(sum, x)| *sum -= l * x);
            }
            let inverse = 1.0 / row[at];
            rest[0] = sums.map(|sum| sum * inverse);
        }
    }

    /// Returns the lower triangle of the inverse of the matrix.
    pub(super) fn inverse(&self) -> Vec<Vec<f64>> {
        let n = self.len();
        // Row j of the transpose of L⁻¹, from its diagonal on.
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(n);
        for column in 0..n {
            let mut x = vec![0.0; n - column];
            x[0] = 1.0 / self.rows[column][column];
            for at in column + 1..n {
                let row = &self.rows[at];
                x[at - column] = -dot(&x[..at - column], &row[column..at]) / row[at];
            }
            columns.push(x);
        }
        let entry = |i: usize, j: usize| dot(&columns[i], &columns[j][i - j..]);
        (0..n).map(|i| (0..=i).map(|j| entry(i, j)).collect()).collect()
    }
}

/// Returns the scalar product, as partial sums that are added in a fixed tree.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a.zip(b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a matrix of covariances of points on a line.
    fn matrix(n: usize) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| {
            burstnet_core::math::exp(-0.3 * (i - j) as f64) + if i == j { 0.1 + 0.01 * i as f64 } else { 0.0 }
        };
        (0..n).map(|i| (0..=i).map(|j| entry(i, j)).collect()).collect()
    }

    fn times(matrix: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
        let entry = |i: usize, j: usize| if i >= j { matrix[i][j] } else { matrix[j][i] };
        (0..x.len()).map(|i| (0..x.len()).map(|j| entry(i, j) * x[j]).sum()).collect()
    }

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}, expected {expected:?}");
    }

    #[test]
    fn solutions_solve() {
        for n in [1, 2, 7, 8, 9, 16, 29] {
            let matrix = matrix(n);
            let factor = Cholesky::new(&matrix).unwrap();
            let b: Vec<f64> = (0..n).map(|at| (at % 5) as f64 - 1.5).collect();
            let mut x = b.clone();
            factor.forward(&mut x);
            let mut lanes = vec![[0.0; LANES]; n];
            (0..n).for_each(|at| lanes[at] = [b[at], 2.0 * b[at], 0.0, 0.0, 0.0, 0.0, 0.0, -b[at]]);
            factor.forward_lanes(&mut lanes);
            assert_close(&lanes.iter().map(|x| x[0]).collect::<Vec<_>>(), &x);
            assert_close(&lanes.iter().map(|x| -x[7]).collect::<Vec<_>>(), &x);
            factor.backward(&mut x);
            assert_close(&times(&matrix, &x), &b);
            assert_close(&times(&factor.inverse(), &b), &x);
        }
    }

    #[test]
    fn a_row_more_is_a_factor_of_the_larger_matrix() {
        let all = matrix(12);
        let mut factor = Cholesky::new(&all[..11]).unwrap();
        factor.extend(&all[11]);
        assert_eq!(factor.rows, Cholesky::new(&all).unwrap().rows);
    }

    #[test]
    fn a_singular_matrix_is_mended_and_one_without_numbers_is_not() {
        let ones: Vec<Vec<f64>> = (1..=6).map(|n| vec![1.0; n]).collect();
        let mut factor = Cholesky::new(&ones).unwrap();
        factor.extend(&[1.0; 7]);
        assert_eq!(factor.len(), 7);
        assert!(factor.half_log_determinant().is_finite());
        assert!(Cholesky::new(&[vec![f64::NAN]]).is_none());
        assert!(Cholesky::new(&[vec![-1.0]]).is_none());
    }
}
