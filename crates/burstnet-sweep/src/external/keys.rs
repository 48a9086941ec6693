//! The keys of an external program: what stands in `base` and `search.space` says which there are, and what they hold.

use std::collections::{HashMap, HashSet};

use burstnet_core::config::{Configuration, Item, Key, Kind, LARGEST_INTEGER, Schema, Value};

use super::program::{LONGEST_NAME, NAME, is_name};
use crate::plan::Dimension;
use crate::spec::SWEEP_KEYS;
use crate::spec::document::{Content, Node};
use crate::spec::domain::{self, Domain};
use crate::spec::place::{Place, SpecError, quoted};
use crate::spec::settings::Setting;

/// The most keys.
const MOST_KEYS: usize = 1000;
const INTEGER: Kind = Kind::Integer { min: -LARGEST_INTEGER, max: LARGEST_INTEGER };
const NUMBER: Kind = Kind::Number { min: f64::MIN, max: f64::MAX };
/// What a key of `base` can be set to, for messages.
const VALUES: &str = "an integer, a number, true or false, a text, or a list of numbers or of texts";
/// A key as a sweep file has it.
struct Found {
    path: String,
    place: Place,
    default: Option<Node>,
    space: Option<Node>,
}

/// The keys of a sweep file with these `base` and `search.space`, of which `--set` may replace the latter.
pub(super) fn of_file(base: Option<&Node>, space: Option<&Node>, sets: &[Setting]) -> Result<Schema, SpecError> {
    let mut found: Vec<Found> = Vec::new();
    if let Some(base) = base {
        collect("", base, &|_, node| !matches!(node.content, Content::Map(_)), &mut |path, place, node| {
            found.push(Found { path, place, default: Some(node), space: None });
        })?;
    }
    let known: HashMap<String, usize> = found.iter().enumerate().map(|(at, key)| (key.path.clone(), at)).collect();
    let is_domain = |path: &str, node: &Node| known.contains_key(path) || is_domain(node);
    if let Some(space) = space {
        collect("", space, &is_domain, &mut |path, place, node| match known.get(&path) {
            Some(&at) => found[at].space = Some(node),
            None => found.push(Found { path, place, default: None, space: Some(node) }),
        })?;
    }
    for set in sets {
        let swept = set.key.strip_prefix("search.space.");
        if let Some(key) = found.iter_mut().find(|key| swept == Some(&key.path)) {
            key.space = Some(set.node.clone());
        }
    }
    let mut names = Names::default();
    for key in &found {
        names.take(&key.path).map_err(|problem| SpecError::new(&key.place, problem))?;
    }
    found.iter().map(Found::key).collect::<Result<_, _>>().map(Schema::new)
}

/// The keys of a plan with these values.
pub(super) fn of_plan(base: &Configuration, space: &[Dimension]) -> Result<Schema, String> {
    let mut names = Names::default();
    let mut keys = Vec::new();
    for (path, default) in base.iter() {
        let domain = space.iter().find(|dimension| dimension.key == path).map(|dimension| &dimension.domain);
        names.take(path)?;
        let fits = |key: &Key| {
            key.kind.accept(default).as_ref() == Some(default) && domain.is_none_or(|domain| domain.check(key).is_ok())
        };
        let mut all = kinds(default).into_iter().map(|kind| key(path, kind, default.clone()));
        keys.push(all.find(fits).ok_or_else(|| format!("{path} is '{default}', expected {VALUES}"))?);
    }
    Ok(Schema::new(keys))
}

fn key(path: &str, kind: Kind, default: Value) -> Key {
    Key { path: path.to_owned().into(), kind, default, doc: "A key of the external program.".into() }
}

/// Goes through sections, of which keys can have one, and gives each key to `take`.
fn collect(
    section: &str,
    node: &Node,
    is_key: &dyn Fn(&str, &Node) -> bool,
    take: &mut dyn FnMut(String, Place, Node),
) -> Result<(), SpecError> {
    // What is no mapping is refused where all sections are read.
    let Content::Map(entries) = &node.content else { return Ok(()) };
    for entry in entries {
        let path = if section.is_empty() { entry.key.clone() } else { format!("{section}.{}", entry.key) };
        if is_key(&path, &entry.value) {
            take(path, entry.place.clone(), entry.value.clone());
        } else if section.is_empty() && !entry.key.contains('.') {
            collect(&path, &entry.value, is_key, take)?;
        } else {
            return Err(SpecError::new(&entry.place, format!("{} holds a mapping", quoted(&path)))
                .expected("a value: a key has at most one section"));
        }
    }
    Ok(())
}

/// Whether this says what a key is varied over, rather than being a section.
fn is_domain(node: &Node) -> bool {
    match &node.content {
        Content::Map(entries) => entries.iter().any(|entry| domain::NAMES.contains(&entry.key.as_str())),
        Content::List(_) | Content::Scalar(..) => true,
    }
}

