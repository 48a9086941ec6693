//! `burstnet archive` and `burstnet verify`: a study in one file, and whether its results come out again.

mod contents;
mod opened;
mod packed;
mod sampled;

use std::io::IsTerminal as _;

use burstnet_core::engine::Isa;
use burstnet_sweep::files::disk::system;
use burstnet_sweep::files::write_atomically;
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study;

use crate::arguments::{ArchiveArguments, VerifyArguments};
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::outputs::check_file;
use crate::terminal::say::{complain, say};

/// Writes the archive of a study.
pub(crate) fn archive(arguments: &ArchiveArguments) -> Result<(), Failure> {
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let study = Study::open(&arguments.results, model.objective())?;
    study.verify_inputs()?;
    match &arguments.out {
        Some(path) => {
            check_file("--out", path, arguments.force)?;
            let packed = write_atomically(&system(), path, |file| packed::write(&study, file));
            packed.map_err(Failure::at(path))
        }
        None if std::io::stdout().is_terminal() => Err(Failure::Input(
            "an archive is no text, expected > study.tar.zst behind the command, or --out FILE".into(),
        )),
        None => packed::write(&study, &mut std::io::stdout().lock())
            .map_err(|error| Failure::Environment(format!("cannot write the archive: {error}"))),
    }
}

/// Opens an archive and runs a sample of its trials again.
pub(crate) fn verify(arguments: &VerifyArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let opened = opened::open(&arguments.archive)?;
    let model = NamedModel::of_results(opened.results(), arguments.isa.isa()?)?;
    let study = Study::open(opened.results(), model.objective())?;
    if study.plan.fingerprint() != opened.contents.fingerprint {
        return Err(Failure::Input(format!(
            "{}: its plan has another fingerprint than its list of contents says",
            arguments.archive.display()
        )));
    }
    study.verify_inputs()?;
    let files = opened.contents.files.len();
    let NamedModel::Burst(network) = &model else {
        complain("its trials are of an external program, which the archive does not hold: none was run again");
        return say(&format!("{files} files as they were archived"));
    };
    let checked = sampled::run(&study, network, arguments, &interrupt)?;
    if checked.differing.is_empty() {
        return say(&format!(
            "{files} files as they were archived; {} of {} trials run again: all bits the same",
            checked.ran, checked.trials
        ));
    }
    Err(Failure::Differs(format!(
        "{} of {} trials that were run again differ from their records: {:?}",
        checked.differing.len(),
        checked.ran,
        checked.differing
    )))
}
