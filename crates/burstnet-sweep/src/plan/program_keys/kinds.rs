//! The kinds of the keys of an external program, and the kinds of values.

use burstnet_core::config::{Item, Key, Kind, LARGEST_INTEGER, Value};

pub(crate) const INTEGER: Kind = Kind::Integer { min: -LARGEST_INTEGER, max: LARGEST_INTEGER };
pub(crate) const NUMBER: Kind = Kind::Number { min: f64::MIN, max: f64::MAX };
pub(crate) const LISTS: [Kind; 3] = [Kind::List(Item::Integer), Kind::List(Item::Number), Kind::List(Item::Text)];
/// The values that a key of `base` can have, for messages.
pub(crate) const VALUES: &str = "an integer, a number, true or false, a text, or a list of numbers or of texts";

/// Returns the kinds that a value can have, the narrowest first.
pub(crate) fn kinds(value: &Value) -> Vec<Kind> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(_) => vec![Kind::Flag],
        Value::Int(_) => vec![INTEGER, NUMBER],
        Value::Float(x) if x.is_finite() => vec![NUMBER],
        Value::Float(_) => Vec::new(),
        Value::Text(_) => vec![Kind::Text],
        Value::List(items) if !items.is_empty() && is_whole(value) => {
            [Item::Integer, Item::Number].map(Kind::List).into()
        }
        Value::List(_) => LISTS.into_iter().filter(|kind| kind.accept(value).is_some()).collect(),
    }
}

/// Returns the kinds that a column can have, the narrowest first.
pub(crate) fn kinds_of_columns() -> Vec<Kind> {
    [Kind::Flag, INTEGER, NUMBER].into_iter().chain(LISTS).chain([Kind::Text]).collect()
}

/// Returns whether a value is an integer, or a list of nothing but integers.
pub(crate) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::List(items) => items.iter().all(|item| matches!(item, Value::Int(_))),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::Text(_) => false,
    }
}

pub(crate) fn key(path: &str, kind: Kind, default: Value) -> Key {
    Key { path: path.to_owned().into(), kind, default, doc: "A key of the external program.".into() }
}

/// Returns the kind, with null if it can be a value too.
pub(crate) fn or_null(kind: Kind, nullable: bool) -> Kind {
    if nullable { Kind::OrNull(Box::new(kind)) } else { kind }
}
