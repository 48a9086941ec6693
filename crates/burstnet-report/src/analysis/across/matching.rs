//! The configurations that two sweeps have in common, and what tells these sweeps apart.

use std::collections::{BTreeSet, HashMap};

use burstnet_core::config::Value;
use serde::Serialize;

use super::ComparedSweep;
use crate::ComparisonError;

/// The differences that are listed.
const MOST_DIFFERENCES: usize = 1000;

/// A key that has one value in the first sweep and another one in the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KeyDifference {
    /// The key.
    pub key: String,
    /// Its value in the first sweep; `None` if that does not have the key.
    pub first: Option<Value>,
    /// Its value in the other one.
    pub other: Option<Value>,
}

/// The configurations of two sweeps.
pub(super) struct Matching {
    /// The keys that either varies.
    pub(super) keys: Vec<String>,
    /// The places in both samples of the configurations that both have, in the order of the first.
    pub(super) pairs: Vec<[usize; 2]>,
    /// The number of those that only the first has.
    pub(super) only_first: usize,
    /// The number of those that only the other one has.
    pub(super) only_other: usize,
    /// Keys that neither varies, with another value in each.
    pub(super) differs: Vec<KeyDifference>,
}

impl Matching {
    /// Matches configurations that have the same values of all keys that either sweep varies. Where a sweep does not vary a
    /// key, all its configurations have the value of its base.
    pub(super) fn new(first: &ComparedSweep<'_>, other: &ComparedSweep<'_>) -> Self {
        let mut keys: Vec<String> = first.plan.space.iter().map(|dimension| dimension.key.clone()).collect();
        let further = other.plan.space.iter().map(|dimension| &dimension.key);
        keys.extend(further.filter(|key| !first.plan.space.iter().any(|own| own.key == **key)).cloned());
        let of_other: HashMap<String, usize> = {
            let lookup = Lookup::new(other, &keys);
            (0..other.sample.configurations()).rev().map(|place| (lookup.name(place), place)).collect()
        };
        let lookup = Lookup::new(first, &keys);
        let all = 0..first.sample.configurations();
        let pairs: Vec<[usize; 2]> =
            all.filter_map(|place| Some([place, *of_other.get(&lookup.name(place))?])).collect();
        let matched: BTreeSet<usize> = pairs.iter().map(|[_, other]| *other).collect();
        Self {
            only_first: first.sample.configurations() - pairs.len(),
            only_other: other.sample.configurations() - matched.len(),
            differs: differences(first, other, &keys),
            keys,
            pairs,
        }
    }

    /// Returns the reason why nothing matches.
    pub(super) fn nothing(
        &self,
        first: &ComparedSweep<'_>,
        other: &ComparedSweep<'_>,
        labels: &[String],
    ) -> ComparisonError {
        let names = |sweep: &ComparedSweep<'_>, key: &String| -> BTreeSet<String> {
            let lookup = Lookup::new(sweep, std::slice::from_ref(key));
            (0..sweep.sample.configurations()).map(|place| lookup.name(place)).collect()
        };
        let apart = self.keys.iter().find(|key| names(first, key).is_disjoint(&names(other, key)));
        let why = match apart {
            _ if first.sample.configurations() == 0 => format!("{} has no trials yet", labels[0]),
            _ if other.sample.configurations() == 0 => format!("{} has no trials yet", labels[1]),
            Some(key) => format!("no value of {key} is in both"),
            None => "each value of every key is in both, but not together".to_owned(),
        };
        ComparisonError::NothingMatches { first: labels[0].clone(), other: labels[1].clone(), why }
    }
}

/// Finds the values of keys in the configurations of a sweep.
pub(super) struct Lookup<'a> {
    sweep: ComparedSweep<'a>,
    keys: Vec<(Option<usize>, &'a Value)>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(sweep: &ComparedSweep<'a>, keys: &[String]) -> Self {
        let place = |key: &String| sweep.plan.space.iter().position(|dimension| dimension.key == *key);
        let keys = keys.iter().map(|key| (place(key), sweep.plan.base.get(key))).collect();
        Self { sweep: *sweep, keys }
    }

    /// Returns the values in the configuration at `place`; that of the base where a key does not exist in it.
    pub(super) fn values(&self, place: usize) -> Vec<Value> {
        let own = self.sweep.plan.values(self.sweep.sample.config_ids()[place]);
        let value = |(at, base): &(Option<usize>, &Value)| at.and_then(|at| own[at].clone()).unwrap_or((*base).clone());
        self.keys.iter().map(value).collect()
    }

    /// Returns a text that is the same for the same values.
    fn name(&self, place: usize) -> String {
        self.values(place).iter().map(|value| canonical(value) + "\n").collect()
    }
}

/// Returns a text that is the same for the same value, however it was written: 1 is 1.0.
fn canonical(value: &Value) -> String {
    match (value, value.exact_f64()) {
        (_, Some(x)) => format!("{:?}", x + 0.0), // −0 is 0
        (Value::List(items), None) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        (other, None) => format!("{other:?}"),
    }
}

/// Returns the keys that neither varies, with another value in each.
fn differences(first: &ComparedSweep<'_>, other: &ComparedSweep<'_>, varied: &[String]) -> Vec<KeyDifference> {
    // A key that each replicate draws has no one value.
    let drawn =
        |key: &str| [first, other].iter().any(|sweep| sweep.plan.per_replicate.iter().any(|one| one.key == key));
    let bases = [first, other].map(|sweep| &sweep.plan.base);
    let keys: BTreeSet<&str> = bases.iter().flat_map(|base| base.iter().map(|(key, _)| key)).collect();
    let of = |side: usize, key: &str| bases[side].iter().find(|(own, _)| *own == key).map(|(_, value)| value);
    let fixed = keys.into_iter().filter(|key| !drawn(key) && !varied.iter().any(|own| own == key));
    let differing = fixed.filter_map(|key| {
        let values = [of(0, key), of(1, key)];
        let same = values[0].map(canonical) == values[1].map(canonical);
        let [a, b] = values.map(Option::<&Value>::cloned);
        (!same).then(|| KeyDifference { key: key.to_owned(), first: a, other: b })
    });
    differing.take(MOST_DIFFERENCES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_name() {
        let list = |items: Vec<Value>| canonical(&Value::List(items));
        assert_eq!(canonical(&Value::Int(1)), canonical(&Value::Float(1.0)));
        assert_eq!(canonical(&Value::Float(-0.0)), canonical(&Value::Int(0)));
        assert_eq!(list(vec![Value::Int(1), "a".into()]), list(vec![Value::Float(1.0), "a".into()]));
        assert_ne!(canonical(&"1.0".into()), canonical(&Value::Int(1)));
        assert_ne!(list(vec!["a,b".into()]), list(vec!["a".into(), "b".into()]));
        assert_ne!(canonical(&Value::Null), canonical(&"null".into()));
        assert_ne!(canonical(&"a\nb".into()), canonical(&"a".into()));
    }
}
