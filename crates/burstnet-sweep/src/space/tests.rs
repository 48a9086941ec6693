use burstnet_core::config::Value;

use crate::objective::Objective as _;
use crate::objective::burst::BurstNetwork;
use crate::plan::configurations::Configurations;
use crate::plan::plan_file;
use crate::spec::table::{Cell, Decoded};
use crate::spec::{Source, SweepSpec};

fn read(text: &str) -> Result<Configurations, String> {
    let network = BurstNetwork::default();
    let source = Source::parse("s.yaml".as_ref(), text.into()).map_err(|error| error.to_string())?;
    let source = source.with_tables(|_| {
        let row = |a: &str, b: f64| vec![Cell::Written(a.into()), Cell::Typed(Value::Float(b))];
        Ok(Decoded {
            columns: vec![("learning_rate_hidden".into(), 1), ("feedback.density".into(), 2)],
            rows: vec![row("0.5", 1.0), row("2", 0.25), row("0.5", 0.25)],
            ..Decoded::default()
        })
    });
    let spec = SweepSpec::new(&source, Vec::new(), network.schema()).map_err(|error| error.to_string())?;
    let plan = Configurations::from(spec.plan(&network).map_err(|error| error.to_string())?);
    // A plan can hold everything that a sweep file says, and reads back as the same plan.
    let json = plan.to_json().unwrap();
    let again = Configurations::from(plan_file::read(&json, &network).unwrap());
    assert_eq!((again.to_json().unwrap(), again.configurations()), (json, plan.configurations()));
    Ok(plan)
}

/// Returns the values of all configurations as text.
fn all(text: &str) -> Vec<String> {
    let plan = read(text).unwrap();
    let shown = |config_id| plan.swept_values(config_id).iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
    (0..plan.configurations()).map(shown).collect()
}

#[test]
fn keys_that_move_together_still_multiply_with_others() {
    let found = all("search: {zip: [learning_rate.hidden, learning_rate.output], space: {\
                     learning_rate.hidden: [1, 2], feedback.density: [0.1, 0.5], learning_rate.output: [0.1, 0.2]}}");
    assert_eq!(found, ["1.0 0.1 0.1", "1.0 0.5 0.1", "2.0 0.1 0.2", "2.0 0.5 0.2"]);
}

#[test]
fn ratios_to_other_keys() {
    let found = all("search: {space: {learning_rate.output: {ratio_of: learning_rate.hidden, log: [0.01, 1], num: 3},\
                     learning_rate.hidden: [0.3, 2]}}");
    assert_eq!(found, ["0.003 0.3", "0.02 2.0", "0.03 0.3", "0.2 2.0", "0.3 0.3", "2.0 2.0"]);
    let fixed = all("base: {learning_rate: {hidden: 3}}\n\
                     search: {space: {learning_rate.output: {ratio_of: learning_rate.hidden, ratio: 0.1}}}");
    assert_eq!(fixed, ["0.3"]);
}

#[test]
fn keys_that_exist_only_for_some_values_of_others() {
    let text = "base: {learning_rate: {feedback: 0.01}}\n\
                search: {space: {plasticity.feedback_rule: [gradient, event_rate],\
                learning_rate.feedback: {choice: [0.1, 0.2, 0.3], when: {plasticity.feedback_rule: gradient}}}}";
    let plan = read(&text.replace("event_rate", other_rule()));
    let plan = plan.unwrap();
    let shown: Vec<_> = (0..plan.configurations()).map(|c| plan.swept_values(c)[1].clone()).collect();
    assert_eq!(shown, [Value::Float(0.1), Value::Float(0.2), Value::Float(0.3), Value::Null]);
    assert_eq!(plan.configuration(3).get("learning_rate.feedback"), &Value::Float(0.01));
}

/// Returns a feedback rule other than `gradient`.
fn other_rule() -> &'static str {
    let schema = burstnet_core::config::keys::schema();
    let words = schema.key("plasticity.feedback_rule").unwrap().kind.words();
    words.iter().find(|word| **word != "gradient").unwrap()
}

