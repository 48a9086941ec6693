//! The content of a trial's page: all that is text, and places for the plots.

use burstnet_core::config::Value;
use burstnet_core::digest::hex;
use burstnet_sweep::plan::Dimension;
use burstnet_sweep::results::comparison::{Compared, Comparison, Ending};
use burstnet_sweep::results::record::Status;
use maud::{Markup, html};

use super::TrialPage;
use super::recorder::Recording;
use crate::analysis::words::with_lines;
use crate::shell;

pub(super) fn body(page: &TrialPage<'_>, title: &str) -> Markup {
    html! {
        h1 { (title) }
        (verdict(page.comparison))
        (facts(page))
        (swept(page))
        (measures(page))
        @if let Some(recording) = page.recording { (plots(page, recording)) }
        (commands(page))
        (configuration(page))
    }
}

/// Returns whether the rerun gave what the results hold, before all else.
fn verdict(comparison: &Comparison) -> Markup {
    let differences = comparison.differences();
    html! {
        @if differences.is_empty() {
            @match comparison.held.status {
                Status::Failed => p.verdict.same { "Run again, it failed again." },
                Status::Pruned => {
                    p.verdict.same { "✓ Run again to where the search stopped it: all bits are the same as in the results." }
                }
                Status::Ok | Status::Diverged => {
                    p.verdict.same { "✓ Run again: all bits are the same as in the results." }
                }
            }
        } @else {
            p.verdict.differs role="alert" {
                strong { "✗ Run again, this trial differs from its record in the results" }
                " in " (differences.join(", ")) ". Everything below is of the rerun, not of the results."
            }
        }
    }
}

fn facts(page: &TrialPage<'_>) -> Markup {
    let Comparison { held, again, .. } = page.comparison;
    let trial = page.trial;
    let ending = |ending: &Ending| {
        html! {
            span.status.bad[ending.status != Status::Ok] { (ending.status.name()) }
            @if let Some(error) = &ending.error { ": " span.text { (with_lines(error)) } }
        }
    };
    let digest = |ending: &Ending| ending.digest.map_or("–".to_owned(), |digest| hex(&digest));
    html! {
        dl.facts {
            dt { "Results" } dd { span.text { (page.results) } }
            dt { "Configuration" } dd { (trial.config_id) }
            @if let Some(name) = page.plan.subspace_of(trial.config_id) { dt { "Sub-space" } dd { span.text { (name) } } }
            dt { "Replicate" } dd { (trial.replicate) }
            dt { "Seed" } dd { (trial.seed) }
            dt { "Status" } dd { (ending(held)) }
            @if held.status != again.status || (held.error != again.error) {
                dt { "Status of the rerun" } dd { (ending(again)) }
            }
            dt { "Digest" } dd { code.text { (digest(held)) } }
            @if held.digest != again.digest {
                dt { "Digest of the rerun" } dd { code.text.bad { (digest(again)) } }
            }
        }
    }
}

