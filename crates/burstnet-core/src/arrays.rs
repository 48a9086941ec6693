//! Matrices of `ndarray` in standard layout: the rows lie one after the other, so each is a slice.

use ndarray::Array2;

/// Returns a `rows × cols` matrix over `data`, row after row.
///
/// # Panics
/// If `data` does not hold `rows × cols` numbers.
#[expect(clippy::expect_used, reason = "the caller knows how many numbers there are")]
pub(crate) fn of_rows(rows: usize, cols: usize, data: Vec<f64>) -> Array2<f64> {
    Array2::from_shape_vec((rows, cols), data).expect("as many numbers as a matrix of this shape has")
}

/// Returns row `r`.
///
/// # Panics
/// If the matrix has no such row, or is not in standard layout.
#[expect(clippy::expect_used, reason = "this crate makes no others")]
pub(crate) fn row(matrix: &Array2<f64>, r: usize) -> &[f64] {
    matrix.row(r).to_slice().expect("a matrix in standard layout")
}

/// Returns all numbers, row after row.
///
/// # Panics
/// If the matrix is not in standard layout.
#[expect(clippy::expect_used, reason = "this crate makes no others")]
pub(crate) fn numbers(matrix: &Array2<f64>) -> &[f64] {
    matrix.as_slice().expect("a matrix in standard layout")
}

/// Returns row `r`, to be changed.
///
/// # Panics
/// As [`row`].
#[expect(clippy::expect_used, reason = "this crate makes no others")]
pub(crate) fn row_mut(matrix: &mut Array2<f64>, r: usize) -> &mut [f64] {
    matrix.row_mut(r).into_slice().expect("a matrix in standard layout")
}

/// Returns the transposed matrix, in standard layout too.
pub(crate) fn transposed(matrix: &Array2<f64>) -> Array2<f64> {
    matrix.t().as_standard_layout().into_owned()
}

/// Returns the matrix product `a · b`. Each sum goes in the order of the inner index; that of `Array2::dot` depends on the
/// processor.
pub(crate) fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(r, c)| (0..a.ncols()).map(|k| a[[r, k]] * b[[k, c]]).sum())
}
