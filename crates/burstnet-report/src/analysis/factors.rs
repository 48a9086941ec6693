//! A swept key as statistics see it: levels, or a range that is cut into bins.

use std::collections::{HashMap, HashSet};

use burstnet_core::config::Value;
use burstnet_core::math::ln;
use burstnet_sweep::plan::Dimension;
use burstnet_sweep::search::samplers::AxisKind;
use burstnet_sweep::space::domain::{Domain, part};
use serde::Serialize;

use super::words::significant;
use crate::statistics::surrogate::basis::Position;

/// The most levels of a numeric key that are shown one by one.
const MOST_LEVELS: u64 = 64;
/// The most values of a key without an order that are shown; the others are taken together.
const MOST_CATEGORIES: u64 = 1000;
/// The bins into which ranges and longer rows of levels are cut.
pub(crate) const BINS: u64 = 10;

/// The ratio of the largest to the smallest of listed numbers from which on they can be spaced by their logarithms.
const FAR: f64 = 4.0;

/// The spacing of a key's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Spacing {
    /// Numbers.
    Linear,
    /// Numbers by their logarithm.
    Log,
    /// Values without an order.
    Category,
}

/// A level of a key, or a bin of its range.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Level {
    /// The text that is shown: the value, or `low – high` of a bin.
    pub label: String,
    /// The value, if it is a single number.
    pub number: Option<f64>,
    /// The lower end of a bin.
    pub low: Option<f64>,
    /// The upper end of a bin.
    pub high: Option<f64>,
}

impl Level {
    /// Returns it as it is shown in sentences and small plots.
    pub(crate) fn shown(&self) -> String {
        match (self.number, self.low, self.high) {
            (Some(x), _, _) => significant(x, 3),
            (None, Some(low), Some(high)) => format!("{} to {}", significant(low, 3), significant(high, 3)),
            (None, _, _) => self.label.clone(),
        }
    }
}

/// A swept key.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    /// The key.
    pub(crate) key: String,
    /// The key whose value times a level is the value, if it is tied to one.
    pub(crate) ratio_of: Option<String>,
    /// The spacing of its values.
    pub(crate) scale: Spacing,
    /// Its levels or bins, as they are shown.
    pub(crate) levels: Vec<Level>,
    domain: Domain,
    numbers: HashMap<String, u64>,
}

impl Factor {
    /// Returns the factor of a dimension of a plan.
    pub(crate) fn new(dimension: &Dimension) -> Self {
        let domain = distinct(&dimension.domain);
        let scale = match &domain {
            Domain::Values(values) => match values.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>() {
                Some(numbers) if is_geometric(&numbers) => Spacing::Log,
                Some(_) => Spacing::Linear,
                None => Spacing::Category,
            },
            Domain::Linear { .. } | Domain::Int { .. } | Domain::Uniform { .. } => Spacing::Linear,
            Domain::Log { .. } | Domain::LogUniform { .. } => Spacing::Log,
        };
        let numbers = match &domain {
            Domain::Values(values) => (0..).zip(values).map(|(at, value)| (value.to_string(), at)).collect(),
            _computed => HashMap::new(),
        };
        let levels = match domain.count() {
            Some(count) if scale == Spacing::Category && count > MOST_CATEGORIES => {
                let others = Level { label: "others".into(), number: None, low: None, high: None };
                (0..MOST_CATEGORIES - 1).map(|at| level(&domain.nth(at))).chain([others]).collect()
            }
            Some(count) if count <= MOST_LEVELS || scale == Spacing::Category => {
                (0..count).map(|at| level(&domain.nth(at))).collect()
            }
            Some(count) => (0..BINS).map(|bin| bin_of_levels(&domain, count, bin)).collect(),
            None => (0..BINS).map(|bin| bin_of_range(&domain, bin)).collect(),
        };
        Self { key: dimension.key.clone(), ratio_of: dimension.ratio_of.clone(), scale, levels, domain, numbers }
    }

    /// Returns whether its levels are bins.
    pub(crate) fn binned(&self) -> bool {
        self.count().is_none_or(|count| count > self.levels.len() as u64)
    }

    /// Returns the number of levels of its domain; `None` for a range.
    pub(crate) fn count(&self) -> Option<u64> {
        self.domain.count()
    }

    /// Returns the values that it can have, for regression.
    pub(crate) fn axis(&self) -> AxisKind {
        match self.count() {
            None => AxisKind::Range,
            Some(count) if self.scale == Spacing::Category => AxisKind::Unordered(count),
            Some(count) => AxisKind::Ordered(count),
        }
    }

