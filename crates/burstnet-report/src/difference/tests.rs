//! Runs of the network compared with each other.

use burstnet_core::config::{Configuration, RunConfig, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::run::run;

use super::*;

fn values(changes: &[(&str, Value)]) -> Configuration {
    let mut values = keys::schema().defaults();
    values.set("network.layers", Value::from(vec![12_i64, 20, 3]));
    values.set("signals.length", Value::Int(50));
    values.set("training.epochs", Value::Int(3));
    values.set("teaching.target_fraction", 0.2.into());
    changes.iter().for_each(|(key, value)| values.set(key, value.clone()));
    values
}

fn compared(a: &[(&str, Value)], b: &[(&str, Value)], seeds: [u64; 2]) -> Difference {
    let configs = [a, b].map(|changes| RunConfig::from_values(&values(changes)).unwrap());
    let shapes = configs.each_ref().map(Shape::of);
    let [(send_a, a), (send_b, b)] = shapes.clone().map(channel);
    std::thread::scope(|scope| {
        for (config, (mut sending, seed)) in configs.iter().zip([(send_a, seeds[0]), (send_b, seeds[1])]) {
            scope.spawn(move || {
                let inputs = Inputs::load(config).unwrap();
                let prepared = Prepared::new(config, &inputs, seed, Isa::detect());
                run(config, &inputs, &prepared, seed, Isa::detect(), &mut sending).unwrap();
                sending.finish();
            });
        }
        compare([&shapes[0], &shapes[1]], [a, b])
    })
}

fn one<'a>(difference: &'a Difference, name: &str) -> &'a Compared {
    difference.quantities.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn a_run_and_itself() {
    let same = compared(&[], &[], [7, 7]);
    assert!(same.first().is_empty() && same.not_compared.is_empty());
    assert_eq!((same.steps, same.steps_of_one), (200, [0, 0]));
    let names: Vec<&str> = same.quantities.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names[..3], ["taught", "target", "hidden0_somatic_voltage"]);
    assert_eq!(names[8..], ["W_0", "b_0", "Y_0", "W_1", "b_1"]);
    let growth = &one(&same, "output").growth;
    assert_eq!((growth.training.len(), growth.test.mean, growth.generation.mean), (3, Some(0.0), None));
    assert_eq!(one(&same, "W_0").growth.training.len(), 4, "before the first epoch and after each");
}

#[test]
fn another_rate_parts_the_runs_behind_the_first_taught_step() {
    let other = compared(&[], &[("learning_rate.hidden", 0.5.into())], [7, 7]);
    let first = other.first();
    let (quantity, parting) = first[0];
    assert_eq!(quantity.name, "hidden0_somatic_voltage");
    assert!(parting.steps[0] > 0 && parting.steps[0] == parting.steps[1] && parting.epoch == Some(0), "{parting:?}");
    let [a, b] = parting.values.map(Option::unwrap);
    assert!(a != b && parting.difference == Some(b - a) && parting.unit < 20, "{parting:?}");
    assert!(one(&other, "taught").parts.is_none() && one(&other, "target").parts.is_none());
    let growth = &one(&other, "hidden0_somatic_voltage").growth.training;
    assert!(growth[2].mean > growth[0].mean && growth[0].differing > 0, "{growth:?}");
    assert_eq!(one(&other, "W_0").growth.training[0].mean, Some(0.0), "the initial weights are the same");
    assert_eq!(one(&other, "W_0").parts.as_ref().unwrap().epoch, Some(1));
}

#[test]
fn another_seed_parts_them_before_the_first_step() {
    let other = compared(&[], &[], [7, 8]);
    let (quantity, parting) = other.first()[0];
    assert_eq!((quantity.name.as_str(), parting.t, parting.epoch), ("W_0", None, Some(0)));
}

#[test]
fn other_layers_and_lengths_are_compared_as_far_as_they_go() {
    let layers = ("network.layers", Value::from(vec![12_i64, 20, 8, 3]));
    let other = compared(&[], &[layers, ("training.epochs", Value::Int(4))], [7, 7]);
    assert_eq!(
        other.not_compared,
        ["hidden layer 1: only B has it", "W_1: 3 × 20 and 8 × 20 weights", "b_1: 3 and 8 weights"]
    );
    assert_eq!((other.steps, other.steps_of_one), (200, [0, 50]));
    assert_eq!(one(&other, "target").parts, None, "the same signals");
    let longer = compared(&[], &[("signals.length", Value::Int(60))], [7, 7]);
    assert_eq!((longer.steps, longer.steps_of_one), (200, [0, 40]));
}

#[test]
fn a_long_training_has_few_bins() {
    let short = [("signals.length", Value::Int(2)), ("training.epochs", Value::Int(1000))];
    let growth = one(&compared(&short, &short, [7, 7]), "output").growth.clone();
    assert_eq!((growth.epochs_per_bin, growth.training.len()), (4, 250));
}
