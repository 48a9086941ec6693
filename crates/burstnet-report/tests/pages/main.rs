//! The page of sweeps of every shape: bounded, the same bytes for the same tables, and texts that stay texts. The pages
//! stay in target/tmp/pages, where tests/system/page opens them in a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod compared;
mod points;
mod searched;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burstnet_report::page::sweep;
use burstnet_report::publish;
use burstnet_sweep::files::disk::system;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal::Damage;
use burstnet_sweep::results::provenance::{self, Contribution};
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::{IfAnother, Study};
use burstnet_sweep::run::executor::Workers;
use burstnet_sweep::run::session::{Follower, Session, Task};
use burstnet_sweep::spec::execution::Order;
use burstnet_sweep::spec::{Source, SweepSpec};

use points::{Points, long, words};

/// Asks to end after so many trials.
struct StopAfter<'a>(u64, &'a AtomicBool);

impl Follower for StopAfter<'_> {
    fn started(&mut self, _done: u64, _total: u64, _damage: &[Damage]) {
        self.1.store(self.0 == 0, Ordering::Relaxed);
    }

    fn finished(&mut self, _record: &TrialRecord) {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 {
            self.1.store(true, Ordering::Relaxed);
        }
    }

    fn idle(&mut self) {}
}

/// A sweep of [`Points`] and how much of it runs.
struct Case<'a> {
    name: &'a str,
    text: &'a str,
    shard: Shard,
    most: u64,
}

impl<'a> Case<'a> {
    fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text, shard: Shard::WHOLE, most: u64::MAX }
    }

    fn run(&self, results: &Path) -> Study {
        let points = Points::default();
        let source = Source::parse("s.yaml".as_ref(), self.text.into()).unwrap();
        let plan = SweepSpec::new(&source, Vec::new(), points.schema()).unwrap().plan(&points).unwrap();
        let study = Study::create(&system(), results, plan, self.text, &points, IfAnother::Refuse).unwrap();
        let task = Task {
            shard: self.shard,
            round: None,
            wait: Duration::from_secs(5),
            sync_interval: Duration::from_secs(60),
            retry_failed: false,
            stop_after_failures: 0,
            order: Order::Plan,
        };
        let mut session = Session::begin(&study, &points, task).unwrap();
        let workers = Workers { threads: 1, host: "here".into(), max_seconds: None };
        let stop = AtomicBool::new(false);
        session.run(&points, &workers, &stop, &mut StopAfter(self.most, &stop)).unwrap();
        study
    }

    /// Runs the sweep, writes its page twice, and returns where the page is kept and its text.
    fn page(&self) -> (PathBuf, String) {
        let place = tempfile::tempdir().unwrap();
        let study = self.run(place.path());
        note(&study, self.name == "hostile");
        let first = write(&study);
        assert!(first == write(&study), "the same tables give other bytes");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        std::fs::create_dir_all(&folder).unwrap();
        let kept = folder.join(format!("{}.html", self.name));
        std::fs::write(&kept, &first).unwrap();
        assert!(first.len() < 8_000_000, "{}: {} bytes", self.name, first.len());
        (kept, String::from_utf8(first).unwrap())
    }
}

fn note(study: &Study, hostile: bool) {
    let text = |plain: &str| if hostile { words().concat() } else { plain.to_owned() };
    let contribution = Contribution {
        version: text("0.1.0"),
        git_commit: None,
        command_line: ["burstnet", "sweep", "s.yaml", "--out"]
            .iter()
            .map(|word| (*word).to_owned())
            .chain([text("results/s")])
            .collect(),
        host: text("host"),
        process: 1,
        processor: Some(text("processor")),
        toolchain: Some(text("rustc")),
        start: "2026-01-01T00:00:00Z".into(),
        end: None,
        order: None,
    };
    provenance::record(&study.disk, &study.results.join(provenance::FILE), &contribution).unwrap();
}

fn write(study: &Study) -> Vec<u8> {
    publish(study, &Points::default()).unwrap();
    std::fs::read(study.results.join(sweep::FILE)).unwrap()
}

/// The page's text without scripts, styles and data.
fn visible(page: &str) -> &str {
    let body = page.split_once("<body>").unwrap().1;
    body.split_once("<script type=\"application/json\"").unwrap().0
}

#[test]
fn one_configuration() {
    let (_, page) =
        Case::new("one-configuration", "name: one\nseed: 1\nreplicates: 5\nsearch: {space: {p.a: [1.5]}}\n").page();
    assert!(visible(&page).contains("There is a single configuration, so nothing can be compared."));
}

