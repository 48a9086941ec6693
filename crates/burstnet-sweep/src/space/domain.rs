//! The values over which a swept key is varied.

use burstnet_core::config::{Kind, Value};
use burstnet_core::math::{exp, ln};
use burstnet_core::text::quoted;
use serde::{Deserialize, Serialize};

/// The domain of a swept key: the values over which it is varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// The listed values.
    Values(Vec<Value>),
    /// `num` values from `low` to `high`, evenly spaced.
    Linear {
        /// The first value.
        low: f64,
        /// The last value.
        high: f64,
        /// The number of values.
        num: u64,
        /// True if the values are integers.
        integer: bool,
    },
    /// `num` values from `low` to `high`, with a constant factor between neighbours.
    Log {
        /// The first value.
        low: f64,
        /// The last value.
        high: f64,
        /// The number of values.
        num: u64,
        /// True if the values are integers.
        integer: bool,
    },
    /// The integers from `low` to `high`, both included, or every `step`-th of them.
    Int {
        /// The first value.
        low: i64,
        /// The last value, or a bound that the last value does not exceed.
        high: i64,
        /// The distance between neighbours.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        step: u64,
    },
    /// Any number in [`low`, `high`), uniformly.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Any number in [`low`, `high`), with a uniform logarithm.
    LogUniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
}

fn one() -> u64 {
    1
}

fn is_one(step: &u64) -> bool {
    *step == 1
}

impl Domain {
    /// Checks that a key of this kind can have the values.
    ///
    /// # Errors
    /// If there are no values, or the key cannot have one of them: a statement about the key, and the values that are
    /// expected.
    pub fn check(&self, kind: &Kind) -> Result<(), (String, String)> {
        let ordered = match self {
            Self::Values(values) => !values.is_empty(),
            Self::Linear { low, high, num, .. } => *num > 0 && low <= high,
            Self::Log { low, high, num, .. } => *num > 0 && 0.0 < *low && low <= high,
            Self::Int { low, high, step } => low <= high && *step > 0,
            Self::Uniform { low, high } => low <= high,
            Self::LogUniform { low, high } => 0.0 < *low && low <= high,
        };
        if !ordered {
            let problem = "is varied over nothing, or over a range whose ends are in the wrong order";
            return Err((problem.into(), "at least one value".into()));
        }
        match self.ends().iter().find(|end| kind.accept(end).as_ref() != Some(end)) {
            None => Ok(()),
            Some(end) => Err((format!("would become {}", quoted(&end.to_string())), kind.expected())),
        }
    }

