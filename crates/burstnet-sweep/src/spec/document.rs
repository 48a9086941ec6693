//! A YAML document as a tree that remembers the place of each node.
//!
//! Files come from other people, so depth, size and growth by aliases are bounded, and keys must not repeat.

use std::collections::HashMap;

use burstnet_core::text::quoted;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::mistakes;
pub use super::node::{Content, Entry, Node};
use crate::limits::{DEEPEST_NODE, LARGEST_SWEEP_FILE, MOST_NODES};
use crate::spec::place::{Place, SpecError};

/// The characters that end a line.
const BREAKS: [char; 2] = ['\n', '\r'];

/// Parses `text`. `source` is its name in messages.
///
/// # Errors
/// If the text is not YAML, is not exactly one document, repeats a key or exceeds a bound.
pub fn parse(source: &str, text: &str) -> Result<Node, SpecError> {
    if text.len() > LARGEST_SWEEP_FILE {
        return Err(SpecError::new(&Place::whole(source), "the file is too long")
            .expected(format!("at most {LARGEST_SWEEP_FILE} bytes")));
    }
    parse_at(&Place::of_file(source, text), text)
}

/// Does the same as [`parse`] for a text that begins at `start`.
///
/// # Errors
/// The same as for [`parse`].
pub(super) fn parse_at(start: &Place, text: &str) -> Result<Node, SpecError> {
    if let Some((at, control)) = text.char_indices().find(|(_, c)| c.is_control() && !BREAKS.contains(c) && *c != '\t')
    {
        let place = behind(start, position(text, at));
        return Err(SpecError::new(&place, format!("a control character, {}", quoted(&control.to_string())))
            .expected("text, or an escape such as \\x00 in double quotes"));
    }
    let mut builder =
        Builder { start: start.clone(), stack: Vec::new(), anchors: HashMap::new(), nodes: 0, root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let last = (error.marker().line(), error.marker().col() + 1);
            let mistake = mistakes::find(text, last, error.info());
            SpecError::new(&behind(start, mistake.position), mistake.problem).expected(mistake.expected)
        })?;
        builder.take(event, span)?;
    }
    builder.root.ok_or_else(|| SpecError::new(start, "the file is empty").expected("a mapping of keys to values"))
}

/// Returns the place of a position in a text that begins at `start`.
fn behind(start: &Place, (line, column): (usize, usize)) -> Place {
    let (first, before) = start.position.map_or((1, 0), |(line, column)| (line, column - 1));
    start.at((first + line - 1, if line == 1 { before + column } else { column }))
}

/// Returns the line and column of the byte at `at`, both from 1.
pub(super) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text[..at].replace("\r\n", "\n");
    let line = before.matches(BREAKS).count() + 1;
    let column = before.rsplit(BREAKS).next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

struct Builder {
    /// The place where the text begins.
    start: Place,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    root: Option<Node>,
}

/// A list or mapping that is not closed yet.
struct Open {
    place: Place,
    anchor: usize,
    first_node: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    /// The entries, the lines of their keys, and a key whose value has not come yet.
    Map(Vec<Entry>, HashMap<String, usize>, Option<(String, Place)>),
}

impl Builder {
    fn place(&self, span: Span) -> Place {
        behind(&self.start, (span.start.line(), span.start.col() + 1))
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SpecError> {
        let place = self.place(span);
        if let Event::Scalar(_, _, _, Some(tag))
        | Event::SequenceStart(_, Some(tag))
        | Event::MappingStart(_, Some(tag)) = &event
        {
            let tag = quoted(&format!("{}{}", tag.handle, tag.suffix));
            return Err(SpecError::new(&place, format!("a YAML tag, {tag}")).expected("a plain value"));
        }
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(SpecError::new(&place, "a second YAML document starts here").expected("one document"))
            }
            Event::Scalar(text, style, anchor, _tag) => {
                let content = Content::Scalar(text.into_owned(), style != ScalarStyle::Plain);
                let first = self.nodes;
                self.close(Node { place, content }, anchor, first)
            }
            Event::SequenceStart(anchor, _tag) => self.open(place, anchor, Items::List(Vec::new())),
            Event::MappingStart(anchor, _tag) => self.open(place, anchor, Items::Map(Vec::new(), HashMap::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.stack.pop() else { return Ok(()) };
                let content = match open.items {
                    Items::List(items) => Content::List(items),
                    Items::Map(entries, _, _) => Content::Map(entries),
                };
                self.close(Node { place: open.place, content }, open.anchor, open.first_node)
            }
            Event::Alias(anchor) => {
                let Some((_, size)) = self.anchors.get(&anchor) else {
                    return Err(SpecError::new(&place, "an alias of something that is not complete"));
                };
                self.nodes += size;
                self.check_size(&place)?; // before the copy
                let node = self.anchors[&anchor].0.clone();
                self.close(node, 0, self.nodes)
            }
            Event::DocumentStart(_) | Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {
                Ok(())
            }
        }
    }

