//! Tables as other crates decode them: columns of keys, and rows of configurations.

use std::path::Path;

use burstnet_core::config::Value;

/// A decoded table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The columns that are keys: their names, and their numbers in the table, from 1.
    pub columns: Vec<(String, usize)>,
    /// The rows, each with a cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// The line in which each row begins; empty if rows have no lines, so that a row's number below the header is used.
    pub lines: Vec<usize>,
    /// True if the table is one of burstnet's own tables of results.
    pub is_own: bool,
    /// The columns that are not keys because of their position: their names, and their numbers in the table, from 1.
    pub others: Vec<(String, usize)>,
    /// True if the last column can be the budget that trials have got, rather than a key.
    pub is_stopped: bool,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A value of the format's own types.
    Typed(Value),
    /// A text of a format without types.
    Written(String),
    /// A quoted text of a format without types.
    Quoted(String),
}

/// The reason why a table cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableError {
    /// The problem.
    pub problem: String,
    /// The values that could be there instead; `None` if the whole file is not a table.
    pub expected: Option<String>,
    /// The line and the column of the table, both from 1, if they are known.
    pub position: Option<(usize, usize)>,
}

/// A function that decodes a table.
pub type TableReader = fn(&Path) -> Result<Decoded, TableError>;
