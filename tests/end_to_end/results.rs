//! Results directories: what they hold, and what is refused.

use crate::sweeps::tables;
use crate::workplace::{SMALL_SWEEP, Workplace, npy};

#[test]
fn a_results_directory_holds_what_is_documented() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    insta::assert_snapshot!(place.files().join("\n"), @r"
    r/contrasts.parquet
    r/curves.parquet
    r/effects.parquet
    r/journal/shard-0-of-1.journal
    r/plan.json
    r/provenance.json
    r/report.html
    r/summary.parquet
    r/sweep.yaml
    r/timings.parquet
    r/trials.parquet
    s.yaml
    ");
    assert_eq!(place.read("r/sweep.yaml"), SMALL_SWEEP.as_bytes());
    // The most that there can be without shards: eleven and a journal, and as many of a confirmation.
    for replicates in ["2", "4"] {
        let set = format!("replicates={replicates}");
        place.run(&["sweep", "s.yaml", "--out", "r", "--extend", "--set", &set], 0);
        place.run(&["confirm", "r", "--best", "1", "--replicates", replicates], 0);
    }
    let files = place.files();
    let of = |folder: &str| files.iter().filter(|file| file.starts_with(folder)).count();
    assert!(files.contains(&"r/confirmation/earlier-plans.json".to_owned()));
    assert_eq!((of("r/"), of("r/confirmation/")), (24, 12), "{files:?}");
}

#[test]
fn another_sweep_is_refused_with_what_differs() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let before = place.read("r/plan.json");
    let said = place.run(&["sweep", "s.yaml", "--out", "r", "--set", "training.epochs=4", "--set", "seed=8"], 2);
    insta::assert_snapshot!(said.err, @r"
    error: r: holds the results of another sweep; they differ in
      seed: 7, now 8
      base.training.epochs: 3, now 4
    Use another --out, or the sweep file that the directory was made with, or --extend to keep what both have in common.
    ");
    assert_eq!(place.read("r/plan.json"), before);
}

#[test]
fn a_foreign_folder_is_left_alone() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.write("home/thesis.tex", "years of work");
    place.refuses(&["sweep", "s.yaml", "--out", "home"], "home: not a results directory of burstnet");
    assert_eq!(place.files(), ["home/thesis.tex", "s.yaml"]);
    for command in [&["report", "home"][..], &["rerun", "home", "--trial", "0"]] {
        place.refuses(command, "not a results directory of burstnet");
    }
}

#[test]
fn a_users_own_sweep_file_is_left_alone() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.write("home/sweep.yaml", "# mine");
    place.run(&["sweep", "s.yaml", "--out", "home"], 2);
    assert_eq!(place.read("home/sweep.yaml"), b"# mine");
    // What a crash leaves before plan.json is written is no obstacle.
    place.write("crashed/sweep.yaml", SMALL_SWEEP);
    place.write("crashed/.writing-x", "");
    place.run(&["sweep", "s.yaml", "--out", "crashed"], 0);
}

#[test]
fn of_two_sweeps_that_make_one_directory_one_wins() {
    for _ in 0..5 {
        let place = Workplace::new();
        place.write("s.yaml", SMALL_SWEEP);
        let start = |seed| place.command(&["sweep", "s.yaml", "--out", "r", "--set", seed]).output().unwrap();
        let codes = std::thread::scope(|scope| {
            let both = ["seed=1", "seed=2"].map(|seed| scope.spawn(move || start(seed).status.code()));
            both.map(|one| one.join().unwrap())
        });
        assert!(codes.contains(&Some(0)) && codes.contains(&Some(2)), "{codes:?}");
        place.run(&["report", "r"], 0);
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_the_environments_fault() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.write("file", "x");
    let said = place.run(&["sweep", "s.yaml", "--out", "file/r"], 3);
    assert!(said.err.starts_with("error: file/r: "), "{}", said.err);
    let said = place.run(&["sweep", "s.yaml", "--out", "/proc/r"], 3);
    assert!(said.err.starts_with("error: /proc/r: "), "{}", said.err);
    assert_eq!(place.files(), ["file", "s.yaml"]);
}

#[test]
fn trials_that_do_not_exist() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    for (arguments, message) in [
        (&["--trial", "12"][..], "--trial 12: this sweep has 12 trials, numbered from 0"),
        (&["--config", "4", "--replicate", "0"], "--config 4: this sweep has 4 configs, numbered from 0"),
        (&["--config", "0", "--replicate", "3"], "--replicate 3: this sweep has 3 replicates, numbered from 0"),
        (&["--config", "0", "--seed", "1"], "--seed 1: no replicate of this sweep has it"),
        (&["--trial", "1", "--seed", "3"], "cannot be used with"),
        (&["--config", "0"], "--config 0: expected --replicate or --seed with it"),
        (&[], "required arguments"),
    ] {
        place.refuses(&[&["rerun", "r"], arguments].concat(), message);
    }
}

