//! What holds of every plan, from a sweep file or from `plan.json`.

use burstnet_core::engine::Isa;
use burstnet_sweep::limits::{LARGEST_SEED, MOST_CONFIGURATIONS, is_name};
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::ResolvedPlan;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::content::ContentKeys;
use burstnet_sweep::plan::plan_file;
use burstnet_sweep::results::models::NamedModel;

/// Reads `bytes` as `plan.json`.
pub fn check_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = NamedModel::of_plan(text, Isa::detect())
        .and_then(|model| plan_file::read(text, model.objective()).map(|plan| (plan, model)));
    match read {
        Ok((plan, model)) => check(plan, model.objective()),
        Err(message) => assert!(!message.is_empty()),
    }
}

/// Every value of `plan` is one that its key can have, all numbers are in bounds, and it reads back as it was.
pub fn check(plan: ResolvedPlan, objective: &dyn Objective) {
    let plan = Configurations::from(plan);
    let schema = objective.schema();
    assert!(is_name(&plan.name), "{:?}", plan.name);
    let (configurations, trials) = (plan.configurations(), plan.trials());
    assert!((1..=MOST_CONFIGURATIONS).contains(&configurations), "{configurations} configurations");
    assert!((1..=1 << 53).contains(&trials), "{trials} trials");
    let (keys, same) = (ContentKeys::new(&plan), ContentKeys::new(&plan));
    for id in some_of(trials) {
        let trial = plan.trial(id);
        assert!(trial.seed <= LARGEST_SEED && trial.replicate < plan.replicates && trial.config_id < configurations);
        assert_eq!(plan.position(plan.trial_at(id)), id);
        let values = plan.values(trial.config_id);
        assert_eq!(keys.configuration(&values), same.configuration(&values));
    }
    for id in some_of(trials) {
        let configuration = plan.trial_configuration(plan.trial(id));
        for key in schema.keys() {
            let value = configuration.get(&key.path);
            assert_eq!(key.kind.accept(value).as_ref(), Some(value), "{} in trial {id}", key.path);
        }
        assert_eq!(plan.swept_values(id / plan.replicates).len(), plan.space.len());
    }
    let kind_of = |key: &str| schema.key(key).map(|key| &key.kind);
    assert!(
        plan.inputs
            .iter()
            .all(|input| input.is_contained() && kind_of(&input.key).is_some_and(|kind| input.is_of(kind)))
    );
    let json = plan.to_json().unwrap();
    let again = plan_file::read(&json, objective).unwrap_or_else(|message| panic!("not read back: {message}\n{json}"));
    assert_eq!(again.to_json().unwrap(), json);
    assert_eq!(again.fingerprint(), plan.fingerprint());
    assert_eq!(again.differences(&plan), [""; 0]);
}

/// The first, the last and some between.
fn some_of(n: u64) -> Vec<u64> {
    let mut some = vec![0, 1, n / 3, n / 2, n - n / 7 - 1, n.saturating_sub(2), n - 1];
    some.retain(|&one| one < n);
    some.dedup();
    some
}
