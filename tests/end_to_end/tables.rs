//! Tables as configurations: what is read, and one message for what cannot be.

use crate::external::program;
use crate::workplace::Workplace;

const SWEEP: &str = "\
base:
  network: {layers: [12, 8, 3]}
  signals: {length: 60}
  training: {epochs: 2}
search:
  strategy: table
  table: rows.csv
";

#[test]
fn a_sweep_of_the_rows_of_a_table() {
    let place = Workplace::new();
    place.write("s.yaml", SWEEP);
    place.write(
        "rows.csv",
        "\u{feff}learning_rate.hidden,network_layers,evaluation.loss_threshold\r\n0.1,\"[12, 8, 3]\",\r\n\r\n1,\"[12, 5, 3]\",0.02\r\n",
    );
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    assert_eq!((&plan["configurations"], &plan["strategy"]), (&2.into(), &"table".into()));
    assert_eq!(plan["shown"][1]["network_layers"], serde_json::json!([12, 5, 3]));
    assert_eq!(plan["shown"][0]["evaluation_loss_threshold"], serde_json::Value::Null);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    // The tables of results are tables of configurations.
    let summary = place.run(&["report", "r", "--csv=trials"], 0).out;
    let keep = |line: &str| line.split(',').nth(4).map(str::to_owned);
    let rows: Vec<String> = summary.lines().filter_map(keep).collect();
    place.write("again.csv", rows.join("\n"));
    let again = place.run(&["plan", "s.yaml", "--json", "--set", "search.table=again.csv"], 0).json();
    assert_eq!(again["shown"][1]["learning_rate_hidden"], 1.0);
}

#[test]
fn a_table_beside_a_space_is_crossed_with_it() {
    let place = Workplace::new();
    place.write("s.yaml", SWEEP.replace("strategy: table", "space: {feedback.density: [0.5, 1.0]}"));
    place.write("rows.csv", "learning_rate.hidden\n0.1\n1\n2\n");
    assert_eq!(place.run(&["plan", "s.yaml", "--json"], 0).json()["configurations"], 6);
}

/// Files, their names, and what the message says.
const WRONG: &[(&str, &[u8], &str)] = &[
    ("rows.csv", b"learning_rate.hiden\n1\n", "rows.csv:1:1: column 'learning_rate.hiden' is not a key"),
    ("rows.csv", b"learning_rate.hiden\n1\n", "(did you mean 'learning_rate.hidden'?)"),
    (
        "rows.csv",
        b"feedback.density\n0.5\n\n1.5\n",
        "rows.csv:4:1: feedback.density would become '1.5', expected a number",
    ),
    (
        "rows.csv",
        b"feedback.density,training.epochs\n0.5,1\n0.5,many\n",
        "rows.csv:3:2: training.epochs would become 'many'",
    ),
    ("rows.csv", b"feedback.density,training.epochs\n0.5,1\n0.5\n", "rows.csv:3:1: 1 cell below a header of 2"),
    (
        "rows.csv",
        b"feedback.density\n0,5\n",
        "rows.csv:2:1: 2 cells below a header of 1, expected a row with a cell for each column; numbers have a decimal point",
    ),
    (
        "rows.csv",
        b"feedback.density\n\"0,5\"\n",
        "feedback.density would become '0,5', expected a number from 0 to 1, with a decimal point",
    ),
    (
        "rows.csv",
        b"feedback.density;training.epochs\n0,5;1\n",
        "rows.csv:1:1: cells divided by semicolons, as spreadsheets do where numbers have a decimal comma, expected commas between cells, and decimal points in numbers",
    ),
    (
        "rows.csv",
        b"feedback.density,training.epochs\n0.5,\"1\n0.6,2\n0.7,3\n",
        "rows.csv:2:2: a quote that is not closed, expected a quote at the end of the cell",
    ),
    (
        "rows.csv",
        b"feedback.density,training.epochs\n0.5,\"1\"x\n",
        "rows.csv:2:2: text behind the closing quote of a cell",
    ),
    (
        "rows.csv",
        b"feedback.density,network.layers\n0.5, \"[3, 3]\"\n",
        "rows.csv:2:2: a quote in a cell that does not begin with one",
    ),
    ("rows.csv", b"network.dynamics\n\" pipelined\"\n", "rows.csv:2:1: network.dynamics would become ' pipelined'"),
    ("rows.csv", b"\xff\xfef\0e\0", "rows.csv:1:1: text in UTF-16, expected UTF-8"),
    (
        "rows.csv",
        b"feedback.density,feedback_density\n0.5,1\n",
        "rows.csv:1:2: column 'feedback_density' is there twice",
    ),
    ("rows.csv", b"feedback.density\n0.5\n\xff\n", "rows.csv:3:1: not UTF-8 text"),
    ("rows.csv", b"", "s.yaml:7:10: search.table rows.csv: the file is empty"),
    ("rows.csv", b"feedback.density\n", "rows.csv: no row of configurations"),
    ("rows.tsv", b"feedback.density\n1\n", "rows.tsv: its name ends with .tsv, expected a .csv or .parquet file"),
    ("rows", b"feedback.density\n1\n", "rows: its name has no ending"),
    ("rows.parquet", b"feedback.density\n1\n", "rows.parquet: no Parquet file that can be read"),
    (
        "rows.parquet",
        b"PAR1\xff\xff\xff\x7fPAR1",
        "rows.parquet: no Parquet file that can be read: it does not end as one",
    ),
    ("other.csv", b"feedback.density\n1\n", "rows.csv: No such file or directory"),
];

