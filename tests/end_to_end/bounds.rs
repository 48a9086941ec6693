//! `search.subject_to`: bounds on measures that the best configuration keeps.

use crate::external::{ALLOWED, allowed};
use crate::workplace::Workplace;

/// A program whose loss is least at x = 0.8, and whose cost is x; it measures no cost beyond 0.95.
const SCRIPT: &str = "awk -v x=\"$1\" 'BEGIN { printf \"{\\\"loss\\\": %.9g, \\\"cost\\\": %s}\\n\", (x - 0.8) ^ 2, \
                      (x > 0.95 ? \"NaN\" : x) }'\n";

fn place(search: &str) -> Workplace {
    let place = Workplace::new();
    place.write(
        "s.yaml",
        format!(
            "name: s\nmodel:\n  command: [sh, model.sh, '{{x}}']\n  stdin: none\n  measures: [loss, cost]\n  read: {{from: stdout, \
             json: last}}\nsearch:\n{search}"
        ),
    );
    place.write("model.sh", SCRIPT);
    place
}

/// Returns the cells of a column of a table in CSV.
fn column<'a>(csv: &'a str, name: &str) -> Vec<&'a str> {
    let mut rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let at = rows.next().unwrap().iter().position(|held| *held == name).unwrap_or_else(|| panic!("{name}: {csv}"));
    rows.map(|row| row[at]).collect()
}

const GRID: &str = "  space: {x: [0.1, 0.3, 0.5, 0.7, 0.9, 1.0]}\n";

#[test]
fn the_best_is_the_best_of_those_that_keep_the_bounds() {
    let place = place(&format!("  subject_to: cost < 0.6\n{GRID}"));
    let plan = place.run(&["plan", "s.yaml"], 0).out;
    assert!(plan.contains("bounds  the best configuration keeps cost < 0.6"), "{plan}");
    place.run(&allowed(&ALLOWED), 0);
    let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).unwrap();
    let bound = serde_json::json!([{"measure": "cost", "comparison": "<", "number": 0.6}]);
    assert_eq!(plan["subject_to"], bound);
    let report = place.run(&["report", "r", "--json"], 0).json();
    let ranked = report["ranked"].as_array().unwrap();
    let ids: Vec<u64> = ranked.iter().map(|one| one["config_id"].as_u64().unwrap()).collect();
    // Those that keep it by loss, the others by how far they are beyond it, and last the one without a cost.
    assert_eq!(ids, [2, 1, 0, 3, 4, 5]);
    let violations: Vec<Option<f64>> = ranked.iter().map(|one| one["violation"].as_f64()).collect();
    assert_eq!(violations[..3], [Some(0.0); 3]);
    assert!((violations[3].unwrap() - 0.1 / 0.6).abs() < 1e-12 && violations[5].is_none(), "{violations:?}");
    assert_eq!((&report["subject_to"]["keeping"], &report["subject_to"]["of"]), (&3.into(), &6.into()));
    let feasible: Vec<bool> = ranked.iter().map(|one| one["feasible"].as_bool().unwrap()).collect();
    assert_eq!(feasible, [true, true, true, false, false, false]);
    let texts = ["true", "true", "true", "false", "false", "false"];
    for table in ["--csv", "--csv=summary"] {
        assert_eq!(column(&place.run(&["report", "r", table], 0).out, "feasible"), texts, "{table}");
    }
    let headline = report["finding"]["headline"].as_str().unwrap();
    assert!(headline.starts_with("loss falls to 0.09 at x = 0.5 on a single seed, from 0.49"), "{headline}");
    let said = place.run(&["report", "r"], 0).out;
    assert!(said.contains("3 of 6 configurations keep cost < 0.6.") && said.contains("broken"), "{said}");
    let page = String::from_utf8(place.read("r/report.html")).unwrap();
    for told in ["The best configuration has to keep this bound", "3 of 6 configurations keep", ">broken<"] {
        assert!(page.contains(told), "{told}");
    }
    let best = place.run(&["show", "r", "--config", "2"], 0).out;
    assert!(best.contains("rank 1 of 6"), "{best}");
    place.run(&allowed(&["confirm", "r", "--best", "3", "--replicates", "2"]), 0);
    place.refuses(
        &allowed(&["confirm", "r", "--best", "4", "--replicates", "2"]),
        "--best 4: only 3 configurations have a value of loss and keep cost < 0.6",
    );
}

