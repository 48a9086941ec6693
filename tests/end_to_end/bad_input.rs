//! Every wrong input is one clear message, exit code 2, and nothing is written.

use crate::workplace::{SMALL_SWEEP, Workplace, npy};

/// Sweep files with one thing wrong each.
const SWEEPS: &[&str] = &[
    "base: {feedback: {densty: 1}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {fedback: {density: 1}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "bse: {}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "network: {}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: {density: 1, density: 0.5}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: {density: 1}, feedback.density: 0.5}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: {density: -0.1}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: {density: high}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {teaching: {target_fraction: 2}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {network: {layers: [500, 0, 3]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {network: {layers: [500]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {network: {layers: 500}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: {density: .nan}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {learning_rate: {output: .inf}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {training: {epochs: 1.5}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {training: {epochs: 1e18}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {learning_rate: {hidden: [1, 2]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {learning_rate: {feedback: [0.1, 0.1]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {training: {engine: fastest}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {signals: {kind: files}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {signals: {kind: files, inputs: x.npy, targets: t.npy}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {signals: {inputs: x.npy}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {teaching: {mask: nothere.npy}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {network: {initial_weights: nowhere}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {evaluation: {generation: true}, network: {layers: [5, 3]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: 5\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: 5}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "search: {space: {}}\n",
    "search: {space: {feedback.density: []}}\n",
    "search: {space: {feedback.dnsity: [1]}}\n",
    "search: {space: {density: [1]}}\n",
    "search: {space: {feedback.density: [1, 0.5], feedback: {density: [1]}}}\n",
    "search: {space: {feedback.density: {log: [0, 1], num: 3}}}\n",
    "search: {space: {feedback.density: {linear: [0, 2], num: 3}}}\n",
    "search: {space: {feedback.density: {linear: [0, 1], num: 1e18}}}\n",
    "search: {space: {feedback.density: {linear: [0, 1]}}}\n",
    "search: {space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {space: {feedback.density: 0.5}}\n",
    "search: {space: {network.layers: [500, 200, 3]}}\n",
    "search: {strategy: random, space: {feedback.density: [1]}}\n",
    "search: {strategy: random, trials: 0, space: {feedback.density: [1]}}\n",
    "search: {strategy: sobool, trials: 5, space: {feedback.density: [1]}}\n",
    "search: {strategy: hyperband, trials: 5, space: {feedback.density: [1]}}\n",
    "search: {strategy: sobol, trials: 5, gamma: 0.2, space: {feedback.density: [1]}}\n",
    "replicates: {from: 3, to: 24, until: worst}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 24, untill: best}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {to: 24}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 1, to: 24}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 9, to: 6}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 6, to: 6}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 4, to: 8}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 2, to: 4}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3.5, to: 8}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 1e18}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: [3, 24]\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates:\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: 0\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 24}\nsearch: {stopping: paired_racing, space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 24}\nsearch: {stopping: one_look, space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 24}\nsearch: {strategy: tpe, trials: 20, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "replicates: {from: 3, to: 24}\nsearch: {strategy: random, trials: 20, lag: 4, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "replicates: {from: 3, to: 24}\nsearch: {strategy: random, trials: 20, round: 4, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "replicates: {from: 3, to: 24}\nobjective: [{measure: train_loss}, {measure: test_mae}]\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 24}\nexecution: {order: shuffled}\nsearch: {space: {feedback.density: [0.5, 1]}}\n",
    "replicates: {from: 3, to: 24}\nsearch: {strategy: random, trials: 100000, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {round: 4, space: {feedback.density: [1]}}\n",
    "search: {strategy: table, space: {feedback.density: [1]}}\n",
    "search: {stopping: {rule: median, factor: 3}, space: {feedback.density: [1]}}\n",
    "search: {stopping: paired_racing, space: {feedback.density: [1]}}\n",
    "search: {zip: [feedback.density, training.epochs], space: {feedback.density: [1]}}\n",
    "search: {constraints: [feedback.density <], space: {feedback.density: [1]}}\n",
    "search: {constraints: [feedback.density > 1], space: {feedback.density: [1]}}\n",
    "search: {include: [{feedback.densty: 1}], space: {feedback.density: [1]}}\n",
    "search: {space: {feedback.density: {ratio_of: teaching.fraction, ratio: 2}}}\n",
    "search: {space: {feedback.density: {choice: [1], when: {signals.kind: file}}}}\n",
    "objective: []\nsearch: {space: {feedback.density: [1]}}\n",
    "objective: [{measure: test_mae}, {measure: test_mae}]\nsearch: {space: {feedback.density: [1]}}\n",
    "objective: [{measure: test_mae}, {measure: test_mes}]\nsearch: {space: {feedback.density: [1]}}\n",
    "search: {strategy: grid, trials: 5, space: {feedback.density: [1]}}\n",
    "search: {rounds: 5, space: {feedback.density: [1]}}\n",
    "search: {space: {feedback.density: {linear: [0.5, 0.5000000000001], num: 3}}}\n",
    "search: {strategy: tpe, trials: 9, startup: 0, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {strategy: cmaes, trials: 9, stopping: hyperband, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {strategy: tpe, trials: 9, stopping: one_look, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {strategy: gp, trials: 9, round: 3, stopping: hyperband, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {strategy: tpe, trials: 9, lag: 0, stopping: hyperband, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {strategy: tpe, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {strategy: cmaes, trials: 9, startup: 5, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "search: {stopping: {rule: successive_halving, factor: 1}, space: {feedback.density: [1]}}\n",
    "search: {stopping: halfing, space: {feedback.density: [1]}}\n",
    "search: {stopping: {factor: 3}, space: {feedback.density: [1]}}\n",
    "search: {stopping: paired_racing, space: {feedback.density: [1]}}\n",
    "search: {stopping: median, space: {training.epochs: [10]}}\n",
    "search: {strategy: hyperband, trials: 9, space: {feedback.density: [1]}}\n",
    "search: {space: {learning_rate.hidden: {choice: [1], when: {learning_rate.output: 0.1}}, learning_rate.output: {choice: [0.1], when: {learning_rate.hidden: 1}}}}\n",
    "search: {space: {learning_rate.hidden: {choice: [1], when: {learning_rat.output: 0.1}}}}\n",
    "search: {space: {learning_rate.hidden: {choice: [1], when: {network.dynamics: pipelind}}}}\n",
    "search: {space: {learning_rate.hidden: {ratio_of: learning_rate.output}}}\n",
    "search: {space: {learning_rate.hidden: {ratio_of: network.layers, ratio: 0.5}}}\n",
    "search: {space: {network.layers: {ratio_of: learning_rate.hidden, ratio: 0.5}}}\n",
    "search: {space: {learning_rate.hidden: {ratio: 0.5}}}\n",
    "search: {constraints: [feedback.density > 2], space: {feedback.density: [0.5, 1]}}\n",
    "search: {constraints: [feedback.density > ], space: {feedback.density: [0.5, 1]}}\n",
    "search: {constraints: [density > 2], space: {feedback.density: [0.5, 1]}}\n",
    "search: {constraints: [feedback.density > 'a'], space: {feedback.density: [0.5, 1]}}\n",
    "search: {zip: [feedback.density, learning_rate.output], space: {feedback.density: [0.5, 1], learning_rate.output: [0.1]}}\n",
    "search: {zip: feedback.density, space: {feedback.density: [0.5, 1]}}\n",
    "search: {include: [{learning_rate.output: 0.1}], space: {feedback.density: [0.5, 1]}}\n",
    "search: {include: [{feedback.density: 7}], space: {feedback.density: [0.5, 1]}}\n",
    "search: {table: nothere.csv}\n",
    "search: {strategy: table}\n",
    "search: {space: {training.epochs: {int: [1, 9], step: 0}}}\n",
    "objective: [{measure: train_loss}, {measure: test_mea}]\nsearch: {space: {feedback.density: [1]}}\n",
    "objective: [{measure: train_loss}, {measure: train_loss}]\nsearch: {space: {feedback.density: [1]}}\n",
    "objective: [{measure: train_loss}, {measure: test_mae}]\nsearch: {strategy: cmaes, trials: 9, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "objective: []\nsearch: {space: {feedback.density: [1]}}\n",
    "base: {training: {epochs: 1}}\nsearch: {stopping: hyperband, space: {feedback.density: [1]}}\n",
    "execution: {sync: 1}\nsearch: {space: {feedback.density: [1]}}\n",
    "execution: {sync_seconds: -1}\nsearch: {space: {feedback.density: [1]}}\n",
    "execution: {sync_seconds: null}\nsearch: {space: {feedback.density: [1]}}\n",
    "execution: {max_seconds: 0}\nsearch: {space: {feedback.density: [1]}}\n",
    "search: {per_replicate: {feedback.density: [0.5, 1]}, space: {feedback.density: [0.5, 1]}}\n",
    "search: {per_replicate: {feedback.densty: [0.5, 1]}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {feedback.density: 0.5}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {feedback.density: [0.5, 1.5]}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {signals.amplitude: {uniform: [0.1, 0.2]}}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {signals.amplitude: [0.1, 0.2]}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {feedback: [0.5, 1]}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: [feedback.density], space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {replicates: [1, 2]}, space: {feedback.weight_range: [0.5, 1]}}\n",
    "search: {per_replicate: {learning_rate.hidden: {ratio_of: learning_rate.output, ratio: 2}}, space: {feedback.density: [0.5, 1]}}\n",
    "search: {per_replicate: {learning_rate.output: [0.1, 1]}, space: {learning_rate.hidden: {ratio_of: learning_rate.output, ratio: 2}}}\n",
    "search: {per_replicate: {learning_rate.output: [0.1, 1]}, constraints: [learning_rate.output < learning_rate.hidden], space: {learning_rate.hidden: [0.5, 1]}}\n",
    "base: {training: {epochs: 9}}\nsearch: {stopping: successive_halving, strategy: random, trials: 4, per_replicate: {training.epochs: [4, 9]}, space: {feedback.density: [0.5, 1]}}\n",
    "replicates: 9\nsearch: {per_replicate: {learning_rate.hidden: [[1.0], [1.0, 2.0]]}, space: {feedback.density: [1]}}\n",
    "replicates: 9\nsearch: {per_replicate: {signals.kind: [sinusoids, files]}, space: {feedback.density: [1]}}\n",
    "search: {per_replicate: {teaching.mask: [nothere.npy]}, space: {feedback.density: [1]}}\n",
    "per_replicate: {feedback.density: [0.5, 1]}\nsearch: {space: {feedback.weight_range: [0.5, 1]}}\n",
    "execution: {order: random}\nsearch: {space: {feedback.density: [1]}}\n",
    "execution: {order: null}\nsearch: {space: {feedback.density: [1]}}\n",
    "execution:\n  order: shuffled\nsearch: {strategy: tpe, trials: 9, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "execution:\n  order: shuffled\nbase: {training: {epochs: 9}}\nsearch: {strategy: random, trials: 9, stopping: hyperband, space: {feedback.density: {uniform: [0, 1]}}}\n",
    "execution: 5\nsearch: {space: {feedback.density: [1]}}\n",
    "search: {space: {learning_rate.hidden: [1.0, [1.0]]}}\n",
    "search: {space: {learning_rate.hidden: [[1.0], [1.0, 2.0]]}}\n",
    "search: {space: {network.layers: [[5, 4, 3], [5, 4, 4, 3]], learning_rate.hidden: [[1.0]]}}\n",
    "search: {space: {learning_rate.hidden: {linear: [0, 1], num: 10000000000}, learning_rate.output: {linear: [0, 1], num: 10000000000}}}\n",
    "objective: {measure: test_mea}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "objective: {measure: generation_mae}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "objective: {direction: up}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "objective: {goal: up}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "name: ../evil\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "name: [a]\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "seed: !!str 5\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "seed: -1\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "seed: 99999999999999999999\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "replicates: 0\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {}\n",
    "training: {epochs: 3}\n",
    "[1, 2]\n",
    "a: [1, 2\n",
    "a: b: c\n",
    "",
    "base: {network: {layers: [1000000, 1000000, 3]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {signals: {length: 100000000}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {evaluation: {curve_window: 1}, training: {epochs: 1000000}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {signals: {phase: [2, 1]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {signals: {amplitude: [0.1, 0.9]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "search:\n  space:\n    training.epochs: {int: [1, 1000000000]}\n    feedback.density: [1]\n",
    "search:\n  space:\n    signals.kind: [files]\n",
    "base: {training: {epochs: \"3\"}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {network: {layers: [5, \"3\", 2]}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {training: {engine: fats}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {evaluation: {curve_window: epcoh}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "search: {space: {plasticity.hidden_rule: [burst_probabilty]}}\n",
    "search: {space: {learning_rate.hidden: {log: [1e-308, 1e308], num: 1}}}\n",
    "journal: {sync: 1}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
    "base: {feedback: {density: \"<script>\\e[31m\"}}\nsearch: {space: {learning_rate.output: [0.1]}}\n",
];

