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

#[test]
fn a_search_goes_on_with_the_results_that_it_began_with() {
    let place = place();
    place.write("b.yaml", sweep("strategy: gp, trials: 6, lag: 2, learn_from: a"));
    place.run(&allowed(&["sweep", "b.yaml", "--out", "b"]), 0);
    let before = place.read("b/trials.parquet");
    place.run(&allowed(&["sweep", "b.yaml", "--out", "b"]), 0);
    assert_eq!(place.read("b/trials.parquet"), before);
    // More of them make another search.
    place.write("a.yaml", sweep("strategy: sobol, trials: 32"));
    place.run(&allowed(&["sweep", "a.yaml", "--out", "a", "--extend"]), 0);
    let said = place.run(&allowed(&["sweep", "b.yaml", "--out", "b"]), 2).err;
    assert!(said.contains("learn_from"), "{said}");
    place.run(&["report", "b"], 0);
    place.run(&allowed(&["rerun", "b", "--trial", "3"]), 0);
    place.run(&allowed(&["confirm", "b", "--best", "1", "--replicates", "2"]), 0);
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
        let said = place.run(&["plan", "s.yaml"], 2).err;
        assert!(said.contains(&told), "{search}: {said}");
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
    place.write("model.sh", format!("{SCRIPT}\n"));
    let said = other(&text);
    assert!(said.contains("it is of another program: 'model.sh' has the BLAKE3 "), "{said}");
    let said =
        other("search: {strategy: gp, trials: 9, learn_from: a, space: {feedback.density: {uniform: [0.1, 1.0]}}}\n");
    assert!(said.contains("it is of a program, and this sweep of the burst network"), "{said}");
}
