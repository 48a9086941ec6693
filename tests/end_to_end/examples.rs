//! The examples that are programs of their own: models in Rust, swept with the library's pieces.

use std::process::Command;

use crate::workplace::{Said, Workplace};

/// Builds the examples, with the features that all tests are built with.
fn build() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let arguments = ["build", "--quiet", "--workspace", "--examples", "--manifest-path", manifest];
    assert!(Command::new(env!("CARGO")).args(arguments).status().expect("cargo").success());
}

/// Runs an example in a folder and returns what it printed.
fn example(name: &str, place: &Workplace) -> String {
    let program = assert_cmd::cargo::cargo_bin!("burstnet").with_file_name("examples").join(name);
    let output = Command::new(program).current_dir(place.path("")).output().expect("an example");
    Said::new(output, &[name], 0).out
}

#[test]
fn models_in_rust_leave_tables_and_a_page_and_go_on() {
    build();
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
