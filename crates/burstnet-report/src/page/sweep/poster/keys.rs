//! The small plot of the keys that matter.

use maud::{Markup, html};

use super::svg::{drawing, line, px, text};
use crate::analysis::words::{p_value, percent};
use crate::analysis::{Analysis, NamedShare};
use crate::page::figure::shortened;
use crate::statistics::SIGNIFICANT;

/// The keys and pairs that are drawn.
const MOST: usize = 7;
/// The pixels of names, and of the longest bar.
const NAMES: f64 = 180.0;
const BAR: f64 = 158.0;
/// The characters of a name.
const NAME: usize = 26;

/// Returns the end of the bar and of the interval of a share.
fn end(row: &NamedShare<'_>) -> f64 {
    row.interval.map_or(row.share, |ends| ends.high.max(row.share))
}

/// Returns whether the test says that it may be nothing.
fn is_open(row: &NamedShare<'_>) -> bool {
    row.p.is_some_and(|p| p > SIGNIFICANT)
}

/// Returns a share in words: `density 12 % (p = 0.031)`.
fn told(row: &NamedShare<'_>) -> String {
    let p = row.p.map_or(String::new(), |p| format!(" ({})", p_value(p)));
    format!("{} {}{p}", row.name, percent(row.share))
}

/// Returns the shares of keys and pairs as bars, and what they are; `None` where nothing is told of them.
pub(super) fn plot(analysis: &Analysis) -> Option<(&'static str, Markup)> {
    let shares = analysis.variance.as_ref().filter(|shares| shares.is_told())?;
    let mut rows = shares.named(f64::NEG_INFINITY);
    rows.truncate(MOST);
    let most = rows.iter().map(end).fold(1e-9, f64::max);
    let told_of: Vec<String> = rows.iter().map(told).collect();
    let step = (226.0 / rows.len() as f64).min(32.0);
    let length = |share: f64| (share / most * BAR).clamp(1.0, BAR);
    let content = html! {
        (line("rule", (NAMES + 8.0, 4.0), (NAMES + 8.0, 4.0 + step * rows.len() as f64)))
        @for (at, row) in rows.iter().enumerate() {
            @let y = 4.0 + step * (at as f64 + 0.5);
            @let class = if row.key.is_some() { "best" } else { "other" };
            @let open = if is_open(row) { " open" } else { "" };
            (text("name", "end", (NAMES, y + 4.0), &shortened(&row.name, NAME)))
            rect class={ "fill-" (class) (open) } x=(px(NAMES + 8.0)) y=(px(y - 8.0)) width=(px(length(row.share))) height="16" rx="2" { title { (told(row)) } }
            @if let Some(ends) = row.interval { (line("whisker error", (NAMES + 8.0 + length(ends.low), y), (NAMES + 8.0 + length(ends.high), y))) }
            (text("value", "start", (NAMES + 14.0 + length(end(row)), y + 4.0), &brief(row.share)))
        }
    };
    let of =
        if rows.iter().any(is_open) { "variance share; pale: p\u{a0}>\u{a0}0.05" } else { "share of the variance" };
    let label = format!("Shares of the variance: {}.", told_of.join(", "));
    Some((of, drawing(&label, 12.0 + step * rows.len() as f64, content)))
}

/// Returns a share beside its bar.
fn brief(share: f64) -> String {
    percent(share).replace("less than ", "< ").replace("more than ", "> ")
}
