//! Names that are taken by columns of the tables: no sweep is planned with one, and results from before names were checked
//! still open, but for their tables.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burstnet_core::engine::Isa;
use burstnet_sweep::files::disk;
use burstnet_sweep::plan::plan_file;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal::Damage;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::program_folder;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::{IfAnother, Study};
use burstnet_sweep::run::executor::Workers;
use burstnet_sweep::run::session::{Follower, Session, Task};
use burstnet_sweep::spec::{Source, SweepSpec};

use crate::external::{MEASURES, place, program};
use crate::workplace::Workplace;

const TABLES: [&str; 6] = ["trials", "curves", "summary", "timings", "effects", "contrasts"];

struct Nobody;

impl Follower for Nobody {
    fn started(&mut self, _done: u64, _total: u64, _damage: &[Damage]) {}
    fn finished(&mut self, _record: &TrialRecord) {}
    fn idle(&mut self) {}
}

/// A results directory `r` of four trials, as it was made before names were checked: `name` in place of the measure
/// `value`, or of the key `y`.
fn made_before(name: &str, of_measure: bool) -> Workplace {
    let script = MEASURES.replace("value", if of_measure { name } else { "value" });
    let place = place(4, &script);
    let text = String::from_utf8(place.read("s.yaml")).unwrap();
    let text = text.replace("{x: 0}", "{x: 0, y: 1, epochs: 9}").replace("{x: {int", "{y: [1, 2], x: {int");
    place.write("s.yaml", &text);
    let source = Source::parse(&place.path("s.yaml"), text.clone()).unwrap();
    let model = NamedModel::of_file(&source, &[], Isa::detect()).unwrap();
    let spec = SweepSpec::new(&source, Vec::new(), model.objective().schema()).unwrap();
    let json = spec.plan(model.objective()).unwrap().to_json().unwrap();
    let (from, to) = (if of_measure { "\"value\"" } else { "\"y\"" }, format!("\"{name}\""));
    let json = json.replace(from, &to);
    let mut model = NamedModel::of_plan(&json, Isa::detect()).unwrap();
    if let NamedModel::Command(command) = &mut model {
        command.allow(&place.path("")).unwrap();
    }
    let plan = plan_file::read(&json, model.objective()).unwrap();
    let text = text
        .replace(if of_measure { "value" } else { "y:" }, &if of_measure { name.into() } else { format!("{name}:") });
    let objective = model.objective();
    let study = Study::create(&disk::system(), &place.path("r"), plan, &text, objective, IfAnother::Refuse).unwrap();
    program_folder::note(&study, &place.path("").canonicalize().unwrap()).unwrap();
    let task = Task {
        shard: Shard::WHOLE,
        round: None,
        wait: Duration::from_secs(1),
        sync_interval: Duration::from_secs(1),
        retry_failed: false,
        stop_after_failures: 0,
        order: burstnet_sweep::spec::execution::Order::Plan,
    };
    let workers = Workers { threads: 1, host: "here".into(), max_seconds: None };
    let mut session = Session::begin(&study, objective, task).unwrap();
    session.run(objective, &workers, &AtomicBool::new(false), &mut Nobody).unwrap();
    place
}

