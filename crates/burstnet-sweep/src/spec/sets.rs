//! The settings of `--set key=value`. They are put into the tree of a file before anything reads it, so that none can
//! be ignored.

use crate::limits::SWEEP_KEYS;
use crate::spec::document::{Content, Entry, Node, parse_at};
use crate::spec::place::{Place, SpecError};
use burstnet_core::config::Value;
use burstnet_core::text::quoted;

/// A `--set`, or another option that gives a key a value.
#[derive(Clone, Debug)]
pub struct Set {
    /// The key as it was written.
    pub key: String,
    /// The place of the argument.
    pub place: Place,
    value: Node,
}

/// The mappings that can be written as the value of one of their keys.
const SHORT: [(&str, &str); 2] = [("objective", "measure"), ("search.stopping", "rule")];

/// The parts of a search that have keys of the model.
const PARTS: [&str; 2] = ["search.space", "search.per_replicate"];

/// A key of `base` or of one of [`PARTS`], or a section there, that a `--set` names.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The path of the key or section.
    pub(crate) path: String,
    /// The place of the argument.
    pub(crate) place: Place,
    /// True if the key is one of `base`.
    pub(crate) in_base: bool,
    /// The earlier value in the file.
    pub(crate) before: Before,
}

/// The earlier value at a place that was set.
#[derive(Clone, Debug)]
pub(crate) enum Before {
    /// No value.
    Nothing,
    /// The value of one key.
    Value(Node),
    /// The keys of a section.
    Keys,
}

/// Reads `--set key=value`, with the key as it was written and its value as YAML. Paths start at the current folder.
///
/// # Errors
/// If it has no `=`, or the value is not YAML.
pub fn parse_set(argument: &str) -> Result<Set, SpecError> {
    parse_argument(&format!("--set {argument}"), argument)
}

/// Does the same as [`parse_set`] for an option that has the name `source` in messages and ends with the value.
///
/// # Errors
/// The same as for [`parse_set`].
pub fn parse_argument(source: &str, argument: &str) -> Result<Set, SpecError> {
    let behind = |end: &str| source.strip_suffix(end).map_or(0, |before| before.chars().count()) + 1;
    let Some((key, value)) = argument.split_once('=') else {
        return Err(
            SpecError::new(&Place::of_argument(source, behind(argument)), "no '=' in it").expected("section.key=value")
        );
    };
    let blanks = value.chars().take_while(|c| c.is_whitespace()).count();
    let place = Place::of_argument(source, behind(value) + if blanks < value.len() { blanks } else { 0 });
    let node = if value.trim().is_empty() {
        Node { place, content: Content::Scalar(String::new(), false) } // as `key:` in a file
    } else {
        parse_at(&Place::of_argument(source, behind(value)), value)?
    };
    let place = Place::of_argument(source, if source.ends_with(argument) { behind(argument) } else { behind(value) });
    Ok(Set { key: key.trim().to_owned(), place, value: node })
}

impl Set {
    /// Returns the value, as a configuration has it.
    ///
    /// # Errors
    /// If it is a mapping.
    pub fn value(&self) -> Result<Value, SpecError> {
        let mapping = || self.value.error(format!("{} is a mapping", self.key)).expected("a value");
        self.value.value().ok_or_else(mapping)
    }
}

/// Reads `key=value,key=value…`, an argument of an option, each part as [`parse_set`] does. Commas within brackets and
/// quotes belong to values.
///
/// # Errors
/// If a part has no `=`, or a value is not YAML.
pub fn parse_settings(option: &str, argument: &str) -> Result<Vec<Set>, SpecError> {
    let mut start = 0;
    let ends = commas(argument).into_iter().chain([argument.len()]);
    let set = |end: usize| {
        let part = &argument[start..end];
        start = end + 1;
        // The place of a part is in what stands before its end.
        parse_argument(&format!("{option} {}", &argument[..end]), part).map_err(|error| match part.contains('=') {
            true => error,
            false => error.expected("key=value; a list stands in brackets, as in key=[1, 2]"),
        })
    };
    ends.map(set).collect()
}

/// Returns where commas stand in a text, except in brackets and quotes.
fn commas(text: &str) -> Vec<usize> {
    let (mut depth, mut quote, mut found) = (0_usize, None, Vec::new());
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('[' | '{', None) => depth += 1,
            (']' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => found.push(at),
            _ => {}
        }
    }
    found
}

