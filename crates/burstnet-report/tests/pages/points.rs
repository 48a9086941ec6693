//! An objective that costs nothing and has keys of every kind, hostile texts among them.

use burstnet_core::config::{Configuration, Key, Kind, Schema, Value};
use burstnet_core::curves::CurvePoint;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::objective::{Deadline, Evaluated, Evaluation, EvaluationError, Objective};

/// Texts that a browser or a plotting library would read as something else, or that are long.
pub(crate) const HOSTILE: [&str; 8] = [
    "<script>window.hit=1</script>",
    "<b>bold</b>",
    "<a href=\"https://example.org\">link</a>",
    "'\"`quotes\\",
    "</script><img src=x onerror=window.hit=1>",
    "&lt;i&gt; $x^2$ %{x}<br>",
    "\u{202e}backwards\u{200b}",
    "LONG",
];

pub(crate) struct Points {
    schema: Schema,
}

/// The last hostile text, of 10 000 characters.
pub(crate) fn long() -> &'static str {
    static LONG: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    LONG.get_or_init(|| "<b>long</b> ".repeat(834)[..10_000].to_owned())
}

/// The hostile texts, as words of a key.
pub(crate) fn words() -> Vec<&'static str> {
    HOSTILE.iter().map(|word| if *word == "LONG" { long() } else { word }).collect()
}

/// The keys that are numbers.
const NUMBERS: [&str; 12] = ["p.a", "p.b", "p.c", "p.d", "p.e", "p.f", "p.g", "p.h", "p.i", "p.j", "p.k", "p.l"];

impl Default for Points {
    fn default() -> Self {
        let number = || Kind::Number { min: -1e9, max: 1e9 };
        let key = |path: &'static str, kind, default| Key { path: path.into(), kind, default, doc: "A key.".into() };
        let mut keys: Vec<Key> = NUMBERS.map(|path| key(path, number(), Value::Float(0.0))).into();
        let words: &'static [&'static str] = words().leak();
        keys.extend([
            key("p.curve", Kind::Integer { min: 0, max: 1000 }, Value::Int(20)),
            key("p.fate", Kind::Word(&["ok", "fail", "diverge"]), "ok".into()),
            key("p.flag", Kind::Flag, Value::Bool(false)),
            key("p.maybe", Kind::OptionalNumber { min: 0.0, max: 1e9 }, Value::Null),
            key("p.sizes", Kind::Sizes { at_least: 1, at_most: 8, max: 1000 }, vec![1_i64].into()),
            key("p.word", Kind::Word(words), words[0].into()),
        ]);
        Self { schema: Schema::new(keys) }
    }
}

impl Objective for Points {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn bits_version(&self) -> u32 {
        1
    }

    fn measures(&self, _values_of: &dyn Fn(&str) -> Vec<Value>) -> Vec<MeasureInfo> {
        let info = |name: &str, unit, doc| MeasureInfo::new(name, unit, doc);
        vec![
            info("test_mae", "events/step", "Mean distance."),
            info("reach", "", "The sum of all numbers."),
            info("spread", "steps", "The difference of the first two numbers."),
        ]
    }

    fn budget_key(&self) -> Option<&str> {
        Some("p.curve")
    }

    fn evaluate(&self, configuration: &Configuration, seed: u64, _deadline: &Deadline<'_>) -> Evaluated {
        let number = |key: &str| configuration.get(key).as_f64().unwrap_or_default();
        let word = configuration.get("p.word").as_text().unwrap_or_default();
        let fate = configuration.get("p.fate").as_text().unwrap_or_default();
        if fate == "fail" {
            return Err(EvaluationError::Failed(format!("no luck with {word}")));
        }
        let squares: f64 = (1..).zip(NUMBERS).map(|(at, key)| number(key) * number(key) / f64::from(at)).sum();
        let flag = if *configuration.get("p.flag") == Value::Bool(true) { 0.5 } else { 0.0 };
        let distance = 1.0 + squares + flag + number("p.maybe") + word.len() as f64 / 1e4 + (seed % 1000) as f64 / 2e3;
        let point = |layer, step: u64| CurvePoint {
            layer,
            step: 10 * step + 9,
            learning_steps: 10,
            loss: Some(distance / (step + 1) as f64 / f64::from(layer + 1)),
        };
        let points = number("p.curve") as u64;
        let diverged = (fate == "diverge").then(|| format!("step {}: {word} beyond everything", seed % 100));
        Ok(Evaluation {
            measures: [
                ("test_mae", distance),
                ("reach", NUMBERS.iter().map(|key| number(key)).sum()),
                ("spread", number("p.a") - number("p.b")),
            ]
            .map(|(name, value)| (name.to_owned(), diverged.is_none().then_some(value)))
            .into(),
            curves: (0..2).flat_map(|layer| (0..points).map(move |step| point(layer, step))).collect(),
            diverged,
            digest: Some([seed as u8; 32]),
        })
    }
}
