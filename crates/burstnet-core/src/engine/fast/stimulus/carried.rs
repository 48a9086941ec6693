//! The contribution of earlier sequences to the smoothed input of the next.

use super::super::panel::Panel;
use super::Shown;
use crate::config::Dynamics;
use crate::timing::Timing;

/// The carry into a sequence: within it, x̃(t) = own(t) + carry / 2^(t + 1).
#[derive(Clone)]
pub(in super::super) struct Carried {
    timing: Timing,
    /// The number of steps of all earlier sequences.
    steps: u64,
    /// The value of x̃ at the last step.
    smoothed: Vec<f32>,
    /// The input at the last step.
    last: Vec<f32>,
    carry: Vec<f32>,
    column: Panel,
}

impl Carried {
    pub(in super::super) fn new(dynamics: Dynamics, inputs: usize) -> Self {
        Self {
            timing: Timing::new(dynamics, 1),
            steps: 0,
            smoothed: vec![0.0; inputs],
            last: vec![0.0; inputs],
            carry: vec![0.0; inputs],
            column: Panel::zeros(inputs, 1),
        }
    }

    /// Returns the bytes that it takes from the heap.
    pub(in super::super) fn bytes(&self) -> usize {
        let rows = [&self.smoothed, &self.last, &self.carry].map(|row| size_of_val(&row[..]));
        rows.iter().sum::<usize>() + self.column.bytes()
    }

    /// Prepares for a sequence that begins with the input `first`. Returns whether the carry is the same as into the
    /// previous sequence.
    pub(in super::super) fn enter(&mut self, first: &[f32]) -> bool {
        let mut same = self.steps > 0;
        let read = if self.steps == 0 { first } else { &self.last };
        for (i, carry) in self.carry.iter_mut().enumerate() {
            let next = if self.steps < 2 && self.timing.average_starts_at_first_value() {
                2.0 * read[i] // the first value that is read, at the run's second step, is the average itself
            } else if self.timing.input_is_delayed() {
                self.smoothed[i] + self.last[i] // the first step reads the last input before
            } else {
                2.0 * self.smoothed[i] // the layer rests at the first step
            };
            same &= next == *carry;
            *carry = next;
        }
        self.column.write_row(0, &self.carry);
        same
    }

    /// Updates the state after a sequence.
    pub(in super::super) fn leave(&mut self, shown: &Shown) {
        let left = if shown.steps < 127 { f32::from_bits((127 - shown.steps as u32) << 23) } else { 0.0 };
        for (i, smoothed) in self.smoothed.iter_mut().enumerate() {
            *smoothed = shown.end[i] + left * self.carry[i];
        }
        self.last.copy_from_slice(&shown.last);
        self.steps += shown.steps as u64;
    }

    /// Returns the carry into the sequence that was entered last, one number per input.
    pub(in super::super) fn carry(&self) -> &[f32] {
        &self.carry
    }

    /// Returns the same, along the lanes.
    pub(in super::super) fn carry_column(&self) -> &Panel {
        &self.column
    }
}
