//! Texts of other people in messages.

use std::borrow::Cow;

/// Returns `text`, or its first `most` characters and an ellipsis where it is longer: messages quote nothing whole that a
/// file may hold.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Returns a message, or its start and its end where it is longer than `most` characters: what is wrong stands in the one,
/// what was expected in the other, and between them a text of whatever length.
pub fn cut_within(message: &str, most: usize) -> Cow<'_, str> {
    let length = message.chars().count();
    if length <= most {
        return Cow::Borrowed(message);
    }
    let start = most / 2;
    let end: String = message.chars().skip(length - (most - start)).collect();
    Cow::Owned(format!("{}{end}", cut(message, start)))
}

/// Returns a text that begins a sentence as one that goes on.
pub fn in_sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_lowercase().chain(characters).collect())
}

/// Returns `n` with the name of what is counted.
pub fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Returns names for a message; of many the first ones.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 50;
    const LONGEST: usize = 200;
    let all: Vec<&str> = names.into_iter().collect();
    let shown: Vec<_> = all.iter().take(MOST).map(|name| cut(name, LONGEST)).collect();
    let shown = shown.join(", ");
    if all.len() > MOST { format!("{shown}, … ({} in all)", all.len()) } else { shown }
}

/// The longest part of a text that a message quotes, in characters.
pub const LONGEST_QUOTED: usize = 80;

/// Returns a text from a file so that it fits one line of a message: control characters escaped, and not too long.
pub fn quoted(text: &str) -> String {
    let escape = |c: char| if c == '"' { vec![c] } else { c.escape_debug().collect() };
    let shown: String = cut(text, LONGEST_QUOTED).chars().flat_map(escape).collect();
    format!("'{shown}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_keep_their_end() {
        assert_eq!(cut_within("äöüß", 4), "äöüß");
        assert_eq!(cut_within("x is 'äöüäöü', expected ß", 12), "x is '…cted ß");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü…");
        assert_eq!(cut("", 0), "");
    }
}
