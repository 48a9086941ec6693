//! Snippets that load the data.

use maud::{Markup, html};

use crate::analysis::confirmed::FOLDER;
use crate::page::sweep::PageSource;
use crate::shell;

pub(super) fn section(source: &PageSource<'_>) -> Markup {
    let folder = results_folder(source);
    html! {
        section #loading aria-labelledby="loading-title" {
            h2 #loading-title { "How to load the data" }
            p { "The tables lie beside this page. " code { "trials.parquet" } " has a row per trial, " code { "summary.parquet" } " per configuration, " code { "curves.parquet" } " per point of a loss curve." }
            div.controls.screen { label { "Results directory " input #folder type="text" size="36" spellcheck="false" autocomplete="off" value=(folder); } }
            @for (name, label, template) in snippets(source.plan.model.is_some()) {
                h3 { (name) }
                div.copy data-label=(label) { pre { code data-template=(template) { (filled(template, &folder)) } } }
            }
        }
    }
}

/// Returns the results directory as the last command named it that filled it; else its usual place.
pub(in crate::page::sweep) fn results_folder(source: &PageSource<'_>) -> String {
    let confirms = source.plan.confirmation.is_some();
    let given = source.provenance.iter().rev().find_map(|one| match one.command_line.get(1..)? {
        [command, arguments @ ..] if confirms && command == "confirm" => confirmed(arguments),
        [command, arguments @ ..] if !confirms && command == "sweep" => swept(arguments),
        _another => None,
    });
    let folder = given.map_or_else(|| format!("results/{}", source.plan.name), str::to_owned);
    if confirms { format!("{}/{FOLDER}", folder.trim_end_matches('/')) } else { folder }
}

/// Returns the results directory that arguments of `burstnet sweep` name, if they do.
fn swept(arguments: &[String]) -> Option<&str> {
    let after = arguments.iter().position(|word| word == "--out").and_then(|at| arguments.get(at + 1));
    after.map(String::as_str).or_else(|| arguments.iter().find_map(|word| word.strip_prefix("--out=")))
}

/// Returns the results directory in arguments of `burstnet confirm`: the one that is no option and no option's value.
fn confirmed(arguments: &[String]) -> Option<&str> {
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--" => return words.next(),
            "--retry-failed" | "--allow-command" => {}
            _ if word.starts_with("--") && word.contains('=') => {}
            _ if word.starts_with("--") => _ = words.next(),
            _ => return Some(word),
        }
    }
    None
}

/// Returns name, label and text of each snippet. In these, `{text}` stands for a file as a string of Python, R and SQL,
/// `{word}` for the folder as a word of a shell.
fn snippets(external: bool) -> [(&'static str, &'static str, &'static str); 5] {
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
            if external {
                "burstnet status {word}\nburstnet rerun {word} --config 0 --replicate 0 --allow-command"
            } else {
                "burstnet status {word}\nburstnet rerun {word} --config 0 --replicate 0\nburstnet report {word} --trial 0"
            },
        ),
    ]
}

/// Returns the text of a template.
pub(in crate::page::sweep) fn filled(template: &str, folder: &str) -> String {
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

    #[test]
    fn a_folder_is_found_among_the_arguments() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for line in ["s.yaml --out r", "--out=r s.yaml"] {
            assert_eq!(swept(&words(line)), Some("r"));
        }
        assert_eq!(swept(&words("s.yaml --threads 1")), None);
        for line in [
            "r --best 2 --replicates 3",
            "--best 2 --replicates=3 r --threads 1",
            "--retry-failed r --best 1 --replicates 1",
            "--allow-command r --best 1 --replicates 1",
            "--best 2 --replicates 3 -- r",
        ] {
            assert_eq!(confirmed(&words(line)), Some("r"), "{line}");
        }
        assert_eq!(confirmed(&words("--best 2")), None);
    }
}
