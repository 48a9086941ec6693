//! Lines whose indentation differs from that of the lines with which they belong, or that have no colon.

use super::Mistake;
use super::lines::{indent, is_empty, key_of};

/// A line with a key in a block: its indentation, and whether the key's value is in the lines below.
#[derive(Clone, Copy, Debug)]
struct Key {
    line: usize,
    indent: usize,
    opens: bool,
}

/// Finds a line whose indentation differs from that of the lines with which it belongs, or that has no ':'.
pub(super) fn in_blocks(lines: &[&str], inside: &[bool]) -> Option<Mistake> {
    let step = usual_step(lines);
    // The first key of every open mapping, and the last key.
    let mut open: Vec<Key> = Vec::new();
    let mut last: Option<Key> = None;
    let mut words: Option<usize> = None; // the line of a text without ':' since the last key
    for (at, line) in lines.iter().enumerate() {
        if is_empty(line) || inside.get(at) == Some(&true) {
            continue;
        }
        let (number, indent) = (at + 1, indent(line));
        let Some((_, value)) = key_of(line) else {
            let content = line.trim();
            if content.starts_with(['-', '[', '{', '"', '\'', '?', '&', '*']) {
                continue;
            }
            if let Some(mistake) = without_colon(number, indent, content, last, lines.get(at + 1).copied()) {
                return Some(mistake);
            }
            words = Some(number);
            continue;
        };
        if line.trim_start().starts_with('-') {
            last = Some(Key { line: number, indent, opens: true });
            words = None;
            continue;
        }
        let own = Key { line: number, indent, opens: value.is_empty() || value.starts_with('&') };
        if let Some(before) = last.filter(|before| indent > before.indent) {
            if let Some(word) = words.filter(|_| before.opens) {
                let column = lines[word - 1].trim_end().chars().count() + 1;
                return Some(Mistake::new(
                    (word, column),
                    "a line without ':'",
                    "key: value, or key: before what is below it",
                ));
            }
            if !before.opens {
                return Some(Mistake::new(
                    (number, indent + 1),
                    format!("indented by {}, but line {} has a value already", blanks(indent), before.line),
                    format!("{}, as line {}", blanks(before.indent), before.line),
                ));
            }
        }
        while open.last().is_some_and(|held| held.indent > indent) {
            let closed = open.pop()?;
            let outer = open.last().map_or(0, |held| held.indent);
            if outer < indent || open.is_empty() && indent > 0 {
                return Some(uneven(closed, own, outer, step));
            }
        }
        if open.last().is_none_or(|held| held.indent < indent) {
            open.push(own);
        }
        last = Some(own);
        words = None;
    }
    None
}

/// Returns the mistake of a text in a line of its own that was meant to be a key and its value.
fn without_colon(
    number: usize,
    indent: usize,
    content: &str,
    last: Option<Key>,
    next: Option<&str>,
) -> Option<Mistake> {
    let continues = last.is_some_and(|key| indent > key.indent);
    if continues && !next.is_some_and(|next| key_of(next).is_some() && self::indent(next) == indent) {
        return None; // the value of the key above, or more of it
    }
    let column = |byte: usize| indent + content[..byte].chars().count() + 1;
    let name = content.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(content.len());
    let rest = &content[name..];
    let value = rest.trim_start_matches([':', '=', ' ']);
    let key = &content[..name];
    if key.is_empty() {
        return None;
    }
    let expected = if value.is_empty() { format!("{key}: value") } else { format!("{key}: {value}") };
    let expected = if expected.chars().count() > 60 { format!("{key}: …") } else { expected };
    Some(if rest.starts_with(':') {
        Mistake::new((number, column(name + 1)), "no blank behind the ':'", expected)
    } else if rest.trim_start().starts_with('=') {
        Mistake::new((number, column(content.find('=')?)), "'=' where a ':' is to stand", expected)
    } else {
        Mistake::new((number, column(name)), "a line without ':'", expected)
    })
}

/// Returns the mistake of two keys of a mapping with unequal indentation. It is the one that the other lines of the
/// file do not support.
fn uneven(first: Key, own: Key, outer: usize, step: usize) -> Mistake {
    let (wrong, right) = if own.indent == outer + step || first.indent > outer + step && own.indent.is_multiple_of(step)
    {
        (first, own)
    } else {
        (own, first)
    };
    Mistake::new(
        (wrong.line, wrong.indent + 1),
        format!(
            "indented by {}, but line {} of the same mapping by {}",
            blanks(wrong.indent),
            right.line,
            right.indent
        ),
        format!("the same indentation, {}", blanks(right.indent)),
    )
}

/// Returns the number of blanks by which most lines are indented more than the line above.
fn usual_step(lines: &[&str]) -> usize {
    let indents: Vec<usize> = lines.iter().filter(|line| !is_empty(line)).map(|line| indent(line)).collect();
    let mut counts = [0_usize; 9];
    for pair in indents.windows(2).filter(|pair| pair[1] > pair[0]) {
        counts[(pair[1] - pair[0]).min(8)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    match counts.iter().position(|count| *count == most && most > 1) {
        Some(step) => step.max(1),
        None => 2,
    }
}

fn blanks(n: usize) -> String {
    match n {
        0 => "no blank".into(),
        1 => "1 blank".into(),
        n => format!("{n} blanks"),
    }
}