#[test]
fn the_order_of_conditions_means_nothing() {
    let plan = |when: &str| {
        read(&format!(
            "search: {{space: {{feedback.density: [0.1, 0.5], learning_rate.hidden: [1, 2], \
             learning_rate.output: {{{when}, choice: [0.1, 0.2]}}}}}}"
        ))
        .unwrap()
    };
    let one = plan("when: {feedback.density: 0.1, learning_rate.hidden: 1}");
    let other = plan("when: {learning_rate.hidden: 1, feedback.density: 0.1}");
    assert_eq!((one.fingerprint(), one.configurations()), (other.fingerprint(), 5));
    // A plan of an earlier version may have them in any order.
    let json = one.to_json().unwrap();
    let mut swapped: serde_json::Value = serde_json::from_str(&json).unwrap();
    swapped["space"][2]["when"].as_array_mut().unwrap().reverse();
    let again = plan_file::read(&swapped.to_string(), &BurstNetwork::default()).unwrap();
    assert_eq!(again.fingerprint(), one.fingerprint());
}

#[test]
fn constraints_drop_combinations_and_are_counted() {
    let text = "search: {constraints: [learning_rate.output < 0.2 * learning_rate.hidden], space: {\
                learning_rate.hidden: [0.5, 1], learning_rate.output: [0.05, 0.1, 0.15]}}";
    assert_eq!(all(text), ["0.5 0.05", "1.0 0.05", "1.0 0.1", "1.0 0.15"]);
    assert_eq!(read(text).unwrap().excluded(), 2);
    let random = "search: {strategy: random, trials: 50, constraints: feedback.density > 0.5,\
                  space: {feedback.density: {uniform: [0, 1]}}}";
    let plan = read(random).unwrap();
    assert_eq!(plan.configurations(), 50);
    assert!((0..50).all(|c| plan.swept_values(c)[0].as_f64().unwrap() > 0.5));
    assert!((20..90).contains(&plan.excluded()), "{}", plan.excluded());
    // A search with more trials begins with the trials of the shorter one.
    let more = read(&random.replace("50", "80")).unwrap();
    assert!((0..50).all(|c| plan.swept_values(c) == more.swept_values(c)));
}

#[test]
fn included_configurations_come_first_and_once() {
    let text = "search: {include: [{feedback.density: 0.3}, {feedback.density: 0.5, learning_rate.hidden: 2}], space: {\
                feedback.density: [0.1, 0.5], learning_rate.hidden: [1, 2]}}";
    assert_eq!(all(text), ["0.3 1.0", "0.5 2.0", "0.1 1.0", "0.1 2.0", "0.5 1.0"]);
    let random = "search: {strategy: random, trials: 3, include: [{feedback.density: 0.3}],\
                  space: {feedback.density: {uniform: [0, 1]}}}";
    let alone = all(&random.replace("include: [{feedback.density: 0.3}],", ""));
    let found = all(random);
    assert_eq!((found.len(), found[0].as_str(), &found[1..]), (3, "0.3", &alone[..2]));
}

#[test]
fn ratios_are_found_again_from_the_values() {
    let plan = read(
        "search: {space: {learning_rate.hidden: [1.0, 3.0], \
         learning_rate.output: {ratio_of: learning_rate.hidden, choice: [0.7, 0.5, 0.1]}}}",
    )
    .unwrap();
    let ratios: Vec<_> = (0..6).map(|c| plan.coordinates(c)[1].clone().unwrap()).collect();
    assert_eq!(ratios, [0.7, 0.5, 0.1, 0.7, 0.5, 0.1].map(Value::Float));
}

#[test]
fn what_an_included_configuration_has_of_the_base_counts() {
    let text = "base: {network: {layers: [12, 8, 8, 3]}}\nsearch: {include: [{learning_rate.hidden: 0.5}], \
                space: {network.layers: [[12, 8, 3], [12, 9, 3]], learning_rate.hidden: [1.0]}}";
    assert!(read(text).unwrap().measures.contains(&"alignment_deg_1".to_owned()));
    let mask = "base: {teaching: {mask: here.npy}}\nsearch: {include: [{learning_rate.hidden: 0.5}], \
                space: {teaching.mask: [null], learning_rate.hidden: [1.0]}}";
    let refused = read(mask).unwrap_err();
    assert!(refused.contains("teaching.mask could also be 'here.npy'"), "{refused}");
}

