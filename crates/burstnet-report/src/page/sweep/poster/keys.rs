//! The small plot of the keys that matter.

use maud::{Markup, html};

use super::svg::{drawing, line, px, text};
use crate::analysis::words::{p_value, percent};
use crate::analysis::{Analysis, KeyPairShare, KeyShare, labels};
use crate::page::figure::shortened;
use crate::statistics::{Interval, SIGNIFICANT};

/// The keys and pairs that are drawn.
const MOST: usize = 7;
/// The pixels of names, and of the longest bar.
const NAMES: f64 = 180.0;
const BAR: f64 = 158.0;
/// The characters of a name.
const NAME: usize = 26;

/// A key or a pair.
struct Row {
    name: String,
    share: f64,
    interval: Option<Interval>,
    p: Option<f64>,
    class: &'static str,
}

impl Row {
    /// Returns the end of its bar and of its interval.
    fn end(&self) -> f64 {
        self.interval.map_or(self.share, |ends| ends.high.max(self.share))
    }

    /// Returns whether its test says that it may be nothing.
    fn is_open(&self) -> bool {
        self.p.is_some_and(|p| p > SIGNIFICANT)
    }

    /// Returns it in words: `density 12 % (p = 0.031)`.
    fn told(&self) -> String {
        let p = self.p.map_or(String::new(), |p| format!(" ({})", p_value(p)));
        format!("{} {}{p}", self.name, percent(self.share))
    }
}

/// Returns the shares of keys and pairs as bars, and what they are; `None` where nothing is told of them.
pub(super) fn plot(analysis: &Analysis) -> Option<(&'static str, Markup)> {
    let shares = analysis.variance.as_ref().filter(|shares| shares.is_told())?;
    let names = labels(&analysis.keys);
    let name = |key: &str| {
        let at = analysis.keys.iter().position(|own| own == key);
        at.and_then(|at| names.get(at)).map_or_else(|| key.to_owned(), Clone::clone)
    };
    let key = |one: &KeyShare| Row {
        name: name(&one.key),
        share: one.share,
        interval: one.interval,
        p: one.p,
        class: "best",
    };
    let pair = |one: &KeyPairShare| Row {
        name: format!("{} × {}", name(&one.key), name(&one.key_2)),
        share: one.share,
        interval: one.interval,
        p: one.p,
        class: "other",
    };
    let mut rows: Vec<Row> = shares.keys.iter().map(key).chain(shares.pairs.iter().map(pair)).collect();
    rows.sort_by(|a, b| b.share.total_cmp(&a.share)); // stable: keys stay before pairs
    rows.truncate(MOST);
    let most = rows.iter().map(Row::end).fold(1e-9, f64::max);
    let told: Vec<String> = rows.iter().map(Row::told).collect();
    let step = (226.0 / rows.len() as f64).min(32.0);
    let length = |share: f64| (share / most * BAR).clamp(1.0, BAR);
    let content = html! {
        (line("rule", (NAMES + 8.0, 4.0), (NAMES + 8.0, 4.0 + step * rows.len() as f64)))
        @for (at, row) in rows.iter().enumerate() {
            @let y = 4.0 + step * (at as f64 + 0.5);
            @let class = if row.is_open() { " open" } else { "" };
            (text("name", "end", (NAMES, y + 4.0), &shortened(&row.name, NAME)))
            rect class={ "fill-" (row.class) (class) } x=(px(NAMES + 8.0)) y=(px(y - 8.0)) width=(px(length(row.share))) height="16" rx="2" { title { (row.told()) } }
            @if let Some(ends) = row.interval { (line("whisker error", (NAMES + 8.0 + length(ends.low), y), (NAMES + 8.0 + length(ends.high), y))) }
            (text("value", "start", (NAMES + 14.0 + length(row.end()), y + 4.0), &brief(row.share)))
        }
    };
    let of = if rows.iter().any(Row::is_open) {
        "variance share; pale: p\u{a0}>\u{a0}0.05"
    } else {
        "share of the variance"
    };
    let label = format!("Shares of the variance: {}.", told.join(", "));
    Some((of, drawing(&label, 12.0 + step * rows.len() as f64, content)))
}

/// Returns a share beside its bar.
fn brief(share: f64) -> String {
    percent(share).replace("less than ", "< ").replace("more than ", "> ")
}
