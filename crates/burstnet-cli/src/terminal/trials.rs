//! The outcome of the trials, and where their tables are.

use std::path::Path;

use burstnet_core::text::{cut, in_sentence};
use burstnet_report::analysis::{Analysis, NextStep, next_steps};
use burstnet_report::{page, shell, tables};
use burstnet_sweep::results::study::Study;

use super::{Look, Paint};
use crate::text::{clean, count, is_shown, wrapped};

/// The kinds of errors that are shown.
const KINDS: usize = 5;
/// The characters of a message that are shown.
const MESSAGE: usize = 300;

/// Returns how much of the sweep there is.
pub(super) fn heading(study: &Study, analysis: &Analysis, look: Look) -> String {
    let (plan, progress) = (&study.plan, &analysis.progress);
    let counts = progress.counts;
    let states = [
        (counts.ok, "ok"),
        (counts.diverged, "diverged"),
        (counts.failed, "failed"),
        (counts.pruned, "stopped early"),
        (progress.missing, "missing"),
    ];
    let states: Vec<String> = states.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let distinct = match progress.distinct {
        n if n < progress.configurations => format!(" ({n} distinct)"),
        _all => String::new(),
    };
    let text = format!(
        "{}: {} of {}{distinct} × {}: {}",
        clean(&study.results.to_string_lossy()),
        count(progress.planned, "trial", "trials"),
        count(progress.configurations, "configuration", "configurations"),
        plan.replicates_in_words("replicate", "replicates"),
        states.join(", ")
    );
    let title = look.paint(Paint::Title, &text);
    match searched(analysis) {
        Some(how) => format!("{title}\n{}", look.note(&how)),
        None => title,
    }
}

/// Returns what was found: the same sentences as on the page.
pub(super) fn finding(analysis: &Analysis, look: Look) -> String {
    let finding = &analysis.finding;
    let headline = look.paint(Paint::Title, &wrapped(&clean(&finding.headline), "", look.width));
    if finding.sentences.is_empty() {
        return headline;
    }
    format!("{headline}\n{}", wrapped(&clean(&finding.sentences.join(" ")), "", look.width))
}

/// Returns how configurations came about; `None` for a grid or random draws that all run to the end.
fn searched(analysis: &Analysis) -> Option<String> {
    let search = &analysis.search;
    let rounds = search.round.filter(|_| search.learns);
    let stopping = search.stopping.as_ref();
    if rounds.is_none()
        && search.lag.is_none()
        && stopping.is_none()
        && search.constraints.is_empty()
        && search.adaptive.is_none()
    {
        return None;
    }
    let mut text = format!("Configurations by {}", search.what);
    if let Some(round) = rounds {
        text += &format!(" in rounds of {round}");
    }
    if let Some(lag) = search.lag {
        text += &format!(" with a lag of {lag}");
    }
    if let Some(excluded) = search.excluded {
        let constraints = count(search.constraints.len() as u64, "constraint", "constraints");
        text += &format!("; {constraints} excluded {excluded} others");
    }
    if let Some(stopping) = stopping {
        let stopped = count(stopping.configurations, "configuration", "configurations");
        text += &format!("; {} stopped {stopped} early", stopping.rule);
    }
    if let Some(levels) = search.adaptive_in_words() {
        text += &format!("; replicates went to the best: {levels}");
    }
    Some(text + ".")
}

/// Returns why trials are not ok, with a command for each reason that runs the first such trial again.
pub(super) fn errors(study: &Study, analysis: &Analysis, look: Look) -> Option<String> {
    if analysis.errors.is_empty() {
        return None;
    }
    let mut groups: Vec<_> = analysis.errors.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count)); // stable: of equally many the first met
    let mut lines = vec![look.paint(Paint::Title, "Trials that are not ok")];
    for group in groups.iter().take(KINDS) {
        let mut named: Vec<String> = group.trial_ids.iter().map(u64::to_string).collect();
        if group.count > group.trial_ids.len() as u64 {
            named.push("…".into());
        }
        let (n, which) = (group.count, if group.count == 1 { "trial" } else { "trials" });
        let message = cut(&group.message, MESSAGE);
        let text = format!("{}: {message} ({which} {})", group.status, named.join(", "));
        let text = wrapped(&text, &format!("{n:>5} "), look.width);
        lines.push(if group.status == "failed" { look.paint(Paint::Failure, &text) } else { text });
        if let Some(first) = group.trial_ids.first() {
            let allowed = if study.plan.model.is_some() { " --allow-command" } else { "" };
            lines.push(format!("      burstnet rerun {} --trial {first}{allowed}", word(&study.results)));
        }
    }
    let shown: u64 = groups.iter().take(KINDS).map(|group| group.count).sum();
    let all: u64 = groups.iter().map(|group| group.count).sum::<u64>() + analysis.other_errors;
    if all > shown {
        lines.push(format!("{:>5} with other messages, in column error of trials.parquet", all - shown));
    }
    Some(lines.join("\n"))
}

/// Returns the commands that are worth running next.
pub(super) fn steps(study: &Study, analysis: &Analysis) -> Vec<NextStep> {
    next_steps(analysis, &study.plan, &word(&study.results))
}

/// Returns what can be done with the results.
pub(super) fn next(steps: &[NextStep], folder: &Path, look: Look, has_tables: bool) -> String {
    let mut lines = vec![look_at(folder, look)];
    for step in steps {
        lines.push(look.paint(Paint::Dim, &wrapped(&format!("{}:", in_sentence(&step.why)), "", look.width)));
        lines.push(format!("  {}", step.command));
    }
    if has_tables {
        lines.push(look.paint(Paint::Dim, "load the tables:"));
        lines.push("  import pandas as pd".into());
        lines.push(format!("  trials = pd.read_parquet({})", in_python(&folder.join(tables::FILES[0]))));
    }
    lines.join("\n")
}

/// Returns where the page is.
pub(super) fn look_at(folder: &Path, look: Look) -> String {
    look_at_page(&folder.join(page::sweep::FILE), look)
}

/// Returns where a page is.
pub(super) fn look_at_page(page: &Path, look: Look) -> String {
    format!("{}\n  {}", look.paint(Paint::Dim, "look at it in a browser:"), word(page))
}

/// Returns a path as a word of a shell. What cannot be seen is escaped, which no shell takes back.
fn word(path: &Path) -> String {
    escaped(&shell::path(&path.to_string_lossy()), |c| c.escape_debug().to_string())
}

/// Returns a path as a text of Python.
fn in_python(path: &Path) -> String {
    let text = serde_json::Value::String(path.to_string_lossy().into_owned()).to_string();
    escaped(&text, |c| match u32::from(c) {
        c @ ..=0xffff => format!("\\u{c:04x}"),
        c => format!("\\U{c:08x}"),
    })
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> String {
    text.chars().map(|c| if is_shown(c) { c.to_string() } else { escape(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_commands() {
        let words = ["r", "r x;y", "-x", "it's", "שלום", "a\u{202e}\u{1b}b"].map(|path| word(path.as_ref()));
        assert_eq!(words, ["r", "'r x;y'", "./-x", "'it'\\''s'", "'שלום'", "'a\\u{202e}\\u{1b}b'"]);
        let texts = ["r x", "a\"\\b", "שלום", "a\u{202e}\u{1b}\u{e0001}b"].map(|path| in_python(path.as_ref()));
        assert_eq!(texts, ["\"r x\"", r#""a\"\\b""#, "\"שלום\"", r#""a\u202e\u001b\U000e0001b""#]);
    }
}
