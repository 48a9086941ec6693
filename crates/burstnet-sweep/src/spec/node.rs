//! The nodes of a document, each with its place.

use burstnet_core::config::Value;
use burstnet_core::text::quoted;

use crate::space::scalar::plain;
use crate::spec::place::{Place, SpecError};

/// A node and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The place where it starts.
    pub place: Place,
    /// The content.
    pub content: Content,
}

/// The content of a node.
#[derive(Clone, Debug)]
pub enum Content {
    /// A scalar: its text, and true if it was quoted.
    Scalar(String, bool),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The place of the key.
    pub place: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Returns the node as a plain value, or `None` for mappings.
    pub fn value(&self) -> Option<Value> {
        match &self.content {
            Content::Scalar(text, quoted) => Some(if *quoted { Value::Text(text.clone()) } else { plain(text) }),
            Content::List(items) => items.iter().map(Node::value).collect::<Option<_>>().map(Value::List),
            Content::Map(_) => None,
        }
    }

    /// Returns whether the node is null or empty.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(text, false) if plain(text) == Value::Null)
    }

    /// Returns the value of a key, or the item of this number.
    fn child(&self, name: &str) -> Option<&Node> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value),
            Content::List(items) => items.get(name.parse::<usize>().ok()?),
            Content::Scalar(..) => None,
        }
    }

    /// Returns the node at this path of keys and numbers of items below this one, if there is one.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// Returns the place of the node at this path. Names that are not there are passed over, as in a short form.
    pub(crate) fn place_of(&self, path: &[&str]) -> &Place {
        &path.iter().fold(self, |node, name| node.child(name).unwrap_or(node)).place
    }

    /// Returns an error at this node.
    pub(crate) fn error(&self, problem: impl Into<String>) -> SpecError {
        SpecError::new(&self.place, problem)
    }

    /// Returns the node as a message shows it.
    pub fn shown(&self) -> String {
        match &self.content {
            Content::Scalar(text, _) if text.is_empty() => "nothing".into(),
            Content::Scalar(text, true) if !is_text(text) => format!("the text {}", quoted(text)),
            Content::Scalar(text, _) => quoted(text),
            Content::List(_) => self.written().map_or("a list with mappings".into(), |list| quoted(&list)),
            Content::Map(_) => "a mapping".into(),
        }
    }

    /// Returns the node as it would be written in a list, quoted if it would not be a text otherwise. Returns `None`
    /// for mappings.
    pub(super) fn written(&self) -> Option<String> {
        match &self.content {
            Content::Scalar(text, true) if !is_text(text) => Some(format!("\"{text}\"")),
            Content::Scalar(text, _) => self.value().map(|value| match value {
                Value::Float(x) if x.is_nan() => text.clone(), // a number that float64 cannot hold
                other => other.to_string(),
            }),
            Content::List(items) => items
                .iter()
                .map(Node::written)
                .collect::<Option<Vec<_>>>()
                .map(|items| format!("[{}]", items.join(", "))),
            Content::Map(_) => None,
        }
    }
}

/// Returns whether a scalar is a text even without quotes.
fn is_text(text: &str) -> bool {
    matches!(plain(text), Value::Text(_))
}
