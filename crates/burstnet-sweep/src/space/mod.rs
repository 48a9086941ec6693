//! The space of a search: the swept keys and the ties between them. It maps points of the unit cube to values of keys.

mod axes;
pub mod domain;
pub mod expression;
mod fits;
mod listed;
mod order;
pub mod plan_error;
pub(crate) mod scalar;

use std::collections::HashMap;

use burstnet_core::config::{Configuration, Value};
use burstnet_core::text::quoted;
use serde::{Deserialize, Serialize};

use crate::nearest::nearest;
use crate::search::samplers::Axis;
use crate::space::domain::Domain;
use crate::space::plan_error::{About, PlanError};
use axes::axes;
use expression::Expression;
pub use listed::{Listed, list};
use order::in_order;

/// A swept key and its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// The key.
    pub key: String,
    /// Its values, or its ratios to another key's value if there is a [`Dimension::ratio_of`].
    pub domain: Domain,
    /// The key whose value is multiplied by a ratio to give this key's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_of: Option<String>,
    /// The conditions under which the key exists. Otherwise its value is that in the base, and tables have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<When>,
}

/// A condition: a key has one of these values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// The key.
    pub key: String,
    /// The values.
    pub values: Vec<Value>,
}

impl When {
    /// Sorts conditions by their keys. All of them have to hold, so their order has no meaning.
    pub(crate) fn sort(conditions: &mut [Self]) {
        conditions.sort_by(|a, b| a.key.cmp(&b.key));
    }
}

impl Dimension {
    /// Returns a key that is tied to no other.
    pub fn new(key: impl Into<String>, domain: Domain) -> Self {
        Self { key: key.into(), domain, ratio_of: None, when: Vec::new() }
    }

    /// Returns the keys on whose values this one depends.
    pub fn depends_on(&self) -> impl Iterator<Item = &str> {
        self.ratio_of.iter().map(String::as_str).chain(self.when.iter().map(|when| when.key.as_str()))
    }
}

/// A checked space, with its keys in the order in which their values can be found.
#[derive(Clone, Debug, Default)]
pub struct Space {
    axes: Vec<Axis>,
    /// The axis of each dimension.
    axis_of: Vec<usize>,
    /// The dimensions, each one after those on which it depends.
    order: Vec<usize>,
    /// The ties of each dimension to other keys.
    ties: Vec<Ties>,
    constraints: Vec<Constraint>,
}

/// The ties of a swept key to other keys.
#[derive(Clone, Debug)]
struct Ties {
    ratio_of: Option<Operand>,
    /// The conditions: keys, each with the values of which it has to have one.
    when: Vec<(Operand, Vec<Value>)>,
}

/// A key on which others depend.
#[derive(Clone, Debug, PartialEq)]
struct Operand {
    /// Its number in the space, if it is swept.
    swept: Option<usize>,
    /// Its value in the base.
    base: Value,
}

/// A constraint that every configuration has to satisfy.
#[derive(Clone, Debug)]
struct Constraint {
    text: String,
    condition: Expression<Operand>,
}

impl Operand {
    /// Returns its value, or `None` if it is swept and does not exist among `values`.
    fn existing<'a>(&'a self, values: &'a [Option<Value>]) -> Option<&'a Value> {
        match self.swept {
            Some(at) => values[at].as_ref(),
            None => Some(&self.base),
        }
    }

    /// Returns its value, which is that in the base if the key does not exist.
    fn value<'a>(&'a self, values: &'a [Option<Value>]) -> &'a Value {
        self.existing(values).unwrap_or(&self.base)
    }
}

impl Ties {
    /// Returns whether the key exists beside `values`, which must hold those of the keys on which it depends.
    fn hold(&self, values: &[Option<Value>]) -> bool {
        let one_of = |held: &Value, listed: &[Value]| listed.iter().any(|value| expression::equal(value, held));
        self.when.iter().all(|(key, listed)| key.existing(values).is_some_and(|held| one_of(held, listed)))
    }
}

