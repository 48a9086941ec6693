//! The frame of every page: security policy, styles, plotly.js and the shared script.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{json, plotly};

/// Styles that every page has, in this order.
const STYLES: [&str; 4] = [
    include_str!("style/colours.css"),
    include_str!("style/text.css"),
    include_str!("style/parts.css"),
    include_str!("style/print.css"),
];
/// Scripts that every page has, in this order. They share the object `burstnet`.
const SCRIPTS: [&str; 5] = [
    include_str!("script/values.js"),
    include_str!("script/elements.js"),
    include_str!("script/tables.js"),
    include_str!("script/plots.js"),
    include_str!("script/theme.js"),
];

/// The mark in the head of every page that burstnet wrote.
pub(crate) const GENERATOR: &str = "<meta name=\"generator\" content=\"burstnet\">";

/// A complete document.
///
/// It holds, in this order: a content security policy that allows no connection and no script but its own, known by
/// their SHA-256; the shared styles and `styles`; a link to the content, the switch between light and dark, and `body`
/// in a `<main>`; `data`, each as `<script type="application/json" id=…>`; plotly.js, if there are `scripts`; the shared scripts; `scripts`.
///
/// The shared parts give:
/// - **Styles**: colours as CSS variables that follow the mode (`--ink`, `--muted`, `--paper`, `--line`, `--best`,
///   `--median`, `--chosen`, `--other`; see `style/colours.css`), and the classes `plot` (an empty `<div>` for a plot),
///   `controls`, `facts`, `note`, `warning`, `data` (a table; `sort` makes its header sort it), `scroll` (around a wide
///   table), `copy` (around a `<pre>`, adds a button that copies it), `text` (a text from data: isolated, breaks
///   anywhere).
/// - **Scripts**: the object `burstnet`. `burstnet.data(id)` reads data. `burstnet.plot(element, figure)` draws
///   `figure(theme)`, which returns `{data, layout}` for plotly, and draws it again when the mode, the width or the
///   medium (print) changes or `burstnet.redraw(element)` is called; the element needs an `aria-label` that states the
///   finding. `burstnet.plain(text)` keeps plotly from reading markup in a text from data: every text that plotly gets
///   goes through it. `burstnet.number(x)`, `burstnet.short(text, n)` and `burstnet.element(name, attributes,
///   ...children)` format and build. See the first lines of each file in `script/`.
///
/// `body` is escaped where it is made, by maud. A page's own script begins with `"use strict";`, keeps its names in a
/// block, and has no `</script`.
pub(crate) struct Document<'a> {
    /// The title, as plain text.
    pub(crate) title: &'a str,
    /// The line that stays in sight above the content; the switch between light and dark is added to it. `None` if the
    /// page has none.
    pub(crate) header: Option<Markup>,
    /// The content.
    pub(crate) body: Markup,
    /// Data for the scripts.
    pub(crate) data: Vec<Data>,
    /// Styles of this page.
    pub(crate) styles: &'a [&'a str],
    /// Scripts of this page, in the order in which they run.
    pub(crate) scripts: &'a [&'a str],
}

/// Data for the scripts of a page.
pub(crate) struct Data {
    id: &'static str,
    json: String,
}

impl Data {
    /// Holds `value`, which a script gets by `burstnet.data(id)`.
    ///
    /// # Errors
    /// Returns an error if it cannot be written as JSON.
    pub(crate) fn new(id: &'static str, value: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self { id, json: json::for_script(value)? })
    }
}

impl Document<'_> {
    /// Writes the document: the same bytes for the same content.
    ///
    /// # Errors
    /// Returns an error if `out` cannot be written.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let drawing = Some(plotly::SOURCE).filter(|_| !self.scripts.is_empty());
        let scripts: Vec<&str> = drawing.into_iter().chain(SCRIPTS).chain(self.scripts.iter().copied()).collect();
        out.write_all(self.head(&policy(&scripts)).into_string().as_bytes())?;
        out.write_all(self.body().into_string().as_bytes())?;
        for Data { id, json } in &self.data {
            writeln!(out, "<script type=\"application/json\" id=\"{id}\">{json}</script>")?;
        }
        for script in scripts {
            writeln!(out, "<script>{script}</script>")?;
        }
        out.write_all(b"</body>\n</html>\n")
    }

    fn head(&self, policy: &str) -> Markup {
        html! {
            (DOCTYPE)
            (PreEscaped("<html lang=\"en\">"))
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                (PreEscaped(GENERATOR))
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                link rel="icon" href="data:,";
                title { (self.title) }
                @for style in STYLES.iter().chain(self.styles) {
                    style { (PreEscaped(*style)) }
                }
            }
        }
    }

    fn body(&self) -> Markup {
        html! {
            (PreEscaped("<body>\n"))
            a.skip href="#content" { "To the content" }
            @match &self.header {
                Some(header) => header.top { (header) button #mode type="button" hidden { "Dark" } },
                None => button #mode type="button" hidden { "Dark" },
            }
            main #content tabindex="-1" { (self.body) }
            noscript { p.note { "The plots and the sorting of tables need JavaScript, which is switched off here." } }
            (PreEscaped("\n"))
        }
    }
}

/// Returns the content security policy of a page with these scripts. Plotly adds styles as it runs, and makes pictures
/// for saving by way of blobs.
fn policy(scripts: &[&str]) -> String {
    let hash = |script: &&str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes())));
    let hashes: Vec<String> = scripts.iter().map(hash).collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; \
         form-action 'none'",
        hashes.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(document: &Document<'_>) -> String {
        let mut bytes = Vec::new();
        document.write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn document<'a>(title: &'a str, scripts: &'a [&'a str]) -> Document<'a> {
        let body = html! { h1 { (title) } };
        Document { title, header: None, body, data: vec![Data::new("data", &[title]).unwrap()], styles: &[], scripts }
    }

    #[test]
    fn a_known_script_has_its_known_hash() {
        // echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert!(policy(&["alert(1)"]).contains("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"));
    }

    #[test]
    fn every_script_and_no_other_may_run() {
        let page = written(&document("a", &["\"use strict\";"]));
        let policy = page.split("content=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let scripts: Vec<&str> =
            page.split("<script>").skip(1).map(|rest| rest.split("</script>").next().unwrap()).collect();
        assert_eq!(scripts.len(), 1 + SCRIPTS.len() + 1);
        assert_eq!(policy.matches("sha256-").count(), scripts.len());
        for script in scripts {
            let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
            assert!(policy.contains(&format!("'sha256-{hash}'")), "{}", &script[..script.len().min(80)]);
        }
        assert!(!policy.contains("connect-src") && policy.starts_with("default-src 'none';"));
    }

    #[test]
    fn no_script_has_bytes_that_a_browser_would_read_otherwise() {
        for script in SCRIPTS.into_iter().chain([plotly::SOURCE]) {
            assert!(!script.contains(['\r', '\0']) && !script.to_lowercase().contains("</script"));
            assert!(!script.contains("<!--"));
        }
    }

    #[test]
    fn texts_are_texts() {
        let hostile = "</title><script>window.hit=1</script>\"'&";
        let page = written(&document(hostile, &[]));
        assert!(!page.contains("<script>window.hit"));
        assert!(page.contains("<h1>&lt;/title&gt;&lt;script&gt;window.hit=1&lt;/script&gt;&quot;'&amp;</h1>"));
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        assert_eq!(written(&document("a", &["1;"])), written(&document("a", &["1;"])));
    }
}
