//! Messages while the command waits, which a signal ends.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use burstnet_sweep::files::waiting::{Wait, attend};
use burstnet_sweep::objective::external;

use crate::process::interrupt;
use crate::terminal::say::complain;
use crate::text::{bytes, clean};

/// The time after which it says that it waits.
const SILENCE: Duration = Duration::from_secs(1);
/// The time between two messages about how far it is.
const INTERVAL: Duration = Duration::from_secs(5);

/// The time of the last message.
static TOLD: Mutex<Option<Instant>> = Mutex::new(None);

/// Says from now on what is waited for.
pub(crate) fn listen() {
    attend(tell);
}

fn tell(wait: Wait<'_>, since: Instant) {
    if since.elapsed() < SILENCE {
        return;
    }
    if let Some(signal) = interrupt::first() {
        // As with a second signal, nothing that was recorded is lost.
        complain(&format!("interrupted: {}; what was recorded is kept", sentence(wait)));
        external::end_all();
        std::process::exit(128 + signal);
    }
    let Ok(mut told) = TOLD.lock() else { return };
    let due = match (*told, wait) {
        (Some(last), _) if last < since => true, // of another wait
        (Some(last), Wait::Read { .. }) => last.elapsed() >= INTERVAL,
        (Some(_), Wait::Lock { .. }) => false,
        (None, _) => true,
    };
    if due {
        *told = Some(Instant::now());
        complain(&sentence(wait));
    }
}

fn sentence(wait: Wait<'_>) -> String {
    match wait {
        Wait::Lock { results, holder } => {
            let who = holder.map_or("another process, perhaps on another machine,".into(), process);
            format!("waiting for {who} to finish with {}", clean(&results.to_string_lossy()))
        }
        Wait::Read { file, done, of } => format!(
            "reading {}: {} of {}",
            clean(&file.to_string_lossy()),
            bytes(done as f64),
            bytes(of.max(done) as f64)
        ),
    }
}

/// Returns a process by its number and name.
fn process(number: u32) -> String {
    let name = std::fs::read_to_string(Path::new("/proc").join(number.to_string()).join("comm")).unwrap_or_default();
    match name.trim() {
        "" => format!("process {number}"),
        name => format!("process {number} ({})", clean(name)),
    }
}
