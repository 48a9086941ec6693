//! The space of a search: swept keys and what ties them, between points of the unit cube and the values of keys.

pub mod expression;
mod listed;

use std::collections::HashMap;

use burstnet_core::config::{Configuration, Value};
use serde::{Deserialize, Serialize};

use crate::samplers::{Axis, AxisKind};
use crate::spec::domain::Domain;
use crate::spec::names::nearest;
use crate::spec::place::quoted;
use expression::Expression;
pub use listed::{Listed, MOST_SCANNED, list};

/// A swept key and its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// The key.
    pub key: String,
    /// Its values; ratios to another key's value if there is [`Dimension::ratio_of`].
    pub domain: Domain,
    /// The key whose value times a ratio is the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_of: Option<String>,
    /// What has to hold for the key to exist; where it does not, its value is that in the base, and missing in tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<When>,
}

/// A key has one of these values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// The key.
    pub key: String,
    /// The values.
    pub values: Vec<Value>,
}

impl When {
    /// Sorts conditions by their keys: all of them have to hold, so their order means nothing.
    pub(crate) fn sort(conditions: &mut [Self]) {
        conditions.sort_by(|a, b| a.key.cmp(&b.key));
    }
}

impl Dimension {
    /// A key that is tied to no other.
    pub fn new(key: impl Into<String>, domain: Domain) -> Self {
        Self { key: key.into(), domain, ratio_of: None, when: Vec::new() }
    }

    /// The keys on whose values it depends.
    pub fn depends_on(&self) -> impl Iterator<Item = &str> {
        self.ratio_of.iter().map(String::as_str).chain(self.when.iter().map(|when| when.key.as_str()))
    }
}

/// What a space is about that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A swept key.
    Key(String),
    /// A group of keys that move together, by its number.
    Zip(usize),
    /// A constraint, by its number.
    Constraint(usize),
    /// A configuration that must be there, by its number.
    Include(usize),
    /// How configurations are chosen.
    Strategy,
    /// The space as a whole.
    Whole,
}

/// A space that cannot be searched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, expected {expected}")]
pub struct SpaceError {
    /// What is wrong.
    pub about: About,
    /// What is wrong with it.
    pub problem: String,
    /// What could be there instead.
    pub expected: String,
}

impl SpaceError {
    /// An error about a part of the space.
    pub fn new(about: About, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { about, problem: problem.into(), expected: expected.into() }
    }
}

/// A space, checked, with its keys in the order in which their values can be found.
#[derive(Clone, Debug, Default)]
pub struct Space {
    axes: Vec<Axis>,
    /// The axis of each dimension.
    axis_of: Vec<usize>,
    /// The dimensions, those first on which others depend.
    order: Vec<usize>,
    constraints: Vec<(String, Expression)>,
}

