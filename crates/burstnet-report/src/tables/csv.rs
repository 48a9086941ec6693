//! Tables as CSV (RFC 4180), in bounded memory: a header of column names, lines that end with CR LF.
//!
//! A missing value is an empty field, an empty text `""`. Numbers have the fewest digits that give the same float64 again, lists are JSON.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};

use arrow::array::cast::AsArray as _;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{Float64Type, Int64Type};
use burstnet_sweep::plan::columns::{Column, ColumnType};

use super::sink::Sink;
use crate::ReportError;

/// A table that goes to an output as CSV.
pub(crate) struct CsvOutput<W: Write> {
    output: BufWriter<W>,
    kinds: Vec<ColumnType>,
}

impl<W: Write> CsvOutput<W> {
    /// Starts a table with these columns: writes the header.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn new(output: W, columns: &[Column]) -> Result<Self, ReportError> {
        let mut table =
            Self { output: BufWriter::new(output), kinds: columns.iter().map(|column| column.kind).collect() };
        for (at, column) in columns.iter().enumerate() {
            table.field(at, Some(&no_formula(&column.name)))?;
        }
        table.end_of_line()?;
        Ok(table)
    }

    /// Writes a field of the column `at`: what RFC 4180 says has to be in quotes, a text without characters, since
    /// nothing is a missing value, and a missing value that would be an empty line.
    fn field(&mut self, at: usize, text: Option<&str>) -> Result<(), ReportError> {
        if at > 0 {
            self.write(b",")?;
        }
        let in_quotes = match text {
            Some(text) => text.is_empty() || text.contains(['"', ',', '\r', '\n']),
            None => self.kinds.len() == 1,
        };
        let text = text.unwrap_or_default();
        match in_quotes {
            true => self.write(format!("\"{}\"", text.replace('"', "\"\"")).as_bytes()),
            false => self.write(text.as_bytes()),
        }
    }

    fn end_of_line(&mut self) -> Result<(), ReportError> {
        self.write(b"\r\n")
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReportError> {
        self.output.write_all(bytes).map_err(ReportError::Output)
    }
}

impl<W: Write> Sink for CsvOutput<W> {
    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), ReportError> {
        let mut field = String::new();
        for row in 0..arrays.first().map_or(0, Array::len) {
            for (at, array) in arrays.iter().enumerate() {
                field.clear();
                let kind = self.kinds[at];
                let text = (!array.is_null(row)).then(|| in_text(&mut field, kind, array, row));
                self.field(at, text)?;
            }
            self.end_of_line()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ReportError> {
        self.output.flush().map_err(ReportError::Output)
    }
}

/// Returns the value of a row, which is not null; in `field`, unless it is a text that can stay where it is.
fn in_text<'a>(field: &'a mut String, kind: ColumnType, array: &'a ArrayRef, row: usize) -> &'a str {
    // Writing into a String never fails.
    let integer = |field: &mut String, i: i64| write!(field, "{i}").unwrap_or_default();
    let number = |field: &mut String, x: f64| write!(field, "{x:?}").unwrap_or_default();
    match kind {
        ColumnType::Int => integer(field, array.as_primitive::<Int64Type>().value(row)),
        ColumnType::Float => number(field, array.as_primitive::<Float64Type>().value(row)),
        ColumnType::Flag => field.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        ColumnType::Text => match no_formula(array.as_string::<i32>().value(row)) {
            Cow::Borrowed(text) => return text,
            Cow::Owned(text) => *field = text,
        },
        ColumnType::Ints => {
            let items = array.as_list::<i32>().value(row);
            list(field, items.as_primitive::<Int64Type>().iter(), integer);
        }
        ColumnType::Floats => {
            let items = array.as_list::<i32>().value(row);
            list(field, items.as_primitive::<Float64Type>().iter(), number);
        }
        ColumnType::Texts => {
            let items = array.as_list::<i32>().value(row);
            let text = |field: &mut String, text: &str| *field += &serde_json::Value::from(text).to_string();
            list(field, items.as_string::<i32>().iter(), text);
        }
    }
    field
}

fn list<T>(field: &mut String, items: impl Iterator<Item = Option<T>>, write: impl Fn(&mut String, T)) {
    field.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            field.push(',');
        }
        match item {
            Some(item) => write(field, item),
            None => field.push_str("null"),
        }
    }
    field.push(']');
}

