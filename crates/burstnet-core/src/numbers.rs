//! Means and differences of finite numbers, of any size: nothing overflows on the way, and rounding is known for what it is.

/// Differences below this part of the values are what rounding leaves of equal ones.
const ROUNDING: f64 = 1.0 / (1_u64 << 48) as f64;
/// Numbers from 2⁻²⁰⁰ to 2²⁰⁰ can be squared, cubed and summed as they are.
const LARGEST_PLAIN: i32 = 200;
/// The largest exponent by which numbers are scaled: the power of two and its inverse are both normal.
const MOST: i32 = 1000;

/// Returns at most `most` of `n` places at equal distances, the first and the last among them.
pub fn spread(n: usize, most: usize) -> impl Iterator<Item = usize> {
    let kept = n.min(most);
    (0..kept).map(move |at| if kept < 2 { 0 } else { at * (n - 1) / (kept - 1) })
}

/// x − y, or 0 if that is rounding alone: below 2⁻⁴⁸ of the larger one of the two.
pub fn difference(x: f64, y: f64) -> f64 {
    if is_rounding(x - y, x.abs().max(y.abs())) { 0.0 } else { x - y }
}

/// Returns whether a difference between values as large as `magnitude` is what rounding leaves of equal ones.
pub fn is_rounding(difference: f64, magnitude: f64) -> bool {
    difference.abs() < ROUNDING * magnitude
}

/// Returns whether values that come from numbers as large as `magnitude` differ by rounding alone.
pub fn are_equal(values: &[f64], magnitude: f64) -> bool {
    let Some(mean) = mean(values.iter().copied()) else { return true };
    values.iter().all(|x| *x == values[0]) || values.iter().all(|x| is_rounding(x - mean, magnitude))
}

/// The largest of these numbers by its size; 0 if there is none.
pub fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().map(f64::abs).fold(0.0, f64::max)
}

/// The arithmetic mean, which is finite if all values are; none without values.
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut mean = Mean::default();
    values.into_iter().for_each(|x| mean.add(x));
    mean.value()
}

/// A weighted mean in the making, which is finite if all values are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mean {
    sum: f64,
    /// The same sum, made so small that it does not overflow.
    small: f64,
    weight: f64,
}

impl Mean {
    const SMALL: f64 = 1.0 / (1_u128 << 64) as f64;

    /// Takes a value.
    pub fn add(&mut self, x: f64) {
        self.add_weighted(x, 1.0);
    }

    /// The mean with one more value.
    pub fn with(mut self, x: f64) -> Self {
        self.add(x);
        self
    }

    /// Takes a value with a weight that is not negative; all weights together are below 2⁶³.
    pub fn add_weighted(&mut self, x: f64, weight: f64) {
        self.sum += x * weight;
        self.small += x * Self::SMALL * weight;
        self.weight += weight;
    }

    /// The mean of what it was given; none of nothing.
    pub fn value(self) -> Option<f64> {
        let plain = self.sum / self.weight;
        if plain.is_finite() || !self.small.is_finite() {
            return (self.weight > 0.0).then_some(plain);
        }
        // A mean lies among the values, though its last bit may not.
        (self.weight > 0.0).then(|| (self.small / self.weight / Self::SMALL).clamp(f64::MIN, f64::MAX))
    }
}

/// A power of two by which numbers are multiplied before they are squared and summed. Such a product is exact, so it
/// changes no bit of what would not have overflowed or vanished. Of ordinary numbers it is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    down: f64,
    up: f64,
}

impl Scale {
    /// The scale of ordinary numbers.
    pub const PLAIN: Self = Self { down: 1.0, up: 1.0 };

