//! The command `burstnet`.

mod allocator;
mod arguments;
mod bar;
mod bits;
mod commands;
mod failure;
mod hints;
mod interrupt;
mod machine;
mod memory;
mod models;
mod output;
mod progress;
mod slurm;
mod terminal;
mod text;
mod waiting;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    interrupt::outlive_long_files();
    interrupt::end_without_memory();
    waiting::listen();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(mut error) if error.use_stderr() => {
            hints::advise(&mut error, std::env::args_os().nth(1).as_deref());
            text::complain(error.render().to_string().trim_end()); // it repeats what was given
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    let done = match arguments.command {
        Command::Run(arguments) => commands::run::run(&arguments),
        Command::Plan(arguments) => commands::plan::plan(&arguments),
        Command::Sweep(arguments) => commands::sweep::sweep(&arguments),
        Command::Status(arguments) => commands::status::status(&arguments),
        Command::Merge(arguments) => commands::merge::merge(&arguments),
        Command::Rerun(arguments) => commands::rerun::rerun(&arguments),
        Command::Report(arguments) => commands::report::report(&arguments),
        Command::Slurm(arguments) => commands::slurm::slurm(&arguments),
        Command::Confirm(arguments) => commands::confirm::confirm(&arguments),
        Command::Schema => commands::schema(),
        Command::Completions { shell } => commands::completions(shell),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            text::complain(&failure.to_string());
            ExitCode::from(failure.code())
        }
    }
}
