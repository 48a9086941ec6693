//! Single runs.

use std::process::Stdio;

use crate::workplace::{SMALL_SWEEP, Workplace};

const RUN: &str = "network: {layers: [12, 8, 3]}\nsignals: {length: 100}\ntraining: {epochs: 3}\n";

#[test]
fn json_has_the_documented_keys_and_a_seed_changes_the_bits() {
    let place = Workplace::new();
    place.write("r.yaml", format!("seed: 5\n{RUN}"));
    let said = place.run(&["run", "r.yaml", "--json"], 0).json();
    let keys: Vec<&String> = said.as_object().unwrap().keys().collect();
    let expected = [
        "seed",
        "status",
        "digest",
        "train_loss",
        "epochs_to_threshold",
        "test_mae",
        "test_mse",
        "generation_mae",
        "alignment_deg_0",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&said["seed"], &said["status"]), (&5.into(), &"ok".into()));
    let same = place.run(&["run", "r.yaml", "--json", "--seed", "5"], 0).json();
    assert_eq!(said, same);
    let other = place.run(&["run", "r.yaml", "--json", "--seed", "6"], 0).json();
    assert_ne!(said["digest"], other["digest"]);
}

#[test]
fn pinned_digests() {
    // The bits of both engines. If this fails, results of earlier versions can no longer be reproduced: raise
    // BITS_VERSION and say so in the changelog.
    let place = Workplace::new();
    place.write("r.yaml", RUN);
    let large = "network: {layers: [200, 70, 3]}\nsignals: {length: 500}\ntraining: {epochs: 3}\n";
    place.write("large.yaml", large);
    let xor = ["signals.kind=xor_classes", "signals.classes=2", "signals.examples_per_class=2"];
    let original = ["network.dynamics=original_2017", "plasticity.hidden_rule=gated_burst_rate"];
    let all = ["learning_rate.feedback=0.1", "plasticity.weight_decay=0.01", "evaluation.generation=true"];
    let digests = |engine: &str| -> Vec<String> {
        let cases = ["r.yaml", "large.yaml"]
            .into_iter()
            .flat_map(|file| [&[][..], &original, &xor, &all].map(|sets| (file, sets.to_vec())));
        cases
            .map(|(file, sets)| {
                let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
                let said = place.run(&[&["run", file, "--json", "--engine", engine], &sets[..]].concat(), 0).json();
                said["digest"].as_str().unwrap().to_owned()
            })
            .collect()
    };
    let fast = [
        "1fdcfcb6389f292afbbb78efde90a621bbf47391875c5fa9b6be9232b99a9700",
        "0b57fd79545e8c088e6d065f898ba01e4192fb365cdcbc2291090553315d0057",
        "098f1cfd0222cad7a95eec25acc6135c7f70306f149d7af480cb33dde601dbd6",
        "14e581182b13b194b070582d69fc1ee79fb814a15f0e80df8f6123b3575e60e2",
        "c39f28bab9691548b6dc7f40708bdb7f5112eca8e9937ff40a1e57d58730ed5a",
        "6e542ca1dcff4356eef95266d64b44bad80a135d9bf448c46e07adbf33e0b645",
        "c73c9e060d3e119fac58bc0f8d7f990c1d32b39adf90614e542a1ea114b150f0",
        "bc6154d492987d39ddb6e337089588b0bc9e56046fe19dda491b5976173118f2",
    ];
    assert_eq!(digests("fast"), fast);
    let reference = [
        "da6919ea8050d45f575ad60fb53d17618d1ee2d0f13b3013e0ddbe6aa398e37a",
        "0c8a39dec98777236c58e150e2f59cdb063a915f86a3f2bec239df17a9ccb319",
        "355d10204256a8bfdcb6f8d22455ef1b8171b92802711633b5851b54a27d4bb2",
        "68fd431413ddb1bcb7aaa199835951565fc44ce3823e6783f7302201b9bc17f4",
        "0493b486ebe85788b0b8e60fd24f0597b913d62669a603f55f1c5816a41c0ddc",
        "f36d02f118833adfb863117b9bf0a7c1d0f6c6a6b11e7d2c6ea751b1aecba105",
        "2738f05c301a5d5ad36e796c305976210d8e8b2c1bb326939b22e491b1452941",
        "7e609f35f466775be3150905b97587cc5142051ccd37a4a49a314751a8c261e6",
    ];
    assert_eq!(digests("reference"), reference);
}

