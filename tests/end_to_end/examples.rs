//! The examples that are programs of their own: models in Rust, swept with the library's pieces.

use std::process::Command;

use crate::workplace::{Said, Workplace};

/// Runs an example and returns what it printed.
fn example(name: &str, out: &str) -> String {
    let arguments = ["run", "--quiet", "--package", "burstnet-report", "--example", name, "--", out];
    let output = Command::new(env!("CARGO")).args(arguments).output().expect("cargo");
    Said::new(output, &arguments, 0).out
}

#[test]
fn models_in_rust_leave_tables_and_a_page_and_go_on() {
    let place = Workplace::new();
    for (name, trials) in [("branin", 800), ("reservoir", 48)] {
        let results = place.path(name);
        let out = results.to_str().expect("UTF-8");
        assert!(example(name, out).contains(&format!("{trials} new trials")));
        let tables =
            ["trials.parquet", "summary.parquet", "report.html"].map(|file| place.read(&format!("{name}/{file}")));
        assert!(example(name, out).contains("0 new trials"));
        let again =
            ["trials.parquet", "summary.parquet", "report.html"].map(|file| place.read(&format!("{name}/{file}")));
        assert!(tables == again, "{name}");
    }
}