#[test]
fn which_input_file_differs_is_said() {
    let place = Workplace::new();
    let mask = |last: u8| npy("'|b1'", "(3, 100)", &[vec![1; 299], vec![last]].concat());
    place.write("mask.npy", mask(1));
    place.write("s.yaml", SMALL_SWEEP.replace("epochs: 3", "epochs: 3}\n  teaching: {mask: mask.npy"));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place.write("mask.npy", mask(0));
    place.refuses(&["sweep", "s.yaml", "--out", "r"], "inputs.teaching.mask mask.npy.content: \"372 bytes, BLAKE3 ");
}

#[test]
fn a_plan_that_is_no_text_is_refused() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let mut plan = place.read("r/plan.json");
    plan[20] ^= 0x80;
    place.write("r/plan.json", plan);
    for command in ["report", "status", "merge"] {
        place.refuses(&[command, "r"], "r/plan.json: not a readable plan");
    }
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let plan = String::from_utf8(place.read("r/plan.json")).unwrap();
    let input = r#""inputs": [{"key": "teaching.mask", "given": "m", "stored": "../../m", "files": []}]"#;
    let values = "\"values\": [\n          0.5,\n          1.0\n        ]";
    for (from, to, message) in [
        ("\"inputs\": []", input, "lies outside the folder inputs"),
        ("\"format\": 1", "\"format\": 99", "layout 99 of the plan"),
        (
            "\"replicates\": 3",
            "\"replicates\": 18446744073709551615",
            "plan.json: replicates is 18446744073709551615, expected an integer from 1",
        ),
        ("\"training.epochs\": 3", "\"training.epochs\": -3", "training.epochs is '-3'"),
        ("{", "{{", "not a readable plan"),
        ("\"name\": \"small\"", "\"name\": \"../\\u001b[31m\"", "which no sweep can have"),
        ("\"seed\": 7", "\"seed\": 9007199254740992", "seed is 9007199254740992"),
        ("\"test_mae\",\n    \"test_mse\"", "\"test_mae\"", "its measures are not those of this sweep"),
        (
            "\"test_mae\",\n    \"test_mse\"",
            "\"=1+1\",\n    \"test_mse\"",
            "measure \"=1+1\", expected 1 to 100 letters",
        ),
        ("\"test_mae\",\n    \"test_mse\"", "\"test_mse\",\n    \"test_mse\"", "a measure is named twice"),
        (
            "\"measure\": \"test_mae\"",
            "\"measure\": \"a b\"",
            "objective.measure is 'a b', which this sweep does not measure",
        ),
        ("\"measure\": \"test_mae\"", "\"measure\": \"fame\"", "objective.measure is 'fame'"),
        ("\"key\": \"feedback.density\"", "\"key\": \"learning_rate.hidden\"", "is varied twice"),
        ("\"key\": \"feedback.density\"", "\"key\": \"signals.classes\"", "would become '0.5'"),
        (values, "\"int\": {\"low\": 9, \"high\": 1}", "in the wrong order"),
        (values, "\"linear\": {\"low\": 0.1, \"high\": 1.0, \"num\": 0, \"integer\": false}", "varied over nothing"),
        (values, "\"uniform\": {\"low\": 0.1, \"high\": 1.0}", "of which a grid has no points"),
        ("\"teaching.mask\": null", "\"teaching.mask\": \"/etc/passwd\"", "of which the folder inputs has no copy"),
        ("\"seed\": 7", "\"seed\": 8", "the journal of another sweep"),
    ] {
        assert!(plan.contains(from), "{from}");
        place.write("r/plan.json", plan.replacen(from, to, 1));
        place.refuses(&["report", "r"], message);
    }
}

#[test]
fn another_version_of_the_bits_is_refused() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let plan = String::from_utf8(place.read("r/plan.json")).unwrap();
    let bits = burstnet_core::BITS_VERSION;
    let other = plan.replacen(&format!("\"bits\": {bits}"), "\"bits\": 99", 1);
    assert_ne!(plan, other);
    place.write("r/plan.json", other);
    place.refuses(&["sweep", "s.yaml", "--out", "r"], &format!("bits: 99, now {bits}"));
    place.refuses(&["sweep", "s.yaml", "--out", "r", "--extend"], "made with version 99 of the bits");
}

