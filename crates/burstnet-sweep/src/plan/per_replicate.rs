//! The values that are drawn once for each replicate. All configurations share them, as they share the replicate's seed.

use burstnet_core::config::{Configuration, Value};
use burstnet_core::streams::Stream;

use crate::plan::{Plan, Trial};
use crate::streams::SweepPurpose;

impl Plan {
    /// Returns the values of the keys in [`Plan::per_replicate`] that a replicate has, in their order.
    ///
    /// Each is drawn from a stream of its own, that of the replicate's seed and the key's name. So it depends neither on
    /// the other keys nor on the number of replicates, and the replicates of a confirmation have fresh values.
    pub fn drawn(&self, replicate: u64) -> Vec<Value> {
        if self.per_replicate.is_empty() {
            return Vec::new();
        }
        let seed = self.seed_of(replicate);
        let value = |key: &str| {
            let mut name = [0; 16];
            name.copy_from_slice(&blake3::hash(key.as_bytes()).as_bytes()[..16]);
            Stream::keyed(seed, SweepPurpose::PerReplicate, 0, &name).unit()
        };
        self.per_replicate.iter().map(|dimension| dimension.domain.at(value(&dimension.key))).collect()
    }

    /// Gives a configuration the values of a replicate.
    pub fn draw(&self, configuration: &mut Configuration, replicate: u64) {
        for (dimension, value) in self.per_replicate.iter().zip(self.drawn(replicate)) {
            configuration.set(&dimension.key, value);
        }
    }

    /// Returns the keys that are drawn for the replicate of a trial, with their values.
    pub fn drawn_of(&self, trial: Trial) -> impl Iterator<Item = (&str, Value)> {
        self.per_replicate.iter().map(|dimension| dimension.key.as_str()).zip(self.drawn(trial.replicate))
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::configurations::Configurations;
    use crate::planning::planned;

    fn plan(text: &str) -> Configurations {
        planned(text).into()
    }

    fn drawing(replicates: u64, keys: &str) -> Configurations {
        plan(&format!(
            "seed: 2017\nreplicates: {replicates}\n\
             search: {{space: {{feedback.density: [0.1, 0.2]}}, per_replicate: {{{keys}}}}}\n"
        ))
    }

    #[test]
    fn values_are_stable_and_depend_on_seed_replicate_and_key_alone() {
        let bias = "network.bias: {uniform: [0, 1]}";
        let one = drawing(3, bias);
        let values: Vec<f64> = (0..3).map(|replicate| one.drawn(replicate)[0].as_f64().unwrap()).collect();
        assert_eq!(values, [0.134_422_663_743_360_65, 0.466_628_759_743_881_2, 0.542_286_840_957_267_5]);
        let more = drawing(9, &format!("feedback.weight_range: [1, 10], {bias}"));
        let again: Vec<f64> = (0..3).map(|replicate| more.drawn(replicate)[1].as_f64().unwrap()).collect();
        assert_eq!(values, again);
        let ranges: Vec<f64> = (0..9).map(|replicate| more.drawn(replicate)[0].as_f64().unwrap()).collect();
        assert!(ranges.contains(&1.0) && ranges.contains(&10.0), "{ranges:?}");
    }

    #[test]
    fn all_configurations_of_a_replicate_have_the_same_values() {
        let plan = drawing(4, "signals.amplitude: [[0.1, 0.2], [0.2, 0.3]], network.bias: {uniform: [0, 1]}");
        for replicate in 0..4 {
            let of = |config: u64| plan.trial_configuration(plan.trial(config * 4 + replicate));
            let (mut first, second) = (of(0), of(1));
            assert_ne!(first, second);
            first.set("feedback.density", second.get("feedback.density").clone());
            assert_eq!(first, second);
            assert_eq!(second.get("network.bias"), &plan.drawn(replicate)[1]);
        }
        let confirmed = plan.confirming(vec![1], 4);
        assert!((0..4).all(|replicate| confirmed.drawn(replicate)[1] != plan.drawn(replicate)[1]));
    }
}
