//! Parts of a sweep that run separately, in one results directory.

use std::fmt;
use std::str::FromStr;

use crate::limits::MOST_SHARDS;

/// Part `index` of `count`: every `count`-th trial in running order, so that all parts are equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    // The order of the fields is the order of journals: by count, then by index.
    count: u32,
    index: u32,
}

impl Shard {
    /// The whole sweep.
    pub const WHOLE: Self = Self { count: 1, index: 0 };

    /// Returns part `index` of `count`, if there is such a part.
    pub fn new(index: u32, count: u32) -> Option<Self> {
        (index < count && count <= MOST_SHARDS).then_some(Self { count, index })
    }

    /// Returns the index of the part, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Returns the number of parts.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Returns whether the trial at this position of the running order belongs to the shard.
    pub fn owns(self, position: u64) -> bool {
        position % u64::from(self.count) == u64::from(self.index)
    }

    /// Returns the number of the shard's trials, out of `trials`.
    pub fn size(self, trials: u64) -> u64 {
        let count = u64::from(self.count);
        trials / count + u64::from(u64::from(self.index) < trials % count)
    }

    /// Returns the name of the shard's files.
    pub fn name(self) -> String {
        format!("shard-{}-of-{}", self.index, self.count)
    }

    /// Returns the shard whose files have this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let (index, count) = name.strip_prefix("shard-")?.split_once("-of-")?;
        let shard = Self::new(index.parse().ok()?, count.parse().ok()?)?;
        (shard.name() == name).then_some(shard)
    }
}

/// Writes the shard as it is given: `I/N`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        parts.and_then(|(index, count)| Self::new(index, count)).ok_or_else(|| {
            format!("expected I/N, with N from 1 to {MOST_SHARDS} and I from 0 to N - 1, such as 0/4, 1/4, 2/4 and 3/4")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_has_one_owner_and_shards_are_equally_long() {
        for (count, trials) in [(1, 12), (3, 12), (7, 12), (20, 12), (4, 0)] {
            let shards: Vec<Shard> = (0..count).map(|index| Shard::new(index, count).unwrap()).collect();
            for position in 0..trials {
                assert_eq!(shards.iter().filter(|shard| shard.owns(position)).count(), 1);
            }
            let sizes: Vec<u64> = shards.iter().map(|shard| shard.size(trials)).collect();
            assert_eq!(sizes.iter().sum::<u64>(), trials);
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
            for shard in shards {
                let own = (0..trials).filter(|&position| shard.owns(position)).count() as u64;
                assert_eq!(own, shard.size(trials));
                assert_eq!(Shard::from_name(&shard.name()), Some(shard));
                assert_eq!(shard.to_string().parse(), Ok(shard));
            }
        }
    }

    #[test]
    fn what_is_no_shard() {
        for text in ["", "1", "1/1", "-1/2", "2/2", "0/0", "0/10001", "a/b", "0/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        for name in ["shard-01-of-2", "shard-2-of-2", "shard-0-of-2 ", "0-of-2"] {
            assert_eq!(Shard::from_name(name), None, "{name}");
        }
    }
}
