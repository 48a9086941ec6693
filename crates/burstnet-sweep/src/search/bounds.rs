//! Bounds on measures, such as `alignment_deg_0 < 80`, and the order of results that have to keep them.
//!
//! The order is that of Deb (Comput. Methods Appl. Mech. Eng. 186:311–338, 2000): those that keep all bounds come first, by
//! their loss, and then the others by how far they are beyond. Everything that ranks results takes it from here.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A bound on a measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The measure.
    pub measure: String,
    /// The comparison of its mean with the number.
    pub comparison: Comparison,
    /// The number.
    pub number: f64,
}

/// A comparison of a measure with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// The measure lies below the number.
    #[serde(rename = "<")]
    Less,
    /// The measure does not exceed the number.
    #[serde(rename = "<=")]
    AtMost,
    /// The measure exceeds the number.
    #[serde(rename = ">")]
    More,
    /// The measure is not below the number.
    #[serde(rename = ">=")]
    AtLeast,
}

impl Comparison {
    /// Returns the comparison as it is written.
    pub fn written(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Returns the comparison with both sides exchanged.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
        }
    }

    /// Returns whether the number is the upper end of the measure.
    pub fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.measure, self.comparison.written(), self.number)
    }
}

impl Bound {
    /// Returns whether a value of the measure keeps the bound.
    pub fn holds(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < self.number,
            Comparison::AtMost => value <= self.number,
            Comparison::More => value > self.number,
            Comparison::AtLeast => value >= self.number,
        }
    }

    /// Returns how far a value of the measure is beyond the bound, in the unit of the measure; negative if it is inside.
    pub fn beyond(&self, value: f64) -> f64 {
        if self.comparison.is_upper() { value - self.number } else { self.number - value }
    }

    /// Returns the violation by a mean: 0 if it keeps the bound, else how far it is beyond, as a part of the size of the
    /// number, or in the unit of the measure where that is 0. Infinite without a mean.
    pub fn violation(&self, mean: Option<f64>) -> f64 {
        match mean.filter(|mean| !mean.is_nan()) {
            None => f64::INFINITY,
            Some(mean) if self.holds(mean) => 0.0,
            Some(mean) => {
                let scale = if self.number == 0.0 { 1.0 } else { self.number.abs() };
                (self.beyond(mean) / scale).max(f64::MIN_POSITIVE) // on the edge of an open bound it is not 0 either
            }
        }
    }
}

/// Returns the sum of the violations of bounds by means of their measures; 0 if all are kept.
pub fn violation(bounds: &[Bound], means: impl IntoIterator<Item = Option<f64>>) -> f64 {
    bounds.iter().zip(means).map(|(bound, mean)| bound.violation(mean)).sum()
}

/// The rank of a result: first whether it keeps the bounds, then its loss or how far it is beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merit {
    /// The violation of bounds; 0 if all are kept.
    pub violation: f64,
    /// The loss; infinite without one.
    pub loss: f64,
}

impl Merit {
    /// Compares two results, the better one first.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.violation.total_cmp(&other.violation).then(self.loss.total_cmp(&other.loss))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(comparison: Comparison, number: f64) -> Bound {
        Bound { measure: "m".into(), comparison, number }
    }

    #[test]
    fn violations_are_parts_of_the_number() {
        let of = |comparison, number, value| bound(comparison, number).violation(value);
        assert_eq!(of(Comparison::Less, 80.0, Some(79.0)), 0.0);
        assert_eq!(of(Comparison::Less, 80.0, Some(80.0)), f64::MIN_POSITIVE);
        assert_eq!(of(Comparison::AtMost, 80.0, Some(80.0)), 0.0);
        assert_eq!(of(Comparison::AtMost, -80.0, Some(-60.0)), 0.25);
        assert_eq!(of(Comparison::More, 0.0, Some(-3.0)), 3.0);
        assert_eq!(of(Comparison::AtLeast, 2.0, Some(1.0)), 0.5);
        assert_eq!(of(Comparison::AtLeast, 2.0, None), f64::INFINITY);
        assert_eq!(of(Comparison::AtLeast, 2.0, Some(f64::NAN)), f64::INFINITY);
        assert_eq!(of(Comparison::Less, -1e308, Some(1.7e308)), f64::INFINITY);
    }

    #[test]
    fn those_that_keep_all_bounds_come_first() {
        let bounds = [bound(Comparison::Less, 1.0), bound(Comparison::More, -2.0)];
        let merit = |loss, means: [f64; 2]| Merit { violation: violation(&bounds, means.map(Some)), loss };
        let (kept, better) = (merit(5.0, [0.0, 0.0]), merit(4.0, [0.0, 0.0]));
        let (near, far) = (merit(1.0, [1.5, 0.0]), merit(0.0, [1.5, -3.0]));
        assert_eq!((near.violation, far.violation), (0.5, 1.0));
        let order = [better, kept, near, far];
        assert!(order.windows(2).all(|pair| pair[0].compare(&pair[1]).is_lt()));
    }

    #[test]
    fn written_as_in_sweep_files() {
        assert_eq!(bound(Comparison::AtLeast, -0.5).to_string(), "m >= -0.5");
        let json = serde_json::to_string(&bound(Comparison::Less, 80.0)).unwrap();
        assert_eq!(json, r#"{"measure":"m","comparison":"<","number":80.0}"#);
    }
}
