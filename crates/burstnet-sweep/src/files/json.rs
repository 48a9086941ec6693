//! Configurations as JSON, and a check that foreign JSON repeats no name: readers would use one of the two values.

use std::collections::HashSet;
use std::fmt;

use burstnet_core::config::Configuration;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json, json};

/// Returns the first name that an object in `json` has twice, at any level. `None` if there is no such name, or `json`
/// is not valid JSON.
pub(crate) fn first_double(json: &[u8]) -> Option<String> {
    let mut double = None;
    // An error that is not a double is one of whoever reads the JSON.
    drop(serde_json::Deserializer::from_slice(json).deserialize_any(Distinct(&mut double)));
    double
}

/// A visitor that skips a value and notes a name that an object has twice.
struct Distinct<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Distinct<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Distinct<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _value: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _value: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _value: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _value: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _value: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        while all.next_element_seed(Distinct(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = all.next_key::<String>()? {
            if names.contains(&name) {
                *self.0 = Some(name);
                return Err(A::Error::custom("a name twice"));
            }
            names.insert(name);
            all.next_value_seed(Distinct(self.0))?;
        }
        Ok(())
    }
}

/// Returns the values of a configuration as JSON: `section.key` becomes `key` in the object `section`, at any depth.
pub(crate) fn nested(configuration: &Configuration) -> Map<String, Json> {
    let mut nested = Map::new();
    configuration.iter().for_each(|(path, value)| insert(&mut nested, path, json!(value)));
    nested
}

/// Puts a value at its path below an object.
fn insert(object: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_owned(), value)),
        Some((section, rest)) => {
            if let Some(section) = object.entry(section).or_insert_with(|| json!({})).as_object_mut() {
                insert(section, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_given_twice_at_any_level() {
        for (json, double) in [
            (r#"{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}], "": null, "d": "a", "e": -0.5, "f": true}"#, None),
            (r#"{"a": 1, "a": 1}"#, Some("a")),
            (r#"{"a": 1, "\u0061": 2}"#, Some("a")),
            (r#"{"x": {"y": [0, [{"z": 1, "b": 2, "z": 3}]]}}"#, Some("z")),
            (r#"[{"": 1, "": 2}]"#, Some("")),
            ("{\"a\": 1, ", None),
            ("no JSON", None),
        ] {
            assert_eq!(first_double(json.as_bytes()).as_deref(), double, "{json}");
        }
    }
}