#[test]
fn nothing_is_overwritten_without_force() {
    let place = Workplace::new();
    place.write("r.yaml", RUN);
    let arguments = ["run", "r.yaml", "--trace", "t.parquet", "--save-weights", "w"];
    place.run(&arguments, 0);
    let trace = place.read("t.parquet");
    let files = ["r.yaml", "t.parquet", "w/W_0.npy", "w/W_1.npy", "w/Y_0.npy", "w/b_0.npy", "w/b_1.npy"];
    assert_eq!(place.files(), files);
    place.refuses(&["run", "r.yaml", "--trace", "t.parquet", "--seed", "1"], "--trace t.parquet: exists already");
    place.refuses(&["run", "r.yaml", "--save-weights", "w"], "--save-weights w: exists already");
    place.refuses(&["run", "r.yaml", "--trace", "both", "--save-weights", "both"], "name the same path");
    assert!(place.read("t.parquet") == trace);
    place.run(&[&arguments[..], &["--force", "--seed", "1"]].concat(), 0);
    assert!(place.read("t.parquet") != trace);
    assert_eq!(place.files(), files);
}

#[test]
fn nothing_is_written_into_a_results_directory() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let files = place.files();
    for target in ["r/t", "r/inputs/t", "r"] {
        for option in ["--trace", "--save-weights"] {
            place.refuses(&["rerun", "r", "--trial", "0", "--force", option, target], "lies in the results directory");
        }
    }
    assert_eq!(place.files(), files);
    place.run(&["rerun", "r", "--trial", "0", "--trace", "t.parquet", "--save-weights", "w"], 0);
}

#[test]
fn a_trace_changes_no_bit() {
    let place = Workplace::new();
    place.write("r.yaml", RUN);
    let plain = place.run(&["run", "r.yaml", "--json"], 0).json();
    let traced = place.run(&["run", "r.yaml", "--json", "--trace", "t", "--trace-units", "0:1,3-5"], 0).json();
    assert_eq!(plain, traced);
}

#[test]
fn a_closed_pipe_is_no_reason_to_panic() {
    let place = Workplace::new();
    place.write("r.yaml", RUN);
    for arguments in [&["schema"][..], &["run", "r.yaml"], &["completions", "bash"], &["--help"]] {
        let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked"), "{arguments:?}: {err}");
        assert_ne!(output.status.code(), Some(101), "{arguments:?}");
    }
}

#[test]
fn what_diverges_is_a_result() {
    let place = Workplace::new();
    place.write("r.yaml", RUN);
    let said = place.run(&["run", "r.yaml", "--json", "--set", "learning_rate.output=1e300"], 0).json();
    assert_eq!(said["status"], "diverged");
    assert!(said["error"].as_str().unwrap().contains("layer 1, weight"), "{said}");
    assert_eq!(said.get("test_mae"), Some(&serde_json::Value::Null));
}

#[test]
fn completions_for_the_common_shells() {
    let place = Workplace::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.run(&["completions", shell], 0).out.contains("--save-weights"));
    }
}

#[test]
fn manual_pages_of_all_commands() {
    let place = Workplace::new();
    place.run(&["man", "share/man"], 0);
    let page = |name: &str| std::fs::read_to_string(place.path(&format!("share/man/{name}.1"))).unwrap();
    assert!(page("burstnet").contains(".TH burstnet 1"), "{}", page("burstnet"));
    assert!(page("burstnet-sweep").contains("\\-\\-retry\\-failed"), "{}", page("burstnet-sweep"));
    place.write("file", "");
    assert!(place.run(&["man", "file"], 3).err.contains("error: file: "));
}
