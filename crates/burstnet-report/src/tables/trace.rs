//! Traces: one row per step of a run, written in row groups as it goes.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::builder::{
    BooleanBuilder, FixedSizeListBuilder, Float32Builder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema};
use burstnet_core::observer::{Observer, StepView};

use crate::tables::parquet::ParquetFile;
use crate::{ReportError, UnitsError};

/// Numbers that are collected before they are written: 8 MiB.
const NUMBERS_PER_GROUP: usize = 1 << 20;
/// Steps per row group at most.
const STEPS_PER_GROUP: usize = 1 << 16;

/// The hidden units that a trace records: for each hidden layer their numbers, in the order of the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedUnits(pub Vec<Vec<usize>>);

impl TracedUnits {
    /// Returns all units of a network with these layers.
    pub fn all(layers: &[usize]) -> Self {
        Self(layers[1..layers.len() - 1].iter().map(|&units| (0..units).collect()).collect())
    }

    /// Returns the units that `arguments` name: each `UNITS`, for every hidden layer, or `LAYER:UNITS`, where UNITS is
    /// a list like `0,3,10-19`.
    ///
    /// # Errors
    /// Returns an error if one cannot be read, or names a unit or layer that does not exist.
    pub fn parse(arguments: &[String], layers: &[usize]) -> Result<Self, UnitsError> {
        let hidden = &layers[1..layers.len() - 1];
        let mut chosen = vec![Vec::new(); hidden.len()];
        for argument in arguments {
            let (layer, units) = match argument.split_once(':') {
                Some((layer, units)) => (Some(parse_number(layer, argument)?), units),
                None => (None, argument.as_str()),
            };
            if let Some(layer) = layer.filter(|&layer| layer >= hidden.len()) {
                return Err(UnitsError::NoLayer { argument: argument.clone(), layer, layers: hidden.len() });
            }
            for (m, chosen) in chosen.iter_mut().enumerate().filter(|(m, _)| layer.is_none_or(|layer| layer == *m)) {
                for part in units.split(',') {
                    let (first, last) = part.split_once('-').unwrap_or((part, part));
                    let (first, last) = (parse_number(first, argument)?, parse_number(last, argument)?);
                    if first > last || last >= hidden[m] {
                        let argument = argument.clone();
                        return Err(UnitsError::NoUnit { argument, unit: last, layer: m, units: hidden[m] });
                    }
                    chosen.extend(first..=last);
                }
            }
        }
        for units in &mut chosen {
            units.sort_unstable();
            units.dedup();
        }
        Ok(Self(chosen))
    }
}

fn parse_number(text: &str, argument: &str) -> Result<usize, UnitsError> {
    let no_number = |_| UnitsError::NoNumber { argument: argument.to_owned(), text: text.to_owned() };
    text.trim().parse().map_err(no_number)
}

/// The quantities of a hidden layer, in the order of the columns.
const QUANTITIES: [(&str, &str); 5] = [
    ("event_rate", "events/step"),
    ("burst_probability", ""),
    ("burst_rate", "bursts/step"),
    ("apical_voltage", ""),
    ("somatic_voltage", ""),
];

/// Records the steps of a run.
pub struct Trace {
    file: ParquetFile,
    units: TracedUnits,
    steps_per_group: usize,
    rows: usize,
    phase: StringBuilder,
    step: Int64Builder,
    epoch: Int64Builder,
    t: Int64Builder,
    taught: BooleanBuilder,
    target: Numbers,
    output: Numbers,
    hidden: Vec<Numbers>,
    error: Option<ReportError>,
}

impl Trace {
    /// Starts a trace of a network with `outputs` output units at `path`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be made in its folder.
    pub fn create(path: &Path, outputs: usize, units: TracedUnits, precision: Precision) -> Result<Self, ReportError> {
        let width: usize = 2 * outputs + 5 * units.0.iter().map(Vec::len).sum::<usize>();
        let steps_per_group = (NUMBERS_PER_GROUP / width).clamp(1, STEPS_PER_GROUP);
        let metadata = [("burstnet.version", env!("CARGO_PKG_VERSION").to_owned())];
        let file = ParquetFile::create(path, trace_schema(outputs, &units, precision), &metadata, steps_per_group)?;
        let list = |n: usize| Numbers::new(precision, n);
        let recorded = units.0.iter().filter(|units| !units.is_empty());
        let hidden = recorded.flat_map(|units| QUANTITIES.map(|_| list(units.len()))).collect();
        Ok(Self {
            file,
            units,
            steps_per_group,
            rows: 0,
            phase: StringBuilder::new(),
            step: Int64Builder::new(),
            epoch: Int64Builder::new(),
            t: Int64Builder::new(),
            taught: BooleanBuilder::new(),
            target: list(outputs),
            output: list(outputs),
            hidden,
            error: None,
        })
    }

    /// Completes the trace.
    ///
    /// # Errors
    /// Returns an error if it could not be written, now or during the run.
    pub fn finish(mut self) -> Result<(), ReportError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.flush()?;
        self.file.finish()
    }

    /// Gives up the trace, which leaves no file; what could not be written during the run, if that ended it.
    pub fn into_error(self) -> Option<ReportError> {
        self.error
    }

    fn flush(&mut self) -> Result<(), ReportError> {
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.phase.finish()),
            Arc::new(self.step.finish()),
            Arc::new(self.epoch.finish()),
            Arc::new(self.t.finish()),
            Arc::new(self.taught.finish()),
            self.target.finish(),
            self.output.finish(),
        ];
        arrays.extend(self.hidden.iter_mut().map(Numbers::finish));
        self.rows = 0;
        self.file.write(arrays)
    }
}

