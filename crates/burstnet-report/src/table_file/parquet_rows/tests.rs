use std::sync::Arc;

use arrow::array::builder::{Float64Builder, ListBuilder};
use arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::*;
use crate::table_file::without_panics;

fn file(columns: Vec<(&str, ArrayRef)>, compression: Compression) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn columns() -> Vec<(&'static str, ArrayRef)> {
    let mut lists = ListBuilder::new(Float64Builder::new());
    lists.append_value([Some(0.5), Some(2.0)]);
    lists.append_null();
    vec![
        ("i", Arc::new(Int64Array::from(vec![Some(3), None]))),
        ("small", Arc::new(Int32Array::from(vec![-3, 4]))),
        ("large", Arc::new(UInt64Array::from(vec![7, u64::MAX]))),
        ("x", Arc::new(Float64Array::from(vec![1.5, f64::NAN]))),
        ("short", Arc::new(Float32Array::from(vec![0.1, 1e-20]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
        ("text", Arc::new(StringArray::from(vec!["a", "ä"]))),
        ("list", Arc::new(lists.finish())),
    ]
}

#[test]
fn every_type() {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        let table = decode(file(columns(), compression)).unwrap();
        assert_eq!(table.columns, ["i", "small", "large", "x", "short", "flag", "text", "list"]);
        let shown = |row: &[Cell]| row.iter().map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(" ");
        let typed = |value: &str| format!("Typed({value})");
        let first = ["Int(3)", "Int(-3)", "Int(7)", "Float(1.5)", "Float(0.1)", "Bool(true)", "Text(\"a\")"].map(typed);
        let list = typed("List([Float(0.5), Float(2.0)])");
        assert_eq!(shown(&table.rows[0]), format!("{} {list}", first.join(" ")));
        let second = ["Null", "Int(4)", "Float(NaN)", "Float(NaN)", "Float(1e-20)", "Bool(false)"].map(typed);
        assert_eq!(shown(&table.rows[1]), format!("{} Typed(Text(\"ä\")) Typed(Null)", second.join(" ")));
    }
}

#[test]
fn other_types_are_refused_by_name() {
    let nested: ArrayRef = Arc::new(arrow::array::StructArray::from(vec![(
        Arc::new(arrow::datatypes::Field::new("a", DataType::Int64, false)),
        Arc::new(Int64Array::from(vec![1])) as ArrayRef,
    )]));
    let (problem, row) = decode(file(vec![("when", nested)], Compression::UNCOMPRESSED)).unwrap_err();
    assert!(problem.starts_with("column 'when' holds Struct") && row.is_none(), "{problem}");
}

#[test]
fn large_tables_are_refused() {
    let many: ArrayRef = Arc::new(Int64Array::from(vec![1; MOST_CELLS + 1]));
    let wide = ("a", Arc::clone(&many));
    assert_eq!(decode(file(vec![wide], Compression::SNAPPY)).unwrap_err().0, "more than 1000000 cells");
    let mut lists = ListBuilder::new(arrow::array::builder::Int64Builder::new());
    lists.append_value((0..MOST_CELLS as i64 + 1).map(|_| Some(0)));
    let list: ArrayRef = Arc::new(lists.finish());
    let (problem, _) = decode(file(vec![("a", list)], Compression::ZSTD(ZstdLevel::default()))).unwrap_err();
    assert_eq!(problem, "column 'a' has more than 1000000 values");
    // A text that is there once in the file, and in every row of the table.
    let text = "x".repeat(1 << 20);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![text.as_str(); 200]));
    let bomb = file(vec![("a", texts)], Compression::ZSTD(ZstdLevel::default()));
    assert!(bomb.len() < 1 << 20);
    assert_eq!(decode(bomb).unwrap_err().0, "its texts are too long");
}

#[test]
fn damaged_files_are_messages() {
    let whole = file(columns(), Compression::ZSTD(ZstdLevel::default()));
    let decode = |bytes: Vec<u8>| without_panics(|| decode(bytes));
    for end in 0..whole.len() {
        assert!(decode(whole[..end].to_vec()).is_err(), "{end}");
    }
    for at in 0..whole.len() {
        for bit in [0x01, 0x10, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] ^= bit;
            let _ = decode(damaged); // whatever it is then, it ends
        }
    }
}

#[test]
fn a_schema_that_is_nested_without_end_is_refused() {
    // Groups of one group each: name "a", one child.
    let element = [0x48, 1, b'a', 0x15, 2, 0x00];
    let mut footer = vec![0x15, 2, 0x19, 0xfc, 0xc0, 0x9a, 0x0c]; // version 1, a list of 200000 structures
    footer.extend(element.repeat(200_000));
    footer.extend([0x16, 0, 0x19, 0x0c, 0x00]);
    let mut bytes = b"PAR1".to_vec();
    bytes.extend(&footer);
    bytes.extend((footer.len() as u32).to_le_bytes());
    bytes.extend(b"PAR1");
    let (problem, _) = decode(bytes).unwrap_err();
    assert_eq!(problem, "no Parquet file that can be read: a schema of 200000 elements");
}
