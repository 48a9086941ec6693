//! Parts of small drawings.

use maud::{Markup, html};

/// The size of a drawing, in its own pixels.
pub(in crate::page) const WIDTH: f64 = 400.0;
pub(in crate::page) const HEIGHT: f64 = 240.0;
/// The edges of a plot in it, which leave room for ticks and the title of the axis.
pub(in crate::page) const LEFT: f64 = 46.0;
pub(in crate::page) const RIGHT: f64 = WIDTH - 8.0;
pub(in crate::page) const TOP: f64 = 10.0;
pub(in crate::page) const BOTTOM: f64 = 190.0;

/// Returns a drawing of this height whose content is told by `label`.
pub(in crate::page) fn drawing(label: &str, height: f64, content: Markup) -> Markup {
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", px(height))) role="img" aria-label=(label) { (content) }
    }
}

/// Returns a number with one decimal.
pub(in crate::page) fn px(x: f64) -> String {
    let text = format!("{x:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

pub(in crate::page) fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> Markup {
    html! { line class=(class) x1=(px(x1)) y1=(px(y1)) x2=(px(x2)) y2=(px(y2)) {} }
}

pub(in crate::page) fn polyline(class: &str, points: &[(f64, f64)]) -> Markup {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect();
    html! { polyline class=(class) points=(points.join(" ")) {} }
}

pub(in crate::page) fn dot(class: &str, (x, y): (f64, f64), title: &str) -> Markup {
    html! { circle class=(class) cx=(px(x)) cy=(px(y)) r="4" { title { (title) } } }
}

/// Returns a text that is anchored at its `start`, `middle` or `end`.
pub(in crate::page) fn text(class: &str, anchor: &str, (x, y): (f64, f64), content: &str) -> Markup {
    html! { text class=(class) text-anchor=(anchor) x=(px(x)) y=(px(y)) { (content) } }
}
