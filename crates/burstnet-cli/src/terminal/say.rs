//! Output of the command. Results go to standard output, the rest to standard error; a closed pipe is no reason to
//! panic.

use std::io::{ErrorKind, Write as _};

use crate::failure::Failure;
use crate::process::host;
use crate::text::{escaped_json, printable};

/// Prints a result.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    print(&printable(text))
}

/// Prints JSON, without blanks between its signs or with lines as `{:#}` makes them. What cannot be seen stands in its
/// texts alone, and is escaped there as JSON has it: the value is the same.
pub(crate) fn say_json(json: &str) -> Result<(), Failure> {
    print(&escaped_json(json))
}

fn print(text: &str) -> Result<(), Failure> {
    if host::take(text) {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Environment(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a result in which there are colours, and all else is clean already.
pub(crate) fn say_in_colour(text: &str) -> Result<(), Failure> {
    print(text)
}

/// Prints a message.
pub(crate) fn complain(text: &str) {
    let text = printable(text);
    if !host::tell(&text) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}
