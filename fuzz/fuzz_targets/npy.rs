//! The reader of .npy files.
#![no_main]

use burstnet_fuzz::{PLACE, checks};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What reading may take besides the data: buffers, and the header as it is parsed.
const ASIDE: usize = 2 << 20;

fuzz_target!(|bytes: &[u8]| {
    let path = PLACE.join("array.npy");
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    checks::npy::check(&path, bytes);
    let taken = MEMORY.peak_usage() - before;
    // Float32 is widened, and the other memory order takes a copy; the check itself writes and reads all of it again.
    assert!(taken < ASIDE + 12 * bytes.len(), "{taken} bytes of memory for a file of {}", bytes.len());
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut size = fuzzer_mutate(data, size, max_size);
    if seed % 3 != 0 && size > 10 {
        // A header as long as it says.
        data[..8].copy_from_slice(b"\x93NUMPY\x01\x00");
        let end = data[10..size].iter().position(|byte| *byte == b'\n').map_or(size, |at| at + 11);
        data[8..10].copy_from_slice(&((end - 10) as u16).to_le_bytes());
        if seed % 3 == 1 {
            let elements = seed as usize / 3 % 13; // few, as a shape of small numbers has them
            size = (end + 4 * elements).min(max_size).min(data.len());
        }
    }
    size
});
