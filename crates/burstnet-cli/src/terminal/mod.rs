//! The report of a sweep on a terminal: how much of it ran, which configurations are best and by how much, and
//! which keys matter.

mod across;
pub(crate) mod bar;
mod columns;
mod confirmed;
pub(crate) mod damage;
mod figures;
mod front;
mod keys;
mod planned;
mod plots;
pub(crate) mod progress;
mod ranked;
pub(crate) mod say;
mod subspaces;
mod trials;
pub(crate) mod waiting;

use std::collections::BTreeMap;
use std::path::Path;

use burstnet_report::analysis::across::SweepsComparison;
use burstnet_report::analysis::learning_curves::{self, Curve};
use burstnet_report::analysis::planned::PlannedComparison;
use burstnet_report::analysis::{Analysis, Confirmed};
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::study::Study;
use console::{Style, Term};

use crate::failure::Failure;
use crate::process::host;
use crate::text::wrapped;
use say::{complain, say, say_in_colour};

pub(crate) use columns::{TextColumn, beside, fitting, table, width};
pub(crate) use plots::SharedRange;
pub(crate) use ranked::{short_name, shown_value};

/// The configurations that are shown.
pub(crate) const SHOWN: u64 = 10;
/// The points of a learning curve.
const POINTS: usize = 24;
/// The width where nobody knows that of the terminal.
const WIDTH: usize = 80;

/// The look of an output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Its width in columns.
    pub(crate) width: usize,
    /// True if it may have colours.
    pub(crate) colour: bool,
}

/// The role of a text, which gives its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Title,
    Dim,
    Best,
    Plot,
    Warning,
    Failure,
}

impl Look {
    /// Returns the look of standard output: as wide as the terminal, without colours where it is no terminal or
    /// `NO_COLOR` is set. What a host gets is plain.
    pub(crate) fn of_output() -> Self {
        if host::is_there() {
            return Self { width: WIDTH, colour: false };
        }
        let terminal = Term::stdout();
        let width =
            if terminal.is_term() { terminal.size_checked().map(|(_, width)| usize::from(width)) } else { None };
        Self { width: width.unwrap_or(WIDTH).clamp(40, 250), colour: console::colors_enabled() }
    }

    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        let style = Style::new();
        let style = match paint {
            Paint::Plain => return text.to_owned(),
            Paint::Title => style.bold(),
            Paint::Dim => style.dim(),
            Paint::Best => style.bold().green(),
            Paint::Plot => style.cyan(),
            Paint::Warning => style.yellow(),
            Paint::Failure => style.red(),
        };
        style.force_styling(self.colour).apply_to(text).to_string()
    }

    /// Returns a sentence of explanation.
    pub(crate) fn note(self, text: &str) -> String {
        self.paint(Paint::Dim, &wrapped(text, "", self.width))
    }
}

/// Prints what a sweep left; the page is in `folder`, and so are the tables, if there are `tables`.
pub(crate) fn print(
    study: &Study,
    folder: &Path,
    analysis: &Analysis,
    ledger: &mut Ledger,
    tables: bool,
) -> Result<(), Failure> {
    let config_ids: Vec<u64> = ranked::rows(analysis).map(|one| one.config_id).collect();
    // A plot less is no reason to show nothing.
    let curves = learning_curves::of_output_layer(ledger, &config_ids, POINTS).unwrap_or_else(|error| {
        complain(&format!("no learning curves: {error}"));
        BTreeMap::new()
    });
    let look = Look::of_output();
    show(&report(study, folder, analysis, &curves, look, tables), look)
}

/// Prints the confirmation of a sweep, whose page is written.
pub(crate) fn print_confirmed(study: &Study, analysis: &Analysis) -> Result<(), Failure> {
    let look = Look::of_output();
    let mut parts: Vec<String> = confirmed::confirmed(analysis, look).into_iter().collect();
    parts.extend(warnings(&analysis.confirmed.as_ref().map(Confirmed::warnings).unwrap_or_default(), look));
    parts.push(trials::look_at(&study.results, look));
    show(&parts.join("\n\n"), look)
}

/// Prints a planned comparison.
pub(crate) fn print_planned(study: &Study, compared: &PlannedComparison) -> Result<(), Failure> {
    let look = Look::of_output();
    show(&planned::planned(study, compared, look), look)
}

/// Prints sweeps beside each other, whose page is written.
pub(crate) fn print_across(compared: &SweepsComparison, page: &Path) -> Result<(), Failure> {
    let look = Look::of_output();
    show(&across::across(compared, page, look), look)
}

fn show(text: &str, look: Look) -> Result<(), Failure> {
    if look.colour { say_in_colour(text) } else { say(text) }
}

/// Returns the warnings; `None` if there are none.
fn warnings(texts: &[String], look: Look) -> Option<String> {
    let warning = |text: &String| look.paint(Paint::Warning, &wrapped(text, "! ", look.width));
    (!texts.is_empty()).then(|| texts.iter().map(warning).collect::<Vec<_>>().join("\n"))
}

/// Returns the whole report.
pub(crate) fn report(
    study: &Study,
    folder: &Path,
    analysis: &Analysis,
    curves: &BTreeMap<u64, Curve>,
    look: Look,
    tables: bool,
) -> String {
    let mut parts = vec![trials::heading(study, analysis, look), trials::finding(analysis, look)];
    parts.extend(ranked::best(study, analysis, curves, look));
    parts.extend(subspaces::subspaces(analysis, look));
    parts.extend(front::front(&study.plan, analysis, look));
    parts.extend(confirmed::confirmed(analysis, look));
    parts.extend(keys::which_matter(analysis, look));
    parts.extend(trials::errors(study, analysis, look));
    parts.extend(warnings(&analysis.warnings, look));
    let steps = trials::steps(study, analysis);
    parts.push(trials::next(&steps, folder, look, tables));
    parts.join("\n\n")
}