impl Space {
    /// Checks the ties between the keys of a space. `zip` has the groups of keys that move together, `constraints` the
    /// constraints of every configuration, and `base` a value for every key.
    ///
    /// # Errors
    /// If keys depend on each other in a circle, lists that move together differ in length, or a constraint cannot be
    /// read.
    pub fn new(
        dimensions: &[Dimension],
        zip: &[Vec<String>],
        constraints: &[String],
        base: &Configuration,
    ) -> Result<Self, PlanError> {
        let (axes, axis_of) = axes(dimensions, zip)?;
        let order = in_order(dimensions)?;
        let swept: HashMap<&str, usize> = (0..).zip(dimensions).map(|(at, one)| (one.key.as_str(), at)).collect();
        let operand = |key: &str| Operand { swept: swept.get(key).copied(), base: base.get(key).clone() };
        let ties = |one: &Dimension| Ties {
            ratio_of: one.ratio_of.as_deref().map(operand),
            when: one.when.iter().map(|when| (operand(&when.key), when.values.clone())).collect(),
        };
        let ties = dimensions.iter().map(ties).collect();
        let known = |key: &str| base.iter().any(|(held, _)| held == key).then(|| operand(key));
        let constraint = |(at, text): (usize, &String)| constraint(at, text, base, &known);
        let constraints = constraints.iter().enumerate().map(constraint).collect::<Result<_, _>>()?;
        Ok(Self { axes, axis_of, order, ties, constraints })
    }

    /// Returns the axes, in the order of the keys.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Returns the axis of dimension `at`.
    pub fn axis_of(&self, at: usize) -> usize {
        self.axis_of[at]
    }

    /// Returns the number of operations that are needed to check a configuration against the constraints.
    pub(crate) fn operations(&self) -> u64 {
        self.constraints.iter().map(|constraint| constraint.condition.operations()).sum()
    }

    /// Returns whether there are constraints.
    pub fn is_constrained(&self) -> bool {
        !self.constraints.is_empty()
    }

    /// Returns the values of the keys at a point, or `None` for a key that does not exist there. `dimensions` must be
    /// the ones from which the space was made.
    pub fn values(&self, dimensions: &[Dimension], point: &[f64]) -> Vec<Option<Value>> {
        let mut values: Vec<Option<Value>> = vec![None; dimensions.len()];
        for &at in &self.order {
            let unit = point.get(self.axis_of[at]).copied().unwrap_or_default();
            values[at] = self.ties[at].hold(&values).then(|| {
                let own = dimensions[at].domain.at(unit);
                match &self.ties[at].ratio_of {
                    None => own,
                    Some(other) => times(other.value(&values), &own),
                }
            });
        }
        values
    }

    /// Returns the given values of all keys, but `None` for a key that does not exist with the others.
    pub fn existing(&self, given: Vec<Option<Value>>) -> Vec<Option<Value>> {
        let mut values: Vec<Option<Value>> = vec![None; given.len()];
        for &at in &self.order {
            values[at] = given[at].clone().filter(|_| self.ties[at].hold(&values));
        }
        values
    }

    /// Returns a point at which the keys have these values, or the nearest to them. Along an axis without a value it is
    /// the middle.
    pub fn point_of(&self, dimensions: &[Dimension], values: &[Option<Value>]) -> Vec<f64> {
        let mut point = vec![0.5; self.axes.len()];
        for (at, (dimension, value)) in dimensions.iter().zip(values).enumerate().rev() {
            let Some(value) = value else { continue };
            let unit = match &self.ties[at].ratio_of {
                None => dimension.domain.unit_of(value),
                Some(other) => ratio_unit(&dimension.domain, other.value(values), value),
            };
            if let Some(unit) = unit {
                point[self.axis_of[at]] = unit;
            }
        }
        point
    }

