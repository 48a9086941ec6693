//! Data inside a page.

use serde::Serialize;

/// Writes `value` as JSON that can stand in a script element: nothing in it ends the element or begins a comment, and a
/// script that held it would read the same.
///
/// # Errors
/// Returns an error if it cannot be written as JSON.
pub(crate) fn for_script(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    // Outside of strings JSON has none of these characters.
    Ok(json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script_and_nothing_is_lost() {
        let hostile = "</script><script>alert(1)</script><!-- \u{2028}\u{2029} \"'&";
        let json = for_script(&[hostile]).unwrap();
        assert!(!json.contains('<') && !json.contains('\u{2028}') && !json.contains('\u{2029}'), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [hostile]);
    }
}
