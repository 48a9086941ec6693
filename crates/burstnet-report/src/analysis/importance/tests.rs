use burstnet_core::streams::Stream;
use burstnet_sweep::plan::Trial;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::record::Status;
use burstnet_sweep::streams::SweepPurpose;

use super::*;
use crate::analysis::Options;
use crate::analysis::tests::{analyse, plan, sample};
use crate::analysis::verdict::smallest;
use crate::statistics::Method;

/// Returns the shares of a grid of four densities and three rates, of which cell (a, b) has the value `of(a, b)`.
fn shares(replicates: u64, noise: f64, of: impl Fn(f64, f64) -> f64) -> (Configurations, VarianceShares) {
    let text = format!(
        "replicates: {replicates}\nsearch: {{space: {{feedback.density: [0.1, 0.2, 0.5, 1.0], learning_rate.hidden: [0.1, \
         1.0, 10.0]}}}}\n"
    );
    let plan = plan(&text);
    let value = |t: Trial| {
        let random = Stream::part(1, SweepPurpose::Search, 1 << 30 | t.id).unit() - 0.5;
        Some((Status::Ok, Some(of((t.config_id / 3) as f64, (t.config_id % 3) as f64) + noise * random)))
    };
    let found = analyse(&plan, &sample(&plan, value), &Options::default()).variance.unwrap();
    assert_eq!(found.method, Method::Grid);
    (plan, found)
}

fn p_of(shares: &VarianceShares, key: &str) -> f64 {
    shares.keys.iter().find(|one| one.key == key).unwrap().p.unwrap()
}

#[test]
fn every_key_and_pair_has_a_test() {
    let (_, found) = shares(5, 1.0, |a, b| 0.5 * a + 0.01 * b);
    assert!(p_of(&found, "feedback.density") < 0.001 && p_of(&found, "learning_rate.hidden") > 0.05, "{found:?}");
    assert!(found.pairs[0].p.unwrap() > 0.05, "{found:?}");
    assert_eq!((found.verdict.told, &*found.verdict.first), (Told::First, &["feedback.density".to_owned()][..]));
    let said = &found.verdict.sentence;
    assert!(said.starts_with("feedback.density matters most (p < 0.001): alone it makes up 9"), "{said}");
    assert_eq!(found.interactions().unwrap(), "The two keys do not interact significantly.");
    let (_, found) = shares(5, 1.0, |a, b| 3.0 * a * b);
    assert_eq!(found.interactions().unwrap(), "Significant interactions: density × hidden (p < 0.001).");
}

#[test]
fn keys_that_act_only_together() {
    let (_, found) = shares(6, 0.5, |a, b| if a % 2.0 == 0.0 { b - 1.0 } else { 1.0 - b });
    assert!(found.verdict.told == Told::Some && found.pairs[0].p.unwrap() < 0.001, "{found:?}");
    assert!(found.verdict.sentence.starts_with("Keys matter, but which one"), "{}", found.verdict.sentence);
}

/// Two replicates leave one degree of freedom, of which the test of a key makes little.
#[test]
fn a_first_key_whose_own_test_says_nothing_is_not_named() {
    let (_, found) = shares(2, 1.0, |a, _| a);
    let p = p_of(&found, "feedback.density");
    assert!(p > SIGNIFICANT && found.keys[0].key == "feedback.density", "{found:?}");
    assert!(found.verdict.told == Told::Some && found.verdict.p.unwrap() <= SIGNIFICANT, "{found:?}");
    let said = &found.verdict.sentence;
    assert!(said.starts_with("Keys matter, but which ones cannot be told: the largest share "), "{said}");
    assert!(said.contains(&format!("whose own test has {}. It would take about ", p_value(p))), "{said}");
}

#[test]
fn without_noise_and_with_huge_numbers() {
    let (_, exact) = shares(2, 0.0, |a, _| a);
    let p = 4096.0 * p_of(&exact, "feedback.density");
    assert!(exact.verdict.told == Told::First && (p - 1.0).abs() < 1e-12, "{exact:?}");
    assert_eq!((p_of(&exact, "learning_rate.hidden"), exact.pairs[0].p), (1.0, Some(1.0)));
    let (_, plain) = shares(4, 1.0, |a, b| a + b);
    let huge = f64::from_bits(1683 << 52); // 2⁶⁶⁰
    let (_, large) = shares(4, huge, |a, b| huge * (a + b));
    assert_eq!(large.keys, plain.keys);
    assert_eq!(large.pairs, plain.pairs);
}

#[test]
fn the_smallest_of_many_p_values_is_explained() {
    let key = |key: &str, p| KeyShare { key: key.into(), share: 0.1, interval: None, p };
    let keys = [key("a", Some(0.5)), key("b", Some(0.031)), key("c", None)];
    assert_eq!(smallest(&keys), ", even the smallest p of 3 keys (b: p = 0.031)");
    assert_eq!([smallest(&keys[..1]), smallest(&keys[1..2])], ["", ""]);
}

#[test]
fn pairs_are_corrected_for_their_number() {
    let (_, mut found) = shares(5, 1.0, |a, _| a);
    let ps = [0.01, 0.04, 0.02, 0.03];
    found.pairs = (ps.iter().zip(1..))
        .map(|(p, at)| KeyPairShare { share: at as f64 / 10.0, p: Some(*p), ..found.pairs[0].clone() })
        .collect();
    let kept: Vec<(f64, f64)> = found.interacting().into_iter().map(|(one, p)| (one.share, p)).collect();
    assert_eq!(kept, [(0.1, 0.04)]);
    assert_eq!(found.first_pair().map(|one| one.share), Some(0.1));
    found.pairs.iter_mut().for_each(|one| one.p = Some(1e-9));
    let said = found.interactions().unwrap();
    assert!(said.starts_with("Significant interactions, corrected for 4 pairs: ") && said.ends_with(" and 2 more."));
    found.pairs.iter_mut().for_each(|one| one.p = None);
    assert_eq!((found.interactions(), found.first_pair().map(|one| one.share)), (None, Some(0.1)));
}

#[test]
fn what_sets_the_best_apart() {
    let (_, mut found) = shares(5, 1.0, |a, _| a);
    assert_eq!(found.among_the_best(), None);
    let of = [("feedback.density", 0.8), ("learning_rate.hidden", 0.2)].map(|(key, share)| (key.to_owned(), share));
    found.best_tenth = Some(BestTenth { configurations: 12, keys: of.into() });
    let said = found.among_the_best().unwrap();
    assert_eq!(said, "What sets the best 12 configurations apart: density 80 % and hidden 20 %.");
    found.verdict.told = Told::Nothing;
    assert_eq!(found.among_the_best(), None);
}
