//! The keys of a model, derived from the JSON Schema of its parameters.

use burstnet_core::config::{Item, Key, Kind, LARGEST_INTEGER, Schema, Value};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// An error that keeps the parameters of a model from being keys of a sweep file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The parameters are not a struct with fields.
    #[error("the parameters of the model are not a struct with named fields")]
    NoStruct,
    /// A field has a type that keys do not support.
    #[error(
        "the parameter {path} has a type that no key has, expected a number, an integer, bool, String, an enum of words, \
         a Vec of f64, i64 or String, an Option of one of these, or one struct of such fields"
    )]
    Kind {
        /// The path of the field.
        path: String,
    },
    /// A default is not within the bounds of its field.
    #[error("the default of the parameter {path} is {found}, expected {expected}")]
    Default {
        /// The path of the field.
        path: String,
        /// The default.
        found: String,
        /// The values that the field accepts.
        expected: String,
    },
    /// The defaults cannot be written as plain values.
    #[error("the defaults of the parameters cannot be written: {reason}")]
    Unwritable {
        /// The reason.
        reason: String,
    },
}

/// Returns the keys of parameters of type `P`, in the order of the fields.
///
/// # Errors
/// If a field cannot be a key, or its default does not fit it.
pub(super) fn of<P: JsonSchema + Serialize + Default>() -> Result<Schema, KeyError> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<P>();
    let defaults =
        serde_json::to_value(P::default()).map_err(|error| KeyError::Unwritable { reason: error.to_string() })?;
    let mut keys = Vec::new();
    let fields = fields_of(schema.as_value()).ok_or(KeyError::NoStruct)?;
    for (name, field) in fields {
        let default = defaults.get(name).unwrap_or(&Json::Null);
        match fields_of(field) {
            None => keys.push(key(name.clone(), field, default)?),
            Some(inner) => {
                for (own, field) in inner {
                    keys.push(key(format!("{name}.{own}"), field, default.get(own).unwrap_or(&Json::Null))?);
                }
            }
        }
    }
    Ok(Schema::new(keys))
}

/// Returns the fields of a struct, if the schema describes one.
fn fields_of(schema: &Json) -> Option<&Map<String, Json>> {
    schema.get("properties")?.as_object()
}

fn key(path: String, field: &Json, default: &Json) -> Result<Key, KeyError> {
    let kind = kind(field).ok_or_else(|| KeyError::Kind { path: path.clone() })?;
    let unfit = || KeyError::Default { path: path.clone(), found: default.to_string(), expected: kind.expected() };
    let value = serde_json::from_value::<Value>(default.clone()).map_err(|_| unfit())?;
    let value = kind.accept(&value).ok_or_else(unfit)?;
    let doc = field.get("description").and_then(Json::as_str).unwrap_or_default();
    Ok(Key {
        doc: doc.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        path: path.into(),
        kind,
        default: value,
    })
}

