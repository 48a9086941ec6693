//! Tables that are written row by row, wherever the rows go.

use std::path::Path;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::builder::{BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use burstnet_core::config::Value;
use burstnet_sweep::files::disk::Disk;
use burstnet_sweep::plan::columns::{Column, ColumnType};

use super::parquet::{ParquetFile, ROWS_PER_GROUP};
use super::schema::arrow_schema;
use super::sink::Sink;
use crate::ReportError;

/// Rows that are collected before they are handed to the sink.
const ROWS_PER_BATCH: usize = 1 << 13;

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// No value.
    Null,
    /// An integer.
    Int(u64),
    /// A number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// A configuration's value.
    Value(&'a Value),
}

impl Cell<'_> {
    /// Returns a truth value.
    pub(crate) fn flag(flag: bool) -> Self {
        static VALUES: [Value; 2] = [Value::Bool(false), Value::Bool(true)];
        Self::Value(&VALUES[usize::from(flag)])
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<Option<f64>> for Cell<'_> {
    fn from(x: Option<f64>) -> Self {
        x.map_or(Self::Null, Self::Float)
    }
}

/// A table that is written row by row.
pub(crate) struct TableWriter {
    /// `None` of a table that nobody wants.
    sink: Option<Box<dyn Sink>>,
    builders: Vec<Builder>,
    rows: usize,
}

impl TableWriter {
    /// Returns a table of which the rows go to `sink`.
    pub(crate) fn new(sink: Box<dyn Sink>, columns: &[Column]) -> Self {
        Self { sink: Some(sink), builders: columns.iter().map(|column| Builder::new(column.kind)).collect(), rows: 0 }
    }

    /// Returns a table of which the rows go nowhere.
    pub(crate) fn unwanted() -> Self {
        Self { sink: None, builders: Vec::new(), rows: 0 }
    }

    /// Returns a table whose rows go to a new Parquet file at `path`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be made in its folder.
    pub(crate) fn create(
        disk: &Arc<dyn Disk>,
        path: &Path,
        columns: &[Column],
        metadata: &[(&str, String)],
    ) -> Result<Self, ReportError> {
        let distinct: Vec<&str> =
            columns.iter().filter(|column| column.distinct).map(|column| column.name.as_str()).collect();
        let file = ParquetFile::create_on(disk, path, arrow_schema(columns), metadata, ROWS_PER_GROUP, &distinct)?;
        Ok(Self::new(Box::new(file), columns))
    }

    /// Appends a row, one cell per column.
    ///
    /// # Errors
    /// Returns an error if rows cannot be written.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<(), ReportError> {
        if self.sink.is_none() {
            return Ok(());
        }
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            builder.push(cell);
        }
        self.rows += 1;
        if self.rows == ROWS_PER_BATCH { self.flush() } else { Ok(()) }
    }

    /// Completes the table.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn finish(mut self) -> Result<(), ReportError> {
        self.flush()?;
        self.sink.map_or(Ok(()), Sink::finish)
    }

    fn flush(&mut self) -> Result<(), ReportError> {
        self.rows = 0;
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        self.sink.as_mut().map_or(Ok(()), |sink| sink.write(arrays))
    }
}

enum Builder {
    Int(Int64Builder),
    Float(Float64Builder),
    Flag(BooleanBuilder),
    Text(StringBuilder),
    Ints(ListBuilder<Int64Builder>),
    Floats(ListBuilder<Float64Builder>),
    Texts(ListBuilder<StringBuilder>),
}

impl Builder {
    fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Int => Self::Int(Int64Builder::new()),
            ColumnType::Float => Self::Float(Float64Builder::new()),
            ColumnType::Flag => Self::Flag(BooleanBuilder::new()),
            ColumnType::Text => Self::Text(StringBuilder::new()),
            ColumnType::Ints => Self::Ints(ListBuilder::new(Int64Builder::new())),
            ColumnType::Floats => Self::Floats(ListBuilder::new(Float64Builder::new())),
            ColumnType::Texts => Self::Texts(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match self {
            Self::Int(builder) => builder.append_option(match cell {
                Cell::Int(i) => i64::try_from(i).ok(),
                Cell::Value(Value::Int(i)) => Some(*i),
                Cell::Null | Cell::Float(_) | Cell::Text(_) | Cell::Value(_) => None,
            }),
            Self::Float(builder) => builder.append_option(match cell {
                Cell::Float(x) => Some(x),
                Cell::Value(value) => value.as_f64(),
                Cell::Null | Cell::Int(_) | Cell::Text(_) => None,
            }),
            Self::Flag(builder) => builder.append_option(match cell {
                Cell::Value(Value::Bool(flag)) => Some(*flag),
                Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Text(_) | Cell::Value(_) => None,
            }),
            Self::Text(builder) => match cell {
                Cell::Text(text) => builder.append_value(text),
                Cell::Value(Value::Text(text)) => builder.append_value(text),
                Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Value(Value::Null) => builder.append_null(),
                Cell::Value(value) => builder.append_value(value.to_string()),
            },
            Self::Ints(builder) => match cell {
                Cell::Value(Value::List(items)) => {
                    builder
                        .append_value(items.iter().map(|item| if let Value::Int(i) = item { Some(*i) } else { None }));
                }
                Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Text(_) | Cell::Value(_) => builder.append_null(),
            },
            Self::Floats(builder) => match cell {
                Cell::Value(Value::List(items)) => builder.append_value(items.iter().map(Value::as_f64)),
                Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Text(_) | Cell::Value(_) => builder.append_null(),
            },
            Self::Texts(builder) => match cell {
                Cell::Value(Value::List(items)) => builder.append_value(items.iter().map(Value::as_text)),
                Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Text(_) | Cell::Value(_) => builder.append_null(),
            },
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Flag(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Ints(builder) => Arc::new(builder.finish()),
            Self::Floats(builder) => Arc::new(builder.finish()),
            Self::Texts(builder) => Arc::new(builder.finish()),
        }
    }
}
