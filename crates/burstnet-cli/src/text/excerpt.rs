//! The line in which something is wrong, with a caret below the place.

use burstnet_sweep::spec::place::Place;
use console::measure_text_width;

use super::clean::isolated;
use super::shown::is_shown;

/// The columns of an excerpt, whatever the terminal: messages are not wrapped, and go to files too.
const WIDTH: usize = 80;
/// The blanks as which a tab is shown.
const TAB: &str = "    ";
/// The most characters of a line that are read on either side of the place.
const LONGEST: usize = 1000;

/// Returns the line of a place and a caret below it; `None` where the line is not known.
pub(crate) fn excerpt(place: &Place) -> Option<String> {
    let (number, line, column) = place.line()?;
    let number = number.map_or(String::new(), |number| number.to_string());
    let (shown, before) = around(line, column, WIDTH - "   | ".len() - number.len());
    let margin = " ".repeat(number.len());
    Some(format!("  {number} | {}\n  {margin} | {}^", isolated(&shown), " ".repeat(before)))
}

/// Returns the characters of a line, as they can be shown, around the one in `column` (from 1), in at most `width`
/// columns; and how many columns stand before that one. What is left out is `…`.
fn around(line: &str, column: usize, width: usize) -> (String, usize) {
    let skipped = column.saturating_sub(LONGEST);
    let mut cells: Vec<(String, usize)> = line.chars().skip(skipped).take(2 * LONGEST).map(cell).collect();
    let at = (column - 1 - skipped).min(cells.len());
    let cut_behind = line.chars().nth(skipped + 2 * LONGEST).is_some();
    // The caret may stand behind the last character.
    let needed = |cells: &[(String, usize)]| cells.iter().map(|(_, columns)| columns).sum::<usize>();
    let (mut first, mut end) = (0, cells.len());
    if skipped > 0 || cut_behind || needed(&cells) + 1 > width {
        // A third of the room for what stands before.
        while first < at && needed(&cells[first..at]) > width / 3 {
            first += 1;
        }
        // More of it, where little stands behind.
        while first > 0 && needed(&cells[first - 1..]) + 2 <= width {
            first -= 1;
        }
        while end > at + 1 && needed(&cells[first..end]) + 2 > width {
            end -= 1;
        }
    }
    let left_out = if first > 0 || skipped > 0 { "…" } else { "" };
    let right_out = if end < cells.len() || cut_behind { "…" } else { "" };
    let before = measure_text_width(left_out) + needed(&cells[first..at]);
    let kept: String = cells.drain(first..end).map(|(text, _)| text).collect();
    (format!("{left_out}{kept}{right_out}"), before)
}

/// Returns a character as it is shown, and its width.
fn cell(c: char) -> (String, usize) {
    let shown = match c {
        '\t' => TAB.to_owned(),
        c if is_shown(c) => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    let width = measure_text_width(&shown);
    (shown, width)
}

#[cfg(test)]
mod tests {
    use burstnet_sweep::spec::Source;
    use burstnet_sweep::spec::sets::parse_set;

    use super::*;

    fn of_file(text: &str) -> String {
        let error = Source::parse("s.yaml".as_ref(), text.to_owned()).and_then(|source| source.model()).unwrap_err();
        excerpt(&error.place).unwrap()
    }

    /// Returns the character above the caret.
    fn pointed_at(excerpt: &str) -> char {
        let (line, caret) = excerpt.split_once('\n').unwrap();
        let column = measure_text_width(caret) - 1;
        let mut width = 0;
        let at = |c: &char| {
            width += measure_text_width(&c.to_string());
            width > column
        };
        line.chars().find(at).unwrap_or(' ')
    }

    #[test]
    fn a_line_and_a_caret() {
        assert_eq!(of_file("seed: 7\nmodel:\n  comand: [x]\n"), "  3 |   comand: [x]\n    |   ^");
        assert_eq!(of_file("a: [1, 2\n"), "  1 | a: [1, 2\n    |    ^");
        assert_eq!(of_file("a: 1\r\nb: [\r\n"), "  2 | b: [\n    |    ^");
    }

    #[test]
    fn arguments_have_no_line_number() {
        let error = parse_set("search.space.x=[1, [2").unwrap_err();
        assert_eq!(excerpt(&error.place).unwrap(), "   | --set search.space.x=[1, [2\n   |                          ^");
        assert_eq!(error.to_string().lines().count(), 1);
        let error = parse_set("epochs").unwrap_err();
        assert_eq!(excerpt(&error.place).unwrap(), "   | --set epochs\n   |       ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let long = "x, ".repeat(10_000);
        for text in [format!("a: [{long}]]"), format!("a: {{b: 1}}}} # {long}"), format!("a: [{long}]] # {long}")] {
            let shown = of_file(&text);
            assert!(shown.lines().all(|line| measure_text_width(line) <= 80), "{shown}");
            assert!(matches!(pointed_at(&shown), ']' | '}'), "{shown}");
            assert!(shown.contains('…'), "{shown}");
        }
        let short = of_file(&format!("a: [{}]]", "x, ".repeat(22)));
        assert!(!short.contains('…') && pointed_at(&short) == ']', "{short}");
    }

    #[test]
    fn the_caret_is_below_what_it_means() {
        for before in ["日本語", "é", "e\u{301}", "\u{200b}", "שלום", "\u{1f600}", "'\t'", "naïve"] {
            let shown = of_file(&format!("{{{before}: [1]]"));
            assert_eq!(pointed_at(&shown), ']', "{shown}");
            assert!(!shown.contains(['\t', '\u{200b}']), "{shown}");
        }
        assert!(of_file("model:\n  x: \"\u{202e}\"\n  y: 1\n").is_ascii());
    }
}
