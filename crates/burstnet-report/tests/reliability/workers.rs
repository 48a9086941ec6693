//! Workers that are killed at random: the tables of a sweep to which nothing happened.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burstnet_core::engine::Isa;
use burstnet_report::publish;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::Source;
use burstnet_sweep::sweep::Sweep;

use crate::sweeping::{Dice, tables_of};

const SWEEP: &str = "\
name: killed
seed: 5
replicates: 40
model: {command: [sh, worker.sh], measures: [value, draw], worker: true}
search: {space: {x: {int: [1, 50]}}}
execution: {stop_after_failures: 0}
";

/// A worker that notes in a file of its own each trial that it has served, after the answer to it. Some trials fail.
const WORKER: &str = r#"
while read -r given; do
  id=${given#*'"id":'}; id=${id%%,*}; x=${given#*'"x":'}; x=${x%%[,\}]*}; seed=${given#*'"seed":'}; seed=${seed%%,*}
  [ $((id % 97)) = 5 ] && { echo '{"id": '$id', "failed": "no luck with '$x'"}'; continue; }
  echo '{"curve": {"step": 0, "loss": '$x'.5}}'; echo '{"measures": {"value": '$((x * x))', "draw": '$((seed % 1000))'}}'
  echo '{"id": '$id'}'
  : >"served/$$"
done
"#;

fn swept(place: &Path, threads: usize) -> Vec<Option<Vec<u8>>> {
    std::fs::write(place.join("s.yaml"), SWEEP).unwrap();
    std::fs::write(place.join("worker.sh"), WORKER).unwrap();
    std::fs::create_dir(place.join("served")).unwrap();
    let source = Source::read(&place.join("s.yaml")).unwrap();
    let NamedModel::Command(mut model) = NamedModel::of_file(&source, &[], Isa::detect()).unwrap() else { panic!() };
    model.allow(place).unwrap();
    let sweep = Sweep::from_file(place.join("s.yaml")).unwrap().objective(&model);
    let finished = sweep.out(place.join("r")).threads(threads).run().unwrap();
    publish(&finished.study, finished.objective()).unwrap();
    assert_eq!(finished.tally.done, 2000);
    tables_of(&place.join("r"))
}

/// Kills workers that have served a trial, one after the other, until `over` is set. A fresh one is let live until it has
/// served its first trial: a trial whose second worker dies has failed. Returns the number of kills.
fn kill_at_random(place: &Path, over: &AtomicBool) -> usize {
    let (mut dice, mut killed) = (Dice(16), HashSet::new());
    while !over.load(Ordering::Relaxed) {
        let served = std::fs::read_dir(place.join("served")).into_iter().flatten().filter_map(Result::ok);
        let name = |entry: std::fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut living: Vec<String> = served.map(name).filter(|pid| !killed.contains(pid)).collect();
        living.sort();
        if living.is_empty() {
            std::thread::sleep(Duration::from_micros(200));
            continue;
        }
        let pid = living.swap_remove(dice.below(living.len() as u64) as usize);
        std::thread::sleep(Duration::from_micros(dice.below(10_000)));
        drop(Command::new("kill").args(["-KILL", &pid]).output().unwrap()); // at the end of the sweep it may be gone
        killed.insert(pid);
    }
    killed.len()
}

#[test]
fn a_hundred_workers_that_are_killed_at_random_change_no_byte() {
    let calm = tempfile::tempdir().unwrap();
    let expected = swept(calm.path(), 1);
    assert!(expected.iter().all(Option::is_some));
    let mut kills = 0;
    // A fast machine runs a sweep in fewer kills.
    while kills < 100 {
        let (wild, over) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
        let killed = std::thread::scope(|scope| {
            let killer = scope.spawn(|| kill_at_random(wild.path(), &over));
            let got = swept(wild.path(), 3);
            over.store(true, Ordering::Relaxed);
            assert!(expected == got);
            killer.join().unwrap()
        });
        assert!(killed > 0);
        kills += killed;
    }
}
