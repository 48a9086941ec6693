//! The small plot of the keys that matter.

use maud::{Markup, html};

use super::svg::{drawing, line, px, text};
use crate::analysis::words::percent;
use crate::analysis::{Analysis, labels};
use crate::page::figure::shortened;
use crate::statistics::Interval;

/// The keys and pairs that are drawn.
const MOST: usize = 7;
/// The pixels of names, and of the longest bar.
const NAMES: f64 = 180.0;
const BAR: f64 = 158.0;
/// The characters of a name.
const NAME: usize = 26;

/// Returns the shares of keys and pairs as bars; `None` where nothing is told of them.
pub(super) fn plot(analysis: &Analysis) -> Option<Markup> {
    let shares = analysis.variance.as_ref().filter(|shares| shares.is_told())?;
    let names = labels(&analysis.keys);
    let name = |key: &str| {
        let at = analysis.keys.iter().position(|own| own == key);
        at.and_then(|at| names.get(at)).map_or_else(|| key.to_owned(), Clone::clone)
    };
    let keys = shares.keys.iter().map(|one| (name(&one.key), one.share, one.interval, "best"));
    let pairs = shares.pairs.iter();
    let pairs =
        pairs.map(|one| (format!("{} × {}", name(&one.key), name(&one.key_2)), one.share, one.interval, "other"));
    let mut rows: Vec<(String, f64, Option<Interval>, &str)> = keys.chain(pairs).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable: keys stay before pairs
    rows.truncate(MOST);
    let end =
        |(_, share, ends, _): &(String, f64, Option<Interval>, &str)| ends.map_or(*share, |ends| ends.high.max(*share));
    let most = rows.iter().map(end).fold(1e-9, f64::max);
    let told: Vec<String> = rows.iter().map(|(name, share, ..)| format!("{name} {}", percent(*share))).collect();
    let step = (226.0 / rows.len() as f64).min(32.0);
    let length = |share: f64| (share / most * BAR).clamp(1.0, BAR);
    let content = html! {
        (line("rule", (NAMES + 8.0, 4.0), (NAMES + 8.0, 4.0 + step * rows.len() as f64)))
        @for (at, row) in rows.iter().enumerate() {
            @let (name, share, ends, class) = row;
            @let y = 4.0 + step * (at as f64 + 0.5);
            (text("name", "end", (NAMES, y + 4.0), &shortened(name, NAME)))
            rect class={ "fill-" (class) } x=(px(NAMES + 8.0)) y=(px(y - 8.0)) width=(px(length(*share))) height="16" rx="2" { title { (name) ": " (percent(*share)) } }
            @if let Some(ends) = ends { (line("whisker error", (NAMES + 8.0 + length(ends.low), y), (NAMES + 8.0 + length(ends.high), y))) }
            (text("value", "start", (NAMES + 14.0 + length(end(row)), y + 4.0), &brief(*share)))
        }
    };
    Some(drawing(&format!("Shares of the variance: {}.", told.join(", ")), 12.0 + step * rows.len() as f64, content))
}

/// Returns a share beside its bar.
fn brief(share: f64) -> String {
    percent(share).replace("less than ", "< ").replace("more than ", "> ")
}
