//! Tables as configurations: what is read, and one message for what cannot be.

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
    ("rows.csv", b"learning_rate.hiden\n1\n", "rows.csv:1:1: column 'learning_rate.hiden' is no key"),
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
            assert_eq!((said.err.lines().count(), said.out.as_str()), (1, ""), "{}", said.err);
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
    assert!(place.run(&["plan", "s.yaml"], 2).err.contains("rows.csv: not a regular file"));
    std::fs::remove_dir(place.path("rows.csv")).expect("removed");
    let made = std::process::Command::new("mkfifo").arg(place.path("rows.csv")).status().expect("mkfifo");
    assert!(made.success());
    assert!(place.run(&["plan", "s.yaml"], 2).err.contains("rows.csv: not a regular file"));
}

#[test]
fn a_table_is_written_and_read_as_parquet() {
    let place = Workplace::new();
    place.write("s.yaml", SWEEP);
    place.write("rows.csv", "learning_rate.hidden\n0.1\n1\n");
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    // summary.parquet has columns that are no keys.
    let said = place.run(&["plan", "s.yaml", "--set", "search.table=r/summary.parquet"], 2);
    assert!(said.err.contains("r/summary.parquet:1:1: column 'config_id' is no key"), "{}", said.err);
}