#[test]
fn the_values_of_a_column() {
    let columns = |text: &str| {
        let plan = read(text).unwrap();
        (0..plan.space.len()).map(|at| plan.column_values(at)).collect::<Vec<_>>()
    };
    // A key that does not exist is null, so no row has the base's value.
    let text = "search: {space: {plasticity.hidden_rule: [burst_rate, burst_probability], \
                learning_rate.hidden: {choice: [[0.1], [0.2]], when: {plasticity.hidden_rule: burst_rate}}}}";
    assert_eq!(columns(text)[1], [vec![0.1], vec![0.2]].map(Value::from));
    let text = "search: {include: [{evaluation.curve_window: epoch}], space: {evaluation.curve_window: {int: [1, 9]}}}";
    assert_eq!(columns(text), [[Value::Int(1), Value::Int(9), "epoch".into()]]);
    let text = "base: {learning_rate: {output: 7}}\nsearch: {include: [{learning_rate.hidden: 3}], space: {\
                learning_rate.hidden: [1, 2], learning_rate.output: {ratio_of: learning_rate.hidden, ratio: 0.5}}}";
    let held = columns(text);
    assert_eq!(
        (&held[0][..], &held[1][..]),
        (&[1.0, 2.0, 3.0].map(Value::Float)[..], &[0.5, 0.5, 1.5, 1.5, 7.0].map(Value::Float)[..])
    );
}

#[test]
fn many_conditions_on_many_keys_are_soon_known() {
    let mut space = String::new();
    let keys = ["feedback.density", "feedback.weight_range", "teaching.target_fraction", "learning_rate.hidden"];
    let when = |before: &[&str]| before.iter().map(|key| format!("{key}: [0.1, 0.5]")).collect::<Vec<_>>().join(", ");
    for (at, key) in keys.iter().enumerate() {
        let when = if at > 0 { format!(", when: {{{}}}", when(&keys[..at])) } else { String::new() };
        space += &format!("{key}: {{choice: [0.1, 0.5]{when}}}, ");
    }
    let text = format!("search: {{include: [{{feedback.density: 0.5}}], space: {{{space}}}}}");
    assert_eq!(read(&text).unwrap().configurations(), 17);
}

#[test]
fn a_plan_says_every_setting_also_those_by_default() {
    let space = "space: {feedback.density: {uniform: [0, 1]}}";
    let learning = read(&format!("search: {{strategy: tpe, trials: 9, startup: 4, {space}}}")).unwrap();
    let learning = &learning.strategy;
    assert_eq!((learning.round, learning.lag), (None, Some(16)));
    assert_eq!((learning.settings["startup"], learning.settings["candidates"]), (4.0, 24.0));
    for (pace, expected) in
        [("round: 8", (Some(8), None)), ("lag: 3", (None, Some(3))), ("lag: null", (None, Some(16)))]
    {
        let strategy = &read(&format!("search: {{strategy: tpe, trials: 9, {pace}, {space}}}")).unwrap().strategy;
        assert_eq!((strategy.round, strategy.lag), expected);
    }
    let stopping = read(&format!("search: {{strategy: sobol, trials: 9, stopping: hyperband, {space}}}")).unwrap();
    let stopping = stopping.stopping.clone();
    assert_eq!(stopping.unwrap().settings, [("brackets".to_owned(), 3.0), ("factor".to_owned(), 3.0)].into());
}

#[test]
fn rows_of_a_table() {
    assert_eq!(all("search: {strategy: table, table: t.csv}"), ["0.5 1.0", "2.0 0.25", "0.5 0.25"]);
    let multiplied = all("search: {table: t.csv, space: {learning_rate.output: [0.1, 0.2]}}");
    assert_eq!(multiplied.len(), 6);
    assert_eq!(multiplied[4], "0.2 2.0 0.25");
}