#[test]
fn where_none_keeps_the_bounds_the_nearest_is_shown_as_such() {
    let place = place(&format!("  subject_to: [cost < 0.6, 0.7 <= loss_2]\n{GRID}"));
    let named = place
        .refuses(
            &["plan", "s.yaml"],
            "s.yaml:8:28: search.subject_to names 'loss_2', which this sweep does not measure",
        )
        .err;
    assert!(named.contains("(did you mean 'loss'?)"), "{named}");
    let place = self::place(&format!("  subject_to: [cost < 0.05]\n{GRID}"));
    place.run(&allowed(&ALLOWED), 0);
    let report = place.run(&["report", "r", "--json"], 0).json();
    let headline = report["finding"]["headline"].as_str().unwrap();
    assert_eq!(
        headline,
        "No configuration keeps cost < 0.05: the nearest is configuration 0, with cost = 0.1 and loss = 0.49 on a single seed."
    );
    assert!(
        column(&place.run(&["report", "r", "--csv=summary"], 0).out, "feasible").iter().all(|held| *held == "false")
    );
    let none = place.run(&allowed(&["confirm", "r", "--best", "1", "--replicates", "2"]), 2).err;
    assert!(none.contains("only 0 configurations have a value of loss and keep cost < 0.05"), "{none}");
}

#[test]
fn strategies_that_learn_look_where_the_bounds_are_kept() {
    for strategy in ["tpe", "gp", "cmaes", "auto"] {
        let search = format!(
            "  strategy: {strategy}\n  trials: 30\n  lag: 4\n  subject_to: [cost < 0.6]\n  space: {{x: {{uniform: [0.0, 1.0]}}}}\n"
        );
        let place = place(&search);
        place.run(&allowed(&ALLOWED), 0);
        let report = place.run(&["report", "r", "--json"], 0).json();
        let best = &report["ranked"][0];
        let x = best["values"][0].as_f64().unwrap();
        assert!((0.5..0.6).contains(&x) && best["violation"] == 0.0, "{strategy}: {best}");
    }
}

#[test]
fn rules_that_stop_early_rank_by_bounds_too() {
    // At the first look the cheapest third goes on.
    let text = "name: s\nbase:\n  network: {layers: [12, 8, 3]}\n  signals: {length: 60}\n  training: {epochs: 10}\n\
                objective: train_loss\nsearch:\n  stopping: STOPPING\n  subject_to: [test_mae < 0.0001]\n  \
                space: {learning_rate.hidden: [0.1, 0.2, 0.5, 1, 2, 4, 6, 8, 10]}\n";
    let place = Workplace::new();
    for rule in ["one_look", "successive_halving", "hyperband"] {
        place.write("s.yaml", text.replace("STOPPING", rule));
        place.run(&["sweep", "s.yaml", "--out", rule], 0);
        let report = place.run(&["report", rule, "--json"], 0).json();
        assert!(report["finding"]["headline"].as_str().unwrap().starts_with("No configuration keeps test_mae"));
        place.refuses(&["refine", rule], "in a configuration that keeps test_mae < 0.0001, so there is nothing");
    }
    place.write("s.yaml", text.replace("STOPPING", "one_look").replace("test_mae < 0.0001", "test_mae < 1000"));
    place.run(&["sweep", "s.yaml", "--out", "kept"], 0);
    let summary = place.run(&["report", "kept", "--csv=summary"], 0).out;
    let pairs = column(&summary, "n_pruned").into_iter().zip(column(&summary, "feasible"));
    assert!(pairs.clone().all(|(pruned, feasible)| (feasible == "true") == (pruned == "0")), "{summary}");
    assert_eq!(pairs.filter(|(_, feasible)| *feasible == "true").count(), 3);
    let refined = place.run(&["refine", "kept"], 0).out;
    assert!(refined.contains("  subject_to: [\"test_mae < 1000\"]\n"), "{refined}");
    for rule in ["median", "{rule: paired_racing, first: 3}"] {
        place.write("s.yaml", format!("replicates: 4\n{}", text.replace("STOPPING", rule)));
        place.refuses(
            &["plan", "s.yaml"],
            "with search.subject_to: it compares the objective alone, expected one of one_look",
        );
    }
}

