//! The part of the differences between replicates that a key explains of which each replicate has a value.

use burstnet_core::numbers::{Scale, are_equal, largest};

use super::distributions::f_above;

/// A key's share of the variance between replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    /// The share, from 0 to 1.
    pub(crate) share: f64,
    /// The probability of so large a share by chance.
    pub(crate) p: Option<f64>,
}

/// The values of a key, one per replicate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// Numbers, on the scale on which they were drawn.
    Numbers(Vec<f64>),
    /// Levels, by number.
    Levels(Vec<usize>),
}

/// Returns the share of the variance of the replicates' means that a key explains alone: of numbers the squared
/// correlation r², of levels η², the share between the levels. With k replicates and d degrees of freedom (1, or the number of levels less 1),
/// F = (share / d) / ((1 − share) / (k − 1 − d)) (Fisher, Statistical Methods for Research Workers, 1925). `None` if
/// the key has one value, or no degree of freedom is left, or all means are equal but for rounding.
pub(crate) fn share(means: &[f64], values: &Values) -> Option<Share> {
    if are_equal(means, largest(means.iter().copied())) {
        return None;
    }
    let y = centred(&Scale::of(means.iter().copied()).all_down(means));
    let total: f64 = y.iter().map(|y| y * y).sum();
    let (explained, freedom) = match values {
        Values::Numbers(x) => {
            let x = centred(&Scale::of(x.iter().copied()).all_down(x));
            let own: f64 = x.iter().map(|x| x * x).sum();
            let both: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
            ((own > 0.0).then(|| both * both / own)?, 1)
        }
        Values::Levels(levels) => {
            let mut sums: Vec<(f64, f64)> = vec![(0.0, 0.0); levels.iter().max()? + 1];
            levels.iter().zip(&y).for_each(|(&level, y)| sums[level] = (sums[level].0 + y, sums[level].1 + 1.0));
            sums.retain(|(_, n)| *n > 0.0);
            (sums.iter().map(|(sum, n)| sum * sum / n).sum(), sums.len().checked_sub(1).filter(|d| *d > 0)?)
        }
    };
    let left = means.len().checked_sub(1 + freedom).filter(|left| *left > 0)?;
    let share = Some(explained / total).filter(|share| share.is_finite())?.clamp(0.0, 1.0);
    let (freedom, left) = (freedom as f64, left as f64);
    let p = if share < 1.0 { f_above(freedom, left, share / freedom * left / (1.0 - share)) } else { Some(0.0) };
    Some(Share { share, p })
}

/// Returns values less their mean.
fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|x| x - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_known_numbers() {
        // By hand; p by the closed form of the t distribution with four degrees of freedom.
        let y = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0];
        let x = Values::Numbers(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let found = share(&y, &x).unwrap();
        assert!((found.share - 0.784_489_795_918_367_4).abs() < 1e-12, "{found:?}");
        assert!((found.p.unwrap() - 0.018_845_481_049_562_63).abs() < 1e-9, "{found:?}");
        let found = share(&y, &Values::Levels(vec![0, 0, 0, 4, 4, 4])).unwrap();
        assert!((found.share - 0.771_428_571_428_571_4).abs() < 1e-12, "{found:?}");
        assert!((found.p.unwrap() - 0.021_311_641_128_756_61).abs() < 1e-9, "{found:?}");
        for power in [1e-300, 1e300] {
            let scaled: Vec<f64> = y.iter().map(|y| y * power).collect();
            assert!((share(&scaled, &x).unwrap().share - 0.784_489_795_918_367_4).abs() < 1e-9, "{power}");
        }
    }

    #[test]
    fn nothing_is_told_of_too_little() {
        let numbers = |x: &[f64]| Values::Numbers(x.to_vec());
        assert_eq!(share(&[1.0, 2.0], &numbers(&[1.0, 2.0])), None);
        assert_eq!(share(&[1.0, 2.0, 3.0], &numbers(&[1.0, 1.0, 1.0])), None);
        assert_eq!(share(&[1.0, 1.0, 1.0], &numbers(&[1.0, 2.0, 3.0])), None);
        assert_eq!(share(&[1.0, 2.0, 3.0], &Values::Levels(vec![0, 1, 2])), None);
        assert_eq!(share(&[1.0, 2.0, 3.0], &Values::Levels(vec![1, 1, 1])), None);
        assert_eq!(share(&[1.0, 2.0, 3.0], &numbers(&[2.0, 4.0, 6.0])), Some(Share { share: 1.0, p: Some(0.0) }));
        assert_eq!(share(&[], &numbers(&[])), None);
    }
}
