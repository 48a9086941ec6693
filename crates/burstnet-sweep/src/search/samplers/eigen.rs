//! Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations (Golub & Van Loan, Matrix Computations,
//! 8.5).
//!
//! It uses only sums, products, quotients and square roots in a fixed order, so the bits are the same on every machine.

/// The most sweeps over all pairs; six to ten are enough.
const SWEEPS: usize = 50;

/// A symmetric matrix as its eigenvalues and, in the columns of `vectors`, its eigenvectors.
pub(super) struct Eigen {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Vec<Vec<f64>>,
}

/// Decomposes `matrix`, whose two halves must be the same.
pub(super) fn decompose(matrix: &[Vec<f64>]) -> Eigen {
    let n = matrix.len();
    let mut a = matrix.to_vec();
    let mut vectors: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..SWEEPS {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        let diagonal: f64 = (0..n).map(|i| a[i][i] * a[i][i]).sum();
        if off <= 1e-32 * diagonal {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    Eigen { values: (0..n).map(|i| a[i][i]).collect(), vectors }
}

/// Rotates in the plane of `p` and `q` so that their common element becomes 0.
fn rotate(a: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let sign = if theta < 0.0 { -1.0 } else { 1.0 };
    let tangent = sign / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let turned = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
    for row in a.iter_mut().chain(vectors.iter_mut()) {
        (row[p], row[q]) = turned(row[p], row[q]);
    }
    for at in 0..a.len() {
        (a[p][at], a[q][at]) = turned(a[p][at], a[q][at]);
    }
    a[p][q] = 0.0;
    a[q][p] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::SweepPurpose;
    use burstnet_core::streams::Stream;

    #[test]
    fn parts_make_the_matrix_again() {
        let mut stream = Stream::new(1, SweepPurpose::Search);
        for n in [1, 2, 3, 12, 40] {
            let mut matrix = vec![vec![0.0; n]; n];
            for i in 0..n {
                for j in 0..=i {
                    matrix[i][j] = stream.uniform(-1.0, 1.0);
                    matrix[j][i] = matrix[i][j];
                }
            }
            let Eigen { values, vectors } = decompose(&matrix);
            for i in 0..n {
                for j in 0..n {
                    let again: f64 = (0..n).map(|k| vectors[i][k] * values[k] * vectors[j][k]).sum();
                    let product: f64 = (0..n).map(|k| vectors[k][i] * vectors[k][j]).sum();
                    assert!((again - matrix[i][j]).abs() < 1e-12);
                    assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn values_that_differ_by_many_orders_are_found() {
        let matrix = vec![vec![1.0, 1e-7], vec![1e-7, 1e-12]];
        let mut values = decompose(&matrix).values;
        values.sort_by(f64::total_cmp);
        assert!((values[1] - 1.0).abs() < 1e-13 && (values[0] - 9.9e-13).abs() < 1e-13, "{values:?}");
    }
}
