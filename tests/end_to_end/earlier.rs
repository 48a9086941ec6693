//! `search.learn_from`: earlier results from which a strategy learns.

use crate::external::allowed;
use crate::workplace::Workplace;

/// A program whose loss is least at x = 0.3.
const SCRIPT: &str =
    "awk -v x=\"$1\" 'BEGIN { printf \"{\\\"loss\\\": %.9g, \\\"cost\\\": %.9g}\\n\", (x - 0.3) ^ 2, x }'\n";
const HEAD: &str = "model:\n  command: [sh, model.sh, '{x}']\n  stdin: none\n  measures: [loss, cost]\n  read: {from: stdout, json: \
                    last}\n";

fn sweep(search: &str) -> String {
    format!("{HEAD}search: {{{search}, space: {{x: {{uniform: [0.0, 1.0]}}}}}}\n")
}

/// A place with results of an earlier search.
fn place() -> Workplace {
    let place = Workplace::new();
    place.write("model.sh", SCRIPT);
    place.write("a.yaml", sweep("strategy: sobol, trials: 24"));
    place.run(&allowed(&["sweep", "a.yaml", "--out", "a"]), 0);
    place
}

/// Returns the values of x of the trials in a results directory.
fn xs(place: &Workplace, results: &str) -> Vec<f64> {
    let csv = place.run(&["report", results, "--csv=trials"], 0).out;
    let mut rows = csv.lines();
    let at = rows.next().unwrap().split(',').position(|name| name == "x").unwrap();
    rows.map(|row| row.split(',').nth(at).unwrap().parse().unwrap()).collect()
}

#[test]
fn what_an_earlier_search_found_is_where_the_next_one_begins() {
    let place = place();
    for strategy in ["gp", "tpe", "auto"] {
        place.write("b.yaml", sweep(&format!("strategy: {strategy}, trials: 6, lag: 1, learn_from: a")));
        let plan = place.run(&["plan", "b.yaml"], 0).out;
        assert!(plan.contains("learns  from 24 earlier results of a"), "{plan}");
        place.run(&allowed(&["sweep", "b.yaml", "--out", strategy]), 0);
        let near = xs(&place, strategy).iter().filter(|x| (*x - 0.3).abs() < 0.15).count();
        assert!(near >= 4, "{strategy}: {:?}", xs(&place, strategy));
        let plan: serde_json::Value = serde_json::from_slice(&place.read(&format!("{strategy}/plan.json"))).unwrap();
        let source = &plan["learn_from"][0];
        assert_eq!((&source["given"], source["results"].as_array().unwrap().len()), (&"a".into(), 24));
        let page = String::from_utf8(place.read(&format!("{strategy}/report.html"))).unwrap();
        assert!(page.contains("The strategy learned from 24 earlier results of"));
        // The same from a table, and on other threads.
        let csv = place.run(&["report", "a", "--csv=trials"], 0).out;
        place.write("rows.csv", csv);
        place.write("c.yaml", sweep(&format!("strategy: {strategy}, trials: 6, lag: 1, learn_from: [rows.csv]")));
        let out = format!("{strategy}-table");
        place.run(&allowed(&["sweep", "c.yaml", "--out", &out, "--threads", "2"]), 0);
        assert_eq!(xs(&place, strategy), xs(&place, &out), "{strategy}");
    }
}

/// Tables of a results directory that are a pure function of its plan.
fn tables(place: &Workplace, results: &str) -> Vec<Vec<u8>> {
    ["trials", "curves", "summary"].map(|name| place.read(&format!("{results}/{name}.parquet"))).to_vec()
}

#[test]
fn a_search_goes_on_with_the_results_that_it_began_with() {
    let place = place();
    place.write("b.yaml", sweep("strategy: gp, trials: 8, lag: 2, learn_from: a"));
    place.run(&allowed(&["sweep", "b.yaml", "--out", "whole"]), 0);
    // A shard that waits in vain for the other one leaves a search that has begun.
    place.run(&allowed(&["sweep", "b.yaml", "--shard", "0/2", "--wait", "1"]), 3);
    let begun = place.read("results/b/plan.json");
    place.write("a.yaml", sweep("strategy: sobol, trials: 32"));
    place.run(&allowed(&["sweep", "a.yaml", "--out", "a", "--extend"]), 0);
    let changed = "a has changed since the search began; it goes on with the 24 earlier results that it began with";
    assert!(place.run(&["plan", "b.yaml"], 0).prose().contains(changed));
    let said = place.run(&allowed(&["sweep", "b.yaml"]), 0).err;
    assert!(said.contains(changed), "{said}");
    assert!(place.read("results/b/plan.json") == begun && tables(&place, "results/b") == tables(&place, "whole"));
    // Elsewhere it learns from what is there now.
    place.run(&allowed(&["sweep", "b.yaml", "--out", "c"]), 0);
    assert!(tables(&place, "c") != tables(&place, "whole"));
    let said = place.run(&allowed(&["sweep", "a.yaml", "--out", "whole"]), 2).err;
    assert!(said.contains("learn_from"), "{said}");
}