impl Observer for Trace {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        self.phase.append_value(view.phase.name());
        self.step.append_value(view.step as i64);
        self.epoch.append_option(view.epoch.map(|epoch| epoch as i64));
        self.t.append_value(view.t as i64);
        self.taught.append_value(view.taught);
        self.target.push(view.target.iter().copied());
        self.output.push(view.output.iter().copied());
        let mut builders = self.hidden.iter_mut();
        for (m, units) in self.units.0.iter().enumerate().filter(|(_, units)| !units.is_empty()) {
            let state = view.states.hidden(m);
            let quantities = [
                state.event_rate,
                state.burst_probability,
                state.burst_rate,
                state.apical_voltage,
                state.somatic_voltage,
            ];
            for (values, builder) in quantities.into_iter().zip(&mut builders) {
                builder.push(units.iter().map(|&unit| values[unit]));
            }
        }
        self.rows += 1;
        if self.rows == self.steps_per_group
            && let Err(error) = self.flush()
        {
            self.error = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// The engine's precision, in which a trace holds what it computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precision {
    /// Float32.
    Single,
    /// Float64.
    Double,
}

impl Precision {
    fn item(self) -> Field {
        let kind = match self {
            Self::Single => DataType::Float32,
            Self::Double => DataType::Float64,
        };
        Field::new("item", kind, false)
    }
}

/// A column of lists of `n` numbers.
enum Numbers {
    Single(FixedSizeListBuilder<Float32Builder>),
    Double(FixedSizeListBuilder<Float64Builder>),
}

impl Numbers {
    fn new(precision: Precision, n: usize) -> Self {
        let (n, item) = (n as i32, precision.item());
        match precision {
            Precision::Single => Self::Single(FixedSizeListBuilder::new(Float32Builder::new(), n).with_field(item)),
            Precision::Double => Self::Double(FixedSizeListBuilder::new(Float64Builder::new(), n).with_field(item)),
        }
    }

    fn push(&mut self, values: impl Iterator<Item = f64>) {
        match self {
            Self::Single(list) => {
                values.for_each(|value| list.values().append_value(value as f32));
                list.append(true);
            }
            Self::Double(list) => {
                values.for_each(|value| list.values().append_value(value));
                list.append(true);
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Single(list) => Arc::new(list.finish()),
            Self::Double(list) => Arc::new(list.finish()),
        }
    }
}

fn trace_schema(outputs: usize, units: &TracedUnits, precision: Precision) -> Arc<Schema> {
    let list = |n: usize| DataType::FixedSizeList(Arc::new(precision.item()), n as i32);
    let field = |name: &str, kind: DataType, unit: &str, doc: &str| {
        let mut metadata = HashMap::from([("description".to_owned(), doc.to_owned())]);
        if !unit.is_empty() {
            metadata.insert("unit".to_owned(), unit.to_owned());
        }
        Field::new(name, kind, name == "epoch").with_metadata(metadata)
    };
    let mut fields = vec![
        field("phase", DataType::Utf8, "", "training, test or generation"),
        field("step", DataType::Int64, "steps", "step s, counted from 0 over the whole run"),
        field("epoch", DataType::Int64, "", "epoch, from 0; null outside training"),
        field("t", DataType::Int64, "steps", "index within the sequence"),
        field("taught", DataType::Boolean, "", "whether the step was taught"),
        field("target", list(outputs), "events/step", "target of each output unit"),
        field("output", list(outputs), "events/step", "event rate of each output unit after the step"),
    ];
    for (m, units) in units.0.iter().enumerate().filter(|(_, units)| !units.is_empty()) {
        let numbers: Vec<String> = units.iter().map(usize::to_string).collect();
        for (quantity, unit) in QUANTITIES {
            let doc = format!("{} of hidden layer {m} after the step", quantity.replace('_', " "));
            let mut one = field(&format!("hidden{m}_{quantity}"), list(units.len()), unit, &doc);
            let mut metadata = one.metadata().clone();
            metadata.insert("units".to_owned(), numbers.join(","));
            one.set_metadata(metadata);
            fields.push(one);
        }
    }
    Arc::new(Schema::new(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_by_name() {
        let layers = [5, 20, 10, 3];
        let parse =
            |text: &[&str]| TracedUnits::parse(&text.iter().map(|&s| s.to_owned()).collect::<Vec<_>>(), &layers);
        assert_eq!(parse(&["0,3,5-7"]).unwrap().0, [vec![0, 3, 5, 6, 7], vec![0, 3, 5, 6, 7]]);
        assert_eq!(parse(&["1:2", "1:0"]).unwrap().0, [vec![], vec![0, 2]]);
        assert!(parse(&["10"]).unwrap_err().to_string().contains("unit 10 of hidden layer 1, which has 10"));
        assert!(parse(&["2:0"]).unwrap_err().to_string().contains("hidden layer 2 of 2"));
        assert!(parse(&["x"]).unwrap_err().to_string().contains("'x' is not a number"));
        assert_eq!(TracedUnits::all(&layers).0[1].len(), 10);
    }
}
