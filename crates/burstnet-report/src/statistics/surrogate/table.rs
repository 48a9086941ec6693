//! The configurations that a surrogate is fitted to: where each lies in the space.

use burstnet_sweep::search::samplers::AxisKind;

use super::basis::{Basis, Position};

/// The most cells into which the values of a key are divided.
const MOST_CELLS: usize = 64;
/// The cell of a key that does not exist.
const ABSENT: u16 = u16::MAX;

/// Configurations by number of row.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The values that each key can have.
    pub(super) axes: Vec<AxisKind>,
    /// Number of rows.
    pub(super) rows: usize,
    /// The functions of each key.
    pub(super) bases: Vec<Basis>,
    /// The values of these functions: key by key, function by function, row by row.
    pub(super) functions: Vec<Vec<Vec<f64>>>,
    /// Number of cells of each key: its levels, or equal parts of its range.
    pub(super) cells: Vec<usize>,
    /// The cell of each key in each row, key by key.
    places: Vec<Vec<u16>>,
}

impl Table {
    /// Returns the table of rows that lie at `positions`, shape (rows, keys).
    pub(crate) fn new(axes: &[AxisKind], positions: &[Vec<Position>]) -> Self {
        let bases: Vec<Basis> = axes.iter().map(|&axis| Basis::new(axis)).collect();
        let cells: Vec<usize> = axes.iter().map(|&axis| cells(axis)).collect();
        let mut functions: Vec<Vec<Vec<f64>>> =
            bases.iter().map(|basis| vec![Vec::with_capacity(positions.len()); basis.len()]).collect();
        let mut places = vec![Vec::with_capacity(positions.len()); axes.len()];
        for row in positions {
            for (key, &position) in row.iter().enumerate() {
                for (column, value) in functions[key].iter_mut().zip(bases[key].at(position)) {
                    column.push(value);
                }
                places[key].push(place(axes[key], cells[key], position));
            }
        }
        Self { axes: axes.to_vec(), rows: positions.len(), bases, functions, cells, places }
    }

    /// Returns the table of some of its rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let pick = |column: &Vec<f64>| rows.iter().map(|&row| column[row]).collect();
        Self {
            axes: self.axes.clone(),
            rows: rows.len(),
            bases: self.bases.clone(),
            functions: self.functions.iter().map(|key| key.iter().map(pick).collect()).collect(),
            cells: self.cells.clone(),
            places: self.places.iter().map(|key| rows.iter().map(|&row| key[row]).collect()).collect(),
        }
    }

    /// Returns the number of keys.
    pub(crate) fn keys(&self) -> usize {
        self.axes.len()
    }

    /// Returns the cell of a key in a row; `None` where the key does not exist.
    pub(super) fn cell(&self, row: usize, key: usize) -> Option<usize> {
        Some(self.places[key][row]).filter(|&cell| cell != ABSENT).map(usize::from)
    }
}

impl Table {
    /// Returns the density of a key's values in some rows over up to `most` parts of its cells: it is smoothed by one part
    /// to each side if they have an order, and has one row more that is spread over all.
    pub(crate) fn density(&self, key: usize, most: usize, rows: &[usize]) -> Vec<f64> {
        let cells = self.cells[key];
        let is_ordered = !matches!(self.axes[key], AxisKind::Unordered(_));
        let parts = if is_ordered { cells.min(most) } else { cells };
        let mut density = vec![1.0 / parts as f64; parts];
        let mut total = 1.0;
        for cell in rows.iter().filter_map(|&row| self.cell(row, key)) {
            let part = cell * parts / cells;
            let ends = if is_ordered { part.saturating_sub(1)..(part + 2).min(parts) } else { part..part + 1 };
            let weight = 1.0 / ends.len() as f64;
            density[ends].iter_mut().for_each(|x| *x += weight);
            total += 1.0;
        }
        density.iter_mut().for_each(|x| *x /= total);
        density
    }
}

/// A row, perhaps with the value that one key has in another row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// The row.
    pub(super) row: usize,
    /// A key, and the row from which its value is.
    pub(super) swapped: Option<(usize, usize)>,
}

impl Look {
    /// Returns the row as it is.
    pub(super) fn at(row: usize) -> Self {
        Self { row, swapped: None }
    }

    /// Returns the row that `key` is looked up in.
    pub(super) fn of(self, key: usize) -> usize {
        match self.swapped {
            Some((swapped, other)) if swapped == key => other,
            _ => self.row,
        }
    }
}

fn cells(axis: AxisKind) -> usize {
    axis.count().map_or(MOST_CELLS, |count| count.min(MOST_CELLS as u64) as usize).max(1)
}

fn place(axis: AxisKind, cells: usize, position: Position) -> u16 {
    let cell = match position {
        Position::Absent => return ABSENT,
        Position::Part(part) => (part * cells as f64) as usize,
        Position::Level(level) => {
            let count = axis.count().unwrap_or(1).max(1);
            (u128::from(level) * cells as u128 / u128::from(count)) as usize
        }
    };
    cell.min(cells - 1) as u16
}
