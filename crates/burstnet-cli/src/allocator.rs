//! Memory that cannot be had is the environment: a sentence and exit code 3, no abort.

#![allow(unsafe_code)]

#[cfg(not(target_env = "musl"))]
use std::alloc::System as Allocator;
use std::alloc::{GlobalAlloc, Layout};
use std::io::Write as _;

use burstnet_core::room;
use burstnet_sweep::objective::external;
#[cfg(target_env = "musl")]
use mimalloc::MiMalloc as Allocator;

#[global_allocator]
static ALLOCATOR: OrEnd = OrEnd;

/// The allocator, which ends the process where it has nothing to give, unless the caller can go on without.
struct OrEnd;

// SAFETY: all is as the allocator does it, or the process ends.
unsafe impl GlobalAlloc for OrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the allocator wants.
        or_end(unsafe { Allocator.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        or_end(unsafe { Allocator.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, held: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        or_end(unsafe { Allocator.realloc(held, layout, size) }, size)
    }

    unsafe fn dealloc(&self, held: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { Allocator.dealloc(held, layout) }
    }
}

fn or_end(given: *mut u8, size: usize) -> *mut u8 {
    if given.is_null() && !room::is_asking() { end(size) } else { given }
}

/// Ends the process, which must not need memory for it.
#[cold]
fn end(size: usize) -> ! {
    let told = writeln!(
        std::io::stderr(),
        "error: {size} bytes of memory are not available; what was recorded is kept, and the same command goes on where there \
         is more, or with fewer --threads"
    );
    drop(told); // nobody may be listening
    external::end_all_at_hand();
    signal_hook::low_level::exit(3)
}
