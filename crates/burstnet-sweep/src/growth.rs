//! The growth of a time with the size of its problem, within one run, so that asserts do not depend on the machine.

use std::time::{Duration, Instant};

/// Returns how many times as long `large` takes as `small`, by the shortest of three runs of each.
pub(crate) fn growth(mut small: impl FnMut(), mut large: impl FnMut()) -> f64 {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    let (mut shortest_small, mut shortest_large) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        shortest_small = shortest_small.min(time(&mut small));
        shortest_large = shortest_large.min(time(&mut large));
    }
    shortest_large.as_secs_f64() / shortest_small.as_secs_f64()
}