/// Returns a text that no spreadsheet takes for a formula: where one would, an apostrophe is put before it.
///
/// A spreadsheet would where, behind any quotes and white space, it begins with `=`, `+`, `-` or `@`, also in their full-width
/// forms, or where it begins with a tab, a carriage return or a line feed, also behind apostrophes. Taking one
/// apostrophe away from a field that begins with one, where the rest is such a text, gives the text back.
pub(crate) fn no_formula(text: &str) -> Cow<'_, str> {
    let skipped =
        |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’') || c.is_whitespace() || c.is_control();
    let inner = text.trim_start_matches(|c| skipped(c) || c == '\u{feff}');
    let behind = text.trim_start_matches('\''); // so that an apostrophe of ours is known from one of the text
    if inner.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || behind.starts_with(['\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::tables::writer::{Cell, TableWriter};
    use burstnet_core::config::Value;
    use burstnet_sweep::plan::columns::Owner;

    fn written(columns: &[Column], rows: &[Vec<Cell<'_>>]) -> String {
        let shared = Shared::default();
        let mut table = TableWriter::new(Box::new(CsvOutput::new(shared.clone(), columns).unwrap()), columns);
        for row in rows {
            table.row(row.iter().copied()).unwrap();
        }
        table.finish().unwrap();
        String::from_utf8(shared.0.lock().unwrap().clone()).unwrap()
    }

    #[derive(Clone, Default)]
    struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn column(name: &str, kind: ColumnType) -> Column {
        let (name, doc) = (name.into(), String::new());
        Column { name, owner: Owner::Table, kind, unit: "", doc, nullable: true, distinct: false }
    }

    #[test]
    fn every_type_of_column() {
        let kinds = [
            ("i", ColumnType::Int),
            ("x", ColumnType::Float),
            ("flag", ColumnType::Flag),
            ("text", ColumnType::Text),
            ("ints", ColumnType::Ints),
            ("floats", ColumnType::Floats),
        ];
        let columns: Vec<Column> = kinds.map(|(name, kind)| column(name, kind)).into();
        let (flag, text) = (Value::Bool(true), Value::Text("a, \"b\"\nc".into()));
        let ints = Value::List(vec![Value::Int(3), Value::Int(-4)]);
        let floats = Value::List(vec![Value::Float(0.1), Value::Float(1e300)]);
        let [flag, text, ints, floats] = [&flag, &text, &ints, &floats].map(Cell::Value);
        let full = vec![Cell::Int(1 << 53), Cell::Float(-1.0 / 3.0), flag, text, ints, floats];
        let expected = "i,x,flag,text,ints,floats\r\n\
            9007199254740992,-0.3333333333333333,true,\"a, \"\"b\"\"\nc\",\"[3,-4]\",\"[0.1,1e300]\"\r\n\
            ,,,,,\r\n";
        assert_eq!(written(&columns, &[full, vec![Cell::Null; 6]]), expected);
    }

    #[test]
    fn a_single_missing_value_is_still_a_row() {
        let rows = [vec![Cell::Null], vec![Cell::Float(1.0)]];
        assert_eq!(written(&[column("x", ColumnType::Float)], &rows), "x\r\n\"\"\r\n1.0\r\n");
    }

    #[test]
    fn names_of_columns_are_no_formulas_either() {
        assert_eq!(written(&[column("=1+1", ColumnType::Int), column("x", ColumnType::Int)], &[]), "'=1+1,x\r\n");
    }

    #[test]
    fn formulas_are_texts_and_can_be_had_back() {
        let formulas = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            "\nx",
            "\"=1",
            "''=1",
            " =1",
            "'=cmd|' /C calc'!A0",
            "＝1",
            "\u{feff}=1",
            "\u{0}-1",
            "\u{a0}+1",
        ];
        for text in formulas {
            let field = no_formula(text);
            assert_eq!(field, format!("'{text}"));
            assert_eq!(no_formula(&field[1..]), field, "{text}: the apostrophe is known for ours");
        }
        for text in ["", "a=b", "burst_rate", "weights/-1", "'quoted'", "1e-3", "\"", "[1,2]"] {
            assert_eq!(no_formula(text), text);
        }
    }
}