#[test]
fn what_is_no_table_is_one_message() {
    for (name, content, message) in WRONG {
        let place = Workplace::new();
        let named = if *name == "other.csv" { "rows.csv" } else { name };
        place.write("s.yaml", SWEEP.replace("rows.csv", named));
        place.write(name, content);
        let files = place.files();
        for command in ["plan", "sweep"] {
            let said = place.run(&[command, "s.yaml"], 2);
            assert!(said.err.starts_with("error: ") && said.err.contains(message), "{name}: {}", said.err);
            let messages = said.err.lines().filter(|line| line.starts_with("error: ")).count();
            assert_eq!((messages, said.out.as_str()), (1, ""), "{}", said.err);
        }
        assert_eq!(place.files(), files);
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_folders_are_no_tables() {
    let place = Workplace::new();
    place.write("s.yaml", SWEEP);
    std::fs::create_dir(place.path("rows.csv")).expect("a folder");
    place.refuses(&["plan", "s.yaml"], "rows.csv: not a regular file");
    std::fs::remove_dir(place.path("rows.csv")).expect("removed");
    let made = std::process::Command::new("mkfifo").arg(place.path("rows.csv")).status().expect("mkfifo");
    assert!(made.success());
    place.refuses(&["plan", "s.yaml"], "rows.csv: not a regular file");
}

#[test]
fn cells_without_values_and_blanks() {
    let place = Workplace::new();
    place.write("s.yaml", program_of("rows.csv", "base: {mode: a, x: 0}\n"));
    place.write("rows.csv", "x,mode\n1,\n2,\"\"\n3, b\n4,\" c \"\n5,'=d\n6,null\n");
    let plan = place.run(&["plan", "s.yaml", "--json"], 0).json();
    let modes: Vec<&serde_json::Value> = plan["shown"].as_array().unwrap().iter().map(|one| &one["mode"]).collect();
    assert_eq!(serde_json::json!(modes), serde_json::json!([null, "", " b", " c ", "=d", "null"]));
}

/// A sweep of the rows of a table, of a program that notes what it is given.
fn program_of(table: &str, base: &str) -> String {
    format!(
        "name: s\nmodel: {{command: [./model.sh], measures: [value]}}\n{base}search: {{strategy: table, table: {table}}}\n"
    )
}

const ROUND: &str = "\
base:
  network: {layers: [12, 8, 3]}
  signals: {length: 60}
  training: {epochs: 2}
search:
  strategy: random
  trials: 12
  space:
    network.layers: [[12, 8, 3], [12, 5, 3]]
    evaluation.curve_window: [epoch, 30, none]
    evaluation.loss_threshold: [null, 0.02]
    signals.amplitude: [[0.1, 0.2], [0.1, 0.3]]
    plasticity.feedback_rule: [gradient, ungated]
    learning_rate.feedback: {choice: [0.01, 0.1], when: {plasticity.feedback_rule: ungated}}
    learning_rate.hidden: {log_uniform: [0.1, 1.0]}
    training.epochs: {int: [2, 4]}
";

/// The tables of a results directory that say which configurations ran: those in Parquet, and others as CSV.
fn tables_of(place: &Workplace) -> Vec<String> {
    let mut names =
        vec!["r/summary.parquet".to_owned(), "r/trials.parquet".to_owned(), "r/contrasts.parquet".to_owned()];
    for table in ["summary", "trials", "ranking", "contrasts"] {
        let csv = place.run(&["report", "r", &format!("--csv={table}")], 0).out;
        place.write(&format!("{table}.csv"), csv);
        names.push(format!("{table}.csv"));
    }
    names
}

#[test]
fn the_tables_of_a_sweep_are_tables_of_its_configurations() {
    let place = Workplace::new();
    place.write("s.yaml", format!("replicates: 2\n{ROUND}"));
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let digests = |results: &str| {
        let trials = place.run(&["report", results, "--csv=trials"], 0).out;
        let mut digests: Vec<String> =
            trials.lines().skip(1).filter_map(|line| Some(line.rsplit_once(',')?.1.to_owned())).collect();
        digests.sort();
        digests.dedup();
        digests
    };
    let expected = digests("r");
    assert!(expected.len() > 12);
    let again = ROUND[..ROUND.find("search:").unwrap()].to_owned() + "search: {strategy: table, table: rows.csv}\n";
    place.write("again.yaml", format!("replicates: 2\n{again}"));
    for (at, table) in tables_of(&place).iter().enumerate() {
        let (out, set) = (format!("{at}"), format!("search.table={table}"));
        place.run(&["sweep", "again.yaml", "--out", &out, "--set", &set], 0);
        // contrasts.parquet has the best configurations alone, as the ranking has, which here are all.
        assert_eq!(digests(&out), expected, "{table}");
    }
}

#[cfg(unix)]
#[test]
fn so_are_those_of_a_program() {
    let place = Workplace::new();
    let base = "base: {x: 0, noise: {size: 1.5}, mode: a, names: [a], flag: true}\n";
    let space = "search:\n  space:\n    noise.size: [0.5, 1]\n    mode: [\"=1+1\", \" b, \\\"c\\\"\", '', \"1\", \"'=x\"]\n    \
                 names: [[a, 'b,c'], [\"\\u2028\\x7f\"]]\n    flag: {choice: [true, false], when: {noise.size: 1}}\n";
    place.write("s.yaml", program_of("-", base).split("search:").next().unwrap().to_owned() + space);
    program(&place, "echo \"$given\" >> seen; echo '{\"measures\": {\"value\": 1}}'");
    place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command"], 0);
    let seen = || {
        let text = String::from_utf8(place.read("seen")).unwrap();
        std::fs::remove_file(place.path("seen")).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let expected = seen();
    assert_eq!(expected.len(), 2 * 5 + 2 * 2 * 5);
    for (at, table) in tables_of(&place).iter().enumerate() {
        place.write("again.yaml", program_of(table, base));
        place.run(&["sweep", "again.yaml", "--out", &at.to_string(), "--allow-command"], 0);
        assert_eq!(seen(), expected, "{table}");
    }
    // Without base, a table in Parquet says which keys there are, and what they hold.
    place.write("again.yaml", program_of("r/summary.parquet", ""));
    place.run(&["sweep", "again.yaml", "--out", "alone", "--allow-command"], 0);
    let alone = seen();
    assert_eq!(alone.len(), expected.len());
    let first: serde_json::Value = serde_json::from_str(&alone[0]).unwrap();
    let keys: Vec<&String> = first["configuration"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["flag", "mode", "names", "noise"]);
}

#[cfg(unix)]
#[test]
fn a_table_says_which_keys_a_program_has() {
    let place = Workplace::new();
    place.write("s.yaml", program_of("rows.csv", ""));
    program(&place, "echo \"$given\" >> seen; echo '{\"measures\": {\"value\": 1}}'");
    place.write(
        "rows.csv",
        "count,x,noise.size,word,flag,list,sizes\n1,0.5,1,a,true,\"[a, b]\",\"[1, 2]\"\n2,1,2,1,false,[c],[]\n",
    );
    place.run(&["sweep", "s.yaml", "--out", "r", "--threads", "1", "--allow-command"], 0);
    let text = String::from_utf8(place.read("seen")).unwrap();
    let configurations: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["configuration"].clone())
        .collect();
    let expected = |n, x, size, word, flag, list, sizes| serde_json::json!({"count": n, "x": x, "noise": {"size": size}, "word": word, "flag": flag, "list": list, "sizes": sizes});
    assert_eq!(configurations[0], expected(1, 0.5, 1, "a", true, vec!["a", "b"], vec![1, 2]));
    assert_eq!(configurations[1], expected(2, 1.0, 2, "1", false, vec!["c"], vec![]));
    for (rows, message) in [
        ("a b\n1\n", "rows.csv:1:1: 'a b' is not a name of a key"),
        ("x,x\n1,2\n", "rows.csv:1:2: column 'x' is there twice"),
        ("x,x.y\n1,2\n", "'x' is a key and a section"),
        ("status\n1\n", "s.yaml:3:27: 'status' would have the column status"),
    ] {
        place.write("rows.csv", rows);
        let said = place.run(&["plan", "s.yaml"], 2);
        assert!(said.err.contains(message) && !said.err.contains("learning_rate"), "{}", said.err);
    }
    // With a base that says what keys hold, its cells are held against it.
    place.write("s.yaml", program_of("rows.csv", "base: {x: 1, noise: {size: 0.5}}\n"));
    place.write("rows.csv", "x,noise_size\n1,2\nmany,3\n");
    place.refuses(&["plan", "s.yaml"], "rows.csv:3:1: x would become 'many', expected");
}

#[test]
fn results_are_no_configurations() {
    let place = Workplace::new();
    place.write("s.yaml", SWEEP);
    place.write("rows.csv", "learning_rate.hidden\n0.1\n1\n");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let header = "trial_id,config_id,replicate,seed,training_epochs,status,error,loss,digest\n";
    for (table, content, message) in [
        ("r/curves.parquet", None, "r/curves.parquet: no column is a key"),
        ("t.csv", Some("config_id,loss\n0,1\n"), "t.csv:1:1: column 'config_id' is not a key"),
        ("t.csv", Some("config_id,n_ok,training_epochs\n0,1,3\n"), "t.csv: no column is a key"),
        (
            "t.csv",
            Some("config_id,bias,n_ok\n0,1,3\n"),
            "t.csv:1:2: column 'bias' is not a key, expected names of keys, such as network.bias or network_bias",
        ),
        (
            "t.csv",
            Some("config_id,network_bias,n_ok,training.epochs\n0,1,3,5\n"),
            "t.csv:1:4: column 'training.epochs' is a key, but stands among the results",
        ),
        (
            "t.csv",
            Some(&*format!("{header}0,0,0,7,9,ok,,1,\n1,1,0,7,3,pruned,,1,\n")),
            "t.csv:1:5: training.epochs of trials that were stopped early may be a key, or how far they got",
        ),
    ] {
        if let Some(content) = content {
            place.write(table, content);
        }
        place.refuses(&["plan", "s.yaml", "--set", &format!("search.table={table}")], message);
    }
    place.write("t.csv", format!("{header}0,0,0,7,9,ok,,1,\n1,1,0,7,3,ok,,1,\n"));
    assert_eq!(place.run(&["plan", "s.yaml", "--json", "--set", "search.table=t.csv"], 0).json()["configurations"], 2);
    place.refuses(
        &["plan", "s.yaml", "--set", "learning_rate.hidden=3"],
        "learning_rate.hidden is swept, at s.yaml:7:3, so its value in base is never used",
    );
}

#[test]
fn a_table_with_budgets_in_parquet_says_which_columns_are_keys() {
    let place = Workplace::new();
    let stopping = "base: {network: {layers: [12, 8, 3]}, signals: {length: 60}, training: {epochs: 4}}\nsearch: {stopping: \
                    successive_halving, strategy: sobol, trials: 8, space: {learning_rate.hidden: {uniform: [0.1, 1]}}}\n";
    place.write("stopped.yaml", stopping);
    place.run(&["sweep", "stopped.yaml", "--out", "r"], 0);
    place.write("s.yaml", SWEEP);
    for table in ["r/trials.parquet", "r/summary.parquet"] {
        let plan = place.run(&["plan", "s.yaml", "--json", "--set", &format!("search.table={table}")], 0).json();
        assert_eq!(plan["configurations"], 8);
        assert!(plan["shown"][0].get("training_epochs").is_none());
    }
}

/// A plan that could not be opened again is not made.
#[cfg(unix)]
#[test]
fn a_table_whose_plan_is_too_large_is_refused_before_anything_is_made() {
    let place = Workplace::new();
    place.write("s.yaml", program_of("rows.csv", "base: {x: a}\n"));
    program(&place, "echo '{}'");
    place.write("rows.csv", format!("x\n{}\n", "\u{1}".repeat(12 << 20))); // six times as long in JSON
    let files = place.files();
    for command in [&["plan", "s.yaml"][..], &["sweep", "s.yaml", "--out", "r", "--allow-command"]] {
        let said = place.refuses(command, "s.yaml:4:27: plan.json would have 754");
        assert!(
            said.err.contains("expected at most 67108864 bytes: fewer configurations, or shorter texts"),
            "{}",
            said.err
        );
    }
    assert_eq!(place.files(), files);
    place.write("rows.csv", format!("x\n{}\n", "\u{1}".repeat(10 << 20)));
    place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command"], 1);
    place.run(&["status", "r"], 0);
}
