//! The content key of a result: a hash of its trial's configuration and seed.
//!
//! A record in a journal is identified by this key, not by its number in a plan. So a plan with more replicates, more
//! values or another strategy finds every result that it shares with an earlier one.
//!
//! The hash of a configuration is the BLAKE3 of the version of the bits (u32) and, for every key in alphabetical order,
//! the key's length (u32), the key and its value: a byte for its kind, and its content. All numbers are little-endian.
//! Between the version and the keys of an external program there are a u32 that is no length, 2³² − 1, and the BLAKE3
//! of the program's identity.
//! A file or folder is identified by the hashes of its files, not by its path. A trial's key is the first 16 bytes of
//! the BLAKE3 of its configuration's hash and its seed (u64).

use burstnet_core::config::Value;
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::plan::input_files::InputFile;

/// The content key of a trial and its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentKey([u8; 16]);

impl ContentKey {
    /// A key that belongs to no trial.
    pub const NONE: Self = Self([0; 16]);

    /// Returns the first eight bytes as a number.
    pub fn prefix(self) -> u64 {
        let mut start = [0; 8];
        start.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(start)
    }
}

/// The hash of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigurationHash([u8; 32]);

impl ConfigurationHash {
    /// Returns the key of this configuration with a seed.
    pub fn with_seed(&self, seed: u64) -> ContentKey {
        let mut bytes = [0; 40];
        bytes[..32].copy_from_slice(&self.0);
        bytes[32..].copy_from_slice(&seed.to_le_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..16]);
        ContentKey(key)
    }
}

/// A hash of a configuration's swept values, which distinguishes it from the others of its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SweptHash(u64, u64);

impl SweptHash {
    fn of(bytes: &[u8]) -> Self {
        let hash = blake3::hash(bytes);
        let half = |from: usize| {
            let mut half = [0; 8];
            half.copy_from_slice(&hash.as_bytes()[from..from + 8]);
            u64::from_le_bytes(half)
        };
        Self(half(0), half(8))
    }
}

/// The mark in place of the first key's length if the model is an external program.
const PROGRAM: u32 = u32::MAX;

/// The content keys of a plan's trials. The parts that all configurations share are written once.
pub struct ContentKeys<'a> {
    plan: &'a Plan,
    /// The bytes that all configurations share, and between them the dimensions, by their number in the space.
    parts: Vec<Part>,
}

enum Part {
    Shared(Vec<u8>),
    /// A swept key, by its number in the space.
    Swept(usize),
    /// A key that is drawn for each replicate, by its number among these.
    Drawn(usize),
    /// The key that holds the length of a trial.
    Budget,
}

impl<'a> ContentKeys<'a> {
    /// Returns the content keys of `plan`.
    pub fn new(plan: &'a Plan) -> Self {
        let mut parts = Vec::new();
        let mut shared = plan.bits.to_le_bytes().to_vec();
        if let Some(program) = &plan.model {
            shared.extend_from_slice(&PROGRAM.to_le_bytes());
            shared.extend_from_slice(program.content().as_bytes());
        }
        for (key, value) in plan.base.iter() {
            shared.extend_from_slice(&(key.len() as u32).to_le_bytes());
            shared.extend_from_slice(key.as_bytes());
            let drawn = plan.per_replicate.iter().position(|dimension| dimension.key == key);
            let divided = plan.stopping.as_ref().is_some_and(|stopping| stopping.budget.as_deref() == Some(key));
            if let Some(drawn) = drawn {
                parts.extend([Part::Shared(std::mem::take(&mut shared)), Part::Drawn(drawn)]);
                continue;
            }
            match plan.space.iter().position(|dimension| dimension.key == key) {
                None if divided => parts.extend([Part::Shared(std::mem::take(&mut shared)), Part::Budget]),
                None => write_value(value, key, &plan.inputs, &mut shared),
                Some(swept) => parts.extend([Part::Shared(std::mem::take(&mut shared)), Part::Swept(swept)]),
            }
        }
        parts.push(Part::Shared(shared));
        Self { plan, parts }
    }

    /// Returns the key of a trial in which the swept keys have these values, `None` for a key that does not exist. With a
    /// part of the budget, if that is divided, it is the key of a trial for which this part is the whole budget.
    pub fn trial(&self, swept: &[Option<Value>], replicate: u64, budget: Option<u64>) -> ContentKey {
        let drawn = self.plan.drawn(replicate);
        let hash = self.hash(swept, &drawn, budget.or_else(|| self.plan.budget()));
        hash.with_seed(self.plan.seed_of(replicate))
    }

    /// Returns the hash of the configuration in which the swept keys have these values, and keys that are drawn for each
    /// replicate their value in the base.
    pub fn configuration(&self, swept: &[Option<Value>]) -> ConfigurationHash {
        self.hash(swept, &[], self.plan.budget())
    }

    fn hash(&self, swept: &[Option<Value>], drawn: &[Value], budget: Option<u64>) -> ConfigurationHash {
        let mut bytes = Vec::with_capacity(4096);
        for part in &self.parts {
            match part {
                Part::Shared(shared) => bytes.extend_from_slice(shared),
                Part::Swept(at) => self.write(*at, swept, &mut bytes),
                Part::Drawn(at) => {
                    let key = &self.plan.per_replicate[*at].key;
                    let value = drawn.get(*at).unwrap_or_else(|| self.plan.base.get(key));
                    write_value(value, key, &self.plan.inputs, &mut bytes);
                }
                Part::Budget => bytes_of_budget(budget, &mut bytes),
            }
        }
        ConfigurationHash(*blake3::hash(&bytes).as_bytes())
    }

