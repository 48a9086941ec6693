//! The documentation names every key and every column there is.

use burstnet_core::config::{Value, keys};
use burstnet_core::measures;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::plan::columns::{self, Layout};
use burstnet_sweep::search::{samplers, stopping};
use burstnet_sweep::spec::{Source, SweepSpec};

use crate::workplace::Workplace;

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
    let plan = SweepSpec::new(&source, Vec::new(), network.schema()).unwrap().plan(&network).unwrap();
    let infos = network.measures(&|key| plan.values_of(key));
    let layout = Layout::of(&plan, network.schema(), &infos);
    let all = [
        columns::trials(&layout),
        columns::curves(),
        columns::timings(),
        columns::effects(),
        columns::contrasts(&layout),
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

#[test]
fn every_strategy_and_rule_with_its_settings() {
    let page = page("sweep-file.md");
    let setting = |setting: &samplers::SearchSetting| {
        let told = format!("`{}: {}`", setting.name, setting.default);
        assert!(page.contains(&told), "{told}");
    };
    for sampler in samplers::ALL {
        assert!(page.contains(&format!("`{}`", sampler.info().name)), "{}", sampler.info().name);
        sampler.info().settings.iter().for_each(setting);
    }
    for rule in stopping::ALL {
        assert!(page.contains(&format!("| `{}` |", rule.info().name)), "{}", rule.info().name);
        rule.info().settings.iter().for_each(setting);
    }
}

#[test]
fn every_column_of_a_search() {
    let page = page("results.md");
    let network = BurstNetwork::default();
    let text = "objective: [{measure: test_mae}, {measure: train_loss}]\nsearch: {stopping: median, space: {feedback.density: [1]}}\n";
    let source = Source::parse("s.yaml".as_ref(), text.into()).unwrap();
    let plan = SweepSpec::new(&source, Vec::new(), network.schema()).unwrap().plan(&network).unwrap();
    let layout = Layout::of(&plan, network.schema(), &[]);
    let columns = [columns::trials(&layout), columns::summary(&layout)];
    for column in columns.concat().iter().filter(|column| column.name != "feedback_density") {
        assert!(page.contains(&format!("`{}`", column.name)), "{}", column.name);
    }
}

/// The first block of YAML in a document that contains `part`.
fn block(document: &str, part: &str) -> String {
    let blocks = document.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.into_iter().find(|block| block.contains(part)).expect(part).to_owned()
}

#[test]
fn messages_are_what_is_printed() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).expect("README.md");
    let (sweep_file, external) = (page("sweep-file.md"), page("external-programs.md"));
    // A document, the file that it shows, what is changed in it, and how it is run.
    type Case<'a> = (&'a str, (&'a str, &'a str), (&'a str, &'a str), &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (&readme, ("density.yaml", "name: density"), ("feedback.density", "feedback.densty"), &[]),
        (&sweep_file, ("density.yaml", "# density.yaml"), ("learning_rate.hidden", "hidden_learning_rate"), &[]),
        (&sweep_file, ("density.yaml", "# density.yaml"), ("replicates: 4", "seeds: 4"), &[]),
        (&sweep_file, ("density.yaml", "# density.yaml"), ("[0.25, 1.0]", "[0.25, 1.5]"), &[]),
        (&sweep_file, ("density.yaml", "# density.yaml"), ("[50, 20, 3]", "[50, 20, 3"), &[]),
        (&sweep_file, ("density.yaml", "# density.yaml"), ("grid", "grid"), &["--set", "feedback.density=0.5"]),
        (&sweep_file, ("density.yaml", "# density.yaml"), ("seed: 2017", "trials: 20"), &[]),
        (&external, ("branin.yaml", "# branin.yaml"), ("", ""), &["sweep"]),
    ];
    for (document, (file, part), (old, new), arguments) in cases {
        let place = Workplace::new();
        let text = block(document, part);
        assert!(text.contains(old), "{file}: {old}");
        place.write(file, text.replacen(old, new, 1));
        place.write("branin.py", "");
        let arguments = match arguments {
            ["sweep"] => vec!["sweep", file],
            more => [&["plan", file], *more].concat(),
        };
        let said = place.run(&arguments, 2).err;
        assert!(document.contains(&said), "{file}, {new} {arguments:?}:\n{said}");
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