impl Space {
    /// Checks what ties the keys of a space: `zip` are the groups of keys that move together, `constraints` what every
    /// configuration has to fulfil, and `base` holds every key that there is.
    ///
    /// # Errors
    /// If keys depend on each other in a circle, lists that move together are not equally long, or a constraint is none.
    pub fn new(
        dimensions: &[Dimension],
        zip: &[Vec<String>],
        constraints: &[String],
        base: &Configuration,
    ) -> Result<Self, SpaceError> {
        let (axes, axis_of) = axes(dimensions, zip)?;
        let order = in_order(dimensions)?;
        let read = |(at, text): (usize, &String)| {
            let wrong = |problem: String| {
                let (problem, expected) =
                    problem.split_once(", expected ").unwrap_or((&problem, "a condition such as 'a.b <= 0.5 * c.d'"));
                let told = format!("the constraint {}: {problem}", quoted(text));
                SpaceError::new(About::Constraint(at), told, expected)
            };
            let expression = Expression::parse(text).map_err(wrong)?;
            let unknown = expression.keys().into_iter().find(|key| base.iter().all(|(held, _)| held != *key));
            match unknown {
                None => Ok((text.clone(), expression)),
                Some(key) => Err(SpaceError::new(
                    About::Constraint(at),
                    format!("the constraint {} names {}, which is no key", quoted(text), quoted(key)),
                    match nearest(key, base.iter().map(|(held, _)| held)) {
                        Some(near) => format!("keys by their full names, such as '{near}', and texts in quotes"),
                        None => "keys by their full names, and texts in quotes".into(),
                    },
                )),
            }
        };
        let constraints = constraints.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { axes, axis_of, order, constraints })
    }

    /// The axes, in the order of the keys.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The axis of dimension `at`.
    pub fn axis_of(&self, at: usize) -> usize {
        self.axis_of[at]
    }

    /// How many operations it takes to see whether a configuration fulfils the constraints.
    pub(crate) fn operations(&self) -> u64 {
        self.constraints.iter().map(|(_, constraint)| constraint.operations()).sum()
    }

    /// Whether there are constraints.
    pub fn is_constrained(&self) -> bool {
        !self.constraints.is_empty()
    }

    /// The values of the keys at a point; none of a key that does not exist there.
    pub fn values(&self, dimensions: &[Dimension], base: &Configuration, point: &[f64]) -> Vec<Option<Value>> {
        let mut values: Vec<Option<Value>> = vec![None; dimensions.len()];
        for &at in &self.order {
            let dimension = &dimensions[at];
            let unit = point.get(self.axis_of[at]).copied().unwrap_or_default();
            values[at] = exists(dimension, dimensions, &values, base).then(|| match &dimension.ratio_of {
                None => dimension.domain.at(unit),
                Some(other) => {
                    let held = lookup(dimensions, &values, base, other).unwrap_or_else(|| base.get(other));
                    times(held, &dimension.domain.at(unit))
                }
            });
        }
        values
    }

    /// The values of keys that are given for all of them, but none of a key that does not exist with the others.
    pub fn existing(
        &self,
        dimensions: &[Dimension],
        base: &Configuration,
        given: Vec<Option<Value>>,
    ) -> Vec<Option<Value>> {
        let mut values: Vec<Option<Value>> = vec![None; dimensions.len()];
        for &at in &self.order {
            values[at] = given[at].clone().filter(|_| exists(&dimensions[at], dimensions, &values, base));
        }
        values
    }

    /// A point at which the keys have these values, or the nearest to them; the middle along an axis where there is none.
    pub fn point_of(&self, dimensions: &[Dimension], base: &Configuration, values: &[Option<Value>]) -> Vec<f64> {
        let mut point = vec![0.5; self.axes.len()];
        for (at, (dimension, value)) in dimensions.iter().zip(values).enumerate().rev() {
            let Some(value) = value else { continue };
            let unit = match &dimension.ratio_of {
                None => dimension.domain.unit_of(value),
                Some(other) => {
                    let held = lookup(dimensions, values, base, other).unwrap_or_else(|| base.get(other));
                    ratio_unit(&dimension.domain, held, value)
                }
            };
            if let Some(unit) = unit {
                point[self.axis_of[at]] = unit;
            }
        }
        point
    }

    /// Along which axes a point with these values has a coordinate that counts.
    pub fn active(&self, values: &[Option<Value>]) -> Vec<bool> {
        let mut active = vec![false; self.axes.len()];
        for (axis, value) in self.axis_of.iter().zip(values) {
            active[*axis] |= value.is_some();
        }
        active
    }

    /// Whether a configuration fulfils all constraints.
    ///
    /// # Errors
    /// If values are compared that cannot be.
    pub fn allows(
        &self,
        dimensions: &[Dimension],
        base: &Configuration,
        values: &[Option<Value>],
    ) -> Result<bool, SpaceError> {
        let of = |key: &str| {
            let swept = dimensions.iter().position(|dimension| dimension.key == key);
            swept.and_then(|at| values[at].as_ref()).unwrap_or_else(|| base.get(key))
        };
        for (at, (text, constraint)) in self.constraints.iter().enumerate() {
            let holds = constraint.holds(&of).map_err(|problem| {
                let told = format!("the constraint {}: {problem}", quoted(text));
                let expected = if problem.ends_with("neither true nor false") {
                    "a condition such as 'a.b <= 0.5 * c.d'"
                } else {
                    "numbers, to compare them"
                };
                SpaceError::new(About::Constraint(at), told, expected)
            })?;
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether the conditions of a key hold, for the values of those on which it depends.
fn exists(dimension: &Dimension, dimensions: &[Dimension], values: &[Option<Value>], base: &Configuration) -> bool {
    dimension.when.iter().all(|when| {
        let held = lookup(dimensions, values, base, &when.key);
        held.is_some_and(|held| when.values.iter().any(|value| expression::equal(value, held)))
    })
}

/// The value of a key: of a swept one, if it exists; else that of the base.
fn lookup<'a>(
    dimensions: &[Dimension],
    values: &'a [Option<Value>],
    base: &'a Configuration,
    key: &str,
) -> Option<&'a Value> {
    match dimensions.iter().position(|dimension| dimension.key == key) {
        Some(at) => values[at].as_ref(),
        None => Some(base.get(key)),
    }
}

/// The coordinate of the ratio that `value` is to `held`: of listed ones that which gives it, since a quotient is rounded.
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

