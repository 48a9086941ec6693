//! Destinations of rows.

use arrow::array::ArrayRef;

use crate::ReportError;

/// A destination of a table's rows.
pub(crate) trait Sink {
    /// Takes rows, given as one array per column.
    ///
    /// # Errors
    /// Returns an error if they cannot be written.
    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError>;

    /// Completes the table.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    fn finish(self: Box<Self>) -> Result<(), ReportError>;
}