    /// Returns the position of `value`; [`Position::Absent`] if there is none, or the domain does not have it.
    pub(crate) fn position(&self, value: Option<&Value>) -> Position {
        value.and_then(|value| self.found(value)).unwrap_or(Position::Absent)
    }

    fn found(&self, value: &Value) -> Option<Position> {
        if let Domain::Values(_) = &self.domain {
            return self.numbers.get(&value.to_string()).map(|at| Position::Level(*at));
        }
        let x = value.as_f64()?; // an included word is in no range
        match &self.domain {
            Domain::Values(_) => None,
            Domain::Linear { low, high, num, .. } => self.level(value, part(*low, *high, x), *num),
            Domain::Log { low, high, num, .. } => self.level(value, part(ln(*low), ln(*high), ln(x)), *num),
            Domain::Int { low, high, step } => {
                let Value::Int(i) = value else { return None };
                let inside = (low..=high).contains(&i) && i.abs_diff(*low).is_multiple_of((*step).max(1));
                inside.then(|| Position::Level(i.abs_diff(*low) / (*step).max(1)))
            }
            Domain::Uniform { low, high } => {
                (low..=high).contains(&&x).then(|| Position::Part(part(*low, *high, x).clamp(0.0, 1.0)))
            }
            Domain::LogUniform { low, high } => {
                let at = || part(ln(*low), ln(*high), ln(x)).clamp(0.0, 1.0);
                (low..=high).contains(&&x).then(|| Position::Part(at()))
            }
        }
    }

    /// Returns the level at this part of the way through `num`, if it is the value.
    fn level(&self, value: &Value, part: f64, num: u64) -> Option<Position> {
        let place = part * num.saturating_sub(1) as f64;
        let near = place.round().clamp(0.0, num.saturating_sub(1) as f64);
        // Values are rounded, so near a level it is told by its value alone.
        let is_level = (place - near).abs() < 1e-9 || self.domain.nth(near as u64) == *value;
        is_level.then_some(Position::Level(near as u64))
    }

    /// Returns the shown level or bin to which a position belongs.
    pub(crate) fn shown(&self, position: Position) -> Option<usize> {
        let shown = self.levels.len() as u64;
        let at = match (position, self.count()) {
            (Position::Absent, _) => return None,
            (Position::Level(at), Some(count)) if shown < count && self.scale != Spacing::Category => {
                (u128::from(at) * u128::from(shown) / u128::from(count)) as u64
            }
            (Position::Level(at), _) => at,
            (Position::Part(part), _) => (part * shown as f64) as u64,
        };
        Some(at.min(shown.saturating_sub(1)) as usize)
    }
}

/// Returns whether the logarithms of numbers are spaced more evenly than the numbers: those of `[0.01, 0.05, 0.2, 1]`.
fn is_geometric(numbers: &[f64]) -> bool {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let [first, .., last] = sorted[..] else { return false };
    let spread = |step: &dyn Fn(f64, f64) -> f64| {
        let steps: Vec<f64> = sorted.windows(2).map(|pair| step(pair[0], pair[1])).filter(|step| *step > 0.0).collect();
        let mean = steps.iter().sum::<f64>() / steps.len() as f64;
        steps.iter().map(|step| (step / mean - 1.0) * (step / mean - 1.0)).sum::<f64>()
    };
    let far = first > 0.0 && sorted.len() > 2 && last / first >= FAR;
    far && spread(&|a, b| ln(b) - ln(a)) < spread(&|a, b| b - a)
}

