//! Traces: one row per step of a run, or per step that was chosen, written in row groups as the run goes.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::builder::{
    BooleanBuilder, FixedSizeListBuilder, Float32Builder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema};
use burstnet_core::observer::{HiddenState, Observer, StepView};

use crate::ReportError;
use crate::tables::parquet::ParquetFile;

mod chosen;
mod units;

pub use chosen::{Chosen, ChosenError, Sizes, Wanted};
pub use units::TracedUnits;

/// Numbers that are collected before they are written: 8 MiB.
const NUMBERS_PER_GROUP: usize = 1 << 20;
/// Steps per row group at most.
const STEPS_PER_GROUP: usize = 1 << 16;

/// A quantity of a hidden layer.
pub(crate) struct HiddenQuantity {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its unit; empty for a pure number.
    pub(crate) unit: &'static str,
    /// Its values, one per unit of the layer.
    pub(crate) of: for<'a> fn(&HiddenState<'a>) -> &'a [f64],
}

/// The quantities of a hidden layer, in the order of the columns.
pub(crate) const QUANTITIES: [HiddenQuantity; 5] = [
    HiddenQuantity { name: "event_rate", unit: "events/step", of: |state| state.event_rate },
    HiddenQuantity { name: "burst_probability", unit: "", of: |state| state.burst_probability },
    HiddenQuantity { name: "burst_rate", unit: "bursts/step", of: |state| state.burst_rate },
    HiddenQuantity { name: "apical_voltage", unit: "", of: |state| state.apical_voltage },
    HiddenQuantity { name: "somatic_voltage", unit: "", of: |state| state.somatic_voltage },
];

/// A column of lists: the source of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Target,
    Output,
    /// A hidden layer, and one of [`QUANTITIES`].
    Hidden(usize, usize),
}

/// Records the steps of a run.
pub struct Trace {
    file: ParquetFile,
    chosen: Chosen,
    steps_per_group: usize,
    rows: usize,
    all_rows: u64,
    phase: StringBuilder,
    step: Int64Builder,
    epoch: Int64Builder,
    t: Int64Builder,
    taught: BooleanBuilder,
    lists: Vec<(Source, Numbers)>,
    error: Option<ReportError>,
}

impl Trace {
    /// Starts a trace of a network with `outputs` output units at `path`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be made in its folder.
    pub fn create(path: &Path, outputs: usize, chosen: Chosen, precision: Precision) -> Result<Self, ReportError> {
        let columns = columns(outputs, &chosen);
        let width: usize = columns.iter().map(|column| column.n).sum();
        let steps_per_group = (NUMBERS_PER_GROUP / width.max(1)).clamp(1, STEPS_PER_GROUP);
        let metadata = [("burstnet.version", env!("CARGO_PKG_VERSION").to_owned())];
        let file = ParquetFile::create_trace(path, trace_schema(&columns, precision), &metadata, steps_per_group)?;
        Ok(Self {
            file,
            chosen,
            steps_per_group,
            rows: 0,
            all_rows: 0,
            phase: StringBuilder::new(),
            step: Int64Builder::new(),
            epoch: Int64Builder::new(),
            t: Int64Builder::new(),
            taught: BooleanBuilder::new(),
            lists: columns.iter().map(|column| (column.source, Numbers::new(precision, column.n))).collect(),
            error: None,
        })
    }

    /// Completes the trace. Returns how many steps it has.
    ///
    /// # Errors
    /// Returns an error if it could not be written, now or during the run.
    pub fn finish(mut self) -> Result<u64, ReportError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.flush()?;
        self.file.finish()?;
        Ok(self.all_rows)
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
        ];
        arrays.extend(self.lists.iter_mut().map(|(_, numbers)| numbers.finish()));
        self.rows = 0;
        self.file.write(arrays)
    }
}

impl Observer for Trace {
    fn step(&mut self, view: &StepView<'_>) -> ControlFlow<()> {
        if !self.chosen.takes(view) {
            return ControlFlow::Continue(());
        }
        self.phase.append_value(view.phase.name());
        self.step.append_value(view.step as i64);
        self.epoch.append_option(view.epoch.map(|epoch| epoch as i64));
        self.t.append_value(view.t as i64);
        self.taught.append_value(view.taught);
        let mut state = (usize::MAX, None);
        for (source, numbers) in &mut self.lists {
            match *source {
                Source::Target => numbers.push(view.target.iter().copied()),
                Source::Output => numbers.push(view.output.iter().copied()),
                Source::Hidden(m, quantity) => {
                    if state.0 != m {
                        state = (m, Some(view.states.hidden(m)));
                    }
                    if let Some(state) = &state.1 {
                        let values = (QUANTITIES[quantity].of)(state);
                        numbers.push(self.chosen.units.0[m].iter().map(|&unit| values[unit]));
                    }
                }
            }
        }
        self.all_rows += 1;
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

/// A column of lists.
struct ListColumn {
    name: String,
    n: usize,
    unit: &'static str,
    doc: String,
    source: Source,
    /// The numbers of the hidden units.
    units: Option<String>,
}

/// Returns the columns of lists that are chosen.
fn columns(outputs: usize, chosen: &Chosen) -> Vec<ListColumn> {
    let of_output = |name: &str, doc: &str, source| ListColumn {
        name: name.to_owned(),
        n: outputs,
        unit: "events/step",
        doc: doc.to_owned(),
        source,
        units: None,
    };
    let mut all = vec![
        of_output("target", "target of each output unit", Source::Target),
        of_output("output", "event rate of each output unit after the step", Source::Output),
    ];
    for (m, units) in chosen.units.0.iter().enumerate().filter(|(_, units)| !units.is_empty()) {
        let numbers = units.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        all.extend((0..QUANTITIES.len()).map(|quantity| {
            let HiddenQuantity { name, unit, .. } = QUANTITIES[quantity];
            let doc = format!("{} of hidden layer {m} after the step", name.replace('_', " "));
            let source = Source::Hidden(m, quantity);
            ListColumn {
                name: format!("hidden{m}_{name}"),
                n: units.len(),
                unit,
                doc,
                source,
                units: Some(numbers.clone()),
            }
        }));
    }
    all.retain(|column| chosen.has(&column.name));
    all
}

fn trace_schema(columns: &[ListColumn], precision: Precision) -> Arc<Schema> {
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
    ];
    for column in columns {
        let list = DataType::FixedSizeList(Arc::new(precision.item()), column.n as i32);
        let mut one = field(&column.name, list, column.unit, &column.doc);
        if let Some(units) = &column.units {
            let mut metadata = one.metadata().clone();
            metadata.insert("units".to_owned(), units.clone());
            one.set_metadata(metadata);
        }
        fields.push(one);
    }
    Arc::new(Schema::new(fields))
}

#[cfg(test)]
mod tests;
