//! Makes the seeds again: `cargo run --example seeds` in the folder `fuzz`. Only inputs that once failed, `found-*`,
//! are kept as they are.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burstnet_core::engine::Isa;
use burstnet_fuzz::checks::journal::{HEADER, repair};
use burstnet_sweep::files::disk::system;
use burstnet_sweep::objective::burst::BurstNetwork;
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal::{self, Damage};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::record::TrialRecord;
use burstnet_sweep::results::study::{IfAnother, Study};
use burstnet_sweep::run::executor::Workers;
use burstnet_sweep::run::session::{Follower, Session, Task, USUAL_WAIT};
use burstnet_sweep::spec::execution::Order;
use burstnet_sweep::spec::{Source, SweepSpec};

/// Every part of a sweep file that those in `sweeps` do not have.
const SWEEPS: [(&str, &str); 5] = [
    (
        "files",
        "name: files\nbase:\n  network: {layers: [20, 12, 3], initial_weights: w}\n  teaching: {mask: mask.npy}\n  \
         signals: {kind: files, inputs: x.npy, targets: t.npy}\n  training: {epochs: 4}\n\
         search: {space: {learning_rate.output: [0.1, 0.2]}}\n",
    ),
    (
        "random",
        "seed: 9007199254740991\nreplicates: 3\nexecution: {sync_seconds: 0, max_seconds: 60, order: shuffled}\n\
         objective: {measure: train_loss, direction: maximize}\nsearch:\n  strategy: random\n  trials: 1000000\n  \
         space:\n    learning_rate.hidden: {log_uniform: [1e-3, 10]}\n    feedback.density: {uniform: [0, 1]}\n    \
         training.epochs: {int: [1, 9]}\n    plasticity.weight_decay: {choice: [0, 0.5]}\n  per_replicate:\n    \
         network.bias: {uniform: [0, 1]}\n    signals.amplitude: [[0.1, 0.2], [0.2, 0.4]]\n",
    ),
    (
        "lists",
        "base: &b {network: {layers: [6, 4, 3]}, learning_rate.hidden: [1.0]}\nsearch:\n  space:\n    \
         network.layers: [[5, 4, 3], [6, 4, 3]]\n    signals.phase: [[0, 1], [1, 2]]\n    \
         signals.length: {linear: [100, 300], num: 3}\n    evaluation.curve_window: [epoch, none, 10]\n    \
         training.engine: [fast, reference]\n    evaluation.generation: [true, false]\n    \
         evaluation.loss_threshold: {log: [0.001, 0.1], num: 3}\n",
    ),
    (
        "program",
        "name: program\nseed: 3\nreplicates: 2\nmodel:\n  command: [python3, model.py, --fast]\n  measures: [value, other]\n  \
         budget: epochs\nbase: {x: 0, epochs: 10, flag: true, net: {size: 3, rule: hebb, rates: [1, 2.5], names: [a, b]}}\n\
         objective: {measure: other, direction: maximize}\nsearch:\n  strategy: random\n  trials: 5\n  space:\n    \
         x: {uniform: [-5, 10]}\n    net.size: {int: [1, 4]}\n    net.names: [[a], [b, c]]\n    new: [x, y]\n",
    ),
    ("run", "seed: 5\nnetwork: {layers: [5, 3], bias: 0}\nfeedback.density: .5\nsignals: {kind: xor_classes}\n"),
];

