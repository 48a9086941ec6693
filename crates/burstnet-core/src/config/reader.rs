//! Values of a configuration as the types that the engine reads.

use std::path::PathBuf;
use std::str::FromStr;

use super::run_config::{SignalKind, SignalRanges, Signals};
use super::{ConfigError, Configuration, UnknownWord, Value};

/// Reads values that are known to fit their keys.
pub(super) struct Reader<'a>(pub(super) &'a Configuration);

impl Reader<'_> {
    pub(super) fn number(&self, key: &str) -> f64 {
        self.0.get(key).as_f64().unwrap_or_default()
    }

    pub(super) fn integer(&self, key: &str) -> u64 {
        self.number(key) as u64
    }

    /// The word that a key holds.
    pub(super) fn word<W: FromStr<Err = UnknownWord>>(&self, key: &str) -> Result<W, ConfigError> {
        let held = self.0.get(key);
        let word = held.as_text().unwrap_or_default().parse();
        word.map_err(|unknown: UnknownWord| ConfigError::new(key, held, unknown.known.join(" or ")))
    }

    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        self.0.get(key).as_text().map(PathBuf::from)
    }

    pub(super) fn list(&self, key: &str) -> Vec<f64> {
        self.0.get(key).as_list().unwrap_or_default().iter().filter_map(Value::as_f64).collect()
    }

    pub(super) fn range(&self, key: &str) -> (f64, f64) {
        let ends = self.list(key);
        (ends[0], ends[1])
    }

    pub(super) fn rates(&self, key: &str, hidden_layers: usize) -> Result<Vec<f64>, ConfigError> {
        let value = self.0.get(key);
        match value.as_list() {
            None => Ok(vec![self.number(key); hidden_layers]),
            Some(items) if items.len() == hidden_layers => Ok(self.list(key)),
            Some(_) => Err(ConfigError::new(
                key,
                value,
                format!(
                    "a number, or a list of {}, one per hidden layer of network.layers {}",
                    if hidden_layers == 1 { "1 rate".into() } else { format!("{hidden_layers} rates") },
                    self.0.get("network.layers")
                ),
            )),
        }
    }

    pub(super) fn signals(&self) -> Result<Signals, ConfigError> {
        let kind: SignalKind = self.word("signals.kind")?;
        let files = match (kind, self.path("signals.inputs"), self.path("signals.targets")) {
            (SignalKind::Files, Some(inputs), Some(targets)) => Some((inputs, targets)),
            (SignalKind::Files, None, _) => {
                let expected = "the path of a file, with signals.kind files";
                return Err(ConfigError::new("signals.inputs", "null", expected).depends_on(&["signals.kind"]));
            }
            (SignalKind::Files, Some(_), None) => {
                let expected = "the path of a file, with signals.kind files";
                return Err(ConfigError::new("signals.targets", "null", expected).depends_on(&["signals.kind"]));
            }
            (SignalKind::Sinusoids | SignalKind::XorClasses, None, None) => None,
            (SignalKind::Sinusoids | SignalKind::XorClasses, inputs, _) => {
                let key = if inputs.is_some() { "signals.inputs" } else { "signals.targets" };
                return Err(ConfigError::new(key, self.0.get(key), "null, or signals.kind files"));
            }
        };
        Ok(Signals {
            kind,
            length: self.integer("signals.length") as usize,
            files,
            classes: self.integer("signals.classes") as usize,
            examples_per_class: self.integer("signals.examples_per_class") as usize,
            threshold: self.number("signals.threshold"),
            smoothing: self.number("signals.smoothing"),
            ranges: SignalRanges {
                sine_frequency: self.range("signals.sine_frequency"),
                cosine_frequency: self.range("signals.cosine_frequency"),
                phase: self.range("signals.phase"),
                amplitude: self.range("signals.amplitude"),
                canonical_amplitude: self.range("signals.canonical_amplitude"),
                canonical_frequency: self.range("signals.canonical_frequency"),
                canonical_phase: self.range("signals.canonical_phase"),
                gain_amplitude: self.range("signals.gain_amplitude"),
                offset_amplitude: self.range("signals.offset_amplitude"),
                perturbation_frequency: self.range("signals.perturbation_frequency"),
                perturbation_phase: self.range("signals.perturbation_phase"),
            },
        })
    }
}
