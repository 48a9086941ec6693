//! Random permutations of 0..n that need no memory, and the hash that they and the scrambles use.

/// Hashes `x` with `key`: two rounds of the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
pub(super) fn hash(key: u64, x: u64) -> u64 {
    finish(finish(key ^ x.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(x))
}

fn finish(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Applies the random permutation of 0..`n` with this key to `x`: swap or not (Hoang, Morris & Rogaway, CRYPTO 2012).
///
/// Each round pairs x with K − x. A bit that the two share decides whether they change places.
pub(super) fn permuted(n: u64, key: u64, x: u64) -> u64 {
    let rounds = 24 + 6 * u64::from(u64::BITS - n.leading_zeros());
    (0..rounds).fold(x, |x, round| {
        let bits = hash(key, round);
        let shift = ((u128::from(bits) * u128::from(n)) >> 64) as u64;
        let other = if shift >= x { shift - x } else { shift + (n - x) };
        if hash(bits, x.max(other)) & 1 == 0 { x } else { other }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for n in [1, 2, 3, 5, 16, 97, 1000] {
            let mut all: Vec<u64> = (0..n).map(|x| permuted(n, 7, x)).collect();
            all.sort_unstable();
            assert!(all.iter().copied().eq(0..n), "{n}");
        }
        assert!(permuted(u64::MAX, 7, u64::MAX - 1) < u64::MAX);
    }

    #[test]
    fn all_permutations_are_equally_likely() {
        let mut seen = std::collections::BTreeMap::<Vec<u64>, u32>::new();
        for key in 0..24_000 {
            *seen.entry((0..4).map(|x| permuted(4, key, x)).collect()).or_default() += 1;
        }
        let chi_squared: f64 = seen.values().map(|&n| (f64::from(n) - 1000.0) * (f64::from(n) - 1000.0) / 1000.0).sum();
        assert!(seen.len() == 24 && chi_squared < 49.7, "{chi_squared}, 0.1 % above 49.7");
    }

    #[test]
    fn bits_are_stable() {
        assert_eq!(hash(1, 2), 11_193_326_130_232_735_531);
        assert_eq!(permuted(1_000_000_000_000, 2017, 3), 138_161_581_219);
    }
}
