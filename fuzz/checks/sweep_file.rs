//! A sweep file is a plan whose every value is in bounds, or an error with a place inside the file.

use std::path::Path;

use burstnet_core::config::keys;
use burstnet_core::engine::Isa;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::spec::place::SpecError;
use burstnet_sweep::spec::{RunSpec, Source, SweepSpec};

use super::plan;

/// The longest message: parts of a file that stand in it are cut.
const LONGEST_MESSAGE: usize = 20_000;

/// Puts the input files that the seeds name, from the folder `tests/golden`, into `folder`.
pub fn furnish(folder: &Path, golden: &Path) {
    let ready = golden.join("pipelined_small");
    std::fs::create_dir_all(folder.join("w")).unwrap();
    for name in ["x.npy", "t.npy", "mask.npy"] {
        std::fs::copy(ready.join(name), folder.join(name)).unwrap();
    }
    for entry in std::fs::read_dir(ready.join("initial_weights")).unwrap() {
        let from = entry.unwrap().path();
        std::fs::copy(&from, folder.join("w").join(from.file_name().unwrap())).unwrap();
    }
}

/// Reads `bytes` as the sweep file at `path`, whose folder may hold files that it names.
pub fn check(path: &Path, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = match Source::parse(path, text.to_owned()) {
        Ok(source) => source,
        Err(error) => return check_error(&error, path, text),
    };
    if let Err(error) = RunSpec::new(&source, Vec::new(), &keys::schema()) {
        check_error(&error, path, text);
    }
    let planned = NamedModel::of_file(&source, &[], Isa::detect()).and_then(|model| {
        let spec = SweepSpec::new(&source, Vec::new(), model.objective().schema())?;
        Ok((spec.plan(model.objective())?, model))
    });
    match planned {
        Ok((plan, model)) => plan::check(plan, model.objective()),
        Err(error) => check_error(&error, path, text),
    }
}

fn check_error(error: &SpecError, path: &Path, text: &str) {
    let message = error.to_string();
    assert!(message.len() < LONGEST_MESSAGE, "a message of {} bytes: {}", message.len(), &message[..200]);
    assert!(!message.contains(|c: char| c.is_control()), "a control character in {message:?}");
    assert_eq!(&*error.place.source, path.to_str().unwrap(), "{message}");
    let Some((line, column)) = error.place.position else { return };
    let lines: Vec<&str> = text.split(['\n', '\r']).collect();
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    assert!((1..=lines.len() + 1).contains(&line), "line {line} of {}: {message}", lines.len());
    assert!((1..=longest + 2).contains(&column), "column {column}: {message}");
}
