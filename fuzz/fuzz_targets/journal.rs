//! The journal reader.
#![no_main]

use burstnet_fuzz::{PLACE, checks};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| checks::journal::check(&PLACE.join("journal"), bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed % 5 != 0 {
        checks::journal::repair(&mut data[..size], seed.wrapping_mul(0x9e37_79b9));
    }
    size
});
