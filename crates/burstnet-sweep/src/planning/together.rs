//! The ways to search that go together. The table in `docs/search.md` says the same.

use burstnet_core::config::Value;
use burstnet_core::engine::Isa;

use crate::results::models::NamedModel;
use crate::spec::table::{Cell, Decoded};
use crate::spec::{Source, SweepSpec};

/// A choice, as keys under `search`, and as keys of the whole file.
struct Choice {
    name: &'static str,
    search: &'static str,
    file: &'static str,
}

const fn of_search(name: &'static str, search: &'static str) -> Choice {
    Choice { name, search, file: "" }
}

const fn of_file(name: &'static str, file: &'static str) -> Choice {
    Choice { name, search: "", file }
}

const CHOICES: [Choice; 14] = [
    of_search("tpe", "strategy: tpe"),
    of_search("gp", "strategy: gp"),
    of_search("cmaes", "strategy: cmaes"),
    of_search("lag", "lag: 4"),
    of_search("round", "round: 4"),
    of_search("one_look", "stopping: one_look"),
    of_search("successive_halving", "stopping: successive_halving"),
    of_search("hyperband", "stopping: hyperband"),
    of_search("median", "stopping: median"),
    of_search("paired_racing", "stopping: paired_racing"),
    of_file("adaptive", "replicates: {from: 3, to: 9}"),
    of_file("objectives", "objective: [{measure: train_loss}, {measure: test_mse}]"),
    of_search("subject_to", "subject_to: [alignment_deg_0 < 80]"),
    of_search("learn_from", "learn_from: rows.csv"),
];

/// The pairs that are refused, each with a part of its message: the problem, and the choice to take instead.
const REFUSED: [(&str, &str, &str); 34] = [
    (
        "tpe",
        "one_look",
        "stopping rule one_look with strategy tpe: it compares all configurations at once, so that none is proposed from the results of others, expected one of successive_halving, hyperband, median, paired_racing",
    ),
    ("gp", "one_look", "stopping rule one_look with strategy gp"),
    (
        "cmaes",
        "one_look",
        "search.stopping with strategy cmaes, which needs complete trials, expected no stopping, or another strategy, such as tpe or sobol",
    ),
    ("cmaes", "successive_halving", "search.stopping with strategy cmaes"),
    ("cmaes", "hyperband", "search.stopping with strategy cmaes"),
    ("cmaes", "median", "search.stopping with strategy cmaes"),
    ("cmaes", "paired_racing", "search.stopping with strategy cmaes"),
    (
        "tpe",
        "adaptive",
        "adaptive replicates with strategy tpe, which learns from results, expected a number of replicates, or a strategy that learns nothing, such as sobol",
    ),
    ("gp", "adaptive", "adaptive replicates with strategy gp"),
    ("cmaes", "adaptive", "adaptive replicates with strategy cmaes"),
    ("cmaes", "objectives", "2 objectives with strategy cmaes, expected 1 objective, or a strategy such as gp or tpe"),
    (
        "cmaes",
        "learn_from",
        "search.learn_from with strategy cmaes, which takes no earlier results, expected strategy tpe or gp",
    ),
    ("lag", "round", "search.lag: 4 and search.round: 4, expected one of them"),
    (
        "lag",
        "one_look",
        "search.lag with stopping rule one_look, which goes by rounds, expected no lag, or another rule",
    ),
    (
        "round",
        "one_look",
        "search.round with stopping rule one_look, which says itself what a round is, expected no round",
    ),
    (
        "round",
        "successive_halving",
        "search.round with stopping rule successive_halving, which says itself what a round is, expected no round, or a lag",
    ),
    ("round", "hyperband", "search.round with stopping rule hyperband"),
    ("round", "paired_racing", "search.round with stopping rule paired_racing"),
    (
        "lag",
        "adaptive",
        "search.lag with adaptive replicates, expected neither lag nor round: all trials of a level are awaited",
    ),
    ("round", "adaptive", "search.round with adaptive replicates, expected neither lag nor round"),
    (
        "one_look",
        "adaptive",
        "search.stopping one_look with adaptive replicates, expected one of them: both decide which configurations go on",
    ),
    ("successive_halving", "adaptive", "search.stopping successive_halving with adaptive replicates"),
    ("hyperband", "adaptive", "search.stopping hyperband with adaptive replicates"),
    ("median", "adaptive", "search.stopping median with adaptive replicates"),
    ("paired_racing", "adaptive", "search.stopping paired_racing with adaptive replicates"),
    (
        "adaptive",
        "objectives",
        "adaptive replicates with 2 objectives, expected a number of replicates, or one objective, whose best is looked for",
    ),
    ("adaptive", "learn_from", "adaptive replicates with strategy tpe"),
    (
        "successive_halving",
        "learn_from",
        "search.learn_from with search.stopping: results of whole trials tell nothing of parts, expected one of them",
    ),
    ("one_look", "learn_from", "stopping rule one_look with strategy tpe"),
    ("hyperband", "learn_from", "search.learn_from with search.stopping"),
    ("median", "learn_from", "search.learn_from with search.stopping"),
    ("paired_racing", "learn_from", "search.learn_from with search.stopping"),
    (
        "median",
        "subject_to",
        "stopping rule median with search.subject_to: it compares the objective alone, expected one of one_look, successive_halving, hyperband",
    ),
    ("paired_racing", "subject_to", "stopping rule paired_racing with search.subject_to"),
];

