//! `burstnet diff`: two trials beside each other, and the first step at which they part.

mod outcome;
mod printed;
mod shown;
mod sides;
mod together;

use std::path::Path;

use burstnet_report::difference::Difference;
use burstnet_report::page::difference::DifferencePage;
use burstnet_report::page::trial::Recording;
use burstnet_sweep::files::disk::system;
use burstnet_sweep::files::write_atomically;
use burstnet_sweep::results::models::NamedModel;

use self::outcome::Outcome;
use self::shown::Shown;
use self::sides::Side;
use self::together::Ran;
use crate::arguments::DiffArguments;
use crate::failure::Failure;
use crate::process::interrupt::Interrupt;
use crate::shared::outputs::check_file;
use crate::terminal::say::{say, say_json};

/// Compares two trials.
pub(crate) fn diff(arguments: &DiffArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let [a, b] = sides::read(arguments)?;
    if let Some(page) = &arguments.page {
        check_file("--page", page, arguments.force)?;
    }
    let (outcomes, difference, printed) = match (&a.model, &b.model) {
        (NamedModel::Burst(_), NamedModel::Burst(_)) => {
            let Ran { outcomes, recordings, difference } =
                together::run([&a, &b], arguments.page.is_some(), &arguments.units, &interrupt)?;
            a.check_unchanged()?;
            b.check_unchanged()?;
            if let Some(path) = &arguments.page {
                write_page(path, [&a, &b], &recordings, &outcomes, &difference)?;
            }
            (outcomes, Some(difference), None)
        }
        (NamedModel::Command(_), NamedModel::Command(_)) => {
            if arguments.page.is_some() {
                return Err(Failure::Input(
                    "--page: of external programs no step is known, expected trials of the burst network".into(),
                ));
            }
            if arguments.allow.allow_command {
                let (outcomes, printed) = printed::run([&a, &b], &interrupt)?;
                a.check_unchanged()?;
                b.check_unchanged()?;
                (outcomes, None, Some(printed))
            } else {
                (Outcome::recorded([&a, &b])?, None, None)
            }
        }
        (NamedModel::Burst(_), NamedModel::Command(_)) | (NamedModel::Command(_), NamedModel::Burst(_)) => {
            return Err(Failure::Input(
                "A and B: one is of the burst network, the other of an external program; expected trials of one model"
                    .into(),
            ));
        }
    };
    let shown = Shown::new(arguments, [&a, &b], &outcomes, difference.as_ref(), printed.as_ref());
    if arguments.json {
        say_json(&shown.json().to_string())?;
    } else {
        say(&shown.for_people())?;
    }
    if shown.same() { Ok(()) } else { Err(Failure::Differs("the trials differ".into())) }
}

fn write_page(
    path: &Path,
    sides: [&Side; 2],
    recordings: &[Option<Recording>; 2],
    outcomes: &[Outcome; 2],
    difference: &Difference,
) -> Result<(), Failure> {
    let [Some(first), Some(second)] = recordings else {
        return Err(Failure::Input("--page: a trial failed, so there is nothing to draw".into()));
    };
    let page = DifferencePage {
        names: sides.map(|side| side.name.as_str()),
        recordings: [first, second],
        curves: outcomes.each_ref().map(|one| one.curves.as_slice()),
        keys: &sides::differing_keys(sides),
        measures: &outcome::measures(outcomes),
        difference,
    };
    write_atomically(&system(), path, |file| page.write(file)).map_err(Failure::at(path))
}
