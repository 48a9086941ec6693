//! The command `burstnet`, and what it has in common with the Python package: sweeps, reruns and runs with its checks
//! and its messages, for programs that show them in another way.

mod arguments;
mod commands;
mod failure;
mod process;
mod shared;
mod slurm;
mod terminal;
mod text;

use std::ffi::OsString;

use burstnet_sweep::objective::panics;
use clap::Parser as _;

use arguments::{Arguments, hints};
use process::{host, interrupt};
use terminal::say::complain;
use terminal::waiting;

pub use failure::Failure;
pub use process::host::{Host, Told, called};

/// Runs the command with these arguments, of which the first is its name. Returns its exit code.
pub fn command(arguments: Vec<OsString>) -> u8 {
    panics::print_only_uncaught();
    interrupt::outlive_long_files();
    interrupt::end_without_memory();
    waiting::listen();
    let named = arguments.get(1).cloned();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(mut error) if error.use_stderr() => {
            hints::advise(&mut error, named.as_deref());
            complain(error.render().to_string().trim_end()); // it repeats what was given
            return 2;
        }
        Err(help) => help.exit(),
    };
    match commands::run(arguments.command) {
        Ok(()) => 0,
        Err(failure) => {
            complain(&failure.to_string());
            failure.code()
        }
    }
}

/// Runs the command with these arguments, of which the first is its name, within the process of a host.
pub fn command_within(host: Host, arguments: Vec<OsString>) -> Told {
    panics::print_only_uncaught();
    host::within(host, || match Arguments::try_parse_from(&arguments) {
        Ok(arguments) => commands::run(arguments.command).err(),
        Err(error) => {
            let text = error.render().to_string();
            Some(Failure::Input(text.trim_end().trim_start_matches("error: ").to_owned()))
        }
    })
}