    /// The scale at which these numbers are ordinary.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let largest = largest(values);
        let exponent = (largest.to_bits() >> 52) as i32 - 1023;
        if largest == 0.0 || !largest.is_finite() || exponent.abs() < LARGEST_PLAIN {
            return Self::PLAIN;
        }
        let exponent = exponent.clamp(-MOST, MOST);
        let power = |exponent: i32| f64::from_bits(((1023 + exponent) as u64) << 52);
        Self { down: power(-exponent), up: power(exponent) }
    }

    /// Returns whether numbers are left as they are.
    pub fn is_plain(self) -> bool {
        self == Self::PLAIN
    }

    /// A number at this scale.
    pub fn down(self, x: f64) -> f64 {
        x * self.down
    }

    /// Numbers at this scale.
    pub fn all_down(self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|x| self.down(*x)).collect()
    }

    /// Returns the number that `x` stands for at this scale; `None` beyond float64.
    pub fn up(self, x: f64) -> Option<f64> {
        Some(x * self.up).filter(|x| x.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: f64 = f64::MAX;

    #[test]
    fn places_are_spread_from_end_to_end() {
        let spread = |n, most| spread(n, most).collect::<Vec<usize>>();
        assert_eq!((spread(3, 10), spread(100, 4)), (vec![0, 1, 2], vec![0, 33, 66, 99]));
        assert_eq!((spread(0, 4), spread(9, 1)), (vec![], vec![0]));
        let many = spread(5000, 1000);
        assert_eq!((many.len(), many[0], many[999]), (1000, 0, 4999));
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn differences_that_are_rounding_are_none() {
        assert_eq!(difference(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1), 0.0);
        assert_eq!([difference(1.0, 1.0 + 3e-15), difference(-1e300, -1e300)], [0.0, 0.0]);
        let small = 1.0 + 4e-15;
        assert_eq!(difference(small, 1.0), small - 1.0);
        assert_eq!([difference(1e-300, 0.0), difference(0.0, -5e-324)], [1e-300, 5e-324]);
        assert_eq!(difference(MAX, -MAX), f64::INFINITY);
    }

    #[test]
    fn values_that_are_equal_but_for_rounding() {
        assert!(are_equal(&[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1], 0.6));
        assert!(!are_equal(&[0.6, 0.6 + 1e-13], 0.6));
        assert!(are_equal(&[1e-17, -1e-17], 1.0) && !are_equal(&[1e-17, -1e-17], 1e-17));
        assert!(are_equal(&[], 0.0) && are_equal(&[0.0, 0.0], 0.0) && are_equal(&[MAX, MAX], MAX));
        assert!(!are_equal(&[0.0, 5e-324], 5e-324));
    }

    #[test]
    fn a_mean_lies_among_its_values() {
        assert_eq!(mean([0.1, 0.2, 0.3]), Some((0.1 + 0.2 + 0.3) / 3.0));
        assert_eq!([mean([]), mean([5e-324])], [None, Some(5e-324)]);
        assert_eq!(mean([1.7e308, 1.5e308, 1.6e308]).map(|x| (x / 1e306).round()), Some(160.0));
        assert_eq!(mean([MAX; 1000]), Some(MAX));
        assert_eq!(mean([MAX, MAX, -MAX, -MAX, 10.0]), Some(2.0));
        assert_eq!(mean([1.0, f64::INFINITY]), Some(f64::INFINITY));
        let mut weighted = Mean::default();
        weighted.add_weighted(MAX, 3e9);
        weighted.add_weighted(0.0, 1e9);
        assert_eq!(weighted.value(), Some(0.75 * MAX));
    }

    #[test]
    fn a_scale_is_exact_and_that_of_ordinary_numbers_none() {
        assert!(
            [0.0, 1e-50, -3.0, 1e50].into_iter().all(|x| Scale::of([x, 0.5]).is_plain())
                && Scale::of([1e-50]).is_plain()
        );
        for x in [MAX, -1.3e70, 7.1e-80, 2e-308, 5e-324] {
            let scale = Scale::of([x, 0.3 * x]);
            let scaled = scale.down(x);
            assert!((1e-25..1e25).contains(&scaled.abs()), "{x:?}: {scaled:?}");
            assert_eq!(scale.up(scaled), Some(x));
        }
        assert_eq!(Scale::of([MAX]).up(2e25), None);
    }
}
