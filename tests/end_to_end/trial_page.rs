//! The page of one trial.

use std::time::Duration;

use burstnet_sweep::files::disk::system;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::results::journal::{Reader, Writer, record_at};
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::Study;
use serde_json::Value;

use crate::workplace::{SMALL_SWEEP, Workplace};

fn swept(sweep: &str) -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", sweep);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    place
}

fn page(place: &Workplace, name: &str) -> String {
    String::from_utf8(place.read(name)).unwrap()
}

/// What the page holds for its script.
fn data(page: &str, id: &str) -> Value {
    let start = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no data {id}"));
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// The page without its scripts.
fn text(page: &str) -> &str {
    page.split_once("<script").unwrap().0
}

/// Rewrites every record of the journal.
fn tamper(place: &Workplace, change: impl Fn(&mut TrialRecord)) {
    let study = Study::open(&place.path("r"), &BurstNetwork::default()).unwrap();
    let (fingerprints, path) = ([study.plan.fingerprint()], place.path("r/journal/shard-0-of-1.journal"));
    let mut reader = Reader::open(&path, &fingerprints).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let mut records = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        let mut record = record_at(&file, frame.start).unwrap();
        change(&mut record);
        records.push(record);
    }
    assert!(!records.is_empty());
    std::fs::remove_file(&path).unwrap();
    let mut writer = Writer::open(&system(), &path, &fingerprints, Duration::ZERO).unwrap().writer;
    records.iter().for_each(|record| writer.append(record).unwrap());
}

#[test]
fn a_trial_that_is_the_same_again() {
    let place = swept(SMALL_SWEEP);
    let said = place.run(&["report", "r", "--trial", "7"], 0);
    assert!(said.out.contains("all bits the same") && said.out.contains("page small-trial-7.html"), "{}", said.out);
    let page = page(&place, "small-trial-7.html");
    let text = text(&page);
    assert!(text.contains("all bits are the same") && !text.contains("differs from"), "{text}");
    let recorded = place.run(&["rerun", "r", "--trial", "7", "--json"], 0).json();
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => format!("{:?}", other.as_f64().unwrap()),
    };
    for key in ["digest", "test_mae", "train_loss", "alignment_deg_0"] {
        assert!(text.contains(&shown(&recorded[key])), "{key}");
    }
    assert!(text.contains(&recorded["seed"].to_string()));
    for command in [
        "burstnet rerun r --trial 7",
        "burstnet rerun r --trial 7 --trace small-trial-7.parquet",
        "burstnet rerun r --trial 7 --save-weights small-trial-7-weights",
    ] {
        assert!(text.contains(command), "{command}");
        place.run(&command.split(' ').skip(1).collect::<Vec<_>>(), 0);
    }
    let recording = data(&page, "recording");
    assert_eq!((recording["scope"]["steps"].as_u64(), recording["scope"]["epochs"].as_u64()), (Some(100), Some(3)));
    for pass in ["first", "last", "test"] {
        assert_eq!(recording[pass][0]["steps"], 100, "{pass}");
    }
    assert_eq!(recording["generation"], serde_json::json!([null]));
    assert_eq!(recording["alignment"]["epochs"], serde_json::json!([0, 1, 2, 3]));
    assert_eq!(data(&page, "curves")[1]["step"], serde_json::json!([99, 199, 299]));
    assert!(page.len() < 8_000_000, "{} bytes", page.len());
}

#[test]
fn a_name_that_looks_like_an_option() {
    let place = swept(&SMALL_SWEEP.replace("name: small", "name: -x"));
    place.run(&["report", "r", "--trial", "7"], 0);
    let page = page(&place, "-x-trial-7.html");
    for command in [
        "burstnet rerun r --trial 7 --trace ./-x-trial-7.parquet",
        "burstnet rerun r --trial 7 --save-weights ./-x-trial-7-weights",
    ] {
        assert!(text(&page).contains(command), "{command}");
        place.run(&command.split(' ').skip(1).collect::<Vec<_>>(), 0);
    }
}