    /// Returns the number of values, or `None` if any number between two ends can be drawn.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Values(values) => Some(values.len() as u64),
            Self::Linear { num, .. } | Self::Log { num, .. } => Some(*num),
            Self::Int { low, high, step } => Some((high.abs_diff(*low) / (*step).max(1)).saturating_add(1)),
            Self::Uniform { .. } | Self::LogUniform { .. } => None,
        }
    }

    /// Returns value `index`, below [`Domain::count`].
    pub fn nth(&self, index: u64) -> Value {
        match self {
            Self::Values(values) => values[index as usize].clone(),
            Self::Linear { low, high, num, integer } => {
                // Between −1 and 1, the rounding error in place of 0 becomes 0.
                let smallest = 1e-12 * low.abs().max(high.abs());
                let at = |part| Some(along(*low, *high, part)).filter(|x| x.abs() >= smallest).unwrap_or(0.0);
                number_value(between(index, *num, *low, *high, at), *integer)
            }
            Self::Log { low, high, num, integer } => {
                let at = |part| exp(ln(*low) + (ln(*high) - ln(*low)) * part);
                number_value(between(index, *num, *low, *high, at), *integer)
            }
            Self::Int { low, step, .. } => Value::Int(low.wrapping_add_unsigned(index.wrapping_mul(*step))),
            Self::Uniform { low, .. } | Self::LogUniform { low, .. } => Value::Float(*low),
        }
    }

    /// Returns the value at `unit`, a number uniform in [0, 1).
    pub fn at(&self, unit: f64) -> Value {
        match (self, self.count()) {
            (Self::Uniform { low, high }, _) => Value::Float(along(*low, *high, unit).clamp(*low, *high)),
            (Self::LogUniform { low, high }, _) => {
                Value::Float(exp(ln(*low) + (ln(*high) - ln(*low)) * unit).clamp(*low, *high))
            }
            (_, count) => {
                let count = count.unwrap_or(1);
                self.nth(((unit * count as f64) as u64).min(count - 1))
            }
        }
    }

    /// Returns a coordinate in [0, 1) at which the value lies: the nearest one for numbers, or the middle of the
    /// value's interval if values can be counted. Returns `None` for a value that is not listed.
    pub fn unit_of(&self, value: &Value) -> Option<f64> {
        let x = value.as_f64();
        let inside = |part: f64| part.clamp(0.0, 1.0 - f64::EPSILON / 2.0);
        let middle =
            |index: f64, count: u64| inside((index.round().clamp(0.0, count as f64 - 1.0) + 0.5) / count as f64);
        match self {
            Self::Values(values) => {
                let index = values.iter().position(|held| held == value)?;
                Some(middle(index as f64, values.len() as u64))
            }
            Self::Linear { low, high, num, .. } => Some(middle(part(*low, *high, x?) * (*num as f64 - 1.0), *num)),
            Self::Log { low, high, num, .. } => {
                Some(middle(part(ln(*low), ln(*high), ln(x?)) * (*num as f64 - 1.0), *num))
            }
            Self::Int { low, step, .. } => Some(middle((x? - *low as f64) / *step as f64, self.count()?)),
            Self::Uniform { low, high } => Some(inside(part(*low, *high, x?))),
            Self::LogUniform { low, high } => Some(inside(part(ln(*low), ln(*high), ln(x?)))),
        }
        .filter(|unit| unit.is_finite())
    }

    /// Returns whether the value is a listed one, or lies between the ends.
    pub(crate) fn holds(&self, value: &Value) -> bool {
        if let Self::Values(values) = self {
            return values.contains(value);
        }
        let ends: Vec<f64> = self.ends().iter().filter_map(Value::as_f64).collect();
        let least = ends.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        value.as_f64().is_some_and(|x| (least..=most).contains(&x))
    }

    /// Returns values that represent all others: every listed one, or the two ends.
    pub fn ends(&self) -> Vec<Value> {
        match self {
            Self::Values(values) => values.clone(),
            Self::Uniform { low, high } | Self::LogUniform { low, high } => {
                vec![Value::Float(*low), Value::Float(*high)]
            }
            Self::Linear { num, .. } | Self::Log { num, .. } => vec![self.nth(0), self.nth(num - 1)],
            Self::Int { low, .. } => vec![Value::Int(*low), self.nth(self.count().unwrap_or(1) - 1)],
        }
    }
}

/// Returns the number at a fraction of the way from `low` to `high`, however far apart they are.
fn along(low: f64, high: f64, part: f64) -> f64 {
    let width = high - low;
    if width.is_finite() { low + width * part } else { low * (1.0 - part) + high * part }
}

/// Returns the fraction of the way from `low` to `high` at which `x` lies, or 0 if the two are equal.
pub fn part(low: f64, high: f64, x: f64) -> f64 {
    match high - low {
        width if width.is_infinite() => (0.5 * x - 0.5 * low) / (0.5 * high - 0.5 * low),
        width if width > 0.0 => (x - low) / width,
        _none => 0.0,
    }
}

/// Returns value `index` of `num`. The ends are exact, and values between them are rounded to 12 digits, so that 0.01
/// is 0.01.
fn between(index: u64, num: u64, low: f64, high: f64, at: impl Fn(f64) -> f64) -> f64 {
    if index == 0 {
        low
    } else if index == num - 1 {
        high
    } else {
        let exact = at(index as f64 / (num - 1) as f64);
        format!("{exact:.11e}").parse().unwrap_or(exact)
    }
}

fn number_value(x: f64, integer: bool) -> Value {
    if integer { Value::Int(x.round() as i64) } else { Value::Float(x) }
}

/// The rule for the shapes of a key's values, for messages.
pub(crate) const ONE_SHAPE: &str = "only lists or only single values, since a column has one type";

/// Returns the index of the first value that breaks the rule that all are lists or all are single values, if there is
/// one. Null goes with either.
pub(crate) fn odd_one<'a>(values: impl IntoIterator<Item = &'a Value>) -> Option<usize> {
    let is_list = |value: &Value| value.as_list().is_some();
    let mut held = values.into_iter().enumerate().filter(|(_, value)| **value != Value::Null).peekable();
    let first = is_list(held.peek()?.1);
    held.find(|(_, value)| is_list(value) != first).map(|(at, _)| at)
}
