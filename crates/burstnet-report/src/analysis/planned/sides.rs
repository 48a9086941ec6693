//! The two sides of a planned comparison: a configuration each, or values of the same keys.

use std::collections::BTreeMap;

use burstnet_core::config::Value;
use burstnet_core::text::{cut, listed};
use burstnet_sweep::limits::MOST_COMPARED;
use burstnet_sweep::nearest::nearest;
use burstnet_sweep::plan::configurations::Configurations;

use crate::ComparisonError;
use crate::analysis::Sample;
use crate::analysis::words::list;

/// The levels that a message names.
const MOST_LEVELS: usize = 12;
/// The characters of a value in a sentence.
const LONGEST_VALUE: usize = 60;

/// A side of a comparison, as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Side {
    /// The configuration of this number.
    Configuration(u64),
    /// The configurations in which these keys have these values. A key may be given by its ending.
    Settings(Vec<(String, Value)>),
}

/// Keys, by their place in the space, with the value that each has on either side.
pub(super) struct Settings {
    pub(super) keys: Vec<usize>,
    pub(super) sides: [Vec<Value>; 2],
}

/// Two configurations, the first of the one side and the second of the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) config_ids: [u64; 2],
    /// The values of the keys in which both agree, in the order of the plan; `None` where a key does not exist.
    pub(super) others: Vec<(String, Option<Value>)>,
}

/// Returns the place of the swept key that a name is the full path or the ending of.
pub(super) fn key_named(plan: &Configurations, name: &str) -> Result<usize, ComparisonError> {
    let keys: Vec<&str> = plan.space.iter().map(|dimension| &*dimension.key).collect();
    if let Some(at) = keys.iter().position(|key| *key == name) {
        return Ok(at);
    }
    let ends = |key: &str| key.strip_suffix(name).is_some_and(|before| before.ends_with('.')) && !name.is_empty();
    let found: Vec<usize> = (0..keys.len()).filter(|&at| ends(keys[at])).collect();
    match found[..] {
        [at] => Ok(at),
        [] => Err(ComparisonError::UnknownKey {
            name: name.to_owned(),
            expected: listed(keys.iter().copied()),
            nearest: nearest(name, keys),
        }),
        _ => {
            let candidates: Vec<String> = found.into_iter().map(|at| keys[at].to_owned()).collect();
            Err(ComparisonError::AmbiguousKey { name: name.to_owned(), candidates: list(&candidates, "or") })
        }
    }
}

impl Settings {
    /// Finds the keys that both sides name.
    pub(super) fn new(plan: &Configurations, sides: [&[(String, Value)]; 2]) -> Result<Self, ComparisonError> {
        let mut found: [BTreeMap<usize, Value>; 2] = Default::default();
        for (found, side) in found.iter_mut().zip(sides) {
            for (name, value) in side {
                let at = key_named(plan, name)?;
                if found.insert(at, value.clone()).is_some() {
                    return Err(ComparisonError::Twice { key: plan.space[at].key.clone() });
                }
            }
        }
        let [a, b] = found;
        if let Some(at) = a.keys().find(|at| !b.contains_key(at)).or_else(|| b.keys().find(|at| !a.contains_key(at))) {
            return Err(ComparisonError::OneSided { key: plan.space[*at].key.clone() });
        }
        let keys: Vec<usize> = a.keys().copied().collect();
        let sides = [a, b].map(|side| side.into_values().collect::<Vec<_>>());
        if sides[0].iter().zip(&sides[1]).all(|(one, other)| are_same(one, other)) {
            return Err(ComparisonError::Same { what: "the same values".to_owned() });
        }
        Ok(Self { keys, sides })
    }

    /// Returns the pairs of configurations that agree in every swept key but the named ones, in the order of the plan; of
    /// equal configurations the first. Keys that are tied by a ratio agree if their ratios do.
    pub(super) fn pairs(&self, plan: &Configurations, sample: &Sample) -> Result<Vec<Pair>, ComparisonError> {
        let mut held: BTreeMap<String, ([Option<u64>; 2], u64)> = BTreeMap::new();
        let mut has = [0_u64; 2];
        let mut levels = vec![Levels::default(); self.keys.len()];
        let mut take = |config_id: u64| {
            let values = plan.values(config_id);
            levels.iter_mut().zip(&self.keys).for_each(|(levels, &at)| levels.add(values[at].as_ref()));
            let Some(side) = (0..2).find(|&side| self.is_at(side, &values)) else { return };
            has[side] += 1;
            let others: Vec<Option<Value>> = self.others(plan.coordinates(config_id));
            let (sides, _) = held.entry(format!("{others:?}")).or_insert(([None; 2], config_id));
            sides[side].get_or_insert(config_id);
        };
        match plan.configurations() {
            all @ ..=MOST_COMPARED => (0..all).for_each(&mut take),
            _too_many => sample.config_ids().iter().copied().for_each(&mut take),
        }
        let mut found: Vec<([u64; 2], u64)> =
            held.into_values().filter_map(|(sides, first)| Some(([sides[0]?, sides[1]?], first))).collect();
        if found.is_empty() {
            return Err(self.no_pairs(plan, &levels, has));
        }
        found.sort_unstable_by_key(|(_, first)| *first);
        let names = |config_id: u64| {
            let values = self.others(plan.values(config_id));
            let keys = (0..plan.space.len()).filter(|at| !self.keys.contains(at));
            keys.map(|at| plan.space[at].key.clone()).zip(values).collect()
        };
        Ok(found.into_iter().map(|(config_ids, _)| Pair { config_ids, others: names(config_ids[0]) }).collect())
    }