#[test]
fn a_trial_by_its_configuration() {
    let place = swept(SMALL_SWEEP);
    place.run(&["report", "r", "--trial", "7"], 0);
    place.run(&["report", "r", "--config", "2", "--replicate", "1", "--out", "a.html"], 0);
    assert!(place.read("a.html") == place.read("small-trial-7.html"));
    let seed = place.run(&["rerun", "r", "--trial", "7", "--json"], 0).json()["seed"].to_string();
    place.run(&["report", "r", "--config", "2", "--seed", &seed, "--out", "b.html", "--units", "0-3"], 0);
    for (arguments, message) in [
        (&["--config", "2"][..], "--config 2: expected --replicate or --seed with it"),
        (&["--config", "2", "--replicate", "1", "--csv"], "cannot be used with"),
        (&["--trial", "2", "--replicate", "1"], "cannot be used with"),
        (&["--replicate", "1"], "--config <C>"),
        (&["--units", "0-3"], "--trial <ID>"),
    ] {
        place.refuses(&[&["report", "r"], arguments].concat(), message);
    }
}

#[test]
fn the_same_trial_gives_the_same_bytes() {
    let place = swept(SMALL_SWEEP);
    place.run(&["report", "r", "--trial", "3", "--out", "a.html"], 0);
    place.run(&["report", "r", "--trial", "3", "--out", "b.html"], 0);
    assert!(place.read("a.html") == place.read("b.html"));
}

#[test]
fn json_is_that_of_rerun_and_the_page() {
    let place = swept(SMALL_SWEEP);
    let mut rerun = place.run(&["rerun", "r", "--trial", "2", "--json"], 0).json();
    let report = place.run(&["report", "r", "--trial", "2", "--json", "--out", "p.html"], 0).json();
    rerun["page"] = "p.html".into();
    assert_eq!(report, rerun);
}

#[test]
fn a_rerun_that_differs_says_so_and_ends_with_4() {
    let place = swept(SMALL_SWEEP);
    tamper(&place, |record| {
        for (name, value) in &mut record.measures {
            if name == "test_mae" {
                *value = value.map(|x| f64::from_bits(x.to_bits() + 1));
            }
        }
    });
    let said = place.run(&["report", "r", "--trial", "0"], 4);
    assert!(said.err.contains("trial 0 differs from its record in the results"), "{}", said.err);
    let page = page(&place, "small-trial-0.html");
    let text = text(&page);
    assert!(text.contains("differs from its record in the results") && text.contains(" in test_mae."), "{text}");
    assert!(text.contains("verdict differs") && !text.contains("all bits are the same"));
    assert_eq!(data(&page, "recording")["test"][0]["steps"], 100, "it is drawn all the same");
}

#[test]
fn a_diverged_trial_is_drawn_up_to_its_end() {
    let place = swept(&SMALL_SWEEP.replace("epochs: 3}", "epochs: 3}\n  learning_rate: {output: 1.0e+9}"));
    place.run(&["report", "r", "--trial", "0"], 0);
    let page = page(&place, "small-trial-0.html");
    assert!(text(&page).contains("diverged") && text(&page).contains("beyond 1e6 or not finite"));
    let recording = data(&page, "recording");
    let last = if recording["last"][0].is_null() { &recording["first"][0] } else { &recording["last"][0] };
    let ended = last["first_step"].as_u64().unwrap() + last["steps"].as_u64().unwrap();
    assert_eq!(recording["diverged_at"].as_u64(), Some(ended));
    assert!(text(&page).contains(&format!("step {ended}, layer")), "the step of the message");
    assert_eq!(recording["test"], serde_json::json!([null]));
}

#[test]
fn a_failed_trial_shows_its_message() {
    let place = swept(SMALL_SWEEP);
    let hostile = "</p><script>window.hit = 1</script> & \"quoted\"";
    tamper(&place, |record| {
        record.status = burstnet_sweep::results::record::Status::Failed;
        record.error = Some(hostile.into());
        record.digest = None;
        record.measures.clear();
        record.curves.clear();
    });
    // This one does not fail again.
    place.run(&["report", "r", "--trial", "1"], 4);
    let page = page(&place, "small-trial-1.html");
    assert!(text(&page).contains("&lt;/p&gt;&lt;script&gt;window.hit = 1"), "{}", text(&page));
    assert!(!page.contains("<script>window.hit") && text(&page).contains("in the status"));
}

