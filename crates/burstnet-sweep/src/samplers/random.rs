//! Configurations drawn at random (Bergstra & Bengio, JMLR 13, 2012).
//!
//! Each key has a stream of its own, keyed by its name, so that adding or removing a key leaves the others' values, and
//! more configurations begin with the fewer ones.

use burstnet_core::config::Value;
use burstnet_core::streams::{Purpose, Stream};

use crate::plan::Dimension;

/// The values of configuration `config_id`, one per dimension, from the sweep's seed and this number alone.
pub fn configuration(space: &[Dimension], sweep_seed: u64, config_id: u64) -> Vec<Value> {
    space
        .iter()
        .map(|dimension| {
            let hash = blake3::hash(dimension.key.as_bytes());
            let mut key = [0; 16];
            key.copy_from_slice(&hash.as_bytes()[..16]);
            dimension.domain.at(Stream::keyed(sweep_seed, Purpose::Search, config_id, &key).unit())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::domain::Domain;

    fn dimension(key: &str) -> Dimension {
        Dimension { key: key.into(), domain: Domain::LogUniform { low: 0.01, high: 10.0 } }
    }

    #[test]
    fn values_are_stable_and_do_not_depend_on_other_keys() {
        let both = configuration(&[dimension("a.b"), dimension("c.d")], 2017, 5);
        assert_eq!(both[1], configuration(&[dimension("c.d")], 2017, 5)[0]);
        assert_eq!(both[0].as_f64().unwrap().to_bits(), 4_589_994_589_587_502_306);
    }

    #[test]
    fn logarithms_are_uniform() {
        let space = [dimension("a.b")];
        let below = (0..2000).filter(|&c| configuration(&space, 1, c)[0].as_f64().unwrap() < 0.1).count();
        assert!((600..740).contains(&below), "{below}");
    }
}
