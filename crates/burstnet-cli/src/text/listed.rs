//! Lists of numbers as they are typed.

use std::collections::HashSet;

/// The most numbers of a list.
const MOST: u64 = 1_000_000;

/// Returns the numbers below `end` that a text names, such as `0,3,10-19`, or `2:5` for those from 2 to before 5.
///
/// # Errors
/// Returns a message if it cannot be read, or names a number that is not below `end`.
pub(crate) fn numbers_in(option: &str, text: &str, end: u64) -> Result<Vec<u64>, String> {
    let unread = || format!("{option} {text}: expected numbers like 0,3,10-19, or 0:4 for those from 0 to before 4");
    let (mut all, mut held) = (Vec::new(), HashSet::new());
    for part in text.split(',') {
        let number = |digits: &str| digits.trim().parse::<u64>().map_err(|_| unread());
        let range = match (part.split_once(':'), part.split_once('-')) {
            (Some((from, to)), _) => number(from)?..number(to)?,
            (None, Some((first, last))) => number(first)?..number(last)?.saturating_add(1),
            (None, None) => number(part)?..number(part)?.saturating_add(1),
        };
        if range.is_empty() {
            return Err(unread());
        }
        if range.end > end {
            return Err(format!("{option} {text}: there are {end}, numbered from 0"));
        }
        if all.len() as u64 + (range.end - range.start) > MOST {
            return Err(format!("{option} {text}: more than {MOST}"));
        }
        all.extend(range.filter(|number| held.insert(*number)));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges() {
        let read = |text: &str| numbers_in("--replicates", text, 10);
        assert_eq!(read("0,3,5-7,3"), Ok(vec![0, 3, 5, 6, 7]));
        assert_eq!(read("0:4"), Ok(vec![0, 1, 2, 3]));
        assert_eq!(read("0:11").unwrap_err(), "--replicates 0:11: there are 10, numbered from 0");
        for text in ["", "x", "4:4", "5-3", "-1", "1:2:3"] {
            assert!(read(text).unwrap_err().contains("expected numbers like"), "{text}");
        }
        assert!(numbers_in("--configs", "0:9000000", u64::MAX).unwrap_err().contains("more than"));
    }
}
