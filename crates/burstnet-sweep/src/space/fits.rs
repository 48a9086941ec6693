//! A check that values from elsewhere are those of some point of a space.

use burstnet_core::config::Value;

use super::{Dimension, Space, times};

/// The largest distance of a product from the number that somebody wrote, as a part of it.
const ROUNDING: f64 = 1e-9;

impl Space {
    /// Returns whether some point has these values, `None` where a key does not exist: each lies in its domain, or is such a
    /// ratio to another key, those of keys that move together stand in one row, and all constraints hold.
    pub(crate) fn holds(&self, dimensions: &[Dimension], values: &[Option<Value>]) -> bool {
        let in_domain = |at: usize, value: &Value| match &self.ties[at].ratio_of {
            None => dimensions[at].domain.holds(value),
            Some(other) => is_product(&dimensions[at], other.value(values), value),
        };
        let each = values.iter().enumerate().all(|(at, value)| value.as_ref().is_none_or(|value| in_domain(at, value)));
        each && (0..self.axes.len()).all(|axis| self.is_row(dimensions, axis, values))
            && self.allows(values).unwrap_or(false)
    }

    /// Returns whether the keys along an axis have values of one row, if they are several.
    fn is_row(&self, dimensions: &[Dimension], axis: usize, values: &[Option<Value>]) -> bool {
        let along: Vec<(&Dimension, &Value)> = (0..dimensions.len())
            .filter(|at| self.axis_of[*at] == axis && self.ties[*at].ratio_of.is_none())
            .filter_map(|at| Some((&dimensions[at], values[at].as_ref()?)))
            .collect();
        let [(first, _), _, ..] = along.as_slice() else { return true };
        let rows = first.domain.count().unwrap_or_default();
        (0..rows).any(|row| along.iter().all(|(dimension, value)| dimension.domain.nth(row) == **value))
    }
}

/// Returns whether `value` is `held` times a ratio of the domain.
fn is_product(dimension: &Dimension, held: &Value, value: &Value) -> bool {
    let (Some(held), Some(number)) = (held.as_f64(), value.as_f64()) else { return false };
    let is_near = |ratio: &Value| {
        let product = times(&Value::Float(held), ratio).as_f64().unwrap_or(f64::NAN);
        (product - number).abs() <= ROUNDING * number.abs()
    };
    let ends = dimension.domain.ends();
    if dimension.domain.count().is_some_and(|count| count == ends.len() as u64) {
        return ends.iter().any(is_near); // all of them
    }
    let products = || ends.iter().filter_map(Value::as_f64).map(|ratio| ratio * held);
    let room = ROUNDING * number.abs();
    let least = products().fold(f64::INFINITY, f64::min) - room;
    let most = products().fold(f64::NEG_INFINITY, f64::max) + room;
    (least..=most).contains(&number)
}

#[cfg(test)]
mod tests {
    use burstnet_core::config::Configuration;

    use super::*;
    use crate::space::When;
    use crate::space::domain::Domain;

    fn listed(key: &str, values: &[f64]) -> Dimension {
        Dimension::new(key, Domain::Values(values.iter().map(|x| Value::Float(*x)).collect()))
    }

    #[test]
    fn values_of_no_point_do_not_fit() {
        let mut b = listed("b", &[5.0, 6.0, 6.0]);
        b.when = vec![When { key: "w".into(), values: vec!["on".into()] }];
        let dimensions = [
            listed("a", &[1.0, 1.0, 2.0]),
            b,
            Dimension::new("w", Domain::Values(vec!["on".into(), "off".into()])),
            Dimension { ratio_of: Some("a".into()), ..Dimension::new("r", Domain::Uniform { low: 0.5, high: 2.0 }) },
            Dimension { ratio_of: Some("a".into()), ..listed("s", &[0.1, 0.3]) },
        ];
        let mut base = Configuration::default();
        for key in ["a", "b", "w", "r", "s"] {
            base.set(key, Value::Float(0.0));
        }
        let zip = [vec!["a".to_owned(), "b".to_owned()]];
        let space = Space::new(&dimensions, &zip, &["r < 3".to_owned()], &base).unwrap();
        let holds = |a: f64, b: Option<f64>, w: &str, r: f64, s: f64| {
            let number = |x| Some(Value::Float(x));
            let values = vec![number(a), b.map(Value::Float), Some(w.into()), number(r), number(s)];
            space.holds(&dimensions, &values)
        };
        assert!(holds(1.0, Some(5.0), "on", 1.0, 0.1) && holds(1.0, Some(6.0), "on", 0.5, 0.3));
        assert!(holds(2.0, Some(6.0), "on", 1.0, 0.6) && holds(2.0, None, "off", 1.0, 0.2));
        assert!(!holds(2.0, Some(5.0), "on", 1.0, 0.2), "another row");
        assert!(!holds(1.0, Some(7.0), "on", 1.0, 0.1), "no value of it");
        assert!(!holds(2.0, Some(6.0), "on", 0.9, 0.2) && !holds(1.0, Some(6.0), "on", 2.1, 0.1), "another ratio");
        assert!(!holds(1.0, Some(6.0), "on", 1.0, 0.2), "no listed ratio");
        assert!(!holds(2.0, Some(6.0), "on", 3.5, 0.2), "a constraint");
    }
}