    /// Returns the hash of swept values. Two configurations of a plan have the same one if and only if their hashes of
    /// [`ContentKeys::configuration`] are the same.
    pub(crate) fn swept(&self, swept: &[Option<Value>]) -> SweptHash {
        let mut bytes = Vec::with_capacity(256);
        for part in &self.parts {
            if let Part::Swept(at) = part {
                self.write(*at, swept, &mut bytes);
            }
        }
        SweptHash::of(&bytes)
    }

    fn write(&self, at: usize, swept: &[Option<Value>], bytes: &mut Vec<u8>) {
        let key = &self.plan.space[at].key;
        let value = swept.get(at).and_then(Option::as_ref).unwrap_or_else(|| self.plan.base.get(key));
        write_value(value, key, &self.plan.inputs, bytes);
    }

    /// Returns the hash of some keys' values.
    pub(crate) fn values<'v>(&self, values: impl Iterator<Item = (&'v str, Value)>) -> SweptHash {
        let mut bytes = Vec::with_capacity(256);
        values.for_each(|(key, value)| write_value(&value, key, &self.plan.inputs, &mut bytes));
        SweptHash::of(&bytes)
    }
}

fn bytes_of_budget(budget: Option<u64>, bytes: &mut Vec<u8>) {
    write_value(&Value::Int(budget.unwrap_or_default() as i64), "", &[], bytes);
}

fn write_value(value: &Value, key: &str, inputs: &[InputFile], bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(0),
        Value::Bool(flag) => bytes.extend_from_slice(&[1, u8::from(*flag)]),
        Value::Int(i) => {
            bytes.push(2);
            bytes.extend_from_slice(&i.to_le_bytes());
        }
        Value::Float(x) => {
            bytes.push(3);
            bytes.extend_from_slice(&x.to_bits().to_le_bytes());
        }
        Value::Text(text) => match inputs.iter().find(|input| input.key == key && input.given == *text) {
            Some(input) => {
                bytes.push(6);
                bytes.extend_from_slice(input.content().as_bytes());
            }
            None => {
                bytes.push(4);
                bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
        },
        Value::List(items) => {
            bytes.push(5);
            bytes.extend_from_slice(&(items.len() as u32).to_le_bytes());
            items.iter().for_each(|item| write_value(item, key, inputs, bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::configurations::Configurations;
    use crate::planning::planned;

    fn plan(text: &str) -> Configurations {
        planned(text).into()
    }

    #[test]
    fn a_trial_has_the_same_key_in_every_plan_that_has_it() {
        let small = plan("replicates: 2\nsearch: {space: {feedback.density: [0.1, 0.3]}}\n");
        let large = plan(
            "replicates: 3\nbase: {feedback: {density: 0.9}}\n\
             search: {space: {teaching.target_fraction: [0.05, 0.5], feedback.density: [0.1, 0.2, 0.3]}}\n",
        );
        let key_of = |plan: &Configurations, id| {
            let trial = plan.trial(id);
            ContentKeys::new(plan).trial(&plan.values(trial.config_id), trial.replicate, None)
        };
        // Configuration 1, replicate 1 of the small one is configuration 2 of the large one.
        let key = key_of(&small, 3);
        assert_eq!(key, key_of(&large, 2 * 3 + 1));
        let all = (0..large.trials()).filter(|&id| key_of(&large, id) == key).count();
        assert_eq!(all, 1);
    }

    #[test]
    fn a_value_counts_whether_it_is_drawn_swept_or_fixed() {
        let drawn = plan(
            "replicates: 9\nsearch: {space: {feedback.density: [0.1]}, per_replicate: {network.bias: [0.1, 0.2]}}\n",
        );
        let swept = plan("replicates: 9\nsearch: {space: {network.bias: [0.2, 0.1], feedback.density: [0.1]}}\n");
        for replicate in 0..9 {
            let key = ContentKeys::new(&drawn).trial(&drawn.values(0), replicate, None);
            let same = |config| ContentKeys::new(&swept).trial(&swept.values(config), replicate, None) == key;
            assert_eq!([same(0), same(1)], [0.2, 0.1].map(|x| drawn.drawn(replicate)[0] == Value::Float(x)));
        }
    }

    #[test]
    fn the_kind_and_the_bits_of_a_value_count() {
        let written = |value: Value| {
            let mut bytes = Vec::new();
            write_value(&value, "a.b", &[], &mut bytes);
            bytes
        };
        let values = [
            Value::Null,
            Value::Bool(false),
            Value::Int(0),
            Value::Float(0.0),
            Value::Float(-0.0),
            Value::from("0"),
            Value::List(vec![]),
            Value::List(vec![Value::Int(0)]),
        ];
        for (at, value) in values.iter().enumerate() {
            for other in &values[..at] {
                assert_ne!(written(value.clone()), written(other.clone()), "{value} {other}");
            }
        }
    }
}
