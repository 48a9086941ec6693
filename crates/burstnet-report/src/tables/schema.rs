//! Columns as Arrow and Parquet know them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use burstnet_sweep::plan::columns::{Column, ColumnType};

/// Returns the Arrow schema of these columns; unit and meaning stand in each field's metadata.
pub(crate) fn arrow_schema(columns: &[Column]) -> Arc<Schema> {
    let field = |column: &Column| {
        let kind = match column.kind {
            ColumnType::Int => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Flag => DataType::Boolean,
            ColumnType::Text => DataType::Utf8,
            ColumnType::Ints => DataType::new_list(DataType::Int64, true),
            ColumnType::Floats => DataType::new_list(DataType::Float64, true),
            ColumnType::Texts => DataType::new_list(DataType::Utf8, true),
        };
        let mut metadata = HashMap::from([("description".to_owned(), column.doc.clone())]);
        if !column.unit.is_empty() {
            metadata.insert("unit".to_owned(), column.unit.to_owned());
        }
        Field::new(&column.name, kind, column.nullable).with_metadata(metadata)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}
