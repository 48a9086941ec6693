//! The types in a [`super::RunConfig`], read from values that fit their keys.

use std::path::PathBuf;

use super::{
    ConfigError, Configuration, CurveWindow, CurveWord, Dynamics, Engine, FeedbackRule, HiddenRule, SignalKind,
    UnknownWord, Value,
};

/// A type that the value of a key is held in.
pub(super) trait Held: Sized {
    /// Reads the value of `key`, which fits its kind.
    ///
    /// # Errors
    /// If it does not fit the values of other keys.
    fn read(values: &Configuration, key: &str) -> Result<Self, ConfigError>;
}

/// Implements [`Held`] for types of which a function of the plain value is enough.
macro_rules! held {
    ($($type:ty: $read:expr;)+) => {
        $(impl Held for $type {
            fn read(values: &Configuration, key: &str) -> Result<Self, ConfigError> {
                let read: fn(&Value) -> Self = $read;
                Ok(read(values.get(key)))
            }
        })+
    };
}

held! {
    bool: |value| *value == Value::Bool(true);
    f64: |value| value.as_f64().unwrap_or_default();
    u64: |value| value.as_f64().unwrap_or_default() as u64;
    usize: |value| value.as_f64().unwrap_or_default() as usize;
    Option<f64>: Value::as_f64;
    Option<PathBuf>: |value| value.as_text().map(PathBuf::from);
    (f64, f64): |value| { let ends = numbers(value); (ends[0], ends[1]) };
    Vec<usize>: |value| numbers(value).iter().map(|n| *n as usize).collect();
}

/// Implements [`Held`] for words.
macro_rules! words {
    ($($name:ty),+) => {
        $(impl Held for $name {
            fn read(values: &Configuration, key: &str) -> Result<Self, ConfigError> {
                let held = values.get(key);
                let word = held.as_text().unwrap_or_default().parse();
                word.map_err(|unknown: UnknownWord| ConfigError::new(key, held, unknown.known.join(" or ")))
            }
        })+
    };
}

words! { Dynamics, HiddenRule, FeedbackRule, SignalKind, Engine, CurveWord }

fn numbers(value: &Value) -> Vec<f64> {
    value.as_list().unwrap_or_default().iter().filter_map(Value::as_f64).collect()
}

/// Rates, one per hidden layer. One number is that of all.
impl Held for Vec<f64> {
    fn read(values: &Configuration, key: &str) -> Result<Self, ConfigError> {
        let value = values.get(key);
        let layers = values.get("network.layers");
        let hidden = numbers(layers).len() - 2;
        match value.as_list() {
            None => Ok(vec![f64::read(values, key)?; hidden]),
            Some(items) if items.len() == hidden => Ok(numbers(value)),
            Some(_) => {
                let rates = if hidden == 1 { "1 rate".into() } else { format!("{hidden} rates") };
                let expected =
                    format!("a number, or a list of {rates}, one per hidden layer of network.layers {layers}");
                Err(ConfigError::new(key, value, expected))
            }
        }
    }
}

impl Held for CurveWindow {
    fn read(values: &Configuration, key: &str) -> Result<Self, ConfigError> {
        Ok(match values.get(key) {
            Value::Int(steps) => Self::Steps(*steps as u64),
            _word => match CurveWord::read(values, key)? {
                CurveWord::Epoch => Self::Epoch,
                CurveWord::None => Self::None,
            },
        })
    }
}
