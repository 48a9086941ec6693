//! Finds the likeliest mistake in a file that is not YAML. The parser reports where it had to stop, which is often
//! another line.
//!
//! Only mistakes that people often make are found. The results need not be right for files that are YAML.

/// A mistake, its line and column (both from 1), and the text that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) position: (usize, usize),
    pub(super) problem: String,
    pub(super) expected: String,
}

impl Mistake {
    fn new(position: (usize, usize), problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { position, problem: problem.into(), expected: expected.into() }
    }
}

/// Returns the likeliest mistake in a file that the parser gave up in line `last`, with the message `said`.
pub(super) fn find(text: &str, (last, column): (usize, usize), said: &str) -> Mistake {
    let lines: Vec<&str> = lines(text);
    let mut reader = Reader::new();
    let found = reader.read(&lines).or_else(|| in_blocks(&lines, &reader.inside));
    found.filter(|mistake| mistake.position.0 <= last).unwrap_or_else(|| in_words((last, column), said))
}

fn lines(text: &str) -> Vec<&str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect()
}

/// Puts a message of the parser into plain words.
fn in_words(position: (usize, usize), said: &str) -> Mistake {
    let known: [(&str, &str, &str); 14] = [
        (
            "mapping values are not allowed",
            "a ':' where no key can stand",
            "one key per line, or quotes around a text that has ': ' in it",
        ),
        ("',' or ']'", "not readable as a list", "',' between its values and ']' at its end"),
        ("',' or '}'", "not readable as a mapping", "',' between its entries and '}' at its end"),
        ("illegal placement of ':'", "a ':' where no key can stand", "']' or '}' before it, which closes what is open"),
        ("simple key expect", "a line without ':'", "key: value"),
        (
            "trailing content after",
            "something behind the closing quote",
            "nothing; within '…' the sign ' is written ''",
        ),
        (
            "unknown anchor",
            "an alias of something that has no name",
            "&name before it, or quotes around a text that begins with '*'",
        ),
        ("unexpected character", "a sign with which no value can begin", "quotes around the text"),
        ("unknown escape", "an escape that YAML does not have", "'…' in place of \"…\", where \\ is nothing special"),
        ("misplaced bracket", "a bracket that closes nothing", "one that was opened before it"),
        (
            "block sequence entries are not allowed",
            "'-' where no list can begin",
            "the list in lines of its own, or [a, b]",
        ),
        ("did not find expected key", "indented otherwise than the lines to which it belongs", "their indentation"),
        (
            "expected '-' indicator",
            "a line without '-' in a list",
            "'- ' before it, or the indentation of what it belongs to",
        ),
        (
            "<document start>",
            "something that belongs to nothing before it",
            "one mapping of keys to values, each in a line: key: value",
        ),
    ];
    match known.iter().find(|(part, ..)| said.contains(part)) {
        Some((_, problem, expected)) => Mistake::new(position, *problem, *expected),
        None => Mistake::new(position, format!("not readable as YAML: {said}"), "lines of the form key: value"),
    }
}

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
struct Reader {
    brackets: Vec<Open>,
    quote: Option<Open>,
    /// The indentation above which lines belong to a text after `|` or `>`.
    text_below: Option<usize>,
    /// For each line, true if it begins within brackets, quotes or such a text.
    inside: Vec<bool>,
}

impl Reader {
    fn new() -> Self {
        Self { brackets: Vec::new(), quote: None, text_below: None, inside: Vec::new() }
    }

