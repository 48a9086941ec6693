//! Columns of text beside each other.

use console::measure_text_width;

use super::{Look, Paint};

/// A column: a title and a cell per row.
#[derive(Clone, Debug)]
pub(crate) struct TextColumn {
    title: String,
    cells: Vec<String>,
    left: bool,
    paint: Paint,
}

impl TextColumn {
    /// Returns a column that is aligned to the right.
    pub(crate) fn new(title: impl Into<String>, cells: impl IntoIterator<Item = String>) -> Self {
        Self { title: title.into(), cells: cells.into_iter().collect(), left: false, paint: Paint::Plain }
    }

    pub(crate) fn left(mut self) -> Self {
        self.left = true;
        self
    }

    pub(crate) fn painted(mut self, paint: Paint) -> Self {
        self.paint = paint;
        self
    }

    pub(crate) fn width(&self) -> usize {
        self.cells.iter().chain([&self.title]).map(|text| measure_text_width(text)).max().unwrap_or(0)
    }

    fn padded(&self, text: &str) -> String {
        let blanks = " ".repeat(self.width().saturating_sub(measure_text_width(text)));
        if self.left { format!("{text}{blanks}") } else { format!("{blanks}{text}") }
    }
}

/// Returns a table without colours; all columns but the first `left` are aligned to the right. Where it does not fit,
/// each row is a list of its cells.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>], left: usize) -> String {
    let cells = |at: usize| rows.iter().map(move |row| row.get(at).cloned().unwrap_or_default());
    let column = |(at, title): (usize, &&str)| {
        let column = TextColumn::new(*title, cells(at));
        if at < left { column.left() } else { column }
    };
    let columns: Vec<TextColumn> = header.iter().enumerate().map(column).collect();
    fitting(&columns, Look { colour: false, ..Look::of_output() })
}

/// Returns the columns beside each other, or, where that does not fit, each row as a list of its cells.
pub(crate) fn fitting(columns: &[TextColumn], look: Look) -> String {
    if width(columns) <= look.width { beside(columns, look) } else { below(columns) }
}

/// Returns the cells of each row below each other, behind their titles.
fn below(columns: &[TextColumn]) -> String {
    let titles = columns.iter().map(|column| measure_text_width(&column.title)).max().unwrap_or(0);
    let cell = |column: &TextColumn, row: usize| {
        let (title, text) = (&column.title, column.cells.get(row).map_or("", String::as_str));
        format!("{title}{}  {text}", " ".repeat(titles - measure_text_width(title))).trim_end().to_owned()
    };
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    let row = |row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join("\n");
    (0..rows).map(row).collect::<Vec<_>>().join("\n\n")
}

/// Returns the width of columns beside each other.
pub(crate) fn width(columns: &[TextColumn]) -> usize {
    columns.iter().map(TextColumn::width).sum::<usize>() + 2 * columns.len().saturating_sub(1)
}

/// Returns the columns beside each other, below their titles; the first row is the best one.
pub(crate) fn beside(columns: &[TextColumn], look: Look) -> String {
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    let titles: Vec<String> = columns.iter().map(|column| column.padded(&column.title)).collect();
    let mut lines = vec![look.paint(Paint::Dim, titles.join("  ").trim_end())];
    for row in 0..rows {
        let cell = |column: &TextColumn| {
            let text = column.padded(column.cells.get(row).map_or("", String::as_str));
            let paint = if row == 0 && column.paint == Paint::Plain { Paint::Best } else { column.paint };
            look.paint(paint, &text)
        };
        lines.push(columns.iter().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_wide_is_a_list() {
        let columns = [
            TextColumn::new("measure", ["loss", "mae"].map(str::to_owned)).left(),
            TextColumn::new("value", ["0.5", "0.25"].map(str::to_owned)),
        ];
        let at = |width| fitting(&columns, Look { width, colour: false });
        assert_eq!(at(14), "measure  value\nloss       0.5\nmae       0.25");
        assert_eq!(at(13), "measure  loss\nvalue    0.5\n\nmeasure  mae\nvalue    0.25");
    }
}
