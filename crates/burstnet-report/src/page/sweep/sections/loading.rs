//! How to load the data.

use maud::{Markup, html};

use super::super::shell;
use crate::page::sweep::Source;

pub(super) fn section(source: &Source<'_>) -> Markup {
    let folder = results_folder(source);
    html! {
        section #loading aria-labelledby="loading-title" {
            h2 #loading-title { "How to load the data" }
            p { "The tables lie beside this page. " code { "trials.parquet" } " has a row per trial, " code { "summary.parquet" } " per configuration, " code { "curves.parquet" } " per point of a loss curve." }
            div.controls.screen { label { "Results directory " input #folder type="text" size="36" spellcheck="false" autocomplete="off" value=(folder); } }
            @for (name, label, template) in snippets() {
                h3 { (name) }
                div.copy data-label=(label) { pre { code data-template=(template) { (filled(template, &folder)) } } }
            }
        }
    }
}

/// The results directory as the last sweep named it; else its usual place.
pub(super) fn results_folder(source: &Source<'_>) -> String {
    let given = source.provenance.iter().rev().find_map(|one| {
        let words = &one.command_line;
        let sweep = words.get(1).is_some_and(|command| command == "sweep");
        let after = words.iter().position(|word| word == "--out").and_then(|at| words.get(at + 1));
        let joined = words.iter().find_map(|word| word.strip_prefix("--out="));
        after.map(String::as_str).or(joined).filter(|_| sweep).map(str::to_owned)
    });
    given.unwrap_or_else(|| format!("results/{}", source.plan.name))
}

/// Name, label and text. In these, `{text}` stands for a file as a string of Python, R and SQL, `{word}` for the folder
/// as a word of a shell.
fn snippets() -> [(&'static str, &'static str, &'static str); 5] {
    [
        (
            "pandas",
            "the pandas snippet",
            "import pandas as pd\n\ntrials = pd.read_parquet({trials})\ncurves = pd.read_parquet({curves}).merge(trials, on=\"trial_id\")",
        ),
        (
            "polars",
            "the polars snippet",
            "import polars as pl\n\ntrials = pl.read_parquet({trials})\ncurves = pl.scan_parquet({curves}).join(trials.lazy(), on=\"trial_id\")",
        ),
        (
            "DuckDB",
            "the DuckDB snippet",
            "SELECT config_id, status, count(*) AS trials FROM read_parquet({trials_sql}) GROUP BY ALL ORDER BY ALL;",
        ),
        (
            "R",
            "the R snippet",
            "library(arrow)\n\ntrials <- read_parquet({trials})\ncurves <- merge(read_parquet({curves}), trials, by = \"trial_id\")",
        ),
        (
            "Shell",
            "the shell commands",
            "burstnet status {word}\nburstnet rerun {word} --config 0 --replicate 0\nburstnet report {word} --trial 0",
        ),
    ]
}

fn filled(template: &str, folder: &str) -> String {
    let file = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
    let text = |name: &str| serde_json::Value::String(file(name)).to_string();
    let sql = |name: &str| format!("'{}'", file(name).replace('\'', "''"));
    template
        .replace("{trials_sql}", &sql("trials.parquet"))
        .replace("{trials}", &text("trials.parquet"))
        .replace("{curves}", &text("curves.parquet"))
        .replace("{word}", &shell::path(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_quoted_for_each_language() {
        let hostile = "it's \"a\" $(dir)";
        assert_eq!(filled("{trials}", hostile), r#""it's \"a\" $(dir)/trials.parquet""#);
        assert_eq!(filled("{trials_sql}", hostile), r#"'it''s "a" $(dir)/trials.parquet'"#);
        assert_eq!(filled("{word}", hostile), r#"'it'\''s "a" $(dir)'"#);
    }
}