fn swept(page: &TrialPage<'_>) -> Markup {
    let values = page.plan.swept_values(page.trial.config_id);
    let drawn: Vec<(&str, Value)> = page.plan.drawn_of(page.trial).collect();
    html! {
        @if !drawn.is_empty() {
            p { "Drawn for this replicate: " @for (at, (key, value)) in drawn.iter().enumerate() {
                @if at > 0 { ", " } code { (key) } " " span.text { (value.to_string()) }
            } "." }
        }
        @if !values.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Swept keys" {
                table.data {
                    caption { "Swept keys" }
                    thead { tr { th.left scope="col" { "Key" } th.left scope="col" { "Value" } } }
                    tbody {
                        @for (dimension, value) in page.plan.space.iter().zip(&values) {
                            tr {
                                th.left scope="row" { (dimension.key) }
                                td.left { span.text { (value.to_string()) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn measures(page: &TrialPage<'_>) -> Markup {
    let shown: Vec<&Compared> =
        page.comparison.measures.iter().filter(|one| one.held.is_some() || one.again.is_some()).collect();
    let number = |x: Option<f64>| x.map_or("–".to_owned(), |x| format!("{x:?}"));
    let info = |name: &str| page.measures.iter().find(|info| info.name == name);
    html! {
        @if !shown.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Measures" {
                table.data.measures {
                    caption { "Measures, with every digit" }
                    thead { tr {
                        th.left scope="col" { "Measure" } th scope="col" { "In the results" } th scope="col" { "Run again" }
                        th.left scope="col" { "Bits" } th.left scope="col" { "Unit" }
                    } }
                    tbody {
                        @for one in shown {
                            tr {
                                th.left scope="row" title=[info(&one.name).map(|info| info.doc)] { (one.name) }
                                td { (number(one.held)) } td { (number(one.again)) }
                                td.left.bad[!one.same()] { @if one.same() { "the same" } @else { "differ" } }
                                td.left { (info(&one.name).map_or("", |info| info.unit)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn plots(page: &TrialPage<'_>, recording: &Recording) -> Markup {
    let scope = &recording.scope;
    html! {
        h2 #outputs { "Targets and outputs" }
        p {
            "What each output unit was to do and what it did, in an epoch and in the test pass below it, on the same axes. "
            "A taught step pulls the output to the target for that step."
        }
        (thinned_lines(recording))
        div #window.controls {}
        div #output-keys.keys {}
        div #output-plots {}
        details { summary { "Table: errors of the shown sequences" } div #output-table {} }
        @if recording.generation.iter().flatten().next().is_some() {
            h2 #generation { "Generation" }
            p {
                "A second pass over the test sequences. From the middle on (step " (scope.generate_from.unwrap_or(0))
                ") the hidden layers' burst rates replace their event rates."
            }
            div #generation-plots {}
        }
        @if scope.hidden_layers() > 0 {
            h2 #activity { "Hidden units" }
            p {
                "Event rate (events/step), burst probability, and their product, the burst rate (bursts/step), one row per "
                "unit. What a taught output changes in the bursts is what the layer learns from."
            }
            (shown_units(recording))
            div #activity-controls.controls {}
            div #activity-plots {}
            p.note { "Colours span the middle 99 % of what is shown, the same in all three passes." }
            h3 { "One unit" }
            div #unit-controls.controls {}
            div #unit-plot {}
            details { summary { "Table: activity of the shown units" } div #activity-table {} }
        }
        h2 #learning { "Learning" }
        @if page.curves.is_empty() { p.note { "No loss curves: " code { "evaluation.curve_window" } " is none, or the run ended before the first window did." } }
        div #curve-controls.controls {}
        div #curve-plots.plots {}
        @if scope.hidden_layers() > 0 {
            h3 { "Feedback alignment" }
            p {
                "The angle between the feedback weights of a hidden layer and the feedforward path from it to the output. "
                "At 90° feedback says nothing of the path; the smaller the angle, the more its errors are those of gradient descent."
            }
            @if scope.alignment_every > 1 {
                p.note { "Looked at every " (scope.alignment_every) " epochs and after the last one." }
            }
            div #alignment-plot {}
            details { summary { "Table: feedback alignment" } div #alignment-table {} }
        }
        h2 #weights { "Weights" }
        p {
            "Feedforward weights W and feedback weights Y (turned, so that it lies like the W below it) when the run began and "
            "when it ended, in one colour scale per matrix, and their change in its own. Each scale is centred at 0; at the number above a picture, which 99 % of its weights are within, colours are full."
        }
        @if recording.weights.iter().any(|one| one.block != [1, 1]) {
            p.note { "Large matrices are drawn in blocks: a cell is the mean of the weights in it that exist. The table is of all weights." }
        }
        div #weight-controls.controls {}
        div #weight-keys.keys {}
        div #weight-plots {}
        details { summary { "Table: weights" } div #weight-table {} }
    }
}

fn thinned_lines(recording: &Recording) -> Markup {
    let scope = &recording.scope;
    let outputs = scope.layers[scope.layers.len() - 1];
    html! {
        @if scope.outputs.len() < outputs {
            p.note { (scope.outputs.len()) " of " (outputs) " output units are shown, evenly spaced." }
        }
        @if scope.shown.len() < scope.sequences[0] {
            @let classes = scope.shown.iter().any(|shown| shown.class.is_some());
            p.note {
                "Of " (scope.sequences[0]) " training sequences and " (scope.sequences[1]) " test sequences these are shown: "
                @if classes { "the first training example of the first " (scope.shown.len()) " classes, and the test example of the same class." }
                @else { "the first " (scope.shown.len()) "." }
            }
        }
        @if scope.line_stretch > 1 {
            p.note {
                "A sequence has " (scope.steps) " steps. Of every " (scope.line_stretch)
                " steps the smallest and the largest value are drawn, in the order in which they came."
            }
        }
    }
}

fn shown_units(recording: &Recording) -> Markup {
    let scope = &recording.scope;
    let hidden = &scope.layers[1..scope.layers.len() - 1];
    html! {
        @if scope.units.iter().zip(hidden).any(|(units, all)| units.len() < *all) {
            p.note {
                @for (m, (units, all)) in scope.units.iter().zip(hidden).enumerate().take(8) {
                    "Hidden layer " (m) ": " (units.len()) " of " (all) " units. "
                }
                @if hidden.len() > 8 { "And so on. " }
                "Without " code { "--units" } " they are evenly spaced."
            }
        }
        @if scope.picture_stretch > 1 {
            p.note { "A column is the mean of " (scope.picture_stretch) " steps." }
        }
    }
}

fn commands(page: &TrialPage<'_>) -> Markup {
    let (results, id) = (shell::path(page.results), page.trial.id);
    let output = shell::path(&format!("{}-trial-{id}", page.plan.name));
    let copied = |label: &str, what: &str, command: String| {
        html! {
            p { (what) }
            div.copy data-label=(label) { pre { (command) } }
        }
    };
    html! {
        h2 #again { "Run it again" }
        (copied("command to compare", "Compare every bit:", format!("burstnet rerun {results} --trial {id}")))
        (copied(
            "command to record a trace",
            "Record every step, for pandas, polars or DuckDB:",
            format!("burstnet rerun {results} --trial {id} --trace {output}.parquet"),
        ))
        (copied(
            "command to save weights",
            "Save the final weights, for NumPy:",
            format!("burstnet rerun {results} --trial {id} --save-weights {output}-weights"),
        ))
        (copied(
            "command to draw this page",
            "Draw this page, with units of your choice:",
            format!("burstnet report {results} --trial {id} --units 0-31 --force"),
        ))
    }
}

fn configuration(page: &TrialPage<'_>) -> Markup {
    let configuration = page.plan.trial_configuration(page.trial);
    let is_in = |dimensions: &[Dimension], key: &str| dimensions.iter().any(|dimension| dimension.key == key);
    let varied = |key: &str| match (is_in(&page.plan.space, key), is_in(&page.plan.per_replicate, key)) {
        (true, _) => "yes",
        (false, true) => "drawn",
        (false, false) => "",
    };
    html! {
        h2 #configuration { "Configuration" }
        details {
            summary { "Every key" }
            div.scroll tabindex="0" role="region" aria-label="Configuration" {
                table.data {
                    caption { "Every key of the configuration" }
                    thead { tr { th.left scope="col" { "Key" } th.left scope="col" { "Value" } th.left scope="col" { "Swept" } } }
                    tbody {
                        @for (key, value) in configuration.iter() {
                            tr {
                                th.left scope="row" { (key) }
                                td.left { span.text { (value.to_string()) } }
                                td.left { (varied(key)) }
                            }
                        }
                    }
                }
            }
        }
        p.note {
            "Sweep " span.text { (page.plan.name) } ", plan " code.text { (page.plan.fingerprint()) } ", version of the bits "
            (page.plan.bits) ", written by burstnet " (env!("CARGO_PKG_VERSION")) "."
        }
    }
}
