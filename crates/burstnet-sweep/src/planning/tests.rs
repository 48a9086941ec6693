use burstnet_core::engine::Isa;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::plan::configurations::Configurations;
use crate::plan::plan_file;
use crate::results::models::NamedModel;
use crate::spec::place::SpecError;
use crate::spec::table::{Cell, Decoded};
use crate::spec::{Source, SweepSpec};

/// Plans a sweep file, beside which lies a table.
fn plan(text: &str) -> Result<(Configurations, NamedModel), SpecError> {
    let source = Source::parse("s.yaml".as_ref(), text.into())?.with_tables(|_| {
        let row = |cells: [&str; 3]| {
            let [a, b, c] = cells.map(|cell| Cell::Written(cell.to_owned()));
            vec![a, b, c, Cell::Typed(burstnet_core::config::Value::Float(0.5))]
        };
        Ok(Decoded {
            columns: ["t0", "t1", "s.t2", "k0"].iter().zip(1..).map(|(name, at)| ((*name).to_owned(), at)).collect(),
            rows: vec![row(["1", "", "[1, 2]"]), row(["2.5", "x", "[]"]), row(["1", "x", "[0.5]"])],
            ..Decoded::default()
        })
    });
    let model = NamedModel::of_file(&source, &[], Isa::detect())?;
    let spec = SweepSpec::new(&source, Vec::new(), model.objective().schema())?;
    Ok((spec.plan(model.objective())?.into(), model))
}

const KEYS: [&str; 5] = ["k0", "k1", "s.k2", "s.k3", "k4"];

fn single() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-3_i64..4).prop_map(|i| json!(i)),
        (-3_i64..4).prop_map(|i| json!(i as f64 / 2.0)),
        any::<bool>().prop_map(|flag| json!(flag)),
        prop_oneof![Just("a"), Just("b"), Just(""), Just("1"), Just("\u{1}\u{2028}'\""), Just("null")]
            .prop_map(|text| json!(text)),
        any::<f64>().prop_filter_map("finite", |x| x.is_finite().then(|| json!(x))),
        any::<i64>().prop_map(|i| json!(i)),
    ]
}

fn value() -> impl Strategy<Value = Json> {
    prop_oneof![4 => single(), 1 => proptest::collection::vec(single(), 0..3).prop_map(Json::from), 1 => numbers()]
}

/// Values of one kind, as most people would write them.
fn numbers() -> impl Strategy<Value = Json> {
    proptest::collection::vec((1_i64..9).prop_map(|i| json!(i)), 1..4).prop_map(Json::from)
}

fn domain() -> impl Strategy<Value = Json> {
    let ends = || (-2_i64..3, 0_i64..6).prop_map(|(low, length)| json!([low, low + length]));
    let own = prop_oneof![
        3 => numbers().prop_map(|list| json!({ "choice": list })),
        1 => proptest::collection::vec(value(), 1..3).prop_map(|list| json!({ "choice": list })),
        2 => (ends(), 1_u8..4).prop_map(|(ends, step)| json!({ "step": step, "int": ends })),
        1 => (ends(), 1_u8..4).prop_map(|(ends, num)| json!({ "linear": ends, "num": num })),
        1 => (1_u8..4).prop_map(|num| json!({ "log": [0.1, 10], "num": num })),
        1 => ends().prop_map(|ends| json!({ "uniform": ends })),
    ];
    let key = || (0..KEYS.len()).prop_map(|at| KEYS[at]);
    let when = proptest::option::weighted(0.3, (key(), prop_oneof![(1_i64..9).prop_map(|i| json!(i)), value()]));
    let ratio = proptest::option::weighted(0.2, key());
    (own, when, ratio).prop_map(|(mut own, when, ratio)| {
        if let Some((key, value)) = when {
            own["when"] = json!({ key: value });
        }
        if let Some(key) = ratio {
            own["ratio_of"] = json!(key);
        }
        own
    })
}

/// A mapping of some of the keys.
fn of_keys(value: impl Strategy<Value = Json>, part: f64) -> impl Strategy<Value = Json> {
    let one = proptest::option::weighted(part, value);
    proptest::collection::vec(one, KEYS.len()).prop_map(|values| {
        let pairs = KEYS.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?)));
        Json::from(pairs.collect::<Map<_, _>>())
    })
}