#[test]
fn sweep_files() {
    let mut said = String::new();
    for text in SWEEPS {
        let place = Workplace::new();
        place.write("s.yaml", text);
        let message = place.run(&["sweep", "s.yaml"], 2).err;
        assert_eq!(place.run(&["plan", "s.yaml"], 2).err, message, "{text}");
        assert_eq!(place.files(), ["s.yaml"], "{text}");
        said += &format!("{text}\n  {message}\n");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn settings_on_the_command_line() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    let mut said = String::new();
    for sets in [
        &["training.epochs"][..],
        &["training.epoch=3"],
        &["training.epochs=3", "training.epochs=4"],
        &["training.epochs=[1"],
        &["training.epochs=0"],
        &["feedback.density=0.3"],
        &["teaching.mask=nowhere.npy"],
        &["search.space.feedback.density=[]"],
        &["seed="],
        &["execution.sync_seconds=soon"],
        &["execution.max_second=1"],
    ] {
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        said += &place.run(&[&["plan", "s.yaml"], &sets[..]].concat(), 2).err;
    }
    said += &place.run(&["run", "s.yaml", "--engine", "faster"], 2).err;
    said += &place.run(&["run", "s.yaml", "--seed", "-1"], 2).err;
    said += &place.run(&["run", "nowhere.yaml"], 2).err;
    insta::assert_snapshot!(said);
    assert_eq!(place.files(), ["s.yaml"]);
}

#[test]
fn files_that_do_not_fit() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/pipelined_small");
    let read = |name: &str| std::fs::read(format!("{golden}/{name}")).expect(name);
    let (x, target, mask) = (read("x.npy"), read("t.npy"), read("mask.npy"));
    let mut not_finite = x.clone();
    let at = not_finite.len() - 16;
    not_finite[at..at + 8].copy_from_slice(&f64::NAN.to_le_bytes());
    let mut out_of_range = target.clone();
    out_of_range[at.min(target.len() - 16)..][..8].copy_from_slice(&1.5_f64.to_le_bytes());
    let claims = npy("'<f8'", "(20, 99999999999)", &[0; 64]);
    let cases: &[(&str, &[u8], &str)] = &[
        ("x.npy", b"not an array", "not an .npy file"),
        ("x.npy", &claims, "holds 64 bytes of data"),
        ("x.npy", &not_finite, "is NaN, expected finite numbers"),
        ("x.npy", &target, "shape [3, 300], expected (20, steps) or (sequences, 20, steps)"),
        ("x.npy", &mask, "elements are '|b1', expected float64 or float32"),
        ("x.npy", &npy("'<f8'", "(20,)", &[0; 160]), "shape [20], expected (20, steps)"),
        ("t.npy", &out_of_range, "is 1.5, expected targets from 0 to 1"),
        ("t.npy", &npy("'<f8'", "(3, 2)", &[0; 48]), "expected 1 sequence of 300 steps"),
        ("mask.npy", &x, "elements are '<f8', expected bool"),
        ("mask.npy", &npy("'|b1'", "(4, 299)", &[0; 1196]), "shape [4, 299], expected (4, 300)"),
        ("w/W_0.npy", &npy("'<f8'", "(12, 19)", &[0; 1824]), "shape [12, 19], expected (12, 20) for network.layers"),
        ("w/b_1.npy", &npy("'<i8'", "(3,)", &[0; 24]), "elements are '<i8', expected float64 or float32"),
        ("w/Y_0.npy", b"", "not an .npy file"),
    ];
    for (name, content, message) in cases {
        let place = Workplace::new();
        place.write("x.npy", &x);
        place.write("t.npy", &target);
        place.write("mask.npy", &mask);
        for weights in ["W_0", "W_1", "b_0", "b_1", "Y_0"] {
            place.write(&format!("w/{weights}.npy"), read(&format!("initial_weights/{weights}.npy")));
        }
        let run = "  network: {layers: [20, 12, 3], initial_weights: w}\n  teaching: {mask: mask.npy}\n  \
                   signals: {kind: files, inputs: x.npy, targets: t.npy}\n  training: {epochs: 4}\n";
        place.write("s.yaml", format!("base:\n{run}search: {{space: {{learning_rate.output: [0.1]}}}}\n"));
        place.run(&["plan", "s.yaml"], 0);
        place.write(name, content);
        let files = place.files();
        for command in [&["sweep", "s.yaml"][..], &["run", "s.yaml"]] {
            let said = place.run(command, 2);
            assert!(said.err.starts_with("error: s.yaml:") && said.err.contains(message), "{name}: {}", said.err);
        }
        assert_eq!(place.files(), files);
        std::fs::remove_file(place.path(name)).expect("removed");
        place.refuses(&["run", "s.yaml"], "No such file");
    }
}
