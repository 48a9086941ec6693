//! Every operation on the disk fails once: the sweep stops with a message, and goes on when the disk works again.

use std::sync::Arc;
use std::time::Duration;

use crate::failing_disk::{Failing, Refuses};
use crate::sweeping::{SWEEP, Sweeping, tables_of, undisturbed};

/// Errors of the operating system: number, and what the message says.
const ERRORS: [(i32, &str); 3] =
    [(28, "No space left on device"), (5, "Input/output error"), (30, "Read-only file system")];

#[test]
fn every_refused_operation_ends_the_sweep_with_a_message_and_costs_nothing() {
    let whole = undisturbed(SWEEP);
    for refuses in [Refuses::Once, Refuses::FromThenOn] {
        let mut at = 0;
        loop {
            let (number, says) = ERRORS[at as usize % ERRORS.len()];
            let place = tempfile::tempdir().unwrap();
            let results = place.path().join("r");
            let disk = Failing::new(at, refuses, number);
            let sweeping =
                Sweeping { disk: Arc::new(disk.clone()), sync_interval: Duration::ZERO, ..Sweeping::default() };
            let outcome = sweeping.run_to_tables(&results, SWEEP);
            if !disk.refused() {
                outcome.unwrap();
                break;
            }
            let message = outcome.err().unwrap_or_else(|| panic!("{refuses:?} at {at}: not noticed")).to_string();
            assert!(message.contains(says), "{refuses:?} at {at}: {message}");
            assert!(message.contains(place.path().to_str().unwrap()), "{refuses:?} at {at}: {message}");
            Sweeping::default()
                .run_to_tables(&results, SWEEP)
                .unwrap_or_else(|error| panic!("{refuses:?} at {at}: {error}"));
            assert!(tables_of(&results) == whole, "{refuses:?} at {at}");
            at += 1;
        }
        assert!(at > 40, "only {at} operations");
    }
}