#[test]
fn a_search_does_without_the_directory_that_it_learned_from() {
    let place = place();
    place.write("b.yaml", sweep("strategy: tpe, trials: 8, lag: 2, learn_from: a"));
    place.run(&allowed(&["sweep", "b.yaml"]), 0);
    place.write("longer.yaml", sweep("strategy: tpe, trials: 12, lag: 2, learn_from: a"));
    place.run(&allowed(&["sweep", "longer.yaml", "--out", "longer", "--set", "name=b"]), 0);
    let (before, longer) = (tables(&place, "results/b"), tables(&place, "longer"));
    std::fs::remove_dir_all(place.path("a")).unwrap();
    let gone = "a cannot be read any more since the search began; it goes on with the 24 earlier results";
    let plan = place.run(&["plan", "b.yaml"], 0).prose();
    assert!(plan.contains("learns from 24 earlier results of a") && plan.contains(gone), "{plan}");
    for name in ["trials", "summary", "curves"] {
        std::fs::remove_file(place.path(&format!("results/b/{name}.parquet"))).unwrap();
    }
    assert!(place.run(&allowed(&["sweep", "b.yaml"]), 0).err.contains(gone));
    assert!(tables(&place, "results/b") == before);
    for command in [&["report", "results/b"][..], &["status", "results/b"], &["diff", "results/b:3", "results/b:3"]] {
        place.run(command, 0);
    }
    for command in
        [&["rerun", "results/b", "--trial", "3"][..], &["confirm", "results/b", "--best", "1", "--replicates", "2"]]
    {
        place.run(&allowed(command), 0);
    }
    let refined = place.run(&["refine", "results/b"], 0).out;
    assert!(!refined.contains("learn_from"), "{refined}");
    place.run(&["archive", "results/b", "--out", "b.tar.zst"], 0);
    place.run(&["verify", "b.tar.zst"], 0);
    // It is extended with the results that it began with.
    place.write("b.yaml", sweep("strategy: tpe, trials: 12, lag: 2, learn_from: a"));
    assert!(place.run(&allowed(&["sweep", "b.yaml", "--extend"]), 0).err.contains(gone));
    assert!(tables(&place, "results/b") == longer);
    // Only another space needs them anew, and so does another directory.
    let other = sweep("strategy: tpe, trials: 12, lag: 2, learn_from: a").replace("1.0]", "2.0]");
    place.write("other.yaml", other);
    for command in
        [&["sweep", "other.yaml", "--out", "results/b", "--extend"][..], &["sweep", "b.yaml", "--out", "new"]]
    {
        let said = place.run(&allowed(command), 2).err;
        assert!(said.contains("search.learn_from a: No such file"), "{said}");
    }
}

#[test]
fn another_version_of_the_program_is_said_and_taken() {
    let place = place();
    place.write("model.sh", format!("# faster\n{SCRIPT}"));
    place.write("b.yaml", sweep("strategy: gp, trials: 4, learn_from: a"));
    let plan = place.run(&["plan", "b.yaml"], 0).prose();
    assert!(plan.contains("learns from 24 earlier results of a; made with another model.sh"), "{plan}");
    place.run(&allowed(&["sweep", "b.yaml"]), 0);
    let plan: serde_json::Value = serde_json::from_slice(&place.read("results/b/plan.json")).unwrap();
    assert_eq!(plan["learn_from"][0]["differs"], serde_json::json!(["another model.sh"]));
    // Results of other bits.
    let held = String::from_utf8(place.read("a/plan.json")).unwrap();
    let mut held: serde_json::Value = serde_json::from_str(&held).unwrap();
    held["bits"] = 77.into();
    place.write("a/plan.json", held.to_string());
    let plan = place.run(&["plan", "b.yaml", "--json", "--set", "name=c"], 0).json();
    assert_eq!(plan["learn_from"][0]["differs"], serde_json::json!(["another model.sh", "version 77 of the bits"]));
}

