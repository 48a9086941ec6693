//! plotly.js, as the crate `plotly` embeds it.

use std::sync::OnceLock;

use plotly::Plot;

/// Returns the text of plotly.js. The crate gives two script elements, plotly.js and MathJax; only the first one is
/// used.
pub(super) fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| first_script(&Plot::offline_js_sources()).to_owned())
}

/// Returns the content of the first script element of some HTML.
fn first_script(html: &str) -> &str {
    let inside = html.split_once("<script").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(_, inside)| inside);
    inside.split_once("</script>").map_or("", |(script, _)| script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_script_is_plotly_and_whole() {
        let source = source();
        assert!(source.trim_start().starts_with("/**\n* plotly.js v3.0.1\n"), "{:?}", &source[..60]);
        assert!(source.trim_end().ends_with("return Plotly;\n}));"), "{:?}", &source[source.len() - 200..]);
        assert!((4_000_000..5_000_000).contains(&source.len()), "{} bytes", source.len());
        assert!(!source.contains("mjx-container"));
    }
}