/// Puts `sets` over the tree of a file, those of whole mappings first. Returns the keys of the model that they set.
///
/// # Errors
/// If one sets a key that cannot be set, or that another one has set.
pub(super) fn apply(root: &mut Node, is_sweep: bool, sets: &[Set]) -> Result<Vec<Named>, SpecError> {
    let mut placed: Vec<_> = sets.iter().map(|set| (path_of(&set.key, is_sweep), set)).collect();
    placed.sort_by_key(|(path, _)| path.iter().map(|name| 1 + name.matches('.').count()).sum::<usize>());
    let mut named = Vec::new();
    for (path, set) in placed {
        let Some((last, above)) = path.split_last() else { continue };
        let Some(mut entries) = entries_of(root, "") else { continue };
        for (at, name) in above.iter().enumerate() {
            entries = enter(entries, name, &above[..=at].join("."), set)?;
        }
        let whole = above.join(".");
        let is_null = set.value.is_null() && set.value.shown() != "nothing";
        if PARTS.contains(&&*whole) && is_null {
            take_away(entries, last, &whole, set)?;
            continue;
        }
        let before = put(entries, last, Some(&set.value), set)?;
        if whole == "base" || PARTS.contains(&&*whole) {
            let (path, place, in_base) = (last.clone(), set.place.clone(), whole == "base");
            named.push(Named { path, place, in_base, before });
        }
    }
    Ok(named)
}

/// Returns the names that lead to a key. A key of the model is one name, with its section.
fn path_of(key: &str, is_sweep: bool) -> Vec<String> {
    let part = |name: &'static str| Some((name, key.strip_prefix("search.")?.strip_prefix(name)?.strip_prefix('.')?));
    let names: Vec<&str> = match (key.strip_prefix("base."), part("space").or_else(|| part("per_replicate"))) {
        (Some(own), _) if is_sweep => vec!["base", own],
        (own, _) if !is_sweep => vec![own.unwrap_or(key)],
        (_, Some((part, own))) => vec!["search", part, own],
        (_, None) => {
            let parts: Vec<&str> = key.split('.').collect();
            if SWEEP_KEYS.contains(&parts[0]) { parts } else { vec!["base", key] }
        }
    };
    names.into_iter().map(str::to_owned).collect()
}

/// Returns the entries of the mapping under `name`, which is added if there is none. `path` leads to it.
fn enter<'a>(entries: &'a mut Vec<Entry>, name: &str, path: &str, set: &Set) -> Result<&'a mut Vec<Entry>, SpecError> {
    let at = entries.iter().position(|entry| entry.key == name).unwrap_or_else(|| {
        let value = Node { place: set.place.clone(), content: Content::Map(Vec::new()) };
        entries.push(Entry { key: name.to_owned(), place: set.place.clone(), value });
        entries.len() - 1
    });
    let node = &mut entries[at].value;
    make_mapping(node, path);
    let held = format!("{path} is {}, at {}, and has no keys", node.shown(), node.place);
    entries_of(node, path).ok_or_else(|| SpecError::new(&set.place, held).expected(format!("--set '{path}=value'")))
}

/// Makes a node a mapping if it stands for one: a null node becomes an empty mapping, and a rule or a measure one with
/// its name.
fn make_mapping(node: &mut Node, path: &str) {
    let short = short(path);
    if let (Content::List(items), Some(_)) = (&mut node.content, short) {
        return items.iter_mut().take(1).for_each(|first| make_mapping(first, path));
    }
    let entries = match (&node.content, short) {
        _ if node.is_null() => Vec::new(),
        (Content::Scalar(..), Some(key)) => {
            vec![Entry { key: key.to_owned(), place: node.place.clone(), value: node.clone() }]
        }
        (Content::Map(_) | Content::Scalar(..) | Content::List(_), _) => return,
    };
    node.content = Content::Map(entries);
}

/// Returns the entries of a mapping, or those of the first of several objectives.
fn entries_of<'a>(node: &'a mut Node, path: &str) -> Option<&'a mut Vec<Entry>> {
    match &mut node.content {
        Content::Map(entries) => Some(entries),
        Content::List(items) if short(path).is_some() => entries_of(items.first_mut()?, path),
        Content::Scalar(..) | Content::List(_) => None,
    }
}

/// Returns the key whose value can stand for a whole mapping.
pub(super) fn short(path: &str) -> Option<&'static str> {
    SHORT.iter().find(|(of, _)| *of == path).map(|(_, key)| *key)
}