/// Returns the domain with each listed value once, and numbers that were repeated in their order: a table repeats
/// values.
fn distinct(domain: &Domain) -> Domain {
    let Domain::Values(values) = domain else { return domain.clone() };
    let mut seen = HashSet::new();
    let mut kept: Vec<Value> = values.iter().filter(|value| seen.insert(value.to_string())).cloned().collect();
    if kept.len() < values.len() && kept.iter().all(|value| value.as_f64().is_some()) {
        kept.sort_by(|a, b| a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()));
    }
    Domain::Values(kept)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(domain: Domain) -> Factor {
        Factor::new(&Dimension::new("a.b", domain))
    }

    #[test]
    fn every_value_has_its_level() {
        let domains = [
            Domain::Linear { low: 0.0, high: 0.3, num: 4, integer: false },
            Domain::Log { low: 0.001, high: 10.0, num: 64, integer: false },
            Domain::Int { low: -3, high: 9, step: 3 },
            Domain::Values(vec![Value::Null, Value::Bool(true), Value::from("x"), Value::from(vec![1.0, 2.0])]),
        ];
        for domain in domains {
            let factor = factor(domain.clone());
            let count = domain.count().unwrap();
            assert_eq!((factor.levels.len() as u64, factor.binned()), (count, false));
            for at in 0..count {
                let position = factor.position(Some(&domain.nth(at)));
                assert_eq!((position, factor.shown(position)), (Position::Level(at), Some(at as usize)), "{domain:?}");
            }
        }
    }

    #[test]
    fn listed_numbers_are_spaced_as_they_are_listed() {
        let scale = |numbers: &[f64]| factor(Domain::Values(numbers.iter().map(|x| Value::Float(*x)).collect())).scale;
        for geometric in [&[0.01, 0.05, 0.2, 1.0][..], &[0.1, 0.25, 0.5, 1.0], &[10.0, 1.0, 0.1], &[1.0, 1.0, 3.0, 9.0]]
        {
            assert_eq!(scale(geometric), Spacing::Log, "{geometric:?}");
        }
        for even in [&[1.0, 2.0, 3.0, 4.0, 5.0][..], &[0.0, 0.1, 1.0], &[-1.0, 1.0, 10.0], &[1.0, 100.0], &[2.0]] {
            assert_eq!(scale(even), Spacing::Linear, "{even:?}");
        }
    }

    #[test]
    fn values_outside_of_a_domain_have_no_level() {
        let domains = [
            (Domain::Linear { low: 0.5, high: 1.5, num: 3, integer: false }, vec![0.25, 0.75, 2.0]),
            (Domain::Log { low: 0.1, high: 10.0, num: 3, integer: false }, vec![0.01, 0.5, 100.0, 0.0, -1.0]),
            (Domain::Uniform { low: 0.5, high: 1.0 }, vec![0.4, 1.1, -0.7]),
            (Domain::LogUniform { low: 0.5, high: 1.0 }, vec![0.4, 1.1, 0.0]),
        ];
        for (domain, outside) in domains {
            let factor = factor(domain);
            for x in outside {
                assert_eq!(factor.position(Some(&Value::Float(x))), Position::Absent, "{factor:?} {x}");
            }
            assert_eq!(factor.position(Some(&"epoch".into())), Position::Absent);
        }
        let counts = factor(Domain::Int { low: 1, high: 9, step: 2 });
        let found = [0, 1, 2, 9, 11].map(|i| counts.position(Some(&Value::Int(i))));
        let [first, last] = [0, 4].map(Position::Level);
        assert_eq!(found, [Position::Absent, first, Position::Absent, last, Position::Absent]);
        assert_eq!(counts.position(Some(&"epoch".into())), Position::Absent);
        let wide = factor(Domain::Uniform { low: -1e308, high: 1e308 });
        assert_eq!(wide.position(Some(&Value::Float(5e307))), Position::Part(0.75));
    }

    #[test]
    fn ranges_and_long_rows_have_bins() {
        let long = factor(Domain::Int { low: 0, high: 99, step: 1 });
        assert_eq!(long.levels[9].label, "90.0 – 99.0");
        assert_eq!([0, 9, 10, 99].map(|at| long.shown(long.position(Some(&Value::Int(at))))), [0, 0, 1, 9].map(Some));
        let uneven = factor(Domain::Int { low: 1, high: 65, step: 1 });
        assert_eq!((uneven.levels[0].high, uneven.levels[1].low), (Some(7.0), Some(8.0)));
        assert_eq!([7, 8].map(|at| uneven.shown(uneven.position(Some(&Value::Int(at))))), [0, 1].map(Some));
        let range = factor(Domain::LogUniform { low: 0.01, high: 1.0 });
        assert!((range.levels[5].low.unwrap() - 0.1).abs() < 1e-12);
        assert_eq!(
            [0.01, 0.099, 0.11, 1.0].map(|x| range.shown(range.position(Some(&Value::Float(x))))),
            [0, 4, 5, 9].map(Some)
        );
        assert_eq!(range.scale, Spacing::Log);
        let point = factor(Domain::Uniform { low: 1.0, high: 1.0 });
        assert_eq!(point.position(Some(&Value::Float(1.0))), Position::Part(0.0));
    }

    #[test]
    fn many_names_are_taken_together() {
        let names = (0..1500).map(|i| Value::Text(format!("n{i}"))).collect();
        let factor = factor(Domain::Values(names));
        assert_eq!(factor.levels.len(), 1000);
        assert_eq!([0, 998, 999, 1499].map(|at| factor.shown(Position::Level(at))), [0, 998, 999, 999].map(Some));
    }
}
