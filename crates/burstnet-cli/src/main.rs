//! The command `burstnet`.

mod arguments;
mod commands;
mod failure;
mod process;
mod shared;
mod slurm;
mod terminal;
mod text;

use std::process::ExitCode;

use burstnet_sweep::objective::panics;
use clap::Parser as _;

use arguments::{Arguments, hints};
use process::interrupt;
use terminal::say::complain;
use terminal::waiting;

fn main() -> ExitCode {
    panics::print_only_uncaught();
    interrupt::outlive_long_files();
    interrupt::end_without_memory();
    waiting::listen();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(mut error) if error.use_stderr() => {
            hints::advise(&mut error, std::env::args_os().nth(1).as_deref());
            complain(error.render().to_string().trim_end()); // it repeats what was given
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    match commands::run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(failure.code())
        }
    }
}
