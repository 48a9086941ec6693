//! The rows of a Parquet file: integers, numbers, truth values, texts, and lists of integers, of numbers and of texts.

use arrow::array::cast::AsArray as _;
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Fields};
use arrow::datatypes::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use burstnet_core::config::Value;
use burstnet_sweep::limits::MOST_CELLS;
use burstnet_sweep::spec::own_table::{KEYS_METADATA, PRUNED};
use burstnet_sweep::spec::table::{Cell, Decoded, TableError};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use super::{Columns, LARGEST, pages, too_many_cells, whole};

/// Rows that are unpacked together: each may hold a text as long as a page.
const ROWS: usize = 16;

pub(super) fn decode(bytes: Vec<u8>, columns: Columns) -> Result<Decoded, TableError> {
    let unreadable = |error: &dyn std::fmt::Display| whole(format!("no Parquet file that can be read: {error}"));
    pages::check_footer(&bytes).map_err(|problem| unreadable(&problem))?;
    let bytes = Bytes::from(bytes);
    // The types are those of Parquet: what a program noted of its own types is not trusted.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&bytes, options).map_err(|error| unreadable(&error))?;
    let names: Vec<String> = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut found = columns.of(&names, declared(metadata.metadata()).as_deref());
    if columns == Columns::All {
        let fields = metadata.schema().fields();
        let (usable, others): (Vec<_>, Vec<_>) =
            found.keys.into_iter().partition(|(at, _)| is_usable(fields[*at].data_type()));
        (found.keys, found.others) = (usable, others.into_iter().map(|(at, name)| (name, at + 1)).collect());
    }
    let chosen: Vec<usize> = found.keys.iter().map(|(at, _)| *at).chain(found.status).collect();
    check_columns(metadata.metadata(), metadata.schema().fields(), &chosen)?;
    let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX);
    if rows.saturating_mul(chosen.len() as u64) > MOST_CELLS as u64 {
        return Err(too_many_cells());
    }
    pages::check(&bytes, metadata.metadata(), MOST_CELLS as u64).map_err(whole)?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), chosen.iter().copied());
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata).with_batch_size(ROWS);
    let reader = builder.with_projection(mask).build().map_err(|error| unreadable(&error))?;
    let mut table = Decoded {
        columns: found.keys.iter().map(|(at, name)| (name.clone(), at + 1)).collect(),
        is_own: found.is_own,
        others: found.others.clone(),
        ..Decoded::default()
    };
    // What is read comes in the order of the file.
    let place_of = |at: &usize| chosen.iter().filter(|other| *other < at).count();
    let keys: Vec<usize> = found.keys.iter().map(|(at, _)| place_of(at)).collect();
    let status = found.status.as_ref().map(place_of);
    let mut room = LARGEST;
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(&error))?;
        room = room.checked_sub(size(&batch)).ok_or_else(|| whole("its texts are too long"))?;
        let column = |at: &usize| batch.column(*at).as_ref();
        for row in 0..batch.num_rows() {
            table.is_stopped |= status.is_some_and(|at| value(column(&at), row).as_text() == Some(PRUNED));
            table.rows.push(keys.iter().map(|at| Cell::Typed(value(column(at), row))).collect());
        }
    }
    Ok(table)
}

/// Returns the keys of a table of results, as it says itself.
fn declared(metadata: &ParquetMetaData) -> Option<Vec<String>> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    let own = pairs.iter().find(|pair| pair.key == KEYS_METADATA)?;
    serde_json::from_str(own.value.as_deref()?).ok()
}

/// Checks that columns hold what a key can, and can be unpacked.
fn check_columns(metadata: &ParquetMetaData, fields: &Fields, chosen: &[usize]) -> Result<(), TableError> {
    if let Some(field) = chosen.iter().map(|at| &fields[*at]).find(|field| !is_usable(field.data_type())) {
        return Err(whole(format!(
            "column '{}' holds {}, and not integers, numbers, truth values, texts or lists of these",
            field.name(),
            field.data_type()
        )));
    }
    for chunk in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        if let Compression::LZO = chunk.compression() {
            return Err(TableError {
                problem: "compressed by LZO".into(),
                expected: Some(
                    "no compression, or Snappy, gzip, Brotli, LZ4 or Zstandard: write the table again with the program \
                     that made it, or as CSV"
                        .into(),
                ),
                position: None,
            });
        }
    }
    Ok(())
}

/// Returns the length of the texts of these rows.
fn size(batch: &RecordBatch) -> u64 {
    batch.columns().iter().map(|array| length(array.as_ref())).sum()
}

fn length(array: &dyn Array) -> u64 {
    if let Some(texts) = array.as_string_opt::<i32>() {
        return texts.iter().flatten().map(|text| text.len() as u64).sum();
    }
    array.as_list_opt::<i32>().map_or(0, |lists| length(lists.values().as_ref()))
}

fn is_usable(kind: &DataType) -> bool {
    match kind {
        DataType::Null | DataType::Boolean | DataType::Utf8 => true,
        DataType::List(item) => is_number(item.data_type()) || *item.data_type() == DataType::Utf8,
        other => is_number(other),
    }
}

fn is_number(kind: &DataType) -> bool {
    kind.is_integer() || matches!(kind, DataType::Float32 | DataType::Float64)
}

/// Returns the value of a row; null where there is none.
fn value(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    macro_rules! integer {
        ($kind:ty) => {
            Value::Int(i64::from(array.as_primitive::<$kind>().value(row)))
        };
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Int8 => integer!(Int8Type),
        DataType::Int16 => integer!(Int16Type),
        DataType::Int32 => integer!(Int32Type),
        DataType::Int64 => integer!(Int64Type),
        DataType::UInt8 => integer!(UInt8Type),
        DataType::UInt16 => integer!(UInt16Type),
        DataType::UInt32 => integer!(UInt32Type),
        DataType::UInt64 => {
            let integer = array.as_primitive::<UInt64Type>().value(row);
            // What float64 does not hold is no number, and fits no key.
            let real = if integer as f64 as u128 == u128::from(integer) { integer as f64 } else { f64::NAN };
            i64::try_from(integer).map_or(Value::Float(real), Value::Int)
        }
        DataType::Float32 => Value::Float(as_written(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => Value::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            Value::List((0..items.len()).map(|at| value(items.as_ref(), at)).collect())
        }
        _refused => Value::Null,
    }
}

/// Returns a float32 as the shortest decimal number that is rounded to it: 0.1, and not 0.10000000149.
fn as_written(x: f32) -> f64 {
    x.to_string().parse().unwrap_or_else(|_| f64::from(x))
}

#[cfg(test)]
mod tests;
