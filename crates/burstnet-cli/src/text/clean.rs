//! Texts from files, made harmless for a terminal, and of a width that fits.

use std::collections::BTreeSet;

use console::{measure_text_width, truncate_str};

use super::shown::is_shown;

/// The most characters of a text that are looked at: nothing that long is shown.
const LONGEST: usize = 4096;

/// Returns a text with its control and invisible characters written as escapes. One that is read from the right stands
/// in an isolate, so that it does not turn what is around it.
pub(crate) fn clean(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(LONGEST) {
        if is_shown(c) { shown.push(c) } else { shown.extend(c.escape_debug()) }
    }
    isolated(&shown)
}

/// Returns a clean text, in an isolate if it is read from the right.
pub(crate) fn isolated(shown: &str) -> String {
    if shown.contains(is_read_from_the_right) { format!("\u{2068}{shown}\u{2069}") } else { shown.to_owned() }
}

/// Returns a clean text of at most `width` columns; what is left out is `…`.
pub(crate) fn fitted(text: &str, width: usize) -> String {
    let shown = clean(text);
    let cut = truncate_str(&shown, width, "…").into_owned();
    // The end of an isolate must not be cut off with the text.
    if cut.contains('\u{2068}') && !cut.contains('\u{2069}') { cut + "\u{2069}" } else { cut }
}

/// Returns clean texts of at most `width` columns, or of up to three times as many where that keeps different texts
/// apart.
pub(crate) fn fitted_apart(texts: &[String], width: usize) -> Vec<String> {
    let different = |texts: &[String]| texts.iter().collect::<BTreeSet<_>>().len();
    let fit = |width: usize| texts.iter().map(|text| fitted(text, width)).collect::<Vec<_>>();
    let apart = (width..=3 * width).map(fit).find(|shown| different(shown) == different(texts));
    apart.unwrap_or_else(|| fit(width))
}

/// Returns whether a character belongs to a script that is read from the right, such as Hebrew and Arabic.
fn is_read_from_the_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Returns sentences in lines of at most `width` columns, the first behind `first`, the others behind as many blanks.
pub(crate) fn wrapped(text: &str, first: &str, width: usize) -> String {
    let indent = measure_text_width(first);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = clean(word);
        if measure_text_width(&word) > width.saturating_sub(indent) {
            word = truncate_str(&word, width.saturating_sub(indent), "…").into_owned();
        }
        let held = lines.last().map_or(0, |line| measure_text_width(line));
        match lines.last_mut() {
            Some(line) if held == 0 => line.push_str(&word),
            Some(line) if indent + held + 1 + measure_text_width(&word) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) | None => lines.push(word),
        }
    }
    first.to_owned() + &lines.join(&format!("\n{}", " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys() {
        assert_eq!(clean("a\u{1b}[31mb\r\n\u{202e}c\u{200b}"), "a\\u{1b}[31mb\\r\\n\\u{202e}c\\u{200b}");
        assert_eq!(clean("<b>it's</b>"), "<b>it's</b>");
        assert_eq!(clean("שלום"), "\u{2068}שלום\u{2069}");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(fitted("feedback_density", 8), "feedbac…");
        assert_eq!(fitted(&"x".repeat(100_000), 5), "xxxx…");
        assert_eq!(fitted("日本語日本語", 5), "日本…");
        let texts = |texts: [&str; 2]| texts.map(str::to_owned);
        assert_eq!(fitted_apart(&texts(["feedback", "feed"]), 5), ["feed…", "feed"]);
        assert_eq!(fitted_apart(&texts(["[0.0, 1.0]", "[0.0, 2.0]"]), 5), ["[0.0, 1…", "[0.0, 2…"]);
        assert_eq!(fitted_apart(&texts([&"x".repeat(100), &"x".repeat(99)]), 5), ["xxxx…", "xxxx…"]);
        assert!(fitted(&"ש".repeat(100), 5).ends_with('\u{2069}'));
        assert_eq!(wrapped("one two three four", "- ", 10), "- one two\n  three\n  four");
        assert_eq!(wrapped(&"x".repeat(50), "", 10), "xxxxxxxxx…");
    }
}