    fn open(&mut self, place: Place, anchor: usize, items: Items) -> Result<(), SpecError> {
        if self.stack.len() >= DEEPEST_NODE {
            return Err(SpecError::new(&place, format!("nested more than {DEEPEST_NODE} levels deep")));
        }
        if let Some(Open { items: Items::Map(_, _, None), .. }) = self.stack.last() {
            return Err(SpecError::new(&place, "a list or mapping as a key")
                .expected("a word, or quotes around a text that begins with '[' or '{'"));
        }
        self.stack.push(Open { place, anchor, first_node: self.nodes, items });
        Ok(())
    }

    fn check_size(&self, place: &Place) -> Result<(), SpecError> {
        if self.nodes > MOST_NODES {
            return Err(SpecError::new(place, format!("more than {MOST_NODES} values, aliases counted in full")));
        }
        Ok(())
    }

    fn close(&mut self, node: Node, anchor: usize, first_node: usize) -> Result<(), SpecError> {
        self.nodes += 1;
        self.check_size(&node.place)?;
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - first_node));
        }
        match self.stack.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(node),
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map(entries, lines, pending)) => match pending.take() {
                Some((key, place)) => {
                    let empty = matches!(&node.content, Content::Scalar(text, false) if text.is_empty());
                    if let Some((name, value)) = key.split_once(':').filter(|(_, value)| empty && !value.is_empty()) {
                        return Err(SpecError::new(&place, format!("no blank behind the ':' of {}", quoted(&key)))
                            .expected(quoted(&format!("{name}: {value}"))));
                    }
                    entries.push(Entry { key, place, value: node });
                }
                None => {
                    let Content::Scalar(key, is_quoted) = node.content else {
                        return Err(SpecError::new(&node.place, "a list or mapping as a key").expected("a word"));
                    };
                    if key == "<<" && !is_quoted {
                        return Err(SpecError::new(&node.place, "a merge key, '<<', which is not part of YAML 1.2")
                            .expected("the keys themselves, or an alias of a whole value, as in base: *name"));
                    }
                    let own_line = node.place.position.map_or(0, |(line, _)| line);
                    if let Some(line) = lines.insert(key.clone(), own_line) {
                        return Err(SpecError::new(
                            &node.place,
                            format!("key {} stands here a second time; the first is in line {line}", quoted(&key)),
                        ));
                    }
                    *pending = Some((key, node.place));
                }
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use burstnet_core::config::Value;

    use super::*;
    use crate::growth::growth;

    fn message(text: &str) -> String {
        parse("f.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn remembers_places() {
        let Content::Map(entries) = parse("f.yaml", "a: 1\nb:\n  c: [x, 2.5]\n").unwrap().content else { panic!() };
        assert_eq!(entries[1].place.position, Some((2, 1)));
        let Content::Map(inner) = &entries[1].value.content else { panic!() };
        assert_eq!(inner[0].value.place.position, Some((3, 6)));
        assert_eq!(inner[0].value.value(), Some(Value::List(vec!["x".into(), 2.5.into()])));
    }

    #[test]
    fn messages_tell_a_text_from_the_number_that_it_looks_like() {
        for (text, shown) in [
            ("'3'", "the text '3'"),
            ("3", "'3'"),
            ("\"true\"", "the text 'true'"),
            ("'x'", "'x'"),
            ("''", "nothing"),
            ("[1, \"2\", x, ['null', 'y']]", "'[1, \"2\", x, [\"null\", y]]'"),
        ] {
            assert_eq!(parse("f", text).unwrap().shown(), shown);
        }
    }

    #[test]
    fn refuses_what_is_no_single_tree() {
        assert_eq!(
            message("a: 1\nb: 2\na: 3\n"),
            "f.yaml:3:1: key 'a' stands here a second time; the first is in line 1"
        );
        assert!(message("a: 1\n---\nb: 2\n").contains("a second YAML document"));
        assert!(message("").contains("the file is empty"));
        assert!(message("a: [1, 2").starts_with("f.yaml:"));
        assert!(message(&format!("{}{}", "[".repeat(65), "]".repeat(65))).contains("nested more than 64 levels"));
        assert!(message(&"[".repeat(100_000)).starts_with("f.yaml:"));
        assert!(message("? [a]\n: 1\n").contains("as a key"));
        assert!(message("a: 1\r\nb: x\0\r: z\n").starts_with("f.yaml:2:5: a control character, '\\0'"));
    }

    #[test]
    fn a_wide_mapping_takes_time_in_proportion() {
        let keys = |n: usize| (0..n).map(|i| format!("k{i}: 1\n")).collect::<String>() + "k7: 2\n";
        let read = |text: &str| {
            assert!(message(text).contains("key 'k7' stands here a second time; the first is in line 8"));
        };
        let (small, large) = (keys(3000), keys(192_000));
        let times = growth(|| read(&small), || read(&large));
        assert!(times < 600.0, "{times} times as long for 64 times as much; comparing every pair takes 4096 times");
    }

    #[test]
    fn an_alias_bomb_is_refused_quickly() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let row = vec![format!("*a{}", i - 1); 10].join(", ");
            text += &format!("a{i}: &a{i} [{row}]\n");
        }
        assert!(message(&text).contains("aliases counted in full"));
    }
}
