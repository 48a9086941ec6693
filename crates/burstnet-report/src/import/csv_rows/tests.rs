use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use burstnet_core::config::{Kind, Value};
use proptest::prelude::*;

use super::*;
use crate::tables::csv::CsvOutput;
use crate::tables::sink::Sink as _;
use burstnet_sweep::plan::columns::{Column, ColumnType, Owner};

fn decode(bytes: Vec<u8>) -> Result<Decoded, TableError> {
    super::decode(bytes, Columns::Keys)
}

fn written(text: &str) -> Cell {
    Cell::Written(text.into())
}

fn quoted(text: &str) -> Cell {
    Cell::Quoted(text.into())
}

fn names(table: &Decoded) -> Vec<&str> {
    table.columns.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn fields_as_the_format_has_them() {
    let text = "\u{feff}a.b,\"c.d\"\r\n1,\"[1, 2]\"\r\n\r\n\"two\r\nlines\",\"a \"\"b\"\"\"\r\n,\"\"\n x , \" y \"\r";
    let error = decode(text.into()).unwrap_err();
    assert_eq!((error.position, &*error.problem), (Some((7, 2)), "a quote in a cell that does not begin with one"));
    let table = decode(text.replace(", \" y", ",\" y").into()).unwrap();
    assert_eq!((names(&table), &table.lines), (vec!["a.b", "c.d"], &vec![2, 4, 6, 7]));
    assert_eq!(
        table.rows,
        [
            [written("1"), quoted("[1, 2]")],
            [quoted("two\r\nlines"), quoted("a \"b\"")],
            [written(""), quoted("")],
            [written(" x "), quoted(" y ")],
        ]
    );
    assert_eq!(decode("a,b\n".into()).unwrap().rows.len(), 0);
}

#[test]
fn every_end_of_a_line() {
    for text in ["a,b\r\n1,2\r\n3,4\r\n", "a,b\n1,2\n3,4", "a,b\r1,2\r3,4\r", "\n\na,b\n\n1,2\n\r\n3,4\n\n"] {
        let table = decode(text.into()).unwrap();
        assert_eq!(table.rows, [[written("1"), written("2")], [written("3"), written("4")]], "{text:?}");
    }
}

#[test]
fn what_is_no_table_is_told_with_line_and_column() {
    let spreadsheet = "cells divided by semicolons, as spreadsheets do where numbers have a decimal comma";
    for (text, position, problem) in [
        ("a,b\n1,2\n3\n", (3, 1), "1 cell below a header of 2"),
        ("a\n1\n2,3\n", (3, 1), "2 cells below a header of 1"),
        ("a,b\n1,2,\n", (2, 1), "3 cells below a header of 2"),
        ("a,b\n1,\"2\n3,4\n5,6\n", (2, 2), "a quote that is not closed"),
        ("a,b\n1,2\n\"", (3, 1), "a quote that is not closed"),
        ("a,\"b\n1,2", (1, 2), "a quote that is not closed"),
        ("a,b\n1,\"2\" \n", (2, 2), "text behind the closing quote of a cell"),
        ("a,b\n\"1\n2\"x,2\n", (3, 1), "text behind the closing quote of a cell"),
        ("a,b\n1,2\"\n", (2, 2), "a quote in a cell that does not begin with one"),
        ("a,b\n1, \"2\"\n", (2, 2), "a quote in a cell that does not begin with one"),
        ("a;b\n0,1;0,5\n", (1, 1), spreadsheet),
        ("a\tb\n1\t2\n", (1, 1), &spreadsheet.replace("semicolons", "tabs")),
    ] {
        let error = decode(text.into()).unwrap_err();
        assert_eq!((error.position, &*error.problem), (Some(position), problem), "{text:?}");
        assert!(error.expected.is_some());
    }
    let bytes = |bytes: &[u8]| decode(bytes.to_vec()).unwrap_err();
    assert_eq!((bytes(b"a\n1\n\xff\n").position, &*bytes(b"\xff\xfea\0").problem), (Some((3, 1)), "text in UTF-16"));
    let many = format!("a,b\n{}", "1,2\n".repeat(MOST_CELLS / 2 + 1));
    assert_eq!(decode(many.into()).unwrap_err().problem, "more than 1000000 cells");
    let wide = format!("a{}\n", ",a".repeat(MOST_CELLS + 1)).repeat(2);
    assert_eq!(decode(wide.into()).unwrap_err().problem, "more than 1000000 cells");
}

#[test]
fn apostrophes_before_formulas_are_taken_off() {
    let table = decode("'=a,b\n'=1,'text\n\"'-1\",''=x\n'0,\"'\"\n".into()).unwrap();
    assert_eq!(names(&table), ["=a", "b"]);
    assert_eq!(
        table.rows,
        [[written("=1"), written("'text")], [quoted("-1"), written("'=x")], [written("'0"), quoted("'")]]
    );
}

#[test]
fn of_a_table_of_results_only_keys_are_read() {
    let table = decode("trial_id,config_id,replicate,seed,x,status,loss\n0,0,0,7,1,ok,2\n1,1,0,7,2,pruned,\n".into());
    let table = table.unwrap();
    assert_eq!((table.is_own, table.is_stopped, table.columns), (true, true, vec![("x".into(), 5)]));
    assert_eq!(table.rows, [[written("1")], [written("2")]]);
    assert_eq!(table.others.len(), 6);
}

/// Returns a summary of texts as `report --csv` writes it.
fn summary(texts: &[Option<String>]) -> Vec<u8> {
    let column = |name: &str, kind| Column {
        name: name.into(),
        owner: Owner::Table,
        kind,
        unit: "",
        doc: String::new(),
        nullable: true,
        distinct: false,
    };
    let columns =
        [column("config_id", ColumnType::Int), column("x", ColumnType::Text), column("n_ok", ColumnType::Int)];
    let mut bytes = Vec::new();
    let mut output = CsvOutput::new(&mut bytes, &columns).unwrap();
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..texts.len() as i64));
    let texts: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
    output.write(vec![Arc::clone(&ids), texts, ids]).unwrap();
    Box::new(output).finish().unwrap();
    bytes
}

proptest! {
    #[test]
    fn every_text_that_is_written_comes_back(
        texts in proptest::collection::vec(
            proptest::option::of(prop_oneof![
                "(?s).{0,12}",
                "[-'\"=+@,;\t\r\n \u{feff}\u{a0}\0＝a1]{0,8}",
                Just("null".to_owned()),
                Just("1.50".to_owned()),
            ]),
            1..20,
        )
    ) {
        let table = decode(summary(&texts)).unwrap();
        let value = |cell: &Cell| burstnet_sweep::spec::table::value_of(cell, &Kind::Text);
        let read: Vec<Option<Value>> = table.rows.iter().map(|row| value(&row[0])).collect();
        let expected: Vec<Option<Value>> =
            texts.into_iter().map(|text| Some(text.map_or(Value::Null, Value::Text))).collect();
        prop_assert_eq!(read, expected);
    }
}
