//! The rows of a Parquet file: integers, numbers, truth values, texts, lists of integers and of numbers.

use arrow::array::cast::AsArray as _;
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::DataType;
use arrow::datatypes::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use burstnet_core::config::Value;
use burstnet_sweep::spec::table::{Cell, Decoded, MOST_CELLS};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::{LARGEST, Problem, pages, too_many_cells};

/// Rows that are unpacked together: each may hold a text as long as a page.
const ROWS: usize = 16;

pub(super) fn decode(bytes: Vec<u8>) -> Result<Decoded, Problem> {
    let unreadable = |error: &dyn std::fmt::Display| (format!("no Parquet file that can be read: {error}"), None);
    pages::check_footer(&bytes).map_err(|problem| unreadable(&problem))?;
    let bytes = Bytes::from(bytes);
    // The types are those of Parquet: what a program noted of its own types is not trusted.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&bytes, options).map_err(|error| unreadable(&error))?;
    let columns: Vec<String> = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
    if let Some(field) = metadata.schema().fields().iter().find(|field| !is_usable(field.data_type())) {
        let problem = format!("column '{}' holds {}", field.name(), field.data_type());
        return Err((format!("{problem}, and not integers, numbers, truth values, texts or lists of numbers"), None));
    }
    let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX);
    if rows.saturating_mul(columns.len() as u64) > MOST_CELLS as u64 {
        return Err(too_many_cells());
    }
    pages::check(&bytes, metadata.metadata(), MOST_CELLS as u64).map_err(|problem| (problem, None))?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata).with_batch_size(ROWS);
    let reader = builder.build().map_err(|error| unreadable(&error))?;
    let mut table = Decoded { columns, ..Decoded::default() };
    let mut room = LARGEST;
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(&error))?;
        room = room.checked_sub(size(&batch)).ok_or_else(|| ("its texts are too long".to_owned(), None))?;
        for row in 0..batch.num_rows() {
            let cell = |array: &dyn Array| Cell::Typed(value(array, row));
            table.rows.push(batch.columns().iter().map(|array| cell(array.as_ref())).collect());
        }
    }
    Ok(table)
}

/// How long the texts of these rows are.
fn size(batch: &RecordBatch) -> u64 {
    let texts = batch.columns().iter().filter_map(|array| array.as_string_opt::<i32>());
    texts.map(|texts| texts.iter().flatten().map(|text| text.len() as u64).sum::<u64>()).sum()
}

fn is_usable(kind: &DataType) -> bool {
    match kind {
        DataType::Null | DataType::Boolean | DataType::Utf8 => true,
        DataType::List(item) => is_number(item.data_type()),
        other => is_number(other),
    }
}

fn is_number(kind: &DataType) -> bool {
    kind.is_integer() || matches!(kind, DataType::Float32 | DataType::Float64)
}

/// The value of a row; null where there is none.
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

/// A float32 as the shortest decimal number that is rounded to it: 0.1, and not 0.10000000149.
fn as_written(x: f32) -> f64 {
    x.to_string().parse().unwrap_or_else(|_| f64::from(x))
}

#[cfg(test)]
mod tests;
