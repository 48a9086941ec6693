//! The window of a search without rounds: how far configurations may be ahead of the results that are known.

/// The configurations that have been chosen, and how many outcomes each of them lacks.
///
/// With a lag of L, configuration k is chosen from the results of configurations 0 to k − L, and as soon as these are
/// complete. Which of those after them has ended cannot reach it.
#[derive(Debug)]
pub(super) struct Window {
    lag: u64,
    /// The number of outcomes that each configuration lacks.
    lacking: Vec<u64>,
    /// The number of configurations that are complete, as are all before them.
    complete: u64,
    /// True if no other configuration will be chosen.
    ended: bool,
}

impl Window {
    pub(super) fn new(lag: u64) -> Self {
        Self { lag: lag.max(1), lacking: Vec::new(), complete: 0, ended: false }
    }

    /// Returns the number of configurations on whose results the next one depends; `None` if one of them is not complete,
    /// or the search has ended.
    pub(super) fn next_depends_on(&self) -> Option<u64> {
        let next = self.lacking.len() as u64;
        let seen = (next + 1).saturating_sub(self.lag);
        (!self.ended && seen <= self.complete).then_some(seen)
    }

    /// Notes that no other configuration will be chosen.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Returns whether no other configuration will be chosen.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns whether the search has ended and all its configurations are complete.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.is_complete()
    }

    /// Adds the next configuration, which lacks so many outcomes.
    pub(super) fn add(&mut self, lacking: u64) {
        self.lacking.push(lacking);
        self.pass();
    }

    /// Notes an outcome of a configuration.
    pub(super) fn note(&mut self, config_id: u64) {
        if let Some(lacking) = self.lacking.get_mut(config_id as usize) {
            *lacking = lacking.saturating_sub(1);
        }
        self.pass();
    }

    /// Returns whether all configurations that were added are complete.
    pub(super) fn is_complete(&self) -> bool {
        self.complete == self.lacking.len() as u64
    }

    /// Returns the first configuration that is not complete, or the number of configurations.
    pub(super) fn complete(&self) -> u64 {
        self.complete
    }

    fn pass(&mut self) {
        while self.lacking.get(self.complete as usize) == Some(&0) {
            self.complete += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_waits_for_those_a_lag_before_it() {
        let mut window = Window::new(3);
        for expected in [0, 0, 0] {
            assert_eq!(window.next_depends_on(), Some(expected));
            window.add(2);
        }
        assert_eq!(window.next_depends_on(), None, "configuration 3 depends on configuration 0");
        [1, 1, 2, 2, 0].into_iter().for_each(|config_id| window.note(config_id));
        assert_eq!((window.next_depends_on(), window.complete()), (None, 0));
        window.note(0);
        assert_eq!((window.next_depends_on(), window.complete()), (Some(1), 3));
        window.add(0);
        assert_eq!((window.next_depends_on(), window.is_complete(), window.is_over()), (Some(2), true, false));
        window.end();
        assert_eq!((window.next_depends_on(), window.is_over()), (None, true));
    }
}
