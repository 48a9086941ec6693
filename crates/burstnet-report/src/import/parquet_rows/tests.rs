use std::sync::Arc;

use arrow::array::builder::{Float64Builder, ListBuilder, StringBuilder};
use arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::import::without_panics;

fn decode(bytes: Vec<u8>) -> Result<Decoded, TableError> {
    super::decode(bytes, Columns::Keys)
}

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
    let mut texts = ListBuilder::new(StringBuilder::new());
    texts.append_value([Some("a"), Some("")]);
    texts.append_null();
    vec![
        ("i", Arc::new(Int64Array::from(vec![Some(3), None]))),
        ("small", Arc::new(Int32Array::from(vec![-3, 4]))),
        ("large", Arc::new(UInt64Array::from(vec![7, u64::MAX]))),
        ("x", Arc::new(Float64Array::from(vec![1.5, f64::NAN]))),
        ("short", Arc::new(Float32Array::from(vec![0.1, 1e-20]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
        ("text", Arc::new(StringArray::from(vec!["a", "ä"]))),
        ("list", Arc::new(lists.finish())),
        ("texts", Arc::new(texts.finish())),
    ]
}

#[test]
fn every_type() {
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let table = decode(file(columns(), compression)).unwrap();
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["i", "small", "large", "x", "short", "flag", "text", "list", "texts"]);
        let shown = |row: &[Cell]| row.iter().map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(" ");
        let typed = |value: &str| format!("Typed({value})");
        let first = ["Int(3)", "Int(-3)", "Int(7)", "Float(1.5)", "Float(0.1)", "Bool(true)", "Text(\"a\")"].map(typed);
        let list = typed("List([Float(0.5), Float(2.0)])");
        let texts = typed("List([Text(\"a\"), Text(\"\")])");
        assert_eq!(shown(&table.rows[0]), format!("{} {list} {texts}", first.join(" ")));
        let second = ["Null", "Int(4)", "Float(NaN)", "Float(NaN)", "Float(1e-20)", "Bool(false)"].map(typed);
        assert_eq!(shown(&table.rows[1]), format!("{} Typed(Text(\"ä\")) Typed(Null) Typed(Null)", second.join(" ")));
    }
}

#[test]
fn other_types_are_refused_by_name() {
    let nested: ArrayRef = Arc::new(arrow::array::StructArray::from(vec![(
        Arc::new(arrow::datatypes::Field::new("a", DataType::Int64, false)),
        Arc::new(Int64Array::from(vec![1])) as ArrayRef,
    )]));
    let error = decode(file(vec![("when", nested)], Compression::UNCOMPRESSED)).unwrap_err();
    assert!(error.problem.starts_with("column 'when' holds Struct") && error.position.is_none(), "{error:?}");
}

/// Returns the columns of a table of trials, of which the second was stopped.
fn trials() -> Vec<(&'static str, ArrayRef)> {
    let ids = || Arc::new(Int64Array::from(vec![0, 1])) as ArrayRef;
    let text = |texts: [&str; 2]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let named = ["trial_id", "config_id", "replicate", "seed"].map(|name| (name, ids()));
    let keys = [("a_b", text(["x", "y"])), ("training_epochs", ids()), ("status", text(["ok", "pruned"]))];
    named.into_iter().chain(keys).chain([("loss", ids())]).collect()
}

#[test]
fn of_a_table_of_results_only_keys_are_read() {
    let table = decode(file(trials(), Compression::SNAPPY)).unwrap();
    assert_eq!(table.columns, [("a_b".to_owned(), 5), ("training_epochs".to_owned(), 6)]);
    assert!(table.is_own && table.is_stopped && table.others.len() == 6);
    assert_eq!(table.rows[1], [Cell::Typed("y".into()), Cell::Typed(Value::Int(1))]);
    // What it declares are its keys, by their full names.
    let batch = RecordBatch::try_from_iter(trials()).unwrap();
    let declared = vec![KeyValue::new(KEYS_METADATA.to_owned(), "[\"a.b\"]".to_owned())];
    let properties = WriterProperties::builder().set_key_value_metadata(Some(declared)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let table = decode(bytes).unwrap();
    assert_eq!((table.columns, table.is_own, table.is_stopped), (vec![("a.b".to_owned(), 5)], true, false));
}

#[test]
fn a_codec_that_is_not_read_is_named() {
    // The codec of a column stands in the footer: field 4 of its metadata, behind the path ["a"] and the encodings.
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let mut bytes = file(vec![("a", numbers)], Compression::SNAPPY);
    let path = b"\x19\x18\x01a\x15\x02";
    let at = bytes.windows(path.len()).rposition(|window| window == path).unwrap() + path.len();
    bytes[at - 1] = 6; // 3, zigzag
    let error = decode(bytes).unwrap_err();
    assert_eq!(error.problem, "compressed by LZO");
    assert!(error.expected.unwrap().starts_with("no compression, or Snappy, gzip, Brotli, LZ4 or Zstandard"));
}

#[test]
fn large_tables_are_refused() {
    let many: ArrayRef = Arc::new(Int64Array::from(vec![1; MOST_CELLS + 1]));
    let wide = ("a", Arc::clone(&many));
    assert_eq!(decode(file(vec![wide], Compression::SNAPPY)).unwrap_err().problem, "more than 1000000 cells");
    let mut lists = ListBuilder::new(arrow::array::builder::Int64Builder::new());
    lists.append_value((0..MOST_CELLS as i64 + 1).map(|_| Some(0)));
    let list: ArrayRef = Arc::new(lists.finish());
    let error = decode(file(vec![("a", list)], Compression::ZSTD(ZstdLevel::default()))).unwrap_err();
    assert_eq!(error.problem, "column 'a' has more than 1000000 values");
    // A text that is there once in the file, and in every row of the table.
    let text = "x".repeat(1 << 20);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![text.as_str(); 200]));
    let bomb = file(vec![("a", texts)], Compression::ZSTD(ZstdLevel::default()));
    assert!(bomb.len() < 1 << 20);
    assert_eq!(decode(bomb).unwrap_err().problem, "its texts are too long");
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
    assert_eq!(decode(bytes).unwrap_err().problem, "no Parquet file that can be read: a schema of 200000 elements");
}
