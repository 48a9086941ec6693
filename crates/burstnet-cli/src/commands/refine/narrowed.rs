//! Domains that are narrower than those of a sweep.

use std::collections::HashSet;

use burstnet_core::config::Value;
use burstnet_core::math::{exp, ln};
use burstnet_sweep::space::domain::Domain;

/// The part of a range at either end of which a value counts as at its end.
const END: f64 = 0.05;

/// The scale on which a range is narrowed.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Log,
}

impl Scale {
    fn of(self, x: f64) -> f64 {
        if self == Self::Log { ln(x) } else { x }
    }

    fn back(self, x: f64) -> f64 {
        let x = if self == Self::Log { exp(x) } else { x };
        format!("{x:.5e}").parse().unwrap_or(x)
    }
}

/// Returns the ends and the scale of a domain of numbers.
fn range_of(domain: &Domain) -> Option<(f64, f64, Scale)> {
    match domain {
        Domain::Values(values) => {
            let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
            let numbers = numbers.filter(|numbers| numbers.len() > 1)?;
            let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let scale = if low > 0.0 && high >= 10.0 * low { Scale::Log } else { Scale::Linear };
            Some((low, high, scale))
        }
        Domain::Linear { low, high, .. } | Domain::Uniform { low, high } => Some((*low, *high, Scale::Linear)),
        Domain::Log { low, high, .. } | Domain::LogUniform { low, high } => Some((*low, *high, Scale::Log)),
        Domain::Int { low, high, .. } => Some((*low as f64, *high as f64, Scale::Linear)),
    }
}

/// Returns whether one of the values lies at an end of a range.
pub(super) fn at_an_end(domain: &Domain, values: &[Value]) -> bool {
    let Some((low, high, scale)) = range_of(domain) else { return false };
    let (low, high) = (scale.of(low), scale.of(high));
    let air = END * (high - low);
    let numbers = values.iter().filter_map(Value::as_f64).map(|x| scale.of(x));
    high > low && numbers.into_iter().any(|x| x < low + air || x > high - air)
}

/// Returns a domain that is narrower, around the values, within its ends.
pub(super) fn narrowed(domain: &Domain, values: &[Value], factor: f64) -> Domain {
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    let Some((low, high, scale)) = range_of(domain).filter(|_| numbers.len() == values.len()) else {
        return listed(domain, values);
    };
    let (low, high) = (scale.of(low), scale.of(high));
    let least = numbers.iter().map(|x| scale.of(*x)).fold(f64::INFINITY, f64::min);
    let most = numbers.iter().map(|x| scale.of(*x)).fold(f64::NEG_INFINITY, f64::max);
    let width = (factor * (high - low)).max(most - least).min(high - low);
    let from = (0.5 * (least + most) - 0.5 * width).clamp(low, high - width);
    let (from, to) = (scale.back(from).max(scale.back(low)), scale.back(from + width).min(scale.back(high)));
    let integers = |step: u64| {
        let (low, high) = (from.floor() as i64, to.ceil() as i64);
        Domain::Int { low, high, step: step.clamp(1, high.abs_diff(low).max(1)) }
    };
    let narrower = |step: u64| ((step as f64 * factor).round() as u64).max(1);
    match domain {
        Domain::Uniform { .. } => Domain::Uniform { low: from, high: to },
        Domain::LogUniform { .. } => Domain::LogUniform { low: from, high: to },
        Domain::Int { step, .. } => integers(narrower(*step)),
        Domain::Linear { num, integer: true, .. } | Domain::Log { num, integer: true, .. } => {
            integers(((to - from) / num.saturating_sub(1).max(1) as f64).round() as u64)
        }
        Domain::Linear { num, .. } => Domain::Linear { low: from, high: to, num: *num, integer: false },
        Domain::Log { num, .. } => Domain::Log { low: from, high: to, num: *num, integer: false },
        Domain::Values(held) if held.iter().all(|value| matches!(value, Value::Int(_))) => {
            integers(((to - from) / (held.len() - 1) as f64).round() as u64)
        }
        Domain::Values(held) if scale == Scale::Log => {
            Domain::Log { low: from, high: to, num: held.len() as u64, integer: false }
        }
        Domain::Values(held) => Domain::Linear { low: from, high: to, num: held.len() as u64, integer: false },
    }
}

