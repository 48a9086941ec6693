//! Two trials over each other, and how their differences grow.

use std::io::{self, Write};

use burstnet_core::config::Value;
use burstnet_core::curves::CurvePoint;
use maud::{Markup, html};

use crate::analysis::words::significant;
use crate::difference::Difference;
use crate::page::figure::shortened;
use crate::page::frame::{Data, Document};
use crate::page::trial::Recording;
use crate::page::trial::curves::thinned;

/// The contents of the page.
pub struct DifferencePage<'a> {
    /// The trials in words.
    pub names: [&'a str; 2],
    /// Their recordings.
    pub recordings: [&'a Recording; 2],
    /// The points of their loss curves.
    pub curves: [&'a [CurvePoint]; 2],
    /// The keys in which they differ, with both values.
    pub keys: &'a [(String, Value, Value)],
    /// Their measures.
    pub measures: &'a [(String, [Option<f64>; 2])],
    /// Their difference, step by step.
    pub difference: &'a Difference,
}

const STYLES: [&str; 2] = [include_str!("../trial/style.css"), include_str!("style.css")];
const SCRIPTS: [&str; 3] =
    [include_str!("script/data.js"), include_str!("script/steps.js"), include_str!("script/training.js")];

impl DifferencePage<'_> {
    /// Writes the page: the same bytes for the same trials.
    ///
    /// # Errors
    /// Returns an error if `out` cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let [a, b] = self.recordings;
        let layers = |recording: &Recording| recording.scope.layers.len() - 1;
        let data = vec![
            Data::new("a", a)?,
            Data::new("b", b)?,
            Data::new("curves-a", &thinned(self.curves[0], layers(a)))?,
            Data::new("curves-b", &thinned(self.curves[1], layers(b)))?,
            Data::new("difference", self.difference)?,
        ];
        let title = "Two trials over each other";
        let body = self.body(title);
        Document { title, header: None, body, data, styles: &STYLES, scripts: &SCRIPTS }.write(out)
    }

    fn body(&self, title: &str) -> Markup {
        html! {
            h1 { (title) }
            dl.facts {
                @for (letter, name) in ["A", "B"].into_iter().zip(self.names) {
                    dt { (letter) } dd { span.text { (name) } }
                }
            }
            (self.finding())
            (self.differing_keys())
            (self.measures())
            h2 #growth { "How the difference grows" }
            p {
                "The mean absolute difference of each quantity over units and steps, by epoch, on a log scale. Weights are "
                "looked at between epochs. A point that is missing is 0."
            }
            div #growth-controls.controls {}
            div #growth-plot {}
            div #growth-table {}
            h2 #outputs { "Targets and outputs" }
            div #steps-controls.controls {}
            div #sides.keys {}
            div #output-plots {}
            h2 #activity { "Hidden units" }
            p { "The same unit of both trials. In lines of many steps, each point of an activity is a mean." }
            div #unit-controls.controls {}
            div #unit-plots {}
            h2 #learning { "Losses" }
            div #curve-plots.plots {}
            h2 #weights { "Weights at the end" }
            p { "A, B, and B less A, from pictures of the matrices; large ones are drawn in blocks." }
            div #weight-plots {}
        }
    }

    fn finding(&self) -> Markup {
        let first = self.difference.first();
        html! {
            @if let Some((one, parting)) = first.first() {
                p.verdict {
                    "They part "
                    @match (parting.t, parting.epoch) {
                        (None, Some(0)) => "before the first step",
                        (None, _) => { "after " (parting.epoch.unwrap_or(0)) " epochs" }
                        (Some(_), _) => { "at step " (parting.steps[0]) " (" (parting.phase) ")" }
                    }
                    ": " (one.name) " of unit " (parting.unit) " is " (number(parting.values[0])) " in A and "
                    (number(parting.values[1])) " in B."
                }
            } @else {
                p.verdict.same { "No quantity differs at any step." }
            }
            @if !self.difference.not_compared.is_empty() {
                p.note { "Not compared: " (self.difference.not_compared.join("; ")) "." }
            }
        }
    }

    fn differing_keys(&self) -> Markup {
        html! {
            @if !self.keys.is_empty() {
                div.scroll tabindex="0" role="region" aria-label="Keys that differ" {
                    table.data {
                        caption { "Keys that differ" }
                        thead { tr { th.left scope="col" { "Key" } th.left scope="col" { "A" } th.left scope="col" { "B" } } }
                        tbody {
                            @for (key, a, b) in self.keys {
                                tr {
                                    th.left scope="row" { (key) }
                                    td.left { span.text { (shortened(&a.to_string(), 200)) } }
                                    td.left { span.text { (shortened(&b.to_string(), 200)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn measures(&self) -> Markup {
        let shown = || self.measures.iter().filter(|(_, values)| values.iter().any(Option::is_some));
        html! {
            @if shown().next().is_some() {
                div.scroll tabindex="0" role="region" aria-label="Measures" {
                    table.data.measures {
                        caption { "Measures" }
                        thead { tr {
                            th.left scope="col" { "Measure" } th scope="col" { "A" } th scope="col" { "B" } th scope="col" { "B − A" }
                        } }
                        tbody {
                            @for (name, [a, b]) in shown() {
                                tr {
                                    th.left scope="row" { (name) }
                                    td { (number(*a)) } td { (number(*b)) }
                                    td { (number(a.zip(*b).map(|(a, b)| b - a))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn number(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), |x| significant(x, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_styles_can_stand_in_a_page() {
        for text in SCRIPTS.into_iter().chain(STYLES) {
            let lower = text.to_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("</style") && !lower.contains("<!--"));
            assert!(!text.contains('\r') && text.ends_with('\n'));
        }
    }
}