/// Returns the message of `burstnet plan` for a sweep file of a program with this change.
fn refused(replaced: &str, by: &str) -> String {
    let place = place(4, MEASURES);
    let text = crate::external::sweep(4).replacen(replaced, by, 1);
    place.write("s.yaml", text);
    let planned = place.run(&["plan", "s.yaml"], 2);
    // Nothing is made, whatever the command is.
    let swept = place.run(&["sweep", "s.yaml", "--out", "r", "--allow-command"], 2);
    assert_eq!(planned.err, swept.err);
    assert!(!place.path("r").exists());
    planned.err.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn no_sweep_is_planned_with_a_name_that_is_taken() {
    for name in ["error", "status", "seed", "digest", "trial_id", "pareto", "Status", "ERROR"] {
        let said = refused("[value]", &format!("[value, {name}]"));
        let told = format!(
            "error: s.yaml:4:21: the measure '{name}' would have the column {name}, which is one of every table"
        );
        assert!(said.starts_with(&told) && said.ends_with(&format!("such as 'model_{name}'")), "{said}");
    }
    for name in ["status", "digest", "pareto", "Trial_Id"] {
        let said = refused("{x: {int:", &format!("{{{name}: [1, 2], x: {{int:"));
        let told = format!("error: s.yaml:6:18: '{name}' would have the column {name}, which is one of every table");
        assert!(said.starts_with(&told), "{said}");
        let said = refused("[value]\nbase: {x: 0", &format!("[value]\n  budget: {name}\nbase: {{x: 0, {name}: 9"));
        let told = format!("error: s.yaml:6:14: '{name}' would have the column {name}, which is one of every table");
        assert!(said.starts_with(&told), "{said}");
    }
    for (replaced, by, told) in [
        (
            "[value]",
            "[loss, Loss]",
            "s.yaml:4:20: the measure 'Loss' would have the column Loss, which is one of the measure loss",
        ),
        ("{x: {int:", "{X: [1, 2], x: {int:", "s.yaml:6:18: 'X' would have the column X, which is one of the key x"),
        (
            "{x: {int:",
            "{VALUE: [1, 2], x: {int:",
            "s.yaml:6:18: 'VALUE' would have the column VALUE, which is one of the measure value",
        ),
    ] {
        let said = refused(replaced, by);
        assert!(said.contains(told) && said.contains("(case does not count)"), "{said}");
    }
}

#[test]
fn results_from_before_names_were_checked_open_but_for_their_tables() {
    for (name, of_measure, tables, csv) in [
        ("error", true, "trials", &["curves", "summary", "timings", "effects", "contrasts", "ranking"][..]),
        ("Status", true, "trials", &["summary", "contrasts", "ranking"]),
        ("seed", true, "trials", &["summary"]),
        ("X", false, "trials, summary, contrasts", &["curves", "timings", "effects"]),
        ("Value", false, "trials", &["summary", "contrasts", "ranking"]),
    ] {
        let place = made_before(name, of_measure);
        let before = place.files();
        assert_eq!(place.run(&["status", "r", "--json"], 0).json()["done"], 8);
        let again = place.run(&["rerun", "r", "--trial", "3", "--allow-command", "--json"], 0).json();
        assert_eq!((&again["trial_id"], &again["same"], &again["seed"]), (&3.into(), &true.into(), &again["seed"]));
        assert!(again["status"] == "ok", "{again}");
        // The page and the report are there, and say why the tables are not.
        let told = format!("r: no tables are written, since in {tables} ");
        let said = place.run(&["report", "r"], 2);
        assert!(said.err.starts_with(&format!("error: {told}")) && said.err.lines().count() == 1, "{}", said.err);
        assert!(said.prose().contains("8 trials of 8 configurations") && said.prose().contains(&told), "{}", said.out);
        assert!(!said.out.contains("read_parquet"), "{}", said.out);
        assert!(place.path("r/report.html").exists());
        let json = place.run(&["report", "r", "--json"], 2).json();
        assert_eq!((&json["tables"], json["ranked"].as_array().map(Vec::len)), (&serde_json::json!([]), Some(8)));
        for table in tables.split(", ") {
            let said = place.run(&["report", "r", &format!("--csv={table}")], 2);
            assert_eq!(said.out, "");
            assert!(
                said.err.starts_with(&format!("error: r: no tables are written, since in {table} ")),
                "{}",
                said.err
            );
        }
        for table in csv {
            let said = place.run(&["report", "r", &format!("--csv={table}")], 0);
            assert!(said.out.lines().count() >= 1, "{}", said.out);
        }
        for arguments in [&["merge", "r"][..], &["confirm", "r", "--best", "1", "--replicates", "2", "--allow-command"]]
        {
            let said = place.run(arguments, 2);
            assert!(said.err.starts_with(&format!("error: {told}")), "{}", said.err);
        }
        let page = "r/report.html".to_owned();
        let after: Vec<String> = place.files().into_iter().filter(|file| *file != page).collect();
        assert_eq!(after, before, "nothing else is left");
        assert!(TABLES.iter().all(|table| !place.path(&format!("r/{table}.parquet")).exists()));
        // The sweep file itself is refused.
        place.refuses(&["sweep", "r/sweep.yaml", "--out", "r", "--allow-command"], "would have the column");
    }
}

#[test]
fn results_from_before_whose_names_are_in_no_table_twice_are_as_any() {
    // No table of this sweep has a column that only several objectives or a rule would add.
    for name in ["pareto", "n_pruned"] {
        let place = made_before(name, true);
        place.run(&["report", "r"], 0);
        assert!(TABLES.iter().all(|table| place.path(&format!("r/{table}.parquet")).exists()));
    }
}

#[test]
fn an_ordinary_name_changes_nothing() {
    let place = made_before("value_", true);
    program(&place, &MEASURES.replace("value", "value_"));
    place.run(&["report", "r"], 0);
}
