//! An objective that costs nothing: a paraboloid with noise from the seed, which fails where it is told to.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::ThreadId;
use std::time::Duration;

use burstnet_core::config::{Configuration, Key, Kind, Schema, Value};
use burstnet_core::curves::CurvePoint;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::any_checkpoint::AnyCheckpoint;
use burstnet_sweep::objective::{
    Deadline, EnvironmentError, Evaluated, EvaluatedOn, Evaluation, EvaluationError, Objective,
};

pub(crate) struct Paraboloid {
    pub(crate) schema: Schema,
    /// The number of trials that it evaluated.
    pub(crate) evaluated: AtomicU64,
    /// The number of these that went on from a checkpoint.
    pub(crate) continued: AtomicU64,
    /// The threads that evaluated trials.
    pub(crate) threads: Mutex<HashSet<ThreadId>>,
    /// True if it fails, panics and hangs where `point.fate` says so.
    pub(crate) fails: bool,
    /// By how much it is off, as another program may be.
    pub(crate) off: f64,
    /// The number of the evaluation at which the machine lacks something, once.
    pub(crate) lacking: Option<u64>,
}

impl Default for Paraboloid {
    fn default() -> Self {
        let coordinate = Kind::Number { min: -1e9, max: 1e9 };
        let key = |path: &'static str, kind, default, doc: &'static str| Key {
            path: path.into(),
            kind,
            default,
            doc: doc.into(),
        };
        let schema = Schema::new(vec![
            key("point.x", coordinate.clone(), Value::Float(0.0), "First coordinate."),
            key("point.y", coordinate, Value::Float(0.0), "Second coordinate."),
            key("point.curve", Kind::Integer { min: 0, max: 1000 }, Value::Int(2), "Points of its curve."),
            key("point.fate", Kind::Word(&["ok", "fail", "panic", "diverge", "hang"]), "ok".into(), "How it ends."),
        ]);
        Self {
            schema,
            evaluated: AtomicU64::new(0),
            continued: AtomicU64::new(0),
            threads: Mutex::default(),
            fails: true,
            off: 0.0,
            lacking: None,
        }
    }
}

fn info(name: &str) -> MeasureInfo {
    MeasureInfo::new(name, "m", "Distance.")
}

impl Objective for Paraboloid {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        1
    }

    /// One more where the curve is varied, so that plans can differ in their measures.
    fn measures(&self, values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        let mut measures = vec![info("test_mae"), info("height")];
        if values_of("point.curve").len() > 1 {
            measures.insert(0, info("length"));
        }
        measures
    }

    fn budget_key(&self) -> Option<&str> {
        Some("point.curve")
    }

    /// Goes on from where it is told to; only how often that happens can be told apart.
    fn evaluate_on(
        &self,
        configuration: &Configuration,
        seed: u64,
        deadline: &Deadline<'_>,
        from: Option<AnyCheckpoint>,
        keep: bool,
    ) -> EvaluatedOn {
        let number = |key| configuration.get(key).as_f64().unwrap_or_default();
        let own = ([number("point.x").to_bits(), number("point.y").to_bits(), seed], number("point.curve"));
        if let Some(from) = from {
            let (of, points): ([u64; 3], f64) = from.into_state().expect("its own checkpoint");
            assert!(of == own.0 && points < own.1, "the checkpoint of another trial");
            self.continued.fetch_add(1, Ordering::Relaxed);
        }
        let evaluation = self.evaluate(configuration, seed, deadline)?;
        Ok((evaluation, keep.then(|| AnyCheckpoint::new(own, 100))))
    }

    fn evaluate(&self, configuration: &Configuration, seed: u64, deadline: &Deadline<'_>) -> Evaluated {
        self.threads.lock().expect("no other panic").insert(std::thread::current().id());
        if Some(self.evaluated.fetch_add(1, Ordering::Relaxed)) == self.lacking {
            return Err(EnvironmentError("no room on this machine".into()).into());
        }
        let number = |key| configuration.get(key).as_f64().unwrap_or_default();
        let fate = configuration.get("point.fate").as_text().unwrap_or_default();
        let fate = if self.fails || fate == "diverge" { fate } else { "ok" };
        match fate {
            "fail" => return Err(EvaluationError::Failed(format!("no luck with seed {seed}"))),
            "panic" => panic!("a defect at seed {seed}"),
            "hang" => {
                while !deadline.has_passed() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                return Err(EvaluationError::TimedOut);
            }
            _ok => {}
        }
        let height =
            (number("point.x") - 1.0) * (number("point.x") - 1.0) + number("point.y") * number("point.y") + self.off;
        let noise = (seed % 1000) as f64 / 1000.0;
        let points = number("point.curve") as u64;
        let curves = (0..points)
            .map(|step| CurvePoint {
                layer: 0,
                step,
                learning_steps: 1,
                loss: Some((height + noise) / (step + 1) as f64),
            })
            .collect();
        let measures = [("length", points as f64), ("test_mae", height + noise), ("height", height)];
        let diverged = (fate == "diverge").then(|| "step 3: beyond everything".to_owned());
        let measured = |value| if diverged.is_some() { None } else { Some(value) };
        Ok(Evaluation {
            measures: measures.map(|(name, value)| (name.to_owned(), measured(value))).to_vec(),
            diverged,
            curves,
            digest: Some([seed as u8; 32]),
        })
    }
}
