//! The rows of a CSV file in UTF-8, of which the first has the names of the columns. RFC 4180 to the letter, but for ends
//! of lines, which may be CR LF, LF or CR, and empty lines, which are no rows.

use burstnet_sweep::limits::MOST_CELLS;
use burstnet_sweep::spec::own_table::PRUNED;
use burstnet_sweep::spec::table::{Cell, Decoded, TableError};

use super::{Columns, too_many_cells, whole};
use crate::tables::csv::no_formula;

/// The advice for a row with fewer or more cells than columns.
const ROW: &str =
    "a row with a cell for each column; numbers have a decimal point, and texts with commas stand in quotes";

pub(super) fn decode(bytes: Vec<u8>, columns: Columns) -> Result<Decoded, TableError> {
    let text = text_of(bytes)?;
    let mut rows = Rows { rest: text.strip_prefix('\u{feff}').unwrap_or(&text), line: 1 }; // as spreadsheets begin a file
    let Some((_, header)) = rows.next()? else { return Err(whole("no header")) };
    let names: Vec<String> = header.iter().map(|cell| content(cell).trim().to_owned()).collect();
    refuse_other_separators(&header)?;
    let found = columns.of(&names, None);
    let mut table = Decoded {
        columns: found.keys.iter().map(|(at, name)| (name.clone(), at + 1)).collect(),
        is_own: found.is_own,
        others: found.others.clone(),
        ..Decoded::default()
    };
    while let Some((line, cells)) = rows.next()? {
        if cells.len() != names.len() {
            let count = if cells.len() == 1 { "1 cell".into() } else { format!("{} cells", cells.len()) };
            return Err(wrong(&format!("{count} below a header of {}", names.len()), ROW, (line, 1)));
        }
        if (table.rows.len() + 1).saturating_mul(table.columns.len()) > MOST_CELLS {
            return Err(too_many_cells());
        }
        table.is_stopped |= found.status.is_some_and(|at| content(&cells[at]) == PRUNED);
        let mut cells: Vec<Option<Cell>> = cells.into_iter().map(Some).collect();
        table.rows.push(found.keys.iter().filter_map(|(at, _)| cells[*at].take()).collect());
        table.lines.push(line);
    }
    Ok(table)
}

fn wrong(problem: &str, expected: &str, position: (usize, usize)) -> TableError {
    TableError { problem: problem.to_owned(), expected: Some(expected.to_owned()), position: Some(position) }
}

fn text_of(bytes: Vec<u8>) -> Result<String, TableError> {
    const UTF8: &str = "UTF-8, as which a spreadsheet saves 'CSV UTF-8'";
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(wrong("text in UTF-16", UTF8, (1, 1)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        wrong("not UTF-8 text", UTF8, (1 + ends_of_lines(&valid), 1))
    })
}

/// Refuses a header whose names hold what other tables have between cells.
fn refuse_other_separators(header: &[Cell]) -> Result<(), TableError> {
    for (at, cell) in header.iter().enumerate() {
        let Cell::Written(name) = cell else { continue };
        let separator = [(';', "semicolons"), ('\t', "tabs")].into_iter().find(|(sign, _)| name.contains(*sign));
        if let Some((_, separator)) = separator {
            return Err(wrong(
                &format!("cells divided by {separator}, as spreadsheets do where numbers have a decimal comma"),
                "commas between cells, and decimal points in numbers",
                (1, at + 1),
            ));
        }
    }
    Ok(())
}

/// Returns the text of a cell, without the apostrophe that keeps a spreadsheet from taking it for a formula.
fn content(cell: &Cell) -> &str {
    match cell {
        Cell::Written(text) | Cell::Quoted(text) => text,
        Cell::Typed(_) => "",
    }
}

fn without_apostrophe(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if matches!(no_formula(rest), std::borrow::Cow::Owned(_)) => rest.to_owned(),
        Some(_) | None => text,
    }
}

fn ends_of_lines(text: &str) -> usize {
    text.replace("\r\n", "\n").matches(['\r', '\n']).count()
}

/// Reads rows one after the other.
struct Rows<'a> {
    rest: &'a str,
    /// The line in which the rest begins, from 1.
    line: usize,
}

impl<'a> Rows<'a> {
    /// Returns the next row that is not empty, and the line in which it begins.
    fn next(&mut self) -> Result<Option<(usize, Vec<Cell>)>, TableError> {
        while self.take_end() {}
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (line, mut cells) = (self.line, Vec::new());
        loop {
            cells.push(self.cell(cells.len() + 1)?);
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.take_end();
        Ok(Some((line, cells)))
    }

    /// Takes an end of a line, if one comes next.
    fn take_end(&mut self) -> bool {
        let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\r', '\n']));
        self.line += usize::from(rest.is_some());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Returns the next cell, in this column of the table.
    fn cell(&mut self, column: usize) -> Result<Cell, TableError> {
        if self.rest.starts_with('"') {
            return self.quoted(column);
        }
        let text = self.until([',', '\r', '\n']);
        if text.contains('"') {
            let expected = "quotes around the whole cell, directly behind the comma, and each quote in it twice";
            return Err(wrong("a quote in a cell that does not begin with one", expected, (self.line, column)));
        }
        Ok(Cell::Written(without_apostrophe(text.to_owned())))
    }

    fn quoted(&mut self, column: usize) -> Result<Cell, TableError> {
        let start = self.line;
        let mut text = String::new();
        self.rest = &self.rest[1..];
        loop {
            let part = self.until(['"']);
            text += part;
            self.line += ends_of_lines(part);
            let Some(behind) = self.rest.strip_prefix('"') else {
                return Err(wrong("a quote that is not closed", "a quote at the end of the cell", (start, column)));
            };
            self.rest = behind;
            match behind.strip_prefix('"') {
                Some(rest) => self.rest = rest,
                None => break,
            }
            text.push('"');
        }
        if !self.rest.is_empty() && !self.rest.starts_with([',', '\r', '\n']) {
            let expected = "a comma or the end of the line there, and each quote in a cell twice";
            return Err(wrong("text behind the closing quote of a cell", expected, (self.line, column)));
        }
        Ok(Cell::Quoted(without_apostrophe(text)))
    }

    /// Takes what comes before any of these signs.
    fn until<const N: usize>(&mut self, signs: [char; N]) -> &'a str {
        let (text, rest) = self.rest.split_at(self.rest.find(signs).unwrap_or(self.rest.len()));
        self.rest = rest;
        text
    }
}

#[cfg(test)]
mod tests;
