//! A Parquet file that is written in row groups, in bounded memory; it appears whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use burstnet_sweep::files::NewFile;
use burstnet_sweep::files::disk::{Disk, system};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use super::sink::Sink;
use crate::ReportError;

/// Rows per row group of a sweep's tables: a count, never a size in memory, so that the bytes depend on the rows alone.
pub(super) const ROWS_PER_GROUP: usize = 1 << 17;

/// Rows per page of a trace: smaller pages compress less well.
const ROWS_PER_PAGE: usize = 2048;

/// A Parquet file in the making. Dropped without [`ParquetFile::finish`], it leaves nothing.
pub(crate) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<NewFile>,
    schema: Arc<Schema>,
}

impl ParquetFile {
    /// Starts a trace at `path`: its floats lie byte by byte, which halves them, and pages have an index, by which readers
    /// find a window of steps. Readers of old cannot read it; `docs/results.md` names them.
    ///
    /// # Errors
    /// Returns an error if the file cannot be made in its folder.
    pub(crate) fn create_trace(
        path: &Path,
        schema: Arc<Schema>,
        metadata: &[(&str, String)],
        rows_per_group: usize,
    ) -> Result<Self, ReportError> {
        let properties = trace_properties(&schema, metadata, rows_per_group);
        Self::start(&system(), path, schema, properties)
    }

    /// Starts `path` with these columns and key-value metadata; a row group every `rows_per_group` rows, without
    /// dictionaries for the columns `distinct`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be made in its folder.
    pub(crate) fn create_on(
        disk: &Arc<dyn Disk>,
        path: &Path,
        schema: Arc<Schema>,
        metadata: &[(&str, String)],
        rows_per_group: usize,
        distinct: &[&str],
    ) -> Result<Self, ReportError> {
        let mut properties = properties(metadata, rows_per_group)
            // No index of pages: DataFusion 43 refuses it, and some of Java's readers find no rows by it.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true);
        for name in distinct {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
        }
        Self::start(disk, path, schema, properties.build())
    }

    fn start(
        disk: &Arc<dyn Disk>,
        path: &Path,
        schema: Arc<Schema>,
        properties: WriterProperties,
    ) -> Result<Self, ReportError> {
        let file = NewFile::create(disk, path).map_err(|source| ReportError::Io { path: path.to_owned(), source })?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
            .map_err(|source| ReportError::Parquet { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), writer, schema })
    }

    /// Appends rows, given as one array per column.
    ///
    /// # Errors
    /// Returns an error if they do not fit the columns or cannot be written.
    pub(crate) fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(ParquetError::from);
        batch.and_then(|batch| self.writer.write(&batch)).map_err(|source| self.error(source))
    }

    /// Completes the file: written, synced, renamed, its folder synced.
    ///
    /// # Errors
    /// Returns an error if any of it fails.
    pub(crate) fn finish(self) -> Result<(), ReportError> {
        let Self { path, writer, .. } = self;
        let file = writer.into_inner().map_err(|source| ReportError::Parquet { path: path.clone(), source })?;
        file.publish().map_err(|source| ReportError::Io { path, source })
    }

    fn error(&self, source: ParquetError) -> ReportError {
        ReportError::Parquet { path: self.path.clone(), source }
    }
}

/// Returns how every file is written: so that old readers open it too; `tests/system/readers` has them.
fn properties(metadata: &[(&str, String)], rows_per_group: usize) -> WriterPropertiesBuilder {
    let pairs = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("burstnet ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(pairs))
        .set_max_row_group_row_count(Some(rows_per_group))
}

/// Returns how a trace is written. No reader looks for a float by its value, so these have no statistics.
fn trace_properties(schema: &Schema, metadata: &[(&str, String)], rows_per_group: usize) -> WriterProperties {
    let mut properties = properties(metadata, rows_per_group)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(ROWS_PER_PAGE);
    for field in schema.fields() {
        if let DataType::FixedSizeList(item, _) = field.data_type() {
            let path = ColumnPath::new(vec![field.name().clone(), "list".to_owned(), item.name().clone()]);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::BYTE_STREAM_SPLIT)
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        }
    }
    properties.build()
}

impl Sink for ParquetFile {
    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError> {
        Self::write(self, arrays)
    }

    fn finish(self: Box<Self>) -> Result<(), ReportError> {
        Self::finish(*self)
    }
}
