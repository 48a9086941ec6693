//! The page of several sweeps beside each other, `comparison.html`. All of it is drawn when it is written.

mod effects;
mod first;
mod scatter;
mod tables;

use std::io::{self, Read as _, Write};
use std::path::Path;

use burstnet_core::config::Value;
use maud::{Markup, html};

use crate::analysis::across::SweepsComparison;
use crate::page::figure::{setting, shortened};
use crate::page::frame::{Document, GENERATOR};

/// The file, in the folder in which the command runs.
pub const FILE: &str = "comparison.html";
/// The bytes of a file in which it says what wrote it.
const LOOKED_AT: u64 = 4096;

const STYLES: [&str; 3] =
    [include_str!("../sweep/style.css"), include_str!("../sweep/poster/style.css"), include_str!("style.css")];

/// Writes the page.
///
/// # Errors
/// Returns an error if it cannot be written.
pub fn write(comparison: &SweepsComparison, command: &str, out: &mut impl Write) -> io::Result<()> {
    let labels: Vec<&str> = comparison.sweeps.iter().map(|sweep| &*sweep.label).collect();
    let document = Document {
        title: &shortened(&format!("{}: sweeps compared", labels.join(", ")), 120),
        header: Some(first::header(comparison)),
        body: html! {
            (first::section(comparison))
            (tables::differing(comparison))
            (effects::section(comparison))
            (tables::configurations(comparison))
            (tables::source(comparison, command))
        },
        data: Vec::new(),
        styles: &STYLES,
        scripts: &[],
    };
    document.write(out)
}

/// Returns whether a file is a page of burstnet.
///
/// # Errors
/// Returns an error if it cannot be read.
pub fn is_page(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(LOOKED_AT).read_to_end(&mut start)?;
    Ok(String::from_utf8_lossy(&start).contains(GENERATOR))
}

/// Returns a value of a key.
fn value_of(value: &Value) -> Markup {
    match value.as_f64() {
        Some(x) => html! { (setting(x)) },
        None => text(&value.to_string(), 60),
    }
}

/// Returns a text from data.
fn text(content: &str, most: usize) -> Markup {
    html! { span.text { (shortened(content, most)) } }
}

/// Returns the mark of a sweep in plots, and its name.
fn named(comparison: &SweepsComparison, sweep: usize) -> Markup {
    html! { span.sweep { span class=(format!("swatch s{sweep}")) aria-hidden="true" {} (text(&comparison.sweeps[sweep].label, 40)) } }
}
