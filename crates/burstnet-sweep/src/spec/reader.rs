//! A serde deserializer of the sections of a file. What a section holds is a struct; its JSON Schema, which is derived
//! from the same struct, says which keys are required and which bounds hold. Every error has its place.

use std::borrow::Cow;
use std::slice;

use burstnet_core::config::{Kind, Schema, Value};
use burstnet_core::text::listed;
use schemars::JsonSchema;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value as Json;

use super::document::{Content, Entry, Node};
use super::outline::{self, Part};
use super::place::{Place, SpecError};
use super::{entries_of, json_schema, meant, sets};
use crate::limits::{MOST_SECONDS, NAMED};
use crate::objective::typed::kind;

/// Returns the expectation for a key that the kind of its value alone does not describe well.
fn expectation(path: &str) -> Option<Cow<'static, str>> {
    Some(match path {
        "name" => NAMED.into(),
        "execution.sync_seconds" => format!("seconds, a number from 0 up to {MOST_SECONDS}").into(),
        "execution.max_seconds" => format!("seconds, a number above 0 and up to {MOST_SECONDS}, or null").into(),
        "model.command" => "command: [program, arguments], as a list: no shell reads them".into(),
        "model.measures" => "measures: [names of the measures that the program gives]".into(),
        "model.read" => "read: {from: stdout, json: last}, or a list of these".into(),
        "model.environment" => "environment: {NAME: value}".into(),
        "model.budget" => "the name of a key".into(),
        "objective.measure" => "the name of a measure; several are a list in objective itself".into(),
        _ => return None,
    })
}

/// Reads the value `node` of the key at `place`, which has the path `path`; "" is the whole file. Messages lead to the keys
/// of `schema`.
///
/// # Errors
/// If a key is unknown or missing, or a value does not fit it.
pub(super) fn read<T: DeserializeOwned + JsonSchema>(
    path: &str,
    (place, node): (&Place, &Node),
    schema: &Schema,
) -> Result<T, SpecError> {
    T::deserialize(Reader {
        path: path.to_owned(),
        place,
        node,
        is_item: false,
        shape: &json_schema::of::<T>(),
        schema,
    })
}

/// Reads a text that may be left out, but not be null.
pub(super) fn not_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

/// A value that is to be read.
#[derive(Clone)]
struct Reader<'a> {
    path: String,
    /// The place of the key.
    place: &'a Place,
    node: &'a Node,
    /// True if the path is that of the list of which the value is an item.
    is_item: bool,
    /// The JSON Schema of the value; null if it is not known.
    shape: &'a Json,
    /// The keys of the model.
    schema: &'a Schema,
}

impl<'a> Reader<'a> {
    fn below(&self, key: &str, place: &'a Place, node: &'a Node) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, place, node, is_item: false, shape: &self.shape["properties"][key], schema: self.schema }
    }

    /// Returns the error for a value that is not what is expected.
    fn wrong(&self, expected: &str) -> SpecError {
        let (node, holds) = (self.node, if self.is_item { "has" } else { "is" });
        let known = expectation(&self.path).filter(|_| !self.is_item);
        SpecError::new(&node.place, format!("{} {holds} {}", self.path, node.shown()))
            .expected(known.unwrap_or(expected.into()))
    }

    /// Checks that the value is of a kind.
    fn check(&self, kind: &Kind) -> Result<(), SpecError> {
        let node = self.node;
        let fits = |value: &Value| kind.accept(value).is_some();
        if node.value().as_ref().is_some_and(fits) {
            return Ok(());
        }
        let misfit = meant::misfit(node, kind, String::new());
        let mut error = SpecError { nearest: misfit.nearest, ..self.wrong(&misfit.expected.unwrap_or_default()) };
        match &node.content {
            Content::Scalar(text, _) if self.path.ends_with("_seconds") => {
                let seconds = meant::seconds(text).filter(|x| fits(&Value::Float(*x)));
                error.nearest = seconds.map(|seconds| seconds.to_string().into());
            }
            Content::List(_) if self.path == "seed" => {
                let expected = format!("{}; replicates: N runs each configuration with N seeds", kind.expected());
                error = error.expected(expected);
            }
            Content::Scalar(..) | Content::List(_) | Content::Map(_) => {}
        }
        Err(error)
    }
}

impl<'de> IntoDeserializer<'de, SpecError> for Reader<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'a, 'de> Deserializer<'de> for Reader<'a> {
    type Error = SpecError;