#[test]
fn one_replicate() {
    let text = "name: one\nseed: 1\nreplicates: 1\nsearch: {space: {p.a: [1, 2, 3], p.b: [0, 1]}}\n";
    let (_, page) = Case::new("one-replicate", text).page();
    assert!(visible(&page).contains("Every configuration ran on one replicate"));
    assert!(visible(&page).contains("from a single value"));
}

#[test]
fn only_failures() {
    let text = "name: bad\nseed: 1\nreplicates: 3\nsearch: {space: {p.fate: [fail, diverge], p.a: [1, 2]}}\n";
    let (_, page) = Case::new("only-failures", text).page();
    assert!(visible(&page).contains("No trial has a value of") && visible(&page).contains("no luck with"));
}

#[test]
fn nothing_done() {
    let text = "name: fresh\nseed: 1\nreplicates: 3\nsearch: {space: {p.a: [1, 2], p.b: [1, 2]}}\n";
    let (_, page) = Case { most: 0, ..Case::new("nothing-done", text) }.page();
    assert!(visible(&page).contains("This sweep is not complete: 0 of 12 trials (0.0\u{a0}%) are done."));
}

#[test]
fn one_shard_of_three() {
    let text =
        "name: third\nseed: 1\nreplicates: 4\nsearch: {space: {p.a: {linear: [0, 1], num: 5}, p.b: [1, 2, 3]}}\n";
    let case = Case { shard: Shard::new(1, 3).unwrap(), ..Case::new("running-shard", text) };
    let (_, page) = case.page();
    let page = visible(&page);
    assert!(page.contains("This sweep is not complete: 20 of 60 trials (33\u{a0}%) are done."));
    assert!(page.contains("<th scope=\"row\">1/3</th><td data-value=\"20\">20</td><td data-value=\"20\">20</td>"));
    assert!(page.contains("<th scope=\"row\">0/3</th><td data-value=\"20\">20</td><td data-value=\"0\">0</td>"));
}

#[test]
fn twelve_keys() {
    let keys: Vec<String> = ('a'..='l').map(|key| format!("    p.{key}: {{uniform: [0, 1]}}\n")).collect();
    let text = format!(
        "name: twelve\nseed: 1\nreplicates: 2\nsearch:\n  strategy: random\n  trials: 300\n  space:\n{}",
        keys.concat()
    );
    let (_, page) = Case::new("twelve-keys", &text).page();
    assert!(page.len() < 6_000_000, "{}", page.len());
}

#[test]
fn keys_of_every_kind() {
    let text = "name: kinds\nseed: 1\nreplicates: 3\nsearch:\n  space:\n    p.flag: [false, true]\n    p.maybe: [null, 0.5, 1]\n    p.sizes: [[5, 2], [7], [100, 100, 3]]\n    p.fate: [ok, diverge]\n    p.a: {log: [0.01, 10], num: 3}\n";
    let (_, page) = Case::new("kinds", text).page();
    assert!(visible(&page).contains("null") && visible(&page).contains("[100, 100, 3]"));
}

#[test]
fn texts_stay_texts() {
    let list: Vec<String> = words().iter().map(|word| serde_json::to_string(word).unwrap()).collect();
    let text = format!(
        "name: hostile\nseed: 1\nreplicates: 3\nsearch:\n  space:\n    p.word: [{}]\n    p.fate: [ok, fail, diverge]\n    p.a: [0, 1]\n",
        list.join(", ")
    );
    let (_, page) = Case::new("hostile", &text).page();
    let body = visible(&page);
    for hostile in ["<script>window.hit", "<b>", "<a href=\"https", "<img", "<i>"] {
        assert!(!body.contains(hostile), "{hostile}");
    }
    assert!(body.contains("&lt;script&gt;window.hit=1&lt;/script&gt;"));
    let data = page.split_once("id=\"sweep\">").unwrap().1.split_once("</script>").unwrap().0;
    assert!(!data.contains('<') && data.contains(&long()[3..7]));
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["keys"][0]["levels"].as_array().unwrap().len(), words().len());
}

#[test]
fn a_hundred_thousand_trials() {
    let text = "name: many\nseed: 1\nreplicates: 4\nbase: {p.curve: 25}\nsearch:\n  strategy: random\n  trials: 25000\n  space:\n    p.a: {uniform: [0, 1]}\n    p.b: {log_uniform: [0.001, 1]}\n    p.c: [0, 1, 2, 3, 4, 5]\n";
    let (_, page) = Case::new("many", text).page();
    assert!(page.len() < 7_000_000, "{}", page.len());
    assert!(visible(&page).contains("25\u{202f}000 configurations"));
    assert!(visible(&page).contains("this page holds 20"));
}
