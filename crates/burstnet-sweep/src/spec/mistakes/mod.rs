//! Finds the likeliest mistake in a file that is not YAML. The parser reports where it had to stop, which is often
//! another line.
//!
//! Only mistakes that people often make are found. The results need not be right for files that are YAML.

mod blocks;
mod lines;
mod signs;

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
    let lines: Vec<&str> = lines::lines(text);
    let mut reader = signs::Reader::new();
    let found = reader.read(&lines).or_else(|| blocks::in_blocks(&lines, &reader.inside));
    found.filter(|mistake| mistake.position.0 <= last).unwrap_or_else(|| in_words((last, column), said))
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
            (
                "x: &a {b: 1}\nc:\n  <<: *a\n",
                "3:3: a merge key, '<<', which is not part of YAML 1.2, expected the keys",
            ),
        ]);
    }
}
