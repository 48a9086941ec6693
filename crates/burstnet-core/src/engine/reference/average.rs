//! The exponential average by which every stage smooths what it reads.

/// ṽ ← ½ (ṽ + v), once at every step where its stage runs.
#[derive(Clone, Debug)]
pub(super) struct Average {
    values: Vec<f64>,
    starts_at_first_value: bool,
    started: bool,
}

impl Average {
    pub(super) fn new(size: usize, starts_at_first_value: bool) -> Self {
        Self { values: vec![0.0; size], starts_at_first_value, started: false }
    }

    pub(super) fn advance(&mut self, v: &[f64]) {
        if self.starts_at_first_value && !self.started {
            self.values.copy_from_slice(v);
        } else {
            for (average, v) in self.values.iter_mut().zip(v) {
                *average = 0.5 * (*average + v);
            }
        }
        self.started = true;
    }

    /// Bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}
