//! Configurations that are copies of others. Only the originals run.

/// The configurations of a plan that are copies of earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// The copies with the first configuration that each equals, by the number of the copy.
    pub(crate) of: Vec<(u64, u64)>,
}

impl Copies {
    /// Adds a copy, which comes after all known ones.
    pub(crate) fn push(&mut self, copy: u64, first: u64) {
        self.of.push((copy, first));
    }

    /// Returns the number of copies.
    pub fn len(&self) -> u64 {
        self.of.len() as u64
    }

    /// Returns whether there are no copies.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Returns the copies with the first configuration that each equals, by the number of the copy.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.of.iter().copied()
    }

    /// Returns the first configuration that equals `config_id`: `config_id` itself, if it is not a copy.
    pub fn first(&self, config_id: u64) -> u64 {
        let at = self.of.binary_search_by_key(&config_id, |(copy, _)| *copy);
        at.map_or(config_id, |at| self.of[at].1)
    }

    /// Returns whether `config_id` is a copy of an earlier configuration.
    pub fn contains(&self, config_id: u64) -> bool {
        self.first(config_id) != config_id
    }

    /// Returns the place of a configuration, or of the first one that equals it, among those that are not copies.
    pub fn place(&self, config_id: u64) -> u64 {
        let first = self.first(config_id);
        first - self.of.partition_point(|(copy, _)| *copy < first) as u64
    }

    /// Returns the configuration at `place` among those that are not copies; the inverse of [`Copies::place`].
    pub fn at(&self, place: u64) -> u64 {
        // The copy at index i has (its number less i) others before it, which never falls from one copy to the next.
        let (mut low, mut high) = (0, self.of.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.of[middle].0 - middle as u64 <= place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        place + low as u64
    }
}
