//! A value in the tables is the value that ran: none is changed on the way, or it is refused with its place.

use serde_json::Value as Json;

use crate::external::program;
use crate::workplace::{Said, Workplace, npy};

/// The base of a short sweep of the network.
const BASE: &str = "base: {network: {layers: [12, 8, 3]}, signals: {length: 60}, training: {epochs: 2}}\n";

/// A place with a sweep of the network.
fn network(search: &str) -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", format!("{BASE}search: {search}\n"));
    place
}

/// A place with a sweep of a program that gives the value of x as its measure, unless `script` gives another one.
fn programmed(rest: &str, script: &str) -> Workplace {
    let place = Workplace::new();
    place.write("s.yaml", format!("model: {{command: [./model.sh], measures: [value]}}\n{rest}\n"));
    program(&place, script);
    place
}

const X: &str = r#"echo '{"measures": {"value": '$x'}}'"#;

fn sweep(place: &Workplace) -> Said {
    place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command"], 0)
}

/// A column of a table as CSV. Fields with commas are not expected in it, nor before it.
fn column(place: &Workplace, table: &str, name: &str) -> Vec<String> {
    let csv = place.run(&["report", "r", &format!("--csv={table}")], 0).out;
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = header.iter().position(|held| *held == name).unwrap_or_else(|| panic!("{name} in {header:?}"));
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

#[test]
fn a_column_holds_all_that_runs_or_the_mixture_is_refused() {
    let mixed = network(
        "{include: [{evaluation.curve_window: epoch}, {evaluation.curve_window: none}], \
         space: {evaluation.curve_window: {int: [30, 32]}}}",
    );
    mixed.run(&["sweep", "s.yaml", "--out", "r"], 0);
    for table in ["trials", "summary"] {
        assert_eq!(column(&mixed, table, "evaluation_curve_window"), ["epoch", "none", "30", "31", "32"]);
    }
    for (search, place) in [
        ("{include: [{learning_rate.hidden: [0.3]}], space: {learning_rate.hidden: [0.1, 0.2]}}", "s.yaml:2:20"),
        ("{include: [{learning_rate.hidden: 0.3}], space: {learning_rate.hidden: [[0.1], [0.2]]}}", "s.yaml:2:20"),
        (
            "{include: [{feedback.density: 0.5}], space: {feedback.density: [1.0], learning_rate.hidden: [[0.1]]}}",
            "s.yaml:2:20",
        ),
        (
            "{strategy: random, trials: 3, include: [{learning_rate.hidden: [0.3]}], \
             space: {learning_rate.hidden: {log_uniform: [0.1, 1]}}}",
            "s.yaml:2:49",
        ),
        ("{strategy: table, table: rows.csv}", "rows.csv:3:1"),
    ] {
        let refused = network(search);
        refused.write("rows.csv", "learning_rate.hidden\n0.1\n[0.3]\n");
        let said = refused.run(&["sweep", "s.yaml", "--out", "r"], 2).err;
        assert!(said.contains(place) && said.contains("since a column has one type"), "{search}: {said}");
        assert!(!refused.path("r").exists());
    }
}

#[test]
fn integers_are_exact_or_refused() {
    let place = programmed("search: {space: {x: [1, 9007199254740991, -9007199254740991]}}", X);
    sweep(&place);
    assert_eq!(column(&place, "trials", "x"), ["1", "9007199254740991", "-9007199254740991"]);
    assert_eq!(column(&place, "trials", "value"), ["1.0", "9007199254740991.0", "-9007199254740991.0"]);
    let wide = programmed("search: {strategy: random, trials: 20, space: {x: {int: [0, 9007199254740991]}}}", X);
    sweep(&wide);
    let (ran, measured) = (column(&wide, "trials", "x"), column(&wide, "trials", "value"));
    assert!(ran.iter().zip(&measured).all(|(x, value)| *value == format!("{x}.0")), "{ran:?} {measured:?}");
    for rest in [
        "search: {space: {x: [9007199254740993]}}",
        "base: {x: 0.5}\nsearch: {space: {x: [9007199254740993]}}",
        "base: {x: 9007199254740993}\nsearch: {space: {y: [1]}}",
        "search: {include: [{x: 9007199254740993}], space: {x: [1]}}",
        "search: {space: {x: [1]}, constraints: [x < 9007199254740993]}",
    ] {
        let said = programmed(rest, X).run(&["plan", "s.yaml"], 2).err;
        assert!(said.contains("s.yaml:") && said.contains("9007199254740993"), "{rest}: {said}");
    }
    for set in ["search.space.x=[9007199254740993]", "search.space.x={int: [0, 9007199254740993]}"] {
        place.refuses(&["plan", "s.yaml", "--set", set], "9007199254740993");
    }
    let rows = network("{strategy: table, table: rows.csv}");
    rows.write("rows.csv", "learning_rate.output\n1\n9007199254740993\n");
    rows.refuses(&["plan", "s.yaml"], "rows.csv:3:1: learning_rate.output would become '9007199254740993'");
}

#[test]
fn the_order_of_keys_means_nothing() {
    let plans = ["{int: [0, 4], step: 2}", "{step: 2, int: [0, 4]}"].map(|domain| {
        let place = programmed(&format!("name: s\nsearch: {{space: {{x: {domain}}}}}"), X);
        sweep(&place);
        assert_eq!(column(&place, "trials", "x"), ["0", "2", "4"], "{domain}");
        String::from_utf8(place.read("r/plan.json")).unwrap()
    });
    assert_eq!(plans[0], plans[1]);
}

#[test]
fn very_small_and_very_large_values_run_as_they_are() {
    let place = programmed("base: {x: 1.0}\nsearch: {space: {x: {log: [1e-14, 1], num: 15}}}", X);
    sweep(&place);
    let expected: Vec<f64> = (0..15).map(|at| format!("1e{}", at - 14).parse().unwrap()).collect();
    let numbers = |place: &Workplace, name: &str| -> Vec<f64> {
        column(place, "trials", name).iter().map(|x| x.parse().unwrap()).collect()
    };
    assert_eq!((numbers(&place, "x"), numbers(&place, "value")), (expected.clone(), expected));
    for strategy in ["random", "sobol", "halton", "latin_hypercube", "tpe", "gp", "cmaes"] {
        let search = format!("{{strategy: {strategy}, trials: 16, space: {{x: {{uniform: [-1e308, 1e308]}}}}}}");
        let place = programmed(&format!("replicates: 2\nbase: {{x: 1.0}}\nsearch: {search}"), X);
        let said = sweep(&place);
        let (ran, measured) = (numbers(&place, "x"), numbers(&place, "value"));
        assert!(ran == measured && ran.iter().all(|x| x.is_finite()), "{strategy}: {ran:?} {measured:?}");
        assert!(!said.out.contains("inf") && !said.out.contains("NaN"), "{strategy}: {}", said.out);
        let mut means = column(&place, "ranking", "mean").iter().map(|x| x.parse().unwrap()).collect::<Vec<f64>>();
        assert!(means.is_sorted() && means.iter().all(|x| x.is_finite()), "{means:?}");
        means.dedup();
        assert!(means.len() > 8, "{strategy}: {means:?}");
    }
}

#[test]
fn statistics_of_finite_values_are_finite_or_missing_with_a_sentence() {
    let script = r#"case $x in 0) v=1.7e308;; 1) v=1e308;; 2) v=-1.7e308;; esac; echo '{"measures": {"value": '$v'}}'"#;
    let place = programmed("replicates: 4\nsearch: {space: {x: [0, 1, 2]}}", script);
    let said = sweep(&place);
    assert_eq!(column(&place, "summary", "value_mean"), ["1.7e308", "1e308", "-1.7e308"]);
    assert_eq!(column(&place, "summary", "value_median"), ["1.7e308", "1e308", "-1.7e308"]);
    assert_eq!(column(&place, "summary", "value_sd"), ["0.0"; 3]);
    assert_eq!(column(&place, "ranking", "config_id"), ["2", "1", "0"]);
    // From −1.7e308 to 1.7e308 it is further than float64 reaches.
    assert_eq!(column(&place, "ranking", "difference"), ["", "", ""]);
    // No replicate differs from another one of its configuration, in all nine that could: that is hardly luck.
    let p: Vec<f64> = column(&place, "ranking", "p")[1..].iter().map(|p| p.parse().unwrap()).collect();
    assert!(p.iter().all(|p| *p < 0.05), "{p:?}");
    assert!(said.prose().contains("figures of value (standard deviations, intervals and differences) are beyond"));
    let json = place.run(&["report", "r", "--json"], 0).json();
    assert_eq!(json["ranked"][2]["contrast"]["difference"], Json::Null, "{json}");
    let named = place.run(&["report", "r", "--csv", "--baseline", "0"], 0).out;
    assert!(named.contains(",-6.999999999999999e307,"), "{named}"); // 1e308 − 1.7e308
}

#[test]
fn rounding_alone_is_no_difference() {
    let script = r#"case $x in 0) v=0.6000000000000001;; 1) v=0.6;; esac; echo '{"measures": {"value": '$v'}}'"#;
    let place = programmed("replicates: 8\nsearch: {space: {x: [0, 1]}}", script);
    let said = sweep(&place);
    assert!(!said.out.contains("100.0 %"), "{}", said.out);
    assert_eq!(column(&place, "ranking", "p"), ["", "1.0"]);
    assert_eq!(column(&place, "ranking", "difference"), ["", "0.0"]);
    assert_eq!(column(&place, "ranking", "config_id"), ["1", "0"], "ranks are by the values as they are");
    let kinds = column(&place, "effects", "kind");
    assert!(kinds.iter().all(|kind| !kind.starts_with("share") && kind != "between_configurations"), "{kinds:?}");
    let apart = programmed("replicates: 8\nsearch: {space: {x: [0, 1]}}", &script.replace("0000000000001", "00000001"));
    sweep(&apart);
    let p: f64 = column(&apart, "ranking", "p")[1].parse().unwrap();
    assert!((p * f64::from(1 << 13) - 1.0).abs() < 1e-9, "14 of 14 further values are equal: {p}");
    assert!(column(&apart, "effects", "kind").contains(&"share_of_key".to_owned()));
}

#[test]
fn inputs_beyond_float32_are_refused_where_the_fast_engine_would_read_them() {
    let file = |channels: usize, at: usize, held: f64| {
        let mut data = vec![0.5_f64; channels * 20];
        data[at] = held;
        let bytes: Vec<u8> = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        npy("'<f8'", &format!("({channels}, 20)"), &bytes)
    };
    let sweep = |engines: &str| {
        format!(
            "base:\n  network: {{layers: [4, 3, 2]}}\n  training: {{epochs: 2}}\n\
             \x20 signals: {{kind: files, inputs: x.npy, targets: t.npy}}\n\
             search: {{space: {{training.engine: {engines}, learning_rate.hidden: [0.1, 1.0]}}}}\n"
        )
    };
    let place = Workplace::new();
    place.write("t.npy", file(2, 0, 0.5));
    place.write("x.npy", file(4, 47, 1e39));
    for engines in ["[fast]", "[reference, fast]"] {
        place.write("s.yaml", sweep(engines));
        let said = place.run(&["sweep", "s.yaml", "--out", "r"], 2).err;
        let told = "s.yaml:4:34: signals.inputs: ";
        let element = "x.npy: element [2, 7] is 1e39, expected finite numbers within ±3.4028235e38, those of float32";
        assert!(said.contains(told) && said.contains(element), "{engines}: {said}");
        assert!(!place.path("r").exists());
    }
    place.write("s.yaml", sweep("[reference]"));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    assert_eq!(column(&place, "trials", "status"), ["ok", "ok"]);
    place.write("t.npy", file(2, 25, 1e39));
    place.refuses(&["plan", "s.yaml"], "t.npy: element [1, 5] is 1e39, expected targets from 0 to 1");
}