/// Returns listed values, which rows may repeat, as a domain of their own: a range of numbers, or each value once.
pub(super) fn spread(domain: &Domain) -> Domain {
    let Domain::Values(values) = domain else { return domain.clone() };
    let mut seen = HashSet::new();
    let distinct: Vec<Value> = values.iter().filter(|value| seen.insert(value.to_string())).cloned().collect();
    let listed = Domain::Values(distinct);
    let Some((low, high, scale)) = range_of(&listed) else { return listed };
    match (&listed, scale) {
        (Domain::Values(values), _) if values.iter().all(|value| matches!(value, Value::Int(_))) => {
            Domain::Int { low: low as i64, high: high as i64, step: 1 }
        }
        (_, Scale::Log) => Domain::LogUniform { low, high },
        (_, Scale::Linear) => Domain::Uniform { low, high },
    }
}

/// Returns those of a domain's values that are among these.
fn listed(domain: &Domain, values: &[Value]) -> Domain {
    match domain {
        Domain::Values(held) if held.iter().any(|value| values.contains(value)) => {
            Domain::Values(held.iter().filter(|value| values.contains(value)).cloned().collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f64]) -> Vec<Value> {
        values.iter().map(|x| Value::Float(*x)).collect()
    }

    #[test]
    fn ranges_get_narrower_around_the_best_and_stay_inside() {
        let uniform = Domain::Uniform { low: 0.0, high: 10.0 };
        assert_eq!(narrowed(&uniform, &floats(&[4.0, 5.0]), 0.5), Domain::Uniform { low: 2.0, high: 7.0 });
        assert_eq!(narrowed(&uniform, &floats(&[0.1]), 0.5), Domain::Uniform { low: 0.0, high: 5.0 });
        assert_eq!(narrowed(&uniform, &floats(&[0.5, 9.5]), 0.1), Domain::Uniform { low: 0.5, high: 9.5 });
        assert!(at_an_end(&uniform, &floats(&[5.0, 0.1])) && !at_an_end(&uniform, &floats(&[5.0, 1.0])));
        let log = Domain::LogUniform { low: 0.01, high: 100.0 };
        assert_eq!(narrowed(&log, &floats(&[1.0]), 0.5), Domain::LogUniform { low: 0.1, high: 10.0 });
        let grid = Domain::Values(floats(&[0.1, 1.0, 10.0]));
        assert_eq!(
            narrowed(&grid, &floats(&[1.0]), 0.5),
            Domain::Log { low: 0.316228, high: 3.16228, num: 3, integer: false }
        );
        let int = Domain::Int { low: 0, high: 100, step: 10 };
        assert_eq!(narrowed(&int, &[Value::Int(50)], 0.5), Domain::Int { low: 25, high: 75, step: 5 });
    }

    #[test]
    fn rows_become_ranges() {
        assert_eq!(spread(&Domain::Values(floats(&[1.0, 0.0, 1.0, 4.0]))), Domain::Uniform { low: 0.0, high: 4.0 });
        assert_eq!(spread(&Domain::Values(floats(&[0.1, 0.1, 1.0]))), Domain::LogUniform { low: 0.1, high: 1.0 });
        assert_eq!(spread(&Domain::Values(floats(&[0.1, 0.1]))), Domain::Values(floats(&[0.1])));
        let ints = [5, 3, 5].map(Value::Int).to_vec();
        assert_eq!(spread(&Domain::Values(ints)), Domain::Int { low: 3, high: 5, step: 1 });
        let words = ["b", "a", "b"].map(Value::from).to_vec();
        assert_eq!(spread(&Domain::Values(words)), Domain::Values(["b", "a"].map(Value::from).to_vec()));
    }

    #[test]
    fn of_words_those_of_the_best_stay() {
        let word = |word: &str| Value::Text(word.to_owned());
        let words = Domain::Values(vec![word("a"), word("b"), word("c")]);
        assert_eq!(narrowed(&words, &[word("c"), word("a")], 0.5), Domain::Values(vec![word("a"), word("c")]));
        let null = Domain::Values(vec![Value::Null, Value::Float(0.1)]);
        assert_eq!(narrowed(&null, &[Value::Null], 0.5), Domain::Values(vec![Value::Null]));
    }
}
