//! The lines of a file that is not YAML, one by one.

/// Returns the lines of a text.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect()
}

/// Returns the number of blanks with which a line begins.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns whether a line is empty or has only a comment.
pub(super) fn is_empty(line: &str) -> bool {
    let content = line.trim_start();
    content.is_empty() || content.starts_with('#') || matches!(content.trim_end(), "---" | "...")
}

/// Returns the key with which a line begins, and the text behind its ':', if the line has one.
pub(super) fn key_of(line: &str) -> Option<(&str, &str)> {
    let content = line.trim_start();
    let content = content.strip_prefix("- ").map_or(content, str::trim_start);
    let end = content.find(": ").or_else(|| content.trim_end().strip_suffix(':').map(str::len))?;
    let key = &content[..end];
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ' | '<' | '"' | '\'');
    let value = content[end + 1..].trim();
    let value = if value.starts_with('#') { "" } else { value };
    (!key.trim().is_empty() && key.chars().all(is_key)).then_some((key.trim(), value))
}