#[test]
fn wrong_bounds_are_told_with_their_place() {
    for (bounds, told) in [
        (
            "[cots < 3]",
            "s.yaml:8:16: search.subject_to names 'cots', which this sweep does not measure, expected one of loss, cost",
        ),
        ("[loss < 3]", "s.yaml:8:16: search.subject_to bounds loss, which is the objective, expected another measure"),
        ("[cost < 3, cost > 5]", "s.yaml:8:26: search.subject_to: cost < 3 and cost > 5 leave no value"),
        ("[cost < 3, cost >= 3]", "s.yaml:8:26: search.subject_to: cost < 3 and cost >= 3 leave no value"),
        (
            "[cost < 3, cost <= 4]",
            "s.yaml:8:26: search.subject_to bounds cost from above twice: cost < 3 and cost <= 4",
        ),
        (
            "[cost < low]",
            "s.yaml:8:16: search.subject_to holds 'cost < low', which is no bound, expected a measure, one of < <=",
        ),
        ("[cost < nan]", "s.yaml:8:16: search.subject_to holds 'cost < nan', which is no bound"),
        ("[cost < 1e999]", "s.yaml:8:16: search.subject_to: '1' at character 8, expected a finite number"),
        ("[cost == 3]", "s.yaml:8:16: search.subject_to holds 'cost == 3', which is no bound"),
        ("[2 * cost < 3]", "which is no bound"),
        ("[cost <]", "s.yaml:8:16: search.subject_to: ends after character 6"),
        ("[cost]", "which is no bound"),
        ("[5]", "s.yaml:8:16: search.subject_to holds '5', expected a measure"),
        ("{cost: 3}", "s.yaml:8:15: search.subject_to holds a mapping, expected a measure"),
        ("[[cost < 3]]", "search.subject_to holds '[cost < 3]', expected a measure"),
    ] {
        let place = place(&format!("  subject_to: {bounds}\n{GRID}"));
        let said = place.refuses(&["plan", "s.yaml"], told).err;
        assert_eq!(place.run(&allowed(&ALLOWED), 2).err, said);
        assert_eq!(place.files(), ["model.sh", "s.yaml"]);
    }
    let many: Vec<String> = (0..17).map(|at| format!("cost < {at}")).collect();
    let place = place(&format!("  subject_to: [{}]\n{GRID}", many.join(", ")));
    place.refuses(&["plan", "s.yaml"], "search.subject_to has 17 bounds, expected at most 16");
}

#[test]
fn a_plan_of_other_people_breaks_no_rule_of_bounds() {
    let place = place(&format!("  subject_to: cost < 0.6\n{GRID}"));
    place.run(&allowed(&ALLOWED), 0);
    let plan = String::from_utf8(place.read("r/plan.json")).unwrap();
    for (from, to, told) in [
        ("\"measure\": \"cost\"", "\"measure\": \"loss\"", "which is the objective"),
        ("\"comparison\": \"<\"", "\"comparison\": \"=\"", "unknown variant `=`"),
        ("\"number\": 0.6", "\"number\": null", "invalid type: null"),
    ] {
        place.write("r/plan.json", plan.replace(from, to));
        place.refuses(&["report", "r"], told);
    }
}