/// Puts a value in the place of the one at `path` in a mapping, in whatever form that is written, or else as its last
/// entry. Without a value, removes the one that is there.
fn put(entries: &mut Vec<Entry>, path: &str, value: Option<&Node>, set: &Set) -> Result<Before, SpecError> {
    let own = value.map(|value| Entry { key: path.to_owned(), place: set.place.clone(), value: value.clone() });
    let is_it = |key: &str| key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if let Some(first) = entries.iter().position(|entry| is_it(&entry.key)) {
        let second = entries.iter().find(|entry| is_it(&entry.key) && entry.place.is_argument());
        if let Some(entry) = second {
            let problem = format!("{} is named a second time; the first is at {}", quoted(&set.key), entry.place);
            return Err(SpecError::new(&set.place, problem));
        }
        let before = match &entries[first] {
            entry if entry.key != path || matches!(entry.value.content, Content::Map(_)) => Before::Keys,
            entry => Before::Value(entry.value.clone()),
        };
        entries.retain(|entry| !is_it(&entry.key));
        entries.splice(first..first, own);
        return Ok(before);
    }
    for entry in entries.iter_mut() {
        let Some(rest) = path.strip_prefix(entry.key.as_str()).and_then(|rest| rest.strip_prefix('.')) else {
            continue;
        };
        if entry.value.is_null() {
            entry.value.content = Content::Map(Vec::new());
        }
        if let Content::Map(deeper) = &mut entry.value.content {
            return put(deeper, rest, value, set);
        }
    }
    entries.extend(own);
    Ok(Before::Nothing)
}