    /// Reads a number. Others are read below.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SpecError> {
        if let Some(kind) = kind(self.shape) {
            self.check(kind.without_null())?;
        }
        match self.node.value() {
            Some(Value::Int(i)) => visitor.visit_i64(i),
            Some(Value::Float(x)) => visitor.visit_f64(x),
            Some(Value::Bool(flag)) => visitor.visit_bool(flag),
            _ignored => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SpecError> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// Reads a text as it is written: 3 is the text "3".
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SpecError> {
        match &self.node.content {
            Content::Scalar(text, quoted) if *quoted || !text.is_empty() => visitor.visit_str(text),
            Content::Scalar(..) | Content::List(_) | Content::Map(_) => Err(self.wrong("a text")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SpecError> {
        let items = match &self.node.content {
            Content::List(items) => items.as_slice(),
            Content::Map(_) | Content::Scalar(..) if sets::short(&self.path).is_some() => slice::from_ref(self.node),
            Content::Map(_) if self.path == "model.read" => slice::from_ref(self.node),
            Content::Scalar(text, _) if !text.trim().is_empty() => {
                let words = listed(text.split([' ', ',']).filter(|word| !word.is_empty()));
                return Err(self.wrong("a list").meant(Some(format!("[{words}]"))));
            }
            Content::Map(_) | Content::Scalar(..) => return Err(self.wrong("a list")),
        };
        let item = |node| Reader { node, is_item: true, shape: &Json::Null, ..self.clone() };
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(item)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SpecError> {
        let node = self.node;
        let held: Vec<(&str, &Place, &Node)> = match (&node.content, sets::short(&self.path)) {
            (Content::Scalar(..) | Content::List(_), Some(key)) if !node.is_null() => vec![(key, &node.place, node)],
            (_, _) => entries_of(&self.path, node)?.iter().map(|own| (&*own.key, &own.place, &own.value)).collect(),
        };
        if let Some((key, place, node)) = held.iter().find(|(key, ..)| !keys.contains(key)) {
            return Err(outline::unknown(self.schema, Part::of(&self.path), key, (place, Some(node)), keys));
        }
        let mut required = self.shape["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        if let Some(missing) = required.find(|missing| held.iter().all(|(key, ..)| key != missing)) {
            let problem = format!("{} has no {missing}", self.path);
            let error = self.below(missing, self.place, node).wrong(missing);
            return Err(SpecError { place: self.place.clone(), problem, ..error });
        }
        let field = |(key, place, node)| (key, self.below(key, place, node));
        visitor.visit_map(MapDeserializer::new(held.into_iter().map(field)))
    }

    /// Reads a mapping of any names to texts.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SpecError> {
        let item = |entry: &'a Entry| {
            let reader = Reader { shape: &Json::Null, ..self.below(&entry.key, &entry.place, &entry.value) };
            (entry.key.as_str(), reader)
        };
        visitor.visit_map(MapDeserializer::new(entries_of(&self.path, self.node)?.iter().map(item)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SpecError> {
        self.check(&Kind::Word(words))?;
        let word = self.node.value();
        visitor.visit_enum(word.as_ref().and_then(Value::as_text).unwrap_or_default().into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SpecError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str bytes byte_buf unit unit_struct newtype_struct tuple
        tuple_struct identifier
    }
}

/// An error of serde itself, for which a reader leaves no reason.
impl Error for SpecError {
    fn custom<T: std::fmt::Display>(problem: T) -> Self {
        Self::new(&Place::whole("file"), problem.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::objective::Direction;
    use crate::spec::document::parse;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Section {
        names: Vec<String>,
        #[schemars(range(min = 1, max = 9))]
        rungs: Option<u64>,
        #[serde(default)]
        direction: Direction,
    }

    fn section(text: &str) -> Result<Section, String> {
        let value = parse("f", text).unwrap();
        read("model", (&value.place, &value), &Schema::new(Vec::new())).map_err(|error| error.to_string())
    }

    #[test]
    fn a_section_is_a_struct() {
        let names = vec!["a".to_owned(), "5".to_owned()];
        let own = |rungs, direction| Ok(Section { names: names.clone(), rungs, direction });
        assert_eq!(section("{names: [a, 5]}"), own(None, Direction::Minimize));
        assert_eq!(section("{names: [a, '5'], rungs: null}"), own(None, Direction::Minimize));
        assert_eq!(section("{names: [a, 5], rungs: 9, direction: maximize}"), own(Some(9), Direction::Maximize));
    }

    #[test]
    fn every_mistake_has_its_place() {
        for (text, told) in [
            ("{rungs: 3}", "f:1:1: model has no names, expected names"),
            ("{names: [a], rungs: 10}", "f:1:21: model.rungs is '10', expected an integer from 1 to 9"),
            ("{names: [a], rungs: 1.5}", "f:1:21: model.rungs is '1.5', expected an integer from 1 to 9"),
            (
                "{names: [a], rungs: '3'}",
                "f:1:21: model.rungs is the text '3', expected an integer from 1 to 9 (did you mean '3'?)",
            ),
            ("{names: [a, [b]]}", "f:1:13: model.names has '[b]', expected a text"),
            ("{names: a b}", "f:1:9: model.names is 'a b', expected a list (did you mean '[a, b]'?)"),
            ("{names: {a: 1}}", "f:1:9: model.names is a mapping, expected a list"),
            (
                "{names: [a], direction: up}",
                "f:1:25: model.direction is 'up', expected minimize or maximize (did you mean 'maximize'?)",
            ),
            ("{names: [a], direction: }", "f:1:23: model.direction is nothing, expected minimize or maximize"),
            (
                "{names: [a], rungz: 3}",
                "f:1:14: unknown key 'model.rungz', expected one of names, rungs, direction (did you mean 'rungs'?)",
            ),
            (
                "5",
                "f:1:1: model is '5', expected a mapping of keys to values, such as model: {command: [python3, model.py], \
                 measures: [error]}",
            ),
        ] {
            assert_eq!(section(text).unwrap_err(), told, "{text}");
        }
    }
}
