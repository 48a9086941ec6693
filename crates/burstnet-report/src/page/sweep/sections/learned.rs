//! Learning curves.

use maud::{Markup, html};

use crate::page::figure::{count, integer};
use crate::page::sweep::curves::MOST_POINTS;
use crate::page::sweep::data::PageData;

pub(super) fn section(data: &PageData) -> Markup {
    html! {
        section #learned aria-labelledby="learned-title" {
            h2 #learned-title { "How did it learn?" }
            @if data.curves.is_empty() {
                p { "There are no loss curves: no trial that is ok has any, or " code { "evaluation.curve_window" } " is " code { "none" } "." }
            } @else {
                div #curves-controls.controls {}
                figure {
                    div.plots.wide #curves-plots {}
                    figcaption {
                        "Training loss by layer: the mean over replicates, and the band from the smallest to the largest of them. The best configuration, the median one by rank and the chosen one are in colour; with six configurations or fewer all are. The choice above draws all, coloured by a key or the measure"
                        @if !data.stopped.is_empty() { ", or those that were stopped early, " (count(data.stopped.len() as u64, "of which is on this page", "of which are on this page")) }
                        ". "
                        "A curve has at most " (MOST_POINTS) " points, half of them evenly spaced over the steps and half over their logarithm, and is made of at most the first "
                        (integer(PageData::curve_replicates())) " replicates. This page holds the curves of " (count(data.curves.len() as u64, "configuration", "configurations"))
                        "; " code { "curves.parquet" } " has all."
                    }
                }
                details { summary { "Table of the curves" } div #curves-table {} }
            }
        }
    }
}
