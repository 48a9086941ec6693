//! The reader of plan.json.
#![no_main]

use burstnet_fuzz::checks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| checks::plan::check_file(bytes));
