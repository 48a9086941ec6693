use burstnet_core::config::{RunConfig, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::{inputs::Inputs, observer::Silent, run};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let isa = Isa::named(&args[1]).unwrap();
    let engine = args[2].clone();
    let layers: Vec<i64> = args[3].split(',').map(|x| x.parse().unwrap()).collect();
    let epochs: i64 = args[4].parse().unwrap();
    let mut values = keys::schema().defaults();
    values.set("network.layers", Value::from(layers));
    values.set("training.engine", engine.as_str().into());
    values.set("training.epochs", Value::Int(epochs));
    for kv in &args[5..] {
        let (k, v) = kv.split_once('=').unwrap();
        values.set(
            k,
            if let Ok(x) = v.parse::<f64>() {
                if k == "training.epochs" || k.starts_with("signals.c") { Value::Int(x as i64) } else { Value::from(x) }
            } else {
                v.into()
            },
        );
    }
    let config = RunConfig::from_values(&values).unwrap();
    let inputs = Inputs::load(&config).unwrap();
    let t = Instant::now();
    let prepared = Prepared::new(&config, &inputs, 7, isa);
    let prep = t.elapsed();
    let go = |e: u64| {
        let mut c = config.clone();
        c.training.epochs = e;
        let t = Instant::now();
        let r = run::run(&c, &inputs, &prepared, 7, isa, &mut Silent).unwrap();
        (t.elapsed().as_secs_f64(), r)
    };
    let steps = inputs.epoch_steps(&config) as f64;
    for _ in 0..3 {
        let (a, _) = go(1);
        let (b, r) = go(epochs as u64);
        println!(
            "prep {:.2?} ({} bytes) first {:.2} ms; step {:.4} us; loss {:?} mae {:?} {:02x?}",
            prep,
            prepared.bytes(),
            a * 1e3,
            (b - a) * 1e6 / (epochs as f64 - 1.0) / steps,
            r.measure("train_loss"),
            r.measure("test_mae"),
            &r.digest[..4]
        );
    }
}