    /// Returns for each axis whether the coordinate along it counts for a point with these values.
    pub fn active(&self, values: &[Option<Value>]) -> Vec<bool> {
        let mut active = vec![false; self.axes.len()];
        for (axis, value) in self.axis_of.iter().zip(values) {
            active[*axis] |= value.is_some();
        }
        active
    }

    /// Returns whether a configuration satisfies all constraints.
    ///
    /// # Errors
    /// If a constraint compares values that cannot be compared.
    pub fn allows(&self, values: &[Option<Value>]) -> Result<bool, PlanError> {
        for (at, Constraint { text, condition }) in self.constraints.iter().enumerate() {
            let holds = condition.holds(&|operand| operand.value(values)).map_err(|problem| {
                let told = format!("the constraint {}: {problem}", quoted(text));
                let expected = if problem.ends_with("neither true nor false") {
                    "a condition such as 'a.b <= 0.5 * c.d'"
                } else {
                    "numbers, to compare them"
                };
                PlanError::new(About::Constraint(at), told, expected)
            })?;
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reads constraint number `at`. `known` finds the keys that exist.
fn constraint(
    at: usize,
    text: &str,
    base: &Configuration,
    known: &dyn Fn(&str) -> Option<Operand>,
) -> Result<Constraint, PlanError> {
    let wrong = |problem: String| {
        let (problem, expected) =
            problem.split_once(", expected ").unwrap_or((&problem, "a condition such as 'a.b <= 0.5 * c.d'"));
        PlanError::new(About::Constraint(at), format!("the constraint {}: {problem}", quoted(text)), expected)
    };
    let unknown = |key: String| {
        PlanError::new(
            About::Constraint(at),
            format!("the constraint {} names {}, which is not a key", quoted(text), quoted(&key)),
            match nearest(&key, base.iter().map(|(held, _)| held)) {
                Some(near) => format!("keys by their full names, such as '{near}', and texts in quotes"),
                None => "keys by their full names, and texts in quotes".into(),
            },
        )
    };
    let condition = Expression::parse(text).map_err(wrong)?.bind(&mut |key| known(&key).ok_or(key)).map_err(unknown)?;
    Ok(Constraint { text: text.to_owned(), condition })
}

/// Returns the coordinate of the ratio of `value` to `held`. Among listed ratios it is the one whose product is
/// `value`, since a quotient is rounded.
fn ratio_unit(ratios: &Domain, held: &Value, value: &Value) -> Option<f64> {
    match ratios {
        Domain::Values(values) => {
            let listed = values.iter().find(|ratio| times(held, ratio) == *value)?;
            ratios.unit_of(listed)
        }
        _computed => {
            let quotient = value.as_f64().unwrap_or_default() / held.as_f64().unwrap_or(f64::NAN);
            ratios.unit_of(&Value::Float(quotient))
        }
    }
}

/// Returns a ratio times a number, rounded to 12 digits, so that it is the number that a person would write.
pub(crate) fn times(value: &Value, ratio: &Value) -> Value {
    let product = value.as_f64().unwrap_or_default() * ratio.as_f64().unwrap_or_default();
    Value::Float(format!("{product:.11e}").parse().unwrap_or(product))
}

/// Returns the extreme values that a key can take if `of` has the values of the key to which it is a ratio.
pub(crate) fn products(ratios: &[Value], of: &[Value]) -> Vec<Value> {
    let (ratios, of) = (extremes(ratios), extremes(of));
    of.iter().flat_map(|value| ratios.iter().map(|ratio| times(value, ratio))).collect()
}

/// Returns the smallest and the largest number among the values.
fn extremes(values: &[Value]) -> Vec<Value> {
    let numbers = || values.iter().filter_map(Value::as_f64);
    let (low, high) = (numbers().min_by(f64::total_cmp), numbers().max_by(f64::total_cmp));
    [low, high].into_iter().flatten().map(Value::Float).collect()
}

#[cfg(test)]
mod tests;
