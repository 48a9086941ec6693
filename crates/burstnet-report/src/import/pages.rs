//! The footer of a Parquet file and the headers of its pages, read before the rest is: how much there would be of what.
//! Thrift's compact protocol, as far as that takes.

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

/// The largest page, when it is unpacked.
const LARGEST_PAGE: i64 = 16 << 20;
/// The deepest nesting of structures in a header; those of the format are 3 deep.
const DEEPEST: usize = 8;

/// The longest footer.
const LONGEST_FOOTER: usize = 4 << 20;
/// The most elements of a schema; a column has up to three. Summaries have five columns for each measure.
const MOST_ELEMENTS: i64 = 20_000;

/// Checks that the footer is no longer, and its schema no larger, than that of a table of configurations can be.
///
/// # Errors
/// Returns a message if that is not so, or it cannot be read.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), String> {
    let end = bytes.strip_suffix(b"PAR1").and_then(|rest| rest.split_last_chunk::<4>());
    let footer = end.and_then(|(rest, length)| {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        rest.get(rest.len().checked_sub(length)?..)
    });
    let Some(footer) = footer else { return Err("it does not end as one".into()) };
    if footer.len() > LONGEST_FOOTER {
        return Err(format!("a footer of {} bytes", footer.len()));
    }
    let mut elements = 0;
    let read = Compact { rest: footer }.structure(&mut Vec::new(), &mut |path, value| {
        if *path == [2, OF_LIST] {
            elements = elements.max(value);
        }
    });
    match read {
        None => Err("its footer is damaged".into()),
        Some(()) if elements > MOST_ELEMENTS => Err(format!("a schema of {elements} elements")),
        Some(()) => Ok(()),
    }
}

/// Checks that no page of any column would become too large, and no column would have more than `most` values.
///
/// # Errors
/// Returns a message if that is not so, or a header cannot be read.
pub(super) fn check(bytes: &[u8], metadata: &ParquetMetaData, most: u64) -> Result<(), String> {
    let mut values = vec![0_u64; metadata.file_metadata().schema_descr().num_columns()];
    for group in metadata.row_groups() {
        for (chunk, held) in group.columns().iter().zip(&mut values) {
            *held = held.saturating_add(values_of(bytes, chunk)?);
            if *held > most {
                return Err(format!("column '{}' has more than {most} values", name_of(chunk)));
            }
        }
    }
    Ok(())
}

/// Returns the values of a column chunk by the headers of its pages.
fn values_of(bytes: &[u8], chunk: &ColumnChunkMetaData) -> Result<u64, String> {
    let broken = || format!("the pages of column '{}' are damaged", name_of(chunk));
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let part = usize::try_from(start).ok().zip(usize::try_from(chunk.compressed_size()).ok());
    let part = part.and_then(|(start, length)| bytes.get(start..start.checked_add(length)?));
    let mut rest = part.ok_or_else(broken)?;
    let mut values = 0_u64;
    while !rest.is_empty() {
        let (header, length) = PageHeader::read(rest).ok_or_else(broken)?;
        if header.unpacked > LARGEST_PAGE {
            return Err(format!("column '{}' has a page of {} bytes", name_of(chunk), header.unpacked));
        }
        values = values.saturating_add(header.values);
        let packed = usize::try_from(header.packed).map_err(|_| broken())?;
        rest = length.checked_add(packed).and_then(|next| rest.get(next..)).ok_or_else(broken)?;
    }
    Ok(values)
}

fn name_of(chunk: &ColumnChunkMetaData) -> &str {
    chunk.column_path().parts().first().map_or("", String::as_str)
}

/// The part of a page's header that matters; of a field that stands there twice, the larger value.
#[derive(Debug, Default, PartialEq, Eq)]
struct PageHeader {
    /// The page's length when it is unpacked.
    unpacked: i64,
    /// Its length in the file.
    packed: i64,
    values: u64,
}

impl PageHeader {
    /// Returns the header at the start of `bytes`, and its length.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut reader = Compact { rest: bytes };
        let mut header = Self::default();
        reader.structure(&mut Vec::new(), &mut |path, value| match path {
            [2] => header.unpacked = header.unpacked.max(value),
            [3] => header.packed = header.packed.max(value),
            [5 | 7 | 8, 1] => header.values = header.values.max(u64::try_from(value).unwrap_or(u64::MAX)),
            _other => {}
        })?;
        Some((header, bytes.len() - reader.rest.len()))
    }
}

/// The mark in a path of something in a list, which also tells the list's length.
const OF_LIST: i64 = -1;

/// Reads Thrift's compact protocol.
struct Compact<'a> {
    rest: &'a [u8],
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(length).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn integer(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// Reads the fields of a structure; `found` is told each integer, and the numbers of the fields that lead to it.
    fn structure(&mut self, path: &mut Vec<i64>, found: &mut dyn FnMut(&[i64], i64)) -> Option<()> {
        if path.len() >= DEEPEST {
            return None;
        }
        let mut number = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            let step = i64::from(head >> 4);
            number = if step == 0 { self.integer()? } else { number + step };
            path.push(number);
            self.value(head & 0x0f, path, found, true)?;
            path.pop();
        }
    }

    /// Reads a value of type `kind`. A truth value stands in the type of a field, but in a byte of a list.
    fn value(
        &mut self,
        kind: u8,
        path: &mut Vec<i64>,
        found: &mut dyn FnMut(&[i64], i64),
        in_field: bool,
    ) -> Option<()> {
        match kind {
            1 | 2 if in_field => Some(()),
            1..=3 => self.skip(1),
            4..=6 => {
                let value = self.integer()?;
                found(path, value);
                Some(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            9 | 10 => self.list(path, found),
            12 => self.structure(path, found),
            _maps_and_others => None,
        }
    }

    fn list(&mut self, path: &mut Vec<i64>, found: &mut dyn FnMut(&[i64], i64)) -> Option<()> {
        let head = self.byte()?;
        let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        if length > self.rest.len() as u64 || path.len() >= DEEPEST {
            return None;
        }
        path.push(OF_LIST);
        found(path, length as i64);
        let read = (0..length).try_for_each(|_| self.value(head & 0x0f, path, found, false));
        path.pop();
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_a_header() {
        // type 0, unpacked 100, packed 50, a data page of 7 values whose statistics have a text of two bytes, end.
        let header =
            [0x15, 0x00, 0x15, 0xc8, 0x01, 0x15, 0x64, 0x2c, 0x15, 0x0e, 0x4c, 0x18, 0x02, 1, 2, 0x00, 0x00, 0x00, 9];
        let (found, length) = PageHeader::read(&header).unwrap();
        assert_eq!((found, length), (PageHeader { unpacked: 100, packed: 50, values: 7 }, header.len() - 1));
        assert!((0..header.len() - 1).all(|end| PageHeader::read(&header[..end]).is_none()));
    }

    #[test]
    fn a_size_that_stands_there_twice_is_the_larger() {
        let header = [0x15, 0x00, 0x15, 0x02, 0x15, 0x04, 0x05, 0x04, 0x7e, 0x00];
        assert_eq!(PageHeader::read(&header).unwrap().0, PageHeader { unpacked: 63, packed: 2, values: 0 });
    }

    #[test]
    fn claims_beyond_the_end_are_refused() {
        assert_eq!(PageHeader::read(&[0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]), None);
        assert_eq!(PageHeader::read(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0x0f, 0x00]), None);
        assert_eq!(PageHeader::read(&[0x1c; 100]), None);
    }
}
