//! The documentation names every key and every column there is.

use burstnet_core::config::{Value, keys};
use burstnet_core::measures;
use burstnet_report::columns;
use burstnet_sweep::burst::BurstNetwork;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::plan::Plan;
use burstnet_sweep::spec::{Source, SweepSpec};

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"))).expect(name)
}

#[test]
fn every_key_with_its_default() {
    let page = page("sweep-file.md");
    for key in keys::schema().keys() {
        let (section, name) = key.path.split_once('.').unwrap();
        let own = page.split("\n### ").find(|part| part.starts_with(&format!("`{section}`"))).expect(section);
        let row = own.lines().find(|line| line.starts_with(&format!("| `{name}`"))).expect(&key.path);
        let default = match &key.default {
            Value::Float(x) => format!("{x}"),
            other => other.to_string(),
        };
        assert!(row.contains(&default), "{}: default {default} in {row}", key.path);
    }
}

#[test]
fn every_column() {
    let page = page("results.md") + &page("statistics.md");
    let network = BurstNetwork::default();
    let source = Source::parse("s.yaml".as_ref(), "search: {space: {feedback.density: [1]}}\n".into()).unwrap();
    let plan = Plan::new(&SweepSpec::new(&source, Vec::new(), network.schema()).unwrap(), &network).unwrap();
    let infos = network.measures(&|key| plan.values_of(key));
    let all = [
        columns::trials(&plan, network.schema(), &infos),
        columns::curves(),
        columns::timings(),
        columns::effects(),
        columns::contrasts(&plan, network.schema()),
    ]
    .concat();
    for column in all.iter().filter(|column| column.name != "feedback_density") {
        assert!(page.contains(&format!("`{}`", column.name)), "{}", column.name);
    }
    for (ending, _) in columns::STATISTICS {
        assert!(page.contains(&format!("`MEASURE_{ending}`")), "{ending}");
    }
    for info in measures::all(1, 1) {
        assert!(self::page("model.md").contains(&format!("`{}`", generic(&info.name))), "{}", info.name);
    }
}

/// Measures per layer or class stand in the model's description with a letter in place of the number.
fn generic(name: &str) -> String {
    match name.strip_suffix("_0") {
        Some(stem) if stem.ends_with("class") => format!("{stem}_k"),
        Some(stem) => format!("{stem}_m"),
        None => name.to_owned(),
    }
}
