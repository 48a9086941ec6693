//! Sweeps that programs run with the library: the examples, and the burst network.

use std::process::Command;

use burstnet_sweep::sweep::Sweep;

use crate::workplace::{SMALL_SWEEP, Said, Workplace};

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
        let out = format!("results/{name}");
        let tables = || ["trials.parquet", "summary.parquet"].map(|file| place.read(&format!("{out}/{file}")));
        assert!(example(name, &place).contains(&format!("{trials} new trials")));
        let before = tables();
        assert!(example(name, &place).contains("0 new trials"));
        assert!(before == tables(), "{name}");
        assert!(String::from_utf8_lossy(&place.read(&format!("{out}/report.html"))).contains("2 runs of burstnet"));
    }
}

#[test]
fn a_compiled_simulation_is_swept_unchanged() {
    let place = Workplace::new();
    let examples = format!("{}/../../examples/external", env!("CARGO_MANIFEST_DIR"));
    for name in ["neuron.c", "neuron.yaml"] {
        place.write(name, std::fs::read(format!("{examples}/{name}")).expect(name));
    }
    let built =
        Command::new("cc").args(["-O2", "-o", "neuron", "neuron.c", "-lm"]).current_dir(place.path("")).status();
    assert!(built.expect("cc").success());
    place.run(&["sweep", "neuron.yaml", "--out", "r", "--allow-command"], 0);
    let trials = place.run(&["report", "r", "--csv=trials"], 0).out;
    assert_eq!(trials.matches(",ok,").count(), 24, "{trials}");
    // Without spikes the program writes nan, which is no value.
    assert!(trials.contains(",ok,,0.0,,"), "{trials}");
    let curves = place.run(&["report", "r", "--csv=curves"], 0).out;
    assert_eq!(curves.lines().count(), 1 + 24 * 10);
    assert!(place.run(&["rerun", "r", "--trial", "5", "--allow-command"], 0).out.contains("all bits the same"));
    assert!(!place.path("r.work").exists());
}

#[test]
fn the_command_goes_on_with_a_sweep_of_the_library() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    Sweep::from_file(place.path("s.yaml")).expect("a sweep").out(place.path("r")).threads(2).run().expect("results");
    let runs = || -> serde_json::Value { serde_json::from_slice(&place.read("r/provenance.json")).expect("JSON") };
    let run = &runs()[0];
    assert_eq!((&run["git_commit"], &run["toolchain"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(run["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["process"], std::process::id());
    assert!(run["start"].as_str() <= run["end"].as_str() && run["end"].is_string(), "{run}");
    assert!(run["command_line"][0].as_str().is_some_and(|program| program.contains("end_to_end")), "{run}");
    place.run(&["status", "r"], 0);
    place.run(&["rerun", "r", "--trial", "3"], 0);
    place.run(&["report", "r"], 0);
    assert!(place.run(&["sweep", "s.yaml", "--out", "r"], 0).err.contains("0 new trials"));
    let tools = runs().as_array().expect("a list").iter().map(|run| run["toolchain"].is_string()).collect::<Vec<_>>();
    assert_eq!(tools, [false, true]);
}

#[test]
fn a_worker_in_python_is_swept() {
    let place = Workplace::new();
    let examples = format!("{}/../../examples/external", env!("CARGO_MANIFEST_DIR"));
    for name in ["worker.py", "worker.yaml"] {
        place.write(name, std::fs::read(format!("{examples}/{name}")).expect(name));
    }
    place.run(&["sweep", "worker.yaml", "--out", "r", "--allow-command"], 0);
    let trials = place.run(&["report", "r", "--csv=trials"], 0).out;
    assert_eq!(trials.matches(",ok,").count(), 60, "{trials}");
    assert!(place.run(&["rerun", "r", "--trial", "33", "--allow-command"], 0).out.contains("all bits the same"));
    // Too large rates diverge, and the arithmetic of Python refuses some of them.
    let run = |rate: &str, code| place.run(&["run", "worker.yaml", "--set", rate, "--allow-command"], code);
    assert!(run("rate=1e200", 0).out.contains("diverged (the loss is nan at epoch 0)"));
    let failed = run("rate=100", 1).err;
    assert!(failed.contains("the trial failed: OverflowError: "), "{failed}");
}
