//! The rows of a CSV file (RFC 4180) in UTF-8, of which the first has the names of the columns.

use burstnet_sweep::spec::table::{Cell, Decoded, MOST_CELLS};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::{Problem, too_many_cells};

pub(super) fn decode(bytes: Vec<u8>) -> Result<Decoded, Problem> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        ("not UTF-8 text".to_owned(), row_of(line))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text); // as spreadsheets begin a file
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| (error.to_string(), None))?.clone();
    let mut table =
        Decoded { columns: header.iter().map(|name| name.trim().to_owned()).collect(), ..Decoded::default() };
    let mut record = StringRecord::new();
    let mut lines = Lines { bytes: text.as_bytes(), at: 0, line: 1 };
    while next(&mut reader, &mut record).map_err(|error| problem(&error, &mut lines))? {
        if (table.rows.len() + 1).saturating_mul(table.columns.len()) > MOST_CELLS {
            return Err(too_many_cells());
        }
        table.lines.push(record.position().map_or(0, |position| lines.of(position.byte())));
        table.rows.push(record.iter().map(|cell| Cell::Written(cell.to_owned())).collect());
    }
    Ok(table)
}

fn next(reader: &mut Reader<&[u8]>, record: &mut StringRecord) -> csv::Result<bool> {
    reader.read_record(record)
}

/// Finds lines of places that come one after the other.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line in which a record stands that begins at `byte`, or behind the ends of lines there.
    fn of(&mut self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.at, self.bytes.len());
        let ends = self.bytes[byte..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += self.bytes[self.at..byte + ends].iter().filter(|byte| **byte == b'\n').count();
        self.at = byte + ends;
        self.line
    }
}

/// The row, from 1 behind the header, that stands in a line.
fn row_of(line: usize) -> Option<usize> {
    Some(line.saturating_sub(1))
}

fn problem(error: &csv::Error, lines: &mut Lines<'_>) -> Problem {
    let row = error.position().and_then(|position| row_of(lines.of(position.byte())));
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let cells = if *len == 1 { "1 cell".into() } else { format!("{len} cells") };
            (format!("{cells} below a header of {expected_len}"), row)
        }
        _other => (error.to_string(), row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let written = |cell: &Cell| match cell {
            Cell::Written(text) => text.clone(),
            Cell::Typed(value) => panic!("{value:?}"),
        };
        let decoded = decode(text.into()).unwrap();
        decoded.rows.iter().map(|row| row.iter().map(written).collect()).collect()
    }

    #[test]
    fn fields_as_the_format_has_them() {
        let text = "\u{feff}a.b,\"c.d\"\r\n1,\"[1, 2]\"\r\n\r\n\"two\r\nlines\",\"a \"\"b\"\"\"\r\n,";
        let decoded = decode(text.into()).unwrap();
        assert_eq!((decoded.columns[0].as_str(), decoded.lines), ("a.b", vec![2, 4, 6]));
        assert_eq!(rows(text), [["1", "[1, 2]"], ["two\r\nlines", "a \"b\""], ["", ""]]);
        assert_eq!(decode("a,b\n".into()).unwrap().rows.len(), 0);
    }

    #[test]
    fn what_is_no_table() {
        assert_eq!(decode("a,b\n1,2\n3\n".into()), Err(("1 cell below a header of 2".into(), Some(2))));
        assert_eq!(decode("a\n1\n2,3\n".into()), Err(("2 cells below a header of 1".into(), Some(2))));
        assert_eq!(decode(b"a\n1\n\xff\n".to_vec()), Err(("not UTF-8 text".into(), Some(2))));
        let many = format!("a,b\n{}", "1,2\n".repeat(MOST_CELLS / 2 + 1));
        assert_eq!(decode(many.into()).unwrap_err().0, "more than 1000000 cells");
        let wide = format!("a{}\n", ",a".repeat(MOST_CELLS + 1)).repeat(2);
        assert_eq!(decode(wide.into()).unwrap_err().0, "more than 1000000 cells");
    }
}