/// Returns the message about a sweep that makes two choices, if it is refused.
fn refused(a: &Choice, b: &Choice) -> Option<String> {
    let names = [a.name, b.name];
    let learns = names.iter().any(|name| matches!(*name, "tpe" | "gp" | "cmaes"));
    let decides = |one: &Choice| one.search.starts_with("stopping") || one.name == "adaptive";
    let goes_at_a_pace = names.contains(&"lag") || names.contains(&"round");
    // Pace and earlier results mean something to a strategy that learns, and pace to rules that stop.
    let needs = names.contains(&"learn_from") || goes_at_a_pace && !decides(a) && !decides(b);
    let strategy = match (learns, needs) {
        (true, _) => "",
        (false, true) => "strategy: tpe",
        (false, false) => "strategy: sobol",
    };
    let search: Vec<&str> =
        [strategy, a.search, b.search, "trials: 16"].into_iter().filter(|part| !part.is_empty()).collect();
    let replicates = if names.contains(&"adaptive") { "" } else { "replicates: 3" };
    let text = format!(
        "{replicates}\n{}\n{}\nbase: {{network: {{layers: [9, 5, 2]}}, training: {{epochs: 9}}}}\n\
         search: {{{}, space: {{feedback.density: {{uniform: [0.1, 1.0]}}}}}}\n",
        a.file,
        b.file,
        search.join(", ")
    );
    let planned = || {
        let source = Source::parse("s.yaml".as_ref(), text.clone())?.with_results(|_| {
            let names = ["feedback.density", "test_mae", "train_loss", "test_mse", "alignment_deg_0"];
            Ok(Decoded {
                columns: names.iter().zip(1..).map(|(name, at)| ((*name).to_owned(), at)).collect(),
                rows: vec![[0.5; 5].map(|x| Cell::Typed(Value::Float(x))).to_vec()],
                ..Decoded::default()
            })
        });
        let model = NamedModel::of_file(&source, &[], Isa::detect())?;
        SweepSpec::new(&source, Vec::new(), model.objective().schema())?.plan(model.objective()).map(drop)
    };
    planned().err().map(|error| {
        assert!(error.place.position.is_some(), "{error} has no place");
        error.to_string()
    })
}

#[test]
fn each_pair_is_taken_or_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("rows.csv");
    std::fs::write(&table, "for its hash alone").unwrap();
    let given = format!("learn_from: '{}'", table.display());
    let given: &'static str = given.leak();
    for (at, a) in CHOICES.iter().enumerate() {
        for b in &CHOICES[at + 1..] {
            let is_strategy = |one: &Choice| one.search.starts_with("strategy");
            let is_rule = |one: &Choice| one.search.starts_with("stopping");
            if is_strategy(a) && is_strategy(b) || is_rule(a) && is_rule(b) {
                continue;
            }
            let search = if b.name == "learn_from" { given } else { b.search };
            let said = refused(a, &Choice { search, ..*b });
            let expected = REFUSED.iter().find(|(first, second, _)| (*first, *second) == (a.name, b.name));
            match (said, expected) {
                (None, None) => {}
                (Some(said), Some((.., told))) => assert!(said.contains(told), "{} and {}: {said}", a.name, b.name),
                (said, expected) => panic!("{} and {}: {said:?}, expected {expected:?}", a.name, b.name),
            }
        }
    }
}
