//! The examples that are programs of their own: models in Rust, swept with the library's pieces.

use std::process::Command;

use crate::workplace::{Said, Workplace};

/// Runs an example in a folder and returns what it printed.
fn example(name: &str, place: &Workplace) -> String {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../burstnet-report/Cargo.toml");
    let arguments = ["run", "--quiet", "--manifest-path", manifest, "--example", name];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(place.path("")).output().expect("cargo");
    Said::new(output, &arguments, 0).out
}

#[test]
fn models_in_rust_leave_tables_and_a_page_and_go_on() {
    let place = Workplace::new();
    for (name, trials) in [("branin", 256), ("reservoir", 48)] {
        let files = || {
            ["trials.parquet", "summary.parquet", "report.html"]
                .map(|file| place.read(&format!("results/{name}/{file}")))
        };
        assert!(example(name, &place).contains(&format!("{trials} new trials")));
        let tables = files();
        assert!(example(name, &place).contains("0 new trials"));
        assert!(tables == files(), "{name}");
    }
}
