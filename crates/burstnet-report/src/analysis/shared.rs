//! The replicates that are compared where trials are missing.

use std::collections::{BTreeMap, HashMap};

/// Returns the replicates that most of these sets have, as many of them as leave the most values in the sets that have
/// them all.
pub(super) fn shared_by_most(sets: &[impl AsRef<[u32]>]) -> Vec<u32> {
    let mut having: BTreeMap<u32, usize> = BTreeMap::new();
    let all = sets.iter().flat_map(AsRef::as_ref);
    all.for_each(|&replicate| *having.entry(replicate).or_default() += 1);
    let mut order: Vec<u32> = having.keys().copied().collect();
    order.sort_by_key(|replicate| std::cmp::Reverse(having[replicate])); // stable: the first of equal ones
    let position: HashMap<u32, usize> = order.iter().copied().zip(0..).collect();
    // How many sets have all of the first k in this order.
    let mut ending = vec![0_usize; order.len() + 1];
    for set in sets {
        let mut held: Vec<usize> = set.as_ref().iter().map(|replicate| position[replicate]).collect();
        held.sort_unstable();
        ending[held.iter().zip(0..).take_while(|(held, at)| **held == *at).count()] += 1;
    }
    let (mut best, mut most, mut complete) = (0, 0, 0);
    for k in (1..=order.len()).rev() {
        complete += ending[k];
        if complete * k > most {
            (best, most) = (k, complete * k);
        }
    }
    order.truncate(best);
    order.sort_unstable();
    order
}