/// A sweep of a few short trials, some of which diverge.
const RUN: &str = "name: small\nreplicates: 2\nbase: {network: {layers: [4, 3, 2]}, signals: {length: 20}, \
                   training: {epochs: 2}}\nsearch: {space: {learning_rate.hidden: [1.0, 1e300]}}\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no parent")?;
    let seeds = root.join("fuzz/seeds");
    let golden = root.join("tests/golden");
    let place = tempfile::tempdir()?;
    let mut sweeps: Vec<(String, String)> = SWEEPS.map(|(name, text)| (name.into(), text.into())).into();
    for entry in std::fs::read_dir(root.join("sweeps"))? {
        let path = entry?.path();
        let name = path.file_stem().ok_or("no name")?.to_string_lossy().into_owned();
        sweeps.push((name, std::fs::read_to_string(&path)?));
    }
    for name in ["x.npy", "t.npy", "mask.npy"] {
        std::fs::copy(golden.join("pipelined_small").join(name), place.path().join(name))?;
    }
    std::os::unix::fs::symlink(golden.join("pipelined_small/initial_weights"), place.path().join("w"))?;
    for (name, text) in &sweeps {
        save(&seeds, "sweep_file", &format!("{name}.yaml"), text.as_bytes())?;
        if let Ok(plan) = plan(&place.path().join(format!("{name}.yaml")), text) {
            save(&seeds, "plan_file", &format!("{name}.json"), plan.to_json()?.as_bytes())?;
        }
    }
    let confirmation = Configurations::from(plan(Path::new("small.yaml"), RUN)?).confirming(vec![1, 0], 3);
    save(&seeds, "plan_file", "confirmation.json", confirmation.to_json()?.as_bytes())?;
    for (name, case) in [("pipelined", "pipelined_small"), ("original", "original_2017_small")] {
        for file in ["mask", "initial_weights/W_1", "initial_weights/b_0", "initial_weights/Y_0"] {
            let bytes = std::fs::read(golden.join(case).join(format!("{file}.npy")))?;
            save(&seeds, "npy", &format!("{name}-{}.npy", file.replace('/', "-")), &bytes)?;
        }
    }
    for (name, descr, fortran, shape, data) in [
        ("float32", "<f4", "True", "(2, 3)", &[0; 24][..]),
        ("big-endian", ">f8", "False", "(3,)", &[1; 24]),
        ("scalar", "<f8", "False", "()", &[0; 8]),
        ("object", "|O", "False", "(1,)", b"\x80\x03]q\x00."),
        ("claims", "<f8", "False", "(1099511627776, 4096)", &[0; 8]),
    ] {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        save(
            &seeds,
            "npy",
            &format!("{name}.npy"),
            &[b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat(),
        )?;
    }
    let whole = journal(&place.path().join("results"))?;
    save(&seeds, "journal", "whole", &whole)?;
    save(&seeds, "journal", "torn", &whole[..whole.len() - 40])?;
    save(&seeds, "journal", "header", &whole[..HEADER])?;
    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    save(&seeds, "journal", "damaged", &damaged)
}

fn save(seeds: &Path, target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let folder = seeds.join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), bytes)?)
}

fn plan(path: &Path, text: &str) -> Result<ResolvedPlan, Box<dyn std::error::Error>> {
    let source = Source::parse(path, text.to_owned())?;
    let model = NamedModel::of_file(&source, &[], Isa::detect())?;
    let spec = SweepSpec::new(&source, Vec::new(), model.objective().schema())?;
    Ok(spec.plan(model.objective())?)
}

/// The journal of [`RUN`], under the fingerprint that the checks know.
fn journal(results: &PathBuf) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    struct Nobody;
    impl Follower for Nobody {
        fn started(&mut self, _done: u64, _total: u64, _damage: &[Damage]) {}
        fn finished(&mut self, _record: &TrialRecord) {}
        fn idle(&mut self) {}
    }
    let network = BurstNetwork::default();
    let plan = plan(Path::new("small.yaml"), RUN)?;
    let study = Study::create(&system(), results, plan, RUN, &network, IfAnother::Refuse)?;
    let task = Task {
        shard: Shard::WHOLE,
        round: None,
        wait: USUAL_WAIT,
        sync_interval: Duration::from_secs(1),
        retry_failed: false,
        stop_after_failures: 0,
        order: Order::Plan,
    };
    let workers = Workers { threads: 1, host: "here".into(), max_seconds: None };
    Session::begin(&study, &network, task)?.run(&network, &workers, &AtomicBool::new(false), &mut Nobody)?;
    let mut bytes = std::fs::read(results.join(journal::name(Shard::WHOLE)))?;
    repair(&mut bytes[..HEADER], 1);
    Ok(bytes)
}