#[test]
fn a_directory_that_is_not_complete_gives_what_its_table_has() {
    let place = place();
    place.write("b.yaml", sweep("strategy: gp, trials: 4, learn_from: half"));
    place.run(&allowed(&["sweep", "a.yaml", "--out", "half", "--shard", "0/2"]), 0);
    let said = place.run(&["plan", "b.yaml"], 2).err;
    assert!(
        said.contains(
            "search.learn_from half: no summary.parquet in it, expected the directory of a sweep that has tables: \
                           burstnet report half"
        ),
        "{said}"
    );
    place.run(&["report", "half"], 0);
    assert!(place.run(&["plan", "b.yaml"], 0).out.contains("from 12 earlier results of half"));
    // What runs meanwhile shows in the table once that is written.
    place.run(&allowed(&["sweep", "a.yaml", "--out", "half", "--shard", "1/2"]), 0);
    assert!(place.run(&["plan", "b.yaml"], 0).out.contains("from 12 earlier results of half"));
    place.run(&["merge", "half"], 0);
    assert!(place.run(&["plan", "b.yaml"], 0).out.contains("from 24 earlier results of half"));
    let itself = place.run(&allowed(&["sweep", "b.yaml", "--out", "half", "--extend"]), 2).err;
    assert!(itself.contains("search.learn_from half: the directory to which the results of this sweep go"), "{itself}");
    place.write("b.yaml", sweep("strategy: gp, trials: 4, learn_from: [half, ./half]"));
    let twice = place.run(&["plan", "b.yaml"], 2).err;
    assert!(twice.contains("b.yaml:6:54: search.learn_from names './half' twice, expected each once"), "{twice}");
}

#[test]
fn wrong_sources_are_told_with_their_place() {
    let place = place();
    place.write("few.csv", "y,loss\n1,2\n");
    place.write("outside.csv", "x,loss\n3,2\n-1,2\n");
    place.write("failed.csv", "x,loss\n0.5,\n0.6,nan\n");
    place.write("words.csv", "x,loss\n0.5,1\n0.6,abc\n");
    place.write("some.csv", "x,loss\n0.5,1\n7,2\n");
    place.write("los.csv", "x,los\n0.5,1\n");
    std::fs::create_dir(place.path("empty")).unwrap();
    let column = |key: usize| format!("s.yaml:6:{key}: search.learn_from ");
    for (search, told) in [
        ("strategy: gp, trials: 9, learn_from: nowhere.csv", format!("{}nowhere.csv: No such file", column(47))),
        ("strategy: gp, trials: 9, learn_from: empty", format!("{}empty: no results directory, since it has no plan.json", column(47))),
        ("strategy: gp, trials: 9, learn_from: model.sh", format!("{}model.sh: its name ends with .sh", column(47))),
        ("strategy: gp, trials: 9, learn_from: 5", format!("{}is '5', expected a results directory, or a .csv", column(47))),
        ("strategy: gp, trials: 9, learn_from: []", format!("{}names 0 directories and tables, expected 1 to 16", column(47))),
        ("strategy: gp, trials: 9, learn_from: few.csv", format!("{}few.csv: no column of 'x', which is swept", column(47))),
        ("strategy: gp, trials: 9, learn_from: los.csv", "no column of 'loss', of which there are x, los, expected a column of it, or of its mean (did you mean 'los'?)".into()),
        ("strategy: gp, trials: 9, learn_from: outside.csv", "outside.csv: none of 2 rows fits the space".into()),
        ("strategy: gp, trials: 9, learn_from: failed.csv", "failed.csv: no row has a value of loss".into()),
        ("strategy: sobol, trials: 9, learn_from: a", "search.learn_from with strategy sobol, which takes no earlier results, expected strategy tpe or gp".into()),
        ("strategy: cmaes, trials: 9, learn_from: a", "search.learn_from with strategy cmaes".into()),
        (
            "strategy: gp, trials: 9, learn_from: words.csv",
            "words.csv:3:2: loss is 'abc', expected a number, or nothing for a trial that failed".into(),
        ),
        ("strategy: gp, trials: 9, learn_from: some.csv, subject_to: [cost < 1]", "some.csv: no column of 'cost'".into()),
    ] {
        place.write("s.yaml", sweep(search));
        place.refuses(&["plan", "s.yaml"], &told);
    }
    place.write("s.yaml", sweep("strategy: gp, trials: 9, learn_from: some.csv"));
    assert!(place.run(&["plan", "s.yaml"], 0).out.contains("from 1 earlier result of some.csv; 1 row is left out"));
    // Other keys, another program, the network.
    let other = |text: &str| {
        place.write("s.yaml", text);
        place.run(&["plan", "s.yaml"], 2).err
    };
    let text = sweep("strategy: gp, trials: 9, learn_from: a");
    let said = other(&text.replace("'{x}'", "'{x}', '{k}'").replace("space: {", "space: {k: {uniform: [0.0, 1.0]}, "));
    assert!(said.contains("it is of another program"), "{said}");
    let said =
        other("search: {strategy: gp, trials: 9, learn_from: a, space: {feedback.density: {uniform: [0.1, 1.0]}}}\n");
    assert!(said.contains("it is of a program, and this sweep of the burst network"), "{said}");
}
