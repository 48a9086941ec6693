//! The commands, a file or folder each.

mod across;
mod archive;
mod compare;
mod confirm;
mod diff;
mod merge;
mod plan;
mod refine;
mod report;
mod rerun;
mod run;
mod schema;
mod show;
mod slurm;
mod status;
mod sweep;
mod traces;
mod trial_page;
mod watch;

use crate::arguments::Command;
use crate::failure::Failure;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Plan(arguments) => plan::plan(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Rerun(arguments) => rerun::rerun(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Archive(arguments) => archive::archive(&arguments),
        Command::Verify(arguments) => archive::verify(&arguments),
        Command::Refine(arguments) => refine::refine(&arguments),
        Command::Trace(arguments) => traces::trace(&arguments),
        Command::Show(arguments) => show::show(&arguments),
        Command::Report(arguments) if !arguments.others.is_empty() => across::across(&arguments),
        Command::Report(arguments) => match (arguments.page.which.is_given(), arguments.watch) {
            (true, _) => trial_page::trial_page(&arguments),
            (false, Some(interval)) => watch::watch(&arguments.results, &arguments.options(), interval),
            (false, None) if !arguments.compare.is_empty() => compare::compare(&arguments),
            (false, None) => report::report(&arguments),
        },
        Command::Slurm(arguments) => slurm::slurm(&arguments),
        Command::Confirm(arguments) => confirm::confirm(&arguments),
        Command::Schema => schema::schema(),
        Command::Completions { shell } => schema::completions(shell),
        Command::Man { folder } => schema::manual_pages(&folder),
    }
}
