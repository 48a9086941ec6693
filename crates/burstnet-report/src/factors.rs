//! A swept key as statistics see it: levels, or a range that is cut into bins.

use std::collections::HashMap;

use burstnet_core::config::Value;
use burstnet_core::math::ln;
use burstnet_sweep::plan::Dimension;
use burstnet_sweep::spec::domain::Domain;
use serde::Serialize;

/// The most levels of a numeric key that are shown one by one.
const MOST_LEVELS: u64 = 64;
/// The bins into which ranges and longer rows of levels are cut.
pub const BINS: u64 = 10;

/// How a key's values are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Numbers.
    Linear,
    /// Numbers by their logarithm.
    Log,
    /// Values without an order.
    Category,
}

/// A level of a key, or a bin of its range.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// As it is shown: the value, or `low – high` of a bin.
    pub label: String,
    /// The value, if it is a single number.
    pub number: Option<f64>,
    /// The lower end of a bin.
    pub low: Option<f64>,
    /// The upper end of a bin.
    pub high: Option<f64>,
}

/// Where a value lies in its key's domain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Position {
    /// Level `.0` of the domain.
    Level(u64),
    /// This part of the range, in [0, 1], on the key's scale.
    Part(f64),
}

/// A swept key.
#[derive(Clone, Debug)]
pub struct Factor {
    /// The key.
    pub key: String,
    /// Its column in tables.
    pub column: String,
    /// How its values are spaced.
    pub scale: Scale,
    /// Its levels or bins, as they are shown.
    pub levels: Vec<Level>,
    domain: Domain,
    numbers: HashMap<String, u64>,
}

impl Factor {
    /// The factor of a dimension of a plan.
    pub fn new(dimension: &Dimension) -> Self {
        let domain = dimension.domain.clone();
        let scale = match &domain {
            Domain::Values(values) if values.iter().all(|value| value.as_f64().is_some()) => Scale::Linear,
            Domain::Values(_) => Scale::Category,
            Domain::Linear { .. } | Domain::Int { .. } | Domain::Uniform { .. } => Scale::Linear,
            Domain::Log { .. } | Domain::LogUniform { .. } => Scale::Log,
        };
        let numbers = match &domain {
            Domain::Values(values) => (0..).zip(values).map(|(at, value)| (value.to_string(), at)).collect(),
            _computed => HashMap::new(),
        };
        let levels = match domain.count() {
            Some(count) if count <= MOST_LEVELS || scale == Scale::Category => {
                (0..count).map(|at| level(&domain.nth(at))).collect()
            }
            Some(count) => (0..BINS).map(|bin| bin_of_levels(&domain, count, bin)).collect(),
            None => (0..BINS).map(|bin| bin_of_range(&domain, bin)).collect(),
        };
        let column = dimension.key.replace('.', "_");
        Self { key: dimension.key.clone(), column, scale, levels, domain, numbers }
    }

    /// Whether its levels are bins.
    pub fn binned(&self) -> bool {
        self.count().is_none_or(|count| count > self.levels.len() as u64)
    }

    /// How many levels its domain has; none if it is a range.
    pub fn count(&self) -> Option<u64> {
        self.domain.count()
    }

    /// Where `value` lies.
    pub fn position(&self, value: &Value) -> Position {
        let x = value.as_f64().unwrap_or_default();
        let last = |num: u64| num.saturating_sub(1) as f64;
        match &self.domain {
            Domain::Values(_) => Position::Level(self.numbers.get(&value.to_string()).copied().unwrap_or_default()),
            Domain::Linear { low, high, num, .. } => {
                Position::Level((part(x, *low, *high) * last(*num)).round() as u64)
            }
            Domain::Log { low, high, num, .. } => {
                Position::Level((part(ln(x), ln(*low), ln(*high)) * last(*num)).round() as u64)
            }
            Domain::Int { low, .. } => Position::Level((x - *low as f64) as u64),
            Domain::Uniform { low, high } => Position::Part(part(x, *low, *high)),
            Domain::LogUniform { low, high } => Position::Part(part(ln(x), ln(*low), ln(*high))),
        }
    }

    /// Which of the shown levels or bins a position belongs to.
    pub fn shown(&self, position: Position) -> usize {
        let shown = self.levels.len() as u64;
        let at = match (position, self.count()) {
            (Position::Level(at), Some(count)) if shown < count => {
                (u128::from(at) * u128::from(shown) / u128::from(count)) as u64
            }
            (Position::Level(at), _) => at,
            (Position::Part(part), _) => (part * shown as f64) as u64,
        };
        at.min(shown.saturating_sub(1)) as usize
    }
}

fn part(x: f64, low: f64, high: f64) -> f64 {
    if high > low { ((x - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 }
}

fn level(value: &Value) -> Level {
    Level { label: value.to_string(), number: value.as_f64(), low: None, high: None }
}

fn bin(low: Option<f64>, high: Option<f64>) -> Level {
    let shown = |end: Option<f64>| end.map_or(String::new(), |x| Value::Float(x).to_string());
    Level { label: format!("{} – {}", shown(low), shown(high)), number: None, low, high }
}

fn bin_of_levels(domain: &Domain, count: u64, at: u64) -> Level {
    // The first level whose share of the bins falls into this one; `count` is beyond `BINS`.
    let first = |at: u64| (u128::from(at) * u128::from(count)).div_ceil(u128::from(BINS)) as u64;
    bin(domain.nth(first(at)).as_f64(), domain.nth(first(at + 1) - 1).as_f64())
}

fn bin_of_range(domain: &Domain, at: u64) -> Level {
    let end = |at: u64| domain.at(at as f64 / BINS as f64).as_f64();
    bin(end(at), end(at + 1))
}
