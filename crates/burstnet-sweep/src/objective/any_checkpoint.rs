//! Evaluations that may be continued later.

use std::any::Any;

/// The state of an evaluation at its end, in a type that the model chooses.
pub struct AnyCheckpoint {
    state: Box<dyn Any + Send>,
    bytes: usize,
}

impl AnyCheckpoint {
    /// Returns a checkpoint of a state that takes `bytes` bytes of memory.
    pub fn new<T: Any + Send>(state: T, bytes: usize) -> Self {
        Self { state: Box::new(state), bytes }
    }

    /// Returns the bytes that it keeps in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the state; `None` if it is of another type, and thus of another model.
    pub fn into_state<T: Any>(self) -> Option<T> {
        self.state.downcast().ok().map(|state| *state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_had_by_its_type() {
        assert_eq!(AnyCheckpoint::new(7_u32, 4).into_state::<u32>(), Some(7));
        assert_eq!(AnyCheckpoint::new(7_u32, 4).into_state::<u64>(), None);
    }
}