    fn is_at(&self, side: usize, values: &[Option<Value>]) -> bool {
        let wanted = self.keys.iter().zip(&self.sides[side]);
        wanted.into_iter().all(|(&at, wanted)| values[at].as_ref().is_some_and(|held| are_same(held, wanted)))
    }

    /// Returns the values of the keys that are not named.
    fn others(&self, values: Vec<Option<Value>>) -> Vec<Option<Value>> {
        values.into_iter().enumerate().filter(|(at, _)| !self.keys.contains(at)).map(|(_, value)| value).collect()
    }

    /// Returns the reason why there are no pairs.
    fn no_pairs(&self, plan: &Configurations, levels: &[Levels], has: [u64; 2]) -> ComparisonError {
        for (at, levels) in self.keys.iter().zip(levels) {
            let key = &plan.space[*at].key;
            let place = self.keys.iter().position(|held| held == at).unwrap_or_default();
            for side in &self.sides {
                let wanted = &side[place];
                if !levels.has(wanted) {
                    return ComparisonError::NoLevel {
                        key: key.clone(),
                        value: shown(wanted),
                        expected: levels.listed(),
                        nearest: levels.nearest(wanted),
                    };
                }
            }
        }
        let keys: Vec<String> = self.keys.iter().map(|&at| plan.space[at].key.clone()).collect();
        let zipped = plan
            .zip
            .iter()
            .find(|group| group.iter().any(|key| keys.contains(key)) && group.iter().any(|key| !keys.contains(key)));
        ComparisonError::NoPairs { has, keys: list(&keys, "and"), zipped: zipped.map(|group| list(group, "and")) }
    }
}

/// The values that a key has in a sweep.
#[derive(Clone, Default)]
struct Levels(BTreeMap<String, Value>);

impl Levels {
    fn add(&mut self, value: Option<&Value>) {
        let Some(value) = value else { return };
        self.0.entry(value.to_string()).or_insert_with(|| value.clone());
    }

    fn has(&self, wanted: &Value) -> bool {
        self.0.values().any(|held| are_same(held, wanted))
    }

    /// Returns the values in their order; of many the first, the last and how many there are.
    fn listed(&self) -> String {
        let mut all: Vec<&Value> = self.0.values().collect();
        all.sort_by(|a, b| match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _no_numbers => std::cmp::Ordering::Equal,
        });
        match &all[..] {
            [] => "a sweep in which the key has a value".to_owned(),
            [first, .., last] if all.len() > MOST_LEVELS => {
                format!("one of its {} values, from {} to {}", all.len(), shown(first), shown(last))
            }
            few => {
                let texts: Vec<String> = few.iter().map(|value| shown(value)).collect();
                list(&texts, "or")
            }
        }
    }

    fn nearest(&self, wanted: &Value) -> Option<String> {
        let Some(x) = wanted.as_f64() else {
            return nearest(&wanted.to_string(), self.0.keys().map(String::as_str));
        };
        let far = |value: &&Value| value.as_f64().map(|held| (held - x).abs());
        let numbers = self.0.values().filter(|value| far(value).is_some_and(f64::is_finite));
        numbers.min_by(|a, b| far(a).unwrap_or(f64::MAX).total_cmp(&far(b).unwrap_or(f64::MAX))).map(shown)
    }
}

/// Returns whether two values are the same, however they were written: 1 is 1.0.
pub(super) fn are_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| are_same(one, other))
        }
        _ => match (one.exact_f64(), other.exact_f64()) {
            (Some(one), Some(other)) => one == other,
            _no_numbers => one == other,
        },
    }
}

/// Returns a value as a sentence has it.
pub(super) fn shown(value: &Value) -> String {
    cut(&value.to_string(), LONGEST_VALUE).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_values() {
        for (one, other) in [
            (Value::Float(1.0), Value::Int(1)),
            (Value::Float(0.1), Value::Float(1e-1)),
            (
                Value::List(vec![Value::Int(1), Value::Float(0.5)]),
                Value::List(vec![Value::Float(1.0), Value::Float(0.5)]),
            ),
            (Value::Bool(true), Value::Bool(true)),
            (Value::Null, Value::Null),
        ] {
            assert!(are_same(&one, &other), "{one:?} {other:?}");
        }
        for (one, other) in [
            (Value::Float(1.0), Value::Text("1".into())),
            (Value::Bool(true), Value::Int(1)),
            (Value::Null, Value::Int(0)),
            (Value::Int((1 << 53) + 1), Value::Int(1 << 53)),
            (Value::List(vec![Value::Int(1)]), Value::List(vec![Value::Int(1), Value::Int(1)])),
        ] {
            assert!(!are_same(&one, &other), "{one:?} {other:?}");
        }
    }
}
