//! Holm's correction for several tests.

/// Returns the p values of a family of tests, corrected so that the chance of any false positive among them stays below
/// the level at which they are judged: with the p values sorted, p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) p₍ⱼ₎)
/// (Holm, Scand. J. Stat. 6, 1979).
pub(crate) fn holm(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![0.0; m];
    let mut largest: f64 = 0.0;
    for (i, &at) in order.iter().enumerate() {
        largest = largest.max(((m - i) as f64 * p_values[at]).min(1.0));
        corrected[at] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        assert_eq!(holm(&[0.25, 0.01, 0.125, 0.5]), [0.5, 0.04, 0.375, 0.5]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }
}
