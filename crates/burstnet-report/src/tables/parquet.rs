//! Writing one Parquet file, row by row, in bounded memory; it appears whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::builder::{BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Schema;
use burstnet_core::config::Value;
use burstnet_sweep::columns::{Column, ColumnType};
use burstnet_sweep::disk::{Disk, system};
use burstnet_sweep::files::NewFile;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::ReportError;
use crate::tables::schema::arrow_schema;

/// Rows per row group: a count, never a size in memory, so that the bytes depend on the rows alone.
const ROWS_PER_GROUP: usize = 1 << 17;
/// Rows that are collected before they are handed to the encoder.
const ROWS_PER_BATCH: usize = 1 << 13;

/// A Parquet file in the making. Dropped without [`ParquetFile::finish`], it leaves nothing.
pub struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<NewFile>,
    schema: Arc<Schema>,
}

impl ParquetFile {
    /// Starts `path` with these columns and key-value metadata; a row group every `rows_per_group` rows.
    ///
    /// # Errors
    /// If the file cannot be made in its folder.
    pub fn create(
        path: &Path,
        schema: Arc<Schema>,
        metadata: &[(&str, String)],
        rows_per_group: usize,
    ) -> Result<Self, ReportError> {
        Self::create_on(&system(), path, schema, metadata, rows_per_group, &[])
    }

    /// As [`ParquetFile::create`], on another disk, and without dictionaries for the columns `distinct`.
    ///
    /// # Errors
    /// As [`ParquetFile::create`].
    pub fn create_on(
        disk: &Arc<dyn Disk>,
        path: &Path,
        schema: Arc<Schema>,
        metadata: &[(&str, String)],
        rows_per_group: usize,
        distinct: &[&str],
    ) -> Result<Self, ReportError> {
        let file = NewFile::create(disk, path).map_err(|source| ReportError::Io { path: path.to_owned(), source })?;
        let properties = properties(metadata, rows_per_group, distinct);
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
            .map_err(|source| ReportError::Parquet { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), writer, schema })
    }

    /// Appends rows, given as one array per column.
    ///
    /// # Errors
    /// If they do not fit the columns or cannot be written.
    pub fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(ParquetError::from);
        batch.and_then(|batch| self.writer.write(&batch)).map_err(|source| self.error(source))
    }

    /// Completes the file: written, synced, renamed, its folder synced.
    ///
    /// # Errors
    /// If any of it fails.
    pub fn finish(self) -> Result<(), ReportError> {
        let Self { path, writer, .. } = self;
        let file = writer.into_inner().map_err(|source| ReportError::Parquet { path: path.clone(), source })?;
        file.publish().map_err(|source| ReportError::Io { path, source })
    }

    fn error(&self, source: ParquetError) -> ReportError {
        ReportError::Parquet { path: self.path.clone(), source }
    }
}

/// How a file is written: so that old readers open it too; `tests/system/readers` has them.
fn properties(metadata: &[(&str, String)], rows_per_group: usize, distinct: &[&str]) -> WriterProperties {
    let pairs = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("burstnet ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(pairs))
        .set_max_row_group_row_count(Some(rows_per_group))
        // No index of pages: DataFusion 43 refuses it, and some of Java's readers find no rows by it.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for name in distinct {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
    }
    properties.build()
}

/// Where the rows of a table go.
pub trait Sink {
    /// Takes rows, given as one array per column.
    ///
    /// # Errors
    /// If they cannot be written.
    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError>;

    /// Completes the table.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(self: Box<Self>) -> Result<(), ReportError>;
}

impl Sink for ParquetFile {
    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError> {
        Self::write(self, arrays)
    }

    fn finish(self: Box<Self>) -> Result<(), ReportError> {
        Self::finish(*self)
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
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
pub struct Table {
    /// None of a table that nobody wants.
    sink: Option<Box<dyn Sink>>,
    builders: Vec<Builder>,
    rows: usize,
}

impl Table {
    /// A table of which the rows go to `sink`.
    pub fn new(sink: Box<dyn Sink>, columns: &[Column]) -> Self {
        Self { sink: Some(sink), builders: columns.iter().map(|column| Builder::new(column.kind)).collect(), rows: 0 }
    }

    /// A table of which the rows go nowhere.
    pub fn unwanted() -> Self {
        Self { sink: None, builders: Vec::new(), rows: 0 }
    }

    /// Starts a Parquet file at `path`.
    ///
    /// # Errors
    /// If the file cannot be made in its folder.
    pub fn create(
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
    /// If rows cannot be written.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<(), ReportError> {
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
    /// If it cannot be written.
    pub fn finish(mut self) -> Result<(), ReportError> {
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
