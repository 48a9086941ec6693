//! Few directions that span many vectors, in f64.

use super::super::kernels::{Isa, deflate};

/// Vectors as combinations of few orthonormal directions.
pub(super) struct Spanned {
    /// The directions, one after the other.
    pub directions: Vec<f64>,
    /// The coefficients of each direction in each vector.
    pub coefficients: Vec<f64>,
    /// The number of directions.
    pub rank: usize,
}

/// Returns orthonormal directions that span the vectors of `n` numbers in `vectors` up to a rest of norm `tolerance` in
/// each: modified Gram–Schmidt, always with the vector with the largest rest (Golub & Van Loan, §5.4.2). `None` if that
/// takes more than `limit` directions. The content of `vectors` is of no use afterwards.
pub(super) fn span(isa: Isa, vectors: &mut [f64], n: usize, tolerance: f64, limit: usize) -> Option<Spanned> {
    let count = vectors.len() / n;
    let (mut directions, mut coefficients) = (Vec::new(), Vec::new());
    let nothing = vec![0.0; n];
    let mut left: Vec<f64> = vectors.chunks_exact_mut(n).map(|vector| deflate(isa, &nothing, vector).1).collect();
    loop {
        let mut most = 0;
        for (index, norm) in left.iter().enumerate() {
            if *norm > left[most] {
                most = index;
            }
        }
        let rank = coefficients.len() / count;
        if left[most].sqrt() <= tolerance || left[most].is_nan() {
            return Some(Spanned { directions, coefficients, rank });
        }
        if rank == limit {
            return None;
        }
        let mut q = vectors[most * n..(most + 1) * n].to_vec();
        let mut norm = left[most];
        for direction in directions.chunks_exact(n) {
            norm = deflate(isa, direction, &mut q).1; // once more: what is left is small, and rounding is not
        }
        let length = norm.sqrt();
        q.iter_mut().for_each(|x| *x /= length);
        for (vector, left) in vectors.chunks_exact_mut(n).zip(&mut left) {
            if left.sqrt() > tolerance {
                let (along, rest) = deflate(isa, &q, vector);
                coefficients.push(along);
                *left = rest;
            } else {
                coefficients.push(0.0); // it is spanned already
            }
        }
        directions.extend(q);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_directions_span_what_has_few() {
        let (n, count) = (48, 80);
        let wave = |i: usize, j: usize| crate::math::sin(0.37 * (i * (j + 1)) as f64);
        let mut vectors: Vec<f64> = (0..count)
            .flat_map(|v| (0..n).map(move |i| (0..3).map(|j| wave(i, j) * wave(v + 1, j)).sum::<f64>()))
            .collect();
        let given = vectors.clone();
        let spanned = span(Isa::detect(), &mut vectors, n, 1e-9, 10).unwrap();
        assert_eq!(spanned.rank, 3);
        for v in 0..count {
            for i in 0..n {
                let sum: f64 =
                    (0..3).map(|r| spanned.directions[r * n + i] * spanned.coefficients[r * count + v]).sum();
                assert!((sum - given[v * n + i]).abs() < 1e-9, "{v} {i}");
            }
        }
        for (a, b) in [(0, 0), (0, 1), (1, 2), (2, 2)] {
            let product: f64 = (0..n).map(|i| spanned.directions[a * n + i] * spanned.directions[b * n + i]).sum();
            assert!((product - f64::from(u8::from(a == b))).abs() < 1e-14, "{a} {b}: {product}");
        }
        assert!(span(Isa::detect(), &mut given.clone(), n, 1e-9, 2).is_none());
    }
}
