//! Matrices in the layout of the kernels: sixteen neighbouring units lie along a vector's lanes.

use std::ops::Range;

use super::vector::{LANES, Vector};

/// A matrix of units × rows (steps, or presynaptic units). The vectors of sixteen units lie one block after the other,
/// and within a block row after row; units beyond the last are padding.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    vectors: usize,
    rows: usize,
    data: Vec<Vector>,
}

/// Returns the number of vectors that hold `units` units.
pub(super) fn vectors(units: usize) -> usize {
    units.div_ceil(LANES)
}

impl Panel {
    /// Returns a panel of zeros for `units` units.
    pub(super) fn zeros(units: usize, rows: usize) -> Self {
        let vectors = vectors(units);
        Self { vectors, rows, data: vec![Vector::ZERO; vectors * rows] }
    }

    /// Makes a panel from the element of each unit and row.
    pub(super) fn from_fn(units: usize, rows: usize, element: impl Fn(usize, usize) -> f32) -> Self {
        let mut panel = Self::zeros(units, rows);
        for unit in 0..units {
            for row in 0..rows {
                panel.data[unit / LANES * rows + row].0[unit % LANES] = element(unit, row);
            }
        }
        panel
    }

    /// Makes a panel from rows of `n` numbers, one per unit, that `each_row` shows in order.
    pub(super) fn from_rows(units: usize, n: usize, each_row: impl FnOnce(&mut dyn FnMut(&[f64]))) -> Self {
        let mut panel = Self::zeros(units, n);
        let mut unit = 0;
        each_row(&mut |row| {
            row.iter().enumerate().for_each(|(i, x)| panel.set(unit, i, *x as f32));
            unit += 1;
        });
        panel
    }

    /// Returns the panel with units and rows exchanged.
    pub(super) fn turned(&self, units: usize, rows: usize) -> Self {
        Self::from_fn(rows, units, |row, unit| self.at(unit, row))
    }

    pub(super) fn vectors(&self) -> usize {
        self.vectors
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn at(&self, unit: usize, row: usize) -> f32 {
        self.data[unit / LANES * self.rows + row].0[unit % LANES]
    }

    pub(super) fn set(&mut self, unit: usize, row: usize, x: f32) {
        self.data[unit / LANES * self.rows + row].0[unit % LANES] = x;
    }

    /// Returns all vectors, those of the first sixteen units first.
    pub(super) fn data(&self) -> &[Vector] {
        &self.data
    }

    /// Returns the bytes that it takes from the heap.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.data())
    }

    pub(super) fn data_mut(&mut self) -> &mut [Vector] {
        &mut self.data
    }

    /// Copies a row onto another.
    pub(super) fn copy_row(&mut self, from: usize, to: usize) {
        for v in 0..self.vectors {
            self.data[v * self.rows + to] = self.data[v * self.rows + from];
        }
    }

    /// Copies a row of another panel of as many units.
    pub(super) fn copy_row_of(&mut self, other: &Self, from: usize, to: usize) {
        for v in 0..self.vectors {
            self.data[v * self.rows + to] = other.data[v * other.rows + from];
        }
    }

    /// Reads a row, unit after unit.
    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) {
        for (v, out) in out.chunks_mut(LANES).enumerate() {
            out.copy_from_slice(&self.data[v * self.rows + row].0[..out.len()]);
        }
    }

    /// Sets a row, unit after unit.
    pub(super) fn write_row(&mut self, row: usize, values: &[f32]) {
        for (v, values) in values.chunks(LANES).enumerate() {
            self.data[v * self.rows + row].0[..values.len()].copy_from_slice(values);
        }
    }

    /// Changes the number of rows. The content is then arbitrary. Allocates nothing while `rows` stays within the
    /// initial number.
    pub(super) fn reshape(&mut self, rows: usize) {
        self.rows = rows;
        self.data.resize(self.vectors * rows, Vector::ZERO);
    }

    /// Changes the number of units. The content is then arbitrary, except in the padding. Allocates nothing while the
    /// number stays within the initial one.
    pub(super) fn reunit(&mut self, units: usize) {
        self.vectors = vectors(units);
        self.data.clear();
        self.data.resize(self.vectors * self.rows, Vector::ZERO);
    }

    /// Makes it zeros for `units` units and `rows` rows. Allocates nothing while these stay within the initial numbers.
    pub(super) fn set_size(&mut self, units: usize, rows: usize) {
        self.vectors = vectors(units);
        self.rows = rows;
        self.data.clear();
        self.data.resize(self.vectors * rows, Vector::ZERO);
    }

    /// Copies all rows of a panel with no more units and rows.
    pub(super) fn copy_columns(&mut self, other: &Self) {
        for v in 0..other.vectors {
            self.span_mut(v, 0..other.rows).copy_from_slice(other.span(v, 0..other.rows));
        }
    }

    /// Returns the largest absolute value; infinite if one is not a number.
    pub(super) fn largest(&self) -> f32 {
        largest(self.data.iter().flat_map(|vector| &vector.0))
    }

    /// Returns the vectors of sixteen units, at some rows.
    #[inline]
    pub(super) fn span_mut(&mut self, vector: usize, rows: Range<usize>) -> &mut [Vector] {
        &mut self.data[vector * self.rows + rows.start..vector * self.rows + rows.end]
    }

    /// Returns the vectors of sixteen units, at some rows.
    #[inline]
    pub(super) fn span(&self, vector: usize, rows: Range<usize>) -> &[Vector] {
        &self.data[vector * self.rows + rows.start..vector * self.rows + rows.end]
    }
}

/// Returns the largest absolute value; infinite if one is not a number.
pub(super) fn largest<'a>(values: impl IntoIterator<Item = &'a f32>) -> f32 {
    values.into_iter().fold(0.0, |largest: f32, x| if x.is_nan() { f32::INFINITY } else { largest.max(x.abs()) })
}
