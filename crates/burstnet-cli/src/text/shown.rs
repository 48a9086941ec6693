//! Characters that are seen as what they are, and escapes for all others.

use std::borrow::Cow;

/// Returns whether a character is seen as what it is: no control character, none without width, none that turns
/// others.
pub(crate) fn is_shown(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

/// Escapes characters of `text` that cannot be seen, except for ends of lines, tabs and isolates: names and values come
/// from other people, and must neither steer a terminal nor turn what is around them.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| !is_shown(c) && !matches!(c, '\n' | '\t' | '\u{2068}' | '\u{2069}');
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| if hidden(c) { c.escape_debug().to_string() } else { c.to_string() });
    Cow::Owned(escaped.collect())
}

/// Escapes what cannot be seen in the texts of JSON, as JSON has it: the value is the same.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut units = [0; 2];
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_shown(c) || c == '\n' {
            escaped.push(c);
        } else {
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        let shown = "it's \"a\" \\ b:\n\tµ² ± 1 – שלום \u{2068}א\u{2069} 日本 █▁ ✓";
        assert!(matches!(printable(shown), Cow::Borrowed(text) if text == shown));
        assert_eq!(printable("a\u{1b}[2J\u{202e}b\u{200b}\r"), "a\\u{1b}[2J\\u{202e}b\\u{200b}\\r");
    }

    #[test]
    fn json_stays_json() {
        let hidden = "a\u{a0}b\u{202e}\u{9b}\u{7f}\u{200b}\u{e0001}\u{301}\"\\\n\t\u{1b}é日😀";
        for json in [format!("{:#}", serde_json::json!({ hidden: [hidden] })), serde_json::json!(hidden).to_string()] {
            let printed = escaped_json(&json);
            assert!(printed.chars().all(|c| is_shown(c) || c == '\n'), "{printed}");
            let (read, held): (serde_json::Value, serde_json::Value) =
                (serde_json::from_str(&printed).unwrap(), serde_json::from_str(&json).unwrap());
            assert_eq!(read, held);
        }
    }
}
