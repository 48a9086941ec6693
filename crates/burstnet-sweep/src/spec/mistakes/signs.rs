//! Brackets and quotes that are not closed, and tabs.

use super::Mistake;
use super::lines::{indent, is_empty, key_of};

/// A bracket or quote that is not closed yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    sign: char,
    position: (usize, usize),
    /// The indentation of its line, and true if a key stands before it.
    indent: usize,
    has_key: bool,
}

/// A reader of brackets and quotes, which finds those that are not closed, and tabs.
pub(super) struct Reader {
    brackets: Vec<Open>,
    quote: Option<Open>,
    /// The indentation above which lines belong to a text after `|` or `>`.
    text_below: Option<usize>,
    /// For each line, true if it begins within brackets, quotes or such a text.
    pub(super) inside: Vec<bool>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { brackets: Vec::new(), quote: None, text_below: None, inside: Vec::new() }
    }

    pub(super) fn read(&mut self, lines: &[&str]) -> Option<Mistake> {
        for (at, line) in lines.iter().enumerate() {
            let indent = indent(line);
            let in_text = self.text_below.is_some_and(|below| indent > below);
            self.inside.push(in_text || self.quote.is_some() || !self.brackets.is_empty());
            if is_empty(line) && self.quote.is_none() {
                continue;
            }
            if in_text {
                continue;
            }
            self.text_below = None;
            let open = self.quote.or(self.brackets.first().copied());
            if let Some(open) = open.filter(|open| open.has_key && indent <= open.indent && key_of(line).is_some()) {
                return Some(unclosed(self.quote.or(self.brackets.last().copied()).unwrap_or(open)));
            }
            if let Some(mistake) = self.line(at + 1, line, indent) {
                return Some(mistake);
            }
        }
        self.quote.or(self.brackets.last().copied()).map(unclosed)
    }

    fn line(&mut self, number: usize, line: &str, indent: usize) -> Option<Mistake> {
        let in_block = self.brackets.is_empty() && self.quote.is_none();
        if in_block && line[indent..].starts_with('\t') {
            return Some(Mistake::new(
                (number, indent + 1),
                "a tab in the indentation",
                "blanks, as in the other lines",
            ));
        }
        let has_key = key_of(line).is_some();
        let chars: Vec<char> = line.chars().collect();
        let open = |sign, at: usize| Open { sign, position: (number, at + 1), indent, has_key };
        let mut at = 0;
        let mut begins = true; // whether a value can begin here
        while at < chars.len() {
            let c = chars[at];
            if let Some(quote) = self.quote {
                match c {
                    '\\' if quote.sign == '"' => at += 1,
                    '\'' if quote.sign == '\'' && chars.get(at + 1) == Some(&'\'') => at += 1,
                    c if c == quote.sign => self.quote = None,
                    _ => {}
                }
                begins = false;
                at += 1;
                continue;
            }
            let blank_before = at == 0 || chars[at - 1].is_whitespace();
            let blank_behind = chars.get(at + 1).is_none_or(|next| next.is_whitespace());
            match c {
                '#' if blank_before => break,
                '\'' | '"' if begins => self.quote = Some(open(c, at)),
                '[' | '{' if begins => self.brackets.push(open(c, at)),
                ']' | '}' if !self.brackets.is_empty() => {
                    let opened = self.brackets.pop()?;
                    if closing(opened.sign) != c {
                        let (line, column) = opened.position;
                        let from = if line == number { String::new() } else { format!(" in line {line}") };
                        let problem = format!("'{c}' where '{}' of column {column}{from} is open", opened.sign);
                        return Some(Mistake::new((number, at + 1), problem, format!("'{}'", closing(opened.sign))));
                    }
                }
                ':' if self.brackets.is_empty() && chars.get(at + 1) == Some(&'\t') => {
                    return Some(Mistake::new((number, at + 2), "a tab behind the ':'", "a blank"));
                }
                '|' | '>' if begins && self.brackets.is_empty() && has_key => {
                    self.text_below = Some(indent);
                    return None;
                }
                _ => {}
            }
            begins = match c {
                '[' | '{' => begins || !self.brackets.is_empty(),
                ',' => !self.brackets.is_empty(),
                ':' | '-' | '?' => blank_behind,
                c => c.is_whitespace() && begins,
            };
            at += 1;
        }
        None
    }
}

fn closing(sign: char) -> char {
    match sign {
        '[' => ']',
        '{' => '}',
        quote => quote,
    }
}

fn unclosed(open: Open) -> Mistake {
    let what = format!("the {} that begins here is never closed", open.sign);
    Mistake::new(open.position, what, format!("{} at its end", closing(open.sign)))
}