fn sweep_of_a_program() -> impl Strategy<Value = String> {
    let usual = || prop_oneof![9 => (1_i64..9).prop_map(|i| json!(i)), 1 => value()];
    let include = proptest::option::weighted(0.3, of_keys(usual(), 0.3));
    let (base, space) = (of_keys(usual(), 0.8), of_keys(domain(), 0.4));
    let rest =
        (any::<bool>(), proptest::bool::weighted(0.3), proptest::option::weighted(0.2, Just("k0 < 2 or k1 == 1")));
    (base, space, include, rest).prop_map(|(base, space, include, (is_random, has_table, constraint))| {
        let mut search = json!({ "space": space });
        if let Some(one) = include {
            search["include"] = json!([one]);
        }
        if has_table {
            search["table"] = json!("t.csv");
        }
        if is_random {
            search["strategy"] = json!("random");
            search["trials"] = json!(5);
        }
        if let Some(constraint) = constraint {
            search["constraints"] = json!([constraint]);
        }
        let model = json!({ "command": ["true"], "measures": ["value"] });
        json!({ "name": "s", "model": model, "base": base, "search": search }).to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// A sweep file that is refused names the place, and one that is accepted gives a plan that is read again.
    #[test]
    fn what_is_planned_is_read_again(text in sweep_of_a_program()) {
        let (plan, model) = match plan(&text) {
            Ok(planned) => planned,
            Err(error) => {
                prop_assert!(!error.problem.contains("could not be read again"), "{text}\n{error}");
                return Ok(());
            }
        };
        let json = plan.to_json().unwrap();
        let again = NamedModel::of_plan(&json, Isa::detect()).unwrap();
        let sorted = |model: &NamedModel| {
            let mut keys = model.objective().schema().keys().to_vec();
            keys.sort_by(|a, b| a.path.cmp(&b.path));
            keys
        };
        prop_assert_eq!(sorted(&again), sorted(&model), "{}", text);
        let read = Configurations::from(plan_file::read(&json, again.objective()).unwrap());
        prop_assert_eq!(read.to_json().unwrap(), json);
        for config_id in 0..plan.configurations().min(20) {
            prop_assert_eq!(plan.configuration(config_id), read.configuration(config_id));
        }
    }
}

#[test]
fn many_of_the_sweeps_above_are_planned() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let files = (0..300).map(|_| sweep_of_a_program().new_tree(&mut runner).unwrap().current());
    let planned = files.filter(|text| plan(text).is_ok()).count();
    assert!(planned > 30, "{planned} of 300");
}

/// Plans a search of a program with `keys` keys.
fn search_of(keys: usize, search: &str) -> Result<Configurations, SpecError> {
    let base: Vec<String> = (0..keys).map(|at| format!("k{at}: 1.0")).collect();
    let space: Vec<String> = (0..keys).map(|at| format!("k{at}: {{uniform: [0, 1]}}")).collect();
    let (base, space) = (base.join(", "), space.join(", "));
    let head = "replicates: 3\nmodel: {command: [\"true\"], measures: [m, n]}";
    plan(&format!("{head}\nbase: {{{base}}}\nsearch: {{{search}, space: {{{space}}}}}\n")).map(|(plan, _)| plan)
}

#[test]
fn auto_becomes_the_strategy_that_the_file_calls_for() {
    let chosen = |keys, search: &str| {
        let plan = search_of(keys, &format!("strategy: auto, {search}")).unwrap();
        let named = search_of(keys, &format!("strategy: {}, {search}", plan.strategy.name)).unwrap();
        assert_eq!(plan.strategy.settings, named.strategy.settings);
        assert_eq!((plan.strategy.round, plan.strategy.lag), (named.strategy.round, named.strategy.lag));
        plan.strategy.name.clone()
    };
    assert_eq!(chosen(3, "trials: 10"), "sobol");
    assert_eq!(chosen(3, "trials: 40"), "gp");
    assert_eq!(chosen(3, "trials: 40, round: 6"), "gp");
    assert_eq!(chosen(3, "trials: 4000"), "cmaes");
    assert_eq!(chosen(21, "trials: 40"), "tpe");
    // Of rules that compare all configurations at once, and of rounds, no strategy learns.
    assert_eq!(chosen(3, "trials: 40, stopping: paired_racing"), "gp");
    assert_eq!(chosen(3, "trials: 4000, stopping: paired_racing"), "tpe");
    let in_rounds = search_of(3, "strategy: auto, trials: 40, round: 6, stopping: paired_racing").unwrap();
    assert_eq!(in_rounds.strategy.name, "sobol");
    let refused = |search: &str| search_of(3, search).unwrap_err().to_string();
    let problem = refused("strategy: auto");
    assert!(
        problem.contains("strategy auto has no search.trials, expected trials: how many configurations"),
        "{problem}"
    );
    let problem = refused("strategy: auto, trials: 40, gamma: 0.2");
    assert!(problem.contains("'search.gamma', which strategy tpe has, with strategy auto"), "{problem}");
    // The strategy that is chosen has no use for a round.
    assert_eq!(search_of(3, "strategy: auto, trials: 8, round: 4").unwrap().strategy.round, None);
}

#[test]
fn a_gaussian_process_over_too_many_keys_is_refused() {
    assert!(search_of(100, "strategy: gp, trials: 40").is_ok());
    let problem = search_of(500, "strategy: gp, trials: 40").unwrap_err().to_string();
    assert!(problem.contains("500 axes of strategy gp, expected at most 100"), "{problem}");
}