/// A ratio times a number, to 12 digits, so that it is what a person would write.
pub(crate) fn times(value: &Value, ratio: &Value) -> Value {
    let product = value.as_f64().unwrap_or_default() * ratio.as_f64().unwrap_or_default();
    Value::Float(format!("{product:.11e}").parse().unwrap_or(product))
}

/// The axes, and the axis of each dimension.
fn axes(dimensions: &[Dimension], zip: &[Vec<String>]) -> Result<(Vec<Axis>, Vec<usize>), SpaceError> {
    let mut group_of: HashMap<&str, usize> = HashMap::new();
    for (group, keys) in zip.iter().enumerate() {
        let about = || About::Zip(group);
        if keys.len() < 2 {
            return Err(SpaceError::new(about(), format!("{} key to move together", keys.len()), "at least two keys"));
        }
        for key in keys {
            let Some(dimension) = dimensions.iter().find(|dimension| dimension.key == *key) else {
                return Err(SpaceError::new(
                    about(),
                    format!("zip names {key}, which is not swept"),
                    "keys of the space",
                ));
            };
            if group_of.insert(key, group).is_some() {
                return Err(SpaceError::new(about(), format!("zip names {key} twice"), "each key once"));
            }
            let first = dimensions.iter().find(|dimension| dimension.key == keys[0]).map(|one| one.domain.count());
            if first != Some(dimension.domain.count()) {
                let told = |count: Option<u64>| count.map_or("a range".into(), |count| format!("{count} values"));
                return Err(SpaceError::new(
                    about(),
                    format!(
                        "zip of {} ({}) and {key} ({})",
                        keys[0],
                        told(first.flatten()),
                        told(dimension.domain.count())
                    ),
                    "equally many values of each",
                ));
            }
        }
    }
    let mut axes: Vec<Axis> = Vec::new();
    let mut of_group: HashMap<usize, usize> = HashMap::new();
    let axis_of = dimensions.iter().map(|dimension| {
        let group = group_of.get(dimension.key.as_str());
        if let Some(&axis) = group.and_then(|group| of_group.get(group)) {
            return axis;
        }
        axes.push(Axis { name: dimension.key.clone(), kind: kind_of(&dimension.domain) });
        if let Some(&group) = group {
            of_group.insert(group, axes.len() - 1);
        }
        axes.len() - 1
    });
    let axis_of = axis_of.collect();
    Ok((axes, axis_of))
}

fn kind_of(domain: &Domain) -> AxisKind {
    let count = domain.count();
    match (domain, count) {
        (Domain::Values(values), Some(count)) => {
            let numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
            let rising = numbers.len() == values.len() && numbers.windows(2).all(|pair| pair[0] < pair[1]);
            if rising && count > 1 { AxisKind::Ordered(count) } else { AxisKind::Unordered(count) }
        }
        (_, Some(count)) => AxisKind::Ordered(count),
        (_, None) => AxisKind::Range,
    }
}

/// The dimensions, those first on which others depend; among equals in the order of the space.
fn in_order(dimensions: &[Dimension]) -> Result<Vec<usize>, SpaceError> {
    let number: HashMap<&str, usize> =
        dimensions.iter().enumerate().map(|(at, dimension)| (dimension.key.as_str(), at)).collect();
    let mut order = Vec::with_capacity(dimensions.len());
    let mut placed = vec![false; dimensions.len()];
    while order.len() < dimensions.len() {
        let ready = |at: usize| {
            let mut needs = dimensions[at].depends_on().filter_map(|key| number.get(key));
            needs.all(|&other| placed[other])
        };
        let Some(next) = (0..dimensions.len()).find(|&at| !placed[at] && ready(at)) else {
            return Err(circle(dimensions, &number, &placed));
        };
        placed[next] = true;
        order.push(next);
    }
    Ok(order)
}

/// The error for keys that depend on each other, with one circle of them.
fn circle(dimensions: &[Dimension], number: &HashMap<&str, usize>, placed: &[bool]) -> SpaceError {
    let mut path: Vec<usize> = (0..dimensions.len()).find(|&at| !placed[at]).into_iter().collect();
    while let Some(&last) = path.last() {
        let open = dimensions[last].depends_on().filter_map(|key| number.get(key)).find(|&&other| !placed[other]);
        let Some(&next) = open else { break };
        if let Some(start) = path.iter().position(|&at| at == next) {
            path.drain(..start);
            path.push(next);
            break;
        }
        path.push(next);
    }
    let keys: Vec<&str> = path.iter().map(|&at| dimensions[at].key.as_str()).collect();
    SpaceError::new(
        About::Key(keys.first().copied().unwrap_or_default().to_owned()),
        format!("keys depend on each other in a circle: {}", keys.join(" on ")),
        "conditions and ratios that end at a key which depends on no other",
    )
}

#[cfg(test)]
mod tests;
