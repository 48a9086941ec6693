//! The variation of replicates.

use maud::{Markup, html};

use crate::page::figure::integer;
use crate::page::sweep::PageSource;
use crate::page::sweep::data::{MOST_REPLICATES, PageData};

pub(super) fn section(source: &PageSource<'_>, data: &PageData) -> Markup {
    html! {
        section #replicates aria-labelledby="replicates-title" {
            h2 #replicates-title { "How do replicates vary?" }
            @if data.ranked == 0 {
                p { "No trial has a value yet." }
            } @else if source.plan.replicates < 2 {
                p { "Every configuration ran on one replicate, so how replicates vary is not known." }
            } @else {
                div #replicates-controls.controls {}
                p.roles {}
                figure {
                    div.plot #replicates-plot {}
                    figcaption {
                        "Each line joins one replicate: the same seed, signals and initial weights in all configurations, so that differences along a line are due to the configuration. The bars are means."
                        @if source.plan.replicates > MOST_REPLICATES as u64 { " Of " (integer(source.plan.replicates)) " replicates the first " (MOST_REPLICATES) " are shown." }
                    }
                }
                @if data.ranked > 1 {
                    figure {
                        div.plot #differences-plot {}
                        figcaption { "Difference of each replicate from the same replicate of the best configuration, with the mean and its 95 % interval where it was computed (the table of differences above has p values)." }
                    }
                }
                details { summary { "Table of the replicates" } div #replicates-table {} }
            }
        }
    }
}