/// Returns the kind of a field, if its type is supported.
pub(crate) fn kind(schema: &Json) -> Option<Kind> {
    if let Some(words) = words(schema) {
        let is_nullable = schema.get("enum").and_then(Json::as_array).is_some_and(|all| all.contains(&Json::Null));
        let kind = Kind::Word(kept(words));
        return Some(if is_nullable { Kind::OrNull(Box::new(kind)) } else { kind });
    }
    if let Some(either) = schema.get("anyOf").and_then(Json::as_array) {
        let is_null = |one: &&Json| one.get("type").and_then(Json::as_str) == Some("null");
        let mut others = either.iter().filter(|one| !is_null(one));
        return match (others.next(), others.next(), either.len()) {
            (Some(one), None, 2) => Some(Kind::OrNull(Box::new(kind(one)?))),
            _ => None,
        };
    }
    match schema.get("type")? {
        Json::String(name) => plain(name, schema),
        Json::Array(names) => match names.as_slice() {
            [Json::String(name), Json::String(null)] if null == "null" => {
                Some(Kind::OrNull(Box::new(plain(name, schema)?)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Returns the kind of a type that is not null.
fn plain(name: &str, schema: &Json) -> Option<Kind> {
    let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
    let format = schema.get("format").and_then(Json::as_str);
    match name {
        "boolean" => Some(Kind::Flag),
        "string" => Some(Kind::Text),
        "integer" => {
            let (low, high) = integers(format?)?;
            let min = bound("minimum").map_or(low, |min| low.max(min.ceil() as i64));
            let max = bound("maximum").map_or(high, |max| high.min(max.floor() as i64));
            Some(Kind::Integer { min, max })
        }
        "number" => {
            let most = if format == Some("float") { f64::from(f32::MAX) } else { f64::MAX };
            let (min, max) = (bound("minimum").unwrap_or(-most), bound("maximum").unwrap_or(most));
            Some(Kind::Number { min: min.max(-most), max: max.min(most) })
        }
        "array" => {
            let item = schema.get("items")?;
            let bounded = ["minItems", "maxItems"].iter().any(|name| schema.get(*name).is_some())
                || ["minimum", "maximum"].iter().any(|name| item.get(*name).is_some());
            let (name, format) = (item.get("type")?.as_str()?, item.get("format").and_then(Json::as_str));
            match (name, format) {
                _ if bounded || words(item).is_some() => None,
                ("integer", Some("int64")) => Some(Kind::List(Item::Integer)),
                ("number", Some("double")) => Some(Kind::List(Item::Number)),
                ("string", None) => Some(Kind::List(Item::Text)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the range of a Rust integer type, as far as results keep all digits.
fn integers(format: &str) -> Option<(i64, i64)> {
    let (signed, bits) = match format.strip_prefix('u') {
        Some(rest) => (false, rest.strip_prefix("int")?),
        None => (true, format.strip_prefix("int")?),
    };
    let bits: u32 = if bits.is_empty() { 64 } else { bits.parse().ok()? }; // usize and isize have none
    let largest = |bits: u32| if bits >= 54 { LARGEST_INTEGER } else { (1 << bits) - 1 };
    Some(if signed { (-largest(bits - 1) - i64::from(bits < 54), largest(bits - 1)) } else { (0, largest(bits)) })
}

/// Returns the words of an enum without data; null does not count.
fn words(schema: &Json) -> Option<Vec<String>> {
    let word = |json: &Json| json.as_str().map(str::to_owned);
    if let Some(only) = schema.get("const") {
        return Some(vec![word(only)?]);
    }
    if let Some(all) = schema.get("enum").and_then(Json::as_array) {
        return all.iter().filter(|one| !one.is_null()).map(word).collect();
    }
    let each = schema.get("oneOf").and_then(Json::as_array)?;
    let lists: Vec<Vec<String>> = each.iter().map(words).collect::<Option<_>>()?;
    Some(lists.concat())
}

/// Returns words that last as long as the process. A model is made once.
fn kept(words: Vec<String>) -> &'static [&'static str] {
    Vec::leak(words.into_iter().map(|word| &*String::leak(word)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, JsonSchema, Default)]
    #[serde(rename_all = "snake_case")]
    enum Rule {
        #[default]
        Hebbian,
        /// The covariance of both rates.
        Covariance,
    }

    #[derive(Serialize, Deserialize, JsonSchema, Default)]
    #[serde(rename_all = "snake_case")]
    enum Side {
        #[default]
        Left,
        Right,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Inner {
        /// The learning
        /// rate.
        #[schemars(range(min = 0.0, max = 2.5))]
        rate: f64,
        rule: Rule,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Parameters {
        inner: Inner,
        units: u32,
        small: i8,
        #[schemars(range(min = 1, max = 9))]
        count: usize,
        wide: i64,
        gain: f32,
        flag: bool,
        name: String,
        side: Option<Side>,
        limit: Option<f64>,
        sizes: Vec<i64>,
        rates: Option<Vec<f64>>,
        names: Vec<String>,
    }

    impl Default for Parameters {
        fn default() -> Self {
            let inner = Inner { rate: 0.5, rule: Rule::Hebbian };
            Self {
                inner,
                units: 3,
                small: -1,
                count: 2,
                wide: 0,
                gain: 0.5,
                flag: true,
                name: "a".into(),
                side: None,
                limit: Some(1.0),
                sizes: vec![1, 2],
                rates: None,
                names: Vec::new(),
            }
        }
    }

    #[test]
    fn fields_become_keys() {
        let schema = of::<Parameters>().unwrap();
        let or_null = |kind| Kind::OrNull(Box::new(kind));
        let number = |min, max| Kind::Number { min, max };
        let integer = |min, max| Kind::Integer { min, max };
        let expected = [
            ("inner.rate", number(0.0, 2.5), Value::Float(0.5)),
            ("inner.rule", Kind::Word(&["hebbian", "covariance"]), "hebbian".into()),
            ("units", integer(0, i64::from(u32::MAX)), Value::Int(3)),
            ("small", integer(-128, 127), Value::Int(-1)),
            ("count", integer(1, 9), Value::Int(2)),
            ("wide", integer(-LARGEST_INTEGER, LARGEST_INTEGER), Value::Int(0)),
            ("gain", number(-f64::from(f32::MAX), f64::from(f32::MAX)), Value::Float(0.5)),
            ("flag", Kind::Flag, true.into()),
            ("name", Kind::Text, "a".into()),
            ("side", or_null(Kind::Word(&["left", "right"])), Value::Null),
            ("limit", or_null(number(-f64::MAX, f64::MAX)), Value::Float(1.0)),
            ("sizes", Kind::List(Item::Integer), vec![1_i64, 2].into()),
            ("rates", or_null(Kind::List(Item::Number)), Value::Null),
            ("names", Kind::List(Item::Text), Value::List(Vec::new())),
        ];
        let found: Vec<_> =
            schema.keys().iter().map(|key| (&*key.path, key.kind.clone(), key.default.clone())).collect();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.into_iter().zip(expected) {
            assert_eq!(found, expected);
        }
        assert_eq!(schema.keys()[0].doc, "The learning rate.");
    }

    #[test]
    fn what_cannot_be_a_key_is_named() {
        #[derive(Serialize, Deserialize, JsonSchema, Default)]
        struct Pair {
            pair: (f64, f64),
        }
        #[derive(Serialize, Deserialize, JsonSchema, Default)]
        struct Deep {
            one: Two,
        }
        #[derive(Serialize, Deserialize, JsonSchema, Default)]
        struct Two {
            two: Pair,
        }
        #[derive(Serialize, Deserialize, JsonSchema, Default)]
        struct Narrow {
            sizes: Vec<u8>,
        }
        #[derive(Serialize, Deserialize, JsonSchema, Default)]
        struct Low {
            #[schemars(range(min = 1.0))]
            rate: f64,
        }
        assert_eq!(of::<Pair>(), Err(KeyError::Kind { path: "pair".into() }));
        assert_eq!(of::<Deep>(), Err(KeyError::Kind { path: "one.two".into() }));
        assert_eq!(of::<Narrow>(), Err(KeyError::Kind { path: "sizes".into() }));
        assert_eq!(of::<f64>(), Err(KeyError::NoStruct));
        let message = of::<Low>().unwrap_err().to_string();
        assert_eq!(message, "the default of the parameter rate is 0.0, expected a number of at least 1");
    }
}
