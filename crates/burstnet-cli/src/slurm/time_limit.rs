//! Time limits as `sbatch` reads them.

use std::fmt;
use std::str::FromStr;

/// A time limit, as it was given and in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeLimit {
    text: String,
    seconds: u64,
}

impl TimeLimit {
    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes or
/// days-hours:minutes:seconds.
impl FromStr for TimeLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || "expected minutes, H:MM:SS or D-HH:MM:SS, at least a minute, such as 90, 8:00:00 or 2-12".to_owned();
        let number = |part: &str| {
            let digits = !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u64>().ok()).flatten().ok_or_else(expected)
        };
        let (days, clock) = match text.split_once('-') {
            Some((days, clock)) => (Some(number(days)?), clock),
            None => (None, text),
        };
        let parts = clock.split(':').map(number).collect::<Result<Vec<u64>, _>>()?;
        let units: &[u64] = match (days, parts.len()) {
            (None, 1 | 2) => &[60, 1],
            (None, 3) | (Some(_), 1..=3) => &[3600, 60, 1],
            (None | Some(_), _) => return Err(expected()),
        };
        let seconds = days.unwrap_or(0) * 86_400 + parts.iter().zip(units).map(|(n, unit)| n * unit).sum::<u64>();
        if seconds < 60 { Err(expected()) } else { Ok(Self { text: text.to_owned(), seconds }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        for (text, seconds) in [
            ("1", 60),
            ("90", 5400),
            ("2:30", 150),
            ("8:00:00", 28_800),
            ("1-0", 86_400),
            ("2-12", 216_000),
            ("1-2:30", 95_400),
            ("0-0:01:05", 65),
        ] {
            let limit: TimeLimit = text.parse().unwrap();
            assert_eq!((limit.seconds(), limit.to_string()), (seconds, text.to_owned()));
        }
        for text in [
            "",
            "0",
            "0:59",
            "-1",
            "1h",
            "1:2:3:4",
            "1-",
            "-",
            "1-2-3",
            "1:",
            "UNLIMITED",
            "9999999",
            "1.5",
            " 1",
            "1\n",
        ] {
            assert!(text.parse::<TimeLimit>().is_err(), "{text}");
        }
    }
}