#[test]
fn results_of_an_earlier_version_of_the_bits_are_read_and_not_made_again() {
    // The directory of a program with version 2.
    let place = Workplace::new();
    place.write("r/plan.json", include_bytes!("version_2/plan.json"));
    place.write("r/provenance.json", include_bytes!("version_2/provenance.json"));
    place.write("r/journal/shard-0-of-1.journal", include_bytes!("version_2/shard-0-of-1.journal"));
    assert!(place.run(&["status", "r"], 0).out.contains("done"));
    assert!(place.run(&["report", "r"], 0).out.contains("learning_rate.hidden"));
    for arguments in [&["rerun", "r", "--trial", "0"][..], &["confirm", "r", "--best", "1", "--replicates", "1"]] {
        let said = place.refuses(arguments, "made with version 2 of the bits, this program has version 3");
        assert!(said.err.contains("install burstnet 0.1.0 of commit f7984d5"), "{}", said.err);
    }
}

/// Records of layout 2 hold no proposals: whoever reads them proposes again.
#[test]
fn a_search_of_the_layout_before_is_read_and_goes_on() {
    let place = Workplace::new();
    let journal = "r/journal/shard-0-of-1.journal";
    place.write("r/plan.json", include_bytes!("layout_2/plan.json"));
    place.write("r/sweep.yaml", include_bytes!("layout_2/sweep.yaml"));
    place.write(journal, include_bytes!("layout_2/shard-0-of-1.journal"));
    place.write("s.yaml", include_bytes!("layout_2/sweep.yaml"));
    assert!(place.run(&["status", "r"], 0).out.contains("16 of 16 trials done"));
    place.run(&["report", "r"], 0);
    place.run(&["sweep", "s.yaml", "--out", "new"], 0);
    let layout = |path: &str| place.read(path)[8];
    assert_eq!((layout(journal), layout("new/journal/shard-0-of-1.journal")), (2, 3));
    assert!(tables(&place, "r") == tables(&place, "new"));
    let longer = String::from_utf8(place.read("s.yaml")).unwrap().replace("trials: 8", "trials: 10");
    place.write("s.yaml", longer);
    place.run(&["sweep", "s.yaml", "--out", "r", "--extend"], 0);
    place.run(&["sweep", "s.yaml", "--out", "new", "--extend"], 0);
    assert_eq!(layout(journal), 2);
    assert!(tables(&place, "r") == tables(&place, "new"));
}

#[test]
fn a_journal_that_was_killed_before_its_header_holds_nothing() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let journal = place.read("r/journal/shard-0-of-1.journal");
    for length in [0, 7, 51] {
        place.write("r/journal/shard-0-of-1.journal", &journal[..length]);
        assert!(place.run(&["report", "r"], 0).out.contains("12 missing"));
        assert!(place.run(&["status", "r"], 0).out.contains("0 of 12 trials done"));
        assert_eq!(place.read("r/journal/shard-0-of-1.journal"), &journal[..length], "a reader changed it");
    }
    assert!(place.run(&["sweep", "s.yaml", "--out", "r"], 0).err.contains("12 new trials"));
}

#[test]
fn damage_is_reported_with_its_place() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let mut journal = place.read("r/journal/shard-0-of-1.journal");
    let last = journal.len() - 1;
    journal[last] ^= 1;
    place.write("r/journal/shard-0-of-1.journal", &journal);
    let said = place.run(&["report", "r"], 0);
    assert!(said.out.contains("11 ok, 1 missing"), "{}", said.out);
    assert!(said.err.contains("shard-0-of-1.journal: damaged from byte "), "{}", said.err);
    assert!(said.err.contains(&format!(" to {}; see the missing trials", journal.len())), "{}", said.err);
    let said = place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert!(said.err.contains("trials lost there run again") && said.err.contains("1 new trial in"), "{}", said.err);
    let said = place.run(&["merge", "r"], 0);
    assert!(said.err.contains("; no trial is missing"), "{}", said.err);
    for inside in ["r", "r/journal", "r/new"] {
        place.refuses(&["merge", "r", "--out", inside], "lies in the results directory");
    }
}

#[test]
fn a_folder_whose_name_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStringExt as _;
    let place = Workplace::new();
    let folder = place.path("").join(std::ffi::OsString::from_vec(b"b\xffd".to_vec()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("s.yaml"), SMALL_SWEEP).unwrap();
    for command in ["plan", "sweep", "run"] {
        let output = place.command(&[command]).arg(folder.join("s.yaml")).output().unwrap();
        let said = crate::workplace::Said::new(output, &[command], 2);
        assert!(said.err.contains("its folder's name is not UTF-8"), "{}", said.err);
    }
}
