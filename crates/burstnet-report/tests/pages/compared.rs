//! The page of several sweeps: bounded, the same bytes for the same results, and texts that stay texts. The pages stay in
//! target/tmp/compared.

use std::path::Path;

use burstnet_report::analysis::across::{ComparedSweep, SweepsComparison};
use burstnet_report::page::across;
use burstnet_report::tables::{self, Collected};
use burstnet_sweep::results::study::Study;

use crate::Case;
use crate::points::{Points, words};

/// Runs sweeps, each with its name, and returns the page that compares them.
fn page(name: &str, cases: &[(&str, &str)]) -> String {
    let places: Vec<_> = cases.iter().map(|_| tempfile::tempdir().unwrap()).collect();
    let study = |(at, (_, text)): (usize, &(&str, &str))| Case::new("compared", text).run(places[at].path());
    let studies: Vec<Study> = cases.iter().enumerate().map(study).collect();
    let held: Vec<Collected> =
        studies.iter().map(|study| tables::collected(study, &Points::default()).unwrap()).collect();
    let sweeps: Vec<ComparedSweep<'_>> = cases
        .iter()
        .zip(&held)
        .map(|((results, _), held)| ComparedSweep {
            results: Path::new(*results),
            plan: held.ledger.configurations(),
            infos: &held.measures,
            sample: &held.sample,
        })
        .collect();
    let compared = SweepsComparison::of(&sweeps, None).unwrap();
    let write = || {
        let mut bytes = Vec::new();
        across::write(&compared, "burstnet report a b", &mut bytes).unwrap();
        bytes
    };
    let first = write();
    assert!(first == write(), "the same results give other bytes");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compared");
    std::fs::create_dir_all(&folder).unwrap();
    let kept = folder.join(format!("{name}.html"));
    std::fs::write(&kept, &first).unwrap();
    assert!(across::is_page(&kept).unwrap());
    String::from_utf8(first).unwrap()
}

/// Returns what stands in the body, before the scripts.
fn body(page: &str) -> &str {
    page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0
}

#[test]
fn texts_of_compared_sweeps_stay_texts() {
    let list: Vec<String> = words().iter().map(|word| serde_json::to_string(word).unwrap()).collect();
    let text = format!(
        "name: hostile\nseed: 1\nreplicates: 3\nsearch:\n  space:\n    p.word: [{}]\n    p.a: [0, 1]\n",
        list.join(", ")
    );
    let page = page("hostile", &[("<b>a</b>", &text), ("\"><script>window.hit=1</script>", &text)]);
    let body = body(&page);
    for hostile in ["<script>window.hit", "<b>", "<a href=\"https", "<img", "<i>"] {
        assert!(!body.contains(hostile), "{hostile}");
    }
    assert!(body.contains("&lt;b&gt;a&lt;/b&gt;"));
}

#[test]
fn many_configurations_are_bounded() {
    let text = |a: &str| {
        format!(
            "name: many\nseed: {a}\nreplicates: 2\nsearch:\n  space:\n    p.a: {{linear: [0, 1], num: 50}}\n    p.b: {{linear: [0, 1], \
             num: 50}}\n    p.c: [0, 1]\n"
        )
    };
    let page = page("many", &[("first", &text("1")), ("other", &text("2"))]);
    assert!(page.len() < 1_000_000, "{}", page.len());
    assert!(
        body(&page).contains("Of 5000 matched configurations the 250 with the smallest and the 250 with the largest")
    );
    assert!(body(&page).matches("<circle").count() < 1000);
}

#[test]
fn sweeps_that_share_little() {
    let text = |values: &str| format!("name: few\nseed: 1\nreplicates: 1\nsearch: {{space: {{p.a: [{values}]}}}}\n");
    let page = page("little", &[("a", &text("1, 2")), ("b", &text("2, 3")), ("c", &text("5"))]);
    let body = body(&page);
    assert!(body.contains("c has no configuration in common with a.") && body.contains("1 configuration of a"));
}
