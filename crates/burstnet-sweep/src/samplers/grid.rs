//! All combinations, the last key changing fastest.

use burstnet_core::config::Value;

use crate::plan::Dimension;

/// The values of configuration `config_id`, one per dimension.
pub fn configuration(space: &[Dimension], config_id: u64) -> Vec<Value> {
    let mut rest = config_id;
    let mut values: Vec<Value> = space
        .iter()
        .rev()
        .map(|dimension| {
            let count = dimension.domain.count().unwrap_or(1).max(1);
            let value = dimension.domain.nth(rest % count);
            rest /= count;
            value
        })
        .collect();
    values.reverse();
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::domain::Domain;

    #[test]
    fn the_last_key_changes_fastest() {
        let dimension = |key: &str, values: [i64; 2]| Dimension {
            key: key.into(),
            domain: Domain::Values(values.map(Value::Int).to_vec()),
        };
        let space = [dimension("a", [1, 2]), dimension("b", [3, 4])];
        let all: Vec<_> = (0..4).map(|c| configuration(&space, c)).collect();
        assert_eq!(all, [[1, 3], [1, 4], [2, 3], [2, 4]].map(|pair| pair.map(Value::Int).to_vec()));
    }
}
