//! The command `burstnet`.

mod allocator;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(burstnet_cli::command(std::env::args_os().collect()))
}