impl Found {
    fn key(&self) -> Result<Key, SpecError> {
        let default = match &self.default {
            None => None,
            Some(node) => Some(node.value().filter(|value| !kinds(value).is_empty()).ok_or_else(|| {
                SpecError::new(&node.place, format!("{} is {}", self.path, node.shown())).expected(VALUES)
            })?),
        };
        match (&self.space, default) {
            (Some(space), default) => self.swept(space, default),
            (None, Some(Value::List(items))) if items.is_empty() => {
                Ok(key(&self.path, Kind::List(Item::Number), Value::List(items)))
            }
            (None, default) => {
                let default = default.unwrap_or(Value::Null);
                let kind = kinds(&default).into_iter().next().unwrap_or(Kind::Text);
                Ok(key(&self.path, kind, default))
            }
        }
    }

    /// The key with the first kind that its default and all that it is varied over fit.
    fn swept(&self, space: &Node, default: Option<Value>) -> Result<Key, SpecError> {
        let mut candidates = default.as_ref().map_or_else(|| kinds_of_domain(space), kinds);
        let listed = listed(space).iter().map(Node::value).collect::<Option<Vec<_>>>().unwrap_or_default();
        if !listed.is_empty() && listed.iter().chain(&default).all(is_whole) {
            // Nothing but integers stays integers: none that is too large becomes a real number.
            candidates.retain(|kind| matches!(kind, Kind::Integer { .. } | Kind::List(Item::Integer)));
        }
        let mut first_error = None;
        for kind in candidates {
            match Domain::read(&self.path, &kind, space) {
                Ok(domain) => {
                    let first = || domain.ends().into_iter().next();
                    let value = default.and_then(|value| kind.accept(&value)).or_else(first);
                    return Ok(key(&self.path, kind, value.unwrap_or(Value::Null)));
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if let Some(item) = first_error.is_none().then(|| of_no_kind(space)).flatten() {
            let problem = format!("{} would become {}", self.path, item.shown());
            return Err(SpecError::new(&item.place, problem).expected(format!("values of one kind, each {VALUES}")));
        }
        Err(first_error.unwrap_or_else(|| {
            SpecError::new(&space.place, format!("{} is varied over {}", self.path, space.shown()))
                .expected(format!("a list of values, each {VALUES}"))
        }))
    }
}

/// The kinds that a value can have, the narrowest first.
fn kinds(value: &Value) -> Vec<Kind> {
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
        Value::List(_) => {
            let all = [Item::Integer, Item::Number, Item::Text].map(Kind::List);
            all.into_iter().filter(|kind| kind.accept(value).is_some()).collect()
        }
    }
}

/// Whether it is an integer, or a list of nothing else.
fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::List(items) => items.iter().all(|item| matches!(item, Value::Int(_))),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::Text(_) => false,
    }
}

/// The values of a domain that lists them.
fn listed(space: &Node) -> &[Node] {
    match &space.content {
        Content::List(items) => items,
        Content::Map(_) => match space.at(&["choice"]).map(|choice| &choice.content) {
            Some(Content::List(items)) => items,
            Some(Content::Scalar(..) | Content::Map(_)) | None => &[],
        },
        Content::Scalar(..) => &[],
    }
}

/// The kinds that a key without a default can have.
fn kinds_of_domain(space: &Node) -> Vec<Kind> {
    if let Some(first) = listed(space).first() {
        return first.value().map_or(Vec::new(), |value| kinds(&value));
    }
    match space.at(&["int"]) {
        Some(_) => vec![INTEGER],
        None => vec![NUMBER], // which says what is expected
    }
}

/// The first value of a list that no key can have.
fn of_no_kind(space: &Node) -> Option<&Node> {
    let items = match &space.content {
        Content::List(items) => items,
        Content::Map(entries) => match entries.iter().find(|entry| entry.key == "choice").map(|one| &one.value.content)
        {
            Some(Content::List(items)) => items,
            Some(Content::Map(_) | Content::Scalar(..)) | None => return None,
        },
        Content::Scalar(..) => return None,
    };
    items.iter().find(|item| item.value().is_none_or(|value| kinds(&value).is_empty()))
}

/// The names of keys and sections, each once.
#[derive(Default)]
struct Names {
    keys: HashSet<String>,
    sections: HashSet<String>,
}

impl Names {
    /// Takes the name of one more key.
    fn take(&mut self, path: &str) -> Result<(), String> {
        let shown = quoted(path);
        if self.keys.len() == MOST_KEYS {
            return Err(format!("{shown} is one key more than {MOST_KEYS}, the most that a model can have"));
        }
        let (section, own) = path.split_once('.').map_or((None, path), |(section, own)| (Some(section), own));
        if path.len() > LONGEST_NAME || !is_name(own) || !section.is_none_or(is_name) {
            return Err(format!("{shown} is no name of a key, expected {NAME}, or two of these with a '.' between"));
        }
        if SWEEP_KEYS.contains(&section.unwrap_or(own)) {
            return Err(format!("{shown} is named as a key at the top of the file, expected another name"));
        }
        if self.sections.contains(path) || section.is_some_and(|section| self.keys.contains(section)) {
            let both = section.filter(|section| self.keys.contains(*section)).unwrap_or(path);
            return Err(format!("{} is a key and a section, expected one of the two", quoted(both)));
        }
        // What is named twice is told where all sections are read.
        self.sections.extend(section.map(str::to_owned));
        self.keys.insert(path.to_owned());
        Ok(())
    }
}