    fn read(&mut self, lines: &[&str]) -> Option<Mistake> {
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

/// Returns the number of blanks with which a line begins.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns whether a line is empty or has only a comment.
fn is_empty(line: &str) -> bool {
    let content = line.trim_start();
    content.is_empty() || content.starts_with('#') || matches!(content.trim_end(), "---" | "...")
}

/// Returns the key with which a line begins, and the text behind its ':', if the line has one.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let content = line.trim_start();
    let content = content.strip_prefix("- ").map_or(content, str::trim_start);
    let end = content.find(": ").or_else(|| content.trim_end().strip_suffix(':').map(str::len))?;
    let key = &content[..end];
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ' | '<' | '"' | '\'');
    let value = content[end + 1..].trim();
    let value = if value.starts_with('#') { "" } else { value };
    (!key.trim().is_empty() && key.chars().all(is_key)).then_some((key.trim(), value))
}

/// A line with a key in a block: its indentation, and whether the key's value is in the lines below.
#[derive(Clone, Copy, Debug)]
struct Key {
    line: usize,
    indent: usize,
    opens: bool,
}

/// Finds a line whose indentation differs from that of the lines with which it belongs, or that has no ':'.
fn in_blocks(lines: &[&str], inside: &[bool]) -> Option<Mistake> {
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

#[cfg(test)]
mod tests {
    use crate::spec::document::parse;

    /// Checks the beginnings of messages about files, without the names of the files.
    fn check(cases: &[(&str, &str)]) {
        for (text, told) in cases {
            let message = parse("f", text).unwrap_err().to_string();
            assert!(message.starts_with(&format!("f:{told}")), "{text}{message}");
        }
    }

    #[test]
    fn one_blank_too_many_or_too_few() {
        check(&[
            (
                "name: a\n seed: 7\nsearch: {}\n",
                "2:2: indented by 1 blank, but line 1 has a value already, expected no blank, as line 1",
            ),
            (
                "base:\n  network: {layers: [5, 4, 3]}\n   training: {epochs: 3}\n",
                "3:4: indented by 3 blanks, but line 2 has a value already, expected 2 blanks, as line 2",
            ),
            ("search:\n  strategy: random\n   trials: 5\n", "3:4: indented by 3 blanks, but line 2"),
            (
                "search:\n   strategy: random\n  trials: 5\n",
                "2:4: indented by 3 blanks, but line 3 of the same mapping by 2",
            ),
            (
                "search:\n  strategy: random\n trials: 5\n",
                "3:2: indented by 1 blank, but line 2 of the same mapping by 2",
            ),
            (
                "search:\n  space:\n     a: [1]\n    b: [1]\n",
                "3:6: indented by 5 blanks, but line 4 of the same mapping by 4",
            ),
            (
                "a:\n    b: 1\n    c:\n        d: 1\n   e: 2\n",
                "5:4: indented by 3 blanks, but line 2 of the same mapping by 4",
            ),
            ("a:\n  - 1\n - 2\n", "3:2: indented otherwise than the lines to which it belongs"),
            ("a: |\n  x: y\n y: z\nb: 1\n", "3:2: indented otherwise than the lines to which it belongs"),
        ]);
    }

    #[test]
    fn what_is_never_closed() {
        check(&[
            ("a:\n  b: [1, 2\n  c: [1]\n", "2:6: the [ that begins here is never closed, expected ] at its end"),
            ("a:\n  b: [1, 2\n", "2:6: the [ that begins here is never closed"),
            ("a:\n  b: {linear: [0, 1], num: 3\n  c: [1]\n", "2:6: the { that begins here is never closed, expected }"),
            ("a:\n  b: {linear: [0, 1, num: 3}\n  c: [1]\n", "2:28: '}' where '[' of column 15 is open, expected ']'"),
            ("a: [\n  1,\n  2\nb: 3\n", "1:4: the [ that begins"),
            ("a: [1,\n  2}\n", "2:4: '}' where '[' of column 4 in line 1 is open, expected ']'"),
            ("name: \"abc\nseed: 7\n", "1:7: the \" that begins here is never closed"),
            ("name: 'abc\nseed: 7\nmodel: {command: ['x']}\n", "1:7: the ' that begins here is never closed"),
            ("a: [1, 2]]\n", "1:10: a bracket that closes nothing"),
            ("a: {linear: [0, 1] num: 3}\n", "1:20: not readable as a mapping, expected ',' between its entries"),
            ("a: [1, 2\n", "1:4: the [ that begins"),
        ]);
    }

    #[test]
    fn lines_without_a_colon() {
        check(&[
            (
                "search:\n  space\n    a: [1]\n",
                "2:8: a line without ':', expected key: value, or key: before what is below it",
            ),
            ("search\n  space:\n    a: [1]\n", "1:7: a line without ':'"),
            ("name: a\nseed 7\nsearch: {}\n", "2:5: a line without ':', expected seed: 7"),
            ("name: a\nseed:7\nsearch: {}\n", "2:6: no blank behind the ':', expected seed: 7"),
            ("seed:7\nsearch: {}\n", "1:6: no blank behind the ':', expected seed: 7"),
            ("a: {x:1}\n", "1:5: no blank behind the ':' of 'x:1', expected 'x: 1'"),
            ("name: a\nseed = 7\nsearch: {}\n", "2:6: '=' where a ':' is to stand, expected seed: 7"),
            ("a: b: c\n", "1:5: a ':' where no key can stand"),
        ]);
    }

    #[test]
    fn tabs() {
        check(&[
            ("base:\n\tnetwork: {}\n", "2:1: a tab in the indentation, expected blanks"),
            ("base:\n  network:\n\tlayers: [5]\n", "3:1: a tab in the indentation"),
            ("base:\n  \tnetwork: {}\n\ttraining: {}\n", "2:3: a tab in the indentation"),
            ("name:\tabc\n", "1:6: a tab behind the ':', expected a blank"),
        ]);
    }

    #[test]
    fn signs_that_mean_something() {
        check(&[
            ("a: *.py\n", "1:4: an alias of something that has no name"),
            ("a: @x\n", "1:4: a sign with which no value can begin, expected quotes around the text"),
            ("a: \"C:\\path\"\n", "1:4: an escape that YAML does not have"),
            ("a: 'it's'\n", "1:8: something behind the closing quote"),
            ("[search]\nseed = 7\n", "2:6: '=' where a ':' is to stand, expected seed: 7"),
            ("a: 1\n...\n%b: 2\n", "4:1: something that belongs to nothing before it"),
            ("a: - 1\n", "1:4: '-' where no list can begin"),
            ("- a: 1\nb: 2\n", "2:1: a line without '-' in a list"),
            ("x: &a {b: 1}\nc:\n  <<: *a\n", "3:3: a merge key, '<<', which is no part of YAML 1.2, expected the keys"),
        ]);
    }
}
