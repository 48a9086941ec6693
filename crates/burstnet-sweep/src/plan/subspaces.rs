//! The sub-spaces of a sweep, if its space is a union of several: which one each configuration belongs to.

use serde::{Deserialize, Serialize};

use super::ResolvedPlan;

/// A sub-space: some of the configurations of a sweep, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subspace {
    /// Its name.
    pub name: String,
    /// The number of its rows, which are values of the space's first axis: those of the sub-spaces follow each other.
    pub rows: u64,
}

impl ResolvedPlan {
    /// Returns the name of the sub-space to which configuration `config_id` belongs, or `None` if the space is a whole.
    pub fn subspace_of(&self, config_id: u64) -> Option<&str> {
        if self.subspaces.is_empty() {
            return None;
        }
        let number = self.searched_id(config_id);
        let index = match self.listed() {
            Some(listed) => listed.kept.get(number as usize).copied()?,
            None => number,
        };
        self.subspaces.get(self.subspace_at(index)?).map(|subspace| subspace.name.as_str())
    }

    /// Returns the sub-spaces with the number of configurations that the search has of each.
    pub fn subspace_sizes(&self) -> Vec<(&Subspace, u64)> {
        let mut sizes: Vec<(&Subspace, u64)> = match self.listed() {
            None => self.subspaces.iter().map(|one| (one, one.rows.saturating_mul(self.behind_a_row()))).collect(),
            Some(_) => self.subspaces.iter().map(|one| (one, 0)).collect(),
        };
        for &index in self.listed().iter().flat_map(|listed| &listed.kept) {
            if let Some((_, size)) = self.subspace_at(index).and_then(|at| sizes.get_mut(at)) {
                *size += 1;
            }
        }
        sizes
    }

    /// Returns the number of the sub-space in which combination `index` of the axes' values lies.
    fn subspace_at(&self, index: u64) -> Option<usize> {
        let row = index / self.behind_a_row();
        let mut before = 0_u64;
        self.subspaces.iter().position(|subspace| {
            before = before.saturating_add(subspace.rows);
            row < before
        })
    }

    /// Returns the number of combinations that share a row, since they differ along further axes: those of a table.
    fn behind_a_row(&self) -> u64 {
        let further = self.resolved_space().axes().iter().skip(1);
        further.filter_map(|axis| axis.kind.count()).fold(1_u64, u64::saturating_mul).max(1)
    }
}