#[test]
fn what_cannot_be_drawn_is_refused_and_leaves_nothing() {
    let place = swept(SMALL_SWEEP);
    let journal = place.read("r/journal/shard-0-of-1.journal");
    let files = place.files();
    for (arguments, message) in [
        (&["--trial", "12"][..], "--trial 12: this sweep has 12 trials, numbered from 0"),
        (&["--trial", "-1"], "invalid value '-1'"),
        (&["--trial", "0", "--units", "8"], "--units 8: unit 8 of hidden layer 0, which has 8"),
        (&["--trial", "0", "--units", "x"], "--units x: 'x' is not a number"),
        (&["--trial", "0", "--out", "r/p.html"], "lies in the results directory"),
        (&["--trial", "0", "--out", "s.yaml"], "--out s.yaml: exists already"),
        (&["--trial", "0", "--out", "r", "--force"], "lies in the results directory"),
        (&["--trial", "0", "--baseline", "1"], "cannot be used with"),
        (&["--units", "0"], "--trial"),
        (&["--out", "x.html"], "--trial"),
    ] {
        place.refuses(&[&["report", "r"], arguments].concat(), message);
    }
    let said = place.run(&["report", "r", "--trial", "0", "--out", "no/p.html"], 3);
    assert!(said.err.contains("no/p.html: No such file"), "{}", said.err);
    place.write("r/journal/shard-0-of-1.journal", &journal[..52]);
    place.refuses(&["report", "r", "--trial", "0"], "trial 0 has not been run yet");
    assert_eq!(place.files(), files);
    std::fs::create_dir(place.path("folder")).unwrap();
    place.write("r/journal/shard-0-of-1.journal", &journal);
    place.refuses(
        &["report", "r", "--trial", "0", "--out", "folder", "--force"],
        "--out folder: exists and is not a regular file",
    );
}

#[test]
fn a_page_is_overwritten_by_force_alone() {
    let place = swept(SMALL_SWEEP);
    place.run(&["report", "r", "--trial", "0"], 0);
    let before = place.read("small-trial-0.html");
    place.refuses(&["report", "r", "--trial", "0", "--units", "1,3-5"], "--out small-trial-0.html: exists already");
    assert!(place.read("small-trial-0.html") == before);
    place.run(&["report", "r", "--trial", "0", "--units", "1,3-5", "--force"], 0);
    let page = page(&place, "small-trial-0.html");
    assert_eq!(data(&page, "recording")["scope"]["units"], serde_json::json!([[1, 3, 4, 5]]));
}

#[test]
fn networks_of_every_depth_and_signals_of_classes() {
    for (sets, layers) in [
        (&["network.layers=[12, 3]"][..], 1),
        (&["network.layers=[12, 8, 6, 5, 3]", "evaluation.generation=true"], 4),
        (&["signals.kind=xor_classes", "signals.classes=3", "training.engine=reference"], 2),
        (&["evaluation.curve_window=none", "training.epochs=1", "teaching.target_fraction=0"], 2),
    ] {
        let place = Workplace::new();
        place.write("s.yaml", SMALL_SWEEP.replace("learning_rate.hidden: [0.0, 1.0]", "learning_rate.output: [0.1]"));
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        place.run(&[&["sweep", "s.yaml", "--out", "r"], &sets[..]].concat(), 0);
        place.run(&["report", "r", "--trial", "1"], 0);
        let page = page(&place, "small-trial-1.html");
        assert_eq!(data(&page, "curves").as_array().unwrap().len(), layers, "{sets:?}");
        assert_eq!(data(&page, "recording")["weights"].as_array().unwrap().len(), 2 * layers - 1, "{sets:?}");
    }
}