/// Removes a key from a part of a search, so that it is not varied any more.
fn take_away(entries: &mut Vec<Entry>, path: &str, part: &str, set: &Set) -> Result<(), SpecError> {
    match put(entries, path, None, set)? {
        Before::Value(_) | Before::Keys => Ok(()),
        Before::Nothing => {
            Err(SpecError::new(&set.place, format!("{} is not varied, so nothing is taken away", quoted(path)))
                .expected(format!("a key of {part}, or its values")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::document::parse;

    /// Returns the tree of a file with `--set` over it, as YAML.
    fn with(file: &str, sets: &[&str]) -> Result<String, String> {
        let mut root = parse("f.yaml", file).unwrap();
        let is_sweep = !file.starts_with("network");
        let sets: Vec<Set> = sets.iter().map(|set| parse_set(set).unwrap()).collect();
        apply(&mut root, is_sweep, &sets).map_err(|error| error.to_string())?;
        Ok(flow(&root))
    }

    fn flow(node: &Node) -> String {
        match &node.content {
            Content::Scalar(text, _) => text.clone(),
            Content::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
            Content::Map(entries) => {
                let all: Vec<String> =
                    entries.iter().map(|entry| format!("{}: {}", entry.key, flow(&entry.value))).collect();
                format!("{{{}}}", all.join(", "))
            }
        }
    }

    #[test]
    fn a_value_takes_the_place_of_what_stands_there_in_every_form() {
        for (file, set, expected) in [
            ("base: {a: {b: 1, c: 2}}", "a.b=3", "{base: {a: {b: 3, c: 2}}}"),
            ("base: {a.b: 1, c: 2}", "base.a.b=3", "{base: {a.b: 3, c: 2}}"),
            ("base: {a.b: 1, a.c: 2, d: 3}", "a={e: 4}", "{base: {a: {e: 4}, d: 3}}"),
            ("base: {a: {b: 1}}", "a={e: 4}", "{base: {a: {e: 4}}}"),
            ("base: {a: {b: 1}}", "base={e: 4}", "{base: {e: 4}}"),
            ("base: {a: }", "a.b=1", "{base: {a: {b: 1}}}"),
            ("seed: 1", "a.b=1", "{seed: 1, base: {a.b: 1}}"),
            ("seed: 1", "seed=2", "{seed: 2}"),
            ("search: {space: {a: [1], b: [2]}}", "search.space={c: [3]}", "{search: {space: {c: [3]}}}"),
            ("search: {space: {a: [1], b: [2]}}", "search.space.a=[3]", "{search: {space: {a: [3], b: [2]}}}"),
            ("search: {space: {a: [1], b: [2]}}", "search.space.a=null", "{search: {space: {b: [2]}}}"),
            (
                "search: {space: {a: {int: [0, 4]}}}",
                "search.space.a.step=2",
                "{search: {space: {a: {int: [0, 4], step: 2}}}}",
            ),
            (
                "search: {per_replicate: {a.b: [1, 2]}}",
                "search.per_replicate.a.b=[3]",
                "{search: {per_replicate: {a.b: [3]}}}",
            ),
            (
                "search: {per_replicate: {a: [1], b: [2]}}",
                "search.per_replicate.a=null",
                "{search: {per_replicate: {b: [2]}}}",
            ),
            ("search: {stopping: median}", "search.stopping.rungs=3", "{search: {stopping: {rule: median, rungs: 3}}}"),
            ("search: {stopping: }", "search.stopping.rule=median", "{search: {stopping: {rule: median}}}"),
            ("search: {stopping: median}", "search.stopping=null", "{search: {stopping: null}}"),
            ("objective: a", "objective.direction=maximize", "{objective: {measure: a, direction: maximize}}"),
            (
                "objective: [{measure: a}, {measure: b}]",
                "objective.measure=c",
                "{objective: [{measure: c}, {measure: b}]}",
            ),
            ("objective: [a, b]", "objective.measure=c", "{objective: [{measure: c}, b]}"),
            ("model: {command: [x]}", "model.measures=[y]", "{model: {command: [x], measures: [y]}}"),
            ("network: {bias: 1}", "base.network.bias=2", "{network: {bias: 2}}"),
            ("network: {bias: 1}", "seed=2", "{network: {bias: 1}, seed: 2}"),
        ] {
            assert_eq!(with(file, &[set]).as_deref(), Ok(expected), "{file} --set {set}");
        }
    }

    #[test]
    fn the_order_of_arguments_means_nothing() {
        for sets in [["a={b: 1}", "a.c=2"], ["a.c=2", "a={b: 1}"]] {
            assert_eq!(with("base: {a: {d: 0}}", &sets).unwrap(), "{base: {a: {b: 1, c: 2}}}");
        }
        for sets in [["a={b: 1}", "a.b=2"], ["a.b=2", "base.a={b: 1}"]] {
            let said = with("base: {a: {d: 0}}", &sets).unwrap_err();
            assert!(said.contains("is named a second time; the first is at --set "), "{said}");
        }
    }

    #[test]
    fn several_settings_of_one_argument() {
        let read = |argument: &str| -> Result<Vec<(String, Value)>, String> {
            let sets = parse_settings("--compare", argument).map_err(|error| error.to_string())?;
            sets.iter().map(|set| Ok((set.key.clone(), set.value().map_err(|error| error.to_string())?))).collect()
        };
        let layers = Value::from(vec![500_i64, 200, 3]);
        for (argument, expected) in [
            ("a=0.10", vec![("a", Value::Float(0.1))]),
            ("a.b=1e-1,c=true", vec![("a.b", Value::Float(0.1)), ("c", Value::Bool(true))]),
            ("a=[500, 200,3],b= x ", vec![("a", layers), ("b", Value::from("x"))]),
            ("a='x, y=1',b=\"}\"", vec![("a", Value::from("x, y=1")), ("b", Value::from("}"))]),
            ("a=,b=null", vec![("a", Value::Null), ("b", Value::Null)]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            assert_eq!(read(argument), Ok(expected), "{argument}");
        }
        for (argument, message) in [
            ("", "--compare : no '=' in it, expected key=value"),
            ("a=1,2", "--compare a=1,2: no '=' in it, expected key=value; a list stands in brackets"),
            ("a=1,", "no '=' in it"),
            ("a=[1,b=2", "--compare a=[1,b=2: "),
            ("a={b: 1}", "a is a mapping, expected a value"),
        ] {
            let said = read(argument).unwrap_err();
            assert!(said.contains(message), "{argument}: {said}");
        }
    }

    #[test]
    fn what_can_hold_no_keys_is_refused() {
        for (file, set, message) in [
            (
                "search: {trials: 5}",
                "search.trials.x=1",
                "--set search.trials.x=1: search.trials is '5', at f.yaml:1:18, and has no keys",
            ),
            ("search: [1]", "search.trials=1", "search is '[1]', at f.yaml:1:9, and has no keys"),
            ("search: {space: [a]}", "search.space.a=[1]", "search.space is '[a]', at f.yaml:1:17"),
            ("search: {space: {a: [1]}}", "search.space.b=null", "'b' is not varied, so nothing is taken away"),
        ] {
            let said = with(file, &[set]).unwrap_err();
            assert!(said.contains(message), "{said}");
        }
    }
}