#[test]
fn what_cannot_be_searched() {
    let mut wrong = Vec::new();
    for (search, message) in [
        (
            "space: {learning_rate.hidden: {choice: [1], when: {learning_rate.output: 0.1}}, \
             learning_rate.output: {choice: [0.1], when: {learning_rate.hidden: 1}}}",
            "keys depend on each other in a circle: learning_rate.hidden on learning_rate.output on learning_rate.hidden, \
             expected conditions and ratios that end at a key",
        ),
        (
            "space: {learning_rate.hidden: {ratio_of: learning_rate.hidden, ratio: 2}}",
            "in a circle: learning_rate.hidden on learning_rate.hidden",
        ),
        (
            "zip: [learning_rate.hidden, learning_rate.output], space: {learning_rate.hidden: [1, 2], \
             learning_rate.output: [0.1, 0.2, 0.3]}",
            "s.yaml:1:15: zip of learning_rate.hidden (2 values) and learning_rate.output (3 values), expected equally many",
        ),
        ("zip: [learning_rate.hidden], space: {learning_rate.hidden: [1, 2]}", "1 key to move together"),
        ("zip: [a.b, learning_rate.hidden], space: {learning_rate.hidden: [1]}", "zip names a.b, which is not swept"),
        (
            "constraints: ['feedback.density > 2'], space: {feedback.density: [0.1, 1]}",
            "s.yaml:1:24: the constraints leave nothing of 2 combinations, expected constraints",
        ),
        (
            "strategy: random, trials: 5, constraints: ['feedback.density > 2'], space: {feedback.density: {uniform: [0, 1]}}",
            "none of the first 200000 points of strategy random fulfils the constraints, expected constraints that more",
        ),
        (
            "strategy: random, trials: 2500000, constraints: ['feedback.density >= 0'], space: {feedback.density: {uniform: [0, 1]}}",
            "2000000 of the first 2000000 points of strategy random fulfil the constraints, 2500000 are asked for, expected at \
             most 2000000 trials",
        ),
        ("constraints: [density > 2], space: {feedback.density: [1]}", "names 'density', which is not a key"),
        ("constraints: [feedback.density], space: {feedback.density: [1]}", "is 1.0, neither true nor false"),
        (
            "constraints: [feedback.density >], space: {feedback.density: [1]}",
            "ends after character 18, expected a key",
        ),
        (
            "include: [{feedback.density: 5}], space: {feedback.density: [1]}",
            "feedback.density is '5', expected a number",
        ),
        (
            "include: [{learning_rate.output: 5}], space: {feedback.density: [1]}",
            "gives learning_rate.output, which is not",
        ),
        (
            "include: [{learning_rate.hidden: 0.5}, {learning_rate.hidden: 0.5, feedback.density: 1.0}], \
             space: {feedback.density: [1], learning_rate.hidden: [1]}",
            "an included configuration that is there already",
        ),
        ("strategy: cmaes, trials: 9, round: 10000000, space: {feedback.density: [1]}", "search.round is '10000000'"),
        (
            "strategy: tpe, trials: 9, constraints: [feedback.density > 2], space: {feedback.density: {uniform: [0, 1]}}",
            "strategy tpe finds nothing that the constraints allow",
        ),
        ("include: [{feedback.density: 0.5}, {feedback.density: 0.5}], space: {feedback.density: [1]}", "twice"),
        ("strategy: table", "strategy table has no search.table"),
        ("strategy: table, table: t.csv, space: {learning_rate.output: [1]}", "search.space with strategy table"),
        ("table: t.csv, space: {feedback.density: [1]}", "feedback.density is a column of search.table, and swept at"),
        (
            "space: {feedback.density: {ratio_of: learning_rate.hidden, ratio: 2}, learning_rate.hidden: [0.1, 1]}",
            "s.yaml:1:36: feedback.density would become 2.0, expected a number from 0 to 1",
        ),
        (
            "space: {learning_rate.output: {ratio_of: learning_rate.hidden, ratio: 0.5}, learning_rate.hidden: [[1.0], [2.0]]}",
            "learning_rate.output is a ratio to learning_rate.hidden, which can be [1.0], expected a key that is a number",
        ),
        (
            "space: {learning_rate.output: {ratio_of: learning_rate.hidden, ratio: 1e200}, learning_rate.hidden: [1.0, 1e300]}",
            "learning_rate.output would become inf, expected a number of at least 0",
        ),
        (
            "include: [{learning_rate.hidden: [0.3]}], space: {learning_rate.hidden: [0.1, 0.2]}",
            "s.yaml:1:20: an included configuration gives learning_rate.hidden the value [0.3], and other configurations \
             have another type, expected only lists or only single values",
        ),
        (
            "include: [{learning_rate.hidden: 0.3}], space: {learning_rate.hidden: [[0.1], [0.2]]}",
            "gives learning_rate.hidden the value 0.3",
        ),
        (
            "include: [{feedback.density: 0.3}], space: {learning_rate.hidden: [[0.1], [0.2]], feedback.density: [1]}",
            "leaves learning_rate.hidden the value 1.0 of base",
        ),
        (
            "include: [{learning_rate.hidden: [0.3]}], space: {learning_rate.hidden: {log: [0.1, 1], num: 2}}",
            "gives learning_rate.hidden the value [0.3]",
        ),
        (
            "include: [{learning_rate.hidden: [0.3]}], \
             space: {learning_rate.hidden: {ratio_of: learning_rate.output, ratio: 2}, learning_rate.output: [0.1]}",
            "gives learning_rate.hidden the value [0.3]",
        ),
        ("round: 5, space: {feedback.density: [1]}", "search.round with strategy grid, which learns nothing"),
        (
            "strategy: tpe, trials: 9, lag: 0, space: {feedback.density: [1]}",
            "s.yaml:1:41: search.lag is '0', expected",
        ),
        ("strategy: tpe, trials: 9, lag: 1000001, space: {feedback.density: [1]}", "search.lag is '1000001', expected"),
        ("strategy: tpe, trials: 9, lag: 2.5, space: {feedback.density: [1]}", "search.lag is '2.5', expected"),
        (
            "strategy: tpe, trials: 9, lag: 4, round: 5, space: {feedback.density: [1]}",
            "search.lag: 4 and search.round: 5, expected one of them",
        ),
        (
            "strategy: random, trials: 9, round: 5, lag: 4, stopping: hyperband, space: {feedback.density: [1]}",
            "search.lag: 4 and search.round: 5, expected one of them",
        ),
        ("lag: 5, space: {feedback.density: [1]}", "search.lag with strategy grid, which learns nothing"),
        ("strategy: successive_halving, space: {feedback.density: [1]}", "with search.stopping: successive_halving"),
        ("stopping: halving, space: {feedback.density: [1]}", "search.stopping.rule is 'halving', expected"),
        (
            "stopping: {rule: successive_halving, factor: 1}, space: {feedback.density: [1]}",
            "search.stopping.factor is '1', expected an integer from 2 to 1000",
        ),
        (
            "stopping: {rule: successive_halving, faktor: 3}, space: {feedback.density: [1]}",
            "unknown key 'search.stopping.faktor' of rule successive_halving, expected one of rule, factor, rungs \
             (did you mean 'factor'?)",
        ),
        ("stopping: successive_halving, space: {training.epochs: [9]}", "divides training.epochs, which is swept"),
        ("stopping: paired_racing, space: {feedback.density: [1]}", "paired_racing with 1 replicates"),
        ("startup: 3, space: {feedback.density: [1]}", "'search.startup'"),
    ] {
        match read(&format!("search: {{{search}}}")) {
            Err(found) if found.contains(message) => {}
            other => wrong.push(format!("{search}:\n{:?}", other.map(|plan| plan.configurations()))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let short = "base: {training: {epochs: 1}}\nsearch: {stopping: hyperband, space: {feedback.density: [1]}}";
    assert!(read(short).unwrap_err().contains("training.epochs is 1, which cannot be divided"));
}

#[test]
fn json_is_read_as_it_stands() {
    let read = |json: &str| serde_json::from_str::<Value>(json).map_err(|error| error.to_string());
    let items = vec![Value::Null, true.into(), Value::Int(-3), 3.0.into(), "x".into(), vec![1_i64].into()];
    assert_eq!(read(r#"[null, true, -3, 3.0, "x", [1]]"#), Ok(Value::List(items)));
    assert_eq!(read("9223372036854775807"), Ok(Value::Int(i64::MAX)));
    assert!(read("9223372036854775808").unwrap_err().contains("the integer 9223372036854775808 is too large"));
    assert!(read("{}").unwrap_err().contains("expected null, true, false, a number, a text or a list"));
}
