//! What the model is for: a hidden layer that learns from bursts beats one that does not.

use std::sync::Mutex;

use crate::workplace::Workplace;

/// The task of the 2017 README over 30 epochs, seeds 1 to 8: means of the final training loss of a frozen and of a
/// learning hidden layer, as an independent program in float64 gave them (0.0094 and 0.0009 over twelve seeds).
#[test]
fn a_learning_hidden_layer_ends_far_below_a_frozen_one() {
    let place = Workplace::new();
    place.write("r.yaml", "training: {epochs: 30}\n");
    let left = Mutex::new((1..=8).flat_map(|seed| [(seed, "0.0"), (seed, "1.0")]).collect::<Vec<(u64, &str)>>());
    let losses = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((seed, rate)) = { left.lock().unwrap().pop() } {
                    let set = format!("learning_rate.hidden={rate}");
                    let said = place.run(&["run", "r.yaml", "--json", "--seed", &seed.to_string(), "--set", &set], 0);
                    losses.lock().unwrap().push((rate, said.json()["train_loss"].as_f64().unwrap()));
                }
            });
        }
    });
    let losses = losses.into_inner().unwrap();
    let mean = |rate: &str| losses.iter().filter(|(own, _)| *own == rate).map(|(_, loss)| loss).sum::<f64>() / 8.0;
    let (frozen, learning) = (mean("0.0"), mean("1.0"));
    assert_eq!(losses.len(), 16);
    assert!((0.007..0.013).contains(&frozen), "frozen {frozen}");
    assert!(learning < 0.004, "learning {learning}");
}
