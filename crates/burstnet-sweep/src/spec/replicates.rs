//! The key `replicates` of a sweep file: a number of seeds for each configuration, or how seeds are given to them.

use schemars::{JsonSchema, Schema as JsonShape, SchemaGenerator, json_schema};
use serde::Deserialize;

use burstnet_core::config::Schema;

use super::document::{Content, Entry, Node};
use super::place::{Place, SpecError};
use super::reader;
use crate::limits::MOST_REPLICATES;
use crate::search::adaptive::{Adaptive, Until};

/// The replicates of a sweep.
#[derive(Clone, Debug)]
pub struct Replicates {
    /// The number of seeds of a configuration, the largest one if they are adaptive.
    pub most: u64,
    /// The way they are given to configurations; `None` if all have as many.
    pub adaptive: Option<Adaptive>,
    /// The places of the key, and of the keys in its mapping.
    places: Vec<(&'static str, Place)>,
}

/// A number of seeds, under its key.
#[derive(Deserialize, JsonSchema)]
struct Count {
    #[schemars(range(min = 1, max = MOST_REPLICATES))]
    replicates: u64,
}

/// Adaptive replicates as they are written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Seeds of every configuration.
    #[schemars(range(min = 2, max = MOST_REPLICATES))]
    from: u64,
    /// Seeds of the best configurations.
    #[schemars(range(min = 5, max = MOST_REPLICATES))]
    to: u64,
    /// What further seeds find out.
    #[serde(default)]
    until: Until,
}

/// Returns the schema of the key.
pub(super) fn schema(generator: &mut SchemaGenerator) -> JsonShape {
    let adaptive = generator.subschema_for::<Written>();
    json_schema!({
        "anyOf": [{ "type": "integer", "minimum": 1, "maximum": MOST_REPLICATES }, adaptive],
        "default": 1,
    })
}

impl Replicates {
    /// Reads the key of a file.
    ///
    /// # Errors
    /// If it holds neither a number of seeds nor such a mapping.
    pub(super) fn read(root: &Node, schema: &Schema) -> Result<Self, SpecError> {
        let place = root.place_of(&["replicates"]).clone();
        let Some(node) = root.at(&["replicates"]) else { return Ok(Self { most: 1, adaptive: None, places: vec![] }) };
        if let Content::Map(_) = node.content {
            let Written { from, to, until } = reader::read("replicates", (&place, node), schema)?;
            let own = ["from", "to"].map(|key| (key, root.place_of(&["replicates", key]).clone()));
            let places = [("", place)].into_iter().chain(own).collect();
            return Ok(Self { most: to, adaptive: Some(Adaptive { from, until }), places });
        }
        let entry = Entry { key: "replicates".into(), place: place.clone(), value: node.clone() };
        let alone = Node { place: place.clone(), content: Content::Map(vec![entry]) };
        let Count { replicates } = reader::read("", (&place, &alone), schema).map_err(|error: SpecError| {
            let or = |expected| format!("{expected}, or a mapping such as {{from: 3, to: 24, until: best}}");
            match (&node.content, &error.expected) {
                (Content::List(_), Some(expected)) => error.clone().expected(or(expected)),
                _a_number_was_meant => error,
            }
        })?;
        Ok(Self { most: replicates, adaptive: None, places: vec![("", place)] })
    }

    /// Returns the place of a key of the mapping, or of all of it.
    pub(crate) fn place(&self, key: &str) -> Option<&Place> {
        let of = |wanted: &str| self.places.iter().find(|(key, _)| *key == wanted).map(|(_, place)| place);
        of(key).or_else(|| of(""))
    }
}
